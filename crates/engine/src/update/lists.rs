//! The utterances of an earlier dataset in order, with those that failed among them.

use ossicle_dataset::{Dataset, FAILURES_FILE, FailureRow, Rows, UtteranceRow};
use serde::de::DeserializeOwned;

use crate::error::Error;

/// An utterance of an earlier dataset, or of its ledger.
#[derive(Debug)]
pub(super) enum Listed {
    /// It is stored: its place in its split, and the byte at which its row begins.
    Stored { number: u32, line: u64, row: Box<UtteranceRow> },
    /// It failed: the byte at which its row begins.
    Failed { line: u64, row: Box<FailureRow> },
}

impl Listed {
    pub(super) fn id(&self) -> &str {
        match self {
            Listed::Stored { row, .. } => &row.id,
            Listed::Failed { row, .. } => &row.id,
        }
    }

    pub(super) fn source(&self) -> &str {
        match self {
            Listed::Stored { row, .. } => &row.source,
            Listed::Failed { row, .. } => &row.source,
        }
    }
}

/// The lists of an earlier dataset, split by split.
pub(super) struct Lists<'a> {
    dataset: &'a Dataset,
    failures: Ahead<FailureRow>,
}

impl<'a> Lists<'a> {
    pub(super) fn open(dataset: &'a Dataset) -> Result<Lists<'a>, Error> {
        let failures = Ahead::of(Rows::open(&dataset.root().join(FAILURES_FILE))?)?;
        Ok(Lists { dataset, failures })
    }

    /// Hands out the utterances of the next split, in the order of their ids.
    pub(super) fn split(
        &mut self,
        name: &str,
        hear: &mut dyn FnMut(Listed) -> Result<(), Error>,
    ) -> Result<(), Error> {
        let mut stored = Ahead::of(self.dataset.utterances(name)?)?;
        let mut number = 0;
        loop {
            let failed = self.failures.next.as_ref().filter(|(_, row)| row.split == name);
            let listed = match (&stored.next, failed) {
                (None, None) => return Ok(()),
                (Some((_, row)), Some((_, failed))) if row.id < failed.id => {
                    stored.stored(number)?
                }
                (Some(_), None) => stored.stored(number)?,
                (_, Some(_)) => self.failures.failed()?,
            };
            number += u32::from(matches!(listed, Some(Listed::Stored { .. })));
            listed.map_or(Ok(()), &mut *hear)?;
        }
    }
}

/// Rows of a list, of which the next is known.
struct Ahead<T> {
    rows: Rows<T>,
    next: Option<(u64, T)>,
}

impl<T: DeserializeOwned> Ahead<T> {
    fn of(rows: Rows<T>) -> Result<Ahead<T>, Error> {
        let mut ahead = Ahead { rows, next: None };
        ahead.take()?;
        Ok(ahead)
    }

    /// Hands out the next row, with the byte at which it begins.
    fn take(&mut self) -> Result<Option<(u64, T)>, Error> {
        let row = self.rows.next().transpose()?;
        let next = row.map(|row| (self.rows.offset(), row));
        Ok(std::mem::replace(&mut self.next, next))
    }
}

impl Ahead<UtteranceRow> {
    fn stored(&mut self, number: u32) -> Result<Option<Listed>, Error> {
        let row = self.take()?;
        Ok(row.map(|(line, row)| Listed::Stored { number, line, row: Box::new(row) }))
    }
}

impl Ahead<FailureRow> {
    fn failed(&mut self) -> Result<Option<Listed>, Error> {
        let row = self.take()?;
        Ok(row.map(|(line, row)| Listed::Failed { line, row: Box::new(row) }))
    }
}
