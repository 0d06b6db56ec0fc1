//! A splits file: lines `NAME SPLIT` that say which utterances make which split.

use std::{
    collections::HashMap,
    io::{BufRead, BufReader},
    path::Path,
};

use ossicle_files::{be, counted, open_stream, printable};

use crate::{
    error::Error,
    found::{Found, Place},
    held::Held,
    left_out::Reason,
    lines::Lines,
    names::{is_split_name, shown},
    utterance::Utterance,
};

/// Splits what was found as a file says. Its splits, in the order in which it first names them,
/// replace the corpus' own; what it does not name is left out.
///
/// A name is an id, a speaker, or a folder ending in `/`. An id counts before a speaker, a speaker
/// before a folder, a longer folder before a shorter one.
pub(crate) fn split_by_file(mut found: Found, path: &Path) -> Result<Found, Error> {
    let file = printable(path);
    let input = open_stream(path).map_err(|source| Error::Read { file: file.clone(), source })?;
    let mut table = Table::read(&mut BufReader::new(input), &file, found.any_case)?;

    let an_id = found.utterances.iter().map(|utterance| &*utterance.id).min().map(str::to_string);
    for (place, utterance) in found.places.iter_mut().zip(&found.utterances) {
        *place = table.place(utterance, place.left_out);
    }
    found.notices.extend(table.notice(&file, an_id.unwrap_or_default())?);
    Ok(Found { splits: table.splits, unplaced: Reason::NotInSplitsFile, ..found })
}

/// The rules of a splits file.
struct Table {
    /// Names are compared whatever their case.
    any_case: bool,
    splits: Vec<String>,
    rules: HashMap<String, Rule>,
}

struct Rule {
    split: u32,
    line: u64,
    matches: bool,
}

impl Table {
    fn read(input: &mut dyn BufRead, file: &str, any_case: bool) -> Result<Table, Error> {
        let mut table = Table { any_case, splits: Vec::new(), rules: HashMap::new() };
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
            // Memory ends long before the numbers do.
            let split = split as u32;
            let rule = Rule { split, line, matches: false };
            let rule = table.rules.entry(spelled(any_case, name)).or_insert(rule);
            if rule.split != split {
                return Err(Error::SplitsConflict {
                    file: file(),
                    name: shown(name),
                    first_split: table.splits[rule.split as usize].clone(),
                    first_line: rule.line,
                    second_split: table.splits[split as usize].clone(),
                    second_line: line,
                });
            }
        }
        if table.rules.is_empty() {
            return Err(Error::SplitsEmpty { file: file.to_string() });
        }
        Ok(table)
    }

    /// Places an utterance. Marks every rule that speaks of it, also those that yield.
    ///
    /// - `left_out`: it counts only if it is named by its id
    fn place(&mut self, utterance: &Utterance, left_out: bool) -> Place {
        // An archive is a folder, too.
        let mut source = printable(&utterance.source);
        if let Some(member) = utterance.held().and_then(Held::member) {
            source = format!("{source}/{member}");
        }
        let source = spelled(self.any_case, &source);
        let by_id = self.matching(&utterance.id);
        let by_speaker = utterance.speaker.as_deref().and_then(|name| self.matching(name));
        let mut by_folder = None;
        for (slash, _) in source.match_indices('/') {
            by_folder = self.matching(&source[..=slash]).or(by_folder);
        }
        match by_id {
            Some(_) => Place { split: by_id, left_out: false },
            None => Place { split: by_speaker.or(by_folder), left_out },
        }
    }

    fn matching(&mut self, name: &str) -> Option<u32> {
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
            "{file}: of {}, {count} {} not in the corpus; the first is `{}` on line {}",
            counted(self.rules.len() as u64, "name"),
            be(count as u64),
            shown(first),
            rule.line
        )))
    }
}

/// A name as it is compared.
fn spelled(any_case: bool, name: &str) -> String {
    if any_case { name.to_ascii_uppercase() } else { name.to_string() }
}
