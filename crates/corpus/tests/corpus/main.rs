//! Whole corpora on disk: what `discover` makes of them.
#![expect(clippy::unwrap_used, reason = "tests may")]

mod alignments;
mod folder;
mod foreign;
mod formats;
mod kaldi;
mod lhotse;
mod list;
mod manifests;
mod overlap;
mod sentences;
mod several;
mod splits;
mod stand_ins;
mod table;
mod timit;
mod tree;
