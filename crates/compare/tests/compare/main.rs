//! Differences of known cause, which must be found again.

mod causes;
mod pairs;
mod support;
mod unexplained;
