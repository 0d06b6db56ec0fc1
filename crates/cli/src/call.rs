//! Verbs as functions: what `--json` would print of them.

use std::error::Error as StdError;
use std::ffi::OsString;
use std::fmt;

use anyhow::{Error, Result};
use clap::error::{ContextKind, ContextValue};
use clap::{CommandFactory, Parser};
use ossicle_corpus::Corpus;
use ossicle_engine::Plan;

use crate::args::{Command, CommandLine};
use crate::done::Done;
use crate::door::Door;
use crate::{compare, corpus, corpus_info, extract, info, share, show, stores, verify};

/// The outcome of a verb.
#[derive(Debug, Clone)]
pub struct Called {
    /// The object that it prints with `--json`.
    pub result: serde_json::Value,
    /// True where all was well, as exit code 0 says.
    pub is_well: bool,
}

/// Options that a verb cannot be called with.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Misuse {
    /// The option, by the name of its flag, and its value.
    pub option: Option<(String, String)>,
    /// Another that it excludes.
    pub other: Option<String>,
    /// The fault, in one sentence.
    pub what: String,
}

impl fmt::Display for Misuse {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.what)
    }
}

impl StdError for Misuse {}

/// Calls the verb of a door's command line, which is `extract`, `plan`, `verify`, `info`, `compare` or `show`.
///
/// - `recipe`: a recipe's text, where the command line names none
///
/// # Errors
/// Those of the verb; [`Misuse`] where its options are wrong.
pub fn call(door: &dyn Door, recipe: Option<String>) -> Result<Called> {
    let mut out = Vec::new();
    let done = match parsed(door)? {
        Command::Extract(mut args) => {
            args.json = true;
            args.job.recipe.text = recipe;
            extract::run(&args, door, &mut out)
        }
        Command::Plan(mut args) => {
            args.json = true;
            args.job.recipe.text = recipe;
            share::plan(&args, door, &mut out)
        }
        Command::Verify(mut args) => {
            args.json = true;
            verify::run(&args, door, &mut out)
        }
        Command::Info(mut args) => {
            args.json = true;
            info::run(&args, door, &mut out)
        }
        Command::Compare(mut args) => {
            args.json = true;
            args.recipe.text = recipe;
            compare::run(&args, door, &mut out)
        }
        Command::Show(mut args) => {
            args.json = true;
            args.with_svg = true;
            args.recipe.text = recipe;
            show::run(&args, door, &mut out)
        }
        _ => {
            return Err(misuse(
                "the verb is none of extract, plan, verify, info, compare and show",
            ));
        }
    }?;
    Ok(Called { result: serde_json::from_slice(&out)?, is_well: done == Done::Well })
}

/// Lists the utterances of the corpus that a door's command line of `info` names. No recording is opened.
///
/// # Errors
/// If the corpus cannot be read; [`Misuse`] where its options are wrong.
pub fn discover(door: &dyn Door) -> Result<Corpus> {
    match parsed(door)? {
        Command::Info(args) => corpus_info::corpus(&args),
        _ => Err(misuse("the verb is not info")),
    }
}

/// Plans the job that a door's command line of `speed` names: that of a corpus and a recipe, without an output.
///
/// - `recipe`: a recipe's text, where the command line names none
///
/// # Errors
/// Those of [`ossicle_engine::plan()`]; [`Misuse`] where options are wrong.
pub fn plan(door: &dyn Door, recipe: Option<String>) -> Result<Plan> {
    let Command::Speed(mut args) = parsed(door)? else {
        return Err(misuse("the verb is not speed"));
    };
    args.recipe.text = recipe;
    corpus::plan(&args.corpus, &args.recipe, &door.stop()?)
}

/// The names of the options of a verb, by their flags; its first arguments, by their names.
pub fn options_of(verb: &str) -> Vec<String> {
    let mut all = CommandLine::command();
    all.build();
    let Some(verb) = all.find_subcommand(verb) else { return Vec::new() };
    let ids = verb.get_arguments().filter(|of| of.get_id() != "help");
    ids.map(|of| of.get_long().map_or_else(|| of.get_id().to_string(), str::to_owned)).collect()
}

fn parsed(door: &dyn Door) -> Result<Command> {
    let words: &[OsString] = &door.program().words;
    match CommandLine::try_parse_from(words) {
        Ok(CommandLine { stores, command }) => {
            stores::install(&stores)?;
            Ok(command)
        }
        Err(error) => Err(Error::new(Misuse::of(&error))),
    }
}

fn misuse(what: &str) -> Error {
    Error::new(Misuse { option: None, other: None, what: what.to_owned() })
}

impl Misuse {
    fn of(error: &clap::Error) -> Misuse {
        let text = |kind| match error.get(kind) {
            Some(ContextValue::String(text)) => Some(text.clone()),
            Some(ContextValue::Strings(texts)) => texts.first().cloned(),
            _ => None,
        };
        // As `--jobs <N>`.
        let name = |kind| {
            let said = text(kind)?;
            Some(said.trim_start_matches('-').split([' ', '=', '[']).next()?.to_owned())
        };
        let option = name(ContextKind::InvalidArg)
            .map(|name| (name, text(ContextKind::InvalidValue).unwrap_or_default()));
        let valid = match error.get(ContextKind::ValidValue) {
            Some(ContextValue::Strings(valid)) if !valid.is_empty() => {
                Some(format!("it must be one of {}", valid.join(", ")))
            }
            _ => None,
        };
        let why = error.source().map(ToString::to_string).or(valid);
        let first = || error.to_string().lines().next().unwrap_or_default().to_owned();
        Misuse { option, other: name(ContextKind::PriorArg), what: why.unwrap_or_else(first) }
    }
}
