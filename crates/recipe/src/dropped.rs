//! A key that meant something in the recipe's text, and means nothing beside what was set since.

use std::fmt;

/// A key of the recipe's text that means nothing beside what was set since, and so is left out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DroppedKey {
    /// The table, as `feature`.
    pub table: String,
    /// The key.
    pub key: String,
    /// Why it means nothing, as `with use_energy = false`.
    pub why: String,
}

impl fmt::Display for DroppedKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{}", self.table, self.key)
    }
}
