//! Looking at many utterances before anything is computed: at headers, or at alignments.

use std::sync::Mutex;
use std::time::{Duration, Instant};

use ossicle_corpus::{Split, Utterance};

use crate::bounds::addresses;
use crate::bounds::connections;
use crate::bounds::files;
use crate::bounds::stop::Stop;
use crate::error::Error;
use crate::run::pool::{self, lock};

/// So many look at files at once: whoever looks waits for a disk or a file server some of the time, and few files are to
/// be open. Objects of a store are looked at by one for each connection.
const LOOKERS: usize = 8;

/// So many do where all of them wait: as many files as a run may have open besides its workers'.
const LOOKERS_OF_SLOW: usize = 32;

/// So many are looked at before it is known whether that is slow.
const FIRST: usize = 128;

/// A look that takes longer is slow. One at a disk of 5 ms is, and one at a disk of this machine is not.
const SLOW: Duration = Duration::from_millis(1);

/// So many are looked at in one go: enough that going back and forth takes no time.
const MOST_AT_ONCE: usize = 64;

/// Calls `look` for each utterance, on several threads, and returns what it returned, in order.
///
/// - `stop`: asks to stop
/// - `look`: gets a buffer that it may leave an allocation in
///
/// # Errors
/// The first that `look` returned; or it was asked to stop.
pub(super) fn look_at_all<T: Send>(
    utterances: &[(&Split, &Utterance)],
    stop: &Stop,
    look: impl Fn(&mut Vec<u8>, &Split, &Utterance) -> Result<T, Error> + Sync,
) -> Result<Vec<T>, Error> {
    let connections = connections::of_utterances(utterances.iter().copied());
    let lookers = connections.unwrap_or(LOOKERS);
    let (first, rest) = utterances.split_at(FIRST.min(utterances.len()));
    let begin = Instant::now();
    let mut found = look_on(lookers, first, stop, &look)?;
    let is_slow = begin.elapsed() * lookers as u32 > SLOW * first.len() as u32;
    let lookers = match connections {
        None if is_slow => LOOKERS_OF_SLOW,
        _ => lookers,
    };
    found.append(&mut look_on(lookers, rest, stop, &look)?);
    Ok(found)
}

/// The same, on so many threads.
fn look_on<T: Send>(
    lookers: usize,
    utterances: &[(&Split, &Utterance)],
    stop: &Stop,
    look: &(impl Fn(&mut Vec<u8>, &Split, &Utterance) -> Result<T, Error> + Sync),
) -> Result<Vec<T>, Error> {
    let at_once = utterances.len().div_ceil(4 * lookers).clamp(1, MOST_AT_ONCE);
    let chunks: Vec<_> = utterances.chunks(at_once).collect();
    let found: Vec<Mutex<Vec<T>>> = chunks.iter().map(|_| Mutex::default()).collect();
    let look_at_some = |buffer: &mut Vec<u8>, number: usize| {
        let looked = chunks[number].iter().map(|(split, utterance)| {
            stop.check()?;
            look(buffer, split, utterance)
        });
        *lock(&found[number]) = looked.collect::<Result<_, Error>>()?;
        Ok::<_, Error>(())
    };
    let lookers = match addresses::threads_that_fit(lookers) {
        0 => 0,
        // More than there are files for would only wait for each other.
        fit => files::make_room_for_readers(0, fit, None)?.max(1),
    };
    pool::run(lookers, chunks.len(), || Ok(Vec::new()), look_at_some, drop)?;
    // What was looked at when it was asked to counts for nothing.
    stop.check()?;
    Ok(found.into_iter().flat_map(|looked| std::mem::take(&mut *lock(&looked))).collect())
}

/// Returns the utterances of a split, each with it.
pub(super) fn of_split(split: &Split) -> Vec<(&Split, &Utterance)> {
    split.utterances.iter().map(|utterance| (split, utterance)).collect()
}
