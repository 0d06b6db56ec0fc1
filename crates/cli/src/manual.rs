//! `ossicle completions` and `ossicle man`: what shells and readers of manuals get.

use std::io::Write;

use anyhow::{Result, bail};
use clap::builder::{PossibleValue, PossibleValuesParser};
use clap::{Command, CommandFactory};
use clap_mangen::Man;
use ossicle_recipe::Recipe;

use crate::args::{CommandLine, CompletionsArgs, ManArgs};
use crate::done::Done;
use crate::presets::first_sentence;
use crate::verb_notes;

pub(crate) fn completions(args: &CompletionsArgs, out: &mut dyn Write) -> Result<Done> {
    let mut all = CommandLine::command();
    let verbs: Vec<String> = all.get_subcommands().map(|verb| verb.get_name().to_owned()).collect();
    for verb in verbs {
        all = all.mut_subcommand(verb, with_presets);
    }
    let mut text = Vec::new();
    clap_complete::generate(args.shell, &mut all, "ossicle", &mut text);
    out.write_all(&text)?;
    Ok(Done::Well)
}

/// Tells shells the names of presets. No other of the program's commands has them: its own refusal of a name says which
/// is meant, and help would be a long list.
fn with_presets(mut verb: Command) -> Command {
    let described = |name: &'static str, preset: &str| {
        let words = Recipe::preset(preset).map(first_sentence).unwrap_or_default();
        PossibleValue::new(name).help(words)
    };
    let further = Recipe::preset_aliases().map(|(alias, name)| described(alias, name));
    let names = Recipe::preset_names().map(|name| described(name, name)).chain(further);
    let names: Vec<PossibleValue> = names.collect();
    for option in ["preset", "b_preset"] {
        if verb.get_arguments().any(|of| of.get_id() == option) {
            let names = PossibleValuesParser::new(names.iter().cloned());
            verb = verb.mut_arg(option, |of| of.value_parser(names));
        }
    }
    verb
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
                let verbs: Vec<_> = verbs.map(Command::get_name).collect();
                bail!("there is no verb {verb:?}; it must be one of {}", verbs.join(", "));
            }
        },
    };
    let name = command.get_display_name().unwrap_or("ossicle").to_owned();
    let mut text = Vec::new();
    // The examples are a section of their own.
    Man::new(command.after_long_help(None::<&str>)).render(&mut text)?;
    let text = String::from_utf8(text)?;
    let sections = args.verb.as_deref().map(verb_notes::sections);
    write!(out, "{}{}", titled(&text, &name), sections.unwrap_or_default())?;
    Ok(Done::Well)
}

/// A page whose title says of which version it is: the date, of which there is none, is not to be left out, or what
/// follows it would stand in its place.
fn titled(page: &str, name: &str) -> String {
    let title = format!(".TH {name} 1 \"\" \"ossicle {}\"", env!("CARGO_PKG_VERSION"));
    let line = |line: &str| if line.starts_with(".TH ") { title.clone() } else { line.to_owned() };
    page.lines().map(|of| line(of) + "\n").collect()
}
