//! The instruction set that features are computed with.

use anyhow::{Result, bail};
use ossicle_dsp::Level;

/// The environment variable that forces an instruction set, for tests and bug reports.
const VARIABLE: &str = "OSSICLE_SIMD";

/// The instruction set that the environment asks for, or else the machine's richest.
pub(crate) fn level() -> Result<Level> {
    let Ok(name) = std::env::var(VARIABLE) else { return Ok(Level::detect()) };
    let Some(level) = Level::named(&name) else {
        let known: Vec<_> = Level::available().map(|level| level.to_string()).collect();
        bail!("{VARIABLE} is {name:?}; this machine has {}", known.join(", "));
    };
    Ok(level)
}
