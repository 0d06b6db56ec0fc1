//! One program's way to samples, and how it is timed.

use std::error::Error;
use std::hint::black_box;
use std::time::{Duration, Instant};

/// How long a turn lasts; `bench/peers/audio.py` has the same.
const TURN: Duration = Duration::from_millis(250);

/// What can be timed.
pub(crate) struct Subject {
    /// The recording's file name, or what is done to samples in memory.
    pub(crate) what: String,
    pub(crate) program: &'static str,
    pub(crate) decode: Box<Decode>,
}

/// Opens a recording, decodes all of it, and closes it.
type Decode = dyn FnMut() -> Result<Decoded, Box<dyn Error>>;

/// What came out.
#[derive(Clone, Copy)]
pub(crate) struct Decoded {
    pub(crate) num_frames: usize,
    pub(crate) channels: usize,
}

/// What one turn found.
pub(crate) struct Turn {
    /// Of the turn's fastest call.
    pub(crate) us_per_frame: f64,
    pub(crate) decoded: Decoded,
}

impl Subject {
    /// Calls again and again until the time is up, after one call that warms up.
    pub(crate) fn take_turn(&mut self) -> Result<Turn, Box<dyn Error>> {
        let decoded = (self.decode)()?;
        let start = Instant::now();
        let mut fastest = Duration::MAX;
        while start.elapsed() < TURN {
            let call = Instant::now();
            black_box((self.decode)()?);
            fastest = fastest.min(call.elapsed());
        }
        let us_per_frame = fastest.as_secs_f64() * 1e6 / decoded.num_frames as f64;
        Ok(Turn { us_per_frame, decoded })
    }
}
