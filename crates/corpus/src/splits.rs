//! A splits file: lines `NAME SPLIT` that say which utterances make which split.

use std::{collections::HashMap, fs::File, io::BufReader, path::Path};

use ossicle_files::printable;

use crate::{
    corpus::{Corpus, CorpusKind},
    error::Error,
    found::{Found, Place},
    lines::Lines,
    names::{is_split_name, shown},
    timit,
    utterance::Utterance,
};

/// Splits what was found as a file says. Its splits, in the order in which it first names them,
/// replace the corpus' own; what it does not name is left out.
///
/// A name is an id, a speaker, or a folder ending in `/`. An id counts before a speaker, a speaker
/// before a folder, a longer folder before a shorter one.
pub(crate) fn split_by_file(mut found: Found, path: &Path) -> Result<Corpus, Error> {
    let file = printable(path);
    // Not only a regular file: a shell's `<(…)` is a pipe.
    let input = File::open(path).map_err(|source| Error::Read { file: file.clone(), source })?;
    let mut table = Table::read(&mut BufReader::new(input), &file, found.kind)?;

    let an_id = found.utterances.iter().map(|utterance| &*utterance.id).min().map(str::to_string);
    let places: Vec<Place> =
        found.utterances.iter().map(|utterance| table.place(utterance)).collect();
    found.notices.extend(table.notice(&file, an_id.unwrap_or_default())?);
    Ok(found.split_by(table.splits, &places))
}

/// What a splits file says.
struct Table {
    kind: CorpusKind,
    splits: Vec<String>,
    rules: HashMap<String, Rule>,
}

struct Rule {
    split: usize,
    line: u64,
    matches: bool,
}

impl Table {
    fn read(input: &mut BufReader<File>, file: &str, kind: CorpusKind) -> Result<Table, Error> {
        let mut table = Table { kind, splits: Vec::new(), rules: HashMap::new() };
        let mut lines = Lines::new(input, file);
        while let Some((line, text)) = lines.next_line()? {
            let file = || file.to_string();
            let text = std::str::from_utf8(text)
                .map_err(|_| Error::LineNotUtf8 { file: file(), line })?
                .trim();
            if text.starts_with('#') {
                continue;
            }
            let (name, split) = text
                .rsplit_once(char::is_whitespace)
                .ok_or_else(|| Error::SplitsLine { file: file(), line })?;
            if !is_split_name(split) {
                return Err(Error::SplitsLineName { file: file(), line, name: shown(split) });
            }
            let name = name.trim_end();
            let known = table.splits.iter().position(|known| known == split);
            let split = known.unwrap_or_else(|| {
                table.splits.push(split.to_string());
                table.splits.len() - 1
            });
            let rule = Rule { split, line, matches: false };
            let rule = table.rules.entry(spelled(kind, name)).or_insert(rule);
            if rule.split != split {
                return Err(Error::SplitsConflict {
                    file: file(),
                    name: shown(name),
                    first_split: table.splits[rule.split].clone(),
                    first_line: rule.line,
                    second_split: table.splits[split].clone(),
                    second_line: line,
                });
            }
        }
        if table.rules.is_empty() {
            return Err(Error::SplitsEmpty { file: file.to_string() });
        }
        Ok(table)
    }

    /// Where a recording belongs. Marks every rule that speaks of it, also those that yield.
    fn place(&mut self, utterance: &Utterance) -> Place {
        let source = spelled(self.kind, &printable(&utterance.source));
        let by_id = self.matching(&utterance.id);
        let by_speaker = utterance.speaker.as_deref().and_then(|name| self.matching(name));
        let mut by_folder = None;
        for (slash, _) in source.match_indices('/') {
            by_folder = self.matching(&source[..=slash]).or(by_folder);
        }
        let left_out = self.kind == CorpusKind::Timit && timit::is_read_by_all(utterance);
        match (by_id, by_speaker.or(by_folder)) {
            (Some(split), _) => Place::In(split),
            (None, Some(split)) if left_out => Place::LeftOutOf(split),
            (None, Some(split)) => Place::In(split),
            (None, None) => Place::Nowhere,
        }
    }

    fn matching(&mut self, name: &str) -> Option<usize> {
        let rule = self.rules.get_mut(name)?;
        rule.matches = true;
        Some(rule.split)
    }

    /// One line about the names that are not in the corpus; an error if none is.
    fn notice(&self, file: &str, an_id: String) -> Result<Option<String>, Error> {
        let unmatched = || self.rules.iter().filter(|(_, rule)| !rule.matches);
        let Some((first, rule)) = unmatched().min_by_key(|(_, rule)| rule.line) else {
            return Ok(None);
        };
        let count = unmatched().count();
        if count == self.rules.len() {
            let (first, names) = (shown(first), count as u64);
            return Err(Error::SplitsMatchNothing { file: file.to_string(), names, first, an_id });
        }
        Ok(Some(format!(
            "{file}: {count} of {} names are not in the corpus; the first is `{}` on line {}",
            self.rules.len(),
            shown(first),
            rule.line
        )))
    }
}

/// A name as it is compared: copies of TIMIT differ in case.
fn spelled(kind: CorpusKind, name: &str) -> String {
    match kind {
        CorpusKind::Timit => name.to_ascii_uppercase(),
        CorpusKind::Folder | CorpusKind::List => name.to_string(),
    }
}
