//! What a data folder lists: its recordings, or the stretches of them that are utterances.

use std::{io::ErrorKind, path::Path};

use ossicle_files::{metadata, printable};

use super::line::{Line, each_line};
use crate::{
    error::Error,
    names::shown,
    readers::{
        faults::{At, Faults},
        rows::Row,
    },
};

/// The rows of a list, which are found by their ids.
#[derive(Debug)]
pub(super) struct Listing {
    /// The list's printable path.
    pub(super) file: String,
    /// One for each line. That of a line with a fault has no source: it is known, and other files may be about it.
    pub(super) rows: Vec<Row>,
    /// The numbers of the rows in the order of their ids.
    order: Vec<u32>,
}

impl Listing {
    /// Makes a listing of rows that have ids. One whose id is there before is a fault, and passed over.
    pub(super) fn new(file: String, mut rows: Vec<Row>, faults: &mut Faults) -> Listing {
        let mut order: Vec<u32> = (0..rows.len() as u32).collect();
        // The sort is stable: of one id the first line comes first.
        order.sort_by(|&a, &b| rows[a as usize].id.cmp(&rows[b as usize].id));
        let is_same = |a: u32, b: u32| rows[a as usize].id == rows[b as usize].id;
        let mut again: Vec<(u32, u64)> = Vec::new();
        for alike in order.chunk_by(|&a, &b| is_same(a, b)).filter(|alike| alike.len() > 1) {
            let first = rows[alike[0] as usize].line;
            again.extend(alike[1..].iter().map(|&number| (number, first)));
        }
        again.sort_unstable();
        for &(number, first) in &again {
            let row = &rows[number as usize];
            let at = At { file: &file, line: row.line, column: 1 };
            twice(at, row.id.as_deref().unwrap_or_default(), first, faults);
        }
        if !again.is_empty() {
            let mut again = again.into_iter().map(|(number, _)| number as usize).peekable();
            let mut number = 0;
            rows.retain(|_| {
                let is_again = again.next_if_eq(&number).is_some();
                number += 1;
                !is_again
            });
            order = (0..rows.len() as u32).collect();
            order.sort_by(|&a, &b| rows[a as usize].id.cmp(&rows[b as usize].id));
        }
        Listing { file, rows, order }
    }

    /// The number of the row with an id.
    pub(super) fn find(&self, id: &str) -> Option<usize> {
        let of = |&number: &u32| self.rows[number as usize].id.as_deref().unwrap_or_default();
        let place = self.order.binary_search_by(|number| of(number).cmp(id)).ok()?;
        Some(self.order[place] as usize)
    }

    /// Reads a file with a line for each row. Lines about other ids are faults, and ids without a line.
    ///
    /// - `noun`: what rows are
    /// - `say`: takes what a line says into its row
    pub(super) fn read_beside(
        &mut self,
        path: &Path,
        noun: &str,
        faults: &mut Faults,
        mut say: impl FnMut(&mut Row, &Line<'_>, &mut Faults),
    ) -> Result<(), Error> {
        let file = printable(path);
        let mut lines = vec![0; self.rows.len()];
        each_line(path, &file, |line| match self.find(&line.key) {
            None => not_there(line.at_key(), noun, &line.key, &self.file, faults),
            Some(row) if lines[row] > 0 => twice(line.at_key(), &line.key, lines[row], faults),
            Some(row) => {
                lines[row] = line.number;
                say(&mut self.rows[row], line, faults);
            }
        })?;
        self.check_all_named(lines.iter().map(|&line| line > 0), noun, &file, faults);
        Ok(())
    }

    /// Adds a fault for each row that another file does not name.
    ///
    /// - `named`: whether it names each, in order
    /// - `other`: the other file's printable path
    pub(super) fn check_all_named(
        &self,
        named: impl Iterator<Item = bool>,
        noun: &str,
        other: &str,
        faults: &mut Faults,
    ) {
        for (row, _) in self.rows.iter().zip(named).filter(|(_, is_named)| !is_named) {
            let at = At { file: &self.file, line: row.line, column: 1 };
            faults.add(at, "lines that another file lacks", || {
                let id = row.id.as_deref().unwrap_or_default();
                format!("the {noun} `{}` is not in {other}", shown(id))
            });
        }
    }
}

/// Adds the fault of a line about what a list does not have.
pub(super) fn not_there(at: At<'_>, noun: &str, id: &str, list: &str, faults: &mut Faults) {
    faults.add(at, "lines about what is not there", || {
        format!("the {noun} `{}` is not in {list}", shown(id))
    });
}

fn twice(at: At<'_>, key: &str, first: u64, faults: &mut Faults) {
    faults.add(at, "keys that are there twice", || {
        format!("`{}` is on line {first} already; keep one", shown(key))
    });
}

/// Returns whether a file of the folder is there. One that cannot be looked at is: reading it says why not.
pub(super) fn is_there(path: &Path) -> bool {
    !metadata(path).is_err_and(|error| error.kind() == ErrorKind::NotFound)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::{collections::BTreeMap, fs};

    use proptest::prelude::*;

    fn row(number: usize, id: &str) -> Row {
        Row { line: number as u64 + 1, id: Some(id.into()), ..Row::default() }
    }

    proptest! {
        #[test]
        fn rows_are_found_by_their_ids_and_the_first_of_an_id_counts(
            ids in prop::collection::vec("[ab]{1,3}", 0..20), beside in prop::collection::vec("[ab]{1,3}", 0..20)
        ) {
            let rows = ids.iter().enumerate().map(|(number, id)| row(number, id)).collect();
            let mut faults = Faults::default();
            let mut listing = Listing::new("list".into(), rows, &mut faults);
            let mut first: BTreeMap<&str, u64> = BTreeMap::new();
            let mut kept = Vec::new();
            for (number, id) in ids.iter().enumerate() {
                first.entry(id).or_insert_with(|| {
                    kept.push(&**id);
                    number as u64 + 1
                });
            }
            let found: Vec<&str> = listing.rows.iter().filter_map(|row| row.id.as_deref()).collect();
            prop_assert_eq!(&found, &kept);
            for id in ids.iter().chain(&beside) {
                let line = listing.find(id).map(|number| listing.rows[number].line);
                prop_assert_eq!(line, first.get(&**id).copied());
            }
            prop_assert_eq!(faults.is_empty(), kept.len() == ids.len());
            // What a file beside it says arrives at the row of the id, once, and all that does not agree is a fault.
            let folder = tempfile::tempdir().unwrap();
            let path = folder.path().join("beside");
            let lines: String = beside.iter().enumerate().map(|(at, id)| format!("{id} {at}\n")).collect();
            fs::write(&path, lines).unwrap();
            let mut faults = Faults::default();
            listing.read_beside(&path, "utterance", &mut faults, |row, line, faults| {
                row.speaker = line.text(faults).map(Into::into);
            }).unwrap();
            for row in &listing.rows {
                let at = beside.iter().position(|id| Some(&**id) == row.id.as_deref());
                prop_assert_eq!(row.speaker.clone(), at.map(|at| at.to_string().into_boxed_str()));
            }
            let mut sorted: Vec<&str> = beside.iter().map(|id| &**id).collect();
            sorted.sort_unstable();
            prop_assert_eq!(faults.is_empty(), sorted.iter().eq(first.keys()));
        }
    }
}
