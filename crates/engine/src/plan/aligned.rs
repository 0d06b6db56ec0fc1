//! Utterances that labels can be made of, where the recipe leaves out the others.

use std::collections::HashSet;
use std::sync::Mutex;
use std::thread;

use ossicle_corpus::{Corpus, Pattern, Reason, Split, Utterance};
use ossicle_files::{Patience, is_too_many_files};
use ossicle_recipe::{Missing, Recipe};

use crate::bounds::stop::Stop;
use crate::error::Error;
use crate::plan::counted::names_of;
use crate::run::pool::{self, lock};

/// So many alignments are read in one go: enough that going back and forth takes no time.
const AT_ONCE: usize = 64;

/// So many are read at once at the most, so that few files are open.
const MOST_READERS: usize = 16;

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
    let chunks: Vec<&[Utterance]> = split.utterances.chunks(AT_ONCE).collect();
    let found: Vec<Mutex<Vec<String>>> = chunks.iter().map(|_| Mutex::default()).collect();
    let look = |(): &mut (), number: usize| {
        for utterance in chunks[number] {
            stop.check()?;
            if lacks(split, utterance, recipe, tiers)? {
                lock(&found[number]).push(utterance.id.to_string());
            }
        }
        Ok::<_, Error>(())
    };
    let readers = thread::available_parallelism().map_or(1, usize::from).min(MOST_READERS);
    pool::run(readers, chunks.len(), || Ok(()), look, drop)?;
    Ok(found.into_iter().flat_map(|ids| std::mem::take(&mut *lock(&ids))).collect())
}

/// Whether the alignments of an utterance can be read, and lack one of the tiers.
fn lacks(
    split: &Split,
    utterance: &Utterance,
    recipe: &Recipe,
    tiers: &[&Pattern],
) -> Result<bool, Error> {
    let mut alignments = Vec::new();
    for part in utterance.alignment.iter().flat_map(|source| source.parts()) {
        let read = || names_of(utterance, recipe, |of| part.read(&split.root, of));
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
