//! Rows that an earlier run has made, on their way into a part: of parts that it kept, or of the dataset's files.

use std::path::Path;

use ossicle_corpus::Utterance;
use ossicle_dataset::{
    ArrayLayout, FAILURES_FILE, FRAMES, FailureRow, INDEX_FILE, NPY_HEADER_BYTES, ReadAt, Store,
    UTTERANCES_FILE, UtteranceRow, index_file, line_at, shard_file,
};
use ossicle_dsp::{Moments, WideScratch};
use serde::de::DeserializeOwned;

use crate::cause::Cause;
use crate::error::Error;
use crate::input_kind::InputKind;
use crate::part::{PartFile, PartReader, PartWriter, Stamp, kept_part_name, stamp_of};
use crate::plan::arrays::FeatureArray;
use crate::plan::order::{Earlier, Origin, PartOrder};
use crate::rows::failure::{Failure, UtteranceError};
use crate::rows::tables::Tables;
use crate::rows::utterance::StoredUtterance;
use crate::rows::wide_moments::{ROWS_AT_ONCE, WideMoments};

/// Takes the rows of a part's utterances that an earlier run has made. It has one file open at a time, and none
/// where the next utterance is computed.
#[derive(Debug)]
pub(crate) struct EarlierTaker<'a> {
    tables: &'a Tables,
    store: &'a dyn Store,
    order: &'a PartOrder,
    part: Option<KeptPart>,
    bytes: Vec<u8>,
    base: Vec<f32>,
    widening: WideScratch,
}

/// A part that was kept, opened.
#[derive(Debug)]
struct KeptPart {
    number: u32,
    file: PartFile,
    reader: PartReader,
    rows: Vec<UtteranceRow>,
}

/// The place of an utterance's rows in the files of an array.
#[derive(Debug, Clone, Copy)]
struct Place {
    shard: usize,
    first: u64,
    count: u64,
}

impl<'a> EarlierTaker<'a> {
    /// - `store`: where the earlier run's files are
    pub(crate) fn new(
        tables: &'a Tables,
        store: &'a dyn Store,
        order: &'a PartOrder,
    ) -> EarlierTaker<'a> {
        let (bytes, base, widening) = (Vec::new(), Vec::new(), WideScratch::default());
        EarlierTaker { tables, store, order, part: None, bytes, base, widening }
    }

    /// Returns whether an utterance is still what its stamp is of.
    pub(crate) fn is_as_it_was(&self, utterance: &Utterance, stamp: Stamp) -> Result<bool, Error> {
        let kind = InputKind::of(&self.tables.job.recipe);
        Ok(stamp_of(&self.order.root, utterance, kind)? == stamp)
    }

    /// Appends the rows of an utterance to the part, where it has begun, or returns its failure.
    ///
    /// - `place`: its place in the part
    pub(crate) fn take(
        &mut self,
        place: usize,
        earlier: Earlier,
        writer: &mut PartWriter,
    ) -> Result<StoredUtterance, UtteranceError> {
        let (row, moments) = match earlier {
            Earlier::Part { part, utterance } => self.of_part(part, utterance as usize, writer)?,
            Earlier::Files { utterance, line } => self.of_files(utterance.into(), line, writer)?,
            Earlier::Failed { line } => return Err(self.failure(line)?.into()),
        };
        let utterance = &self.order.utterances[place];
        if *row.id != *utterance.id {
            return Err(changed(UTTERANCES_FILE).into());
        }
        if !matches!(self.order.origin(place + 1), Origin::Earlier(_, Earlier::Part { .. })) {
            self.part = None;
        }
        Ok(StoredUtterance { row, moments, noted: Vec::new() })
    }

    /// Copies what a part that was kept has of an utterance.
    fn of_part(
        &mut self,
        number: u32,
        utterance: usize,
        writer: &mut PartWriter,
    ) -> Result<(UtteranceRow, Vec<Moments>), Error> {
        let arrays = self.tables.arrays.in_parts();
        if self.part.as_ref().is_none_or(|part| part.number != number) {
            // Closed first, so that there are never two.
            self.part = None;
            self.part = Some(self.open_part(number)?);
        }
        let Some(KeptPart { file, reader, rows, .. }) = &self.part else {
            unreachable!("opened just now")
        };
        let row = rows.get(utterance).cloned().ok_or_else(|| changed(file.name()))?;
        for (number, array) in arrays.iter().enumerate() {
            let rows = file.footer.rows[array.grid][utterance];
            let at_once = at_once(array.row_bytes);
            for first in (0..rows).step_by(at_once as usize) {
                let end = (first + at_once).min(rows);
                self.bytes.resize(((end - first) * array.row_bytes) as usize, 0);
                reader.read(utterance, number, first..end, array.row_bytes, &mut self.bytes)?;
                writer.append(number, &self.bytes)?;
            }
        }
        let of_part = reader.moments(file, arrays, utterance..utterance + 1)?;
        let moments = arrays.iter().enumerate().filter(|(_, array)| array.wide_columns > 0);
        let moments = moments.map(|(number, _)| {
            let ((mean, m2), (min, max)) = (of_part.of(0, number), of_part.range_of(0, number));
            let count = self.tables.arrays.num_wide(number, &file.footer.rows, utterance) as u64;
            Moments { count, mean, m2, min, max }
        });
        Ok((row, moments.collect()))
    }

    fn open_part(&self, number: u32) -> Result<KeptPart, Error> {
        let arrays = self.tables.arrays.in_parts();
        let name = kept_part_name(number as usize);
        let file = PartFile::open(self.store, &name, arrays, &self.order.earlier.job);
        let file = file.map_err(|_| changed(&name))?;
        let rows = file.utterances(self.store)?;
        let reader = file.reader(self.store, arrays)?;
        Ok(KeptPart { number, file, reader, rows })
    }

    /// Makes of the rows that the dataset has of an utterance those that a part has.
    fn of_files(
        &mut self,
        utterance: u64,
        line: u64,
        writer: &mut PartWriter,
    ) -> Result<(UtteranceRow, Vec<Moments>), Error> {
        let row: UtteranceRow = self.row_at(&self.name(UTTERANCES_FILE), line)?;
        let frames = self.place_in(&self.name(INDEX_FILE), utterance)?;
        let (arrays, event_grid) = (&self.tables.arrays, self.tables.arrays.event_grid_of_files());
        let mut moments = Vec::new();
        for (number, layout) in arrays.in_layout().iter().enumerate() {
            let place = match layout.grid {
                FRAMES => frames,
                grid if grid == event_grid => Place {
                    first: row.first_event.unwrap_or(0),
                    count: row.num_events.unwrap_or(0),
                    ..frames
                },
                _ => self.place_in(&self.name(&index_file(&layout.name)), utterance)?,
            };
            let shard =
                self.store.read(&shard_file(&self.order.split, &layout.name, place.shard))?;
            match arrays.features.get(number) {
                Some(array) => {
                    let of_array =
                        self.features(number, array, layout, (&*shard, place), writer)?;
                    moments.push(of_array);
                }
                None => self.copy(number, layout, (&*shard, place), writer)?,
            }
        }
        Ok((UtteranceRow { first_event: None, ..row }, moments))
    }

    /// Takes the base columns out of rows of a feature array, and makes their statistics as if they had come from
    /// samples.
    fn features(
        &mut self,
        number: usize,
        array: &FeatureArray,
        layout: &ArrayLayout,
        (shard, place): (&dyn ReadAt, Place),
        writer: &mut PartWriter,
    ) -> Result<Moments, Error> {
        let (row_bytes, base_at) = (layout.row_bytes() as usize, 4 * array.base_at());
        let own = base_at..base_at + 4 * array.dim;
        let mut moments = WideMoments::new(array.after.wide, self.tables.job.level, array.dim);
        for first in (0..place.count).step_by(ROWS_AT_ONCE) {
            let rows = (place.count - first).min(ROWS_AT_ONCE as u64);
            read_rows(shard, layout, place.first + first, rows, &mut self.bytes)?;
            self.base.clear();
            let own =
                self.bytes.chunks_exact(row_bytes).flat_map(|row| row[own.clone()].as_chunks().0);
            self.base.extend(own.map(|&bytes| f32::from_le_bytes(bytes)));
            writer.append(number, bytemuck::cast_slice(&self.base))?;
            moments.push(&self.base, &mut self.widening);
        }
        Ok(moments.finish(&[], &mut self.widening))
    }

    /// Copies rows that lie in the dataset as they do in a part.
    fn copy(
        &mut self,
        number: usize,
        layout: &ArrayLayout,
        (shard, place): (&dyn ReadAt, Place),
        writer: &mut PartWriter,
    ) -> Result<(), Error> {
        let at_once = at_once(layout.row_bytes());
        for first in (0..place.count).step_by(at_once as usize) {
            let rows = (place.count - first).min(at_once);
            read_rows(shard, layout, place.first + first, rows, &mut self.bytes)?;
            writer.append(number, &self.bytes)?;
        }
        Ok(())
    }

    /// Reads where an utterance's rows are, of an index.
    fn place_in(&self, index: &str, utterance: u64) -> Result<Place, Error> {
        let mut numbers = [0; 24];
        let offset = NPY_HEADER_BYTES as u64 + 24 * utterance;
        self.store.read(index)?.read_exact_at(&mut numbers, offset)?;
        let [shard, first, count] =
            [0, 1, 2].map(|at| u64::from_le_bytes(numbers.as_chunks().0[at]));
        let shard = usize::try_from(shard).map_err(|_| changed(index))?;
        Ok(Place { shard, first, count })
    }

    /// Reads why an utterance failed.
    fn failure(&self, line: u64) -> Result<Failure, Error> {
        let FailureRow { stage, cause, error, .. } = self.row_at(FAILURES_FILE, line)?;
        let cause = Cause::named(&cause).ok_or_else(|| changed(FAILURES_FILE))?;
        Ok(Failure { stage, cause, error })
    }

    fn row_at<T: DeserializeOwned>(&self, name: &str, line: u64) -> Result<T, Error> {
        let text = line_at(&*self.store.read(name)?, line)?;
        serde_json::from_slice(&text).map_err(|_| changed(name))
    }

    /// Returns the name of a file of the split.
    fn name(&self, file: &str) -> String {
        format!("{}/{file}", self.order.split)
    }
}

/// Reads rows of an array, by their place in its file.
fn read_rows(
    shard: &dyn ReadAt,
    layout: &ArrayLayout,
    first: u64,
    rows: u64,
    bytes: &mut Vec<u8>,
) -> Result<(), Error> {
    let row_bytes = layout.row_bytes();
    bytes.resize((rows * row_bytes) as usize, 0);
    let offset = first.saturating_mul(row_bytes).saturating_add(layout.dtype.header_bytes() as u64);
    Ok(shard.read_exact_at(bytes, offset)?)
}

/// Returns how many rows are copied at once.
fn at_once(row_bytes: u64) -> u64 {
    ((1 << 16) / row_bytes.max(1)).max(1)
}

/// The error of a file that was whole when its rows were counted on.
fn changed(file: &str) -> Error {
    Error::EarlierChanged { path: Path::new(file).to_owned() }
}
