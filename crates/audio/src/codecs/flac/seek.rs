//! Finds a frame by halving the file.

use crate::{
    Error,
    codecs::flac::{
        error::flac,
        frame::{self, Frame},
        metadata::StreamInfo,
    },
    window::Window,
};

/// Where so few bytes are left, decoding on is as short.
const NEAR_BYTES: u64 = 1 << 15;

/// Returns where a frame begins that has a sample or lies before it, and the frame's first sample.
pub(super) fn before(
    window: &mut Window,
    stream: &StreamInfo,
    sample: u64,
) -> Result<(u64, u64), Error> {
    check_lengths(window, stream)?;
    let mut found = (stream.first_frame, 0);
    let mut end = window.len();
    while end.saturating_sub(found.0) > NEAR_BYTES {
        let middle = found.0 + (end - found.0) / 2;
        match frame_from(window, stream, middle, end)? {
            Some((at, first)) if first <= sample && first >= found.1 => found = (at, first),
            _ => end = middle,
        }
    }
    Ok(found)
}

/// Finds the first frame that begins between two places, and its first sample. It is one only if all of it
/// is what its checksums are of: samples may look like a header.
fn frame_from(
    window: &mut Window,
    stream: &StreamInfo,
    from: u64,
    to: u64,
) -> Result<Option<(u64, u64)>, Error> {
    let mut frame = Frame::default();
    let mut at = from;
    while at < to {
        let bytes = window.bytes(at, frame::MOST_HEADER_BYTES)?;
        let most = bytes.len().min((to - at) as usize);
        let looked = &bytes[..bytes.len()];
        let hit = (0..most).find_map(|skip| {
            (looked[skip] == 0xFF)
                .then(|| frame::header(&looked[skip..], stream))?
                .map(|h| (skip, h))
        });
        let Some((skip, header)) = hit else {
            // A header may lie across the end of what was looked at.
            at += (most.saturating_sub(frame::MOST_HEADER_BYTES) as u64).max(1);
            continue;
        };
        at += skip as u64;
        match frame::decode(window, at, &header, stream, &mut frame, None) {
            Ok(Some(_)) => return Ok(Some((at, header.first_sample(stream)))),
            Ok(None) | Err(Error::Decode { .. }) => at += 1,
            Err(error) => return Err(error),
        }
    }
    Ok(None)
}

/// Checks that the first frame is as long as the header says that all are: by that, frames have places.
fn check_lengths(window: &mut Window, stream: &StreamInfo) -> Result<(), Error> {
    let bytes = window.bytes(stream.first_frame, frame::MOST_HEADER_BYTES)?;
    let Some(first) = frame::header(bytes, stream) else { return Ok(()) };
    let length = u64::from(first.length());
    // The only frame may be shorter.
    let is_only = stream.total.is_some_and(|total| total <= length);
    if stream.block > 0 && u64::from(stream.block) != length && !is_only {
        return Err(flac("its frames are not as long as its header says"));
    }
    Ok(())
}
