//! The edit list of an MP4 file: which part of a track is played, without what an encoder put before and
//! behind.
//!
//! A file is boxes within boxes, each a size, four letters, and so many bytes. `moov` has an `mvhd`, whose
//! clock the durations of edits are in, and `trak`s; these have a `tkhd` with their number, `edts` with the
//! list `elst`, and `mdia` with an `mdhd`, whose clock the beginnings of edits are in.
//!
//! Source: ISO/IEC 14496-12 (2015), sections 8.2.2, 8.3.2, 8.4.2 and 8.6.6.

use crate::{Container, Error, Media, codecs::damaged::damaged};

/// Boxes beside one another, and entries of a list, of which a file has a few.
const MOST: usize = 4096;

/// A box that is read whole has less than this.
const MOST_BOX_BYTES: u64 = 1 << 16;

/// The part of a track that is played.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Played {
    /// The frames before it.
    pub(super) skipped: u64,
    /// Its frames, as exactly as the clock has them.
    pub(super) frames: u64,
    /// The frames of a tick of the clock.
    pub(super) tick: u64,
}

/// Reads the edit list of a track; none where it has none, or one that plays all of it.
///
/// - `track`: its number
/// - `sample_rate_hz`: that of its sound, whatever clock the file has
///
/// # Errors
/// The list plays several parts, which is not read, or the boxes contradict one another.
pub(super) fn played(
    media: &Media,
    track: u32,
    sample_rate_hz: u32,
) -> Result<Option<Played>, Error> {
    let Some(movie) = find(media, b"moov")? else { return Ok(None) };
    let Some(movie_clock) = clock(&movie, b"mvhd")? else { return Ok(None) };
    for (name, trak) in boxes(&movie)? {
        if &name != b"trak" || number(&trak)? != Some(track) {
            continue;
        }
        let list = match find(&trak, b"edts")? {
            Some(edits) => find(&edits, b"elst")?,
            None => None,
        };
        let media_clock = match find(&trak, b"mdia")? {
            Some(inner) => clock(&inner, b"mdhd")?,
            None => None,
        };
        let (Some(list), Some(media_clock)) = (list, media_clock) else { return Ok(None) };
        let rate = u64::from(sample_rate_hz);
        let edits = entries(&contents(&list)?)?;
        // An edit that begins at -1 is silence before the sound; a player waits, and so does nobody here.
        let mut sound = edits
            .into_iter()
            .filter_map(|(duration, begin)| Some((duration, u64::try_from(begin).ok()?)));
        let Some((duration, begin)) = sound.next() else { return Ok(None) };
        if sound.next().is_some() {
            return Err(mp4("its edit list plays several parts, which is not read"));
        }
        // A duration of nothing means all that is left.
        if duration == 0 && begin == 0 {
            return Ok(None);
        }
        let scaled = |ticks: u64, clock: u64| {
            let frames =
                (u128::from(ticks) * u128::from(rate) + u128::from(clock) / 2) / u128::from(clock);
            u64::try_from(frames).map_err(|_| mp4("its edit list is longer than any recording"))
        };
        let frames = scaled(duration, movie_clock)?;
        let (skipped, tick) = (scaled(begin, media_clock)?, rate.div_ceil(movie_clock));
        return Ok(Some(Played { skipped, frames, tick }));
    }
    Ok(None)
}

/// The boxes that lie in these bytes, with what is in them.
fn boxes(media: &Media) -> Result<Vec<([u8; 4], Media)>, Error> {
    let mut found = Vec::new();
    let mut at = 0;
    while at + 8 <= media.len() && found.len() < MOST {
        let mut head = [0; 16];
        let count = media.fill_at(at, &mut head)?;
        let [a, b, c, d, name @ .., _, _, _, _, _, _, _, _] = head;
        let (size, header) = match u32::from_be_bytes([a, b, c, d]) {
            0 => (media.len() - at, 8),
            1 if count == 16 => {
                let [.., a, b, c, d, e, f, g, h] = head;
                (u64::from_be_bytes([a, b, c, d, e, f, g, h]), 16)
            }
            size => (size.into(), 8),
        };
        let end = at.checked_add(size).filter(|&end| size >= header && end <= media.len());
        // What is cut off is nobody's here: whoever needs it says so.
        let Some(end) = end else { break };
        found.push((name, media.stretch(at + header..end)?));
        at = end;
    }
    Ok(found)
}

fn find(media: &Media, wanted: &[u8; 4]) -> Result<Option<Media>, Error> {
    Ok(boxes(media)?.into_iter().find(|(name, _)| name == wanted).map(|(_, inner)| inner))
}

/// The ticks a second of a header's clock.
fn clock(media: &Media, header: &[u8; 4]) -> Result<Option<u64>, Error> {
    let Some(header) = find(media, header)? else { return Ok(None) };
    let bytes = contents(&header)?;
    // Behind version, flags and two times, which have four or eight bytes each.
    let at = if bytes.first() == Some(&1) { 20 } else { 12 };
    let ticks = bytes.get(at..at + 4).and_then(|bytes| bytes.first_chunk());
    Ok(ticks.map(|&ticks| u64::from(u32::from_be_bytes(ticks))).filter(|&ticks| ticks > 0))
}

/// The number of a track.
fn number(track: &Media) -> Result<Option<u32>, Error> {
    let Some(header) = find(track, b"tkhd")? else { return Ok(None) };
    let bytes = contents(&header)?;
    let at = if bytes.first() == Some(&1) { 20 } else { 12 };
    let number = bytes.get(at..at + 4).and_then(|bytes| bytes.first_chunk());
    Ok(number.map(|&number| u32::from_be_bytes(number)))
}

/// The entries of an edit list: how long each is, and where it begins.
fn entries(list: &[u8]) -> Result<Vec<(u64, i64)>, Error> {
    let (Some(&version), Some(rest)) = (list.first(), list.get(8..)) else {
        return Err(mp4("its edit list is shorter than its header"));
    };
    let each = if version == 1 { 20 } else { 12 };
    let entry = |entry: &[u8]| match *entry {
        [a, b, c, d, e, f, g, h, _, _, _, _] => {
            (u32::from_be_bytes([a, b, c, d]).into(), i32::from_be_bytes([e, f, g, h]).into())
        }
        [a, b, c, d, e, f, g, h, i, j, k, l, m, n, o, p, ..] => (
            u64::from_be_bytes([a, b, c, d, e, f, g, h]),
            i64::from_be_bytes([i, j, k, l, m, n, o, p]),
        ),
        _ => (0, 0),
    };
    Ok(rest.chunks_exact(each).take(MOST).map(entry).collect())
}

/// The bytes of a small box.
fn contents(media: &Media) -> Result<Vec<u8>, Error> {
    let mut bytes = vec![0; media.len().min(MOST_BOX_BYTES) as usize];
    media.fill_at(0, &mut bytes)?;
    Ok(bytes)
}

fn mp4(why: &str) -> Error {
    damaged(Container::Other("MP4"), why)
}
