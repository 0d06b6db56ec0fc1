//! Events that another program found in a recording: files that stand for it.
//!
//! An [`EventFile`] is read a few events at a time, each with the sample of the recording where it
//! begins. Their meaning is decided elsewhere.

mod error;
mod file;

pub use error::EventFileError;
pub use file::{Event, EventBounds, EventFile};
