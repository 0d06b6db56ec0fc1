//! `cargo xtask ray`: the Python package on a cluster of Ray, on this machine.

use anyhow::Result;

use crate::wheel;

/// Builds the wheel, and tests it with Ray from PyPI.
pub(crate) fn run() -> Result<()> {
    let requirements = ["requirements-build.txt", "requirements.txt", "requirements-ray.txt"];
    wheel::dev_tested("ray-venv", &requirements, "python/ray")
}
