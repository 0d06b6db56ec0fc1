//! Messages between a coordinator and a worker process: a JSON value a line, over a socket.
//!
//! The coordinator begins with the job; the worker answers that it is ready. Then the coordinator sends
//! one [`PartOrder`](crate::PartOrder) after the other; the worker tells how it goes and ends with what
//! came of it. When the coordinator closes its end, the worker says what it took and exits.

use std::io;
use std::path::PathBuf;

use ossicle_corpus::paths;
use ossicle_dataset::Draft;
use serde::{Deserialize, Serialize};

use crate::advice::Advice;
use crate::bounds::readers::Readers;
use crate::plan::job::Job;
use crate::progress::Progress;

/// The first message to a worker.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) struct Hello {
    /// The coordinator's version: a program that was replaced while it runs starts other workers.
    pub(crate) version: String,
    pub(crate) job: Job,
    pub(crate) readers: Readers,
    /// The folder that drafts go to.
    #[serde(with = "paths")]
    pub(crate) store: PathBuf,
    /// How object stores are reached, secrets included: nobody else sees this socket.
    #[serde(default)]
    pub(crate) remote: Option<ossicle_remote::Options>,
}

/// A message of a worker.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) enum Answer {
    /// It has understood the job.
    Ready,
    /// Progress of the part.
    Progress(Progress),
    /// The part is in this draft.
    Done(Draft),
    /// The run cannot go on.
    Ended {
        /// The error, in a sentence.
        error: String,
        /// Advice about it.
        advice: Option<Advice>,
    },
}

/// The longest line that is read: an order of 2048 utterances with long names.
pub(crate) const LONGEST_LINE: usize = 64 << 20;

/// Writes a message as a line.
pub(crate) fn line(message: &impl Serialize) -> io::Result<Vec<u8>> {
    let mut line = serde_json::to_vec(message).map_err(io::Error::other)?;
    line.push(b'\n');
    Ok(line)
}

/// Reads a line as a message.
pub(crate) fn parse<'a, T: Deserialize<'a>>(line: &'a [u8]) -> io::Result<T> {
    serde_json::from_slice(line).map_err(|error| io::Error::new(io::ErrorKind::InvalidData, error))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::part::Stamp;
    use crate::plan::order::{Earlier, EarlierRows, PartOrder};
    use ossicle_corpus::{AlignmentSource, Columns, Extra, Span, Utterance};
    use std::collections::BTreeMap;
    use std::ffi::OsString;
    use std::os::unix::ffi::OsStringExt;
    use std::path::Path;

    #[test]
    fn an_order_arrives_as_it_was_given_whatever_the_names() {
        let name = |bytes: &[u8]| PathBuf::from(OsString::from_vec(bytes.to_vec()));
        let order = PartOrder {
            number: 3,
            split: "train".to_owned(),
            root: name(b"/corpus/caf\xe9"),
            utterances: vec![Utterance {
                id: "caf%E9".into(),
                source: name(b"caf\xe9\n.wav").into(),
                alignment: Some(AlignmentSource::file(Path::new("a.PHN"))),
                speaker: Some("FCJF0".into()),
                size_bytes: u64::MAX,
                modified_ns: 7,
                columns: Columns::default(),
                extra: Extra::of(Some(Span::Nanoseconds { start: 1, end: None }), Some(1), None),
            }],
            lost: BTreeMap::from([(0, "why".to_owned())]),
            only: Some(0..1),
            earlier: EarlierRows {
                job: "key".to_owned(),
                of: BTreeMap::from([(0, (Stamp([7; 16]), Earlier::Failed { line: 9 }))]),
            },
        };
        assert_eq!(parse::<PartOrder>(&line(&order).unwrap()).unwrap(), order);
    }
}
