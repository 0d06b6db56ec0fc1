//! Speech Commands: a folder a word, and lists of what is for validation and for the test.
//!
//! The layout is that of version 0.02 (P. Warden, "Speech Commands: a dataset for limited-vocabulary speech
//! recognition", 2018, and the corpus' README): `WORD/SPEAKER_nohash_NUMBER.wav`, `validation_list.txt`,
//! `testing_list.txt`, and minutes of noise in `_background_noise_`.

use std::{
    collections::HashMap,
    io,
    path::{Path, PathBuf},
};

use ossicle_files::{be, counted, is_file, path_from_bytes, printable};

use super::{find, name_of, not_laid_out, stem_of, walk};
use crate::{
    corpus::CorpusKind,
    error::Error,
    extra::Column,
    format::{CorpusFormat, Given},
    found::Found,
    left_out::Reason,
    lines::Lines,
    readers::{
        faults::Faults,
        reader::{Description, Reader, Wanted},
        rows::Row,
        text::open_text,
    },
};

/// Reads the folder, in three splits.
#[derive(Debug)]
pub(crate) struct SpeechCommands;

/// The lists, and the splits that they make; what neither names is for training.
const LISTS: [(&str, &str); 2] = [("validation_list.txt", "valid"), ("testing_list.txt", "test")];
const NOISE: &str = "_background_noise_";

impl Reader for SpeechCommands {
    fn format(&self) -> CorpusFormat {
        let what = "Speech Commands: a folder a word, validation_list.txt and testing_list.txt";
        CorpusFormat { name: "speech-commands", what, given: Given::Folder }
    }

    fn recognises(&self, description: &Description<'_>, _: &Wanted) -> io::Result<bool> {
        Ok(description.is_folder && find(description.path, has_lists)?.is_some())
    }

    fn read(&self, description: &Description<'_>, wanted: &Wanted) -> Result<Found, Error> {
        let path = description.path;
        let root = find(path, has_lists);
        let root = root.map_err(|source| Error::Open { path: path.to_path_buf(), source })?;
        let Some(root) = root else {
            return Err(not_laid_out(path, "validation_list.txt and testing_list.txt"));
        };
        let mut split_of: HashMap<PathBuf, (&str, bool)> = HashMap::new();
        for (list, split) in LISTS {
            read_list(&root.join(list), split, &mut split_of)?;
        }
        let starts = [root.clone()];
        let (mut rows, recordings) = walk(CorpusKind::SpeechCommands, &root, &starts, wanted)?;
        rows.has_splits = true;
        rows.closed.iter_mut().for_each(|row| row.split = Some("train".into()));
        LISTS.iter().for_each(|(list, _)| rows.ignored.remove(Path::new(list)));
        let mut noise = 0_u64;
        for source in recordings {
            let word = name_of(source.parent().unwrap_or(Path::new("")));
            if word == NOISE {
                noise += 1;
                rows.left_out.add(Reason::BackgroundNoise, &printable(&source));
                continue;
            }
            let stem = stem_of(&source, wanted);
            let split = match split_of.get_mut(&source) {
                Some((split, is_there)) => {
                    *is_there = true;
                    *split
                }
                None => "train",
            };
            // Of `0a7c2a8d_nohash_0` the first word is a hash of who speaks.
            let speaker = stem.split_once("_nohash_").map(|(speaker, _)| speaker.into());
            let label = [("label".to_owned(), word.as_str().into())];
            let Ok(columns) = Column::all(label) else { unreachable!("it is one name") };
            rows.rows.push(Row {
                id: Some(format!("{word}/{stem}").into()),
                speaker,
                split: Some(split.into()),
                columns,
                source: source.into(),
                ..Row::default()
            });
        }
        let missing = split_of.values().filter(|(_, is_there)| !is_there).count();
        if missing > 0 {
            rows.notices.push(format!(
                "{}: {} that its lists name {} not there",
                rows.file,
                counted(missing as u64, "recording"),
                be(missing as u64)
            ));
        }
        if noise > 0 {
            rows.notices.push(format!(
                "{}: {} of noise, in {NOISE}, {} left out",
                rows.file,
                counted(noise, "recording"),
                be(noise)
            ));
        }
        rows.into_found(wanted, Faults::default())
    }
}

fn has_lists(folder: &Path) -> io::Result<bool> {
    Ok(LISTS.iter().all(|(list, _)| is_file(&folder.join(list))))
}

/// Adds the recordings that a list names to those whose split is known.
fn read_list(
    path: &Path,
    split: &'static str,
    split_of: &mut HashMap<PathBuf, (&'static str, bool)>,
) -> Result<(), Error> {
    let file = printable(path);
    let mut input = open_text(path)?;
    let mut lines = Lines::new(&mut *input, &file);
    while let Some((line, text)) = lines.next_line()? {
        let named = path_from_bytes(text.trim_ascii())
            .ok_or_else(|| Error::LineNotUtf8 { file: file.clone(), line })?;
        split_of.insert(named, (split, false));
    }
    Ok(())
}
