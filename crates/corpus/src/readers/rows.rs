//! The rows of a description, of any kind, as utterances.

use std::{
    collections::{BTreeSet, HashMap},
    io::ErrorKind,
    path::{Path, PathBuf},
    sync::Arc,
};

use ossicle_files::{
    absolute, below, is_absolute, is_url, join, look, metadata_of_files, printable, simple,
};

use crate::{
    alignment_source::AlignmentSource,
    corpus::CorpusKind,
    error::Error,
    extra::{Columns, Extra},
    found::{Found, Place},
    from_back::from_back,
    held::Held,
    ignored::Ignored,
    labels::Alignment,
    left_out::{Reason, Reasons},
    lines::MAX_PATH_BYTES,
    names::{assign_ids, collisions_of, is_split_name, shown},
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
#[derive(Debug)]
pub(crate) struct Row {
    /// The line that says it, from 1.
    pub(crate) line: u64,
    /// Its name, spelled as ids are; none where the path is its name.
    pub(crate) id: Option<Box<str>>,
    /// Its recording, as written.
    pub(crate) source: Arc<Path>,
    pub(crate) speaker: Option<Box<str>>,
    /// Its split; none where the description leaves it empty.
    pub(crate) split: Option<Box<str>>,
    /// Which part of that file it is.
    pub(crate) extra: Option<Box<Extra>>,
    pub(crate) columns: Columns,
    /// What the description itself says of when what is said.
    pub(crate) alignment: Option<Box<Alignment>>,
}

impl Default for Row {
    fn default() -> Row {
        Row {
            line: 0,
            id: None,
            source: Path::new("").into(),
            speaker: None,
            split: None,
            extra: None,
            columns: Columns::default(),
            alignment: None,
        }
    }
}

impl Row {
    /// Where in its file its recording is, if that has none of its own.
    pub(crate) fn held(&self) -> Option<&Held> {
        self.extra.as_ref()?.held()
    }

    /// Which part of its file it is.
    pub(crate) fn part(&mut self) -> &mut Extra {
        self.extra.get_or_insert_default()
    }
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
    /// Those that stand for folders that cannot be read.
    pub(crate) closed: Vec<Row>,
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
            closed: Vec::new(),
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
        self.rows.append(&mut self.closed);
        let root = self.place_sources()?;
        self.give_ids(wanted)?;
        let (splits, places) = self.places(wanted);
        let mut alignments = Alignments::beside(&root, wanted.tiers);
        let mut utterances: Vec<Utterance> = Vec::with_capacity(self.rows.len());
        for row in from_back(self.rows) {
            let is_alone = row.held().is_none();
            let Row { id, source, speaker, extra, columns, alignment, .. } = row;
            let id = id.unwrap_or_default();
            // Beside an archive lies nothing that is one recording's.
            let alignment = match (alignment, is_alone) {
                (Some(said), _) => Some(AlignmentSource::Said(said)),
                (None, true) => alignments.of(&source, wanted.sought),
                (None, false) => None,
            };
            // Segments of a recording follow one another, and it is looked at once.
            let utterance = match utterances.last() {
                Some(last) if *last.source == *source => {
                    let (size_bytes, modified_ns) = (last.size_bytes, last.modified_ns);
                    let source = Arc::clone(&last.source);
                    Utterance { size_bytes, modified_ns, ..Utterance::of(id, source) }
                }
                _ => Utterance::look_at(id, &root, source),
            };
            utterances.push(Utterance { alignment, speaker, columns, extra, ..utterance });
        }
        utterances.reverse();
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
                && !is_url(&row.source)
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
            if row.id.as_ref().is_some_and(|id| id.is_empty()) {
                faults.add(at, "empty ids", || "expected an id, found nothing".into());
            }
            if let Some(Span::Nanoseconds { start, end: Some(end) }) =
                row.extra.as_ref().and_then(|extra| extra.span())
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
            || self.rows.iter().map(|row| &*row.source).filter(|path| !is_absolute(path));
        let base = find_base(&self.own, self.inside, relative());
        let root = base.clone().unwrap_or_else(|| self.own.clone());
        if base.is_some() && root != self.own {
            self.notices.push(format!(
                "{}: paths are taken relative to {}, where its recordings are",
                self.file,
                printable(&root)
            ));
        }
        let absolute_root =
            absolute(&root).map_err(|source| Error::Open { path: root.clone(), source })?;
        for row in &mut self.rows {
            let below = below(&row.source, &absolute_root);
            // `./a.wav` and `a.wav` are one recording. `..` stays: past a link it leads elsewhere.
            let placed = simple(below);
            if *placed != *row.source {
                row.source = placed.into();
            }
        }
        let urls = self.rows.iter().map(|row| join(&root, &row.source)).filter(|path| is_url(path));
        let mut urls: Vec<PathBuf> = urls.collect();
        urls.dedup();
        // All at once, where each is a request; what is answered is kept for those who ask one by one.
        drop(metadata_of_files(&urls));
        let is_missing = |row: &Row| {
            let looked = look(&join(&root, &row.source));
            looked.is_err_and(|error| {
                matches!(error.kind(), ErrorKind::NotFound | ErrorKind::NotADirectory)
            })
        };
        if self.rows.iter().all(is_missing) {
            let first = self.rows.iter().min_by_key(|row| row.line);
            return Err(Error::NoneExists {
                list: self.file.clone(),
                paths: self.rows.len() as u64,
                first: first.map(|row| join(&root, &row.source)).unwrap_or_default(),
                base: format!(
                    "its own folder, {}, to one above it, or to the current one",
                    printable(&self.own)
                ),
            });
        }
        Ok(root)
    }

    /// Gives ids to those that the description has none for, made of their paths. Of a recording that several
    /// rows name, each has its stretch too.
    fn give_ids(&mut self, wanted: &Wanted) -> Result<(), Error> {
        let mut unnamed: Vec<u32> = (0..self.rows.len() as u32)
            .filter(|&number| self.rows[number as usize].id.is_none())
            .collect();
        let source = |&number: &u32| &*self.rows[number as usize].source;
        // The sort is stable: the first row of a recording comes first.
        unnamed.sort_by(|a, b| source(a).cmp(source(b)));
        let alike = || unnamed.chunk_by(|a, b| source(a) == source(b));
        let sources: Vec<&Path> = alike().map(|alike| source(&alike[0])).collect();
        let counts: Vec<u32> = alike().map(|alike| alike.len() as u32).collect();
        let made = assign_ids(&sources, wanted.sought).map_err(|(a, b)| {
            let first = |of: usize| alike().nth(of).map_or(0, |alike| alike[0] as usize);
            self.twice(&printable(sources[a]), first(a), first(b))
        })?;
        let mut rest = &unnamed[..];
        for (id, count) in made.into_iter().zip(counts) {
            let (alike, others) = rest.split_at(count as usize);
            for &number in alike {
                let row = &mut self.rows[number as usize];
                let id = match row.extra.as_ref().and_then(|extra| extra.span()) {
                    Some(span) if count > 1 => format!("{id}_{}", span_in_words(span)),
                    _ => id.clone(),
                };
                row.id = Some(id.into());
            }
            rest = others;
        }
        let id = |number: usize| self.rows[number].id.as_deref().unwrap_or_default();
        match collisions_of(self.rows.len(), id)[..] {
            [a, b, ..] => Err(self.twice(id(a), a, b)),
            _ => Ok(()),
        }
    }

    /// The error of two rows with one id.
    fn twice(&self, id: &str, a: usize, b: usize) -> Error {
        let (a, b) = (&self.rows[a], &self.rows[b]);
        let (first, second) = if a.line <= b.line { (a, b) } else { (b, a) };
        let place = |row: &Row| match row.held() {
            Some(Held::Row { row: number, .. }) => {
                format!("row {number} of {}", printable(&row.source))
            }
            // Rows of tables are counted from 0, as those who have such tables count them.
            _ if self.kind == CorpusKind::Parquet => {
                format!("row {} of {}", row.line - 1, self.file)
            }
            _ => format!("line {} of {}", row.line, self.file),
        };
        Error::DuplicateId { id: id.into(), first: place(first), second: place(second) }
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
