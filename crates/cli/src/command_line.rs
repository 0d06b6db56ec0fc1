//! The command line as a door.

use std::io::{self, IsTerminal};

use anyhow::{Error, Result};
use ossicle_engine::{Advice, Cluster, Event, Notice, Stop};

use crate::door::Door;
use crate::messages;
use crate::program::Program;
use crate::signals;
use crate::terminal;

/// The command line: signals ask to stop, and standard error shows what happens.
pub(crate) struct CommandLineDoor<'a> {
    pub(crate) program: &'a Program,
    /// The cluster that computes parts, which has bars of its own.
    pub(crate) cluster: Option<&'a dyn Cluster>,
}

impl Door for CommandLineDoor<'_> {
    fn program(&self) -> &Program {
        self.program
    }

    fn stop(&self) -> Result<Stop> {
        let stop = Stop::default();
        signals::watch(&stop)?;
        Ok(stop)
    }

    fn cluster(&self) -> Option<&dyn Cluster> {
        self.cluster
    }

    fn say(&self, line: &str) {
        terminal::say(line);
    }

    fn has_bar(&self) -> bool {
        self.cluster.is_none() && io::stderr().is_terminal()
    }

    fn hear(&self, _: Event<'_>) {}

    fn option(&self, name: &str) -> String {
        format!("--{name}")
    }

    fn advice(&self, advice: &Advice) -> String {
        messages::advice(advice)
    }

    fn notice(&self, notice: &Notice) -> String {
        messages::notice(notice)
    }

    fn error(&self, error: &Error) -> String {
        messages::error(error)
    }
}
