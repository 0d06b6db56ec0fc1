//! What an utterance is shown against.

use std::ffi::OsStr;
use std::path::Path;

use anyhow::{Context, Result, bail};
use ossicle_corpus::printable;
use ossicle_dataset::{Damage, Dataset, MatrixFile, local_copy};
use ossicle_files::visible;
use ossicle_recipe::Recipe;
use serde::Deserialize;

use crate::argument::path_and_utterance;
use crate::corpus::{dataset_at, is_dataset};
use crate::messages;
use crate::recipe_args::RecipeArgs;
use crate::show::of_dataset::{self, Found, Wanted};
use crate::show::of_recording;
use crate::show::subject::{Column, Rows, Source, Subject};

/// What is shown first.
#[derive(Debug)]
pub(crate) enum Shown<'a> {
    /// An utterance of a dataset.
    Utterance(&'a Dataset, &'a Found),
    /// A recording.
    Recording(&'a Path),
}

impl Shown<'_> {
    /// Returns the id of what is shown: a recording's is its name without the ending.
    fn id(&self) -> String {
        match self {
            Shown::Utterance(_, found) => found.row.id.clone(),
            Shown::Recording(path) => path.file_stem().unwrap_or_default().to_string_lossy().into(),
        }
    }
}

/// The endings of files that are recipes.
const RECIPES: [&str; 8] = ["toml", "json", "yaml", "yml", "conf", "mvn", "cfg", "config"];

/// Finds what another word names, and reads it.
///
/// - `first`: what it is shown below
/// - `say`: is told what is left out
pub(crate) fn subject(
    word: &OsStr,
    first: &Subject,
    shown: &Shown<'_>,
    recipe: &RecipeArgs,
    wanted: &Wanted<'_>,
    say: &dyn Fn(&str),
) -> Result<Subject> {
    let path = Path::new(word);
    let (dataset, utterance) = path_and_utterance(word);
    if is_dataset(&dataset) {
        return of_other_dataset((&dataset, utterance.as_deref()), shown, wanted, say);
    }
    let text = word.to_string_lossy();
    let other = RecipeArgs { preset: None, recipe: None, text: None, ..recipe.clone() };
    if !path.exists() && Recipe::preset(&text).is_ok() {
        let args = RecipeArgs { preset: Some(text.to_string()), ..other };
        return of_other_recipe(&text, shown, &args, wanted, say);
    }
    let extension = path.extension().unwrap_or_default().to_ascii_lowercase();
    if path.is_file() && RECIPES.iter().any(|of| extension == *of) {
        let args = RecipeArgs { recipe: Some(path.to_owned()), ..other };
        return of_other_recipe(&text, shown, &args, wanted, say);
    }
    if let Some(subject) = of_matrix(word, first, shown)? {
        return Ok(subject);
    }
    match shown {
        Shown::Recording(_) if path.is_file() => {
            of_recording::subject(path, recipe, &anywhere(wanted), say)
        }
        Shown::Utterance(dataset, _) if path.is_file() => {
            let args = RecipeArgs { recipe: Some(dataset.root().to_owned()), ..other };
            of_recording::subject(path, &args, &anywhere(wanted), say)
        }
        Shown::Utterance(dataset, _) => {
            let found = of_dataset::find(dataset, Some(&text), None)
                .with_context(|| messages::no_other(&text))?;
            of_dataset::check_shards(dataset, &found, wanted, say)?;
            of_dataset::subject(dataset, &found, &anywhere(wanted), say)
        }
        Shown::Recording(_) => bail!(messages::no_other(&text)),
    }
}

/// Another recording may end before what is shown of the first: it is shown as far as it goes.
fn anywhere<'a>(wanted: &Wanted<'a>) -> Wanted<'a> {
    Wanted { start_s: None, end_s: None, ..*wanted }
}

/// The same utterance of another dataset, or the one that is named.
fn of_other_dataset(
    (path, utterance): (&Path, Option<&str>),
    shown: &Shown<'_>,
    wanted: &Wanted<'_>,
    say: &dyn Fn(&str),
) -> Result<Subject> {
    let folder = local_copy(dataset_at(path).unwrap_or(path), Damage::Refused)?;
    let dataset = Dataset::open(&folder)?;
    let num_utterances: u64 = dataset.card().splits.iter().map(|split| split.utterances).sum();
    let found = match shown {
        _ if utterance.is_some() => of_dataset::find(&dataset, utterance, None),
        Shown::Utterance(_, Found { split, row, .. }) => {
            let has_it = dataset.card().splits.iter().any(|of| of.name == *split);
            of_dataset::find(&dataset, Some(&row.id), has_it.then_some(split.as_str()))
        }
        Shown::Recording(_) if num_utterances == 1 => of_dataset::find(&dataset, None, None),
        Shown::Recording(_) => of_dataset::find(&dataset, Some(&shown.id()), None),
    }
    .with_context(|| visible(&path.to_string_lossy()))?;
    // Its arrays may have other names, and its recording is shown already.
    let wanted = Wanted { arrays: &[], ..anywhere(wanted) };
    of_dataset::check_shards(&dataset, &found, &wanted, say)?;
    let subject = of_dataset::subject(&dataset, &found, &wanted, &|_| {})?;
    let name = path.file_name().unwrap_or(path.as_os_str()).to_string_lossy();
    let id = utterance.map_or_else(String::new, |id| format!("#{id}"));
    Ok(Subject { title: visible(&format!("{name}{id}")), ..subject })
}

/// A matrix of a file that another program wrote, with its rows where those of the first utterance are: `PATH`, or
/// `PATH#UTTERANCE`. None where the file has no matrices.
fn of_matrix(word: &OsStr, first: &Subject, shown: &Shown<'_>) -> Result<Option<Subject>> {
    let (path, name) = path_and_utterance(word);
    if !path.is_file() {
        return Ok(None);
    }
    let cannot = || format!("cannot read {}", printable(&path));
    let Some(file) = MatrixFile::open(&path).with_context(cannot)? else { return Ok(None) };
    let (id, is_only) = (shown.id(), file.names().count() == 1);
    let wanted = name.as_deref().unwrap_or(&id);
    let number = file.names().position(|name| name == wanted);
    let Some(number) = number.or((is_only && name.is_none()).then_some(0)) else {
        bail!(messages::no_utterance_in(&path, wanted, file.names()));
    };
    let matrix = file.read(number).with_context(cannot)?;
    // Of several arrays, the one that has as many columns.
    let is_alike = |rows: &&Rows| rows.columns.len() == matrix.columns;
    let below = first.arrays.iter().find(is_alike).or(first.arrays.first());
    let Some(below) = below else { return Ok(None) };
    let columns = match is_alike(&below) {
        true => below.columns.clone(),
        false => Column::numbered(matrix.columns),
    };
    let rows = Rows {
        name: below.name.clone(),
        columns,
        num_frames: matrix.rows,
        first_s: below.first_s,
        step_s: below.step_s,
        source: Source::Memory(matrix.values),
    };
    let end_s = rows.edges_s((0, rows.num_frames)).1.max(0.0);
    let file_name = path.file_name().unwrap_or(path.as_os_str()).to_string_lossy();
    Ok(Some(Subject {
        title: visible(&file_name),
        span_s: (0.0, end_s),
        arrays: vec![rows],
        ..Subject::default()
    }))
}

/// The same recording with another recipe.
fn of_other_recipe(
    name: &str,
    shown: &Shown<'_>,
    args: &RecipeArgs,
    wanted: &Wanted<'_>,
    say: &dyn Fn(&str),
) -> Result<Subject> {
    let wanted = Wanted { arrays: &[], ..anywhere(wanted) };
    let subject = match shown {
        Shown::Recording(path) => of_recording::subject(path, args, &wanted, say)?,
        Shown::Utterance(dataset, found) => {
            let recipe = Recipe::deserialize(&dataset.card().recipe)?;
            let sound = of_dataset::sound(dataset, found, &recipe, &wanted)?;
            of_recording::subject_of(&found.row.id, &sound, args, &wanted, say)?
        }
    };
    Ok(Subject { title: visible(name), ..subject })
}
