//! `ossicle completions` and `ossicle man`: what shells and readers of manuals get.

use std::io::Write;

use anyhow::{Result, bail};
use clap::CommandFactory;
use clap_mangen::Man;

use crate::args::{CommandLine, CompletionsArgs, ManArgs};
use crate::done::Done;
use crate::verb_notes;

pub(crate) fn completions(args: &CompletionsArgs, out: &mut dyn Write) -> Result<Done> {
    let mut text = Vec::new();
    clap_complete::generate(args.shell, &mut CommandLine::command(), "ossicle", &mut text);
    out.write_all(&text)?;
    Ok(Done::Well)
}

pub(crate) fn page(args: &ManArgs, out: &mut dyn Write) -> Result<Done> {
    let mut all = CommandLine::command();
    all.build();
    let command = match &args.verb {
        None => all,
        Some(verb) => match all.find_subcommand(verb) {
            Some(found) => found.clone(),
            None => {
                let verbs = all.get_subcommands().filter(|verb| !verb.is_hide_set());
                let verbs: Vec<_> = verbs.map(clap::Command::get_name).collect();
                bail!("there is no verb {verb:?}; it must be one of {}", verbs.join(", "));
            }
        },
    };
    let mut text = Vec::new();
    // The examples are a section of their own.
    Man::new(command.after_long_help(None::<&str>)).render(&mut text)?;
    let sections = args.verb.as_deref().map(verb_notes::sections);
    text.extend_from_slice(sections.unwrap_or_default().as_bytes());
    out.write_all(&text)?;
    Ok(Done::Well)
}
