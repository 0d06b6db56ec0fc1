//! From the words of the command line to a plan.

use std::fs;
use std::io;

use anyhow::{Context, Result, bail};
use ossicle_corpus::CorpusSource;
use ossicle_engine::{Plan, Recipe, RecipeSource};

use crate::args::{CorpusArgs, RecipeArgs};
use crate::messages;

/// The recipe: a preset or a file, with what flags change.
pub(crate) fn recipe(args: &RecipeArgs) -> Result<Recipe> {
    let mut source: RecipeSource = match (&args.recipe, &args.preset) {
        (Some(path), _) => {
            let text = fs::read_to_string(path)
                .with_context(|| format!("cannot read the recipe {}", path.display()))?;
            text.parse().with_context(|| format!("the recipe {}", path.display()))?
        }
        (None, Some(preset)) => Recipe::preset(preset)?.parse()?,
        (None, None) => bail!(messages::no_recipe()),
    };
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
    Ok(source.finish()?)
}

/// The plan of a job.
pub(crate) fn plan(corpus: &CorpusArgs, recipe: &RecipeArgs) -> Result<Plan> {
    let recipe = self::recipe(recipe)?;
    let source = CorpusSource::parse(&corpus.corpus)?;
    Ok(Plan::new(&source, corpus.splits.as_deref(), recipe, &mut io::stdin().lock())?)
}
