//! A dataset made that of its corpus as it is now: what changed, and what of the old dataset still holds.
//!
//! An utterance is as it was if its stamp is: a hash of all that the corpus says of it and of its files, by their
//! sizes and times or by their contents ([`stamps`]). What an earlier run has made of such an utterance is taken
//! where it can be had exactly: of the parts that it was told to keep ([`kept_parts`]), or of rows of the dataset,
//! where the recipe lets base rows be recovered ([`recoverable`]) and the files are what their card says. All else
//! is computed. Either way the rows go into parts of the new plan, so that what is published is what a run from
//! nothing writes.

mod contents;
mod counts;
mod find;
mod kept_parts;
mod lists;
mod recoverable;
mod same_job;
mod sound;
mod stamps;

pub use counts::{UpdateCounts, WhyAgain};
pub(crate) use find::{Found, Looked, find};
pub(crate) use kept_parts::{keep, put_back, remove_kept, set_aside};
pub(crate) use same_job::difference;
pub(crate) use stamps::{SOURCES_BLAKE3, Stamps};
