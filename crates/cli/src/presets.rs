//! `ossicle presets`: what can be computed by name.

use std::io::Write;

use anyhow::Result;
use ossicle_recipe::{Recipe, RecipeSource};

use crate::args::PresetsArgs;
use crate::done::Done;

pub(crate) fn run(args: &PresetsArgs, out: &mut dyn Write) -> Result<Done> {
    match &args.name {
        Some(name) => print(Recipe::preset(name)?, out)?,
        None => {
            for name in Recipe::preset_names() {
                writeln!(out, "{name:20}{}", first_sentence(Recipe::preset(name)?))?;
            }
        }
    }
    Ok(Done::Well)
}

/// The preset, and as comments what it leaves to defaults: together still a recipe.
fn print(preset: &str, out: &mut dyn Write) -> Result<()> {
    write!(
        out,
        "{preset}\n# What it leaves to defaults (docs/recipe.md says what the keys are):\n"
    )?;
    let mut table = "";
    for default in preset.parse::<RecipeSource>()?.defaults() {
        if default.table != table {
            table = default.table;
            let (open, close) = if default.is_list { ("[[", "]]") } else { ("[", "]") };
            write!(out, "#\n# {open}{table}{close}\n")?;
        }
        writeln!(out, "# {} = {}", default.key, default.value)?;
    }
    Ok(())
}

/// The first comment's text up to its first colon or full stop: what the features are.
fn first_sentence(toml: &str) -> String {
    let comment = toml.lines().map_while(|line| line.strip_prefix('#')).map(str::trim);
    let text = comment.collect::<Vec<_>>().join(" ");
    let ends = [": ", ". "].map(|end| text.find(end).unwrap_or(text.len()));
    text[..ends[0].min(ends[1])].trim_end_matches('.').to_owned()
}
