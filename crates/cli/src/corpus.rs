//! Turns the words of the command line into a plan.

use std::ffi::OsString;
use std::io;
use std::path::Path;

use anyhow::{Context, Result, bail};
use ossicle_corpus::{ColumnNames, CorpusSource, Formats, Pattern, Selection, printable};
use ossicle_dataset::{CARD_FILE, Dataset};
use ossicle_engine::{Notice, Plan, PlanRequest, Stop, make_room};
use ossicle_files::{is_url, read_beside, read_small};
use ossicle_recipe::{
    DroppedKey, ForeignRecipe, Recipe, RecipeError, RecipeSource, foreign_recipe,
};
use serde::Deserialize;

use crate::corpus_args::{CorpusArgs, SelectionArgs};
use crate::messages;
use crate::recipe_args::RecipeArgs;
use crate::simd;

/// The recipe: a preset or a file, with what flags change, and what is to be said about that.
pub(crate) fn recipe(args: &RecipeArgs) -> Result<(Recipe, Vec<Notice>)> {
    let (text, whose) = match (&args.recipe, &args.preset) {
        _ if let Some(text) = &args.text => (text.clone(), "the recipe".to_owned()),
        (Some(path), _) => recipe_at(path)?,
        (None, Some(preset)) => {
            (Recipe::preset(preset)?.to_owned(), format!("the preset {preset}"))
        }
        (None, None) => bail!(messages::no_recipe()),
    };
    // A line is some text's.
    let told = |error: RecipeError| match error {
        RecipeError::At { .. } => anyhow::Error::new(error).context(whose.clone()),
        error => error.into(),
    };
    let mut source: RecipeSource = text.parse().map_err(told)?;
    if let Some(encoding) = &args.raw_encoding {
        source.set(&format!("audio.raw_encoding={encoding:?}"))?;
    }
    if let Some(rate) = args.sample_rate {
        source.set(&format!("audio.raw_sample_rate_hz={rate}"))?;
    }
    if let Some(seconds) = args.min_duration {
        source.set(&format!("audio.min_duration_s={seconds:?}"))?;
    }
    if let Some(seconds) = args.max_duration {
        source.set(&format!("audio.max_duration_s={seconds:?}"))?;
    }
    for assignment in &args.set {
        source.set(assignment)?;
    }
    let notices = notices(source.drop_idle());
    Ok((source.finish().map_err(told)?, notices))
}

/// A notice for each reason why keys are left out.
fn notices(dropped: Vec<DroppedKey>) -> Vec<Notice> {
    let mut reasons: Vec<(String, Vec<String>)> = Vec::new();
    for key in dropped {
        let name = key.to_string();
        match reasons.iter_mut().find(|(why, _)| *why == key.why) {
            Some((_, keys)) => keys.push(name),
            None => reasons.push((key.why, vec![name])),
        }
    }
    reasons.into_iter().map(|(why, keys)| Notice::DroppedKeys { keys, why }).collect()
}

/// A recipe larger than this is not one: all keys that there are take less than 10 kB. A model's configuration may have
/// its words beside, and a
/// saved front end has the rows of its probe.
const MOST_RECIPE_BYTES: u64 = 1 << 24;

/// The text of a recipe, and whose it is: that of a file, of a model's own file, or of the dataset whose folder or card is
/// named.
pub(crate) fn recipe_at(path: &Path) -> Result<(String, String)> {
    let Some(dataset) = dataset_at(path) else {
        let text = read_small(path, MOST_RECIPE_BYTES)
            .with_context(|| format!("cannot read the recipe {}", printable(path)))?;
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        let mut beside = |name: &str| read_beside(path, name);
        let translated = foreign_recipe(&name, &text, &mut beside)
            .with_context(|| format!("cannot take {} for a recipe", printable(path)))?;
        return Ok(match translated {
            Some(ForeignRecipe { of, toml }) => (toml, format!("{}, {of}", printable(path))),
            None => (text, format!("the recipe {}", printable(path))),
        });
    };
    let whose = format!("the recipe of the dataset {}", printable(dataset));
    let dataset = match Dataset::open(dataset) {
        Err(ossicle_dataset::Error::NoCard { path }) => bail!(messages::no_recipe_in(&path)),
        dataset => dataset?,
    };
    let recipe = Recipe::deserialize(&dataset.card().recipe).with_context(|| whose.clone())?;
    Ok((recipe.to_toml(), whose))
}

/// The folder of the dataset that is named by its folder or its card; none where a file is named.
pub(crate) fn dataset_at(path: &Path) -> Option<&Path> {
    match path.file_name() {
        Some(name) if name == CARD_FILE => path.parent(),
        _ => path.is_dir().then_some(path),
    }
}

/// Returns whether a path is that of a dataset: its folder, its card, or a URL.
pub(crate) fn is_dataset(path: &Path) -> bool {
    is_url(path) || dataset_at(path).is_some_and(|folder| folder.join(CARD_FILE).is_file())
}

/// The corpus, of the words of the command line.
pub(crate) fn source(words: &[OsString]) -> Result<CorpusSource> {
    Ok(CorpusSource::parse(words, &mut io::stdin().lock())?)
}

/// How it is read, and which of its utterances are kept, of what flags say.
pub(crate) fn selection(args: &SelectionArgs) -> Result<Selection> {
    Ok(Selection {
        formats: Formats::parse(&args.corpus_format)?,
        columns: ColumnNames::parse(args.columns.as_deref(), &args.column)?,
        allow_commands: args.allow_commands,
        id: args.id.clone(),
        speaker: args.speaker.clone(),
        ids_file: args.ids.clone(),
        splits_file: args.splits.clone(),
        shares: args.split_speakers.clone(),
        alignments: args.alignments.clone(),
        segments_from: args.segments_from.as_ref().map(Pattern::new),
    })
}

/// The plan of a job.
///
/// - `stop`: asks to stop
pub(crate) fn plan(corpus: &CorpusArgs, recipe: &RecipeArgs, stop: &Stop) -> Result<Plan> {
    plan_request(request(corpus, recipe, stop)?)
}

/// The request for the plan of a job.
pub(crate) fn request(
    corpus: &CorpusArgs,
    recipe: &RecipeArgs,
    stop: &Stop,
) -> Result<PlanRequest> {
    let (recipe, notices) = self::recipe(recipe)?;
    Ok(PlanRequest {
        selection: selection(&corpus.selection)?,
        allow_overlap: corpus.allow_overlap,
        notices,
        stop: stop.clone(),
        ..PlanRequest::new(source(&corpus.corpus)?, recipe)
    })
}

/// The plan of a recipe's job.
pub(crate) fn plan_source(corpus: CorpusSource, recipe: Recipe) -> Result<Plan> {
    plan_request(PlanRequest::new(corpus, recipe))
}

fn plan_request(request: PlanRequest) -> Result<Plan> {
    // Looking for recordings opens folders, and must not fail over that.
    make_room(1, None)?;
    let level = simd::level()?;
    Ok(ossicle_engine::plan(PlanRequest { level, ..request })?)
}
