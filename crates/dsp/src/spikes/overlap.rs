//! What a spike takes away from every correlation near it: the cross-correlations of the kernels.

use super::cells::CELL;
use super::gammatone::Dictionary;
use crate::lanes::{LANES, Lanes};

/// Into how many runs the places of a spike within a cell are divided for the bounds: more make the
/// bounds tighter and the table larger.
const PHASES: usize = 4;

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
    bounds: Vec<Lanes>,
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
}

impl Pair {
    /// Whether a cell that begins `d` after the spike is reached by it, and where its overlaps are if so.
    #[inline(always)]
    pub(super) fn place(&self, d: i32) -> (bool, u32) {
        ((d.wrapping_sub(self.first) as u32) < self.count, self.zero.wrapping_add_signed(d))
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
    /// A row of all channels for each cell.
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
            for phase in 0..PHASES {
                for cell in -(reach.before as isize)..=reach.behind as isize {
                    let mut row = vec![Lanes::ZERO; width];
                    for channel in 0..num_channels {
                        let bound = overlaps.bound(spike, channel, phase, cell);
                        row[channel / LANES].0[channel % LANES] = bound;
                    }
                    overlaps.bounds.append(&mut row);
                }
            }
        }
        overlaps
    }

    fn push_pair(&mut self, g: &[f32], h: &[f32]) {
        let (before, behind) = (h.len() as i32 - 1, g.len() as i32 - 1);
        self.values.extend([0.0; CELL - 1]);
        self.pairs.push(Pair {
            zero: (self.values.len() + before as usize) as u32,
            first: -before - (CELL as i32 - 1),
            count: (before + behind) as u32 + CELL as u32,
        });
        for d in -before..=behind {
            let (g, h) = (&g[d.max(0) as usize..], &h[(-d).max(0) as usize..]);
            let sum: f64 = g.iter().zip(h).map(|(&g, &h)| f64::from(g) * f64::from(h)).sum();
            self.values.push(sum as f32);
        }
        self.values.extend([0.0; CELL - 1]);
    }

    /// The largest overlap of a spike of one channel with another's onsets in a cell, for the spikes
    /// that lie in this run of places of their own cell.
    fn bound(&self, spike: usize, channel: usize, phase: usize, cell: isize) -> f32 {
        let pair = self.pairs[channel * self.num_channels + spike];
        let run = CELL / PHASES;
        let first = cell * CELL as isize - ((phase + 1) * run - 1) as isize;
        let last = (cell + 1) * CELL as isize - 1 - (phase * run) as isize;
        let first = first.max(pair.first as isize + CELL as isize - 1);
        let last = last.min(pair.first as isize + pair.count as isize - 1);
        if first > last {
            return 0.0;
        }
        let at = |d: isize| (pair.zero as usize).wrapping_add_signed(d);
        self.values[at(first)..=at(last)].iter().fold(0.0, |max, x| max.max(x.abs()))
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
        let phase = onset % CELL / (CELL / PHASES);
        let length = (reach.before + 1 + reach.behind) * row_width(self.num_channels);
        let rows = reach.rows + phase * length;
        Reached {
            first_cell: (onset / CELL) as isize - reach.before as isize,
            bounds: &self.bounds[rows..rows + length],
        }
    }
}

/// How many lanes a row of all channels takes.
#[inline(always)]
pub(super) fn row_width(num_channels: usize) -> usize {
    num_channels.div_ceil(LANES)
}
