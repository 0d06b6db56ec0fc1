//! Writes recordings and corpora.
//!
//! Plain WAVE files come from `ossicle_testing`. Headers that are a test's matter are written here: RIFF's
//! from IBM's and Microsoft's *Multimedia Programming Interface and Data Specifications 1.0*, SPHERE's from
//! NIST's *SPeech HEader REsources 2.6*.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::OnceLock;

use ossicle_demo::{Demo, DemoConfig, DemoRecording, Utterance};

/// What a recording's samples are stored as.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Wave {
    Pcm8,
    Pcm16,
    Pcm24,
    Pcm32,
    Float32,
    Float64,
}

impl Wave {
    pub(crate) const ALL: [Wave; 6] =
        [Wave::Pcm8, Wave::Pcm16, Wave::Pcm24, Wave::Pcm32, Wave::Float32, Wave::Float64];

    fn tag_and_bits(self) -> (u16, u16) {
        match self {
            Wave::Pcm8 => (1, 8),
            Wave::Pcm16 => (1, 16),
            Wave::Pcm24 => (1, 24),
            Wave::Pcm32 => (1, 32),
            Wave::Float32 => (3, 32),
            Wave::Float64 => (3, 64),
        }
    }

    fn sample(self, x: i16) -> Vec<u8> {
        match self {
            Wave::Pcm8 => vec![((x >> 8) + 128) as u8],
            Wave::Pcm16 => x.to_le_bytes().to_vec(),
            Wave::Pcm24 => (i32::from(x) << 8).to_le_bytes()[..3].to_vec(),
            Wave::Pcm32 => (i32::from(x) << 16).to_le_bytes().to_vec(),
            Wave::Float32 => (f32::from(x) / 32768.0).to_le_bytes().to_vec(),
            Wave::Float64 => (f64::from(x) / 32768.0).to_le_bytes().to_vec(),
        }
    }

    /// A mono file at 16 kHz.
    pub(crate) fn file(self, samples: &[i16]) -> Vec<u8> {
        let (tag, bits) = self.tag_and_bits();
        let data: Vec<u8> = samples.iter().flat_map(|&x| self.sample(x)).collect();
        riff(tag, 1, 16_000, bits, &data, data.len() as u32)
    }
}

/// A RIFF/WAVE file whose header says what it is told to.
pub(crate) fn riff(
    tag: u16,
    channels: u16,
    rate: u32,
    bits: u16,
    data: &[u8],
    size: u32,
) -> Vec<u8> {
    let block = channels.wrapping_mul(bits / 8);
    let mut bytes = b"RIFF".to_vec();
    bytes.extend(size.wrapping_add(36).to_le_bytes());
    bytes.extend(b"WAVEfmt \x10\0\0\0");
    bytes.extend(tag.to_le_bytes());
    bytes.extend(channels.to_le_bytes());
    bytes.extend(rate.to_le_bytes());
    bytes.extend(rate.wrapping_mul(block.into()).to_le_bytes());
    bytes.extend(block.to_le_bytes());
    bytes.extend(bits.to_le_bytes());
    bytes.extend(b"data");
    bytes.extend(size.to_le_bytes());
    bytes.extend(data);
    bytes
}

/// A 16-bit mono WAVE file at 16 kHz.
pub(crate) fn wav(samples: &[i16]) -> Vec<u8> {
    ossicle_testing::wav(samples, 1, 16_000)
}

/// A SPHERE file of 16-bit mono samples at 16 kHz in this byte order (`01`: little-endian).
pub(crate) fn sphere(samples: &[i16], order: &str) -> Vec<u8> {
    let mut bytes = format!(
        "NIST_1A\n   1024\nchannel_count -i 1\nsample_count -i {}\nsample_rate -i 16000\n\
         sample_n_bytes -i 2\nsample_byte_format -s2 {order}\nsample_sig_bits -i 16\nend_head\n",
        samples.len()
    )
    .into_bytes();
    bytes.resize(1024, b' ');
    let little = order == "01";
    let two = |x: &i16| if little { x.to_le_bytes() } else { x.to_be_bytes() };
    bytes.extend(samples.iter().flat_map(two));
    bytes
}

/// Noise and a few tones, different for every seed.
pub(crate) fn sound(seed: u64, num_samples: usize) -> Vec<i16> {
    let mut state = seed.wrapping_mul(0x9E37_79B9_7F4A_7C15) | 1;
    let mut noise = || {
        // Knuth's MMIX generator; its upper bits are good enough for noise. It stays what it is, although
        // tests draw from `ossicle_testing` elsewhere: what `unchanged` expects was computed of this sound.
        state =
            state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (state >> 53) as i64 - 1024
    };
    // Triangles: overtones fill the spectrum.
    let triangle = |t: i64, period: i64| (2 * (t % period) - period).abs() * 6000 / period - 3000;
    (0..num_samples as i64)
        .map(|t| {
            let period = 60 + (seed % 50) as i64;
            let loudness = 1 + t / 1600 % 4;
            ((triangle(t, period) + triangle(t, 3 * period / 7) + noise()) * loudness / 2) as i16
        })
        .collect()
}

/// Writes a file, and the folders it is in.
pub(crate) fn write(path: impl AsRef<Path>, bytes: impl AsRef<[u8]>) {
    let path = path.as_ref();
    fs::create_dir_all(path.parent().unwrap()).unwrap();
    fs::write(path, bytes).unwrap();
}

/// The demo's recordings, made once: 10 sentences of one speaker each for training, validation, test
/// and none of them.
pub(crate) fn demo() -> &'static [(DemoRecording, Utterance)] {
    static MADE: OnceLock<Vec<(DemoRecording, Utterance)>> = OnceLock::new();
    MADE.get_or_init(|| {
        let demo = Demo::new(&DemoConfig { seed: 1, scale: 0.002 }).unwrap();
        demo.recordings().iter().map(|r| (r.clone(), r.synthesize())).collect()
    })
}

/// A file of a corpus: its place and its bytes.
type CorpusFile = (PathBuf, Vec<u8>);

/// The demo corpus with recordings as `audio` makes them.
pub(crate) fn demo_files(audio: impl Fn(&DemoRecording, &[i16]) -> Vec<u8>) -> Vec<CorpusFile> {
    let files = demo().iter().flat_map(|(recording, utterance)| {
        let path = recording.path().to_owned();
        let phones = ossicle_demo::phn_text(&utterance.phones).into_bytes();
        let audio = audio(recording, &utterance.samples);
        [(path.with_extension("PHN"), phones), (path, audio)]
    });
    files.collect()
}

/// The demo corpus as the demo writes it: a TIMIT tree of SPHERE files.
pub(crate) fn write_demo(root: &Path) {
    for (path, bytes) in demo_files(|r, samples| ossicle_demo::sphere_bytes(r.id(), samples)) {
        write(root.join(path), bytes);
    }
}

/// The phones of [`aligned`] recordings.
pub(crate) const PHONES: &str =
    "0 1500 h#\n1500 3200 sh\n3200 5100 iy\n5100 6400 q\n6400 8000 h#\n";

/// A folder of aligned recordings of half a second, a name each.
pub(crate) fn write_aligned(root: &Path, names: &[&str]) {
    for name in names {
        let seed = name.bytes().fold(7, |seed, byte| seed * 31 + u64::from(byte));
        write(root.join(format!("{name}.wav")), wav(&sound(seed, 8000)));
        write(root.join(format!("{name}.PHN")), PHONES);
    }
}

/// A folder of so many names for one recording of `num_samples` samples, without alignments.
pub(crate) fn write_many(root: &Path, count: usize, num_samples: usize) {
    let recording = wav(&sound(5, num_samples));
    let path = |number: usize| root.join(format!("{}/{number:05}.wav", number / 500));
    for number in 0..count {
        // A file has at most 65000 names on ext4.
        let first = number / 50_000 * 50_000;
        if number % 500 == 0 {
            fs::create_dir_all(path(number).parent().unwrap()).unwrap();
        }
        match number == first {
            true => fs::write(path(number), &recording).unwrap(),
            false => fs::hard_link(path(first), path(number)).unwrap(),
        }
    }
}
