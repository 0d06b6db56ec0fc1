//! A file, or a call, for every error; and what its message says.

use std::{error::Error as _, fs, path::Path};

use ossicle_audio::{
    Channel, Container, Error, Length, OpenOptions, RawEncoding, RawFormat, Recording,
};

use crate::{
    Folder,
    writer::{Wrapping, extensible, format_chunk, riff, sphere, stored},
};

fn open_error(content: &[u8]) -> Error {
    let folder = Folder::new();
    Recording::open(&folder.file(content), OpenOptions::default()).expect_err("a faulty file")
}

fn raw_error(content: &[u8], raw: RawFormat) -> Error {
    let folder = Folder::new();
    Recording::open(&folder.file(content), OpenOptions { raw: Some(raw), ..OpenOptions::default() })
        .expect_err("a faulty file")
}

/// A good WAVE file of four 16-bit stereo samples per channel: 12 bytes, a `fmt ` chunk of 8 + 16,
/// and a data chunk of 8 + 16.
fn good_wave() -> Vec<u8> {
    Wrapping::Riff.file(RawEncoding::S16Le, 2, 16_000, &[0; 16]).expect("a WAVE encoding")
}

/// The good WAVE file with some bytes of its `fmt ` chunk replaced.
fn wave_with(at: usize, bytes: &[u8]) -> Vec<u8> {
    let mut file = good_wave();
    file[20 + at..][..bytes.len()].copy_from_slice(bytes);
    file
}

/// A header of the lines a SPHERE file needs, with one of them replaced (or removed: `""`).
fn sphere_with(name: &str, line: &str) -> Vec<u8> {
    let lines = [
        "channel_count -i 1\n",
        "sample_count -i 4\n",
        "sample_rate -i 16000\n",
        "sample_n_bytes -i 2\n",
        "sample_byte_format -s2 01\n",
        "sample_coding -s3 pcm\n",
    ];
    assert!(lines.iter().any(|line| line.starts_with(name)));
    let lines = lines.map(|old| if old.starts_with(name) { line } else { old });
    sphere(&lines.concat(), &[0; 8])
}

#[track_caller]
fn assert_header(error: &Error, container: Container, why: &str) {
    let Error::Header { container: found, why: found_why } = error else { panic!("{error:?}") };
    assert_eq!((*found, found_why.as_str()), (container, why));
}

#[test]
fn a_missing_file_cannot_be_opened() {
    let folder = Folder::new();
    let path = folder.file(b"").with_file_name("missing.wav");
    let error = Recording::open(&path, OpenOptions::default()).unwrap_err();
    assert!(matches!(error, Error::Open { .. }), "{error:?}");
    // The caller prints the path in front, and the cause behind.
    assert_eq!(error.to_string(), "cannot be opened");
    assert!(error.source().is_some());
}

#[test]
fn a_directory_is_not_regular() {
    let folder = Folder::new();
    let error = Recording::open(folder.0.path(), OpenOptions::default()).unwrap_err();
    assert_eq!(error.to_string(), "is a directory, not a regular file");
}

#[cfg(unix)]
#[test]
fn a_fifo_a_socket_and_a_device_are_not_regular() {
    let folder = Folder::new();
    let fifo = folder.0.path().join("x.wav");
    assert!(std::process::Command::new("mkfifo").arg(&fifo).status().unwrap().success());
    let socket = folder.0.path().join("y.wav");
    let _listener = std::os::unix::net::UnixListener::bind(&socket).unwrap();
    let device = Path::new("/dev/null");
    for (path, name) in [(&*fifo, "a FIFO"), (&*socket, "a socket"), (device, "a device")] {
        let error = Recording::open(path, OpenOptions::default()).unwrap_err();
        let Error::NotRegular { what } = error else { panic!("{error:?}") };
        assert_eq!(what, name);
    }
}

#[test]
fn a_file_of_0_bytes_is_empty() {
    assert!(matches!(open_error(b""), Error::Empty));
    let raw = RawFormat { encoding: RawEncoding::S16Le, sample_rate_hz: 8000, channels: 1 };
    assert!(matches!(raw_error(b"", raw), Error::Empty));
}

#[test]
fn what_is_no_audio_is_shown_and_may_be_headerless() {
    let error = open_error(b"\x1b[2Jnot audio");
    let expected = "begins with \"\\x1b[2Jnot \", which is no known audio format";
    assert_eq!(error.to_string(), expected);
    assert!(matches!(error, Error::NotAudio { .. }));
}

#[test]
fn containers_that_are_not_read_are_named_with_what_to_do() {
    let cases: [(&[u8], &str, &str); 6] = [
        (b"wvpk\0\0\0\x22", "is a WavPack file", "ffmpeg -i IN OUT.wav"),
        (b"MAC \x96\x0F", "is a Monkey's Audio file", "ffmpeg -i IN OUT.wav"),
        (b"#!AMR\n", "is an AMR file", "ffmpeg -i IN OUT.wav"),
        (b"Creative Voice File\x1A", "is a Creative Voice file (VOC)", "sox IN OUT.wav"),
        (b"\x30\x26\xB2\x75\x8E\x66\xCF\x11", "is a Windows Media file", "ffmpeg -i IN OUT.wav"),
        (b"ajkg\x02", "is a shorten-compressed file", "ffmpeg -i IN OUT.wav"),
    ];
    for (content, name, advice) in cases {
        let error = open_error(content);
        assert!(matches!(error, Error::UnsupportedContainer { .. }), "{error:?}");
        let message = error.to_string();
        assert!(message.starts_with(name) && message.contains(advice), "{message}");
    }
    // A raw format does not turn a WavPack file into samples.
    let raw = RawFormat { encoding: RawEncoding::U8, sample_rate_hz: 8000, channels: 1 };
    assert!(matches!(raw_error(b"wvpk", raw), Error::UnsupportedContainer { .. }));
}

#[test]
fn wave_encodings_that_are_not_read_are_named_with_what_to_do() {
    for (tag, bits, name) in [
        (0x31, 0, "GSM 6.10"),
        (0x40, 4, "G.721 ADPCM"),
        (0x161, 16, "format tag 0x0161"),
        (1, 40, "40-bit PCM"),
        (3, 16, "16-bit float"),
    ] {
        let mut format = format_chunk(RawEncoding::S16Le, 1, 8000).unwrap();
        format[..2].copy_from_slice(&u16::to_le_bytes(tag));
        format[14..].copy_from_slice(&u16::to_le_bytes(bits));
        for format in [extensible(&format), format] {
            let error = open_error(&riff(&[(b"fmt ", &format), (b"data", &[0; 4])]));
            assert!(matches!(error, Error::UnsupportedEncoding { .. }), "{error:?}");
            assert_eq!(
                error.to_string(),
                format!(
                    "holds {name} samples, which are not read from RIFF/WAVE; convert it to PCM \
                     first, for example with `ffmpeg -i IN.wav -c:a pcm_s24le OUT.wav`"
                )
            );
        }
    }
    let mut format = extensible(&format_chunk(RawEncoding::S16Le, 1, 8000).unwrap());
    format[39] = 0;
    let message = open_error(&riff(&[(b"fmt ", &format), (b"data", &[])])).to_string();
    assert!(message.contains("sub-format 0100000000001000800000aa00389b00"), "{message}");
}

#[test]
fn sphere_encodings_that_are_not_read_are_named_with_what_to_do() {
    for coding in ["pcm,embedded-wavpack", "pculaw"] {
        let error = open_error(&sphere_with(
            "sample_coding",
            &format!("sample_coding -s{} {coding}\n", coding.len()),
        ));
        assert!(matches!(error, Error::UnsupportedEncoding { .. }), "{error:?}");
        assert_eq!(
            error.to_string(),
            format!(
                "holds {coding} samples, which are not read from NIST SPHERE; convert it to WAVE \
                 first, for example with `ffmpeg -i IN OUT.wav`"
            )
        );
    }
    let coding = "sample_coding -s26 pcm,embedded-shorten-v2.00\n";
    let why = "its samples are said to be shorten-compressed, and are not";
    assert_header(&open_error(&sphere_with("sample_coding", coding)), Container::Sphere, why);
    // The header does not say so, but the samples do.
    let mut file = sphere_with("sample_coding", "");
    file[1024..1028].copy_from_slice(b"ajkg");
    let error = open_error(&file);
    assert!(matches!(error, Error::Decode { .. }), "{error:?}");

    let file = sphere_with("channel_count", "channel_count -i 2\nchannels_interleaved -s5 FALSE\n");
    assert!(matches!(open_error(&file), Error::UnsupportedEncoding { .. }));
}

#[test]
fn malformed_wave_headers_say_what_is_wrong() {
    let file = good_wave();
    let no_block_align = [0, 0];
    let empty_chunk: (&[u8; 4], &[u8]) = (b"    ", &[]);
    let cases = [
        (file[..4].to_vec(), "the file ends after 4 of its first 12 bytes"),
        (file[..12].to_vec(), "the file ends without a fmt chunk"),
        (file[..19].to_vec(), "the file ends without a fmt chunk"),
        (file[..30].to_vec(), "its fmt chunk has 10 bytes, fewer than 16"),
        (file[..36].to_vec(), "the file ends without a data chunk"),
        (riff(&[(b"fmt ", &[1, 0])]), "its fmt chunk has 2 bytes, fewer than 16"),
        (riff(&[(b"data", &[0; 8])]), "the data chunk comes before the fmt chunk"),
        (riff(&[empty_chunk; 4097]), "there is no data chunk among its first 4096 chunks"),
        (
            wave_with(12, &no_block_align),
            "its block align is 0, but 2 channel(s) of 2 byte(s) make 4",
        ),
        (wave_with(14, &[0, 0]), "its samples have 0 bits"),
        (wave_with(0, &[0xFE, 0xFF]), "its extensible fmt chunk has 16 of 40 bytes"),
    ];
    for (file, why) in cases {
        assert_header(&open_error(&file), Container::Riff, why);
    }
}

#[test]
fn a_data_chunk_that_may_not_have_all_samples_is_refused() {
    let format = format_chunk(RawEncoding::S16Le, 1, 8000).unwrap();
    let data = [7_u8; 40];
    let twice = riff(&[(b"fmt ", &format), (b"data", &data), (b"data", &data)]);
    assert_header(&open_error(&twice), Container::Riff, "a second data chunk follows the first");
    let later = riff(&[(b"fmt ", &format), (b"data", &data), (b"LIST", b"INFO"), (b"data", &data)]);
    assert_header(&open_error(&later), Container::Riff, "a second data chunk follows the first");
    // The size of half of what is there.
    let mut short = riff(&[(b"fmt ", &format), (b"data", &data)]);
    short[40] = 20;
    let why = "20 bytes follow the samples that its data chunk counts, and they are no chunk";
    assert_header(&open_error(&short), Container::Riff, why);
    // Silence of a second is no padding.
    let mut silent = riff(&[(b"fmt ", &format), (b"data", &[0; 160_000])]);
    silent[40..44].copy_from_slice(&20_u32.to_le_bytes());
    let why = "159980 bytes follow the samples that its data chunk counts, and they are no chunk";
    assert_header(&open_error(&silent), Container::Riff, why);
}

#[test]
fn sizes_that_ended_at_4_gib_are_refused() {
    let format = format_chunk(RawEncoding::S16Le, 1, 8000).unwrap();
    let header = riff(&[(b"fmt ", &format), (b"data", &[0; 1000])]);
    let folder = Folder::new();
    let path = folder.file(&header[..44]);
    // Takes no room on the disk.
    let file = fs::OpenOptions::new().write(true).open(&path).unwrap();
    file.set_len(44 + (1 << 32) + 1000).unwrap();
    let error = Recording::open(&path, OpenOptions::default()).unwrap_err();
    let why = "4294968296 bytes follow its data chunk's header, which says 1000: the sizes of such a \
               file end at 4 GiB, and what is larger has to be RF64 or W64";
    assert_header(&error, Container::Riff, why);
}

#[test]
fn malformed_headers_of_other_containers_say_what_is_wrong() {
    let file = |wrapping: Wrapping| {
        let encoding = if wrapping == Wrapping::AuLittle
            || wrapping == Wrapping::Wave64
            || wrapping == Wrapping::Rf64
        {
            RawEncoding::S16Le
        } else {
            RawEncoding::S16Be
        };
        wrapping.file(encoding, 1, 8000, &[0; 8]).unwrap()
    };
    let changed = |wrapping: Wrapping, at: usize, bytes: &[u8]| {
        let mut file = file(wrapping);
        file[at..at + bytes.len()].copy_from_slice(bytes);
        file
    };
    let cases = [
        (
            Container::Au,
            file(Wrapping::Au)[..20].to_vec(),
            "the file ends after 20 of its first 24 bytes",
        ),
        (
            Container::Au,
            changed(Wrapping::Au, 4, &[0, 0, 0, 8]),
            "its samples are said to begin at 8 of 40 bytes",
        ),
        (
            Container::Au,
            changed(Wrapping::Au, 4, &[9, 0, 0, 0]),
            "its samples are said to begin at 150994944 of 40 bytes",
        ),
        (
            Container::Aiff,
            file(Wrapping::Aiff)[..14].to_vec(),
            "the file ends without a COMM chunk",
        ),
        (
            Container::Aiff,
            changed(Wrapping::Aiff, 12, b"ssnd"),
            "the file ends without an SSND chunk",
        ),
        (
            Container::Aiff,
            changed(Wrapping::Aiff, 52, &[0; 10]),
            "its sample rate is no number of hertz",
        ),
        (Container::Aiff, changed(Wrapping::Aiff, 50, &[0, 0]), "its samples have 0 bits"),
        (
            Container::Aiff,
            changed(Wrapping::Aiff, 20, &[0, 0, 1, 0]),
            "its samples are said to begin at 284 of 62 bytes",
        ),
        (Container::Caf, file(Wrapping::Caf)[..10].to_vec(), "the file ends without a desc chunk"),
        (
            Container::Caf,
            changed(Wrapping::Caf, 8, b"data"),
            "the data chunk comes before the desc chunk",
        ),
        (Container::Caf, changed(Wrapping::Caf, 52 + 4, &[9]), "a chunk is longer than the file"),
        (
            Container::Caf,
            changed(Wrapping::Caf, 36, &[0, 0, 0, 9]),
            "its packets have 1 frame(s) of 9 bytes, but 1 channel(s) of 16 bits make 2",
        ),
        (
            Container::Wave64,
            file(Wrapping::Wave64)[..30].to_vec(),
            "it does not say that it is a WAVE",
        ),
        (
            Container::Wave64,
            file(Wrapping::Wave64)[..44].to_vec(),
            "the file ends without a fmt chunk",
        ),
        (
            Container::Wave64,
            changed(Wrapping::Wave64, 56, &[7]),
            "a chunk's size is 7, less than its own header's",
        ),
        (Container::Wave64, changed(Wrapping::Wave64, 62, &[1]), "a chunk is longer than the file"),
        (
            Container::Rf64,
            changed(Wrapping::Rf64, 16, &[8]),
            "its ds64 chunk has 8 bytes, fewer than 24",
        ),
    ];
    for (container, file, why) in cases {
        assert_header(&open_error(&file), container, why);
    }
    for wrapping in Wrapping::ALL {
        if matches!(wrapping, Wrapping::Raw | Wrapping::AiffC) {
            continue;
        }
        let encoding = RawEncoding::MuLaw;
        let Some(whole) = wrapping.file(encoding, 2, 8000, &[1; 1000]) else { continue };
        // Of what follows the samples a little may be missing.
        let error = open_error(&whole[..whole.len() - 100]);
        assert!(matches!(error, Error::Truncated { promised: 500, .. }), "{wrapping:?}: {error:?}");
    }
}

#[test]
fn malformed_sphere_headers_say_what_is_wrong() {
    let good = sphere_with("sample_coding", "sample_coding -s3 pcm\n");
    let sized = |size: &str| {
        let mut file = good.clone();
        file[8..16].copy_from_slice(size.as_bytes());
        file
    };
    let cases = [
        (b"NIST_1A".to_vec(), "its size is given as \"\""),
        (sized("   huge\n"), "its size is given as \"huge\""),
        (sized("      8\n"), "its size is given as \"8\""),
        (sized("1048577\n"), "it is 1048577 bytes long, over 1048576"),
        (sized("   2048\n"), "it is 2048 bytes long, but the file holds 1032"),
        (sized("     64\n"), "it has no end_head line"),
        (sphere_with("sample_rate", ""), "sample_rate is missing"),
        (sphere_with("channel_count", ""), "channel_count is missing"),
        (
            sphere_with("sample_rate", "sample_rate -i -1\n"),
            "sample_rate is \"-1\", no whole number",
        ),
        (sphere_with("sample_byte_format", ""), "sample_byte_format is missing"),
        (
            sphere_with("sample_byte_format", "sample_byte_format -s2 \x1b1\n"),
            "sample_byte_format is \"\\x1b1\", no byte order of 2-byte samples",
        ),
        (
            sphere_with("sample_n_bytes", "sample_n_bytes -i 5\n"),
            "sample_n_bytes is 5; it must be from 1 to 4",
        ),
        (sphere("channel_count -i 1\nsample_rate -i 1\n", &[0; 2]), "sample_n_bytes is missing"),
    ];
    for (file, why) in cases {
        assert_header(&open_error(&file), Container::Sphere, why);
    }
}

#[test]
fn a_sample_rate_must_be_one() {
    for found in [0, 10_000_001, u32::MAX] {
        let raw = RawFormat { encoding: RawEncoding::U8, sample_rate_hz: found, channels: 1 };
        for error in [
            open_error(&wave_with(4, &found.to_le_bytes())),
            open_error(&sphere_with("sample_rate", &format!("sample_rate -i {found}\n"))),
            raw_error(b"x", raw),
        ] {
            assert_eq!(
                error.to_string(),
                format!("the sample rate is {found} Hz; it must be from 1 to 10000000")
            );
        }
    }
}

#[test]
fn a_number_of_channels_must_be_one() {
    for found in [0, 1025, u16::MAX] {
        let raw = RawFormat { encoding: RawEncoding::U8, sample_rate_hz: 1, channels: found };
        for error in [
            open_error(&wave_with(2, &found.to_le_bytes())),
            open_error(&sphere_with("channel_count", &format!("channel_count -i {found}\n"))),
            raw_error(b"x", raw),
        ] {
            assert_eq!(
                error.to_string(),
                format!("the number of channels is {found}; it must be from 1 to 1024")
            );
        }
    }
    let raw = RawFormat { encoding: RawEncoding::F64Le, sample_rate_hz: 1, channels: 1024 };
    let folder = Folder::new();
    let path = folder.file(&[0; 8192]);
    let recording =
        Recording::open(&path, OpenOptions { raw: Some(raw), ..OpenOptions::of(Channel::Mix) })
            .unwrap();
    assert_eq!(recording.info().length, Length::Exact(1));
}

#[test]
fn a_channel_that_is_not_there_is_refused_with_the_number_there_is() {
    let folder = Folder::new();
    let path = folder.file(&good_wave());
    let error = Recording::open(&path, OpenOptions::of(Channel::Index(2))).unwrap_err();
    assert!(matches!(error, Error::Channel { asked: 2, available: 2 }), "{error:?}");
}

#[test]
fn a_header_that_promises_more_than_the_file_holds_is_refused_with_both_numbers() {
    let wave = good_wave();
    let sphere = sphere_with("sample_coding", "");
    // Whole samples only: of the last one, a part is there.
    for (file, found) in [
        (&wave[..wave.len() - 1], 3),
        (&wave[..44], 0),
        (&sphere[..sphere.len() - 3], 2),
        (&sphere[..1024], 0),
    ] {
        let error = open_error(file);
        assert_eq!(
            error.to_string(),
            format!(
                "the header promises 4 samples but the file holds {found}; copy or download it \
                 again"
            )
        );
    }
}

#[test]
fn a_headerless_file_that_is_not_whole_blocks_is_refused() {
    let raw = RawFormat { encoding: RawEncoding::S24Be, sample_rate_hz: 8000, channels: 2 };
    let message = raw_error(&[0; 13], raw).to_string();
    assert_eq!(
        message,
        "13 bytes cannot be 2 channel(s) of s24be: they are no multiple of 6; check the raw \
         encoding and the number of channels"
    );
}

#[test]
fn a_sample_that_is_not_finite_is_refused_with_its_position() {
    let folder = Folder::new();
    let too_large = 2.0 * f64::from(f32::MAX);
    for encoding in [RawEncoding::F32Le, RawEncoding::F64Le] {
        for value in [f64::NAN, f64::INFINITY, f64::NEG_INFINITY, too_large] {
            let mut values = vec![0.5; 1000];
            values[700] = value;
            let data = stored(encoding, &values);
            let file = Wrapping::Riff.file(encoding, 1, 8000, &data).unwrap();
            let path = folder.file(&file);
            let mut recording = Recording::open(&path, OpenOptions::default()).unwrap();
            let mut samples = vec![0.0; 600];
            assert_eq!(recording.read(&mut samples).unwrap(), 600);
            let error = recording.read_to_end(&mut samples).unwrap_err();
            assert!(matches!(error, Error::NotFinite { sample: 700 }), "{value}: {error:?}");
            assert!(samples.is_empty());
            recording.seek(701).unwrap();
            recording.read_to_end(&mut samples).unwrap();
            assert_eq!(samples, [0.5; 299]);
        }
    }
}

#[test]
fn a_file_that_shrinks_while_it_is_read_is_an_error() {
    let folder = Folder::new();
    let file = Wrapping::Riff.file(RawEncoding::S16Le, 1, 8000, &vec![0; 1_000_000]).unwrap();
    let path = folder.file(&file);
    let mut recording = Recording::open(&path, OpenOptions::default()).unwrap();
    fs::OpenOptions::new().write(true).open(&path).unwrap().set_len(500_000).unwrap();
    let mut samples = Vec::new();
    let error = recording.read_to_end(&mut samples).unwrap_err();
    let Error::Changed { opened_bytes, found_bytes } = error else { panic!("{error:?}") };
    assert_eq!((opened_bytes, found_bytes), (1_000_044, 500_000));
    assert!(samples.is_empty());
}

#[test]
fn a_seek_behind_the_end_is_refused_and_changes_nothing() {
    let folder = Folder::new();
    let path = folder.file(&good_wave());
    let mut recording = Recording::open(&path, OpenOptions::default()).unwrap();
    recording.seek(3).unwrap();
    let error = recording.seek(5).unwrap_err();
    assert!(matches!(error, Error::Seek { asked: 5, available: 4 }), "{error:?}");
    assert_eq!(recording.read(&mut [0.0; 9]).unwrap(), 1);
}

#[test]
fn samples_that_are_not_those_of_the_headers_checksum_are_refused() {
    let folder = Folder::new();
    for (order, sample) in [("01", [1, 2]), ("10", [2, 1])] {
        let with = |sum: u16, data: &[u8]| {
            let lines = format!(
                "channel_count -i 2\nsample_count -i 20000\nsample_rate -i 8000\nsample_n_bytes -i 2\n\
                 sample_byte_format -s2 {order}\nsample_checksum -i {sum}\n"
            );
            folder.file(&sphere(&lines, data))
        };
        let data = sample.repeat(40_000);
        let sum = (0x0201 * 40_000_u32) as u16;
        let mut samples = Vec::new();
        let open = |path: &Path| Recording::open(path, OpenOptions::default()).unwrap();
        open(&with(sum, &data)).read_to_end(&mut samples).unwrap();
        assert_eq!(samples.len(), 20_000);
        let path = with(sum + 1, &data);
        let error = open(&path).read_to_end(&mut samples).unwrap_err();
        let Error::Checksum { expected, found } = error else { panic!("{error:?}") };
        assert_eq!((expected, found), (u64::from(sum) + 1, sum.into()));
        // A part of them has none.
        let mut recording = open(&path);
        recording.seek(1).unwrap();
        recording.read_to_end(&mut samples).unwrap();
        assert_eq!(samples.len(), 19_999);
        // Again from the beginning.
        recording.seek(0).unwrap();
        assert!(recording.read_to_end(&mut samples).is_err());
    }
}
