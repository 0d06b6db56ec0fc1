//! An utterance for each channel of a recording, where the recipe says so: headers tell how many there are.

use std::cell::Cell;
use std::sync::atomic::{AtomicBool, Ordering};

use ossicle_corpus::{Archives, Corpus, Split, Utterance};
use ossicle_files::is_too_many_files;
use ossicle_recipe::{ChannelChoice, Recipe};

use crate::bounds::stop::Stop;
use crate::bounds::waiting::{patience, shortage};
use crate::error::Error;
use crate::notice::Notice;
use crate::plan::looking::{look_at_all, of_split};
use crate::rows::input::Input;

/// Puts an utterance of each channel in place of each utterance whose channel the corpus does not tell. One
/// whose recording cannot be read becomes that of its first channel, which fails as it would.
///
/// - `stop`: asks to stop
/// - `notices`: where it is told that files had to be waited for
///
/// # Errors
/// If other programs have too many files open, two utterances would be called the same, or it was asked to
/// stop.
pub(crate) fn expand(
    mut corpus: Corpus,
    recipe: &Recipe,
    stop: &Stop,
    notices: &mut Vec<Notice>,
) -> Result<Corpus, Error> {
    if recipe.audio().channel != ChannelChoice::Each || recipe.event_files().is_some() {
        return Ok(corpus);
    }
    let has_waited = AtomicBool::new(false);
    for split in &mut corpus.splits {
        let counts = count(split, recipe, stop, &has_waited)?;
        let utterances = std::mem::take(&mut split.utterances);
        let each = utterances.into_iter().zip(counts).flat_map(|(utterance, count)| {
            let told = utterance.channel().is_some();
            (0..if told { 1 } else { count }).map(move |channel| match told {
                true => utterance.clone(),
                false => of_channel(&utterance, channel),
            })
        });
        split.utterances = each.collect();
        split.utterances.sort_unstable_by(|a, b| a.id.cmp(&b.id));
        if let Some(pair) = split.utterances.windows(2).find(|pair| pair[0].id == pair[1].id) {
            return Err(Error::SameIds { split: split.name.clone(), id: pair[0].id.to_string() });
        }
    }
    if has_waited.into_inner() {
        notices.push(Notice::WaitingForFiles);
    }
    Ok(corpus)
}

/// Makes the utterance of a channel.
fn of_channel(utterance: &Utterance, channel: u16) -> Utterance {
    let mut extra = utterance.extra.clone().unwrap_or_default();
    extra.set_channel(channel);
    let id = format!("{}-{channel}", utterance.id).into();
    Utterance { id, extra: Some(extra), ..utterance.clone() }
}

/// Returns how many channels the recording of each utterance has; 1 where that is not to be had.
fn count(
    split: &Split,
    recipe: &Recipe,
    stop: &Stop,
    has_waited: &AtomicBool,
) -> Result<Vec<u16>, Error> {
    let archives = Archives::default();
    let should_stop = || stop.signal().is_some();
    look_at_all(&of_split(split), stop, |buffer, split, utterance| {
        let waiting = || has_waited.store(true, Ordering::Relaxed);
        let taken = Cell::new(std::mem::take(buffer));
        let open = || {
            let root = &split.root;
            Input::open(recipe, root, &archives, utterance, &should_stop, taken.take())
        };
        match patience(&should_stop, &waiting).retry(open) {
            Ok(input) => {
                let channels = input.channels().unwrap_or(1);
                *buffer = input.into_buffer();
                Ok(channels)
            }
            Err(error) if is_too_many_files(&error) => Err(shortage(stop)),
            Err(_) => Ok(1),
        }
    })
}
