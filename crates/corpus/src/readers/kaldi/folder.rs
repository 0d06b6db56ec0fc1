//! A data folder: its files read, and what must agree checked.

use std::path::Path;

use super::{
    line::Line,
    listing::is_there,
    recordings::{self, Recordings},
    segments,
    speakers::{self, word},
};
use ossicle_files::{Entry, entries};

use crate::{
    corpus::CorpusKind,
    error::Error,
    found::Found,
    ignored::Ignored,
    names::shown,
    readers::{
        faults::{At, Faults},
        reader::Wanted,
        rows::Rows,
        seconds::nanoseconds,
    },
};

/// The file that every data folder has.
pub(super) const WAV_SCP: &str = "wav.scp";

/// The file of features that were computed already.
pub(super) const FEATS_SCP: &str = "feats.scp";

/// The files that are read, besides the list of recordings.
const READ: [&str; 8] = [
    "segments",
    "text",
    "utt2spk",
    "spk2utt",
    "utt2lang",
    "utt2dur",
    "reco2dur",
    "reco2file_and_channel",
];

/// What a data folder says.
#[derive(Debug)]
pub(super) struct DataFolder {
    rows: Rows,
    faults: Faults,
    /// Files of the folder that nothing is read of.
    others: Ignored,
}

impl DataFolder {
    /// Reads a folder. Of millions of utterances only what becomes of them is kept: every file but the lists of
    /// recordings and of segments is read line by line, into their rows.
    ///
    /// - `list`: the recordings and their ids
    /// - `is_whole`: the other files of the folder belong to it
    pub(super) fn read(
        folder: &Path,
        list: &Path,
        is_whole: bool,
        wanted: &Wanted,
    ) -> Result<DataFolder, Error> {
        let mut faults = Faults::default();
        let Recordings { listing: mut recordings, notice } =
            recordings::read(list, wanted.allow_commands, &mut faults)?;
        let beside = |name: &str| {
            let path = folder.join(name);
            (is_whole && is_there(&path)).then_some(path)
        };
        let mut notices = Vec::new();
        let mut segmented = None;
        if let Some(path) = beside("segments") {
            let (segments, unused) = segments::read(&path, &recordings, &mut faults)?;
            notices.extend(unused);
            segmented = Some(segments);
        }
        notices.extend(notice);
        if let Some(path) = beside("reco2dur") {
            recordings.read_beside(&path, "recording", &mut faults, |_, line, faults| {
                check_time(line, faults);
            })?;
        }
        if let Some(path) = beside("reco2file_and_channel") {
            recordings.read_beside(&path, "recording", &mut faults, |_, line, faults| {
                check_file_and_channel(line, faults);
            })?;
        }
        let mut all = segmented.unwrap_or(recordings);
        if let Some(path) = beside("utt2dur") {
            all.read_beside(&path, "utterance", &mut faults, |_, line, faults| {
                check_time(line, faults);
            })?;
        }
        if let Some(path) = beside("utt2spk") {
            speakers::read_of_utterances(&path, &mut all, &mut faults)?;
        }
        if let Some(path) = beside("spk2utt") {
            speakers::read_of_speakers(&path, &mut all, &mut faults)?;
        }
        if let Some(path) = beside("text") {
            all.read_beside(&path, "utterance", &mut faults, |row, line, faults| {
                if let Some(text) = line.text(faults) {
                    check_blanks(line, text, faults);
                    row.columns.push("text", text.into());
                }
            })?;
        }
        if let Some(path) = beside("utt2lang") {
            all.read_beside(&path, "utterance", &mut faults, |row, line, faults| {
                if let Some(language) = word(line, "a language", faults) {
                    row.columns.push("language", language.into());
                }
            })?;
        }
        let mut rows = Rows::new(CorpusKind::Kaldi, all.file, folder);
        // Others have their faults already.
        all.rows.retain(|row| !row.source.as_os_str().is_empty());
        (rows.rows, rows.notices) = (all.rows, notices);
        Ok(DataFolder { rows, faults, others: others(folder) })
    }

    /// Makes utterances of it, after all faults are told.
    pub(super) fn into_found(self, wanted: &Wanted, is_folder: bool) -> Result<Found, Error> {
        let DataFolder { mut rows, faults, others } = self;
        if is_folder {
            rows.ignored = others;
        }
        rows.into_found(wanted, faults)
    }
}

/// Checks a duration. They are not needed: recordings and segments say it.
fn check_time(line: &Line<'_>, faults: &mut Faults) {
    let Some(text) = line.text(faults) else { return };
    if nanoseconds(text).is_none_or(|time| time == 0) {
        faults.add(line.at(), "durations that are none", || {
            format!("expected positive seconds, found `{}`", shown(text))
        });
    }
}

/// Checks the name and the side of a recording, which programs that score have use for.
fn check_file_and_channel(line: &Line<'_>, faults: &mut Faults) {
    let Some(text) = line.text(faults) else { return };
    let words: Vec<&str> = text.split_ascii_whitespace().collect();
    if !matches!(words[..], [_, "A" | "B" | "1" | "2"]) {
        faults.add(line.at(), "lines of another form", || {
            format!("expected a file's name and a side, A or B, found `{}`", shown(text))
        });
    }
}

/// Checks that words have blanks between them that Kaldi's programs know: its own check of texts refuses others.
fn check_blanks(line: &Line<'_>, text: &str, faults: &mut Faults) {
    let is_other = |&(_, c): &(usize, char)| c.is_whitespace() && !matches!(c, ' ' | '\t');
    if let Some((place, c)) = text.char_indices().find(is_other) {
        let at = At { column: line.column + place as u64, ..line.at() };
        faults.add(at, "blanks that are none to Kaldi", || {
            format!(
                "expected a blank between words, found U+{:04X}; put a blank in its place",
                u32::from(c)
            )
        });
    }
}

/// The files in a folder that nothing is read of.
fn others(folder: &Path) -> Ignored {
    let mut others = Ignored::default();
    let Ok(entries) = entries(folder) else { return others };
    let is_other = |entry: &Entry| {
        let name = entry.name();
        name != WAV_SCP && !READ.iter().any(|read| name == *read) && entry.is_own_file()
    };
    entries.filter(is_other).for_each(|entry| others.add(&entry.path));
    others
}
