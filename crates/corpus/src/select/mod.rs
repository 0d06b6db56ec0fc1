//! Which utterances of a corpus are kept, what they are called, and which splits they make.

pub(crate) mod error;
mod id_list;
mod patterns;
mod shares;
mod splits;

pub use self::{
    error::SelectionError,
    patterns::{PathPattern, SpeakerFrom},
    shares::SplitShares,
};
pub(crate) use self::{
    id_list::IdList,
    patterns::{name_ids, name_speakers},
    shares::split_by_shares,
    splits::split_by_file,
};
