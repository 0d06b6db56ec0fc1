//! Files of events that stand for recordings.

/// A description of another program's files of events, wherever they are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct EventFiles {
    /// The number of samples that it coded at a time.
    pub block: usize,
    /// The number of channels that events may have.
    pub num_channels: usize,
}
