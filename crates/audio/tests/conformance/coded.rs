//! What a decoder gives becomes the same mono signal as stored samples do, whatever it knows and can.

use std::sync::{
    Arc,
    atomic::{AtomicU64, Ordering},
};

use ossicle_audio::{Channel, Container, Decode, Encoding, Error, Info, Length, Recording};

/// How a made-up decoder goes back and forth.
#[derive(Debug, Clone, Copy, PartialEq)]
enum Seeking {
    /// To any frame.
    Exactly,
    /// Some frames before, from which what follows is right.
    WithPreRoll,
    /// To the beginning only.
    Rewinding,
}

/// Gives known frames, a few at a time as packets have them.
struct Mock {
    info: Info,
    /// All channels, alternating.
    frames: Arc<Vec<f32>>,
    seeking: Seeking,
    at: usize,
    /// How many frames it decoded in all.
    decoded: Arc<AtomicU64>,
    changed: bool,
}

impl Mock {
    fn num_frames(&self) -> usize {
        self.frames.len() / usize::from(self.info.channels)
    }
}

impl Decode for Mock {
    fn info(&self) -> &Info {
        &self.info
    }

    fn seek(&mut self, frame: u64) -> Result<u64, Error> {
        let frame = usize::try_from(frame).expect("a machine of 64 bits").min(self.num_frames());
        self.at = match self.seeking {
            Seeking::Exactly => frame,
            Seeking::WithPreRoll => frame.saturating_sub(1234),
            Seeking::Rewinding if self.at <= frame => self.at,
            Seeking::Rewinding => 0,
        };
        Ok(self.at as u64)
    }

    fn read(&mut self, interleaved: &mut [f32]) -> Result<usize, Error> {
        let channels = usize::from(self.info.channels);
        assert!(interleaved.len().is_multiple_of(channels));
        let room = interleaved.len() / channels;
        assert_ne!(room, 0);
        let count = room.min(self.num_frames() - self.at).min(577);
        let frames = &self.frames[self.at * channels..][..count * channels];
        interleaved[..frames.len()].copy_from_slice(frames);
        self.at += count;
        self.decoded.fetch_add(count as u64, Ordering::Relaxed);
        Ok(count)
    }

    fn check_unchanged(&self) -> Result<(), Error> {
        match self.changed {
            true => Err(Error::Changed { opened_bytes: 2, found_bytes: 1 }),
            false => Ok(()),
        }
    }
}

const NUM_FRAMES: usize = 20_001;

fn info(channels: u16, length: Length) -> Info {
    let (container, encoding) = (Container::Other("mock"), Encoding::Coded("mock"));
    Info { container, encoding, sample_rate_hz: 16_000, channels, length }
}

fn frames(channels: u16) -> Arc<Vec<f32>> {
    let count = NUM_FRAMES * usize::from(channels);
    Arc::new((0..count).map(|i| ((i * 7919) % 65_536) as f32 / 32_768.0 - 1.0).collect())
}

fn mock(channels: u16, length: Length, seeking: Seeking) -> Mock {
    let (info, frames, decoded) = (info(channels, length), frames(channels), Arc::default());
    Mock { info, frames, seeking, at: 0, decoded, changed: false }
}

/// What is expected of the mock's frames, written the obvious way.
fn mono(channels: u16, channel: Channel) -> Vec<f32> {
    let blocks = frames(channels);
    let mono = |block: &[f32]| match channel {
        Channel::First => block[0],
        Channel::Index(index) => block[usize::from(index)],
        Channel::Mix => block.iter().fold(0.0, |sum, x| sum + x) * (1.0 / f32::from(channels)),
    };
    blocks.chunks(usize::from(channels)).map(mono).collect()
}

/// Runs `test` on every number of channels, choice of one, length that is known or not, and way to seek.
fn for_each_case(test: impl Fn(&str, Recording, &[f32])) {
    let exact = NUM_FRAMES as u64;
    for channels in [1, 2, 7] {
        for channel in [Channel::First, Channel::Mix, Channel::Index(channels - 1)] {
            let expected = mono(channels, channel);
            for length in [Length::Exact(exact), Length::AtMost(exact + 7), Length::Unknown] {
                for seeking in [Seeking::Exactly, Seeking::WithPreRoll, Seeking::Rewinding] {
                    let name = format!("{channel} of {channels}, {length:?}, {seeking:?}");
                    let decoder = Box::new(mock(channels, length, seeking));
                    let recording = Recording::from_decoder(decoder, channel).expect(&name);
                    assert_eq!(recording.info().length, length, "{name}");
                    test(&name, recording, &expected);
                }
            }
        }
    }
}

#[test]
fn counting_up_to_a_bound_decodes_little_more_than_that() {
    let decoder = mock(1, Length::Unknown, Seeking::Rewinding);
    let decoded = Arc::clone(&decoder.decoded);
    let mut recording = Recording::from_decoder(Box::new(decoder), Channel::First).unwrap();
    assert_eq!(recording.count_up_to(1000).unwrap(), None);
    assert!((1000..4000).contains(&decoded.load(Ordering::Relaxed)), "{decoded:?}");
    assert_eq!(recording.count_up_to(NUM_FRAMES as u64 - 1).unwrap(), None);
    assert_eq!(recording.count_up_to(NUM_FRAMES as u64).unwrap(), Some(NUM_FRAMES as u64));
    // Known by now, and as bounded.
    assert_eq!(recording.count_up_to(NUM_FRAMES as u64 - 1).unwrap(), None);
}

#[test]
fn the_loudest_channel_is_the_one_with_the_most_energy_of_the_stretch() {
    let energy = |channel: u16, range: std::ops::Range<usize>| -> f64 {
        mono(7, Channel::Index(channel))[range].iter().map(|&x| f64::from(x) * f64::from(x)).sum()
    };
    let mut chosen = std::collections::BTreeSet::new();
    for range in [0..NUM_FRAMES, 0..3, 5..9, 8000..8100, 17_000..NUM_FRAMES] {
        let decoder = Box::new(mock(7, Length::Unknown, Seeking::Rewinding));
        let mut recording = Recording::from_decoder(decoder, Channel::First).unwrap();
        let loudest = recording.loudest(range.start as u64..range.end as u64).unwrap();
        let most = energy(loudest.channel, range.clone());
        assert!((0..7).all(|other| energy(other, range.clone()) <= most), "{range:?}");
        let samples = &mono(7, Channel::Index(loudest.channel))[range.clone()];
        assert_eq!(loudest.peak, samples.iter().fold(0.0, |peak: f32, x| peak.max(x.abs())));
        chosen.insert(loudest.channel);
        // What is read afterwards is that channel.
        recording.select(Channel::Index(loudest.channel)).unwrap();
        recording.seek(range.start as u64).unwrap();
        let mut block = vec![0.0; samples.len()];
        assert_eq!(recording.read(&mut block).unwrap(), samples.len());
        assert!(block == samples);
    }
    assert!(chosen.len() > 1, "{chosen:?}");
}

#[test]
fn all_is_read_and_then_its_length_is_known() {
    for_each_case(|name, mut recording, expected| {
        let mut samples = vec![f32::NAN; 3];
        recording.read_to_end(&mut samples).expect(name);
        assert!(samples == expected, "{name}");
        assert_eq!(recording.info().length, Length::Exact(NUM_FRAMES as u64), "{name}");
        assert_eq!(recording.read(&mut [0.0]).expect(name), 0, "{name}");
        assert_eq!(recording.into_buffer(), [], "{name}");
    });
}

#[test]
fn as_many_channels_as_there_can_be_are_mixed() {
    let decoder = Box::new(mock(1024, Length::Unknown, Seeking::Exactly));
    let mut samples = Vec::new();
    Recording::from_decoder(decoder, Channel::Mix).unwrap().read_to_end(&mut samples).unwrap();
    assert!(samples == mono(1024, Channel::Mix));
}

#[test]
fn blocks_of_any_size_are_the_same_samples() {
    for_each_case(|name, mut recording, expected| {
        let mut position = 0;
        for size in [1, 2, 0, 160, 399, 5000].into_iter().cycle() {
            let mut samples = vec![f32::NAN; size];
            let count = recording.read(&mut samples).expect(name);
            assert_eq!(count, size.min(NUM_FRAMES - position), "{name}");
            assert_eq!(samples[..count], expected[position..][..count], "{name}");
            assert!(samples[count..].iter().all(|sample| sample.is_nan()), "{name}");
            position += count;
            if count < size {
                break;
            }
        }
    });
}

#[test]
fn reading_goes_on_from_where_a_seek_went() {
    for_each_case(|name, mut recording, expected| {
        for position in [20_000, 0, 10_000, 9_999, 19_995, 20_001, 3] {
            recording.seek(position as u64).expect(name);
            let mut samples = [f32::NAN; 10];
            let count = recording.read(&mut samples).expect(name);
            assert_eq!(count, 10.min(NUM_FRAMES - position), "{name}");
            assert_eq!(samples[..count], expected[position..][..count], "{name}");
        }
        let mut samples = Vec::new();
        recording.seek(19_000).expect(name);
        recording.read_to_end(&mut samples).expect(name);
        assert!(samples == expected[19_000..], "{name}");
    });
}

#[test]
fn counting_tells_the_length_and_moves_nothing() {
    for_each_case(|name, mut recording, expected| {
        recording.seek(500).expect(name);
        assert_eq!(recording.count().expect(name), NUM_FRAMES as u64, "{name}");
        assert_eq!(recording.info().length, Length::Exact(NUM_FRAMES as u64), "{name}");
        let mut sample = [f32::NAN];
        assert_eq!(recording.read(&mut sample).expect(name), 1, "{name}");
        assert_eq!(sample[0], expected[500], "{name}");
    });
}

#[test]
fn a_seek_behind_the_end_is_refused_as_soon_as_the_end_is_known() {
    for_each_case(|name, mut recording, expected| {
        let behind = NUM_FRAMES as u64 + 1;
        let is_known = recording.info().length.exact().is_some();
        let sought = recording.seek(behind);
        assert_eq!(sought.is_err(), is_known, "{name}");
        let error = sought.and_then(|()| recording.read(&mut [0.0]).map(drop)).unwrap_err();
        let Error::Seek { asked, available } = error else { panic!("{name}: {error:?}") };
        assert_eq!((asked, available), (behind, behind - 1), "{name}");
        recording.seek(0).expect(name);
        let mut sample = [f32::NAN];
        assert_eq!(recording.read(&mut sample).expect(name), 1, "{name}");
        assert_eq!(sample[0], expected[0], "{name}");
    });
}

#[test]
fn going_on_where_reading_stopped_decodes_nothing_twice() {
    for seeking in [Seeking::Exactly, Seeking::WithPreRoll, Seeking::Rewinding] {
        let decoder = mock(2, Length::Unknown, seeking);
        let decoded = decoder.decoded.clone();
        let mut recording = Recording::from_decoder(Box::new(decoder), Channel::Mix).unwrap();
        for position in 0..100 {
            recording.seek(200 * position).unwrap();
            recording.read(&mut [0.0; 200]).unwrap();
        }
        assert_eq!(decoded.load(Ordering::Relaxed), 20_000, "{seeking:?}");
    }
}

#[test]
fn fewer_samples_than_promised_are_an_error_and_more_are_left_out() {
    let open = |length| {
        let decoder = Box::new(mock(2, length, Seeking::Exactly));
        Recording::from_decoder(decoder, Channel::First).unwrap()
    };
    let mut samples = Vec::new();
    let error = open(Length::Exact(20_002)).read_to_end(&mut samples).unwrap_err();
    assert!(matches!(error, Error::Truncated { promised: 20_002, found: 20_001 }), "{error:?}");
    assert!(samples.is_empty());
    open(Length::Exact(19_000)).read_to_end(&mut samples).unwrap();
    assert!(samples == mono(2, Channel::First)[..19_000]);
}

#[test]
fn a_sample_that_is_not_finite_is_refused_with_its_position() {
    for channels in [1, 2] {
        let mut decoder = mock(channels, Length::Unknown, Seeking::Exactly);
        let mut frames = decoder.frames.to_vec();
        frames[700 * usize::from(channels)] = f32::INFINITY;
        decoder.frames = Arc::new(frames);
        let mut recording = Recording::from_decoder(Box::new(decoder), Channel::First).unwrap();
        let mut samples = Vec::new();
        let error = recording.read_to_end(&mut samples).unwrap_err();
        assert!(matches!(error, Error::NotFinite { sample: 700 }), "{error:?}");
        assert!(samples.is_empty());
        recording.seek(701).unwrap();
        recording.read_to_end(&mut samples).unwrap();
        assert!(samples == mono(channels, Channel::First)[701..]);
    }
}

#[test]
fn a_length_that_no_memory_can_hold_allocates_nothing() {
    let decoder = mock(1, Length::AtMost(u64::MAX), Seeking::Exactly);
    let mut recording = Recording::from_decoder(Box::new(decoder), Channel::First).unwrap();
    let mut samples = Vec::new();
    recording.read_to_end(&mut samples).unwrap();
    assert_eq!(samples.len(), NUM_FRAMES);
    assert!(samples.capacity() <= 1 << 17, "{}", samples.capacity());
}

#[test]
fn what_cannot_be_is_refused_before_anything_is_decoded() {
    let open = |info: Info, channel| {
        let decoder = Mock { info, ..mock(2, Length::Unknown, Seeking::Exactly) };
        Recording::from_decoder(Box::new(decoder), channel).unwrap_err()
    };
    let good = info(2, Length::Unknown);
    let error = open(good, Channel::Index(2));
    assert!(matches!(error, Error::Channel { asked: 2, available: 2 }), "{error:?}");
    let error = open(Info { channels: 0, ..good }, Channel::First);
    assert!(matches!(error, Error::Channels { found: 0 }), "{error:?}");
    let error = open(Info { sample_rate_hz: 0, ..good }, Channel::First);
    assert!(matches!(error, Error::SampleRate { found: 0 }), "{error:?}");
}

#[test]
fn a_decoder_says_whether_what_it_reads_has_changed() {
    for changed in [false, true] {
        let decoder = Mock { changed, ..mock(1, Length::Unknown, Seeking::Exactly) };
        let recording = Recording::from_decoder(Box::new(decoder), Channel::First).unwrap();
        assert_eq!(recording.check_unchanged().is_err(), changed);
    }
}
