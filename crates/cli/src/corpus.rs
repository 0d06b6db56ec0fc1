//! Turns the words of the command line into a plan.

use std::ffi::OsString;
use std::fs;
use std::io;
use std::path::PathBuf;

use anyhow::{Context, Result, bail};
use ossicle_corpus::CorpusSource;
use ossicle_engine::{Plan, PlanRequest, make_room};
use ossicle_recipe::{Recipe, RecipeError, RecipeSource};

use crate::args::{CorpusArgs, RecipeArgs};
use crate::messages;
use crate::simd;

/// The recipe: a preset or a file, with what flags change.
pub(crate) fn recipe(args: &RecipeArgs) -> Result<Recipe> {
    let (text, whose) = match (&args.recipe, &args.preset) {
        (Some(path), _) => {
            let text = fs::read_to_string(path)
                .with_context(|| format!("cannot read the recipe {}", path.display()))?;
            (text, format!("the recipe {}", path.display()))
        }
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
    if let Some(seconds) = args.max_duration {
        source.set(&format!("audio.max_duration_s={seconds:?}"))?;
    }
    for assignment in &args.set {
        source.set(assignment)?;
    }
    source.finish().map_err(told)
}

/// The corpus, of the words of the command line.
pub(crate) fn source(words: &[OsString]) -> Result<CorpusSource> {
    Ok(CorpusSource::parse(words, &mut io::stdin().lock())?)
}

/// The plan of a job.
pub(crate) fn plan(corpus: &CorpusArgs, recipe: &RecipeArgs) -> Result<Plan> {
    let recipe = self::recipe(recipe)?;
    plan_source(source(&corpus.corpus)?, corpus.splits.clone(), corpus.allow_overlap, recipe)
}

/// The plan of a recipe's job.
pub(crate) fn plan_source(
    corpus: CorpusSource,
    splits_file: Option<PathBuf>,
    allow_overlap: bool,
    recipe: Recipe,
) -> Result<Plan> {
    // Looking for recordings opens folders, and must not fail over that.
    make_room(1, None)?;
    let level = simd::level()?;
    let request =
        PlanRequest { splits_file, allow_overlap, level, ..PlanRequest::new(corpus, recipe) };
    Ok(ossicle_engine::plan(request)?)
}
