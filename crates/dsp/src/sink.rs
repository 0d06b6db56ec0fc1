//! Rows and events on their way out of a stream.

/// Something at a point in time: a spike of a [spikegram](crate::spikes), say.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Event {
    /// The kind of event: a row of a dictionary, say.
    pub channel: u32,
    /// The sample where it begins, counted from the recording's first.
    pub sample: u64,
    /// The event's strength, with its sign.
    pub amplitude: f32,
}

/// Takes what a stream has made, until it is [cleared](Sink::clear). Its memory is used again.
#[derive(Debug, Default)]
pub struct Sink {
    /// Dirty from `filled` on.
    rows: Vec<f32>,
    filled: usize,
    events: Vec<Event>,
    ended_early: bool,
}

impl Sink {
    /// Returns the rows, row-major.
    pub fn rows(&self) -> &[f32] {
        &self.rows[..self.filled]
    }

    /// Hands the rows out with their memory.
    pub fn take_rows(&mut self) -> Vec<f32> {
        self.rows.truncate(self.filled);
        self.filled = 0;
        std::mem::take(&mut self.rows)
    }

    /// Returns the events, in the order in which they were found.
    pub fn events(&self) -> &[Event] {
        &self.events
    }

    /// Returns whether a search for events ended at none of the ends that were asked for.
    pub fn ended_early(&self) -> bool {
        self.ended_early
    }

    /// Says that a search for events ended at none of the ends that were asked for.
    pub fn end_early(&mut self) {
        self.ended_early = true;
    }

    /// Forgets everything but the memory.
    pub fn clear(&mut self) {
        self.filled = 0;
        self.ended_early = false;
        self.events.clear();
    }

    /// Makes room for more rows, to be overwritten.
    ///
    /// - `len`: how many numbers
    pub fn append_rows(&mut self, len: usize) -> &mut [f32] {
        let begin = self.filled;
        self.filled += len;
        if self.rows.len() < self.filled {
            self.rows.resize(self.filled, 0.0);
        }
        &mut self.rows[begin..self.filled]
    }

    /// Gives access to the events, so that more can be appended.
    pub fn events_mut(&mut self) -> &mut Vec<Event> {
        &mut self.events
    }
}
