//! Kaldi's archives: a name and a matrix, again and again, binary or text.

use std::io::BufRead;

use crate::error::Error;
use crate::format::matrices::compressed::{self, Coding};
use crate::format::matrices::matrix::Matrix;
use crate::format::matrices::source::Source;
use crate::format::matrices::{htk, text};

/// What a binary object begins with.
const BINARY: &[u8] = b"\0B";
/// The most bytes of an utterance's name.
const MOST_NAME_BYTES: usize = 4096;

/// A kind of object in an archive.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Object {
    /// Numbers of so many bytes, in rows and columns.
    Matrix(u64),
    /// Numbers of so many bytes, one after the other.
    Vector(u64),
    Compressed(Coding),
}

impl Object {
    fn named(token: &[u8]) -> Option<Object> {
        Some(match token {
            b"FM" => Object::Matrix(4),
            b"DM" => Object::Matrix(8),
            b"FV" => Object::Vector(4),
            b"DV" => Object::Vector(8),
            b"CM" => Object::Compressed(Coding::Speech),
            b"CM2" => Object::Compressed(Coding::TwoByte),
            b"CM3" => Object::Compressed(Coding::OneByte),
            _ => return None,
        })
    }
}

/// Returns whether a file begins with a binary matrix without a name.
pub(super) fn is_matrix(head: &[u8]) -> bool {
    let token =
        |rest: &[u8]| rest.iter().position(|&byte| byte == b' ').map(|end| rest[..end].to_vec());
    let named = head.strip_prefix(BINARY).and_then(token);
    named.is_some_and(|token| Object::named(&token).is_some())
}

/// Returns whether a file begins as an archive: a name, and then a binary object or a matrix in text.
pub(super) fn begins_ark(head: &[u8]) -> bool {
    let Some(space) = head.iter().position(|&byte| byte == b' ') else { return false };
    let (name, rest) = (&head[..space], &head[space + 1..]);
    let is_name = !name.is_empty() && name.iter().all(|&byte| byte > b' ' && byte != 0x7f);
    is_name && (is_matrix(rest) || text::begins(rest) || is_htk(rest))
}

/// Returns whether an object is a parameter file of HTK's: it is judged by what its header says, as its end is not
/// known here.
fn is_htk(rest: &[u8]) -> bool {
    htk_bytes(rest).is_some_and(|bytes| htk::Header::read(rest, bytes).is_some())
}

/// The bytes of a big-endian parameter file by its header.
fn htk_bytes(head: &[u8]) -> Option<u64> {
    let frames = u32::from_be_bytes(*head.first_chunk()?);
    let a_frame = u16::from_be_bytes([*head.get(8)?, *head.get(9)?]);
    Some(12 + u64::from(frames) * u64::from(a_frame))
}

/// Lists the matrices of an archive, with their offsets. Binary ones are passed over, unread.
pub(super) fn entries(source: &mut Source) -> Result<Vec<(String, u64)>, Error> {
    source.seek(0)?;
    let mut entries = Vec::new();
    while let Some(name) = name(source)? {
        let at = source.position()?;
        entries.push((name, at));
        skip(source)?;
    }
    Ok(entries)
}

/// Reads the name of the next object, and the space behind it. None at the end.
fn name(source: &mut Source) -> Result<Option<String>, Error> {
    let mut name = Vec::new();
    while let Some(&byte) = buffer(source)?.first() {
        source.reader.consume(1);
        match byte {
            b'\n' | b'\r' | b' ' | b'\t' if name.is_empty() => {}
            b' ' | b'\t' => {
                let text = String::from_utf8(name);
                return text.map(Some).map_err(|_| source.bad("an utterance's name is not UTF-8"));
            }
            b'\n' | 0 => return Err(source.bad("an utterance's name ends in a wrong byte")),
            _ if name.len() == MOST_NAME_BYTES => {
                return Err(source.bad("an utterance's name has more than 4096 bytes"));
            }
            byte => name.push(byte),
        }
    }
    if name.is_empty() { Ok(None) } else { Err(source.bad("it is cut short behind a name")) }
}

fn buffer(source: &mut Source) -> Result<&[u8], Error> {
    let Source { reader, path, .. } = source;
    reader.fill_buf().map_err(Error::io("read", path))
}

/// Passes an object over.
fn skip(source: &mut Source) -> Result<(), Error> {
    match object(source)? {
        Some(Object::Matrix(size)) => {
            let (rows, columns) = (count(source)?, count(source)?);
            source.skip((rows * columns).saturating_mul(size))
        }
        Some(Object::Vector(size)) => {
            let count = count(source)?;
            source.skip(count.saturating_mul(size))
        }
        Some(Object::Compressed(coding)) => compressed::skip(source, coding),
        None if text::begins(buffer(source)?) => text::skip(source),
        None => {
            let bytes = htk_object_bytes(source)?;
            source.skip(bytes)
        }
    }
}

/// Reads the object that begins at an offset.
pub(super) fn matrix_at(source: &mut Source, offset: u64) -> Result<Matrix, Error> {
    source.seek(offset)?;
    match object(source)? {
        Some(Object::Matrix(size)) => {
            let (rows, columns) = (count(source)?, count(source)?);
            let bytes = source.take((rows * columns).saturating_mul(size))?;
            Ok(Matrix::new(rows as usize, columns as usize, floats(&bytes, size)))
        }
        Some(Object::Vector(size)) => {
            let rows = count(source)?;
            let bytes = source.take(rows.saturating_mul(size))?;
            Ok(Matrix::new(rows as usize, 1, floats(&bytes, size)))
        }
        Some(Object::Compressed(coding)) => compressed::matrix(source, coding),
        None if text::begins(buffer(source)?) => text::matrix(source),
        None => {
            let bytes = htk_object_bytes(source)?;
            let bytes = source.take(bytes)?;
            htk::matrix(&bytes).map_err(|reason| source.bad(&reason))
        }
    }
}

/// Reads what kind of object comes. None, and nothing read, if it is not binary.
fn object(source: &mut Source) -> Result<Option<Object>, Error> {
    if !buffer(source)?.starts_with(&BINARY[..1]) {
        return Ok(None);
    }
    // A parameter file of HTK's begins with a zero, too.
    let begin = source.position()?;
    let head = source.take(2.min(source.bytes - begin))?;
    if head != BINARY {
        source.seek(begin)?;
        return Ok(None);
    }
    let mut token = Vec::new();
    while token.len() < 4 {
        let byte = source.take(1)?[0];
        if byte == b' ' {
            break;
        }
        token.push(byte);
    }
    let named = Object::named(&token);
    named.map(Some).ok_or_else(|| {
        let shown: String = token.iter().map(|&byte| char::from(byte)).collect();
        source.bad(&format!("there is an object {shown:?}, which is no matrix of numbers"))
    })
}

/// The bytes of a parameter file of HTK's that comes.
fn htk_object_bytes(source: &mut Source) -> Result<u64, Error> {
    let bytes = htk_bytes(buffer(source)?);
    bytes.ok_or_else(|| source.bad("there is an object that is no matrix of numbers"))
}

/// Reads a whole number: its size in bytes, which is 4, and it.
fn count(source: &mut Source) -> Result<u64, Error> {
    let bytes = source.take(5)?;
    let number = i32::from_le_bytes([bytes[1], bytes[2], bytes[3], bytes[4]]);
    match (bytes[0], u64::try_from(number)) {
        (4, Ok(count)) => Ok(count),
        _ => Err(source.bad("a matrix has a wrong number of rows or columns")),
    }
}

/// Decodes little-endian numbers of 4 or 8 bytes.
fn floats(bytes: &[u8], size: u64) -> Vec<f32> {
    match size {
        4 => bytes.as_chunks::<4>().0.iter().map(|&word| f32::from_le_bytes(word)).collect(),
        _ => bytes.as_chunks::<8>().0.iter().map(|&word| f64::from_le_bytes(word) as f32).collect(),
    }
}
