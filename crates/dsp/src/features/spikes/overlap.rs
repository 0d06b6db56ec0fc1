//! The cross-correlations of the kernels: the amounts that a spike takes away from every
//! correlation near it.

use std::ops::{Range, RangeInclusive};

use super::atom::Atom;
use super::cell::CELL;
use super::channels::{Channels, TOGETHER, row_width};
use super::gammatone::Dictionary;
use super::sums::dot;

/// Into how many runs the places of a spike within a cell are divided: more make the bounds tighter and
/// the tables larger.
const PHASES: usize = 8;

/// The number of places of such a run.
const RUN: usize = CELL / PHASES;

/// The least overlap that is strong. Of the rows that a spike reaches six in seven are weaker; at twice
/// this or half of it, pursuits of speech take about as long.
const STRONG_OVERLAP: f32 = 1e-3;

/// The number of zeros before and behind the strong overlaps of a pair: a row may begin or end
/// among them that is reached from another place of the run only.
const MARGIN: usize = CELL + RUN - 2;

/// The cross-correlations of all pairs of kernels, as far as they are strong, and how large the others are.
///
/// With a spike of kernel g at onset s, the correlation of kernel h at onset t becomes smaller by the
/// spike's amplitude times overlap(g, h, t − s), where overlap(g, h, d) = Σₖ g\[k + d\]·h\[k\].
#[derive(Debug, Clone)]
pub(super) struct Overlaps {
    /// The strong overlaps of each pair over d, with zeros before and behind.
    values: Vec<f32>,
    /// The changes by the spike's channel and the run of places that it lies in.
    changes: Vec<Changes>,
}

/// The correlations that a spike changes.
#[derive(Debug, Clone, Default)]
pub(super) struct Changes {
    /// The number of cells before the spike's own that are reached.
    before: usize,
    /// The number of cells behind it that are.
    behind: usize,
    /// The largest weak overlap, without its sign: for each cell that is reached a row of all
    /// channels.
    weak: Vec<Channels>,
    /// The rows with strong ones, by cell and then by channel.
    strong: Vec<Row>,
}

/// The overlaps of a spike with one channel's onsets in a cell.
#[derive(Debug, Clone, Copy)]
pub(super) struct Row {
    /// Counted from the spike's own.
    cell: i32,
    /// The place among the correlations of all cells, counted from the first of the spike's own.
    correlations: i32,
    /// The place among the bounds of all cells, counted likewise.
    bound: i32,
    /// The place of its overlaps among all values, if the spike is at the first place of its own
    /// cell.
    place: u32,
}

/// The overlaps of a pair of kernels over d.
struct Pair {
    /// The first d.
    first: i32,
    overlaps: Vec<f32>,
    /// The range of the strong ones, with weak ones between them.
    strong: Option<RangeInclusive<usize>>,
}

impl Overlaps {
    pub(super) fn new(dictionary: &Dictionary) -> Overlaps {
        let mut overlaps = Overlaps { values: Vec::new(), changes: Vec::new() };
        for spike in 0..dictionary.num_channels() {
            overlaps.push_changes(dictionary, spike);
        }
        overlaps
    }

    /// Counts the overlaps of a dictionary that are computed, and kept if all of them are strong.
    pub(super) fn size(dictionary: &Dictionary) -> usize {
        let num_channels = dictionary.num_channels();
        let samples: usize = dictionary.kernels().map(<[f32]>::len).sum();
        2 * num_channels * samples + num_channels * num_channels * (2 * MARGIN)
    }

    fn push_changes(&mut self, dictionary: &Dictionary, spike: usize) {
        let num_channels = dictionary.num_channels();
        let width = row_width(num_channels);
        let before = (dictionary.longest() - 1).div_ceil(CELL);
        let behind = (dictionary.kernel(spike).len() - 1).div_ceil(CELL);
        let num_cells = before + 1 + behind;
        let weak = vec![Channels::ZERO; num_cells * width];
        let mut changes = vec![Changes { before, behind, weak, strong: Vec::new() }; PHASES];
        for (channel, kernel) in dictionary.kernels().enumerate() {
            let pair = Pair::new(dictionary.kernel(spike), kernel);
            let zero = self.push_values(&pair);
            for (phase, changes) in changes.iter_mut().enumerate() {
                for at in 0..num_cells {
                    let cell = at as i32 - before as i32;
                    let start = cell * CELL as i32;
                    let reached = pair.reached(start - (phase * RUN) as i32);
                    let row = &mut changes.weak[at * width + channel / TOGETHER];
                    row.0[channel % TOGETHER] = pair.largest_weak(&reached);
                    if let Some(zero) = zero.filter(|_| pair.has_strong(&reached)) {
                        let of = |width: usize| cell * width as i32 + channel as i32;
                        changes.strong.push(Row {
                            cell,
                            correlations: of(num_channels),
                            bound: of(width * TOGETHER),
                            place: zero.wrapping_add_signed(start),
                        });
                    }
                }
            }
        }
        for changes in &mut changes {
            changes.strong.sort_by_key(|row| row.correlations);
        }
        self.changes.append(&mut changes);
    }

    /// Appends the strong overlaps of a pair, and says where the one of d = 0 is or would be.
    fn push_values(&mut self, pair: &Pair) -> Option<u32> {
        let strong = pair.strong.clone()?;
        self.values.extend([0.0; MARGIN]);
        let first = pair.first + *strong.start() as i32;
        let zero = (self.values.len() as u32).wrapping_add_signed(-first);
        self.values.extend(&pair.overlaps[strong]);
        self.values.extend([0.0; MARGIN]);
        Some(zero)
    }

    /// Returns the correlations that a spike changes.
    #[inline(always)]
    pub(super) fn changes(&self, atom: Atom) -> &Changes {
        &self.changes[atom.channel as usize * PHASES + atom.onset as usize % CELL / RUN]
    }

    /// Returns the overlaps of a row with a spike; none if the row is none of the spike's.
    ///
    /// - `place`: of the spike in its own cell
    #[inline(always)]
    pub(super) fn values(&self, row: Row, place: u32) -> Option<&[f32; CELL]> {
        let place = row.place.wrapping_sub(place);
        self.values.get(place as usize..)?.first_chunk()
    }
}

impl Changes {
    /// Returns the rows with strong overlaps that are of cells that there are.
    #[inline(always)]
    pub(super) fn strong(&self, own: usize, num_cells: usize) -> &[Row] {
        if own >= self.before && own + self.behind < num_cells {
            return &self.strong;
        }
        let before = |cell: isize| self.strong.partition_point(|row| (row.cell as isize) < cell);
        let own = own as isize;
        &self.strong[before(-own)..before(num_cells as isize - own)]
    }

    /// Returns the first cell that is reached.
    #[inline(always)]
    pub(super) fn first(&self, own: usize) -> usize {
        own.saturating_sub(self.before)
    }

    /// Iterates over the cells that are reached, each with the largest weak overlap of every
    /// channel.
    ///
    /// - `num_cells`: how many there are
    #[inline(always)]
    pub(super) fn weak(
        &self,
        own: usize,
        num_cells: usize,
        width: usize,
    ) -> impl Iterator<Item = (usize, &[Channels])> {
        let skipped = self.before.saturating_sub(own);
        (self.first(own)..num_cells).zip(self.weak.chunks_exact(width).skip(skipped))
    }
}

impl Row {
    /// Returns the place among the correlations of all cells.
    ///
    /// - `own`: that of the first of the spike's own cell
    #[inline(always)]
    pub(super) fn correlations(self, own: usize) -> usize {
        own.wrapping_add_signed(self.correlations as isize)
    }

    /// Returns the place among the bounds of all cells.
    ///
    /// - `own`: that of the first of the spike's own cell
    #[inline(always)]
    pub(super) fn bound(self, own: usize) -> usize {
        own.wrapping_add_signed(self.bound as isize)
    }

    /// Returns whether it is of a cell that is so many behind the spike's own.
    #[inline(always)]
    pub(super) fn is_of(self, behind: isize) -> bool {
        self.cell as isize == behind
    }
}

impl Pair {
    fn new(g: &[f32], h: &[f32]) -> Pair {
        let first = 1 - h.len() as i32;
        let overlap = |d: i32| dot(&g[d.max(0) as usize..], &h[(-d).max(0) as usize..]) as f32;
        let overlaps: Vec<f32> = (first..g.len() as i32).map(overlap).collect();
        let is_strong = |x: &f32| x.abs() >= STRONG_OVERLAP;
        let strong = overlaps.iter().position(is_strong);
        let strong = strong.zip(overlaps.iter().rposition(is_strong));
        Pair { first, overlaps, strong: strong.map(|(first, last)| first..=last) }
    }

    /// Returns the overlaps that a spike has with the onsets of a cell, wherever it lies in a run
    /// of places.
    ///
    /// - `d`: from the beginning of the run to that of the cell
    fn reached(&self, d: i32) -> Range<usize> {
        let first = d - (RUN as i32 - 1) - self.first;
        let end = d + CELL as i32 - self.first;
        let at = |d: i32| d.clamp(0, self.overlaps.len() as i32) as usize;
        at(first)..at(end)
    }

    fn has_strong(&self, reached: &Range<usize>) -> bool {
        let strong = self.strong.as_ref();
        strong.is_some_and(|strong| reached.start <= *strong.end() && reached.end > *strong.start())
    }

    fn largest_weak(&self, reached: &Range<usize>) -> f32 {
        let is_weak = |at: &usize| self.strong.as_ref().is_none_or(|strong| !strong.contains(at));
        let weak = reached.clone().filter(is_weak);
        weak.fold(0.0, |largest, at| largest.max(self.overlaps[at].abs()))
    }
}
