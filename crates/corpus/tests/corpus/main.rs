//! Whole corpora on disk: what `discover` makes of them.
#![expect(clippy::unwrap_used, reason = "tests may")]

mod alignments;
mod described;
mod filelist;
mod folder;
mod forced;
mod foreign;
mod formats;
mod json;
mod kaldi;
mod layouts;
mod lhotse;
mod list;
mod manifests;
mod overlap;
#[cfg(feature = "arrow")]
mod parquet;
mod select;
mod sentences;
mod several;
mod shards;
mod splits;
mod stand_ins;
mod table;
mod timit;
mod tree;
mod unknown;
