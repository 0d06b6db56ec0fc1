//! Errors of files of events.

use std::io;

/// A fault of a file of events or of its companion. Messages leave out the path of the events,
/// which the caller knows.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
#[expect(missing_docs, reason = "each variant's message says what its fields are")]
pub enum EventFileError {
    #[error("cannot open {name}")]
    Open { name: String, source: io::Error },
    #[error("cannot read {name}")]
    Read { name: String, source: io::Error },
    #[error("{name} is not a regular file")]
    NotRegular { name: String },
    #[error("{name} has {bytes} bytes, which is not a whole number of {each}")]
    Ragged { name: String, bytes: u64, each: &'static str },
    #[error("{name} has {bytes} bytes; it may have {most}")]
    TooLong { name: String, bytes: u64, most: u64 },
    #[error("{name} says that block {block} has {count} spikes")]
    Count { name: String, block: usize, count: i32 },
    #[error("{name} counts {counted} spikes, and the file of spikes has {found}")]
    Counts { name: String, counted: u64, found: u64 },
    #[error("spike {event} is of channel {channel:?}; there are {num_channels}, counted from 0")]
    Channel { event: u64, channel: f64, num_channels: u32 },
    #[error("spike {event} has the amplitude {amplitude:?}, which is not one")]
    Amplitude { event: u64, amplitude: f64 },
    #[error("spike {event} begins at sample {onset:?} of its block; a block has {block}")]
    Onset { event: u64, onset: f64, block: u32 },
}
