//! A list of the ids of utterances that are kept.

use std::{collections::HashMap, io::BufReader, path::Path};

use ossicle_files::{open_stream, printable};

use super::error::SelectionError;
use crate::{error::Error, found::Found, left_out::Reason, lines::Lines, names::shown};

/// The ids that a file names, one a line; of a line that is no id the first word, so that a file of Kaldi's
/// does too. Lines that begin with `#` are comments.
#[derive(Debug)]
pub(crate) struct IdList {
    file: String,
    /// Each line with its number, and whether the corpus has it.
    lines: HashMap<String, (u64, bool)>,
    /// First words of lines that have more, with the line.
    words: HashMap<String, String>,
}

impl IdList {
    pub(crate) fn read(path: &Path) -> Result<IdList, Error> {
        let file = printable(path);
        let input =
            open_stream(path).map_err(|source| Error::Read { file: file.clone(), source })?;
        let mut list = IdList { file: file.clone(), lines: HashMap::new(), words: HashMap::new() };
        let mut input = BufReader::new(input);
        let mut lines = Lines::new(&mut input, &file);
        while let Some((line, text)) = lines.next_line()? {
            let text = std::str::from_utf8(text)
                .map_err(|_| Error::LineNotUtf8 { file: file.clone(), line })?
                .trim();
            if text.starts_with('#') {
                continue;
            }
            if let Some((word, _)) = text.split_once(char::is_whitespace) {
                list.words.insert(word.to_owned(), text.to_owned());
            }
            list.lines.entry(text.to_owned()).or_insert((line, false));
        }
        if list.lines.is_empty() {
            return Err(SelectionError::IdsEmpty { file }.into());
        }
        Ok(list)
    }

    /// Leaves out what the list does not name.
    pub(crate) fn keep(&mut self, found: &mut Found) {
        let utterances = std::mem::take(&mut found.utterances);
        let places = std::mem::take(&mut found.places);
        for (utterance, place) in utterances.into_iter().zip(places) {
            if self.names(&utterance.id, found.any_case) {
                found.utterances.push(utterance);
                found.places.push(place);
            } else {
                found.left_out.add(Reason::NotInIdsFile, &utterance.id);
            }
        }
    }

    fn names(&mut self, id: &str, any_case: bool) -> bool {
        let upper = any_case.then(|| id.to_ascii_uppercase());
        let line = [Some(id), upper.as_deref()].into_iter().flatten().find_map(|id| {
            let line = self.lines.contains_key(id).then_some(id);
            line.or_else(|| self.words.get(id).map(|line| &**line)).map(str::to_owned)
        });
        let line = line.and_then(|line| self.lines.get_mut(&line));
        line.map(|(_, is_there)| *is_there = true).is_some()
    }

    /// One line about the ids that are not in the corpus.
    ///
    /// - `an_id`: an id that the corpus has
    ///
    /// # Errors
    /// None is in the corpus.
    pub(crate) fn notice(&self, an_id: Option<String>) -> Result<Option<String>, Error> {
        let unknown = || self.lines.iter().filter(|(_, (_, is_there))| !is_there);
        let Some((first, (line, _))) = unknown().min_by_key(|(_, (line, _))| line) else {
            return Ok(None);
        };
        let (file, first, all) = (self.file.clone(), shown(first), self.lines.len());
        let count = unknown().count();
        if count == all {
            let an_id = an_id.unwrap_or_default();
            let ids = count as u64;
            return Err(SelectionError::IdsMatchNothing { file, ids, first, an_id }.into());
        }
        Ok(Some(format!(
            "{file}: {count} of {all} ids are not in the corpus; the first is `{first}` on line {line}"
        )))
    }
}
