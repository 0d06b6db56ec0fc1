//! Rows made of the rows around them, at random or as they come.

use std::fmt;
use std::ops::Range;

use crate::kernels::simd::Level;

/// Base rows of an utterance, and the wide rows that are wanted of them.
#[derive(Debug, Clone)]
pub struct Around<'a> {
    /// Row-major, `dim` columns: the rows [`context`](Widen::context) of the wanted ones.
    pub base: &'a [f32],
    /// The number of columns of base rows.
    pub dim: usize,
    /// The wide rows that are wanted.
    pub rows: Range<usize>,
    /// The number of base rows that the utterance has.
    pub num_base: usize,
}

impl Around<'_> {
    /// Panics where it is not what `widen` can make wide rows of.
    pub(crate) fn check(&self, widen: &impl Widen, wide: &[f32]) {
        let Around { base, dim, ref rows, num_base } = *self;
        let num_rows = widen.num_rows(num_base);
        assert!(rows.end <= num_rows, "rows {rows:?} of an utterance of {num_rows}");
        let context = widen.context(rows, num_base);
        assert_eq!(base.len(), context.len() * dim, "base must hold the context");
        assert_eq!(wide.len(), rows.len() * widen.wide_dim(dim), "wide must hold the rows");
    }
}

/// Makes wide rows of base rows: [derivatives](crate::Deltas), [neighbours](crate::Splice). Any rows may be
/// asked for in any order, and are the same whichever others are.
pub trait Widen: fmt::Debug {
    /// Returns the number of wide rows in an utterance of `num_base` base rows.
    fn num_rows(&self, num_base: usize) -> usize {
        num_base
    }

    /// Returns the number of columns that rows of `dim` columns become.
    fn wide_dim(&self, dim: usize) -> usize;

    /// Returns the base rows, of `num_base`, that the wide rows `rows` depend on. With `num_base`
    /// unknown, which is `usize::MAX`, they are those of an utterance in which that many follow.
    fn context(&self, rows: &Range<usize>, num_base: usize) -> Range<usize>;

    /// Writes wide rows.
    ///
    /// - `scratch`: overwritten, may be dirty
    /// - `wide`: row-major, `[around.rows.len(), wide_dim(around.dim)]`
    ///
    /// # Panics
    /// If `around.base` is not the context of the rows, `wide` does not hold them, or the utterance does
    /// not have them.
    fn widen_into(
        &self,
        level: Level,
        around: Around<'_>,
        scratch: &mut Vec<f32>,
        wide: &mut [f32],
    );
}

/// The buffers that widening takes besides the rows that are held; they may be dirty.
#[derive(Debug, Default)]
pub struct WideScratch {
    wide: Vec<f32>,
    scratch: Vec<f32>,
}

/// Widens the rows of an utterance as they come: whatever they are cut into, wide rows have the same bits,
/// and come in the same blocks.
///
/// ```
/// use ossicle_dsp::{Level, Splice, WideScratch, WideStream};
///
/// // Each row and the next, two rows at a time.
/// let mut stream = WideStream::new(Splice::new(0, 1)?, 1, 2, Level::detect());
/// let (mut scratch, mut blocks) = (WideScratch::default(), Vec::new());
/// stream.push(&[1.0, 2.0], &mut scratch, |wide| blocks.push(wide.to_vec()));
/// assert!(blocks.is_empty());
/// stream.finish(&[3.0], &mut scratch, |wide| blocks.push(wide.to_vec()));
/// assert_eq!(blocks, [vec![1.0, 2.0, 2.0, 3.0], vec![3.0, 3.0]]);
/// # Ok::<(), ossicle_dsp::Error>(())
/// ```
#[derive(Debug)]
pub struct WideStream<W> {
    widen: W,
    level: Level,
    dim: usize,
    at_once: usize,
    /// The wide row that comes next.
    next: usize,
    /// Base rows that later ones still need, from `first_held` on.
    held: Vec<f32>,
    first_held: usize,
}

impl<W: Widen> WideStream<W> {
    /// Begins an utterance.
    ///
    /// - `dim`: how many columns base rows have
    /// - `at_once`: how many wide rows are made at a time
    ///
    /// # Panics
    /// If `dim` or `at_once` is 0.
    pub fn new(widen: W, dim: usize, at_once: usize, level: Level) -> WideStream<W> {
        assert!(dim > 0 && at_once > 0, "{at_once} rows of {dim} columns");
        WideStream { widen, level, dim, at_once, next: 0, held: Vec::new(), first_held: 0 }
    }

    /// Takes the next base rows, and hands out the blocks of wide rows that they complete.
    ///
    /// - `rows`: row-major, any number of rows of `dim` columns
    /// - `take`: gets `at_once` wide rows at a time
    ///
    /// # Panics
    /// If `rows.len()` is not a multiple of `dim`.
    pub fn push(&mut self, rows: &[f32], scratch: &mut WideScratch, take: impl FnMut(&[f32])) {
        self.held.extend_from_slice(rows);
        let held = std::mem::take(&mut self.held);
        self.advance(&held, usize::MAX, scratch, take);
        self.held = held;
        // Rows that no later one needs go once they are the larger part, so that no row is moved often. The
        // row that comes next may be followed by many, or be the last and depend on earlier ones.
        let next = self.next..self.next + 1;
        let num_there = self.first_held + self.held.len() / self.dim;
        let [endless, ending] = [usize::MAX, num_there.max(next.end)];
        let needed = self.widen.context(&next, endless).start;
        let needed = needed.min(self.widen.context(&next, ending).start);
        let num_left_behind = needed.saturating_sub(self.first_held) * self.dim;
        if 2 * num_left_behind >= self.held.len() {
            self.held.drain(..num_left_behind.min(self.held.len()));
            self.first_held += num_left_behind / self.dim;
        }
    }

    /// Takes the last base rows, and hands out all wide rows that are left. A whole utterance is this one
    /// call.
    ///
    /// - `last`: row-major, any number of rows of `dim` columns
    /// - `take`: gets `at_once` wide rows at a time, and what is left at the end
    ///
    /// # Panics
    /// If `last.len()` is not a multiple of `dim`.
    pub fn finish(mut self, last: &[f32], scratch: &mut WideScratch, take: impl FnMut(&[f32])) {
        let mut held = std::mem::take(&mut self.held);
        // An utterance that comes whole is not copied.
        let rows = match held.is_empty() {
            true => last,
            false => {
                held.extend_from_slice(last);
                &held
            }
        };
        let num_base = self.first_held + rows.len() / self.dim;
        self.advance(rows, num_base, scratch, take);
    }

    /// Hands out whatever can be widened of base rows without a gap, from `first_held` on.
    fn advance(
        &mut self,
        rows: &[f32],
        num_base: usize,
        scratch: &mut WideScratch,
        mut take: impl FnMut(&[f32]),
    ) {
        let (dim, first) = (self.dim, self.first_held);
        assert!(rows.len().is_multiple_of(dim), "rows must be whole");
        let end = first + rows.len() / dim;
        let num_rows = self.widen.num_rows(num_base);
        let WideScratch { wide, scratch } = scratch;
        while self.next < num_rows {
            let block = self.next..(self.next.saturating_add(self.at_once)).min(num_rows);
            let context = self.widen.context(&block, num_base);
            if context.end > end {
                return;
            }
            self.next = block.end;
            wide.resize(block.len() * self.widen.wide_dim(dim), 0.0);
            let around = Around {
                base: &rows[(context.start - first) * dim..(context.end - first) * dim],
                dim,
                rows: block,
                // As many as there are decide nothing where the context is all there.
                num_base: num_base.min(end),
            };
            self.widen.widen_into(self.level, around, scratch, wide);
            take(wide);
        }
    }
}
