//! Numbers with the words that fit them.

/// `1 worker`, `2 workers`.
pub(crate) fn workers(count: usize) -> String {
    format!("{count} worker{}", if count == 1 { "" } else { "s" })
}
