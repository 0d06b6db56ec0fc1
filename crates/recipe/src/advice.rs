//! Advice about an error, as a value: each door to a recipe has words of its own for it.

/// The kind of remedy there is. It is matched exhaustively on purpose: a door without words for one of
/// these does not compile.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Advice {
    /// Say how headerless recordings are encoded, and their sample rate.
    DescribeRaw,
    /// Set a key.
    Set {
        /// Its table, as `labels`.
        table: String,
        /// The key.
        key: &'static str,
        /// A value that it may have.
        value: &'static str,
    },
}
