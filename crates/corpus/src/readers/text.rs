//! The texts of descriptions: opened, inflated where they are compressed, and bounded.

use std::{
    io::{self, BufRead, BufReader, Read},
    path::Path,
};

use ossicle_files::{OpenError, open_source};

use crate::{
    archives::{GZIP, Inflated},
    error::Error,
    lines::MAX_DESCRIPTION_LINE_BYTES,
    readable::if_readable,
    readers::reader::not_opened,
};

/// Opens the text of a description, and inflates one in gzip's format.
///
/// A text that inflates to more than a description can reads as an error before it fills the memory.
pub(crate) fn open_text(path: &Path) -> Result<Box<dyn BufRead>, Error> {
    let opened = open_source(path).map_err(|error| match error {
        OpenError::Io(source) => not_opened(path, source),
        OpenError::NotRegular { .. } => Error::NotACorpus { path: path.to_path_buf() },
    })?;
    let bytes = opened.bytes;
    let mut input = BufReader::new(opened.reader());
    let begin = input.fill_buf().map_err(|source| not_opened(path, source))?;
    let begin = &begin[..begin.len().min(3)];
    if begin.starts_with(b"\xff\xfe") || begin.starts_with(b"\xfe\xff") {
        return Err(Error::Utf16 { path: path.to_path_buf() });
    }
    if !begin.starts_with(GZIP) {
        return Ok(Box::new(input));
    }
    Ok(Box::new(BufReader::new(Inflated::new(input, bytes))))
}

/// Returns how a text begins, inflated: up to 64 KiB, or the whole first line where that is longer; nothing where
/// it cannot be read.
///
/// # Errors
/// Too many files are open.
pub(crate) fn head(path: &Path) -> io::Result<Vec<u8>> {
    let read = || {
        let opened = match open_source(path) {
            Ok(opened) => opened,
            Err(OpenError::Io(error)) => return Err(error),
            Err(OpenError::NotRegular { .. }) => return Ok(Vec::new()),
        };
        let bytes = opened.bytes;
        let mut input = BufReader::new(opened.reader());
        let mut head = Vec::new();
        if input.fill_buf()?.starts_with(GZIP) {
            // What is torn later begins all the same.
            let inflated = BufReader::new(Inflated::new(input, bytes));
            read_head(inflated, &mut head).or_else(|error| match head.is_empty() {
                true => Err(error),
                false => Ok(()),
            })?;
        } else {
            read_head(input, &mut head)?;
        }
        Ok(head)
    };
    Ok(if_readable(read())?.unwrap_or_default())
}

/// Reads the beginning of a text, and on to the end of its first line.
fn read_head(mut input: impl BufRead, head: &mut Vec<u8>) -> io::Result<()> {
    const BYTES: u64 = 64 << 10;
    (&mut input).take(BYTES).read_to_end(head)?;
    // What has a zero byte is no text.
    if head.len() as u64 == BYTES && !head.iter().any(|byte| matches!(byte, b'\n' | 0)) {
        input.take(MAX_DESCRIPTION_LINE_BYTES as u64).read_until(b'\n', head)?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use flate2::{Compression, write::GzEncoder};
    use std::{fs, io::Write as _};

    #[test]
    fn a_text_that_inflates_without_end_is_an_error_before_it_fills_the_memory() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("cuts.jsonl.gz");
        let mut packed = GzEncoder::new(Vec::new(), Compression::best());
        let line = vec![b'\n'; 1 << 20];
        for _ in 0..60 {
            packed.write_all(&line).unwrap();
        }
        fs::write(&path, packed.finish().unwrap()).unwrap();
        let mut text = Vec::new();
        let error = open_text(&path).unwrap().read_to_end(&mut text).unwrap_err();
        assert!(error.to_string().contains("200 times"), "{error}");
        assert!(text.len() < 40 << 20, "{}", text.len());
        assert_eq!(head(&path).unwrap().len(), 64 << 10);
    }

    #[test]
    fn utf_16_is_named() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a.tsv");
        for mark in [b"\xff\xfe", b"\xfe\xff"] {
            fs::write(&path, mark).unwrap();
            let Err(error) = open_text(&path) else { panic!("it is read") };
            assert!(matches!(error, Error::Utf16 { .. }), "{error}");
        }
    }
}
