//! A call of Python as the door that a verb is called through.

use std::sync::mpsc::SyncSender;

use ossicle_cli::{Door, Program, event_json, say};
use ossicle_engine::{Advice, Cluster, Event, Notice, Stop};

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
        // What workers have in hand is too much to tell.
        let is_told = !matches!(event, Event::Begun { .. } | Event::PartEnded { .. });
        if self.is_heard
            && is_told
            && let Some(told) = event_json(event, &|it| notices::words(it))
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
