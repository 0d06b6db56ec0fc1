//! Spikes on their way into the correlations.

use super::cells::Event;
use super::overlap::{Overlaps, row_width};
use crate::lanes::LANES;

/// How many cells share a log of all spikes, and a log of strong ones, which are near.
const CELLS: usize = 8;
const CELLS_OF_STRONG: usize = 4;

/// Which spikes reach which cells, in the order in which they were found: all of them by stretch of time,
/// and those that are strong by stretch of time and eight channels.
#[derive(Debug, Clone, Default)]
pub(super) struct Logs {
    /// How many lanes all channels take.
    width: usize,
    num_cells: usize,
    all: Vec<Vec<Event>>,
    strong: Vec<Vec<Event>>,
}

/// Which spikes are meant.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Strength {
    Strong,
    Weak,
}

impl Logs {
    /// Makes room; what is in the logs stays.
    pub(super) fn resize(&mut self, num_channels: usize, num_cells: usize) {
        self.width = row_width(num_channels);
        self.num_cells = num_cells;
        // Those that are not needed keep their memory for longer signals.
        let all = num_cells.div_ceil(CELLS).max(self.all.len());
        self.all.resize_with(all, Vec::new);
        let strong = num_cells.div_ceil(CELLS_OF_STRONG) * self.width;
        self.strong.resize_with(strong.max(self.strong.len()), Vec::new);
    }

    pub(super) fn clear(&mut self) {
        self.all.iter_mut().for_each(Vec::clear);
        self.strong.iter_mut().for_each(Vec::clear);
    }

    /// Enters a spike that reaches the cells from `first` to `last`.
    #[inline(always)]
    pub(super) fn push(&mut self, overlaps: &Overlaps, event: Event, first: usize, last: usize) {
        for log in &mut self.all[first / CELLS..=last / CELLS] {
            log.push(event);
        }
        for group in 0..self.width {
            let Some(cells) = overlaps.strong_cells(event, group, self.num_cells) else { continue };
            let (first, last) = (cells.start() / CELLS_OF_STRONG, cells.end() / CELLS_OF_STRONG);
            for at in first..=last {
                self.strong[at * self.width + group].push(event);
            }
        }
    }

    /// The log in which a cell finds the spikes of a strength, among others.
    #[inline(always)]
    pub(super) fn of(&self, strength: Strength, cell: usize, channel: usize) -> &[Event] {
        match strength {
            Strength::Strong => &self.strong[cell / CELLS_OF_STRONG * self.width + channel / LANES],
            Strength::Weak => &self.all[cell / CELLS],
        }
    }
}
