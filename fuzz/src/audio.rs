//! Any bytes as a recording.

use std::fs;
use std::path::Path;

use ossicle_audio::{Channel, Encoding, Error, Info, OpenOptions, RawFormat, Recording};

/// Reads the bytes as a recording, by their header alone.
pub fn check(bytes: &[u8], folder: &Path) {
    for channel in [Channel::First, Channel::Mix, Channel::Index(1)] {
        let _ = read_all(bytes, None, channel, folder);
    }
}

/// Reads a recording in blocks of an odd size, seeks, and reads it again, and asserts that what it
/// gives is justified by what the file holds.
pub fn read_all(
    bytes: &[u8],
    raw: Option<RawFormat>,
    channel: Channel,
    folder: &Path,
) -> Result<Info, Error> {
    let path = folder.join("recording");
    fs::write(&path, bytes).expect("the folder for temporary files can be written to");
    let mut recording = Recording::open(&path, OpenOptions { raw, ..OpenOptions::of(channel) })?;
    let info = *recording.info();
    let Encoding::Pcm(encoding) = info.encoding else { return read_coded(recording) };
    let num_samples = info.length.exact().expect("PCM has as many samples as its bytes are");
    let block_bytes = usize::from(info.channels) * encoding.bytes_per_sample();
    assert!(num_samples <= (bytes.len() / block_bytes) as u64, "more than there is: {info:?}");

    let mut in_blocks = Vec::new();
    let mut block = [0.0; 997];
    loop {
        let count = recording.read(&mut block)?;
        in_blocks.extend_from_slice(&block[..count]);
        if count < block.len() {
            break;
        }
    }
    assert_eq!(in_blocks.len() as u64, num_samples);
    assert!(in_blocks.iter().all(|sample| sample.is_finite()));

    let half = num_samples / 2;
    let mut at_once = Vec::new();
    recording.seek(half)?;
    recording.read_to_end(&mut at_once)?;
    assert!(at_once.capacity() <= bytes.len(), "{} samples", at_once.capacity());
    assert_eq!(at_once, in_blocks[half as usize..]);
    assert!(recording.into_buffer().capacity() <= bytes.len().max(64));
    Ok(info)
}

/// Reads what a codec gives in the same way: as much as its header says, or less. Damage can make silence
/// of nothing, as long as it likes, so that only the beginning is read.
fn read_coded(mut recording: Recording) -> Result<Info, Error> {
    const MOST: usize = 1 << 20;
    let info = *recording.info();
    let mut in_blocks = Vec::new();
    let mut block = [0.0; 997];
    while in_blocks.len() < MOST {
        let count = recording.read(&mut block)?;
        in_blocks.extend_from_slice(&block[..count]);
        if count < block.len() {
            break;
        }
    }
    assert!(in_blocks.iter().all(|sample| sample.is_finite()));
    if let Some(length) = info.length.at_most() {
        assert!(in_blocks.len() as u64 <= length, "more than its header says: {info:?}");
    }
    let half = in_blocks.len() / 2;
    recording.seek(half as u64)?;
    let count = recording.read(&mut block)?;
    assert_eq!(block[..count], in_blocks[half..][..count]);
    Ok(info)
}
