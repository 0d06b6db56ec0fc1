//! The door that a verb is called through: a command line, or a program that calls it as a function.

use anyhow::{Error, Result};
use ossicle_engine::{Advice, Cluster, Event, Notice, Stop};

use crate::program::Program;

/// Whoever calls a verb: what asks it to stop, who hears of it, and in which words.
pub trait Door: Sync {
    /// The command line, as a dataset remembers it, and what starts worker processes.
    fn program(&self) -> &Program;

    /// Returns what asks to stop, and sees to it that somebody does.
    ///
    /// # Errors
    /// If nothing could ask.
    fn stop(&self) -> Result<Stop>;

    /// Returns the cluster that computes parts, if there is one.
    fn cluster(&self) -> Option<&dyn Cluster> {
        None
    }

    /// Shows a line to people.
    fn say(&self, line: &str);

    /// Returns whether a bar may be drawn on standard error.
    fn has_bar(&self) -> bool;

    /// Hears an event, on the thread it happens on.
    fn hear(&self, event: Event<'_>);

    /// The word for an option, whose name is that of its flag.
    fn option(&self, name: &str) -> String;

    /// What to do about something.
    fn advice(&self, advice: &Advice) -> String;

    /// A notice, with where to look.
    fn notice(&self, notice: &Notice) -> String;

    /// An error and its causes, and what to do about it, as one sentence.
    fn error(&self, error: &Error) -> String;
}
