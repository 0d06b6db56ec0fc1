//! Arrays of numbers of `numpy.savez`: an archive of ZIP whose members are stored as they are.

/// Members that are larger than this hold no statistics.
const MOST_BYTES: usize = 1 << 24;

/// Returns the arrays of an archive, by name, as f64 whatever their type; none if it is no such archive.
///
/// The format is that of PKWARE's APPNOTE 6.3.10, 4.3.7: local headers one behind the other, with sizes there (or in the
/// extra field of ZIP64, 4.5.3, as NumPy writes them).
pub(super) fn arrays(bytes: &[u8]) -> Option<Vec<(String, Vec<f64>)>> {
    let mut arrays = Vec::new();
    let mut rest = bytes;
    while rest.starts_with(b"PK\x03\x04") {
        let u16_at = |at: usize| Some(u16::from_le_bytes(*rest.get(at..)?.first_chunk()?) as usize);
        let u32_at = |at: usize| Some(u32::from_le_bytes(*rest.get(at..)?.first_chunk()?));
        // A size that stands behind the member is of a stream, which savez does not write.
        let (flags, method) = (u16_at(6)?, u16_at(8)?);
        if flags & 0b1001 != 0 || method != 0 {
            return None;
        }
        let (name_len, extra_len) = (u16_at(26)?, u16_at(28)?);
        let name = rest.get(30..30 + name_len)?;
        let extra = rest.get(30 + name_len..30 + name_len + extra_len)?;
        let size = match u32_at(18)? {
            u32::MAX => zip64_size(extra)?,
            size => size as usize,
        };
        let begin = 30 + name_len + extra_len;
        let member = rest.get(begin..begin.checked_add(size)?)?;
        let name = std::str::from_utf8(name).ok()?.strip_suffix(".npy")?;
        arrays.push((name.to_owned(), array(member)?));
        rest = &rest[begin + size..];
    }
    (!arrays.is_empty()).then_some(arrays)
}

/// The uncompressed size, which ZIP64 has first.
fn zip64_size(extra: &[u8]) -> Option<usize> {
    let mut rest = extra;
    while let Some((head, more)) = rest.split_first_chunk::<4>() {
        let len = usize::from(u16::from_le_bytes([head[2], head[3]]));
        let own = more.get(..len)?;
        if head[..2] == [1, 0] {
            return usize::try_from(u64::from_le_bytes(*own.first_chunk()?)).ok();
        }
        rest = &more[len..];
    }
    None
}

/// Reads an array of NumPy's format 1.0 or 2.0, of little-endian floats or integers, in C order.
fn array(bytes: &[u8]) -> Option<Vec<f64>> {
    let rest = bytes.strip_prefix(b"\x93NUMPY")?;
    let (&[major, _], mut rest) = rest.split_first_chunk::<2>()?;
    let header_len = match major {
        1 => {
            let (len, after) = rest.split_first_chunk::<2>()?;
            rest = after;
            usize::from(u16::from_le_bytes(*len))
        }
        2 | 3 => {
            let (len, after) = rest.split_first_chunk::<4>()?;
            rest = after;
            u32::from_le_bytes(*len) as usize
        }
        _ => return None,
    };
    let header = std::str::from_utf8(rest.get(..header_len)?).ok()?;
    let data = &rest[header_len..];
    let descr = header.split("'descr':").nth(1)?.split('\'').nth(1)?.to_owned();
    let is_plain = !header.contains("'fortran_order': True");
    let size: usize = descr.get(2..)?.parse().ok()?;
    if data.len() > MOST_BYTES || !is_plain || !data.len().is_multiple_of(size.max(1)) {
        return None;
    }
    let number = |bytes: &[u8]| -> Option<f64> {
        Some(match (&*descr, bytes) {
            ("<f8", bytes) => f64::from_le_bytes(*bytes.first_chunk()?),
            ("<f4", bytes) => f64::from(f32::from_le_bytes(*bytes.first_chunk()?)),
            ("<i8", bytes) => i64::from_le_bytes(*bytes.first_chunk()?) as f64,
            ("<i4", bytes) => f64::from(i32::from_le_bytes(*bytes.first_chunk()?)),
            _ => return None,
        })
    };
    data.chunks(size.max(1)).map(number).collect()
}
