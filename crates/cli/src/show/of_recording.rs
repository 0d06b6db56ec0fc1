//! A recording with a recipe, as what is drawn of it.

use std::path::Path;

use anyhow::{Context, Result, bail};
use ossicle_corpus::printable;
use ossicle_draw::Envelope;
use ossicle_dsp::ResampleMode;
use ossicle_dsp::spikes::{Dictionary, MatchingPursuit, PursuitScratch};
use ossicle_engine::{Bench, Error, Transform, Unusable};
use ossicle_files::visible;
use ossicle_recipe::{Feature, Recipe, Scope};

use crate::corpus::{self, dataset_at};
use crate::messages;
use crate::recipe_args::RecipeArgs;
use crate::show::of_dataset::{Wanted, freqs_hz, named_columns, span};
use crate::show::subject::{Rows, Source, Spikes, Subject};
use crate::simd;
use crate::sound::Sound;

/// Computes what is shown of a recording.
///
/// - `say`: is told what is left out
pub(crate) fn subject(
    path: &Path,
    args: &RecipeArgs,
    wanted: &Wanted<'_>,
    say: &dyn Fn(&str),
) -> Result<Subject> {
    let (recipe, notices) = corpus::recipe(args)?;
    for notice in &notices {
        say(&messages::notice(notice));
    }
    let sound = Sound::read(path, &recipe)?;
    let name = path.file_stem().unwrap_or_default().to_string_lossy();
    subject_of(&name, &sound, args, wanted, say).with_context(|| printable(path))
}

/// The same of a recording that was read.
///
/// - `name`: the recording's, which a recipe's noise depends on
pub(crate) fn subject_of(
    name: &str,
    sound: &Sound,
    args: &RecipeArgs,
    wanted: &Wanted<'_>,
    say: &dyn Fn(&str),
) -> Result<Subject> {
    of_sound(name, sound, &planned(args, sound.sample_rate_hz, say)?, wanted)
}

/// Computes what is shown of samples in memory, which have the rate that was planned for.
///
/// - `name`: the recording's, which a recipe's noise depends on
///
/// # Errors
/// If the rows of these samples cannot be computed.
pub fn subject_of_samples(name: &str, samples: Vec<f32>, transform: &Transform) -> Result<Subject> {
    let sample_rate_hz = transform.sample_rate_hz();
    let sound = Sound { samples, sample_rate_hz, resampled_from_hz: None };
    of_sound(name, &sound, transform, &Wanted::default())
}

fn of_sound(
    name: &str,
    sound: &Sound,
    transform: &Transform,
    wanted: &Wanted<'_>,
) -> Result<Subject> {
    let known: Vec<&str> = transform.arrays().map(|(name, _)| name).collect();
    if let Some(name) = wanted.arrays.iter().find(|name| !known.contains(&name.as_str())) {
        bail!(messages::no_array(name, known.into_iter()));
    }
    let span_s = span(sound.duration_s(), wanted)?;
    let rate = f64::from(sound.sample_rate_hz.max(1));
    let sample = |seconds: f64| ((seconds * rate).round() as usize).min(sound.samples.len());
    let stretch = &sound.samples[sample(span_s.0)..sample(span_s.1)];
    Ok(Subject {
        title: visible(name),
        notes: vec![format!("{:.2} s at {} Hz", sound.duration_s(), sound.sample_rate_hz)],
        span_s,
        waveform: Some(Envelope::of(stretch, span_s)),
        arrays: arrays(name, sound, transform, wanted)?,
        spikes: spikes(sound, transform.recipe())?,
        ..Subject::default()
    })
}

fn arrays(
    name: &str,
    sound: &Sound,
    transform: &Transform,
    wanted: &Wanted<'_>,
) -> Result<Vec<Rows>> {
    let rows = transform.rows(&sound.samples, name, Unusable::Refuse, &mut Bench::default())?;
    let freqs = freqs_hz(transform.recipe(), transform.sample_rate_hz());
    let mut arrays = Vec::new();
    for (number, ((array, names), values)) in transform.arrays().zip(rows).enumerate() {
        if !wanted.arrays.is_empty() && !wanted.arrays.iter().any(|wanted| wanted == array) {
            continue;
        }
        let frame = transform.row_frames(number);
        let rate = f64::from(frame.sample_rate_hz.unwrap_or(sound.sample_rate_hz).max(1));
        arrays.push(Rows {
            name: array.to_owned(),
            columns: named_columns(array, names, Some(&freqs)),
            num_frames: values.len().checked_div(names.len()).unwrap_or(0),
            first_s: frame.first_centre.unwrap_or(0) as f64 / rate,
            step_s: frame.shift.unwrap_or(1).max(1) as f64 / rate,
            source: Source::Memory(values),
        });
    }
    Ok(arrays)
}

/// Finds the spikes of a recording, where the recipe has a spikegram.
fn spikes(sound: &Sound, recipe: &Recipe) -> Result<Option<Spikes>> {
    let of_stream = |stream: &ossicle_recipe::Stream| {
        let feature = stream.features().iter().find_map(Feature::spikegram)?;
        let rate_hz = stream.sample_rate_hz().unwrap_or(sound.sample_rate_hz);
        let config = feature.config(&stream.recordings(rate_hz));
        Some((rate_hz, stream.sample_rate_hz(), config))
    };
    let Some((rate_hz, _, config)) = recipe.streams().iter().find_map(of_stream) else {
        return Ok(None);
    };
    let mode: Option<ResampleMode> = recipe.audio().resample_mode();
    let resampled = match (rate_hz == sound.sample_rate_hz, mode) {
        (false, Some(mode)) => Some(sound.resampled_to(mode, rate_hz)?),
        _ => None,
    };
    let samples = resampled.as_ref().map_or(&sound.samples, |sound| &sound.samples);
    let samples: Vec<f32> = samples.iter().map(|&x| config.scale.of(x)).collect();
    let dictionary = Dictionary::new(&config.gammatones)?;
    let pursuit = MatchingPursuit::new(dictionary, config.pursuit, simd::level()?)?;
    let found = pursuit.encode(&samples, &mut PursuitScratch::default())?;
    let dictionary = pursuit.dictionary();
    let spike = |spike: &ossicle_dsp::spikes::Spike| {
        let channel = spike.channel as usize;
        let sample = spike.sample as f64 + dictionary.peak(channel) as f64;
        (sample / f64::from(rate_hz), channel, spike.amplitude)
    };
    let spikes = found.spikes.iter().map(spike).collect();
    Ok(Some(Spikes { spikes, centre_freqs_hz: dictionary.centre_freqs_hz().to_vec() }))
}

/// Plans a recipe for a recording: a dataset's with its statistics. One that a corpus or speakers normalise, which are
/// not here, is computed without that, which is said.
fn planned(args: &RecipeArgs, sample_rate_hz: u32, say: &dyn Fn(&str)) -> Result<Transform> {
    let level = simd::level()?;
    if let (Some(folder), true) = (args.recipe.as_deref().and_then(dataset_at), args.set.is_empty())
        && args.text.is_none()
    {
        let transform = Transform::of_dataset(folder, Some(sample_rate_hz), level)?;
        if !is_by_speaker(transform.recipe()) {
            return Ok(transform);
        }
    }
    let (recipe, _) = corpus::recipe(args)?;
    match Transform::new(&recipe, sample_rate_hz, level) {
        Ok(transform) if !is_by_speaker(&recipe) => Ok(transform),
        Ok(_) | Err(Error::NoCorpus { .. }) => {
            say(messages::NOT_NORMALISED);
            let mut plain = args.clone();
            plain.set.push("normalize=".to_owned());
            Ok(Transform::new(&corpus::recipe(&plain)?.0, sample_rate_hz, level)?)
        }
        Err(error) => Err(error.into()),
    }
}

fn is_by_speaker(recipe: &Recipe) -> bool {
    recipe.normalize().is_some_and(|table| table.scope == Scope::Speaker)
}
