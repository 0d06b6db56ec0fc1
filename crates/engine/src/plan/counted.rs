//! Classes that are counted: the labels that the training split has.

use std::collections::BTreeSet;
use std::path::Path;
use std::sync::Mutex;

use ossicle_audio::Channel;
use ossicle_corpus::{
    Alignment, AlignmentError, AlignmentPart, Corpus, Mark, Of, Span, Split, TimeUnit, Utterance,
};
use ossicle_files::{Patience, is_too_many_files};
use ossicle_recipe::{Gap, LabelsTable, Recipe};

use crate::bounds::stop::Stop;
use crate::error::Error;
use crate::plan::looking::{look_at_all, of_split};
use crate::rows::input::channel;
use crate::run::pool::lock;

/// The word of a recipe for a map that is counted.
pub(crate) const FROM_TRAIN: &str = "from-train";

/// The class of gaps where the labels have none that is called so.
const SILENCE: &str = "sil";

/// Returns the labels of a tier that the training split has, in bytewise order.
///
/// Alignments that cannot be read count for nothing: their utterances are rows of the ledger.
///
/// - `stop`: asks to stop
///
/// # Errors
/// There is no training split, or none of its alignments has a label; or it was asked to stop.
pub(crate) fn classes(
    corpus: &Corpus,
    recipe: &Recipe,
    table: &LabelsTable,
    stop: &Stop,
) -> Result<Vec<String>, Error> {
    let train = training_split(corpus)?;
    let labels = Mutex::default();
    look_at_all(&of_split(train), stop, |_, split, utterance| {
        add_labels(&split.root, utterance, recipe, table, &labels)
    })?;
    let mut labels: BTreeSet<Box<str>> = std::mem::take(&mut *lock(&labels));
    if labels.is_empty() {
        let reason = format!(
            "labels.map is {FROM_TRAIN:?}, and no alignment of the split {:?} has a tier {:?} with \
             labels",
            train.name,
            table.tier.to_string()
        );
        return Err(Error::Labels { reason });
    }
    if table.gap == Gap::Silence {
        labels.insert(SILENCE.into());
    }
    Ok(labels.into_iter().map(String::from).collect())
}

/// Returns the split that is trained with: the one that is called so, or the only one.
fn training_split(corpus: &Corpus) -> Result<&Split, Error> {
    let named = corpus.splits.iter().find(|split| split.name == "train");
    let only = || corpus.splits.first().filter(|_| corpus.splits.len() == 1);
    named.or_else(only).ok_or_else(|| {
        let names: Vec<&str> = corpus.splits.iter().map(|split| &*split.name).collect();
        let reason = format!(
            "labels.map is {FROM_TRAIN:?}, and there is no split \"train\" among {}",
            names.join(", ")
        );
        Error::Labels { reason }
    })
}

/// Adds the labels of an utterance.
///
/// # Errors
/// Too many files are open, and stay so.
fn add_labels(
    root: &Path,
    utterance: &Utterance,
    recipe: &Recipe,
    table: &LabelsTable,
    labels: &Mutex<BTreeSet<Box<str>>>,
) -> Result<(), Error> {
    for part in utterance.alignment.iter().flat_map(|source| source.parts()) {
        let alignment =
            match Patience::a_few_times().retry(|| read_part(root, utterance, recipe, part)) {
                Ok(alignment) => alignment,
                Err(error) if is_too_many_files(&error) => {
                    let reason = format!("{}: {error}", part.shown());
                    return Err(Error::Labels { reason });
                }
                Err(_) => return Ok(()),
            };
        let Ok(marks) = alignment.tier(&table.tier) else { continue };
        let span = utterance.span().filter(|_| !part.begins_with_utterance());
        let mut labels = lock(labels);
        for mark in marks.into_iter().filter(|mark| is_within(mark, &alignment, table, span)) {
            if !labels.contains(&mark.label) {
                labels.insert(mark.label.clone());
            }
        }
        return Ok(());
    }
    Ok(())
}

/// Reads a part of an utterance's alignment.
///
/// - `root`: what its paths are relative to
pub(crate) fn read_part(
    root: &Path,
    utterance: &Utterance,
    recipe: &Recipe,
    part: AlignmentPart<'_>,
) -> Result<Alignment, AlignmentError> {
    let stem = utterance.source.file_stem().unwrap_or_default().to_string_lossy();
    let channel = match channel(recipe, utterance) {
        Channel::Index(channel) => Some(channel),
        _ => None,
    };
    part.read(root, Of { names: &[&*utterance.id, &*stem], channel })
}

/// Returns whether a label is in the stretch of the recording that is the utterance. Where that depends on the
/// sample rate, it counts as within.
fn is_within(mark: &Mark, alignment: &Alignment, table: &LabelsTable, span: Option<Span>) -> bool {
    let scale = table.scale();
    let (first, last) = (scale.of(mark.start), scale.of(mark.end));
    match (span, alignment.unit) {
        (Some(Span::Samples { start, end }), TimeUnit::Samples)
        | (Some(Span::Nanoseconds { start, end }), TimeUnit::Nanoseconds) => {
            last > start && end.is_none_or(|end| first < end)
        }
        _ => true,
    }
}
