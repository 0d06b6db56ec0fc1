//! The readers of descriptions of corpora, a file for each kind of description.

mod base;
mod beside;
#[cfg(test)]
mod conformance;
mod document;
mod fairseq;
mod faults;
mod filelist;
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

pub(crate) use self::{
    faults::{At, Faults},
    folder::Folder as FOLDER,
    list::read_standard_input,
    reader::{Description, Reader, Wanted},
    seconds::span_in_words,
    shards::{SHARDS, read_shards},
    split_names::splits_of_names,
    timit::{know_sentences, leave_out_read_by_all},
};

/// Every reader, in the order in which they are asked: the first that recognises a description reads
/// it. Who looks for something particular comes before who takes anything.
pub(crate) static READERS: [&dyn Reader; 21] = [
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
    &foreign::Foreign,
    &folder::Folder,
    &list::List,
];
