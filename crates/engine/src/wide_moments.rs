//! The statistics of wide columns, made while base rows come.

use ossicle_dsp::Moments;

use crate::job::Job;

/// How many rows are widened at a time: with deltas, 240 KiB, which a second-level cache holds. The
/// moments of so many rows are merged at a time, so that the sums of a long recording lose no more than
/// those of a short one, and its rows need not be there all at once.
pub(crate) const ROWS_AT_ONCE: usize = 512;

/// The moments of an utterance's wide columns, while base rows come.
pub(crate) struct WideMoments<'a> {
    job: &'a Job,
    num_frames: usize,
    /// The first row that is not in the moments.
    next: usize,
    moments: Moments,
    wide: &'a mut Vec<f32>,
    widening: &'a mut Vec<f32>,
}

impl<'a> WideMoments<'a> {
    pub(crate) fn new(
        job: &'a Job,
        num_frames: usize,
        wide: &'a mut Vec<f32>,
        widening: &'a mut Vec<f32>,
    ) -> WideMoments<'a> {
        let moments = Moments::empty(job.wide_dim());
        WideMoments { job, num_frames, next: 0, moments, wide, widening }
    }

    /// Takes in whatever can be widened.
    ///
    /// - `rows`: base rows without a gap, from row `first`, which [`first_needed`](Self::first_needed)
    ///   said or one before it
    pub(crate) fn advance(&mut self, rows: &[f32], first: usize) {
        let (dim, wide_dim, deltas) = (self.job.dim(), self.job.wide_dim(), self.job.deltas);
        let end = first + rows.len() / dim;
        while self.next < self.num_frames {
            let block = self.next..(self.next + ROWS_AT_ONCE).min(self.num_frames);
            let context = deltas.context(&block, self.num_frames);
            if context.end > end {
                return;
            }
            self.next = block.end;
            self.wide.resize(block.len() * wide_dim, 0.0);
            deltas.widen_into(
                self.job.level,
                &rows[(context.start - first) * dim..(context.end - first) * dim],
                dim,
                block,
                self.num_frames,
                self.widening,
                self.wide,
            );
            let block = Moments::of_rows(self.wide, wide_dim, self.job.level);
            self.moments.merge(block.count, &block.mean, &block.m2);
        }
    }

    /// The first row that is still needed.
    pub(crate) fn first_needed(&self) -> usize {
        match self.next < self.num_frames {
            true => self.job.deltas.context(&(self.next..self.num_frames), self.num_frames).start,
            false => self.num_frames,
        }
    }

    /// The moments, once all rows were there.
    pub(crate) fn finish(self) -> Moments {
        debug_assert_eq!(self.next, self.num_frames, "not all rows were there");
        self.moments
    }
}
