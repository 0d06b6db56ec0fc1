//! LibriSpeech and LibriTTS: `SUBSET/SPEAKER/CHAPTER`.
//!
//! LibriSpeech (OpenSLR 12, its README) has `SPEAKER-CHAPTER.trans.txt` in each chapter, a line an utterance.
//! LibriTTS (OpenSLR 60) has `NAME.normalized.txt` and `NAME.original.txt` beside each recording.

use std::{
    collections::HashMap,
    io,
    path::{Path, PathBuf},
};

use ossicle_files::{entries, is_file, printable};
use serde_json::Value;

use super::{find, name_of, not_laid_out, stem_of, subfolders, text_in, walk, without_text};
use crate::{
    corpus::CorpusKind,
    error::Error,
    extra::Column,
    format::{CorpusFormat, Given},
    found::Found,
    lines::Lines,
    names::is_split_name,
    readable::if_readable,
    readers::{
        faults::Faults,
        reader::{Description, Reader, Wanted},
        rows::Row,
        text::open_text,
    },
};

/// Reads subsets, each as a split of its name, or one of them.
#[derive(Debug)]
pub(crate) struct Libri;

/// Where the texts of a subset are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Texts {
    /// In a file a chapter.
    OfChapters,
    /// In a file an utterance.
    Beside,
}

impl Reader for Libri {
    fn format(&self) -> CorpusFormat {
        let what = "LibriSpeech or LibriTTS: SUBSET/SPEAKER/CHAPTER";
        CorpusFormat { name: "librispeech", what, given: Given::Folder }
    }

    fn recognises(&self, description: &Description<'_>, _: &Wanted) -> io::Result<bool> {
        Ok(description.is_folder && Subsets::find(description.path)?.is_some())
    }

    fn read(&self, description: &Description<'_>, wanted: &Wanted) -> Result<Found, Error> {
        let path = description.path;
        let found = Subsets::find(path);
        let found = found.map_err(|source| Error::Open { path: path.to_path_buf(), source })?;
        match found {
            Some(subsets) => subsets.read(wanted),
            None => Err(not_laid_out(
                path,
                "SUBSET/SPEAKER/CHAPTER with a SPEAKER-CHAPTER.trans.txt, or with a NAME.normalized.txt \
                 beside each recording",
            )),
        }
    }
}

/// The subsets that are read.
struct Subsets {
    root: PathBuf,
    folders: Vec<PathBuf>,
    texts: Texts,
}

impl Subsets {
    fn find(given: &Path) -> io::Result<Option<Subsets>> {
        let has_subsets = |folder: &Path| Ok(!subsets_in(folder)?.is_empty());
        let root = match texts_of_subset(given)? {
            Some(texts) => {
                let folders = vec![given.to_path_buf()];
                return Ok(Some(Subsets { root: given.to_path_buf(), folders, texts }));
            }
            None => find(given, has_subsets)?,
        };
        let Some(root) = root else { return Ok(None) };
        let subsets = subsets_in(&root)?;
        let Some(&(_, texts)) = subsets.first() else { return Ok(None) };
        let folders = subsets.into_iter().map(|(folder, _)| folder).collect();
        Ok(Some(Subsets { root, folders, texts }))
    }

    fn read(self, wanted: &Wanted) -> Result<Found, Error> {
        let Subsets { root, folders, texts } = self;
        let kind = match texts {
            Texts::OfChapters => CorpusKind::LibriSpeech,
            Texts::Beside => CorpusKind::LibriTts,
        };
        let (mut rows, recordings) = walk(kind, &root, &folders, wanted)?;
        let is_whole = folders[0] != root;
        rows.has_splits = is_whole || is_split_name(&name_of(&root));
        for row in &mut rows.closed {
            row.split = Some(subset_of(&row.source, &root, is_whole).into());
        }
        let mut chapter = (PathBuf::new(), HashMap::new());
        for source in recordings {
            let folder = source.parent().unwrap_or(Path::new("")).to_path_buf();
            if folder != chapter.0 && texts == Texts::OfChapters {
                let texts = texts_of_chapter(&root.join(&folder))?;
                if !texts.is_empty() {
                    rows.ignored.remove(Path::new("a.trans.txt"));
                }
                chapter = (folder.clone(), texts);
            }
            let id = stem_of(&source, wanted);
            let mut columns: Vec<(String, Value)> = Vec::new();
            match texts {
                Texts::OfChapters => {
                    let text = chapter.1.remove(&id);
                    columns.extend(text.map(|text| ("text".to_owned(), text.into())));
                }
                Texts::Beside => {
                    for (name, end) in [("text", "normalized"), ("original_text", "original")] {
                        let file = root.join(&folder).join(format!("{id}.{end}.txt"));
                        if let Some(text) = text_in(&file) {
                            rows.ignored.remove(&file);
                            columns.push((name.to_owned(), text.into()));
                        }
                    }
                }
            }
            let Ok(columns) = Column::all(columns) else { unreachable!("these names differ") };
            rows.rows.push(Row {
                id: Some(id.into()),
                speaker: folder.parent().map(|speaker| name_of(speaker).into()),
                split: Some(subset_of(&source, &root, is_whole).into()),
                columns,
                source: source.into(),
                ..Row::default()
            });
        }
        rows.notices.extend(without_text(&rows));
        rows.into_found(wanted, Faults::default())
    }
}

/// The name of the subset that something is in.
///
/// - `is_whole`: whether the root has subsets, and is none itself
fn subset_of(source: &Path, root: &Path, is_whole: bool) -> String {
    match source.iter().next() {
        Some(first) if is_whole => name_of(Path::new(first)),
        _ => name_of(root),
    }
}

/// The subsets in a folder, in order, with where their texts are.
fn subsets_in(folder: &Path) -> io::Result<Vec<(PathBuf, Texts)>> {
    let mut subsets = Vec::new();
    for subset in subfolders(folder)? {
        if let Some(texts) = texts_of_subset(&subset)? {
            subsets.push((subset, texts));
        }
    }
    Ok(subsets)
}

/// Where the texts of a subset are, which a look into its first chapter tells; none where it is no subset.
fn texts_of_subset(folder: &Path) -> io::Result<Option<Texts>> {
    let numbered = |folders: Vec<PathBuf>| folders.into_iter().find(|folder| is_number(folder));
    let Some(speaker) = numbered(subfolders(folder)?) else { return Ok(None) };
    let Some(chapter) = numbered(subfolders(&speaker)?) else { return Ok(None) };
    let Some(entries) = if_readable(entries(&chapter))? else { return Ok(None) };
    let names = entries.map(|entry| entry.name());
    let ends: Vec<Texts> = names
        .filter_map(|name| {
            let name = name.as_encoded_bytes();
            match () {
                () if name.ends_with(b".trans.txt") => Some(Texts::OfChapters),
                () if name.ends_with(b".normalized.txt") => Some(Texts::Beside),
                () => None,
            }
        })
        .collect();
    Ok(match ends.contains(&Texts::OfChapters) {
        true => Some(Texts::OfChapters),
        false => ends.first().copied(),
    })
}

fn is_number(folder: &Path) -> bool {
    let name = folder.file_name().unwrap_or_default().as_encoded_bytes();
    !name.is_empty() && name.iter().all(u8::is_ascii_digit)
}

/// The texts of a chapter by their ids; none where they cannot be read.
///
/// # Errors
/// The file is no text.
fn texts_of_chapter(folder: &Path) -> Result<HashMap<String, String>, Error> {
    let mut texts = HashMap::new();
    let chapter = name_of(folder);
    let speaker = name_of(folder.parent().unwrap_or(Path::new("")));
    let path = folder.join(format!("{speaker}-{chapter}.trans.txt"));
    if !is_file(&path) {
        return Ok(texts);
    }
    let file = printable(&path);
    let mut input = open_text(&path)?;
    let mut lines = Lines::new(&mut *input, &file);
    while let Some((line, text)) = lines.next_line()? {
        let text = std::str::from_utf8(text)
            .map_err(|_| Error::LineNotUtf8 { file: file.clone(), line })?;
        let (id, text) = text.split_once(char::is_whitespace).unwrap_or((text, ""));
        texts.insert(id.to_owned(), text.trim().to_owned());
    }
    Ok(texts)
}
