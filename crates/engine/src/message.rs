//! What a coordinator and a worker process say to each other: a JSON value a line, over a socket.
//!
//! The coordinator begins with the job; the worker answers that it is ready. Then the coordinator sends
//! one order after the other; the worker reports how it goes and ends with what came of it. When the
//! coordinator closes its end, the worker says what it took and exits.

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::io;
use std::ops::Range;
use std::path::{Path, PathBuf};
use std::time::Duration;

use ossicle_corpus::Utterance;
use serde::{Deserialize, Serialize};

use crate::advice::Advice;
use crate::task::{Report, Task};

/// A part that a worker is to compute. Paths are written as the bytes they are.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) struct Order {
    number: usize,
    folder: OsString,
    split: String,
    root: OsString,
    utterances: Vec<OrderedUtterance>,
    lost: BTreeMap<usize, String>,
    probe: Option<Range<usize>>,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
struct OrderedUtterance {
    id: String,
    source: OsString,
    alignment: Option<OsString>,
    speaker: Option<String>,
    size_bytes: u64,
    modified_ns: u64,
}

/// An order as a worker keeps it, to make tasks of.
#[derive(Debug)]
pub(crate) struct OwnedTask {
    number: usize,
    folder: PathBuf,
    split: String,
    root: PathBuf,
    utterances: Vec<Utterance>,
    lost: BTreeMap<usize, String>,
    probe: Option<Range<usize>>,
}

impl Order {
    pub(crate) fn of(task: Task<'_>) -> Order {
        let path = |path: &Path| path.as_os_str().to_owned();
        let ordered = |utterance: &Utterance| OrderedUtterance {
            id: utterance.id.to_string(),
            source: path(&utterance.source),
            alignment: utterance.alignment.as_deref().map(path),
            speaker: utterance.speaker.as_deref().map(str::to_owned),
            size_bytes: utterance.size_bytes,
            modified_ns: utterance.modified_ns,
        };
        Order {
            number: task.number,
            folder: path(task.folder),
            split: task.split.to_owned(),
            root: path(task.root),
            utterances: task.utterances.iter().map(ordered).collect(),
            lost: task.lost.clone(),
            probe: task.probe.cloned(),
        }
    }

    pub(crate) fn into_task(self) -> OwnedTask {
        let utterance = |utterance: OrderedUtterance| Utterance {
            id: utterance.id.into(),
            source: PathBuf::from(utterance.source).into(),
            alignment: utterance.alignment.map(|path| PathBuf::from(path).into()),
            speaker: utterance.speaker.map(Into::into),
            size_bytes: utterance.size_bytes,
            modified_ns: utterance.modified_ns,
        };
        OwnedTask {
            number: self.number,
            folder: self.folder.into(),
            split: self.split,
            root: self.root.into(),
            utterances: self.utterances.into_iter().map(utterance).collect(),
            lost: self.lost,
            probe: self.probe,
        }
    }
}

impl OwnedTask {
    pub(crate) fn task(&self) -> Task<'_> {
        Task {
            number: self.number,
            folder: &self.folder,
            split: &self.split,
            root: &self.root,
            utterances: &self.utterances,
            lost: &self.lost,
            probe: self.probe.as_ref(),
        }
    }
}

/// What a worker says.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) enum Answer {
    /// It has understood the job.
    Ready,
    /// How a part goes.
    Report(Report),
    /// The part is in this file.
    Done(OsString),
    /// The run cannot go on.
    Ended {
        /// Why, in a sentence.
        error: String,
        /// What to do about it.
        advice: Option<Advice>,
    },
    /// It exits, and has taken so much.
    Bye {
        /// Processor time.
        cpu: Duration,
    },
}

/// The longest line that is read: an order of 2048 utterances with long names.
pub(crate) const LONGEST_LINE: usize = 64 << 20;

/// A message as a line.
pub(crate) fn line(message: &impl Serialize) -> io::Result<Vec<u8>> {
    let mut line = serde_json::to_vec(message).map_err(io::Error::other)?;
    line.push(b'\n');
    Ok(line)
}

/// A line as a message.
pub(crate) fn parse<'a, T: Deserialize<'a>>(line: &'a [u8]) -> io::Result<T> {
    serde_json::from_slice(line).map_err(|error| io::Error::new(io::ErrorKind::InvalidData, error))
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::os::unix::ffi::OsStringExt;

    #[test]
    fn an_order_arrives_as_it_was_given_whatever_the_names() {
        let name = PathBuf::from(OsString::from_vec(b"caf\xe9\n.wav".to_vec()));
        let utterance = Utterance {
            id: "caf%E9".into(),
            source: name.into(),
            alignment: Some(Path::new("a.PHN").into()),
            speaker: Some("FCJF0".into()),
            size_bytes: u64::MAX,
            modified_ns: 7,
        };
        let (lost, probe) = (BTreeMap::from([(0, "why".to_owned())]), 0..1);
        let task = Task {
            number: 3,
            folder: Path::new("parts"),
            split: "train",
            root: Path::new("/corpus"),
            utterances: std::slice::from_ref(&utterance),
            lost: &lost,
            probe: Some(&probe),
        };
        let order: Order = parse(&line(&Order::of(task)).unwrap()).unwrap();
        let owned = order.into_task();
        let told = owned.task();
        assert_eq!(told.utterances, std::slice::from_ref(&utterance));
        assert_eq!(
            (told.number, told.split, told.lost, told.probe),
            (3, "train", &lost, Some(&probe))
        );
        assert_eq!((told.folder, told.root), (task.folder, task.root));
    }
}
