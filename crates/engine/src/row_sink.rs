//! Base rows on their way into a part, some at a time.

use ossicle_dsp::{Moments, Sliding};

use crate::error::Error;
use crate::job::Job;
use crate::part_file::PartWriter;
use crate::wide_moments::WideMoments;

/// Takes the base rows of an utterance, however many come at a time, and puts them into its part. What is
/// held of them is what the moments of later rows still need.
pub(crate) struct RowSink<'a> {
    dim: usize,
    writer: &'a mut PartWriter,
    moments: WideMoments<'a>,
    sliding: Option<Sliding>,
    slid: &'a mut Vec<f32>,
    /// Rows that are in the part, but not yet in the moments.
    held: Vec<f32>,
    first_held: usize,
}

impl<'a> RowSink<'a> {
    /// - `slid`, `wide`, `widening`: allocations to use
    pub(crate) fn new(
        job: &'a Job,
        num_frames: usize,
        writer: &'a mut PartWriter,
        slid: &'a mut Vec<f32>,
        wide: &'a mut Vec<f32>,
        widening: &'a mut Vec<f32>,
    ) -> RowSink<'a> {
        let dim = job.dim();
        RowSink {
            dim,
            writer,
            moments: WideMoments::new(job, num_frames, wide, widening),
            sliding: job.sliding.map(|sliding| sliding.begin(dim, num_frames, job.level)),
            slid,
            held: Vec::new(),
            first_held: 0,
        }
    }

    pub(crate) fn push(&mut self, rows: &[f32]) -> Result<(), Error> {
        let begin = self.held.len();
        match &mut self.sliding {
            Some(sliding) => {
                self.slid.clear();
                sliding.push(rows, self.slid);
                self.held.extend_from_slice(self.slid);
            }
            None => self.held.extend_from_slice(rows),
        }
        self.writer.append_rows(&self.held[begin..])?;
        self.moments.advance(&self.held, self.first_held);
        let needed = self.moments.first_needed();
        self.held.drain(..(needed - self.first_held) * self.dim);
        self.first_held = needed;
        Ok(())
    }

    /// The moments of the wide columns, once all rows were there.
    pub(crate) fn finish(self) -> Moments {
        self.moments.finish()
    }
}
