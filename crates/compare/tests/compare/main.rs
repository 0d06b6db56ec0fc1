//! Differences of known cause, which must be found again.

mod beyond_keys;
mod causes;
mod pairs;
mod support;
mod unexplained;
