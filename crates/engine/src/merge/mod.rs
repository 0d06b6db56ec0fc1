//! The way from parts to a dataset: statistics, the layout of files, and the rows that they are made
//! of.

mod card;
mod layout;
mod normalizers;
mod part_shards;
mod regions;
mod rows;
mod statistics;
#[cfg(test)]
mod tests;

pub(crate) use card::card;
pub(crate) use layout::write_lists;
pub use layout::{Layout, merge};
pub(crate) use normalizers::{Normalizers, normalizer, normalizer_of};
pub(crate) use part_shards::{EarlyShards, SHARDS_DIR};
pub use regions::{RegionWorker, Written, write_regions};
pub(crate) use rows::PartRows;
pub(crate) use statistics::{standard_deviation, together};
