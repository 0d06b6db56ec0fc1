//! One program's way to one feature, and how it is timed.

use std::hint::black_box;
use std::time::{Duration, Instant};

/// How long a turn lasts; `bench/peers/features.py` has the same.
const TURN: Duration = Duration::from_millis(250);

/// What can be timed.
pub(crate) struct Subject {
    pub(crate) feature: &'static str,
    pub(crate) program: String,
    pub(crate) compute: Box<Compute>,
}

/// Computes a feature of a recording.
type Compute = dyn FnMut(&[f32]) -> Shape;

/// What was computed.
#[derive(Clone, Copy)]
pub(crate) struct Shape {
    pub(crate) num_frames: usize,
    pub(crate) dim: usize,
}

/// What one turn found.
pub(crate) struct Turn {
    /// Of the turn's fastest call.
    pub(crate) us_per_frame: f64,
    pub(crate) shape: Shape,
}

impl Subject {
    /// Calls again and again until the time is up, after one call that warms up.
    pub(crate) fn take_turn(&mut self, samples: &[f32]) -> Turn {
        let shape = (self.compute)(black_box(samples));
        let start = Instant::now();
        let mut fastest = Duration::MAX;
        while start.elapsed() < TURN {
            let call = Instant::now();
            black_box((self.compute)(black_box(samples)));
            fastest = fastest.min(call.elapsed());
        }
        Turn { us_per_frame: fastest.as_secs_f64() * 1e6 / shape.num_frames as f64, shape }
    }
}
