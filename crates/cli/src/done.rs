//! The end of a verb.

use ossicle_engine::Tolerance;

/// The end of a verb that could do its work; it decides the exit code.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Done {
    /// It did all of it.
    Well,
    /// Utterances failed, a dataset is damaged, or a run would not fit.
    WithFailures,
    /// A dry run: the run would be refused, or stop.
    WouldStop,
}

impl Done {
    /// How a run ends that has made its dataset.
    ///
    /// - `allowed`: how many utterances may fail; absent, none
    pub(crate) fn of(allowed: Option<Tolerance>, failures: u64, stored: u64) -> Done {
        match allowed.unwrap_or(Tolerance::Count(0)).allows(failures, stored + failures) {
            true => Done::Well,
            false => Done::WithFailures,
        }
    }
}
