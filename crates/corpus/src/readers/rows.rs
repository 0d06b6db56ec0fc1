//! The rows of a description, of any kind, as utterances.

use std::{
    collections::{BTreeSet, HashMap},
    fs,
    io::ErrorKind,
    path::{Component, Path, PathBuf},
};

use ossicle_files::printable;

use crate::{
    alignment_source::AlignmentSource,
    corpus::CorpusKind,
    error::Error,
    extra::{Columns, Extra},
    found::{Found, Place},
    held::Held,
    ignored::Ignored,
    labels::Alignment,
    left_out::{Reason, Reasons},
    lines::MAX_PATH_BYTES,
    names::{assign_ids, collisions, is_split_name, shown},
    readers::{
        base::find_base,
        beside::Alignments,
        faults::{At, Faults},
        reader::Wanted,
        seconds::{seconds, span_in_words},
    },
    span::Span,
    utterance::Utterance,
};

/// What a description says of one utterance.
#[derive(Debug, Default)]
pub(crate) struct Row {
    /// The line that says it, from 1.
    pub(crate) line: u64,
    /// Its name, spelled as ids are; none where the path is its name.
    pub(crate) id: Option<String>,
    /// Its recording, as written.
    pub(crate) source: PathBuf,
    /// Where in that file it is, if it has none of its own.
    pub(crate) held: Option<Box<Held>>,
    pub(crate) speaker: Option<Box<str>>,
    /// Its split; none where the description leaves it empty.
    pub(crate) split: Option<String>,
    pub(crate) span: Option<Span>,
    pub(crate) channel: Option<u16>,
    pub(crate) columns: Columns,
    /// What the description itself says of when what is said.
    pub(crate) alignment: Option<Box<Alignment>>,
}

/// All rows of a description.
#[derive(Debug)]
pub(crate) struct Rows {
    pub(crate) kind: CorpusKind,
    /// The file's printable name.
    pub(crate) file: String,
    /// The folder that it is in.
    pub(crate) own: PathBuf,
    /// Folders in it that recordings of such descriptions lie in.
    pub(crate) inside: &'static [&'static str],
    pub(crate) rows: Vec<Row>,
    /// The description has a place for splits.
    pub(crate) has_splits: bool,
    pub(crate) ignored: Ignored,
    /// Recordings among them.
    pub(crate) left_out: Reasons,
    /// The folders that were searched.
    pub(crate) walked: BTreeSet<PathBuf>,
    pub(crate) notices: Vec<String>,
}

impl Rows {
    /// No rows yet, of a description in a file.
    pub(crate) fn new(kind: CorpusKind, file: String, own: &Path) -> Rows {
        Rows {
            kind,
            file,
            own: own.to_path_buf(),
            inside: &[],
            rows: Vec::new(),
            has_splits: false,
            ignored: Ignored::default(),
            left_out: Reasons::default(),
            walked: BTreeSet::new(),
            notices: Vec::new(),
        }
    }

    /// Makes utterances of them, after all that is wrong with them is told.
    ///
    /// - `faults`: those that were found while they were read
    ///
    /// # Errors
    /// Faults; no row; no recording that exists; two utterances with one id.
    pub(crate) fn into_found(
        mut self,
        wanted: &Wanted,
        mut faults: Faults,
    ) -> Result<Found, Error> {
        self.check(&mut faults);
        faults.check(&self.file)?;
        if self.rows.is_empty() {
            return Err(Error::DescriptionEmpty { file: self.file });
        }
        let root = self.place_sources()?;
        let ids = self.ids(wanted)?;
        let (splits, places) = self.places(wanted);
        let mut alignments = Alignments::beside(&root, wanted.tiers);
        let mut utterances: Vec<Utterance> = Vec::with_capacity(self.rows.len());
        for (row, id) in self.rows.into_iter().zip(ids) {
            let Row { source, held, speaker, span, channel, columns, alignment, .. } = row;
            // Beside an archive lies nothing that is one recording's.
            let alignment = match (alignment, held.is_none()) {
                (Some(said), _) => Some(AlignmentSource::Said(said)),
                (None, true) => alignments.of(&source, wanted.sought),
                (None, false) => None,
            };
            // Segments of a recording follow one another, and it is looked at once.
            let mut utterance = match utterances.last() {
                Some(last) if *last.source == *source => {
                    Utterance { id: id.into(), extra: None, ..last.clone() }
                }
                _ => Utterance::look_at(id, &root, source),
            };
            let extra = Extra { span, channel, held, columns };
            utterance.extra = (extra != Extra::default()).then(|| Box::new(extra));
            utterances.push(Utterance { alignment, speaker, ..utterance });
        }
        Ok(Found {
            splits,
            places,
            unplaced: Reason::NoSplit,
            ignored: self.ignored,
            left_out: self.left_out,
            walked: self.walked,
            notices: self.notices,
            ..Found::unsplit(self.kind, &root, utterances)
        })
    }

    /// Finds faults that descriptions of every kind can have.
    fn check(&self, faults: &mut Faults) {
        for row in &self.rows {
            let at = At { file: &self.file, line: row.line, column: 0 };
            let text = row.source.to_string_lossy();
            if row.source.file_name().is_none() {
                faults.add(at, "no path of a recording", || {
                    format!("expected the path of a recording, found `{}`", shown(&text))
                });
            }
            let bytes = row.source.as_os_str().len();
            if bytes > MAX_PATH_BYTES {
                faults.add(at, "paths that are too long", || {
                    format!("expected a path, found {bytes} bytes: `{}`", shown(&text))
                });
            }
            if let Some((scheme, _)) = text.split_once("://")
                && scheme.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'+')
            {
                faults.add(at, "addresses instead of paths", || {
                    format!(
                        "expected a path, found the address `{}`; fetch it, and name the file",
                        shown(&text)
                    )
                });
            }
            if let Some(split) = row.split.as_ref().filter(|split| !is_split_name(split)) {
                faults.add(at, "splits of names that none can have", || {
                    format!(
                        "`{}` cannot name a split; a name has letters, digits, `_` and `-` and \
                         begins with a letter or a digit",
                        shown(split)
                    )
                });
            }
            if row.id.as_ref().is_some_and(String::is_empty) {
                faults.add(at, "empty ids", || "expected an id, found nothing".into());
            }
            if let Some(Span::Nanoseconds { start, end: Some(end) }) = row.span
                && end <= start
            {
                faults.add(at, "stretches that end before they start", || {
                    format!("it starts at {} s and ends at {} s", seconds(start), seconds(end))
                });
            }
        }
    }

    /// Makes sources relative to the folder that they are found in, which is returned.
    fn place_sources(&mut self) -> Result<PathBuf, Error> {
        let relative =
            || self.rows.iter().map(|row| &*row.source).filter(|path| path.is_relative());
        let base = find_base(&self.own, self.inside, relative());
        let root = base.clone().unwrap_or_else(|| self.own.clone());
        if base.is_some() && root != self.own {
            self.notices.push(format!(
                "{}: paths are taken relative to {}, where its recordings are",
                self.file,
                printable(&root)
            ));
        }
        let absolute_root = std::path::absolute(&root)
            .map_err(|source| Error::Open { path: root.clone(), source })?;
        for row in &mut self.rows {
            let below = row.source.strip_prefix(&absolute_root).unwrap_or(&row.source);
            // `./a.wav` and `a.wav` are one recording. `..` stays: past a link it leads elsewhere.
            let parts = below.components().filter(|part| !matches!(part, Component::CurDir));
            row.source = parts.collect();
        }
        let is_missing = |row: &Row| {
            let looked = fs::symlink_metadata(root.join(&row.source));
            looked.is_err_and(|error| {
                matches!(error.kind(), ErrorKind::NotFound | ErrorKind::NotADirectory)
            })
        };
        if self.rows.iter().all(is_missing) {
            let first = self.rows.iter().min_by_key(|row| row.line);
            return Err(Error::NoneExists {
                list: self.file.clone(),
                paths: self.rows.len() as u64,
                first: first.map(|row| root.join(&row.source)).unwrap_or_default(),
                base: format!(
                    "its own folder, {}, to one above it, or to the current one",
                    printable(&self.own)
                ),
            });
        }
        Ok(root)
    }

    /// The ids, as the description has them, or else made of the paths. Of a recording that several rows
    /// name, each has its stretch too.
    fn ids(&self, wanted: &Wanted) -> Result<Vec<String>, Error> {
        let place = |row: &Row| match row.held.as_deref() {
            Some(Held::Row { row: number, .. }) => {
                format!("row {number} of {}", printable(&row.source))
            }
            _ => format!("line {} of {}", row.line, self.file),
        };
        let twice = |id: &str, a: &Row, b: &Row| {
            let (first, second) = if a.line <= b.line { (a, b) } else { (b, a) };
            Error::DuplicateId { id: id.into(), first: place(first), second: place(second) }
        };
        let mut rows_of: HashMap<&Path, u64> = HashMap::new();
        for row in self.rows.iter().filter(|row| row.id.is_none()) {
            *rows_of.entry(&row.source).or_default() += 1;
        }
        let mut sources: Vec<PathBuf> = rows_of.keys().map(|path| path.to_path_buf()).collect();
        sources.sort_unstable();
        let row_of = |source: &Path| {
            let of_it = |row: &&Row| row.id.is_none() && *row.source == *source;
            self.rows.iter().find(of_it)
        };
        let made = assign_ids(&sources, wanted.sought).map_err(|(a, b)| {
            match (row_of(&sources[a]), row_of(&sources[b])) {
                (Some(first), Some(second)) => twice(&printable(&sources[a]), first, second),
                _ => unreachable!("sources are those of rows"),
            }
        })?;
        let made: HashMap<&Path, String> = sources.iter().map(PathBuf::as_path).zip(made).collect();
        let id = |row: &Row| match (&row.id, row.span) {
            (Some(id), _) => id.clone(),
            (None, Some(span)) if rows_of[&*row.source] > 1 => {
                format!("{}_{}", made[&*row.source], span_in_words(span))
            }
            (None, _) => made[&*row.source].clone(),
        };
        let ids: Vec<String> = self.rows.iter().map(id).collect();
        match collisions(&ids)[..] {
            [a, b, ..] => Err(twice(&ids[a], &self.rows[a], &self.rows[b])),
            _ => Ok(ids),
        }
    }

    /// The splits in the order in which they come first, and the place of each row in them.
    fn places(&self, wanted: &Wanted) -> (Vec<String>, Vec<Place>) {
        if !self.has_splits || wanted.one_split {
            let place = Place { split: Some(0), left_out: false };
            return (vec!["all".into()], vec![place; self.rows.len()]);
        }
        let mut splits: Vec<String> = Vec::new();
        let mut numbers: HashMap<&str, u32> = HashMap::new();
        let mut places = Vec::with_capacity(self.rows.len());
        for row in &self.rows {
            let split = row.split.as_deref().map(|name| {
                *numbers.entry(name).or_insert_with(|| {
                    splits.push(name.to_owned());
                    splits.len() as u32 - 1
                })
            });
            places.push(Place { split, left_out: false });
        }
        (splits, places)
    }
}
