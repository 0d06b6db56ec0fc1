//! Whole datasets on disk: what is read from them, and what `verify` finds.
//!
//! - `made` writes a small dataset
//! - `objects` has what an object store does besides what every store does
//! - `reading` goes through one as a user would
//! - `any_damage` does anything to any file
//! - `checked_files` compares files with the card before they are read
//! - `findings` has each kind of damage, with the stage that finds it and what it says
#![expect(clippy::unwrap_used, reason = "tests may")]

mod any_damage;
mod checked_files;
mod findings;
mod made;
mod objects;
mod reading;
