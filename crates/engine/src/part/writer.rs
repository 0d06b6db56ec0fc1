//! Writes a part, utterance by utterance.

use ossicle_dataset::{Draft, FailureRow, HashingSpool, Mark, Store, UtteranceRow, append_line};
use ossicle_dsp::Moments;

use super::chunks::Chunk;
use super::{Footer, Note, PartArray, num_grids};
use crate::error::Error;

const MAGIC: &[u8; 8] = b"ossprt03";

/// The bytes at the end of a part's file: the footer's length, a hash and a magic word.
pub(super) const TRAILER_BYTES: usize = 8 + HASHED_BEFORE;

/// The bytes of those that are not hashed.
pub(super) const HASHED_BEFORE: usize = 32 + MAGIC.len();

/// Returns whether a trailer is that of a part.
pub(super) fn has_magic(trailer: &[u8]) -> bool {
    trailer.ends_with(MAGIC)
}

/// Writes a part, utterance by utterance. What is not finished is removed again.
#[derive(Debug)]
pub(crate) struct PartWriter {
    file: HashingSpool,
    arrays: Vec<PartArray>,
    footer: Footer,
    chunks: Vec<Chunk>,
    begun: Option<Begun>,
    moments: Vec<u8>,
    utterances: Vec<u8>,
    failures: Vec<u8>,
}

/// An utterance that is being written.
#[derive(Debug)]
struct Begun {
    /// The place in the file where it began.
    mark: Mark,
    first_chunk: usize,
    /// For each array, the number of rows so far.
    rows: Vec<u64>,
}

impl PartWriter {
    /// Creates the draft of the part of this name.
    ///
    /// - `arrays`: whose rows it will hold
    /// - `job`, `sources`: what its footer says
    pub(crate) fn create(
        store: &dyn Store,
        name: &str,
        arrays: &[PartArray],
        job: &str,
        sources: &str,
    ) -> Result<PartWriter, Error> {
        Ok(PartWriter {
            file: HashingSpool::new(store.spool(name)?),
            arrays: arrays.to_vec(),
            footer: Footer {
                job: job.to_owned(),
                sources: sources.to_owned(),
                rows: vec![Vec::new(); num_grids(arrays)],
                ..Footer::default()
            },
            chunks: Vec::new(),
            begun: None,
            moments: Vec::new(),
            utterances: Vec::new(),
            failures: Vec::new(),
        })
    }

    /// Begins an utterance: its rows are appended next.
    pub(crate) fn begin(&mut self) {
        self.begun = Some(Begun {
            mark: self.file.mark(),
            first_chunk: self.chunks.len(),
            rows: vec![0; self.arrays.len()],
        });
    }

    /// Appends rows of the utterance that was begun, as they are to lie in the file.
    ///
    /// # Panics
    /// If none was begun, or if there is no such array, or if rows are not whole.
    pub(crate) fn append(&mut self, array: usize, rows: &[u8]) -> Result<(), Error> {
        let Some(begun) = &mut self.begun else { panic!("rows are those of an utterance") };
        let row_bytes = self.arrays[array].row_bytes;
        assert!((rows.len() as u64).is_multiple_of(row_bytes), "rows must be whole");
        let num_rows = rows.len() as u64 / row_bytes;
        if num_rows == 0 {
            return Ok(());
        }
        self.file.append(rows)?;
        // A part has at most 2048 utterances; see `plan::parts::cut`.
        let utterance = self.footer.utterances() as u32;
        let first_row = begun.rows[array];
        begun.rows[array] += num_rows;
        // What continues the chunk before is a part of it.
        match self.chunks[begun.first_chunk..].last_mut() {
            Some(last) if last.array as usize == array => last.num_rows += num_rows,
            _ => self.chunks.push(Chunk { utterance, array: array as u32, first_row, num_rows }),
        }
        Ok(())
    }

    /// Ends the utterance that was begun, which is good.
    ///
    /// - `row`: its row of the list of utterances
    /// - `moments`: of each array that has wide columns, in the arrays' order
    ///
    /// # Panics
    /// If arrays on one grid have different numbers of rows.
    pub(crate) fn store(&mut self, row: &UtteranceRow, moments: &[Moments]) {
        let rows = self.begun.take().map_or(Vec::new(), |begun| begun.rows);
        for (grid, counts) in self.footer.rows.iter_mut().enumerate() {
            let of_grid = self.arrays.iter().zip(&rows).filter(|(array, _)| array.grid == grid);
            let mut num_rows = of_grid.map(|(_, &rows)| rows);
            let first = num_rows.next().unwrap_or(0);
            assert!(num_rows.all(|other| other == first), "arrays on one grid have as many rows");
            counts.push(first);
        }
        for of_array in moments {
            self.moments.extend_from_slice(bytemuck::cast_slice(&of_array.mean));
            self.moments.extend_from_slice(bytemuck::cast_slice(&of_array.m2));
            self.moments.extend_from_slice(bytemuck::cast_slice(&of_array.min));
            self.moments.extend_from_slice(bytemuck::cast_slice(&of_array.max));
        }
        append_line(&mut self.utterances, row);
        let samples = row.end_sample - row.start_sample;
        self.footer.count_rate(row.sample_rate_hz, &row.id, samples);
    }

    /// Notes what people should know of the utterance that was stored last.
    pub(crate) fn note(&mut self, note: Note, id: &str) {
        self.footer.note(note, id);
    }

    /// Ends an utterance that failed, and takes back what was appended of it: the bytes of the others
    /// are those of a part without it.
    pub(crate) fn fail(&mut self, row: &FailureRow) -> Result<(), Error> {
        if let Some(begun) = self.begun.take() {
            self.file.take_back(begun.mark)?;
            self.chunks.truncate(begun.first_chunk);
        }
        append_line(&mut self.failures, row);
        self.footer.failures += 1;
        Ok(())
    }

    /// Ends the file and hands out its draft: with the part's name, the part is done.
    pub(crate) fn finish(mut self) -> Result<Draft, Error> {
        self.footer.chunks_end = self.file.len();
        self.file.append(&self.moments)?;
        self.footer.moments_end = self.file.len();
        self.file.append(&self.utterances)?;
        self.footer.utterances_end = self.file.len();
        self.file.append(&self.failures)?;
        self.footer.failures_end = self.file.len();
        for chunk in &self.chunks {
            self.file.append(&chunk.to_bytes())?;
        }
        self.footer.table_end = self.file.len();
        let mut footer = Vec::new();
        append_line(&mut footer, &self.footer);
        self.file.append(&footer)?;
        self.file.append(&(footer.len() as u64).to_le_bytes())?;
        let hash = self.file.hash();
        self.file.append(&hash)?;
        self.file.append(MAGIC)?;
        let (draft, _, _) = self.file.finish(false)?;
        Ok(draft)
    }
}
