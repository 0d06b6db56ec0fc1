//! What the utterances of some kinds of corpora have and those of others lack.

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::span::Span;

/// What a description says of an utterance besides its recording, alignment and speaker.
///
/// Kept apart, so that an utterance that has nothing of it is not larger for it.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Extra {
    /// The stretch of the recording that is the utterance; `None` for all of it.
    pub span: Option<Span>,
    /// The recording's channel that is the utterance, from 0; `None` where the description is silent.
    pub channel: Option<u16>,
    /// The description's further columns, in its order.
    pub columns: Box<[Column]>,
}

/// A further column of a description with its value for one utterance: a text, a language, a duration.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Column {
    /// Its name, as the description has it.
    pub name: Box<str>,
    /// Its value. A table of text has strings only; JSON has whatever JSON has.
    pub value: Value,
}
