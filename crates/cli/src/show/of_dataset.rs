//! An utterance of a dataset, as what is drawn of it.

use std::collections::HashMap;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};
use ossicle_audio::{OpenOptions, Recording};
use ossicle_dataset::{
    Array, Card, Dataset, Dtype, FrameCard, IndexRow, NpyHeader, Unit, UtteranceRow, read_events,
    read_labels, read_wide_labels,
};
use ossicle_draw::{Envelope, Interval};
use ossicle_dsp::spikes::Dictionary;
use ossicle_engine::counted;
use ossicle_files::{printable, visible};
use ossicle_recipe::{Feature, Recipe};
use serde::Deserialize;
use serde_json::Value;

use crate::messages;
use crate::run_notes::{corpus_of, run_of};
use crate::show::subject::{Column, Rows, Source, Spikes, Subject, Tier};
use crate::sound::Sound;
use crate::soundness::{MOST_OF_AN_UTTERANCE, Soundness};

/// An utterance of a dataset that was found.
#[derive(Debug)]
pub(crate) struct Found {
    pub(crate) split: String,
    pub(crate) row: UtteranceRow,
    /// Its number in the split.
    pub(crate) number: usize,
}

/// What is shown of an utterance.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Wanted<'a> {
    /// The names of arrays; none for all.
    pub(crate) arrays: &'a [String],
    /// The stretch of time, in seconds.
    pub(crate) start_s: Option<f64>,
    pub(crate) end_s: Option<f64>,
    /// The most that is shown, in seconds.
    pub(crate) most_s: Option<f64>,
    /// The folder that sources are relative to; none for what the run has written down.
    pub(crate) corpus: Option<&'a Path>,
}

impl Wanted<'_> {
    fn has(&self, array: &String) -> bool {
        self.arrays.is_empty() || self.arrays.contains(array)
    }
}

/// Finds an utterance by its id; if none is given, the only one. What is read is compared with the card.
pub(crate) fn find(dataset: &Dataset, id: Option<&str>, split: Option<&str>) -> Result<Found> {
    let card = dataset.card();
    if let Some(name) = split
        && !card.splits.iter().any(|of| of.name == name)
    {
        bail!(messages::no_split(name, card.splits.iter().map(|of| of.name.as_str())));
    }
    Soundness::new(dataset, MOST_OF_AN_UTTERANCE, &|_| ()).check_lists(split)?;
    let splits = card.splits.iter().filter(|of| split.is_none_or(|name| of.name == name));
    let total: u64 = splits.clone().map(|split| split.utterances).sum();
    let (mut found, mut examples) = (Vec::new(), Vec::new());
    for split in splits {
        for (number, row) in dataset.utterances(&split.name)?.enumerate() {
            let row = row?;
            if id.is_none_or(|id| row.id == id) {
                found.push(Found { split: split.name.clone(), row, number });
                if id.is_some() || found.len() > 1 {
                    break;
                }
            } else if examples.len() < 3 {
                examples.push(row.id);
            }
        }
    }
    match (found.pop(), found.pop(), id) {
        (Some(found), None, _) => Ok(found),
        (Some(a), Some(b), Some(id)) => bail!(messages::in_several_splits(id, &b.split, &a.split)),
        (Some(a), Some(b), None) => {
            bail!(messages::no_utterance_named(total, [b.row.id, a.row.id]))
        }
        (None, _, Some(id)) => bail!(messages::no_such_utterance(id, total, &examples)),
        (None, _, None) => bail!("the dataset has no utterances"),
    }
}

/// Compares the shards that an utterance is read from with the card.
///
/// - `say`: is told of shards that are too large for that
pub(crate) fn check_shards(
    dataset: &Dataset,
    found: &Found,
    wanted: &Wanted<'_>,
    say: &dyn Fn(&str),
) -> Result<()> {
    let mut shards = Vec::new();
    for name in dataset.card().arrays.keys().filter(|name| wanted.has(name)) {
        let at = dataset.index_of(&found.split, name)?.nth(found.number).transpose()?;
        shards.extend(at.map(|at| (found.split.as_str(), name.as_str(), at.shard)));
    }
    Soundness::new(dataset, MOST_OF_AN_UTTERANCE, say).check_shards(shards)
}

/// Reads what is shown of an utterance, and says what cannot be had.
///
/// - `say`: is told what is left out
pub(crate) fn subject(
    dataset: &Dataset,
    found: &Found,
    wanted: &Wanted<'_>,
    say: &dyn Fn(&str),
) -> Result<Subject> {
    let (card, row) = (dataset.card(), &found.row);
    check_arrays(card, wanted.arrays)?;
    let rate = f64::from(row.sample_rate_hz.max(1));
    let duration_s = row.end_sample.saturating_sub(row.start_sample) as f64 / rate;
    let span_s = span(duration_s, wanted)?;
    let recipe = Recipe::deserialize(&card.recipe).ok();
    let freqs = recipe.as_ref().map(|recipe| freqs_hz(recipe, row.sample_rate_hz));
    let mut subject = Subject {
        title: visible(&row.id),
        notes: notes(found, duration_s),
        span_s,
        tiers: tiers(row),
        ..Subject::default()
    };
    match waveform(dataset, found, recipe.as_ref(), wanted, span_s) {
        Ok(envelope) => subject.waveform = Some(envelope),
        Err(error) => say(&messages::no_waveform(&format!("{error:#}"))),
    }
    for (name, array) in &card.arrays {
        if !wanted.has(name) || found.row.num_frames == 0 && array.unit != Unit::Event {
            continue;
        }
        let at = dataset.index_of(&found.split, name)?.nth(found.number);
        let at = at.with_context(|| format!("the index of {name} is too short"))??;
        let path = dataset.shard_path(&found.split, name, at.shard);
        let header = NpyHeader::read(&path)?;
        match (array.unit, array.columns) {
            (Unit::Event, _) => {
                let spikes = spikes(card, row, &path, &header, recipe.as_ref())?;
                subject.spikes = Some(spikes);
            }
            (_, 0) => {
                let labels = card.label_names.get(name).map(Vec::as_slice);
                let grid = Grid::of(card, array, &at, duration_s);
                let numbers = numbers(&path, &header, &at)?;
                subject.tiers.push(track(name, array, &numbers, labels, grid));
            }
            _ => {
                let grid = Grid::of(card, array, &at, duration_s);
                let source = Source::Shard { path, header, first: at.first_frame };
                subject.arrays.push(Rows {
                    name: visible(name),
                    columns: columns(name, array, freqs.as_ref()),
                    num_frames: at.num_frames as usize,
                    first_s: grid.first_s,
                    step_s: grid.step_s,
                    source,
                });
            }
        }
    }
    Ok(subject)
}

fn check_arrays(card: &Card, wanted: &[String]) -> Result<()> {
    match wanted.iter().find(|name| !card.arrays.contains_key(*name)) {
        Some(name) => bail!(messages::no_array(name, card.arrays.keys().map(String::as_str))),
        None => Ok(()),
    }
}

/// Returns the stretch of time that is shown.
pub(crate) fn span(duration_s: f64, wanted: &Wanted<'_>) -> Result<(f64, f64)> {
    let (start, end) = (wanted.start_s.unwrap_or(0.0), wanted.end_s.unwrap_or(duration_s));
    if duration_s > 0.0 && (start >= duration_s || end <= start) {
        bail!(messages::no_span(start, end, duration_s));
    }
    let most = wanted.most_s.unwrap_or(f64::INFINITY);
    Ok((start, end.min(duration_s).min(start + most).max(start + 1e-3)))
}

/// What is known of an utterance besides its name.
fn notes(found: &Found, duration_s: f64) -> Vec<String> {
    let row = &found.row;
    let speaker = row.speaker.as_deref().map(|who| format!(", speaker {}", visible(who)));
    let first = format!(
        "{}{}, {duration_s:.2} s at {} Hz, {}",
        visible(&found.split),
        speaker.unwrap_or_default(),
        row.sample_rate_hz,
        counted(row.num_frames, "frame"),
    );
    let text = row.columns.get("text").and_then(Value::as_str).filter(|text| !text.is_empty());
    [Some(first), text.map(visible)].into_iter().flatten().collect()
}

/// The labels as the corpus has them, in seconds from the utterance's beginning.
fn tiers(row: &UtteranceRow) -> Vec<Tier> {
    let rate = f64::from(row.sample_rate_hz.max(1));
    let second = |sample: u64| (sample as f64 - row.start_sample as f64) / rate;
    let interval = |(label, start, end): &(String, u64, u64)| Interval {
        start: second(*start),
        end: second(*end),
        label: visible(label),
    };
    let tier = |(name, intervals): (&String, &Vec<_>)| Tier {
        name: visible(name),
        intervals: intervals.iter().map(interval).collect(),
    };
    row.intervals.iter().map(tier).collect()
}

/// The times of an array's rows.
#[derive(Debug, Clone, Copy)]
struct Grid {
    first_s: f64,
    step_s: f64,
}

impl Grid {
    fn of(card: &Card, array: &Array, at: &IndexRow, duration_s: f64) -> Grid {
        let frame = array.frame.as_ref().unwrap_or(&card.frame);
        match frame {
            FrameCard { sample_rate_hz: Some(rate), shift: Some(shift), first_centre, .. }
                if *rate > 0 && *shift > 0 =>
            {
                let rate = f64::from(*rate);
                let first = first_centre.unwrap_or(0) as f64;
                Grid { first_s: first / rate, step_s: *shift as f64 / rate }
            }
            // Recordings of several rates, whose frames are told in seconds: they are spread over the duration.
            _ => {
                let step_s = duration_s.max(1e-6) / at.num_frames.max(1) as f64;
                Grid { first_s: step_s / 2.0, step_s }
            }
        }
    }
}

/// The frequency of each column before deltas, by array and name.
pub(crate) type Freqs = HashMap<(String, String), f64>;

/// Returns the frequencies that the columns of a recipe's arrays are of.
pub(crate) fn freqs_hz(recipe: &Recipe, sample_rate_hz: u32) -> Freqs {
    let freqs = recipe.base_freqs_hz(sample_rate_hz);
    let columns = recipe.base_columns(sample_rate_hz).into_iter().zip(freqs);
    columns.filter_map(|(column, freq)| Some((column, freq?))).collect()
}

fn columns(name: &str, array: &Array, freqs: Option<&Freqs>) -> Vec<Column> {
    if array.column_names.len() != array.columns {
        return Column::numbered(array.columns);
    }
    named_columns(name, &array.column_names, freqs)
}

/// Names columns, with the frequencies that they are of.
pub(crate) fn named_columns(array: &str, names: &[String], freqs: Option<&Freqs>) -> Vec<Column> {
    let column = |name: &String| {
        let freq_hz = freqs.and_then(|of| of.get(&(array.to_owned(), name.clone())).copied());
        Column { name: visible(name), freq_hz }
    };
    names.iter().map(column).collect()
}

/// Reads an array of a whole number a frame.
fn numbers(path: &Path, header: &NpyHeader, at: &IndexRow) -> Result<Vec<i32>> {
    let rows = at.first_frame..at.first_frame.saturating_add(at.num_frames);
    let mut wide = Vec::new();
    if header.dtype == Dtype::Int32 {
        read_wide_labels(path, header, rows, &mut wide)?;
        return Ok(wide);
    }
    let mut numbers = Vec::new();
    read_labels(path, header, rows, &mut numbers)?;
    Ok(numbers.into_iter().map(i32::from).collect())
}

/// Makes the labels of frames a tier: frames of one label are one interval.
fn track(
    name: &str,
    array: &Array,
    numbers: &[i32],
    labels: Option<&[String]>,
    grid: Grid,
) -> Tier {
    let edge = |frame: usize| grid.first_s + (frame as f64 - 0.5) * grid.step_s;
    let label = |number: i32| match labels.map(|of| usize::try_from(number).ok().map(|n| of.get(n)))
    {
        Some(Some(Some(name))) => visible(name),
        _ => number.to_string(),
    };
    let is_shown = |number: i32| match array.ignore_index {
        Some(ignore) => i64::from(number) != ignore,
        // Of a mask, what it lets through.
        None => number != 0,
    };
    let mut intervals = Vec::new();
    let mut begin = 0;
    for end in 1..=numbers.len() {
        if numbers.get(end) == Some(&numbers[begin]) {
            continue;
        }
        if is_shown(numbers[begin]) {
            let label = label(numbers[begin]);
            intervals.push(Interval { start: edge(begin), end: edge(end), label });
        }
        begin = end;
    }
    Tier { name: format!("{} (frames)", visible(name)), intervals }
}

fn spikes(
    card: &Card,
    row: &UtteranceRow,
    path: &Path,
    header: &NpyHeader,
    recipe: Option<&Recipe>,
) -> Result<Spikes> {
    let rate_hz = card.frame.sample_rate_hz.unwrap_or(row.sample_rate_hz).max(1);
    let dictionary = recipe.and_then(|recipe| {
        let stream = recipe
            .streams()
            .iter()
            .find(|stream| stream.features().iter().any(|of| of.spikegram().is_some()))?;
        let feature = stream.features().iter().find_map(Feature::spikegram)?;
        Dictionary::new(&feature.config(&stream.recordings(rate_hz)).gammatones).ok()
    });
    let first = row.first_event.unwrap_or(0);
    let events = first..first.saturating_add(row.num_events.unwrap_or(0));
    let mut out = Vec::new();
    read_events(path, header, events, &mut out)?;
    let start = row.start_sample as f64 * f64::from(rate_hz) / f64::from(row.sample_rate_hz.max(1));
    let spike = |&(channel, sample, amplitude): &(i32, i64, f32)| {
        let channel = usize::try_from(channel).ok()?;
        // A spike is where its kernel is loudest.
        let known = dictionary.as_ref().filter(|of| channel < of.num_channels());
        let peak = known.map_or(0, |of| of.peak(channel));
        Some(((sample as f64 + peak as f64 - start) / f64::from(rate_hz), channel, amplitude))
    };
    let spikes: Vec<_> = out.iter().filter_map(spike).collect();
    let most = spikes.iter().map(|(_, channel, _)| channel + 1).max().unwrap_or(1).min(4096);
    let numbered = || (0..most).map(|channel| channel as f64).collect();
    let centres = dictionary.map_or_else(numbered, |of| of.centre_freqs_hz().to_vec());
    Ok(Spikes { spikes, centre_freqs_hz: centres })
}

/// Reads the outline of the recording that an utterance is of, where it is where it was.
fn waveform(
    dataset: &Dataset,
    found: &Found,
    recipe: Option<&Recipe>,
    wanted: &Wanted<'_>,
    span_s: (f64, f64),
) -> Result<Envelope> {
    let row = &found.row;
    let path = source(dataset, found, wanted)?;
    let named = || printable(&path);
    let options = OpenOptions {
        raw: recipe.and_then(Recipe::raw_format),
        ..OpenOptions::of(row.channel.parse()?)
    };
    let mut recording = Recording::open(&path, options).with_context(named)?;
    let rate = f64::from(row.sample_rate_hz.max(1));
    let sample = |seconds: f64| row.start_sample.saturating_add((seconds * rate).round() as u64);
    let (start, end) = (sample(span_s.0), sample(span_s.1).min(row.end_sample));
    if start > 0 {
        recording.seek(start).with_context(named)?;
    }
    read_envelope(&mut recording, end.saturating_sub(start), span_s).with_context(named)
}

/// Reads the samples of an utterance, where its recording is where it was.
pub(crate) fn sound(
    dataset: &Dataset,
    found: &Found,
    recipe: &Recipe,
    wanted: &Wanted<'_>,
) -> Result<Sound> {
    let row = &found.row;
    let path = source(dataset, found, wanted)?;
    let sound = Sound::read_channel(&path, recipe, row.channel.parse()?)?;
    Ok(sound.cut(row.start_sample, row.end_sample))
}

/// The file of an utterance's recording.
fn source(dataset: &Dataset, found: &Found, wanted: &Wanted<'_>) -> Result<PathBuf> {
    let row = &found.row;
    if row.held.is_some() {
        bail!("the recording is inside {}", visible(&row.source));
    }
    let root = match wanted.corpus {
        Some(folder) => folder.to_owned(),
        None => run_of(dataset.root())
            .and_then(|run| corpus_of(&run, &found.split))
            .context("the dataset does not say where it was")?,
    };
    Ok(root.join(&row.source))
}

/// Reads samples a piece at a time, as their outline.
fn read_envelope(
    recording: &mut Recording,
    num_samples: u64,
    span_s: (f64, f64),
) -> Result<Envelope, ossicle_audio::Error> {
    let mut envelope = Envelope::new(num_samples, span_s);
    let mut buffer = vec![0.0; 1 << 16];
    let mut left = num_samples;
    while left > 0 {
        let wanted = left.min(buffer.len() as u64) as usize;
        let count = recording.read(&mut buffer[..wanted])?;
        envelope.push(&buffer[..count]);
        if count < wanted {
            break;
        }
        left -= count as u64;
    }
    Ok(envelope)
}
