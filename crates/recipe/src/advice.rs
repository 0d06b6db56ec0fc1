//! Advice about an error, as a value: each door to a recipe has words of its own for it.

/// The kind of remedy there is. It is matched exhaustively on purpose: a door without words for one of
/// these does not compile.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Advice {
    /// Say how headerless recordings are encoded, and their sample rate.
    DescribeRaw,
}
