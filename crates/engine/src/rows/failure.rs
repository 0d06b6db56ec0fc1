//! The errors for which an utterance is not stored.

use std::error::Error as StdError;

use ossicle_audio::events::EventFileError;
use ossicle_corpus::{Held, HeldError, Utterance, printable};
use ossicle_dataset::{FailureRow, Stage};

use crate::cause::Cause;
use crate::error::{Error, sentence};

/// A reason why an utterance is not stored.
#[derive(Debug)]
pub(crate) enum UtteranceError {
    /// It is bad: a row of the ledger.
    Bad(Failure),
    /// The run cannot go on.
    Ends(Error),
}

impl From<Error> for UtteranceError {
    fn from(error: Error) -> UtteranceError {
        UtteranceError::Ends(error)
    }
}

impl From<Failure> for UtteranceError {
    fn from(failure: Failure) -> UtteranceError {
        UtteranceError::Bad(failure)
    }
}

/// A failure: the reason why an utterance is not in the dataset.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Failure {
    pub(crate) stage: Stage,
    pub(crate) cause: Cause,
    pub(crate) error: String,
}

impl Failure {
    pub(crate) fn new(stage: Stage, cause: Cause, error: impl Into<String>) -> Failure {
        Failure { stage, cause, error: error.into() }
    }

    pub(crate) fn of<E: StdError>(stage: Stage, error: &E) -> Failure
    where
        for<'a> &'a E: Into<Cause>,
    {
        Failure::new(stage, error.into(), sentence(error))
    }

    /// Makes the row of the ledger.
    pub(crate) fn row(self, split: &str, utterance: &Utterance) -> FailureRow {
        FailureRow {
            id: utterance.id.to_string(),
            split: split.to_owned(),
            source: printable(&utterance.source),
            held: utterance.held().map(Held::to_row),
            stage: self.stage,
            cause: self.cause.as_str().to_owned(),
            error: self.error,
        }
    }

    /// Makes the failure of a recording whose bytes are not to be had.
    pub(crate) fn of_held(error: &HeldError) -> Failure {
        Failure::of(Stage::Open, error)
    }

    /// Makes the failure of a recording, with the stage it happened in.
    pub(crate) fn of_audio(error: &ossicle_audio::Error) -> Failure {
        use ossicle_audio::Error as Audio;
        let stage = match error {
            Audio::Open { .. } | Audio::Read { .. } | Audio::NotRegular { .. } => Stage::Open,
            _ => Stage::Decode,
        };
        Failure::of(stage, error)
    }
}

impl From<EventFileError> for Failure {
    fn from(error: EventFileError) -> Failure {
        let stage = match error {
            EventFileError::Open { .. }
            | EventFileError::Read { .. }
            | EventFileError::NotRegular { .. } => Stage::Open,
            _ => Stage::Decode,
        };
        Failure::of(stage, &error)
    }
}
