//! The reasons why an alignment cannot be used.

use std::io;

use crate::{labels::time_unit::TimeUnit, names::shown};

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
    /// Something else stands where the format has a number, a label or a word of its own.
    #[error("line {line}, column {column}: expected {expected}, found {found}")]
    Expected {
        /// The line, from 1.
        line: u64,
        /// The byte of the line, from 1.
        column: u64,
        /// What the format has there.
        expected: &'static str,
        /// What is there, in quotes where it is text.
        found: String,
    },
    /// A binary file has something else at this byte.
    #[error("byte {at}: expected {expected}, found {found}")]
    ExpectedAt {
        /// The byte, from 0.
        at: usize,
        /// What the format has there.
        expected: &'static str,
        /// What is there.
        found: String,
    },
    /// Text in an encoding that is not read.
    #[error("is in {encoding}; save it as UTF-8")]
    Encoding {
        /// The encoding, as far as its bytes tell.
        encoding: &'static str,
    },
    /// A kind of file, or of entry, that is not read.
    #[error("is {kind}, which is not read; {remedy}")]
    NotRead {
        /// The kind.
        kind: String,
        /// What to do instead.
        remedy: &'static str,
    },
    /// It is in no format of alignments that is known.
    #[error(
        "is in no known format of alignments (TIMIT, TextGrid, ELAN, HTK, CTM, Audacity, CSV, xlabel)"
    )]
    Unknown,
    /// XML that is malformed.
    #[error("line {line}: the XML is malformed")]
    Xml {
        /// The line, from 1.
        line: u64,
        /// What is wrong with it.
        source: quick_xml::Error,
    },
    /// A table of text that is malformed.
    #[error(transparent)]
    Table {
        /// What is wrong with it, with its place.
        source: Box<crate::Error>,
    },
    /// An interval that ends where it starts, or before.
    #[error(
        "line {line}: the interval ends at {}, not after its start, {}",
        unit.shown(*end), unit.shown(*start)
    )]
    Backwards {
        /// The line, from 1.
        line: u64,
        /// The unit of both.
        unit: TimeUnit,
        /// The start.
        start: u64,
        /// The end, not greater.
        end: u64,
    },
    /// Two intervals at one time.
    #[error(
        "line {line}: the interval `{}` starts at {}, before the previous one, `{}`, ends, at {}; \
         labels.overlap says which of them counts",
        shown(label), unit.shown(*start), shown(previous), unit.shown(*previous_end)
    )]
    Overlap {
        /// The line, from 1.
        line: u64,
        /// The unit of times.
        unit: TimeUnit,
        /// The label.
        label: String,
        /// The start.
        start: u64,
        /// The label of the interval before.
        previous: String,
        /// Its end.
        previous_end: u64,
    },
    /// No tier has a name that was asked for.
    #[error("has no tier `{}`; {}", shown(pattern), of_tiers(tiers))]
    NoTier {
        /// The pattern.
        pattern: String,
        /// The names of the tiers that it has.
        tiers: Vec<String>,
    },
    /// Labels of frames are asked of a tier that has points only.
    #[error("the tier `{}` has points, which last no time; labels need intervals", shown(tier))]
    Points {
        /// The tier's name.
        tier: String,
    },
    /// A file for many recordings has nothing of this one.
    #[error("has no labels of `{}`", shown(recording))]
    NoRecording {
        /// What the recording is called.
        recording: String,
    },
    /// Nothing is labelled.
    #[error("has no labels")]
    Empty,
}

/// Says which tiers there are.
fn of_tiers(tiers: &[String]) -> String {
    const MOST: usize = 8;
    let names: Vec<String> =
        tiers.iter().take(MOST).map(|name| format!("`{}`", shown(name))).collect();
    let rest = if tiers.len() > MOST { " …" } else { "" };
    match tiers {
        [] => "it has no tiers".to_owned(),
        _ => format!("it has {}{rest}", names.join(", ")),
    }
}
