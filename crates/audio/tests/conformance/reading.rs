//! What was written is read back, bit by bit.

use ossicle_audio::{
    Channel, Encoding, Info, Length, OpenOptions, RawEncoding, RawFormat, Recording,
};

use crate::{
    Folder,
    writer::{Wrapping, expected, extensible, format_chunk, known_values, riff, sphere, stored},
};

const SAMPLE_RATE_HZ: u32 = 16_000;

/// An open recording, and the samples it must give.
struct Case {
    name: String,
    recording: Recording,
    expected: Vec<f32>,
}

/// Runs `test` on every container, encoding, number of channels and choice of a channel.
fn for_each_case(num_samples: usize, mut test: impl FnMut(Case)) {
    let folder = Folder::new();
    let mut num_encodings = 0;
    for wrapping in Wrapping::ALL {
        for encoding in RawEncoding::ALL {
            for channels in [1, 2, 3, 7] {
                let values = known_values(encoding, num_samples * usize::from(channels));
                let data = stored(encoding, &values);
                let Some(file) = wrapping.file(encoding, channels, SAMPLE_RATE_HZ, &data) else {
                    continue;
                };
                num_encodings += 1;
                let path = folder.file(&file);
                let raw = (wrapping == Wrapping::Raw).then_some(RawFormat {
                    encoding,
                    sample_rate_hz: SAMPLE_RATE_HZ,
                    channels,
                });
                for channel in [Channel::First, Channel::Mix, Channel::Index(channels - 1)] {
                    let name = format!("{wrapping:?}, {encoding}, {channel} of {channels}");
                    let recording =
                        Recording::open(&path, OpenOptions { raw, ..OpenOptions::of(channel) })
                            .expect(&name);
                    let container = wrapping.container();
                    let (sample_rate_hz, encoding) = (SAMPLE_RATE_HZ, Encoding::Pcm(encoding));
                    let length = Length::Exact(num_samples as u64);
                    assert_eq!(
                        *recording.info(),
                        Info { container, encoding, sample_rate_hz, channels, length },
                        "{name}"
                    );
                    let expected = expected(&values, channels, channel);
                    test(Case { name, recording, expected });
                }
            }
        }
    }
    // WAVE of four forms and Wave64, AU of two and AIFF of two, CAF, SPHERE, and raw files.
    assert_eq!(num_encodings, (9 + 8 + 9 + 9 + 9 + 8 + 8 + 4 + 8 + 13 + 9 + 16) * 4);
}

#[test]
fn of_channels_that_are_as_loud_the_lowest_is_the_loudest() {
    let folder = Folder::new();
    for (frame, expected) in [([3, -3, 3], 0), ([1, -3, 3], 1), ([0, 0, 0], 0), ([1, 2, -3], 2)] {
        let bytes = ossicle_testing::wav(&frame.repeat(5000), 3, 8000);
        let mut recording = Recording::open(&folder.file(&bytes), OpenOptions::default()).unwrap();
        let loudest = recording.loudest(0..5000).unwrap();
        assert_eq!(loudest.channel, expected, "{frame:?}");
        let peak = f32::from(i16::abs(frame[usize::from(expected)])) / 32_768.0;
        assert_eq!(loudest.peak, peak);
        // What comes after it does not count.
        assert_eq!(recording.loudest(4000..9000).unwrap(), loudest);
    }
}

#[test]
fn every_sample_is_read_back_in_one_go() {
    // Used again without clearing: what it held before must not show.
    let mut samples = vec![f32::NAN; 5000];
    // Longer than the buffer where a block is long, so that blocks lie across its end.
    for_each_case(40_001, |mut case| {
        case.recording.read_to_end(&mut samples).expect(&case.name);
        assert!(samples == case.expected, "{}", case.name);
        assert_eq!(case.recording.read(&mut [0.0]).expect(&case.name), 0, "{}", case.name);
    });
}

#[test]
fn every_sample_is_read_back_in_blocks_of_any_size() {
    for_each_case(3001, |mut case| {
        let mut position = 0;
        for size in [1, 2, 3, 0, 7, 160, 399, 1024].into_iter().cycle() {
            let mut samples = vec![f32::NAN; size];
            let count = case.recording.read(&mut samples).expect(&case.name);
            assert_eq!(count, size.min(3001 - position), "{}", case.name);
            assert_eq!(samples[..count], case.expected[position..][..count], "{}", case.name);
            assert!(samples[count..].iter().all(|sample| sample.is_nan()), "{}", case.name);
            position += count;
            if count < size {
                break;
            }
        }
    });
}

#[test]
fn reading_goes_on_from_where_a_seek_went() {
    for_each_case(40_001, |mut case| {
        for position in [40_000, 0, 20_000, 19_999, 39_990, 40_001, 3] {
            case.recording.seek(position as u64).expect(&case.name);
            let mut samples = [f32::NAN; 10];
            let count = case.recording.read(&mut samples).expect(&case.name);
            assert_eq!(count, 10.min(40_001 - position), "{}", case.name);
            assert_eq!(samples[..count], case.expected[position..][..count], "{}", case.name);
        }
        let mut samples = Vec::new();
        case.recording.seek(39_000).expect(&case.name);
        case.recording.read_to_end(&mut samples).expect(&case.name);
        assert!(samples == case.expected[39_000..], "{}", case.name);
    });
}

#[test]
fn recordings_without_samples_are_read_as_such() {
    let folder = Folder::new();
    for wrapping in [Wrapping::Riff, Wrapping::RiffExtensible, Wrapping::Sphere] {
        let file = wrapping.file(RawEncoding::S16Le, 2, SAMPLE_RATE_HZ, &[]).unwrap();
        let mut recording =
            Recording::open(&folder.file(&file), OpenOptions::of(Channel::Mix)).unwrap();
        assert_eq!(recording.info().length, Length::Exact(0));
        let mut samples = vec![1.0];
        recording.read_to_end(&mut samples).unwrap();
        assert_eq!(samples, []);
        assert_eq!(recording.read(&mut [0.0; 4]).unwrap(), 0);
        recording.seek(0).unwrap();
    }
}

#[test]
fn a_buffer_serves_one_recording_after_another() {
    let folder = Folder::new();
    let mut buffer = Vec::new();
    let mut samples = Vec::new();
    for num_samples in [200_000, 5, 60_000] {
        let values = known_values(RawEncoding::S16Le, num_samples);
        let data = stored(RawEncoding::S16Le, &values);
        let file = Wrapping::Sphere.file(RawEncoding::S16Le, 1, SAMPLE_RATE_HZ, &data).unwrap();
        let path = folder.file(&file);
        let mut recording =
            Recording::open_with_buffer(&path, OpenOptions::default(), buffer).unwrap();
        recording.read_to_end(&mut samples).unwrap();
        assert!(samples == expected(&values, 1, Channel::First));
        buffer = recording.into_buffer();
        assert_eq!(buffer.len(), 256 * 1024);
    }
}

#[test]
fn a_known_header_is_read_even_when_a_raw_format_is_given() {
    let folder = Folder::new();
    let raw = RawFormat { encoding: RawEncoding::U8, sample_rate_hz: 8000, channels: 1 };
    for wrapping in [Wrapping::Riff, Wrapping::Sphere] {
        let file = wrapping.file(RawEncoding::S16Le, 1, SAMPLE_RATE_HZ, &[0; 8]).unwrap();
        let recording = Recording::open(
            &folder.file(&file),
            OpenOptions { raw: Some(raw), ..OpenOptions::default() },
        )
        .unwrap();
        assert_eq!(recording.info().container, wrapping.container());
        assert_eq!(recording.info().length, Length::Exact(4));
    }
}

#[test]
fn raw_samples_that_look_like_an_mpeg_frame_are_samples() {
    let folder = Folder::new();
    // Two big-endian samples of -5 and -28,657.
    let path = folder.file(&[0xFF, 0xFB, 0x90, 0x0F]);
    let raw = RawFormat { encoding: RawEncoding::S16Be, sample_rate_hz: 8000, channels: 1 };
    let mut samples = Vec::new();
    Recording::open(&path, OpenOptions { raw: Some(raw), ..OpenOptions::default() })
        .unwrap()
        .read_to_end(&mut samples)
        .unwrap();
    assert_eq!(samples, [-5.0 / 32768.0, -28657.0 / 32768.0]);
}

#[test]
fn a_tag_in_front_of_anything_is_passed() {
    let folder = Folder::new();
    // 300 bytes of text, seven bits a byte; and one with a footer.
    let tag = [&b"ID3\x04\0\0\0\0\x02\x2C"[..], &[b'x'; 300]].concat();
    let footed = [&b"ID3\x04\0\x10\0\0\0\x05hello3DI\x04\0\x10\0\0\0\x05"[..], b""].concat();
    let values = known_values(RawEncoding::S16Be, 100);
    let data = stored(RawEncoding::S16Be, &values);
    for wrapping in [Wrapping::Rifx, Wrapping::Aiff, Wrapping::Caf, Wrapping::Sphere] {
        let file = wrapping.file(RawEncoding::S16Be, 1, SAMPLE_RATE_HZ, &data).unwrap();
        for tags in [tag.clone(), footed.clone(), [&tag[..], &footed].concat()] {
            let path = folder.file(&[&tags[..], &file].concat());
            let mut recording = Recording::open(&path, OpenOptions::default()).unwrap();
            let mut samples = Vec::new();
            recording.read_to_end(&mut samples).unwrap();
            assert!(samples == expected(&values, 1, Channel::First), "{wrapping:?}");
        }
        for bad in [&tag[..5], &tag[..], &tag.repeat(9)] {
            assert!(Recording::open(&folder.file(bad), OpenOptions::default()).is_err());
        }
    }
}

#[test]
fn a_gzipped_recording_is_read_and_a_bomb_is_not() {
    let folder = Folder::new();
    let gzipped = |bytes: &[u8]| {
        let mut writer = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
        std::io::Write::write_all(&mut writer, bytes).unwrap();
        writer.finish().unwrap()
    };
    let values = known_values(RawEncoding::S16Le, 100_000);
    let data = stored(RawEncoding::S16Le, &values);
    for wrapping in [Wrapping::Riff, Wrapping::Sphere, Wrapping::AuLittle] {
        let file = wrapping.file(RawEncoding::S16Le, 1, SAMPLE_RATE_HZ, &data).unwrap();
        let packed = gzipped(&file);
        let mut recording =
            Recording::open(&folder.file(&packed), OpenOptions::of(Channel::First)).unwrap();
        assert_eq!(recording.info().container, wrapping.container());
        let mut samples = Vec::new();
        recording.read_to_end(&mut samples).unwrap();
        assert!(samples == expected(&values, 1, Channel::First), "{wrapping:?}");
        // Cut off, and compressed twice.
        for bad in [&packed[..packed.len() - 100], &gzipped(&packed)] {
            let error =
                Recording::open(&folder.file(bad), OpenOptions::of(Channel::First)).unwrap_err();
            assert!(error.to_string().starts_with("the gzip header is malformed"), "{error}");
        }
    }
    let bomb = gzipped(&vec![0; (1 << 28) + 1]);
    let error = Recording::open(&folder.file(&bomb), OpenOptions::of(Channel::First)).unwrap_err();
    assert!(error.to_string().contains("decompress it first"), "{error}");
}

/// A mono 16-bit WAVE file with these sizes in its headers, whatever follows.
fn wave_of_sizes(riff_size: u32, data_size: u32, data: &[u8]) -> Vec<u8> {
    let format = format_chunk(RawEncoding::S16Le, 1, SAMPLE_RATE_HZ).expect("a WAVE encoding");
    let mut file = riff(&[(b"fmt ", &format), (b"data", data)]);
    file.truncate(44 + data.len());
    file[4..8].copy_from_slice(&riff_size.to_le_bytes());
    file[40..44].copy_from_slice(&data_size.to_le_bytes());
    file
}

#[test]
fn a_streamed_wave_is_read_to_the_end_of_the_file() {
    let folder = Folder::new();
    let sizes = [
        (u32::MAX, u32::MAX),
        (u32::MAX, u32::MAX - 36),
        (u32::MAX, u32::MAX - 1),
        (2_000_000_036, 2_000_000_000),
        (0x7FFF_F024, 0x7FFF_F000),
        (0, 0),
        (u32::MAX, 0),
        (36, 0), // a writer that was killed before it came back to fill in the sizes
    ];
    for (riff_size, data_size) in sizes {
        // The last byte is half a sample, as where a pipe broke.
        let path = folder.file(&wave_of_sizes(riff_size, data_size, &[0, 64, 0, 192, 7]));
        let mut recording = Recording::open(&path, OpenOptions::default()).unwrap();
        let mut samples = Vec::new();
        recording.read_to_end(&mut samples).unwrap();
        assert_eq!(samples, [0.5, -0.5], "{riff_size:#x}, {data_size:#x}");
    }
}

#[test]
fn chunks_behind_the_samples_are_no_samples() {
    let folder = Folder::new();
    let format = format_chunk(RawEncoding::U8, 1, SAMPLE_RATE_HZ).unwrap();
    for data in [&[][..], &[0, 128, 255]] {
        let file = riff(&[(b"fmt ", &format), (b"data", data), (b"LIST", b"INFO")]);
        let recording = Recording::open(&folder.file(&file), OpenOptions::default()).unwrap();
        assert_eq!(recording.info().length, Length::Exact(data.len() as u64));
    }
}

#[test]
fn what_honest_programs_write_behind_the_samples_is_passed() {
    let folder = Folder::new();
    let format = format_chunk(RawEncoding::U8, 1, SAMPLE_RATE_HZ).unwrap();
    let whole = riff(&[(b"fmt ", &format), (b"data", &[0, 128, 255])]);
    let unpadded = &whole[..whole.len() - 1];
    let endings: [&[u8]; 9] = [
        b"\0",
        b"\0\0\0\0\0",
        b"\0LIST\x04\0\0\0INFO",
        b"LIST\x04\0\0\0INFO",
        b"\0id3 \x05\0\0\0ID3\x03\0\0",
        b"\0LIST\x04\0\0\0INFOcue \x04\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0",
        b"\0LIST\xFF\0\0\0INFOcut off",
        b"\0own!\x02\0\0\0hi",
        &[0; 512],
    ];
    for ending in endings {
        let path = folder.file(&[unpadded, ending].concat());
        let recording = Recording::open(&path, OpenOptions::default());
        let length = recording.map(|it| it.info().length);
        assert_eq!(length.unwrap(), Length::Exact(3), "{}", ending.escape_ascii());
    }
}

#[test]
fn fewer_bits_than_a_samples_bytes_have_are_the_upper_ones() {
    let folder = Folder::new();
    for (encoding, bits, stored) in
        [(RawEncoding::S16Le, 12u16, &[0, 64][..]), (RawEncoding::S24Le, 20, &[0, 0, 64])]
    {
        let mut format = format_chunk(encoding, 1, SAMPLE_RATE_HZ).unwrap();
        format[14..16].copy_from_slice(&bits.to_le_bytes());
        let path = folder.file(&riff(&[(b"fmt ", &format), (b"data", stored)]));
        let mut samples = Vec::new();
        Recording::open(&path, OpenOptions::default()).unwrap().read_to_end(&mut samples).unwrap();
        assert_eq!(samples, [0.5], "{bits} bits");
    }
}

#[test]
fn a_data_chunk_that_is_not_whole_blocks_ends_with_its_last_whole_one() {
    let folder = Folder::new();
    let path = folder.file(&wave_of_sizes(36 + 5, 5, &[0, 64, 0, 192, 7]));
    let recording = Recording::open(&path, OpenOptions::default()).unwrap();
    assert_eq!(recording.info().length, Length::Exact(2));
}

#[test]
fn an_extensible_header_with_fewer_valid_bits_keeps_full_scale() {
    let folder = Folder::new();
    let mut format = extensible(&format_chunk(RawEncoding::S24Le, 1, SAMPLE_RATE_HZ).unwrap());
    format[18] = 20;
    let path = folder.file(&riff(&[(b"fmt ", &format), (b"data", &[0, 0, 64])]));
    let mut samples = Vec::new();
    Recording::open(&path, OpenOptions::default()).unwrap().read_to_end(&mut samples).unwrap();
    assert_eq!(samples, [0.5]);
}

#[test]
fn a_header_longer_than_the_buffer_is_passed() {
    let folder = Folder::new();
    let format = format_chunk(RawEncoding::U8, 1, SAMPLE_RATE_HZ).unwrap();
    let cover = vec![b'd'; 700_001];
    let wave = riff(&[(b"id3 ", &cover), (b"fmt ", &format), (b"data", &[255])]);

    let mut sphere = sphere("channel_count -i 1\nsample_rate -i 8000\nsample_n_bytes -i 1\n", &[]);
    sphere[8..16].copy_from_slice(b" 716800\n");
    sphere.resize(716_800, b' ');
    sphere.push(127);
    for file in [wave, sphere] {
        let mut samples = Vec::new();
        let mut recording = Recording::open(&folder.file(&file), OpenOptions::default()).unwrap();
        recording.read_to_end(&mut samples).unwrap();
        assert_eq!(samples, [127.0 / 128.0]);
    }
}

#[test]
fn a_sphere_header_may_leave_out_what_has_one_meaning() {
    let folder = Folder::new();
    // No sample_count, no sample_coding, no sample_n_bytes; a comment, and bytes that are not UTF-8.
    let lines = "channel_count -i 1\n; note\nsample_rate -r 8000.0\nsample_byte_format -s2 10\n";
    let mut file = sphere(lines, &[64, 0, 192, 0, 7]);
    let note = file.windows(4).position(|bytes| bytes == b"note").unwrap();
    file[note] = 0xFF;
    let mut recording = Recording::open(&folder.file(&file), OpenOptions::default()).unwrap();
    let mut samples = Vec::new();
    recording.read_to_end(&mut samples).unwrap();
    assert_eq!(recording.info().sample_rate_hz, 8000);
    assert_eq!(samples, [0.5, -0.5]);
}

#[cfg(target_os = "linux")]
#[test]
fn a_recording_holds_one_open_file_and_gives_it_back() {
    let folder = Folder::new();
    let file = Wrapping::Riff.file(RawEncoding::S16Le, 1, SAMPLE_RATE_HZ, &[0; 8]).unwrap();
    let path = folder.file(&file).canonicalize().unwrap();
    let num_open = || {
        let open_files = std::fs::read_dir("/proc/self/fd").unwrap();
        open_files
            .filter(|file| {
                let target = std::fs::read_link(file.as_ref().unwrap().path());
                target.is_ok_and(|target| target == path)
            })
            .count()
    };
    let mut recording = Recording::open(&path, OpenOptions::default()).unwrap();
    recording.read_to_end(&mut Vec::new()).unwrap();
    assert_eq!(num_open(), 1);
    recording.into_buffer();
    assert_eq!(num_open(), 0);
}
