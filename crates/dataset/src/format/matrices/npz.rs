//! NumPy's archives: ZIP (PKWARE's APPNOTE 6.3.10) whose members are arrays, stored or deflated.

use std::io::Read;

use flate2::read::DeflateDecoder;

use crate::error::Error;
use crate::format::matrices::matrix::Matrix;
use crate::format::matrices::numpy;
use crate::format::matrices::source::Source;

pub(super) const MAGIC: &[u8; 4] = b"PK\x03\x04";
/// What begins an entry of the directory, which stands behind the members.
const DIRECTORY_ENTRY: &[u8; 4] = b"PK\x01\x02";
/// What begins the end of the directory.
const END: &[u8; 4] = b"PK\x05\x06";
/// The same of ZIP64, and of what says where that is.
const END_64: &[u8; 4] = b"PK\x06\x06";
const LOCATOR_64: &[u8; 4] = b"PK\x06\x07";
/// The end of the directory may have a comment of so many bytes.
const MOST_END_BYTES: u64 = 22 + 65_535 + 20;
/// No byte of DEFLATE makes more than this many.
const MOST_INFLATED: u64 = 1032;

/// A member of an archive.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Member {
    /// The offset of its local header.
    header: u64,
    stored_bytes: u64,
    bytes: u64,
    is_deflated: bool,
}

/// Lists the arrays of an archive.
pub(super) fn members(source: &mut Source) -> Result<Vec<(String, Member)>, Error> {
    let (offset, bytes) = directory(source)?;
    source.seek(offset)?;
    let directory = source.take(bytes)?;
    let cut = || source.bad("its directory is cut short");
    let mut entries = Vec::new();
    let mut rest = &directory[..];
    while rest.starts_with(DIRECTORY_ENTRY) {
        let (entry, after) = entry(rest).ok_or_else(cut)?;
        let entry = entry.map_err(|reason| source.bad(reason))?;
        entries.extend(entry);
        rest = after;
    }
    Ok(entries)
}

/// Finds the directory: its offset and size.
fn directory(source: &mut Source) -> Result<(u64, u64), Error> {
    let tail_bytes = source.bytes.min(MOST_END_BYTES);
    source.seek(source.bytes - tail_bytes)?;
    let tail = source.take(tail_bytes)?;
    let found = tail.windows(4).rposition(|word| word == END);
    let cut = || source.bad("it is an archive without its end");
    let end = found.ok_or_else(cut)?;
    let (bytes, offset) = (u32_at(&tail, end + 12), u32_at(&tail, end + 16));
    let (bytes, offset) = bytes.zip(offset).ok_or_else(cut)?;
    let locator = end.checked_sub(20).filter(|&at| tail[at..].starts_with(LOCATOR_64));
    if offset != u32::MAX && bytes != u32::MAX {
        return Ok((offset.into(), bytes.into()));
    }
    let at = locator.and_then(|at| u64_at(&tail, at + 8)).ok_or_else(cut)?;
    source.seek(at)?;
    let end = source.take(56)?;
    match (end.starts_with(END_64), u64_at(&end, 40), u64_at(&end, 48)) {
        (true, Some(bytes), Some(offset)) => Ok((offset, bytes)),
        _ => Err(source.bad("its directory is not where its end says")),
    }
}

/// Reads an entry of the directory, and returns what follows it. No entry where it is no array.
#[expect(clippy::type_complexity, reason = "an entry that may be refused, and what follows it")]
fn entry(bytes: &[u8]) -> Option<(Result<Option<(String, Member)>, &'static str>, &[u8])> {
    let (flags, method) = (u16_at(bytes, 8)?, u16_at(bytes, 10)?);
    let lengths = [28, 30, 32].map(|at| u16_at(bytes, at).map(usize::from));
    let (name_bytes, extra_bytes, comment_bytes) = (lengths[0]?, lengths[1]?, lengths[2]?);
    let name = bytes.get(46..46 + name_bytes)?;
    let extra = bytes.get(46 + name_bytes..46 + name_bytes + extra_bytes)?;
    let rest = bytes.get(46 + name_bytes + extra_bytes + comment_bytes..)?;
    let mut wide = wide_fields(extra);
    let mut field = |at: usize| match u32_at(bytes, at)? {
        u32::MAX => wide.next(),
        narrow => Some(narrow.into()),
    };
    // In this order they stand in the field of ZIP64, too.
    let (whole, stored, header) = (field(24)?, field(20)?, field(42)?);
    let Some(name) = std::str::from_utf8(name).ok().and_then(|name| name.strip_suffix(".npy"))
    else {
        return Some((Ok(None), rest));
    };
    let is_deflated = match method {
        _ if flags & 1 != 0 => return Some((Err("it is encrypted"), rest)),
        0 => false,
        8 => true,
        _ => return Some((Err("its arrays are neither stored nor deflated"), rest)),
    };
    let member = Member { header, stored_bytes: stored, bytes: whole, is_deflated };
    Some((Ok(Some((name.to_owned(), member))), rest))
}

/// The numbers of the field of ZIP64.
fn wide_fields(extra: &[u8]) -> impl Iterator<Item = u64> {
    let mut rest = extra;
    let mut own: &[u8] = &[];
    while let Some((head, more)) = rest.split_first_chunk::<4>() {
        let length = usize::from(u16::from_le_bytes([head[2], head[3]])).min(more.len());
        if head[..2] == [1, 0] {
            own = &more[..length];
        }
        rest = &more[length..];
    }
    own.as_chunks::<8>().0.iter().map(|&word| u64::from_le_bytes(word))
}

/// Reads an array of an archive.
pub(super) fn matrix(source: &mut Source, member: &Member) -> Result<Matrix, Error> {
    source.seek(member.header)?;
    let header = source.take(30)?;
    let lengths = u16_at(&header, 26).zip(u16_at(&header, 28));
    let (name, extra) = lengths.ok_or_else(|| source.bad("it is cut short"))?;
    source.skip(u64::from(name) + u64::from(extra))?;
    let stored = source.take(member.stored_bytes)?;
    let most = match member.is_deflated {
        true => member.stored_bytes.saturating_mul(MOST_INFLATED),
        false => member.stored_bytes,
    };
    if member.bytes > most {
        return Err(source.bad("an array is promised that is larger than its bytes can make"));
    }
    let bytes = match member.is_deflated {
        false => stored,
        true => {
            let mut bytes = Vec::new();
            let inflated =
                DeflateDecoder::new(&stored[..]).take(member.bytes).read_to_end(&mut bytes);
            inflated
                .map_err(|error| source.bad(&format!("an array cannot be inflated: {error}")))?;
            bytes
        }
    };
    numpy::matrix(&bytes).map_err(|reason| source.bad(&reason))
}

fn u16_at(bytes: &[u8], at: usize) -> Option<u16> {
    bytes.get(at..)?.first_chunk().map(|&word| u16::from_le_bytes(word))
}

fn u32_at(bytes: &[u8], at: usize) -> Option<u32> {
    bytes.get(at..)?.first_chunk().map(|&word| u32::from_le_bytes(word))
}

fn u64_at(bytes: &[u8], at: usize) -> Option<u64> {
    bytes.get(at..)?.first_chunk().map(|&word| u64::from_le_bytes(word))
}
