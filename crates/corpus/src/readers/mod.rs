//! The readers of descriptions of corpora, a file for each kind of description.

mod base;
mod beside;
#[cfg(test)]
mod conformance;
mod document;
mod fairseq;
mod faults;
mod filelist;
mod files_in;
mod folder;
mod foreign;
mod htk;
mod json;
mod kaldi;
mod layouts;
mod lhotse;
mod list;
mod manifest;
mod members;
mod nemo;
mod objects;
#[cfg(feature = "arrow")]
mod parquet;
mod reader;
mod recording;
pub(crate) mod records;
mod roles;
mod rows;
pub(crate) mod seconds;
mod shards;
mod split_names;
mod table;
mod text;
mod timit;

use std::path::PathBuf;

use crate::{error::Error, format::CorpusFormat, found::Found};

pub(crate) use self::{
    faults::{At, Faults},
    folder::Folder as FOLDER,
    list::read_standard_input,
    reader::{Description, Reader, Wanted},
    seconds::span_in_words,
    split_names::splits_of_names,
    timit::{know_sentences, leave_out_read_by_all},
};

/// Every reader, in the order in which they are asked: the first that recognises a description reads
/// it. Who looks for something particular comes before who takes anything.
pub(crate) static READERS: &[&dyn Reader] = &[
    &timit::Timit,
    &layouts::Libri,
    &layouts::Vctk,
    &layouts::LjSpeech,
    &layouts::CommonVoice,
    &layouts::SpeechCommands,
    &layouts::Buckeye,
    // Before recordings, which may be compressed too.
    &shards::Shards,
    // Before those that look into files: recordings may be very many.
    &recording::Recording,
    &kaldi::Kaldi,
    &lhotse::Lhotse,
    &nemo::Nemo,
    &json::Json,
    &htk::Htk,
    &fairseq::Fairseq,
    &filelist::Filelist,
    &table::Table,
    &shards::ShardFolder,
    #[cfg(feature = "arrow")]
    &parquet::Parquet,
    #[cfg(feature = "arrow")]
    &parquet::ParquetFolder,
    &foreign::Foreign,
    &folder::Folder,
    &list::List,
];

/// Reads files of one set as one corpus; none where some of the paths have names of others.
type ReadSet = fn(&[PathBuf], &Wanted) -> Result<Option<Found>, Error>;

/// The formats whose files are often several of a set, which are one corpus together.
pub(crate) static SETS: &[(CorpusFormat, ReadSet)] = &[
    (shards::SHARDS, shards::read_shards),
    #[cfg(feature = "arrow")]
    (parquet::PARQUET, parquet::read_tables),
];
