//! Bytes that nobody would write: there must be samples or an error, soon, and never a panic.

use ossicle_audio::{Channel, Encoding, Error, OpenOptions, RawEncoding, RawFormat, Recording};
use proptest::{collection::vec, prelude::*, sample::select};

use crate::{
    Folder,
    writer::{Wrapping, known_values, stored},
};

/// Reads a file in blocks of odd sizes, seeks, and reads all of it again, and checks that what it
/// gives is justified by what the file holds.
fn read_all(content: &[u8], raw: Option<RawFormat>, channel: Channel) -> Result<(), Error> {
    let folder = Folder::new();
    let path = folder.file(content);
    let mut recording = Recording::open(&path, OpenOptions { raw, ..OpenOptions::of(channel) })?;
    let info = *recording.info();
    let Encoding::Pcm(encoding) = info.encoding else { panic!("no codec is read: {info:?}") };
    let num_samples = info.length.exact().expect("PCM has as many samples as its bytes are");
    let block_bytes = usize::from(info.channels) * encoding.bytes_per_sample();
    assert!(num_samples <= (content.len() / block_bytes) as u64, "{info:?}");

    let mut in_blocks = Vec::new();
    let mut block = [0.0; 37];
    loop {
        let count = recording.read(&mut block)?;
        in_blocks.extend_from_slice(&block[..count]);
        if count < block.len() {
            break;
        }
    }
    assert_eq!(in_blocks.len() as u64, num_samples);
    assert!(in_blocks.iter().all(|sample| sample.is_finite()));

    let mut in_one_go = Vec::new();
    recording.seek(num_samples / 2)?;
    recording.read_to_end(&mut in_one_go)?;
    assert!(in_one_go.capacity() <= content.len());
    assert_eq!(in_one_go, in_blocks[num_samples as usize / 2..]);
    assert!(recording.into_buffer().capacity() <= content.len().max(64));
    Ok(())
}

fn channel() -> impl Strategy<Value = Channel> {
    prop_oneof![Just(Channel::First), Just(Channel::Mix), (0u16..4).prop_map(Channel::Index)]
}

fn raw() -> impl Strategy<Value = Option<RawFormat>> {
    let format = (select(&RawEncoding::ALL), any::<u32>(), 0u16..5);
    proptest::option::of(format.prop_map(|(encoding, sample_rate_hz, channels)| RawFormat {
        encoding,
        sample_rate_hz,
        channels,
    }))
}

/// A good file in a container.
fn good_file() -> impl Strategy<Value = Vec<u8>> {
    let wrapping = select(&[Wrapping::Riff, Wrapping::RiffExtensible, Wrapping::Sphere]);
    (wrapping, select(&RawEncoding::ALL), 1u16..4, 0usize..200).prop_filter_map(
        "the container has the encoding",
        |(wrapping, encoding, channels, num_samples)| {
            let values = known_values(encoding, num_samples * usize::from(channels));
            let data = stored(encoding, &values);
            wrapping.file(encoding, channels, 16_000, &data)
        },
    )
}

/// Values that tend to break size arithmetic.
fn nasty_u32() -> impl Strategy<Value = u32> {
    prop_oneof![
        select(&[0, 1, 0x7FFF_F000, 0x7FFF_FFFF, 0x8000_0000, u32::MAX - 8, u32::MAX]),
        any::<u32>(),
        0u32..100
    ]
}

/// No file of failing cases: what fails becomes a test with a name.
fn config() -> ProptestConfig {
    ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(1000) }
}

/// Headers that stop where it gets interesting.
const BEGINNINGS: &[&[u8]] = &[
    b"",
    b"RIFF",
    b"RIFF\xFF\xFF\xFF\xFFWAVE",
    b"RIFF\0\0\0\0WAVEfmt \x10\0\0\0\x01\0\x01\0",
    b"NIST_1A\n",
    b"NIST_1A\n   1024\n",
];

proptest! {
    #![proptest_config(config())]

    #[test]
    fn good_files_are_read(file in good_file(), raw in raw()) {
        read_all(&file, raw, Channel::Mix).unwrap();
    }

    #[test]
    fn files_with_changed_bytes_are_read_or_refused(
        mut file in good_file(),
        changes in vec((0usize..1100, any::<u8>()), 1..6),
        raw in raw(),
        channel in channel(),
    ) {
        for (at, byte) in changes {
            // Most changes go where the header is, however short the file.
            let length = file.len();
            file[at % length] = byte;
        }
        let _ = read_all(&file, raw, channel);
    }

    #[test]
    fn files_with_changed_numbers_are_read_or_refused(
        mut file in good_file(),
        changes in vec((0usize..60, nasty_u32()), 1..4),
        channel in channel(),
    ) {
        for (at, value) in changes {
            let at = at.min(file.len() - 4);
            file[at..at + 4].copy_from_slice(&value.to_le_bytes());
        }
        let _ = read_all(&file, None, channel);
    }

    #[test]
    fn files_that_end_anywhere_are_read_or_refused(
        file in good_file(),
        kept in any::<prop::sample::Index>(),
        channel in channel(),
    ) {
        let _ = read_all(&file[..kept.index(file.len())], None, channel);
    }

    #[test]
    fn sphere_headers_of_any_lines_are_read_or_refused(
        lines in vec("(channel_count|sample_count|sample_rate|sample_n_bytes|sample_byte_format|\
                      sample_coding|x) {0,2}(-i|-r|-s[0-9]{1,3}|) {0,2}\
                      (1|2|01|10|pcm|8000|-1|1e9|99999999999999999999|\\PC{0,8})", 0..12),
        tail in vec(any::<u8>(), 0..100),
    ) {
        let file = format!("NIST_1A\n   1024\n{}\nend_head\n", lines.join("\n")).into_bytes();
        let padding = vec![b' '; 1024usize.saturating_sub(file.len())];
        let _ = read_all(&[file, padding, tail].concat(), None, Channel::First);
    }

    #[test]
    fn any_bytes_behind_a_known_beginning_are_read_or_refused(
        beginning in select(BEGINNINGS),
        bytes in vec(any::<u8>(), 0..200),
        raw in raw(),
        channel in channel(),
    ) {
        let _ = read_all(&[beginning, &bytes].concat(), raw, channel);
    }
}
