//! An utterance for each channel of a recording, where the recipe says so: headers tell how many there are.

use std::cell::Cell;
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;

use ossicle_corpus::{Archives, Corpus, Split, Utterance};
use ossicle_files::is_too_many_files;
use ossicle_recipe::{ChannelChoice, Recipe};

use crate::bounds::stop::Stop;
use crate::bounds::waiting::{patience, shortage};
use crate::error::Error;
use crate::notice::Notice;
use crate::rows::input::Input;
use crate::run::pool::{self, lock};

/// So many headers are looked at in one go: enough that going back and forth takes no time.
const AT_ONCE: usize = 64;

/// So many look at once at the most, so that few files are open.
const MOST_LOOKERS: usize = 16;

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
    extra.channel = Some(channel);
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
    let chunks: Vec<&[Utterance]> = split.utterances.chunks(AT_ONCE).collect();
    let counted: Vec<Mutex<Vec<u16>>> = chunks.iter().map(|_| Mutex::default()).collect();
    let archives = Archives::default();
    let should_stop = || stop.signal().is_some();
    let look = |buffer: &mut Vec<u8>, number: usize| {
        let counts = chunks[number].iter().map(|utterance| {
            stop.check()?;
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
        });
        *lock(&counted[number]) = counts.collect::<Result<_, Error>>()?;
        Ok::<_, Error>(())
    };
    let lookers = thread::available_parallelism().map_or(1, usize::from).min(MOST_LOOKERS);
    pool::run(lookers, chunks.len(), || Ok(Vec::new()), look, drop)?;
    // What was looked at when it was asked to counts for nothing.
    stop.check()?;
    Ok(counted.into_iter().flat_map(|counts| lock(&counts).clone()).collect())
}
