//! The end of a verb.

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
