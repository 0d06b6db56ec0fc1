//! The kind of input that a job's utterances are made of, and the files that it takes.

use std::path::{Path, PathBuf};

use ossicle_audio::events::EventFile;
use ossicle_corpus::{Sought, StandIns};

use ossicle_recipe::Recipe;

/// The kind of input that a job's utterances are made of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum InputKind {
    /// Recordings with a header.
    Audio,
    /// Recordings that may have none.
    RawAudioToo,
    /// Events that another program found in recordings.
    Events,
}

impl InputKind {
    pub(crate) fn of(recipe: &Recipe) -> InputKind {
        match recipe.raw_format() {
            _ if recipe.event_files().is_some() => InputKind::Events,
            Some(_) => InputKind::RawAudioToo,
            None => InputKind::Audio,
        }
    }

    /// Returns which files are looked for.
    pub(crate) fn sought(self) -> Sought {
        match self {
            InputKind::Audio => Sought::Audio,
            InputKind::RawAudioToo => Sought::RawAudioToo,
            InputKind::Events => {
                Sought::StandIns(StandIns { suffix: EventFile::SUFFIX, hold: EventFile::HOLDS })
            }
        }
    }

    /// Returns the file that belongs to a source, if there is one.
    pub(crate) fn companion(self, source: &Path) -> Option<PathBuf> {
        match self {
            InputKind::Audio | InputKind::RawAudioToo => None,
            InputKind::Events => Some(EventFile::companion(source)),
        }
    }

    /// Returns whether the input says how long a recording is. Events do not: its phones do.
    pub(crate) fn says_where_it_ends(self) -> bool {
        self != InputKind::Events
    }
}
