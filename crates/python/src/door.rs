//! A call of Python as the door that a verb is called through.

use std::sync::mpsc::SyncSender;

use ossicle_cli::{Door, Program, say};
use ossicle_engine::{Advice, Cluster, Event, Notice, Stop};
use serde_json::{Value, json};

use crate::advice;
use crate::cluster::PythonCluster;
use crate::errors;
use crate::message::Message;
use crate::notices;

/// A call of Python. What is told travels to the thread that has the interpreter: nobody who computes waits
/// for its lock, unless more is told than that thread keeps up with.
pub(crate) struct CallDoor {
    pub(crate) program: Program,
    pub(crate) stop: Stop,
    pub(crate) tell: SyncSender<Message>,
    /// Whether the command's bar is drawn on standard error, and lines are written there.
    pub(crate) has_bar: bool,
    /// Whether events are told.
    pub(crate) is_heard: bool,
    /// The cluster that computes parts.
    pub(crate) cluster: Option<PythonCluster>,
}

impl Door for CallDoor {
    fn program(&self) -> &Program {
        &self.program
    }

    fn stop(&self) -> anyhow::Result<Stop> {
        Ok(self.stop.clone())
    }

    fn cluster(&self) -> Option<&dyn Cluster> {
        self.cluster.as_ref().map(|cluster| cluster as &dyn Cluster)
    }

    fn say(&self, line: &str) {
        match self.has_bar {
            true => say(line),
            // Nobody is left who could be told once the call has been given up.
            false => _ = self.tell.send(Message::Line(line.to_owned())),
        }
    }

    fn has_bar(&self) -> bool {
        self.has_bar
    }

    fn hear(&self, event: Event<'_>) {
        if self.is_heard
            && let Some(told) = told(event)
        {
            let _ = self.tell.send(Message::Event(told));
        }
    }

    fn option(&self, name: &str) -> String {
        name.replace('-', "_")
    }

    fn advice(&self, advice: &Advice) -> String {
        advice::words(advice)
    }

    fn notice(&self, notice: &Notice) -> String {
        notices::words(notice)
    }

    fn error(&self, error: &anyhow::Error) -> String {
        errors::line(error)
    }
}

/// An event as Python gets it; none of kinds that it does not know.
fn told(event: Event<'_>) -> Option<Value> {
    Some(match event {
        Event::Notice(notice) => json!({
            "event": "notice",
            "kind": notice.kind(),
            "count": notice.count(),
            "first": notice.first(),
            "text": notices::words(notice),
        }),
        Event::Start { utterances, resumed, workers } => json!({
            "event": "start", "utterances": utterances, "resumed": resumed, "workers": workers,
        }),
        Event::Utterance { number, split, id, num_frames, audio, took } => json!({
            "event": "utterance",
            "number": number,
            "split": split,
            "id": id,
            "num_frames": num_frames,
            "audio_s": audio.as_secs_f64(),
            "seconds": took.as_secs_f64(),
        }),
        Event::Failure { row, path } => json!({
            "event": "failure",
            "id": row.id,
            "split": row.split,
            "source": row.source,
            "path": ossicle_files::printable(path),
            "stage": row.stage,
            "cause": row.cause,
            "error": row.error,
        }),
        Event::SplitDone { name, utterances, took } => json!({
            "event": "split-done",
            "split": name,
            "utterances": utterances,
            "seconds": took.as_secs_f64(),
        }),
        Event::Finishing { bytes } => json!({"event": "finishing", "bytes": bytes}),
        _ => return None,
    })
}
