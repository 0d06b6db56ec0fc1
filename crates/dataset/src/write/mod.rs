//! Writes the files of a dataset, from rows that somebody else has.

#[cfg(test)]
mod tests;

pub(crate) mod hash;
pub(crate) mod layout;
pub(crate) mod lists;
pub(crate) mod regions;
pub(crate) mod shards;
pub(crate) mod split;
