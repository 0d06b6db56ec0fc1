//! Base rows on their way into a part, some at a time.

use ossicle_dsp::{Moments, Sliding};

use crate::error::Error;
use crate::part::PartWriter;
use crate::rows::tables::Tables;
use crate::rows::wide_moments::{WideMoments, Widening};

/// What a sink needs, which may be dirty.
#[derive(Debug, Default)]
pub(crate) struct SinkScratch {
    slid: Vec<f32>,
    own: Vec<f32>,
    widening: Widening,
}

/// Takes the base rows of an utterance, of all features side by side, however many come at a time, and
/// puts them into the arrays of its part.
#[derive(Debug)]
pub(crate) struct RowSink<'a> {
    tables: &'a Tables,
    writer: &'a mut PartWriter,
    sliding: Option<Sliding>,
    /// Of each feature array.
    moments: Vec<WideMoments>,
    scratch: &'a mut SinkScratch,
}

impl<'a> RowSink<'a> {
    pub(crate) fn new(
        tables: &'a Tables,
        num_frames: usize,
        writer: &'a mut PartWriter,
        scratch: &'a mut SinkScratch,
    ) -> RowSink<'a> {
        let (arrays, level) = (&tables.arrays, tables.job.level);
        let of_array = |dim| WideMoments::new(arrays.deltas, level, dim, num_frames);
        RowSink {
            tables,
            writer,
            sliding: tables.sliding.map(|sliding| sliding.begin(arrays.dim, num_frames, level)),
            moments: arrays.features.iter().map(|array| of_array(array.dim)).collect(),
            scratch,
        }
    }

    pub(crate) fn push(&mut self, rows: &[f32]) -> Result<(), Error> {
        let SinkScratch { slid, own, widening } = &mut *self.scratch;
        let rows = match &mut self.sliding {
            Some(sliding) => {
                slid.clear();
                sliding.push(rows, slid);
                &**slid
            }
            None => rows,
        };
        let arrays = &self.tables.arrays;
        for (number, (array, moments)) in arrays.features.iter().zip(&mut self.moments).enumerate()
        {
            let own = array.own(rows, arrays.dim, own);
            self.writer.append(number, bytemuck::cast_slice(own))?;
            moments.push(own, widening);
        }
        Ok(())
    }

    /// Returns the moments of each array's wide columns, once all rows were there.
    pub(crate) fn finish(self) -> Vec<Moments> {
        self.moments.into_iter().map(WideMoments::finish).collect()
    }
}
