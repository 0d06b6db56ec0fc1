//! The index of a file with the alignments of many recordings: where the lines of each are.

use std::{
    collections::{HashMap, hash_map::Entry},
    io::{self, BufRead, BufReader, Read as _},
    path::{Path, PathBuf},
};

use ossicle_files::{OpenError, SourceReader, open_source};

use crate::{
    alignment_source::{AlignmentSource, Lines, Place},
    error::Error,
    labels::{AlignmentFormat, CsvColumns, Pattern, master_name},
};

/// The longest line of such a file.
const MAX_LINE_BYTES: u64 = 1 << 20;

/// Where the lines of each recording are in a file.
///
/// It is read once, a line at a time, and a name and a few numbers a recording are kept: the file may be of a
/// million of them.
#[derive(Debug)]
pub(crate) struct MasterIndex {
    file: PathBuf,
    format: AlignmentFormat,
    /// The bytes of the header, which is read with the lines of each recording.
    header_bytes: u64,
    /// By name, without extension and without a `*/` before it.
    places: HashMap<Box<str>, Vec<Place>>,
    /// The names without folders, where no two share one.
    by_base: HashMap<Box<str>, Option<Box<str>>>,
    /// Names that are patterns of more than folders.
    patterns: Vec<(Pattern, Vec<Place>)>,
}

impl MasterIndex {
    /// Reads a file.
    ///
    /// # Errors
    /// It cannot be read; a line that is not one of the format's, or longer than any.
    pub(crate) fn read(path: &Path, format: AlignmentFormat) -> Result<MasterIndex, Error> {
        let opened = open_source(path).map_err(|error| match error {
            OpenError::Io(source) => Error::Open { path: path.to_path_buf(), source },
            OpenError::NotRegular { .. } => Error::NotACorpus { path: path.to_path_buf() },
        })?;
        let mut index = MasterIndex {
            file: path.to_path_buf(),
            format,
            header_bytes: 0,
            places: HashMap::new(),
            by_base: HashMap::new(),
            patterns: Vec::new(),
        };
        let mut input = Input {
            path,
            reader: BufReader::new(opened.reader()),
            line: String::new(),
            at: 0,
            number: 0,
        };
        match format {
            AlignmentFormat::Mlf => index.read_master(&mut input)?,
            AlignmentFormat::Csv => index.read_table(&mut input)?,
            _ => index.read_rows(&mut input, |line| {
                let name = line.split_ascii_whitespace().next().unwrap_or_default();
                (!name.starts_with(";;")).then(|| name.to_owned())
            })?,
        }
        Ok(index)
    }

    /// Reads a master label file: a name, lines, and a point.
    fn read_master(&mut self, input: &mut Input<'_>) -> Result<(), Error> {
        input.next()?;
        while input.next()? {
            if input.line.trim().is_empty() {
                continue;
            }
            let begin = (input.at - input.line.len() as u64, input.number);
            let name = master_name(&input.line, input.number)
                .map_err(|error| input.wrong(&error.to_string()))?;
            while input.next()? && input.line.trim() != "." {}
            let place = Place { offset: begin.0, bytes: input.at - begin.0, line: begin.1 };
            self.add(&name, place);
        }
        Ok(())
    }

    /// Reads a table, whose header says which column names the recording.
    fn read_table(&mut self, input: &mut Input<'_>) -> Result<(), Error> {
        while input.next()? && input.line.trim().is_empty() {}
        self.header_bytes = input.at;
        let columns = CsvColumns::of(&input.line)
            .filter(CsvColumns::has_recordings)
            .ok_or_else(|| input.wrong("expected a column of recordings (file, recording, id)"))?;
        self.read_rows(input, |line| columns.recording(line))
    }

    /// Reads lines that each name their recording.
    fn read_rows(
        &mut self,
        input: &mut Input<'_>,
        name: impl Fn(&str) -> Option<String>,
    ) -> Result<(), Error> {
        let mut open: Option<(String, Place)> = None;
        while input.next()? {
            if input.line.trim().is_empty() {
                continue;
            }
            let Some(name) = name(&input.line) else { continue };
            let offset = input.at - input.line.len() as u64;
            match &mut open {
                Some((known, place)) if *known == name => place.bytes = input.at - place.offset,
                _ => {
                    let place = Place { offset, bytes: input.at - offset, line: input.number };
                    if let Some((name, place)) = open.replace((name, place)) {
                        self.add(&name, place);
                    }
                }
            }
        }
        if let Some((name, place)) = open {
            self.add(&name, place);
        }
        Ok(())
    }

    fn add(&mut self, name: &str, place: Place) {
        let name = name.replace('\\', "/");
        // An extension is that of labels or of a recording; a name may have points of its own.
        let stem = match name.rsplit_once('.') {
            Some((stem, extension)) if is_extension(extension) => stem,
            _ => &name,
        };
        let bare = stem.trim_start_matches("*/").trim_start_matches('/');
        if bare.contains(['*', '?']) {
            self.patterns.push((Pattern::new(bare), vec![place]));
            return;
        }
        let base = bare.rsplit('/').next().unwrap_or(bare);
        match self.by_base.entry(base.into()) {
            Entry::Vacant(entry) => {
                entry.insert(Some(bare.into()));
            }
            Entry::Occupied(mut entry) if entry.get().as_deref() != Some(bare) => {
                entry.insert(None);
            }
            Entry::Occupied(_) => {}
        }
        self.places.entry(bare.into()).or_default().push(place);
    }

    /// The lines of an utterance: by its id, by the path of its recording or the end of that, or by its name
    /// alone.
    pub(crate) fn of(&self, id: &str, stem: &Path) -> Option<AlignmentSource> {
        let path = stem.to_string_lossy().replace('\\', "/");
        let mut ends = std::iter::successors(Some(&*path), |end| Some(end.split_once('/')?.1));
        let base = |name: &str| self.by_base.get(name.rsplit('/').next().unwrap_or(name));
        let by_path = ends.find_map(|name| self.places.get(name));
        let is_of_utterance = by_path.is_none() && self.places.contains_key(id);
        let places = by_path
            .or_else(|| self.places.get(id))
            .or_else(|| {
                let known = [id, &*path].into_iter().find_map(base)?.as_ref()?;
                self.places.get(known)
            })
            .or_else(|| {
                let base = path.rsplit('/').next().unwrap_or(&path);
                let matching = self.patterns.iter();
                let mut matching = matching.filter(|it| it.0.matches(id) || it.0.matches(base));
                matching.next().map(|(_, places)| places)
            })?;
        Some(AlignmentSource::Lines(Box::new(Lines::new(
            &self.file,
            self.format,
            self.header_bytes,
            places.clone(),
            is_of_utterance,
        ))))
    }
}

/// Returns whether what stands behind the last point of a name is an extension that labels or recordings have.
fn is_extension(text: &str) -> bool {
    (2..=5).contains(&text.len())
        && text.bytes().all(|byte| byte.is_ascii_alphanumeric())
        && text.bytes().any(|byte| byte.is_ascii_alphabetic())
}

/// The lines of a file.
struct Input<'a> {
    path: &'a Path,
    reader: BufReader<SourceReader>,
    /// The last line with its end, and where it ends.
    line: String,
    at: u64,
    /// Its number, from 1.
    number: u64,
}

impl Input<'_> {
    /// Reads a line; false behind the last.
    fn next(&mut self) -> Result<bool, Error> {
        self.line.clear();
        self.number += 1;
        let read = self.reader.by_ref().take(MAX_LINE_BYTES + 1).read_line(&mut self.line);
        let read = read.map_err(|source| match source.kind() {
            io::ErrorKind::InvalidData => self.wrong("expected UTF-8, found other bytes"),
            _ => Error::Open { path: self.path.to_path_buf(), source },
        })?;
        if read as u64 > MAX_LINE_BYTES {
            return Err(self.wrong("the line is longer than 1 MiB"));
        }
        self.at += read as u64;
        Ok(read > 0)
    }

    fn wrong(&self, what: &str) -> Error {
        let reason = match what.starts_with("line ") {
            true => what.to_owned(),
            false => format!("line {}: {what}", self.number),
        };
        Error::NotAlignments { path: self.path.to_path_buf(), reason }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::labels::Of;
    use std::fs;

    /// The labels that an index finds for an utterance, with the line that each is on.
    fn labels(path: &Path, format: AlignmentFormat, id: &str, stem: &str) -> Option<Vec<String>> {
        let index = MasterIndex::read(path, format).unwrap();
        let source = index.of(id, Path::new(stem))?;
        let part = source.parts().next().unwrap();
        let found = part.read(Path::new("/"), Of::default()).unwrap();
        Some(found.tiers[0].marks.iter().map(|mark| mark.label.to_string()).collect())
    }

    #[test]
    fn the_lines_of_each_recording_are_found_by_its_id_its_path_or_its_name() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("all");
        fs::write(
            &path,
            "#!MLF!#\n\"*/x.lab\"\n0 1 a\n1 2 b\n.\n\"*/dr1/y.rec\"\n0 1 c\n.\n\"/d/dr2/y.rec\"\n0 1 d\n.\n\"*/z?.lab\"\n0 1 e\n",
        )
        .unwrap();
        let of = |id: &str, stem: &str| labels(&path, AlignmentFormat::Mlf, id, stem);
        assert_eq!(of("s/x", "s/x"), Some(vec!["a".into(), "b".into()]));
        assert_eq!(of("dr1/y", "dr1/y"), Some(vec!["c".into()]));
        assert_eq!(of("any", "e/d/dr2/y"), Some(vec!["d".into()]));
        // Two are called so.
        assert_eq!(of("y", "y"), None);
        assert_eq!(of("s/z1", "s/z1"), Some(vec!["e".into()]));
        assert_eq!(of("s/none", "s/none"), None);
    }

    #[test]
    fn lines_of_a_recording_may_stand_apart_and_headers_go_with_them() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("all");
        fs::write(&path, ";; head\na 1 0 1 x\nb 1 0 1 y\na 1 1 1 z\n").unwrap();
        let of = |name: &str| labels(&path, AlignmentFormat::Ctm, name, name);
        assert_eq!(of("a"), Some(vec!["x".into(), "z".into()]));
        assert_eq!(of("b"), Some(vec!["y".into()]));
        fs::write(&path, "start,end,label,file\n0,1,x,d/a.wav\n0,1,y,\"b.wav\"\n").unwrap();
        let of = |name: &str| labels(&path, AlignmentFormat::Csv, name, name);
        assert_eq!(of("b"), Some(vec!["y".into()]));
        assert_eq!(of("d/a"), Some(vec!["x".into()]));
    }

    #[test]
    fn what_is_wrong_is_named_with_its_line() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("all");
        let error = |format, text: &[u8]| {
            fs::write(&path, text).unwrap();
            MasterIndex::read(&path, format).unwrap_err().to_string()
        };
        let found = error(AlignmentFormat::Mlf, b"#!MLF!#\nx.lab\n0 1 a\n.\n");
        assert!(found.contains("line 2, column 1: expected the quoted name"), "{found}");
        let found = error(AlignmentFormat::Ctm, b"a 1 0 1 x\n\xff\n");
        assert!(found.contains("line 2: expected UTF-8"), "{found}");
        let found = error(AlignmentFormat::Csv, b"start,end,label\n0,1,a\n");
        assert!(found.contains("line 1: expected a column of recordings"), "{found}");
    }
}
