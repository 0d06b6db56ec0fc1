//! Alignments in TIMIT's `.PHN` format: a line `start end label` per phone, in samples.

use std::{
    io::{self, Read as _},
    path::Path,
};

use ossicle_files::{OpenError, open_regular};

use crate::names::shown;

/// An alignment of ten hours of speech is smaller than this.
const MAX_FILE_BYTES: u64 = 16 * 1024 * 1024;

/// A stretch of a recording with one label.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Interval {
    /// The first sample.
    pub start: u64,
    /// The sample after the last.
    pub end: u64,
    /// The phone that is heard there, as `sh`.
    pub label: String,
}

/// The reason why an alignment cannot be used.
///
/// Messages leave out the path, because the caller prints it in front.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum AlignmentError {
    /// The file cannot be read.
    #[error("cannot be read")]
    Read {
        /// The system's error.
        source: io::Error,
    },
    /// A folder, a pipe or a device where a file should be.
    #[error("is not a regular file")]
    NotAFile,
    /// More bytes than an alignment has.
    #[error("is larger than {limit_bytes} bytes, the most an alignment may have")]
    TooLarge {
        /// The most it may have.
        limit_bytes: u64,
    },
    /// A line without exactly three fields.
    #[error("line {line} has {found} fields; it must be `start end label`")]
    Fields {
        /// The line, from 1.
        line: u64,
        /// The number of fields it has.
        found: usize,
    },
    /// A start or end that is not a whole number.
    #[error("line {line}: `{field}` is not a whole number of samples")]
    NotANumber {
        /// The line, from 1.
        line: u64,
        /// The field's text.
        field: String,
    },
    /// A line that is not UTF-8.
    #[error("line {line} is not UTF-8")]
    NotUtf8 {
        /// The line, from 1.
        line: u64,
    },
    /// An interval without a sample.
    #[error("line {line}: the interval ends at sample {end}, not after its start, {start}")]
    NoSamples {
        /// The line, from 1.
        line: u64,
        /// The start.
        start: u64,
        /// The end, not greater.
        end: u64,
    },
    /// Two intervals on the same samples, or in the wrong order.
    #[error(
        "line {line}: the interval starts at sample {start}, before the previous one ends, \
             {previous_end}"
    )]
    Overlap {
        /// The line, from 1.
        line: u64,
        /// The start.
        start: u64,
        /// The end of the interval before.
        previous_end: u64,
    },
    /// Nothing but blank lines.
    #[error("no intervals; there must be lines of the form `start end label`")]
    Empty,
}

/// Reads a `.PHN` file.
///
/// # Errors
/// It is not a regular file, cannot be read, is larger than 16 MiB, or is wrong in a way that
/// [`parse_phn`] refuses.
pub fn read_phn(path: &Path) -> Result<Vec<Interval>, AlignmentError> {
    let opened = open_regular(path).map_err(|error| match error {
        OpenError::Io(source) => AlignmentError::Read { source },
        OpenError::NotRegular { .. } => AlignmentError::NotAFile,
    })?;
    let mut bytes = Vec::new();
    let read = opened.file.take(MAX_FILE_BYTES + 1).read_to_end(&mut bytes);
    read.map_err(|source| AlignmentError::Read { source })?;
    if bytes.len() as u64 > MAX_FILE_BYTES {
        return Err(AlignmentError::TooLarge { limit_bytes: MAX_FILE_BYTES });
    }
    parse_phn(&bytes)
}

/// The intervals of a `.PHN` text, in order and without overlap; gaps may be between them.
///
/// Blank lines are passed over, line ends may be of either kind.
///
/// # Errors
/// A line that is not `start end label`, an interval without samples or before the end of the last,
/// no interval at all; the message names the line.
///
/// ```
/// let intervals = ossicle_corpus::parse_phn(b"0 3050 h#\n3050 4559 sh\n")?;
/// assert_eq!((intervals[1].start, intervals[1].end, &*intervals[1].label), (3050, 4559, "sh"));
/// # Ok::<(), ossicle_corpus::AlignmentError>(())
/// ```
pub fn parse_phn(bytes: &[u8]) -> Result<Vec<Interval>, AlignmentError> {
    let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
    let mut intervals: Vec<Interval> = Vec::new();
    for (line, text) in (1..).zip(bytes.split(|&byte| byte == b'\n')) {
        let text = std::str::from_utf8(text).map_err(|_| AlignmentError::NotUtf8 { line })?;
        let mut fields = text.split_ascii_whitespace();
        let (start, end, label) = match (fields.next(), fields.next(), fields.next(), fields.next())
        {
            (None, ..) => continue,
            (Some(start), Some(end), Some(label), None) => (start, end, label),
            _ => {
                let found = text.split_ascii_whitespace().count();
                return Err(AlignmentError::Fields { line, found });
            }
        };
        let number = |field: &str| {
            field
                .parse::<u64>()
                .map_err(|_| AlignmentError::NotANumber { line, field: shown(field) })
        };
        let (start, end) = (number(start)?, number(end)?);
        if end <= start {
            return Err(AlignmentError::NoSamples { line, start, end });
        }
        let previous_end = intervals.last().map_or(0, |previous| previous.end);
        if start < previous_end {
            return Err(AlignmentError::Overlap { line, start, previous_end });
        }
        intervals.push(Interval { start, end, label: label.to_string() });
    }
    if intervals.is_empty() { Err(AlignmentError::Empty) } else { Ok(intervals) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn message(text: &[u8]) -> String {
        parse_phn(text).unwrap_err().to_string()
    }

    #[test]
    fn intervals_are_read_with_gaps_blank_lines_and_either_line_end() {
        let intervals =
            parse_phn(b"\xef\xbb\xbf\r\n0 10 h#\r\n\n  12\t20   sh  \n20 21 iy").unwrap();
        let interval = |start, end, label: &str| Interval { start, end, label: label.into() };
        assert_eq!(
            intervals,
            [interval(0, 10, "h#"), interval(12, 20, "sh"), interval(20, 21, "iy")]
        );
    }

    #[test]
    fn every_error_names_its_line() {
        let wrong: [(&[u8], &str); 10] = [
            (b"0 1 a\n1 2", "line 2 has 2 fields; it must be `start end label`"),
            (b"0 1 a b", "line 1 has 4 fields; it must be `start end label`"),
            (b"\n0 x a", "line 2: `x` is not a whole number of samples"),
            (b"-1 5 a", "line 1: `-1` is not a whole number of samples"),
            (
                b"0 99999999999999999999 a",
                "line 1: `99999999999999999999` is not a whole number of samples",
            ),
            (b"0 5 a\n5 5 b", "line 2: the interval ends at sample 5, not after its start, 5"),
            (b"9 5 a", "line 1: the interval ends at sample 5, not after its start, 9"),
            (
                b"0 5 a\n4 6 b",
                "line 2: the interval starts at sample 4, before the previous one ends, 5",
            ),
            (b"0 5 a\n5 6 \xff", "line 2 is not UTF-8"),
            (b" \r\n\n", "no intervals; there must be lines of the form `start end label`"),
        ];
        for (text, expected) in wrong {
            assert_eq!(message(text), expected, "{}", text.escape_ascii());
        }
    }

    proptest! {
        #[test]
        fn arbitrary_bytes_never_panic(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
            let _ = parse_phn(&bytes);
        }

        #[test]
        fn what_looks_like_an_alignment_is_refused_or_in_order(
            text in "([0-9]{1,3}|-1|18446744073709551615| |\n|\r\n|a|%|#){0,40}"
        ) {
            if let Ok(intervals) = parse_phn(text.as_bytes()) {
                prop_assert!(!intervals.is_empty());
                prop_assert!(intervals.iter().all(|interval| interval.start < interval.end));
                prop_assert!(intervals.array_windows().all(|[a, b]| a.end <= b.start));
            }
        }

        #[test]
        fn what_was_written_is_read_back(
            lengths in prop::collection::vec((0_u64..50, 1_u64..9000, "[a-z#-]{1,4}"), 1..40)
        ) {
            let mut end = 0;
            let written: Vec<Interval> = lengths
                .into_iter()
                .map(|(gap, length, label)| {
                    let start = end + gap;
                    end = start + length;
                    Interval { start, end, label }
                })
                .collect();
            let text: String = written
                .iter()
                .map(|interval| format!("{} {} {}\n", interval.start, interval.end, interval.label))
                .collect();
            prop_assert_eq!(parse_phn(text.as_bytes()).unwrap(), written);
        }
    }
}
