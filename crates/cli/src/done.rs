//! How a verb ended.

/// How a verb ended that could do its work.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Done {
    /// It did all of it.
    Well,
    /// Utterances failed, a dataset is damaged, or a run would not fit.
    WithFailures,
}
