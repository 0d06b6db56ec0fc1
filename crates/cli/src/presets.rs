//! `ossicle presets`: what can be computed by name.

use std::io::Write;
use std::path::Path;

use anyhow::{Result, anyhow, bail};
use ossicle_engine::{Error, FrontEnd, Transform};
use ossicle_recipe::{Absence, Key, Recipe, RecipeSource, TableKeys, reference};

use crate::args::PresetsArgs;
use crate::corpus::{dataset_at, recipe_at};
use crate::done::Done;
use crate::lines::wrapped;
use crate::messages;
use crate::results;
use crate::simd;

/// The columns that names have in the list.
const NAMES: usize = 32;

pub(crate) fn run(args: &PresetsArgs, out: &mut dyn Write) -> Result<Done> {
    if let Some(kind) = &args.keys {
        print_keys(kind.as_deref(), out)?;
        return Ok(Done::Well);
    }
    if let (Some(name), Some(file)) = (&args.name, &args.save) {
        return save(name, file, out);
    }
    match &args.name {
        Some(name) => print(&text_of(name)?, out)?,
        None => {
            for name in Recipe::preset_names() {
                // A line each, however long, as programs take the first word of each.
                writeln!(out, "{name:NAMES$}{}", first_sentence(Recipe::preset(name)?))?;
            }
            for (alias, name) in Recipe::preset_aliases() {
                writeln!(out, "{alias:NAMES$}Another name of {name}")?;
            }
        }
    }
    Ok(Done::Well)
}

/// The text of a preset, or of the recipe that a file or a dataset of this name has.
fn text_of(name: &str) -> Result<String> {
    match Recipe::preset(name) {
        Ok(preset) => Ok(preset.to_owned()),
        Err(_) if Path::new(name).exists() => Ok(recipe_at(Path::new(name))?.0),
        Err(none) => Err(none.into()),
    }
}

/// Saves a front end: that of a dataset with its statistics, or a recipe that needs none.
fn save(name: &str, file: &Path, out: &mut dyn Write) -> Result<Done> {
    let path = Path::new(name);
    results::check(&[("--save", file)], &[("the recipe", path)])?;
    let level = simd::level()?;
    let transform = match dataset_at(path) {
        Some(folder) => Transform::of_dataset(folder, None, level)?,
        None => {
            let recipe = text_of(name)?.parse::<RecipeSource>()?.finish()?;
            let saved = Transform::new(&recipe, recipe.example_rate_hz(), level);
            saved.map_err(|error| match error {
                Error::NoCorpus { .. } => anyhow!(messages::front_end_of_a_corpus(name)),
                other => other.into(),
            })?
        }
    };
    let text = FrontEnd::of(&transform)?.to_text();
    results::write(file, |file| Ok(file.write_all(text.as_bytes())?))?;
    writeln!(out, "{}", messages::front_end_saved(file))?;
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

/// What can be set: all keys, or those of a kind of feature or of a table.
fn print_keys(wanted: Option<&str>, out: &mut dyn Write) -> Result<()> {
    let tables = reference();
    let is_wanted = |table: &&TableKeys| {
        wanted.is_none_or(|wanted| table.name == wanted || table.kind == Some(wanted))
    };
    let mut found = tables.iter().filter(is_wanted).peekable();
    if found.peek().is_none() {
        let mut known: Vec<&str> =
            tables.iter().map(|table| table.kind.unwrap_or(table.name)).collect();
        known.push("feature");
        bail!(messages::no_keys(wanted.unwrap_or_default(), &known));
    }
    let mut between = "";
    for table in found {
        let (open, close) = if table.is_list { ("[[", "]]") } else { ("[", "]") };
        write!(out, "{between}{open}{}{close}", table.name)?;
        if let Some(kind) = table.kind {
            write!(out, ", kind = {kind:?}")?;
        }
        writeln!(out)?;
        for key in &table.keys {
            print_key(key, out)?;
        }
        between = "\n";
    }
    Ok(())
}

/// A key with what it may be, what its absence means, and what it is for, in lines that fit.
fn print_key(key: &Key, out: &mut dyn Write) -> Result<()> {
    let absent = match &key.default {
        Absence::Refused => "needed".to_owned(),
        Absence::Is(value) => format!("absent: {value}"),
        Absence::Says(words) => format!("absent: {}", words.replace('`', "")),
    };
    for line in wrapped(&format!("{}: {}; {absent}", key.name, key.values), 2, 6) {
        writeln!(out, "{line}")?;
    }
    for line in wrapped(&key.meaning.replace('`', ""), 6, 6) {
        writeln!(out, "{line}")?;
    }
    Ok(())
}

/// The first comment's text up to its first colon or full stop: what the features are.
pub(crate) fn first_sentence(toml: &str) -> String {
    let comment = toml.lines().map_while(|line| line.strip_prefix('#')).map(str::trim);
    let text = comment.collect::<Vec<_>>().join(" ");
    let ends = [": ", ". "].map(|end| text.find(end).unwrap_or(text.len()));
    text[..ends[0].min(ends[1])].trim_end_matches('.').to_owned()
}
