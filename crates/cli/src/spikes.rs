//! `ossicle spikes`: one recording as a spikegram.

use std::fs::File;
use std::io::{BufWriter, Write};
use std::path::Path;
use std::time::Instant;

use anyhow::{Context, Result, bail};
use ossicle_corpus::printable;
use ossicle_dataset::{Dtype, NpyHeader, event_rows};
use ossicle_draw::Theme;
use ossicle_dsp::spikes::{
    Dictionary, MatchingPursuit, PursuitConfig, PursuitScratch, Refine, Spike, Spikegram,
};
use ossicle_engine::counted;
use ossicle_recipe::{Feature, Recipe, Stream};
use serde_json::json;

use crate::args::SpikesArgs;
use crate::corpus;
use crate::done::Done;
use crate::lines::write_wrapped;
use crate::messages;
use crate::picture::{Shown, picture_bytes, rate_picture, spikegram_picture};
use crate::results;
use crate::simd;
use crate::sound::Sound;
use crate::table::table;
use crate::terminal::say;

pub(crate) fn run(args: &SpikesArgs, out: &mut dyn Write) -> Result<Done> {
    let targets = [("--out", &args.out), ("--resynth", &args.resynth), ("--plot", &args.plot)];
    let targets = targets.into_iter().filter_map(|(option, path)| Some((option, path.as_deref()?)));
    let file = args.recipe.recipe.as_deref().map(|path| ("the recipe", path));
    let inputs = [("the recording", args.audio.as_path())].into_iter().chain(file);
    results::check(&targets.collect::<Vec<_>>(), &inputs.collect::<Vec<_>>())?;
    let recipe = recipe(args)?;
    let has_it = |stream: &&Stream| stream.features().iter().any(|of| of.spikegram().is_some());
    let stream = recipe.streams().iter().find(has_it);
    let feature = stream.and_then(|stream| stream.features().iter().find_map(Feature::spikegram));
    let (Some(stream), Some(feature)) = (stream, feature) else {
        bail!("the recipe has no [[feature]] of kind = \"spikegram\"");
    };
    let wanted = stream.sample_rate_hz();
    let sound = Sound::read(&args.audio, &recipe)?;
    let sound = sound.resampled(&args.audio, recipe.audio().resample_mode(), wanted)?;
    let found = sound.sample_rate_hz;
    if let Some(wanted) = wanted.filter(|&wanted| wanted != found) {
        bail!(messages::other_rate(found, wanted));
    }
    if recipe.event_files().is_some() {
        bail!("with spikes_from = \"files\" there is nothing to look for in a recording");
    }
    stream
        .check_at(sound.sample_rate_hz)
        .with_context(|| format!("{}, at {found} Hz", printable(&args.audio)))?;
    let config = feature.config(&stream.recordings(sound.sample_rate_hz));
    let wanted: Vec<PursuitConfig> = match args.snr[..] {
        [] => vec![config.pursuit.clone()],
        _ => {
            let of_snr = |&snr| PursuitConfig { snr_db: Some(snr), ..config.pursuit.clone() };
            args.snr.iter().map(of_snr).collect()
        }
    };
    if wanted.len() > 1 && (args.out.is_some() || args.resynth.is_some()) {
        bail!(messages::ONE_SPIKEGRAM);
    }
    let samples: Vec<f32> = sound.samples.iter().map(|&x| config.scale.of(x)).collect();
    // What a sample of 1.0 is in the scale of amplitudes.
    let full_scale = f64::from(config.scale.of(1.0)) - f64::from(config.scale.of(0.0));

    let dictionary = Dictionary::new(&config.gammatones)?;
    let mut pursuit = MatchingPursuit::new(dictionary, config.pursuit, simd::level()?)?;
    let mut scratch = PursuitScratch::default();
    let is_curve = wanted.len() > 1;
    let mut found = Vec::new();
    for end in wanted {
        let wanted_db = end.snr_db;
        let mut plain = None;
        if is_curve && end.refine != Refine::None {
            let end = PursuitConfig { refine: Refine::None, ..end.clone() };
            pursuit = pursuit.with_config(end)?;
            plain = Some(pursuit.encode(&samples, &mut scratch)?);
        }
        pursuit = pursuit.with_config(end)?;
        let begin = Instant::now();
        let spikegram = pursuit.encode(&samples, &mut scratch)?;
        found.push(Found { spikegram, wanted_db, took_s: begin.elapsed().as_secs_f64(), plain });
    }

    write_files(args, &sound, &samples, full_scale, pursuit.dictionary(), &found)?;
    match args.json {
        true => writeln!(out, "{:#}", as_json(args, &sound, &found))?,
        false => show(out, args, &sound, pursuit.dictionary(), &found)?,
    }
    Ok(Done::Well)
}

/// Writes whatever is asked for.
///
/// - `samples`: in the scale of amplitudes, in which full scale is `full_scale`
fn write_files(
    args: &SpikesArgs,
    sound: &Sound,
    samples: &[f32],
    full_scale: f64,
    dictionary: &Dictionary,
    found: &[Found],
) -> Result<()> {
    let [Found { spikegram, .. }, ..] = found else { return Ok(()) };
    if let Some(path) = &args.out {
        results::write(path, |file| write_npy(file, &spikegram.spikes))?;
    }
    if args.resynth.is_none() && args.plot.is_none() {
        return Ok(());
    }
    let mut decoded = vec![0.0; samples.len()];
    dictionary.decode_into(&spikegram.spikes, 0, &mut decoded);
    if let Some(path) = &args.resynth {
        let decoded = decoded.iter().map(|x| (x / full_scale) as f32);
        results::write(path, |file| write_wave(file, decoded, sound.sample_rate_hz))?;
    }
    if let Some(path) = &args.plot {
        let name = args.audio.file_name().map(Path::new).unwrap_or(&args.audio);
        let title = title(&printable(name), found);
        let picture = if found.len() > 1 {
            let point = |of: &Spikegram| (rate(of, sound), of.snr_db());
            let points = found.iter().map(|found| point(&found.spikegram)).collect();
            let plain: Vec<_> =
                found.iter().filter_map(|found| found.plain.as_ref()).map(point).collect();
            let curves = match plain.is_empty() {
                true => vec![("", points)],
                false => vec![("refined", points), ("plain", plain)],
            };
            rate_picture(&title, "spikes a second", curves)
        } else {
            let residual = samples.iter().zip(&decoded).map(|(&x, y)| (f64::from(x) - y) as f32);
            spikegram_picture(&Shown {
                title: &title,
                dictionary,
                spikes: &spikegram.spikes,
                samples,
                residual: &residual.collect::<Vec<_>>(),
            })
        };
        let bytes = picture_bytes(path, &picture, Theme::Light)?;
        results::write(path, |file| Ok(file.write_all(&bytes)?))?;
    }
    Ok(())
}

/// The recipe that is given, or else the preset that is of spikegrams.
fn recipe(args: &SpikesArgs) -> Result<Recipe> {
    let mut recipe = args.recipe.clone();
    if recipe.preset.is_none() && recipe.recipe.is_none() {
        recipe.preset = Some("timit-spikegram".to_owned());
    }
    let (recipe, notices) = corpus::recipe(&recipe)?;
    for notice in &notices {
        say(&format!("ossicle: {}", messages::notice(notice)));
    }
    Ok(recipe)
}

/// A spikegram, and how long it took.
struct Found {
    spikegram: Spikegram,
    /// The ratio that was asked for, if one was.
    wanted_db: Option<f64>,
    took_s: f64,
    /// The one without refinement, where a curve of refined ones is shown beside.
    plain: Option<Spikegram>,
}

/// Spikes a second of sound.
fn rate(of: &Spikegram, sound: &Sound) -> f64 {
    of.spikes.len() as f64 / sound.duration_s()
}

impl Found {
    /// The ratio that was reached, and where the search ended early the one that was asked for.
    fn snr(&self) -> String {
        let reached = format!("{:.2} dB", self.spikegram.snr_db());
        match self.wanted_db.filter(|_| self.spikegram.ended_early) {
            Some(wanted) => format!("{reached} of {wanted}"),
            None => reached,
        }
    }

    /// Spikes a second of time.
    fn speed(&self) -> f64 {
        self.spikegram.spikes.len() as f64 / self.took_s.max(1e-6)
    }
}

fn title(name: &str, found: &[Found]) -> String {
    match found {
        [Found { spikegram, .. }] => {
            format!(
                "{name}: {}, {:.1} dB",
                counted(spikegram.spikes.len() as u64, "spike"),
                spikegram.snr_db()
            )
        }
        _ => format!("{name}: what more spikes give"),
    }
}

fn show(
    out: &mut dyn Write,
    args: &SpikesArgs,
    sound: &Sound,
    dictionary: &Dictionary,
    found: &[Found],
) -> Result<()> {
    let centres = dictionary.centre_freqs_hz();
    writeln!(
        out,
        "{}: {:.2} s at {} Hz{}; {} gammatones from {:.0} to {:.0} Hz",
        printable(&args.audio),
        sound.duration_s(),
        sound.sample_rate_hz,
        sound.resampled_from_hz.map_or(String::new(), |hz| format!(", resampled from {hz} Hz")),
        centres.len(),
        centres.first().unwrap_or(&0.0),
        centres.last().unwrap_or(&0.0),
    )?;
    let mut head = vec!["SNR", "spikes", "per second", "time", "spikes/s", "× real time"];
    if found.iter().any(|found| found.plain.is_some()) {
        head.push("plain");
    }
    let row = |found: &Found| {
        let mut cells = vec![
            found.snr(),
            found.spikegram.spikes.len().to_string(),
            format!("{:.0}", rate(&found.spikegram, sound)),
            format!("{:.3} s", found.took_s),
            format!("{:.0}", found.speed()),
            format!("{:.0}", sound.duration_s() / found.took_s.max(1e-6)),
        ];
        cells.extend(found.plain.as_ref().map(|plain| plain.spikes.len().to_string()));
        cells
    };
    let head = head.into_iter().map(str::to_owned).collect();
    let rows = [head].into_iter().chain(found.iter().map(row));
    writeln!(out, "{}", table(rows))?;
    if found.iter().any(|found| found.spikegram.ended_early) {
        write_wrapped(out, messages::ENDED_EARLY, 0, 4)?;
    }
    Ok(())
}

fn as_json(args: &SpikesArgs, sound: &Sound, found: &[Found]) -> serde_json::Value {
    let spikegram = |found: &Found| {
        // Infinite where nothing is left, which JSON has no number for.
        let snr_db = Some(found.spikegram.snr_db()).filter(|snr| snr.is_finite());
        json!({
            "snr_db": snr_db,
            "ended_early": found.spikegram.ended_early,
            "spikes": found.spikegram.spikes.len(),
            "spikes_per_s": rate(&found.spikegram, sound),
            "seconds": found.took_s,
            "plain_spikes": found.plain.as_ref().map(|plain| plain.spikes.len()),
        })
    };
    json!({
        "recording": printable(&args.audio),
        "sample_rate_hz": sound.sample_rate_hz,
        "resampled_from_hz": sound.resampled_from_hz,
        "duration_s": sound.duration_s(),
        "spikegrams": found.iter().map(spikegram).collect::<Vec<_>>(),
    })
}

/// Writes an array as a dataset has it.
fn write_npy(file: &mut File, spikes: &[Spike]) -> Result<()> {
    let header = NpyHeader { dtype: Dtype::Event, shape: vec![spikes.len() as u64] };
    file.write_all(&header.to_bytes())?;
    let events = spikes.iter().map(|spike| (spike.channel, spike.sample, spike.amplitude));
    file.write_all(&event_rows(events))?;
    Ok(())
}

/// Writes samples of 32-bit floating point, which nothing clips.
fn write_wave(file: &mut File, samples: impl Iterator<Item = f32>, sample_rate: u32) -> Result<()> {
    let sample_format = hound::SampleFormat::Float;
    let spec = hound::WavSpec { channels: 1, sample_rate, bits_per_sample: 32, sample_format };
    let mut writer = hound::WavWriter::new(BufWriter::new(file), spec)?;
    for sample in samples {
        writer.write_sample(sample)?;
    }
    Ok(writer.finalize()?)
}
