//! Utterances that labels can be made of, where the recipe leaves out the others.

use std::collections::HashSet;

use ossicle_corpus::{Corpus, Pattern, Reason, Split, Utterance};
use ossicle_files::{Patience, is_too_many_files};
use ossicle_recipe::{Missing, Recipe};

use crate::bounds::stop::Stop;
use crate::error::Error;
use crate::plan::counted::read_part;
use crate::plan::looking::{look_at_all, of_split};

/// Leaves out utterances that have no alignment, or one that lacks a tier, as far as the recipe says so. What
/// cannot be read stays, and is a row of the ledger.
///
/// - `stop`: asks to stop
///
/// # Errors
/// Too many files are open, and stay so; or it was asked to stop.
pub(crate) fn leave_out_others(
    corpus: &mut Corpus,
    recipe: &Recipe,
    stop: &Stop,
) -> Result<(), Error> {
    let skipping = recipe.labels().iter().filter(|labels| labels.missing == Missing::Skip);
    let tiers: Vec<&Pattern> = skipping.map(|labels| &labels.tier).collect();
    if tiers.is_empty() {
        return Ok(());
    }
    corpus.leave_out(Reason::NoAlignment, |_, utterance| utterance.alignment.is_some());
    let mut lacking: HashSet<(String, String)> = HashSet::new();
    for split in &corpus.splits {
        let ids = lacking_in(split, recipe, &tiers, stop)?;
        lacking.extend(ids.into_iter().map(|id| (split.name.clone(), id)));
    }
    let lacks = |split: &str, id: &str| lacking.contains(&(split.to_owned(), id.to_owned()));
    if !lacking.is_empty() {
        corpus.leave_out(Reason::NoTier, |split, utterance| !lacks(split, &utterance.id));
    }
    Ok(())
}

/// Returns the ids of the utterances whose alignments lack one of the tiers.
fn lacking_in(
    split: &Split,
    recipe: &Recipe,
    tiers: &[&Pattern],
    stop: &Stop,
) -> Result<Vec<String>, Error> {
    let lacking = look_at_all(&of_split(split), stop, |_, split, utterance| {
        let lacks = lacks(split, utterance, recipe, tiers)?;
        Ok(lacks.then(|| utterance.id.to_string()))
    })?;
    Ok(lacking.into_iter().flatten().collect())
}

/// Returns whether the alignments of an utterance can be read, and lack one of the tiers.
fn lacks(
    split: &Split,
    utterance: &Utterance,
    recipe: &Recipe,
    tiers: &[&Pattern],
) -> Result<bool, Error> {
    let mut alignments = Vec::new();
    for part in utterance.alignment.iter().flat_map(|source| source.parts()) {
        let read = || read_part(&split.root, utterance, recipe, part);
        match Patience::a_few_times().retry(read) {
            Ok(alignment) => alignments.push(alignment),
            Err(error) if is_too_many_files(&error) => {
                return Err(Error::Labels { reason: format!("{}: {error}", part.shown()) });
            }
            Err(_) => return Ok(false),
        }
    }
    let has = |tier: &Pattern| alignments.iter().any(|alignment| alignment.has_tier(tier));
    Ok(!tiers.iter().all(|tier| has(tier)))
}
