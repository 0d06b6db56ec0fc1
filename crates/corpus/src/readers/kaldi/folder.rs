//! A data folder: its files read, and what must agree checked.

use std::{
    collections::{BTreeMap, HashMap, HashSet},
    fs,
    path::{Path, PathBuf},
};

use ossicle_files::percent_escaped;
use serde_json::Value;

use super::{
    recordings::{Source, Sources, sources},
    table::{Line, Table},
};
use crate::{
    corpus::CorpusKind,
    error::Error,
    extra::Column,
    found::Found,
    held::Held,
    ignored::Ignored,
    names::shown,
    readers::{
        faults::{At, Faults},
        reader::Wanted,
        rows::{Row, Rows},
        seconds::nanoseconds,
    },
    span::Span,
};

/// The file that every data folder has.
pub(super) const WAV_SCP: &str = "wav.scp";

/// The file of features that were computed already.
pub(super) const FEATS_SCP: &str = "feats.scp";

/// The files that are read, besides the list of recordings.
const READ: [&str; 7] =
    ["segments", "text", "utt2spk", "spk2utt", "utt2lang", "utt2dur", "reco2dur"];

/// What a data folder says.
#[derive(Debug)]
pub(super) struct DataFolder {
    rows: Rows,
    faults: Faults,
    /// Files of the folder that nothing is read of.
    others: Ignored,
}

impl DataFolder {
    /// Reads a folder.
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
        let recordings = Table::read(list, &mut faults)?;
        let mut files: BTreeMap<&str, Table> = BTreeMap::new();
        for name in READ.iter().filter(|_| is_whole) {
            if let Some(table) = Table::read_optional(&folder.join(name), &mut faults)? {
                files.insert(name, table);
            }
        }
        let Sources { of_lines: sources, notice } =
            sources(list, &recordings, wanted.allow_commands, &mut faults);
        let mut recordings_of = HashMap::new();
        let mut all = match files.get("segments") {
            Some(segments) => {
                let mut all = Rows::new(CorpusKind::Kaldi, segments.file.clone(), folder);
                all.rows = segments_of(segments, &recordings, &sources, &mut faults);
                for line in &segments.lines {
                    let recording = line.value.split(u8::is_ascii_whitespace).next();
                    let recording = percent_escaped(recording.unwrap_or_default());
                    recordings_of.insert(&*line.key, recording);
                }
                all.notices.extend(unused(&all.rows, &recordings, &sources));
                all
            }
            None => {
                let mut all = Rows::new(CorpusKind::Kaldi, recordings.file.clone(), folder);
                all.rows = whole(&recordings, &sources);
                all
            }
        };
        all.notices.extend(notice);
        let main = files.get("segments").unwrap_or(&recordings);
        check_times(&files, "utt2dur", main, "utterance", &mut faults);
        check_times(&files, "reco2dur", &recordings, "recording", &mut faults);
        let mut speakers = speakers(&files, main, &mut faults);
        add_columns(&mut all.rows, &files, &recordings_of, main, &mut faults);
        for row in &mut all.rows {
            row.speaker = speakers.remove(row.id.as_deref().unwrap_or_default());
        }
        Ok(DataFolder { rows: all, faults, others: others(folder) })
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

/// Every recording as an utterance.
fn whole(recordings: &Table, sources: &[Option<Source>]) -> Vec<Row> {
    let row = |(line, source): (&Line, &Option<Source>)| {
        // A line without a recording has its fault already.
        let Source { path, held } = source.clone()?;
        let id = Some(line.key.to_string());
        Some(Row { line: line.number, id, source: path, held, ..Row::default() })
    };
    recordings.lines.iter().zip(sources).filter_map(row).collect()
}

/// The stretches of recordings that are the utterances.
fn segments_of(
    segments: &Table,
    recordings: &Table,
    sources: &[Option<Source>],
    faults: &mut Faults,
) -> Vec<Row> {
    let places: HashMap<&str, usize> =
        recordings.lines.iter().enumerate().map(|(place, line)| (&*line.key, place)).collect();
    let mut rows = Vec::with_capacity(segments.lines.len());
    for line in &segments.lines {
        let Some(text) = segments.text(line, faults) else { continue };
        let at = segments.at(line);
        let words: Vec<&str> = text.split_ascii_whitespace().collect();
        let (recording, start, end, channel) = match words[..] {
            // -1 is every channel there is.
            [recording, start, end] | [recording, start, end, "-1"] => {
                (recording, start, end, Some(None))
            }
            [recording, start, end, channel] => {
                (recording, start, end, channel.parse().ok().map(Some))
            }
            _ => {
                faults.add(at, "segments of another form", || {
                    format!(
                        "expected `utterance recording start end`, found {} words",
                        words.len() + 1
                    )
                });
                continue;
            }
        };
        let recording = percent_escaped(recording.as_bytes());
        let Some(&place) = places.get(&*recording) else {
            faults.add(at, "segments of recordings that are not there", || {
                format!("the recording `{}` is not in {}", shown(&recording), recordings.file)
            });
            continue;
        };
        let is_open = is_minus_one(end);
        let (Some(start_ns), Some(end_ns), Some(channel)) =
            (nanoseconds(start), if is_open { Some(0) } else { nanoseconds(end) }, channel)
        else {
            faults.add(at, "times that are none", || {
                format!(
                    "expected seconds (an end of -1 is the recording's), found `{}`",
                    shown(&words[1..].join(" "))
                )
            });
            continue;
        };
        let Some(Source { path, held }) = sources[place].clone() else { continue };
        let end = (!is_open).then_some(end_ns);
        rows.push(Row {
            line: line.number,
            id: Some(line.key.to_string()),
            source: path,
            held,
            span: Some(Span::Nanoseconds { start: start_ns, end }),
            channel,
            ..Row::default()
        });
    }
    rows
}

fn is_minus_one(word: &str) -> bool {
    word.strip_prefix('-').and_then(nanoseconds) == Some(1_000_000_000)
}

/// Checks that a file is about just those utterances (or recordings) that there are.
fn check_keys(table: &Table, main: &Table, noun: &str, faults: &mut Faults) {
    for line in table.lines.iter().filter(|line| main.get(&line.key).is_none()) {
        let at = At { column: 1, ..table.at(line) };
        faults.add(at, "lines about what is not there", || {
            format!("the {noun} `{}` is not in {}", shown(&line.key), main.file)
        });
    }
    for line in main.lines.iter().filter(|line| table.get(&line.key).is_none()) {
        let at = At { column: 1, ..main.at(line) };
        faults.add(at, "lines that another file lacks", || {
            format!("the {noun} `{}` is not in {}", shown(&line.key), table.file)
        });
    }
}

/// Checks a file of durations. They are not needed: recordings and segments say it.
fn check_times(
    files: &BTreeMap<&str, Table>,
    name: &str,
    main: &Table,
    noun: &str,
    faults: &mut Faults,
) {
    let Some(table) = files.get(name) else { return };
    check_keys(table, main, noun, faults);
    for line in &table.lines {
        let Some(text) = table.text(line, faults) else { continue };
        if nanoseconds(text).is_none_or(|time| time == 0) {
            faults.add(table.at(line), "durations that are none", || {
                format!("expected positive seconds, found `{}`", shown(text))
            });
        }
    }
}

/// The speaker of each utterance, by `utt2spk`, and by `spk2utt` where that is missing.
fn speakers(
    files: &BTreeMap<&str, Table>,
    main: &Table,
    faults: &mut Faults,
) -> HashMap<String, Box<str>> {
    let mut speakers: HashMap<String, Box<str>> = HashMap::new();
    let by_utterance = files.get("utt2spk");
    if let Some(table) = by_utterance {
        check_keys(table, main, "utterance", faults);
        for line in &table.lines {
            if let Some(speaker) = word(table, line, "a speaker", faults) {
                speakers.insert(line.key.to_string(), percent_escaped(speaker.as_bytes()).into());
            }
        }
    }
    let Some(table) = files.get("spk2utt") else { return speakers };
    let mut named: HashMap<String, &Line> = HashMap::new();
    for line in &table.lines {
        let Some(text) = table.text(line, faults) else { continue };
        for utterance in text.split_ascii_whitespace() {
            let column =
                line.column + (utterance.as_ptr() as usize - text.as_ptr() as usize) as u64;
            let at = At { column, ..table.at(line) };
            let utterance = percent_escaped(utterance.as_bytes());
            if main.get(&utterance).is_none() {
                faults.add(at, "lines about what is not there", || {
                    format!("the utterance `{}` is not in {}", shown(&utterance), main.file)
                });
            }
            if let Some(of) = speakers.get(&utterance).filter(|of| **of != line.key) {
                faults.add(at, "speakers that differ", || {
                    format!(
                        "the utterance `{}` is of `{}` here, and of `{}` elsewhere",
                        shown(&utterance),
                        shown(&line.key),
                        shown(of)
                    )
                });
            }
            if by_utterance.is_none() {
                speakers.entry(utterance.clone()).or_insert_with(|| line.key.clone());
            }
            named.insert(utterance, line);
        }
    }
    for line in main.lines.iter().filter(|line| !named.contains_key(&*line.key)) {
        let at = At { column: 1, ..main.at(line) };
        faults.add(at, "lines that another file lacks", || {
            format!("the utterance `{}` is not in {}", shown(&line.key), table.file)
        });
    }
    speakers
}

/// The value of a line that must be one word.
fn word<'a>(table: &Table, line: &'a Line, expected: &str, faults: &mut Faults) -> Option<&'a str> {
    let text = table.text(line, faults)?;
    if text.is_empty() || text.contains(|c: char| c.is_ascii_whitespace()) {
        faults.add(table.at(line), "lines of another form", || match text {
            "" => format!("expected {expected}, found nothing"),
            text => format!("expected {expected}, a single word, found `{}`", shown(text)),
        });
        return None;
    }
    Some(text)
}

/// Adds what is carried into the dataset: the recording of a segment, the text, the language.
fn add_columns(
    rows: &mut [Row],
    files: &BTreeMap<&str, Table>,
    recordings_of: &HashMap<&str, String>,
    main: &Table,
    faults: &mut Faults,
) {
    let (text, language) = (files.get("text"), files.get("utt2lang"));
    for table in [text, language].into_iter().flatten() {
        check_keys(table, main, "utterance", faults);
    }
    for row in rows {
        let id = row.id.as_deref().unwrap_or_default();
        let mut columns: Vec<(String, Value)> = Vec::new();
        if let Some(recording) = recordings_of.get(id) {
            columns.push(("recording".into(), recording.as_str().into()));
        }
        if let Some(table) = text
            && let Some(line) = table.get(id)
            && let Some(text) = table.text(line, faults)
        {
            check_blanks(table, line, text, faults);
            columns.push(("text".into(), text.into()));
        }
        if let Some(table) = language
            && let Some(text) = table.get(id).and_then(|it| word(table, it, "a language", faults))
        {
            columns.push(("language".into(), text.into()));
        }
        let Ok(columns) = Column::all(columns) else { unreachable!("these names differ") };
        row.columns = columns;
    }
}

/// Checks that words have blanks between them that Kaldi's programs know: its own check of texts refuses others.
fn check_blanks(table: &Table, line: &Line, text: &str, faults: &mut Faults) {
    let is_other = |&(_, c): &(usize, char)| c.is_whitespace() && !matches!(c, ' ' | '\t');
    if let Some((place, c)) = text.char_indices().find(is_other) {
        let at = At { column: line.column + place as u64, ..table.at(line) };
        faults.add(at, "blanks that are none to Kaldi", || {
            format!(
                "expected a blank between words, found U+{:04X}; put a blank in its place",
                u32::from(c)
            )
        });
    }
}

/// A line about recordings that no segment is of.
fn unused(rows: &[Row], recordings: &Table, sources: &[Option<Source>]) -> Option<String> {
    let used: HashSet<(&PathBuf, &Option<Box<Held>>)> =
        rows.iter().map(|row| (&row.source, &row.held)).collect();
    let is_unused = |(_, source): &(&Line, &Option<Source>)| {
        source.as_ref().is_none_or(|Source { path, held }| !used.contains(&(path, held)))
    };
    let mut unused = recordings.lines.iter().zip(sources).filter(is_unused);
    let (first, _) = unused.next()?;
    let (count, file, first) = (unused.count() + 1, &recordings.file, shown(&first.key));
    Some(match count {
        1 => format!("{file}: no segment is of the recording `{first}`, which is left out"),
        _ => format!(
            "{file}: no segment is of {count} recordings, which are left out; the first is `{first}`"
        ),
    })
}

/// The files in a folder that nothing is read of.
fn others(folder: &Path) -> Ignored {
    let mut others = Ignored::default();
    let Ok(entries) = fs::read_dir(folder) else { return others };
    let is_other = |entry: &fs::DirEntry| {
        let name = entry.file_name();
        name != WAV_SCP
            && !READ.iter().any(|read| name == *read)
            && entry.file_type().is_ok_and(|kind| kind.is_file())
    };
    entries.flatten().filter(is_other).for_each(|entry| others.add(&entry.path()));
    others
}
