//! The formats of alignments: told apart by what is in a file, then by its name, and read in one way.

use std::{
    io::{self, Read as _},
    path::Path,
};

use ossicle_files::{OpenError, open_source};
use serde::{Deserialize, Serialize};

use crate::{
    labels::{
        alignment::Alignment,
        alignment_error::AlignmentError,
        alignment_text::{decode, lines},
        audacity, csv, ctm, elan, htk, textgrid, timit, xlabel,
    },
    readers::seconds::nanoseconds,
    recording::has_extension,
};

/// An alignment of ten hours of speech is smaller than this.
pub(crate) const MAX_FILE_BYTES: u64 = 16 * 1024 * 1024;

/// The bytes of a file that tell its format.
const HEAD_BYTES: usize = 4096;

/// A format of alignments.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
#[non_exhaustive]
pub enum AlignmentFormat {
    /// TIMIT's `.PHN` and `.WRD`.
    Timit,
    /// Praat's TextGrids: long, short, binary.
    TextGrid,
    /// ELAN's `.eaf`.
    Elan,
    /// HTK's label files.
    Htk,
    /// HTK's master label files.
    Mlf,
    /// NIST's CTM.
    Ctm,
    /// Audacity's labels.
    Audacity,
    /// Tables with a header.
    Csv,
    /// ESPS' labels, which Buckeye's `.phones` and `.words` are.
    Xlabel,
}

/// The extensions of alignments, with the formats that they are looked for.
const EXTENSIONS: [(&str, AlignmentFormat); 14] = [
    ("phn", AlignmentFormat::Timit),
    ("wrd", AlignmentFormat::Timit),
    ("phones", AlignmentFormat::Xlabel),
    ("words", AlignmentFormat::Xlabel),
    ("textgrid", AlignmentFormat::TextGrid),
    ("eaf", AlignmentFormat::Elan),
    ("lab", AlignmentFormat::Htk),
    ("rec", AlignmentFormat::Htk),
    ("mlf", AlignmentFormat::Mlf),
    ("ctm", AlignmentFormat::Ctm),
    ("ali", AlignmentFormat::Ctm),
    ("csv", AlignmentFormat::Csv),
    ("tsv", AlignmentFormat::Csv),
    ("txt", AlignmentFormat::Audacity),
];

/// The names of a recording, for files that have the labels of many.
#[derive(Debug, Clone, Copy, Default)]
pub struct Of<'a> {
    /// The names that it may have, the likeliest first; none where the file is of one recording.
    pub names: &'a [&'a str],
    /// The channel that is labelled, from 0, where it is known.
    pub channel: Option<u16>,
}

impl AlignmentFormat {
    /// Tells the format of a file by how it begins, and where that does not tell, by its extension.
    ///
    /// - `head`: its first bytes, up to 4096 of them
    ///
    /// # Errors
    /// It is in none that is known.
    pub fn of(path: &Path, head: &[u8]) -> Result<AlignmentFormat, AlignmentError> {
        let known = format_by_content(path, head).or_else(|| format_by_extension(path));
        known.ok_or(AlignmentError::Unknown)
    }

    /// Returns whether a file that begins so is an alignment: a transcript may begin with two numbers.
    fn is_unmistakable(self) -> bool {
        !matches!(self, AlignmentFormat::Timit | AlignmentFormat::Htk)
    }

    /// Reads an alignment in this format.
    ///
    /// - `path`: the file's, which some formats take the name of the tier from
    ///
    /// # Errors
    /// It is malformed, or has nothing of the recording; the message says where.
    pub fn read(self, path: &Path, bytes: &[u8], of: Of<'_>) -> Result<Alignment, AlignmentError> {
        if self == AlignmentFormat::TextGrid {
            return textgrid::parse(bytes);
        }
        let decoded = decode(bytes)?;
        let text = &*decoded.text;
        let tier = tier_of_extension(path).unwrap_or_default();
        let read = match self {
            AlignmentFormat::Timit => timit::parse(text, tier),
            AlignmentFormat::TextGrid => textgrid::parse(bytes),
            AlignmentFormat::Elan => elan::parse(text),
            AlignmentFormat::Htk => htk::parse(text),
            AlignmentFormat::Mlf => htk::parse_master(text, of.names),
            AlignmentFormat::Ctm => ctm::parse(text, of.names, of.channel),
            AlignmentFormat::Audacity => audacity::parse(text),
            AlignmentFormat::Csv => csv::parse(text, of.names),
            AlignmentFormat::Xlabel => xlabel::parse(text, tier),
        };
        read.map(|alignment| Alignment { is_latin1: decoded.is_latin1, ..alignment })
    }
}

/// Reads the alignment of a recording, in whatever format it is.
///
/// # Errors
/// It is not a regular file, cannot be read, is larger than 16 MiB, or is malformed; the message says
/// where. An alignment without any label is an error too.
pub fn read_alignment(path: &Path, of: Of<'_>) -> Result<Alignment, AlignmentError> {
    parse_alignment(path, &read_bounded(path)?, of)
}

/// Reads an alignment of the bytes of a file.
///
/// ```
/// use std::path::Path;
///
/// use ossicle_corpus::{Of, parse_alignment};
///
/// let phones = parse_alignment(Path::new("a.PHN"), b"0 3050 h#\n3050 4559 sh\n", Of::default())?;
/// let sh = &phones.tiers[0].marks[1];
/// assert_eq!((&*phones.tiers[0].name, sh.start, sh.end, &*sh.label), ("phones", 3050, 4559, "sh"));
/// # Ok::<(), ossicle_corpus::AlignmentError>(())
/// ```
///
/// # Errors
/// As those of [`read_alignment`].
pub fn parse_alignment(path: &Path, bytes: &[u8], of: Of<'_>) -> Result<Alignment, AlignmentError> {
    let head = &bytes[..bytes.len().min(HEAD_BYTES)];
    with_labels(AlignmentFormat::of(path, head)?.read(path, bytes, of)?)
}

/// Refuses an alignment without any label.
pub(crate) fn with_labels(alignment: Alignment) -> Result<Alignment, AlignmentError> {
    let mut marks = alignment.tiers.iter().flat_map(|tier| &tier.marks);
    match marks.any(|mark| !mark.label.is_empty()) {
        true => Ok(alignment),
        false => Err(AlignmentError::Empty),
    }
}

/// Reads how a file begins.
pub(crate) fn head_of(path: &Path) -> io::Result<Vec<u8>> {
    let opened = open_source(path).map_err(|error| match error {
        OpenError::Io(source) => source,
        OpenError::NotRegular { .. } => io::Error::other("it is not a regular file"),
    })?;
    let mut head = Vec::new();
    opened.reader().take(HEAD_BYTES as u64).read_to_end(&mut head)?;
    Ok(head)
}

/// Returns whether a file begins like an alignment, and like nothing else that lies beside recordings.
pub(crate) fn begins_like_an_alignment(path: &Path) -> bool {
    let Ok(head) = head_of(path) else { return false };
    format_by_content(path, &head).is_some_and(|format| format.is_unmistakable())
}

/// Reads a file that is not too large to be an alignment.
fn read_bounded(path: &Path) -> Result<Vec<u8>, AlignmentError> {
    let opened = open_source(path).map_err(|error| match error {
        OpenError::Io(source) => AlignmentError::Read { source },
        OpenError::NotRegular { .. } => AlignmentError::NotAFile,
    })?;
    let mut bytes = Vec::new();
    let read: io::Result<usize> = opened.reader().take(MAX_FILE_BYTES + 1).read_to_end(&mut bytes);
    read.map_err(|source| AlignmentError::Read { source })?;
    match bytes.len() as u64 > MAX_FILE_BYTES {
        true => Err(AlignmentError::TooLarge { limit_bytes: MAX_FILE_BYTES }),
        false => Ok(bytes),
    }
}

/// Returns the name of the one tier that files of this extension have.
pub(crate) fn tier_of_extension(path: &Path) -> Option<&'static str> {
    let name = path.file_name()?;
    match () {
        () if has_extension(name, &["phn", "phones"]) => Some("phones"),
        () if has_extension(name, &["wrd", "words"]) => Some("words"),
        () => None,
    }
}

fn format_by_extension(path: &Path) -> Option<AlignmentFormat> {
    let name = path.file_name()?;
    EXTENSIONS.iter().find(|(known, _)| has_extension(name, &[known])).map(|&(_, format)| format)
}

/// Tells a format by what only files of this format begin with, or by the form of the first line.
fn format_by_content(path: &Path, head: &[u8]) -> Option<AlignmentFormat> {
    if head.starts_with(b"ooBinaryFile") {
        return Some(AlignmentFormat::TextGrid);
    }
    // The last character may be torn, and of UTF-16 the last unit.
    let even = &head[..head.len() & !1];
    let cut = (0..4).filter_map(|torn| head.get(..head.len().checked_sub(torn)?));
    let decoded = cut.chain([even]).find_map(|head| decode(head).ok().filter(|it| !it.is_latin1));
    let text = match &decoded {
        Some(decoded) => decoded.text.clone(),
        None => String::from_utf8_lossy(head),
    };
    let begin = text.trim_start();
    let is_praat = ["File type = \"ooTextFile", "\"ooTextFile", "\"Praat chronological TextGrid"];
    match () {
        () if is_praat.iter().any(|known| begin.starts_with(known)) => {
            Some(AlignmentFormat::TextGrid)
        }
        () if begin.starts_with(htk::MASTER) => Some(AlignmentFormat::Mlf),
        () if begin.starts_with('<') && text.contains("<ANNOTATION_DOCUMENT") => {
            Some(AlignmentFormat::Elan)
        }
        () if is_xlabel(&text) => Some(AlignmentFormat::Xlabel),
        () => format_of_line(path, &text),
    }
}

/// Returns whether there is a line `#`, which ends a header of words.
fn is_xlabel(text: &str) -> bool {
    let mut header = lines(text).take_while(|line| {
        let first = line.fields().next().unwrap_or_default();
        nanoseconds(first).is_none()
    });
    header.any(|line| line.text.trim() == "#")
}

/// Tells a format by the first line that is no comment.
fn format_of_line(path: &Path, text: &str) -> Option<AlignmentFormat> {
    let is_said = |text: &&str| !text.trim_start().starts_with(";;") && !text.starts_with('\\');
    let line = lines(text).map(|line| line.text).find(is_said)?;
    if csv::CsvColumns::of(line).is_some() {
        return Some(AlignmentFormat::Csv);
    }
    let fields: Vec<&str> = line.split_ascii_whitespace().take(6).collect();
    let is_time = |at: usize| fields.get(at).is_some_and(|field| nanoseconds(field).is_some());
    let is_whole = |at: usize| fields.get(at).is_some_and(|field| field.parse::<u64>().is_ok());
    let name = path.file_name().unwrap_or_default();
    let is_htk = has_extension(name, &["lab", "rec"]);
    match () {
        () if is_whole(0) && is_whole(1) && !is_whole(2) => match is_htk {
            true => Some(AlignmentFormat::Htk),
            false => Some(AlignmentFormat::Timit).filter(|_| fields.len() == 3),
        },
        () if fields.len() > 4 && is_time(2) && is_time(3) && !is_htk => Some(AlignmentFormat::Ctm),
        () if is_time(0) && is_time(1) && !(is_whole(0) && is_whole(1)) => {
            Some(AlignmentFormat::Audacity)
        }
        () => None,
    }
}
