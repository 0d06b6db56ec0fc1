//! The sample rates of a corpus, as its headers say them, and what they mean for a recipe.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::atomic::{AtomicBool, Ordering};
use std::time;

use ossicle_corpus::{Archives, Corpus, Held, Utterance};
use ossicle_dsp::Columns;
use ossicle_files::{Patience, is_too_many_files};
use ossicle_recipe::{Duration, Recipe, Stream};

use crate::bounds::stop::Stop;
use crate::error::Error;
use crate::notice::{Notice, Rate};
use crate::plan::looking::look_at_all;
use crate::rows::input::Input;

/// How many recordings are looked at before the work: enough to meet a second rate that is not rare, and
/// too few to take any time.
const MOST_LOOKS: usize = 256;

/// How many are looked at of those that take more than opening a file.
const MOST_COSTLY: usize = 8;

/// How long a look waits for files that others have open: a run waits longer.
const LONGEST: time::Duration = time::Duration::from_millis(310);

/// Looks at the headers of some recordings, from everywhere in the corpus, and returns how many have which
/// rate. What cannot be opened has none, and neither have files of events.
///
/// - `stop`: asks to stop
/// - `notices`: where it is told that files had to be waited for
///
/// # Errors
/// If it was asked to stop.
pub(crate) fn look(
    corpus: &Corpus,
    recipe: &Recipe,
    stop: &Stop,
    notices: &mut Vec<Notice>,
) -> Result<Vec<Rate>, Error> {
    if recipe.event_files().is_some() {
        return Ok(Vec::new());
    }
    let all =
        corpus.splits.iter().flat_map(|split| split.utterances.iter().map(move |u| (split, u)));
    let step = all.clone().count().div_ceil(MOST_LOOKS).max(1);
    let mut costly = 0;
    let some: Vec<_> = all
        .step_by(step)
        .take_while(|(_, utterance)| {
            costly += usize::from(utterance.held().is_some_and(Held::is_costly));
            costly <= MOST_COSTLY
        })
        .collect();
    let (has_waited, is_short) = (AtomicBool::new(false), AtomicBool::new(false));
    let should_stop = || stop.signal().is_some();
    let archives = Archives::default();
    let found = look_at_all(&some, stop, |buffer, split, utterance| {
        let waiting = || has_waited.store(true, Ordering::Relaxed);
        let open = || {
            let buffer = std::mem::take(buffer);
            Input::open(recipe, &split.root, &archives, utterance, &should_stop, buffer)
        };
        if is_short.load(Ordering::Relaxed) {
            return Ok(None);
        }
        let input = match Patience::new(&should_stop, &waiting, LONGEST).retry(open) {
            Ok(input) => input,
            Err(error) => {
                // Not once more for each recording.
                is_short.fetch_or(is_too_many_files(&error), Ordering::Relaxed);
                return Ok(None);
            }
        };
        let rate_hz = input.sample_rate_hz();
        *buffer = input.into_buffer();
        Ok(rate_hz)
    })?;
    let (mut rates, mut said) = (Rates::default(), Said::default());
    for ((_, utterance), rate_hz) in some.into_iter().zip(found) {
        if let Some(rate_hz) = rate_hz {
            rates.add(rate_hz, 1, &utterance.id);
            said.compare(utterance, rate_hz);
        }
    }
    if has_waited.into_inner() {
        notices.push(Notice::WaitingForFiles);
    }
    notices.extend(said.notice());
    Ok(rates.into_list(recipe))
}

/// What a description says of sample rates, beside what headers do.
#[derive(Debug, Default)]
struct Said {
    of: u64,
    count: u64,
    /// The first that differs: its id, and what is said and found.
    first: Option<(String, u32, u32)>,
}

impl Said {
    /// The columns that say a sample rate in manifests: NeMo's two spellings.
    const COLUMNS: [&str; 2] = ["sample_rate", "sampling_rate"];

    fn compare(&mut self, utterance: &Utterance, found_hz: u32) {
        let columns = utterance.columns.unpacked();
        let column = columns.iter().find(|column| Said::COLUMNS.contains(&column.name()));
        let said = column.map(|column| column.value()).and_then(|value| match value.as_str() {
            Some(text) => text.trim().parse::<f64>().ok(),
            None => value.as_f64(),
        });
        let Some(said) = said else { return };
        self.of += 1;
        if said != f64::from(found_hz) {
            self.count += 1;
            self.first.get_or_insert_with(|| (utterance.id.to_string(), said as u32, found_hz));
        }
    }

    fn notice(self) -> Option<Notice> {
        let Said { of, count, first } = self;
        let (first, said_hz, found_hz) = first?;
        Some(Notice::OtherRateSaid { count, of, first, said_hz, found_hz })
    }
}

/// Returns the rate that columns are counted and named at: of those that features can be computed at, the
/// one that most recordings have.
pub(crate) fn of_columns(recipe: &Recipe, rates: &[Rate]) -> u32 {
    let fit = rates.iter().filter(|rate| recipe.check_at(rate.sample_rate_hz).is_ok());
    // Of two that as many have, the higher one.
    let most = fit.max_by_key(|rate| (rate.count, rate.sample_rate_hz));
    most.map_or(recipe.example_rate_hz(), |rate| rate.sample_rate_hz)
}

/// Tells what a recipe means at these rates that it may not have been meant to.
pub(crate) fn notices(recipe: &Recipe, rates: &[Rate]) -> Vec<Notice> {
    let of_stream = |stream: &Stream, rate: &Rate| {
        let frames = stream.frames_table();
        let mut notices = Vec::new();
        if let (Duration::Samples(length), Some(made_for_hz)) = (frames.length, frames.made_for_hz)
            && rate.sample_rate_hz != made_for_hz
        {
            let (sample_rate_hz, example) = (rate.sample_rate_hz, rate.first.clone());
            notices.push(Notice::FramesOfOtherRate {
                length,
                made_for_hz,
                sample_rate_hz,
                example,
            });
        }
        // A feature that is no function of a spectrum stands alone.
        let configs = stream.feature_configs(rate.sample_rate_hz);
        for (feature, config) in stream.features().iter().zip(configs) {
            let Columns::Mel(mel) = &config.columns else { continue };
            let empty = mel.filters_without_bins(config.sample_rate_hz, config.n_fft);
            let filters: Vec<u32> = empty.into_iter().flatten().map(|at| at as u32).collect();
            if !filters.is_empty() {
                notices.push(Notice::EmptyFilters {
                    array: feature.name().to_owned(),
                    filters,
                    of: mel.num_mel_bins as u32,
                    n_fft: config.n_fft as u32,
                    sample_rate_hz: rate.sample_rate_hz,
                });
            }
        }
        notices
    };
    let mut notices = Vec::new();
    for stream in recipe.streams() {
        for rate in rates {
            // A stream that has a rate of its own has the same whatever that of recordings is.
            let sample_rate_hz = recipe.rate_of(stream, rate.sample_rate_hz);
            let more = of_stream(stream, &Rate { sample_rate_hz, ..rate.clone() });
            notices.extend(more);
            if sample_rate_hz != rate.sample_rate_hz {
                break;
            }
        }
    }
    notices
}

/// Tells of files that say no rate, where the recipe says none for them.
pub(crate) fn assumed(corpus: &Corpus, recipe: &Recipe, sample_rate_hz: u32) -> Option<Notice> {
    if recipe.event_files().is_none() || recipe.audio().sample_rate_hz.is_some() {
        return None;
    }
    let mut all = corpus.splits.iter().flat_map(|split| &split.utterances);
    let count = all.clone().count() as u64;
    let first = all.next()?.id.to_string();
    Some(Notice::AssumedRate { sample_rate_hz, count, first })
}

/// For each rate how many recordings, and the first in order.
#[derive(Debug, Clone, Default)]
pub(crate) struct Rates(BTreeMap<u32, (u64, String)>);

impl Rates {
    /// Counts recordings of a rate.
    ///
    /// - `first`: the id of the first of them, behind those that were counted before
    pub(crate) fn add(&mut self, sample_rate_hz: u32, count: u64, first: &str) {
        self.0.entry(sample_rate_hz).or_insert_with(|| (0, first.to_owned())).0 += count;
    }

    /// Counts those of others, which are behind these.
    pub(crate) fn merge(&mut self, others: &Rates) {
        others.0.iter().for_each(|(&hz, (count, first))| self.add(hz, *count, first));
    }

    /// Tells which are resampled, if any, to each rate that there is. Files of events have no samples that could
    /// be.
    ///
    /// - `self`: those of all recordings
    pub(crate) fn resampled(&self, recipe: &Recipe) -> Vec<Notice> {
        if recipe.audio().resample_mode().is_none() || recipe.event_files().is_some() {
            return Vec::new();
        }
        let to: BTreeSet<u32> =
            recipe.streams().iter().filter_map(Stream::sample_rate_hz).collect();
        to.into_iter().filter_map(|to_hz| self.resampled_to(to_hz)).collect()
    }

    fn resampled_to(&self, to_hz: u32) -> Option<Notice> {
        let rate = |(&sample_rate_hz, (count, first)): (&u32, &(u64, String))| Rate {
            sample_rate_hz,
            count: *count,
            first: first.clone(),
        };
        let rates: Vec<Rate> =
            self.0.iter().map(rate).filter(|rate| rate.sample_rate_hz != to_hz).collect();
        (!rates.is_empty()).then_some(Notice::Resampled { rates, to_hz })
    }

    /// Those that are not refused one by one; where recordings are resampled, the one rate that frames have.
    pub(crate) fn into_list(self, recipe: &Recipe) -> Vec<Rate> {
        if let Some((_, sample_rate_hz)) = recipe.audio().resampling() {
            let count = self.0.values().map(|(count, _)| count).sum();
            let first = self.0.into_values().map(|(_, first)| first).min();
            return first.map(|first| Rate { sample_rate_hz, count, first }).into_iter().collect();
        }
        let wanted = recipe.audio().sample_rate_hz;
        let rate = |(sample_rate_hz, (count, first))| Rate { sample_rate_hz, count, first };
        let is_wanted = |rate: &Rate| wanted.is_none_or(|hz| hz == rate.sample_rate_hz);
        self.0.into_iter().map(rate).filter(is_wanted).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::run::mock::one_feature;

    #[test]
    fn columns_are_those_of_the_rate_that_most_recordings_have_of_those_that_can_be_computed() {
        let rate = |sample_rate_hz, count| Rate { sample_rate_hz, count, first: String::new() };
        let recipe = one_feature(&["feature.high_freq_hz=5000"]);
        assert_eq!(of_columns(&recipe, &[rate(8000, 9), rate(22_050, 2), rate(16_000, 2)]), 22_050);
        assert_eq!(of_columns(&recipe, &[rate(11_025, 3), rate(22_050, 2)]), 11_025);
        // Where nothing is known, one at which there are such features.
        assert_eq!(of_columns(&recipe, &[rate(8000, 9)]), 16_000);
        assert_eq!(of_columns(&one_feature(&["feature.high_freq_hz=9000"]), &[]), 22_050);
    }
}
