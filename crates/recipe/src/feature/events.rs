//! Files of events that stand for recordings.

/// What another program's files of events have, wherever they are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct EventFiles {
    /// How many samples it coded at a time.
    pub block: usize,
    /// How many channels events may have.
    pub num_channels: usize,
}
