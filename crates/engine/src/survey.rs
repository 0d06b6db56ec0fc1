//! What the headers of a corpus' recordings say, without any recipe.

use std::collections::BTreeMap;
use std::sync::Mutex;

use ossicle_audio::{OpenOptions, Recording};
use ossicle_corpus::{Archives, Corpus, Held, Split, Utterance};
use ossicle_files::Patience;

use crate::bounds::stop::Stop;
use crate::causes::{CauseCount, Causes};
use crate::error::Error;
use crate::rows::failure::Failure;
use crate::rows::input::{OpenError, media_of};
use crate::run::pool::{self, lock};

/// The contents of a corpus, by its headers.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Survey {
    /// The seconds of each split's utterances, as far as they are known.
    pub durations_s: Vec<f64>,
    /// The number of utterances that last so long, by [`DURATIONS_S`].
    pub histogram: [u64; DURATIONS_S.len() + 1],
    /// The number of those that do not say how long they are.
    pub unknown: u64,
    /// The number of those in a compressed archive or made by a command, which are not looked at.
    pub held: u64,
    /// The number of those that have each sample rate in Hz.
    pub rates: BTreeMap<u32, u64>,
    /// The number of those whose recordings have so many channels.
    pub channels: BTreeMap<u16, u64>,
    /// The number of those whose recordings have each format, as `WAVE, 16-bit PCM`.
    pub formats: BTreeMap<String, u64>,
    /// Why some cannot be opened, the most frequent reason first.
    pub problems: Vec<CauseCount>,
}

/// The seconds at which the classes of the histogram end; the last class has no end.
pub const DURATIONS_S: [f64; 10] = [0.1, 0.5, 1.0, 2.0, 5.0, 10.0, 20.0, 30.0, 60.0, 600.0];

/// So many utterances are looked at by one worker before it takes more.
const AT_ONCE: usize = 64;

/// Looks at the header of every recording that can be had by opening a file; none is decoded.
///
/// - `workers`: how many look at once
/// - `stop`: asks to stop
/// - `seen`: is told, from any thread, of so many utterances that were looked at
///
/// # Errors
/// If it was asked to stop.
pub fn survey(
    corpus: &Corpus,
    workers: usize,
    stop: &Stop,
    seen: &(dyn Fn(usize) + Sync),
) -> Result<Survey, Error> {
    let mut tasks: Vec<(usize, usize)> = Vec::new();
    for (number, split) in corpus.splits.iter().enumerate() {
        tasks.extend((0..split.utterances.len()).step_by(AT_ONCE).map(|first| (number, first)));
    }
    let looked: Vec<Mutex<Looked>> = tasks.iter().map(|_| Mutex::default()).collect();
    let archives = Archives::default();
    let work = |(): &mut (), task: usize| {
        let (number, first) = tasks[task];
        let split = &corpus.splits[number];
        let end = split.utterances.len().min(first + AT_ONCE);
        *lock(&looked[task]) = look(split, &split.utterances[first..end], &archives, stop)?;
        seen(end - first);
        Ok::<(), Error>(())
    };
    pool::run(workers, tasks.len(), || Ok(()), work, drop)?;
    let mut survey = Survey { durations_s: vec![0.0; corpus.splits.len()], ..Survey::default() };
    let mut causes = Causes::default();
    // In the order of the corpus, so that sums do not depend on who looked at what.
    for ((number, _), looked) in tasks.iter().zip(looked) {
        let Looked { part, failures } = std::mem::take(&mut *lock(&looked));
        survey.add(*number, part);
        failures.into_iter().for_each(|row| causes.add(row));
    }
    survey.problems = causes.counts();
    Ok(survey)
}

/// What a few utterances say; their seconds are together in one split.
#[derive(Debug, Default)]
struct Looked {
    part: Survey,
    failures: Vec<ossicle_dataset::FailureRow>,
}

fn look(
    split: &Split,
    utterances: &[Utterance],
    archives: &Archives,
    stop: &Stop,
) -> Result<Looked, Error> {
    let mut looked = Looked::default();
    let should_stop = || stop.signal().is_some();
    let _stoppable = stop.ends_waiting();
    let mut seconds = 0.0;
    let mut buffer = Vec::new();
    for utterance in utterances {
        stop.check()?;
        // A command would have to be run for it, or all of an archive inflated.
        if utterance.held().is_some_and(Held::is_costly) {
            looked.part.held += 1;
            continue;
        }
        let open = || {
            let taken = std::mem::take(&mut buffer);
            let media = media_of(&split.root, archives, utterance, &should_stop)?;
            Ok::<_, OpenError>(Recording::from_media(media, OpenOptions::default(), taken)?)
        };
        let opened = Patience::a_few_times().retry(open);
        let recording = match opened {
            Ok(recording) => recording,
            Err(error) => {
                looked.failures.push(Failure::from(error).row(&split.name, utterance));
                continue;
            }
        };
        let info = *recording.info();
        buffer = recording.into_buffer();
        *looked.part.rates.entry(info.sample_rate_hz).or_default() += 1;
        *looked.part.channels.entry(info.channels).or_default() += 1;
        let format = format!("{}, {}", info.container, info.encoding);
        *looked.part.formats.entry(format).or_default() += 1;
        let (start, end) = match utterance.span() {
            Some(span) => span.samples(info.sample_rate_hz),
            None => (0, None),
        };
        match end.or(info.length.exact()) {
            Some(end) => {
                let duration_s = end.saturating_sub(start) as f64 / f64::from(info.sample_rate_hz);
                seconds += duration_s;
                let class = DURATIONS_S.iter().position(|most| duration_s < *most);
                looked.part.histogram[class.unwrap_or(DURATIONS_S.len())] += 1;
            }
            None => looked.part.unknown += 1,
        }
    }
    looked.part.durations_s = vec![seconds];
    Ok(looked)
}

impl Survey {
    fn add(&mut self, split: usize, part: Survey) {
        self.durations_s[split] += part.durations_s.iter().sum::<f64>();
        self.unknown += part.unknown;
        self.held += part.held;
        for (sum, count) in self.histogram.iter_mut().zip(part.histogram) {
            *sum += count;
        }
        for (rate, count) in part.rates {
            *self.rates.entry(rate).or_default() += count;
        }
        for (channels, count) in part.channels {
            *self.channels.entry(channels).or_default() += count;
        }
        for (format, count) in part.formats {
            *self.formats.entry(format).or_default() += count;
        }
    }
}
