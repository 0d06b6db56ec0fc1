//! What a spike takes away from every correlation near it: the cross-correlations of the kernels.

use std::ops::{Range, RangeInclusive};

use super::cells::{CELL, Event};
use super::gammatone::Dictionary;
use crate::lanes::{LANES, Lanes};

/// Into how many runs the places of a spike within a cell are divided for the bounds: more make the
/// bounds tighter and the table larger.
const PHASES: usize = 4;

/// How many places such a run has.
const RUN: usize = CELL / PHASES;

/// The least overlap that is strong. Of the spikes that reach a cell of speech five in six are weaker
/// everywhere in it; at a third of this or at three times as much, pursuits take a tenth longer.
const STRONG: f32 = 1e-3;

/// The cross-correlations of all pairs of kernels, and how large they are at most in each cell.
///
/// With a spike of kernel g at onset s, the correlation of kernel h at onset t becomes smaller by the
/// spike's amplitude times overlap(g, h, t − s), where overlap(g, h, d) = Σₖ g\[k + d\]·h\[k\].
#[derive(Debug, Clone)]
pub(super) struct Overlaps {
    num_channels: usize,
    /// The overlaps of each pair over d, with [`CELL`] − 1 zeros before and behind.
    values: Vec<f32>,
    /// Of each pair, by the channel that changes and then by the spike's.
    pairs: Vec<Pair>,
    /// Of each channel.
    reaches: Vec<Reach>,
    /// The largest overlap without its sign: for each channel, phase and cell that a spike reaches a
    /// row of all channels, filled up to whole lanes.
    ///
    /// Negative where the spike is weak for the channel in that cell, which is for all spikes of the phase.
    bounds: Vec<Lanes>,
    /// For each channel of a spike, and each lanes of channels that change: in which cells it is strong.
    strong_cells: Vec<Option<StrongCells>>,
}

/// The cells in which a spike is strong for one of eight channels, counted from its own.
#[derive(Debug, Clone, Copy)]
struct StrongCells {
    first: i32,
    last: i32,
}

/// Where the overlaps of a pair of kernels are.
#[derive(Debug, Clone, Copy)]
pub(super) struct Pair {
    /// Where the one of d = 0 is among all values.
    zero: u32,
    /// The first d for which a cell that begins d after the spike is reached by it, and how many there
    /// are.
    first: i32,
    count: u32,
    /// The same of strong spikes, for d from the beginning of the spike's run of places.
    strong_first: i32,
    strong_count: u32,
}

impl Pair {
    /// Whether a cell that begins `d` after the spike is reached by it, and where its overlaps are if so.
    #[inline(always)]
    pub(super) fn place(&self, d: i32) -> (bool, u32) {
        ((d.wrapping_sub(self.first) as u32) < self.count, self.zero.wrapping_add_signed(d))
    }

    /// Whether a spike is strong for a cell that begins at `start`. That is decided by the run of places
    /// that the spike lies in, as bounds are.
    #[inline(always)]
    pub(super) fn is_strong(&self, start: i32, onset: i32) -> bool {
        self.is_strong_run(start - (onset & !(RUN as i32 - 1)))
    }

    /// The same of a cell that begins `d` after the beginning of the run.
    #[inline(always)]
    fn is_strong_run(&self, d: i32) -> bool {
        (d.wrapping_sub(self.strong_first) as u32) < self.strong_count
    }
}

/// Which cells a spike of a channel reaches.
#[derive(Debug, Clone, Copy)]
struct Reach {
    /// How many cells before its own, and behind it.
    before: usize,
    behind: usize,
    /// Where its rows begin among all bounds.
    rows: usize,
}

/// The cells that a spike reaches, with their bounds.
#[derive(Debug, Clone, Copy)]
pub(super) struct Reached<'a> {
    /// The first cell; negative where a cell before the first would be reached.
    pub(super) first_cell: isize,
    /// A row of all channels for each cell: the largest overlap, negative where the spike is weak.
    pub(super) bounds: &'a [Lanes],
}

impl Overlaps {
    pub(super) fn new(dictionary: &Dictionary) -> Overlaps {
        let num_channels = dictionary.num_channels();
        let width = row_width(num_channels);
        let longest = dictionary.longest();
        let mut overlaps = Overlaps {
            num_channels,
            values: Vec::new(),
            pairs: Vec::with_capacity(num_channels * num_channels),
            reaches: Vec::with_capacity(num_channels),
            bounds: Vec::new(),
            strong_cells: Vec::new(),
        };
        for h in (0..num_channels).map(|channel| dictionary.kernel(channel)) {
            for g in (0..num_channels).map(|channel| dictionary.kernel(channel)) {
                overlaps.push_pair(g, h);
            }
        }
        for g in (0..num_channels).map(|channel| dictionary.kernel(channel)) {
            let reach = Reach {
                before: (longest - 1).div_ceil(CELL),
                behind: (g.len() - 1).div_ceil(CELL),
                rows: overlaps.bounds.len(),
            };
            overlaps.reaches.push(reach);
            let spike = overlaps.reaches.len() - 1;
            overlaps.push_bounds(spike);
            overlaps.find_strong(spike);
            for group in 0..width {
                let channels = group * LANES..num_channels.min((group + 1) * LANES);
                overlaps.strong_cells.push(overlaps.strong_cells_of(spike, channels));
            }
        }
        overlaps
    }

    /// How many overlaps there are of a dictionary.
    pub(super) fn size(dictionary: &Dictionary) -> usize {
        let num_channels = dictionary.num_channels();
        let samples: usize = (0..num_channels).map(|c| dictionary.kernel(c).len()).sum();
        2 * num_channels * samples + num_channels * num_channels * (2 * CELL - 3)
    }

    fn push_pair(&mut self, g: &[f32], h: &[f32]) {
        let (before, behind) = (h.len() as i32 - 1, g.len() as i32 - 1);
        self.values.extend([0.0; CELL - 1]);
        self.pairs.push(Pair {
            zero: (self.values.len() + before as usize) as u32,
            first: -before - (CELL as i32 - 1),
            count: (before + behind) as u32 + CELL as u32,
            strong_first: 0,
            strong_count: 0,
        });
        for d in -before..=behind {
            let (g, h) = (&g[d.max(0) as usize..], &h[(-d).max(0) as usize..]);
            self.values.push(dot(g, h) as f32);
        }
        self.values.extend([0.0; CELL - 1]);
    }

    /// The largest overlap of a spike of one channel with another's onsets in a cell, for the spikes
    /// that lie in this run of places of their own cell.
    fn bound(&self, spike: usize, channel: usize, phase: usize, cell: isize) -> f32 {
        let pair = self.pairs[channel * self.num_channels + spike];
        let first = cell * CELL as isize - ((phase + 1) * RUN - 1) as isize;
        let last = (cell + 1) * CELL as isize - 1 - (phase * RUN) as isize;
        let first = first.max(pair.first as isize + CELL as isize - 1);
        let last = last.min(pair.first as isize + pair.count as isize - 1);
        if first > last {
            return 0.0;
        }
        let at = |d: isize| (pair.zero as usize).wrapping_add_signed(d);
        self.values[at(first)..=at(last)].iter().fold(0.0, |max, x| max.max(x.abs()))
    }

    /// The runs of places of a spike, with a cell that it reaches from there each, in the order of bounds.
    fn runs(&self, spike: usize) -> impl Iterator<Item = (usize, isize)> + use<> {
        let Reach { before, behind, .. } = self.reaches[spike];
        let cells = -(before as isize)..=behind as isize;
        (0..PHASES).flat_map(move |phase| cells.clone().map(move |cell| (phase, cell)))
    }

    fn push_bounds(&mut self, spike: usize) {
        for (phase, cell) in self.runs(spike) {
            let mut row = vec![Lanes::ZERO; row_width(self.num_channels)];
            for channel in 0..self.num_channels {
                let bound = self.bound(spike, channel, phase, cell);
                row[channel / LANES].0[channel % LANES] = bound;
            }
            self.bounds.append(&mut row);
        }
    }

    /// Finds the cells for which spikes are strong, from the first to the last with an overlap that is, and
    /// makes the bounds of all others negative.
    fn find_strong(&mut self, spike: usize) {
        let width = row_width(self.num_channels);
        // From the run's beginning to the cell's.
        let starts: Vec<i32> = self
            .runs(spike)
            .map(|(phase, cell)| cell as i32 * CELL as i32 - (phase * RUN) as i32)
            .collect();
        let bounds = &mut self.bounds[self.reaches[spike].rows..];
        for channel in 0..self.num_channels {
            let (group, lane) = (channel / LANES, channel % LANES);
            let rows = starts.iter().zip(bounds.chunks_exact(width));
            let strong = rows.filter(|(_, row)| row[group].0[lane] >= STRONG).map(|(&d, _)| d);
            let (first, last) =
                strong.fold((i32::MAX, i32::MIN), |(first, last), d| (first.min(d), last.max(d)));
            let pair = &mut self.pairs[channel * self.num_channels + spike];
            if first <= last {
                pair.strong_first = first;
                pair.strong_count = (last - first) as u32 + 1;
            }
            for (&d, row) in starts.iter().zip(bounds.chunks_exact_mut(width)) {
                if !pair.is_strong_run(d) {
                    row[group].0[lane] = -row[group].0[lane];
                }
            }
        }
    }

    /// The cells in which a spike is strong for one of these channels, wherever in its own it lies.
    fn strong_cells_of(&self, spike: usize, channels: Range<usize>) -> Option<StrongCells> {
        const SIZE: i32 = CELL as i32;
        channels
            .map(|channel| self.with(channel)[spike])
            .filter(|pair| pair.strong_count > 0)
            .map(|pair| {
                // The first run of places is nearest to what lies before, the last to what lies behind.
                let last = pair.strong_first + pair.strong_count as i32 - 1;
                StrongCells {
                    first: -(-pair.strong_first).div_euclid(SIZE),
                    last: (last + SIZE - RUN as i32).div_euclid(SIZE),
                }
            })
            .reduce(|a, b| StrongCells { first: a.first.min(b.first), last: a.last.max(b.last) })
    }

    /// The cells in which a spike is strong for one of eight channels, if there are any.
    ///
    /// - `group`: which eight
    /// - `num_cells`: how many there are
    #[inline(always)]
    pub(super) fn strong_cells(
        &self,
        event: Event,
        group: usize,
        num_cells: usize,
    ) -> Option<RangeInclusive<usize>> {
        let width = row_width(self.num_channels);
        let cells = self.strong_cells[event.channel as usize * width + group]?;
        let own = event.onset as i32 / CELL as i32;
        let last = (own + cells.last).min(num_cells as i32 - 1);
        let first = (own + cells.first).max(0);
        (first <= last).then_some(first as usize..=last as usize)
    }

    /// Where the overlaps of a channel with all spikes' channels are.
    #[inline(always)]
    pub(super) fn with(&self, channel: usize) -> &[Pair] {
        &self.pairs[channel * self.num_channels..][..self.num_channels]
    }

    /// The overlaps at the onsets of a cell.
    #[inline(always)]
    pub(super) fn at(&self, place: u32) -> Option<&[f32; CELL]> {
        self.values.get(place as usize..)?.first_chunk()
    }

    /// What a spike of this channel at this onset reaches.
    #[inline(always)]
    pub(super) fn reached(&self, channel: usize, onset: usize) -> Reached<'_> {
        let reach = self.reaches[channel];
        let phase = onset % CELL / RUN;
        let length = (reach.before + 1 + reach.behind) * row_width(self.num_channels);
        let rows = reach.rows + phase * length;
        Reached {
            first_cell: (onset / CELL) as isize - reach.before as isize,
            bounds: &self.bounds[rows..rows + length],
        }
    }
}

/// The sum of products, as far as both go. In eight sums, so that one addition need not wait for the
/// other.
fn dot(a: &[f32], b: &[f32]) -> f64 {
    let length = a.len().min(b.len());
    let (a, rest_a) = a[..length].as_chunks::<LANES>();
    let (b, rest_b) = b[..length].as_chunks::<LANES>();
    let mut sums = [0.0; LANES];
    for (a, b) in a.iter().zip(b) {
        for ((sum, &a), &b) in sums.iter_mut().zip(a).zip(b) {
            *sum += f64::from(a) * f64::from(b);
        }
    }
    let rest: f64 = rest_a.iter().zip(rest_b).map(|(&a, &b)| f64::from(a) * f64::from(b)).sum();
    sums.iter().sum::<f64>() + rest
}

/// How many lanes a row of all channels takes.
#[inline(always)]
pub(super) fn row_width(num_channels: usize) -> usize {
    num_channels.div_ceil(LANES)
}
