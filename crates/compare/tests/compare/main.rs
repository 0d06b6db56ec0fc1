//! Differences of known cause, which must be found again.
#![expect(clippy::unwrap_used, reason = "tests may")]

mod beyond_keys;
mod causes;
mod pairs;
mod support;
mod unexplained;
mod values;
