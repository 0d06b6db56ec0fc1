//! The readers of descriptions of corpora, a file for each kind of description.

mod beside;
#[cfg(test)]
mod conformance;
mod folder;
mod foreign;
mod list;
mod reader;
mod recording;
mod timit;

pub(crate) use self::{
    list::read_standard_input,
    reader::{Description, Reader, Wanted},
    timit::{know_sentences, leave_out_read_by_all},
};

/// Every reader, in the order in which they are asked: the first that recognises a description reads
/// it. Who looks for something particular comes before who takes anything.
pub(crate) static READERS: [&dyn Reader; 5] =
    [&timit::Timit, &recording::Recording, &foreign::Foreign, &folder::Folder, &list::List];
