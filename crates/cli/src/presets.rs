//! `ossicle presets`: what can be computed by name.

use std::io::Write;

use anyhow::Result;
use ossicle_recipe::Recipe;

use crate::args::PresetsArgs;
use crate::done::Done;

pub(crate) fn run(args: &PresetsArgs, out: &mut dyn Write) -> Result<Done> {
    match &args.name {
        Some(name) => write!(out, "{}", Recipe::preset(name)?)?,
        None => {
            for name in Recipe::preset_names() {
                writeln!(out, "{name:20}{}", first_sentence(Recipe::preset(name)?))?;
            }
        }
    }
    Ok(Done::Well)
}

/// The first comment's text up to its first colon or full stop: what the features are.
fn first_sentence(toml: &str) -> String {
    let comment = toml.lines().map_while(|line| line.strip_prefix('#')).map(str::trim);
    let text = comment.collect::<Vec<_>>().join(" ");
    let ends = [": ", ". "].map(|end| text.find(end).unwrap_or(text.len()));
    text[..ends[0].min(ends[1])].trim_end_matches('.').to_owned()
}
