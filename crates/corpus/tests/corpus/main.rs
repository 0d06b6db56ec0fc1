//! Whole corpora on disk: what `discover` makes of them.
#![expect(clippy::unwrap_used, reason = "tests may")]

mod alignments;
mod folder;
mod foreign;
mod list;
mod spikes;
mod splits;
mod timit;
mod tree;
