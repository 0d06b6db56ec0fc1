//! Writes the lists beside arrays: where each utterance lies, and what it is.

use serde::Serialize;

use crate::error::Error;
use crate::format::npy::{Dtype, NpyHeader};
use crate::format::rows::UtteranceRow;
use crate::store::HashingSpool;
use crate::write::split::SplitLayout;

/// Appends a row of a list, as a line of JSON.
pub fn append_line(text: &mut Vec<u8>, row: &impl Serialize) {
    if serde_json::to_writer(&mut *text, row).is_err() {
        unreachable!("rows have only string keys, and memory does not fail to be written");
    }
    text.push(b'\n');
}

impl SplitLayout {
    /// Writes an index of the split: `index.npy` of [`FRAMES`](crate::FRAMES), and that of an array of another
    /// grid.
    ///
    /// # Errors
    /// If it cannot be written.
    pub fn write_index(&self, grid: usize, file: &mut HashingSpool) -> Result<(), Error> {
        let shape = vec![self.utterances() as u64, 3];
        file.append(&NpyHeader { dtype: Dtype::Int64, shape }.to_bytes())?;
        for (number, shard) in self.shards.iter().enumerate() {
            for (first, count) in self.places_in(grid, shard.utterances.clone()) {
                let row = [number as u64, first, count];
                row.iter().try_for_each(|number| file.append(&number.to_le_bytes()))?;
            }
        }
        Ok(())
    }

    /// Returns where in its shard the rows of each utterance begin, and how many there are.
    pub fn places(&self, grid: usize) -> impl Iterator<Item = (u64, u64)> {
        self.shards.iter().flat_map(move |shard| self.places_in(grid, shard.utterances.clone()))
    }

    fn places_in(
        &self,
        grid: usize,
        shard: std::ops::Range<usize>,
    ) -> impl Iterator<Item = (u64, u64)> {
        let begin = self.rows(grid, &(shard.start..shard.start)).start;
        shard.map(move |utterance| {
            let rows = self.rows(grid, &(utterance..utterance + 1));
            (rows.start - begin, rows.end - rows.start)
        })
    }
}

impl UtteranceRow {
    /// Says where the utterance's events lie in their shard.
    #[must_use]
    pub fn with_events(self, (first, count): (u64, u64)) -> UtteranceRow {
        UtteranceRow { first_event: Some(first), num_events: Some(count), ..self }
    }
}
