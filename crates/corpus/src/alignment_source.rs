//! Where the alignment of an utterance is, and how it is read.

use std::{
    io::{self, Read as _, Seek as _, SeekFrom},
    path::Path,
};

use ossicle_files::{OpenError, join, open_source, printable};
use serde::{Deserialize, Serialize};

use crate::labels::{
    Alignment, AlignmentError, AlignmentFormat, MASTER_HEAD, MAX_FILE_BYTES, Of, parse_alignment,
    read_alignment, with_labels,
};

/// The place of an utterance's alignment.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum AlignmentSource {
    /// A file of its own. Paths are relative to [`Split::root`](crate::Split::root), or absolute where
    /// they were given so and lie elsewhere.
    File(AlignmentPath),
    /// Several files, each with other tiers; where two have one tier, the first counts.
    Files(Box<[AlignmentPath]>),
    /// Lines of a file that has those of other recordings too.
    Lines(Box<Lines>),
    /// Members of an archive, each with other tiers.
    Members(Box<Members>),
    /// What the description of the corpus says itself.
    Said(Box<Alignment>),
}

/// Alignments in an archive that is not compressed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Members {
    archive: AlignmentPath,
    members: Box<[AlignmentMember]>,
}

/// A member of an archive that is an alignment.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct AlignmentMember {
    /// Its name, spelled as ids are.
    pub(crate) name: Box<str>,
    /// The byte of the archive at which it begins.
    pub(crate) offset: u64,
    /// How many bytes it has.
    pub(crate) bytes: u64,
}

/// The path of an alignment.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct AlignmentPath(#[serde(with = "crate::paths")] Box<Path>);

/// The lines of one recording in a file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Lines {
    file: AlignmentPath,
    format: AlignmentFormat,
    /// The bytes at the beginning that are read with them.
    header_bytes: u64,
    places: Box<[Place]>,
    /// They are named by the utterance and not by its recording, and their times are its own.
    is_of_utterance: bool,
}

/// A stretch of a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Place {
    pub(crate) offset: u64,
    pub(crate) bytes: u64,
    /// The number of its first line, from 1.
    pub(crate) line: u64,
}

/// A part of an alignment that is read by itself.
#[derive(Debug, Clone, Copy)]
pub enum AlignmentPart<'a> {
    /// A file.
    File(&'a Path),
    /// Lines of a file.
    Lines(&'a Lines),
    /// A member of an archive at this path.
    Member(&'a Path, &'a AlignmentMember),
    /// What is there already.
    Said(&'a Alignment),
}

impl AlignmentPath {
    /// Returns the path.
    pub fn as_path(&self) -> &Path {
        &self.0
    }
}

impl AlignmentSource {
    /// The alignment in a file of its own.
    pub fn file(path: impl Into<Box<Path>>) -> AlignmentSource {
        AlignmentSource::File(AlignmentPath(path.into()))
    }

    /// The alignment in one or several files; none where there are none.
    pub(crate) fn files(paths: Vec<Box<Path>>) -> Option<AlignmentSource> {
        match <[Box<Path>; 1]>::try_from(paths) {
            Ok([path]) => Some(AlignmentSource::file(path)),
            Err(paths) if paths.is_empty() => None,
            Err(paths) => {
                Some(AlignmentSource::Files(paths.into_iter().map(AlignmentPath).collect()))
            }
        }
    }

    /// The alignments among the members of an archive, what counts first first; none where there are none.
    pub(crate) fn members(
        archive: &Path,
        members: Vec<AlignmentMember>,
    ) -> Option<AlignmentSource> {
        let archive = AlignmentPath(archive.into());
        let members = Members { archive, members: members.into() };
        (!members.members.is_empty()).then(|| AlignmentSource::Members(Box::new(members)))
    }

    /// Returns the paths of its files, what counts first first.
    pub fn paths(&self) -> impl Iterator<Item = &Path> {
        let paths = match self {
            AlignmentSource::File(path) => std::slice::from_ref(path),
            AlignmentSource::Files(paths) => paths,
            AlignmentSource::Lines(lines) => std::slice::from_ref(&lines.file),
            AlignmentSource::Members(members) => std::slice::from_ref(&members.archive),
            AlignmentSource::Said(_) => &[],
        };
        paths.iter().map(AlignmentPath::as_path)
    }

    /// Returns what the description says itself.
    pub fn said(&self) -> Option<&Alignment> {
        match self {
            AlignmentSource::Said(alignment) => Some(alignment),
            _ => None,
        }
    }

    /// Returns its parts, what counts first first.
    pub fn parts(&self) -> impl Iterator<Item = AlignmentPart<'_>> {
        let part = match self {
            AlignmentSource::Lines(lines) => Some(AlignmentPart::Lines(lines)),
            AlignmentSource::Said(alignment) => Some(AlignmentPart::Said(alignment)),
            AlignmentSource::File(_) | AlignmentSource::Files(_) | AlignmentSource::Members(_) => {
                None
            }
        };
        let (archive, members) = match self {
            AlignmentSource::Members(members) => (&*members.archive.0, &*members.members),
            _ => (Path::new(""), &[][..]),
        };
        let has_files = part.is_none() && members.is_empty();
        let files = self.paths().filter(move |_| has_files).map(AlignmentPart::File);
        let members = members.iter().map(move |member| AlignmentPart::Member(archive, member));
        part.into_iter().chain(files).chain(members)
    }

    /// The same with other paths.
    pub(crate) fn with_paths(mut self, place: impl Fn(&Path) -> Box<Path>) -> AlignmentSource {
        let paths = match &mut self {
            AlignmentSource::File(path) => std::slice::from_mut(path),
            AlignmentSource::Files(paths) => paths,
            AlignmentSource::Lines(lines) => std::slice::from_mut(&mut lines.file),
            AlignmentSource::Members(members) => std::slice::from_mut(&mut members.archive),
            AlignmentSource::Said(_) => &mut [],
        };
        for path in paths {
            path.0 = place(&path.0);
        }
        self
    }
}

impl Lines {
    pub(crate) fn new(
        file: &Path,
        format: AlignmentFormat,
        header_bytes: u64,
        places: Vec<Place>,
        is_of_utterance: bool,
    ) -> Lines {
        let (file, places) = (AlignmentPath(file.into()), places.into());
        Lines { file, format, header_bytes, places, is_of_utterance }
    }

    /// Reads the header and the lines of the recording.
    fn bytes(&self, root: &Path) -> Result<Vec<u8>, AlignmentError> {
        let before = match self.format {
            AlignmentFormat::Mlf => MASTER_HEAD.as_bytes().to_vec(),
            _ => Vec::new(),
        };
        let header = Place { offset: 0, bytes: self.header_bytes, line: 1 };
        let places: Vec<Place> =
            std::iter::once(header).chain(self.places.iter().copied()).collect();
        read_places(&join(root, &self.file.0), &places, before)
    }
}

/// Reads stretches of a file, one behind the other, behind the bytes that there are.
fn read_places(
    path: &Path,
    places: &[Place],
    mut bytes: Vec<u8>,
) -> Result<Vec<u8>, AlignmentError> {
    let all = places.iter().map(|place| place.bytes).fold(0, u64::saturating_add);
    if all > MAX_FILE_BYTES {
        return Err(AlignmentError::TooLarge { limit_bytes: MAX_FILE_BYTES });
    }
    let opened = open_source(path).map_err(|error| match error {
        OpenError::Io(source) => AlignmentError::Read { source },
        OpenError::NotRegular { .. } => AlignmentError::NotAFile,
    })?;
    let mut file = opened.reader();
    for place in places {
        let mut read = || -> io::Result<()> {
            file.seek(SeekFrom::Start(place.offset))?;
            (&mut file).take(place.bytes).read_to_end(&mut bytes).map(drop)
        };
        read().map_err(|source| AlignmentError::Read { source })?;
    }
    Ok(bytes)
}

impl AlignmentPart<'_> {
    /// Reads it.
    ///
    /// # Errors
    /// As those of [`read_alignment`].
    pub fn read(self, root: &Path, of: Of<'_>) -> Result<Alignment, AlignmentError> {
        match self {
            AlignmentPart::File(path) => read_alignment(&join(root, path), of),
            AlignmentPart::Lines(lines) => {
                // They are those of one recording, whatever the file calls it.
                let of = Of { names: &[], ..of };
                let bytes = lines.bytes(root)?;
                with_labels(lines.format.read(&lines.file.0, &bytes, of)?)
            }
            AlignmentPart::Member(archive, member) => {
                let place = Place { offset: member.offset, bytes: member.bytes, line: 1 };
                let bytes = read_places(&join(root, archive), &[place], Vec::new())?;
                parse_alignment(Path::new(&*member.name), &bytes, of)
            }
            AlignmentPart::Said(alignment) => with_labels(alignment.clone()),
        }
    }

    /// Returns whether its times begin with the utterance, where that is a segment: Kaldi's programs name
    /// the lines of a CTM by utterances, and count their times from those.
    pub fn begins_with_utterance(self) -> bool {
        matches!(self, AlignmentPart::Lines(lines) if lines.is_of_utterance)
    }

    /// Returns its name for messages.
    pub fn shown(self) -> String {
        match self {
            AlignmentPart::File(path) => printable(path),
            AlignmentPart::Lines(lines) => {
                let line = lines.places.first().map_or(1, |place| place.line);
                format!("{}, from line {line} on", printable(&lines.file.0))
            }
            AlignmentPart::Member(archive, member) => {
                format!("{} in {}", member.name, printable(archive))
            }
            AlignmentPart::Said(_) => "the corpus' description".to_owned(),
        }
    }
}
