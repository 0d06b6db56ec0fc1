//! `ossicle info`: what is in a dataset or a corpus.

use std::io::Write;
use std::path::Path;

use anyhow::Result;
use ossicle_corpus::printable;
use ossicle_dataset::{Array, Card, Dataset, Place, Unit, published_card};
use ossicle_engine::{Unfinished, counted, size, unfinished};
use ossicle_files::{is_http, is_url, visible};
use ossicle_recipe::Recipe;
use serde::{Deserialize, Serialize};
use serde_json::json;

use crate::args::InfoArgs;
use crate::corpus_info;
use crate::done::Done;
use crate::door::Door;
use crate::lines::write_wrapped;
use crate::messages;
use crate::run_notes::run_of;
use crate::table::table;
use crate::words::duration;

pub(crate) fn run(args: &InfoArgs, door: &dyn Door, out: &mut dyn Write) -> Result<Done> {
    if let [only] = &args.what[..] {
        let root = Path::new(only);
        match card_at(root) {
            Ok(card) if args.json => {
                let shown = ShownCard { card: &card, unfinished: unfinished(root) };
                serde_json::to_writer_pretty(&mut *out, &shown)?;
                writeln!(out)?;
                return Ok(Done::Well);
            }
            Ok(card) => {
                show_dataset(out, root, &card)?;
                if let Some(left) = unfinished(root) {
                    writeln!(out, "{}", messages::unfinished(root, &left))?;
                }
                return Ok(Done::Well);
            }
            Err(ossicle_dataset::Error::NoCard { .. }) => {
                if let Some(left) = unfinished(root) {
                    match args.json {
                        true => writeln!(out, "{:#}", json!({"unfinished": left}))?,
                        false => writeln!(out, "{}", messages::unfinished(root, &left))?,
                    }
                    return Ok(Done::Well);
                }
            }
            Err(error) => return Err(error.into()),
        }
    }
    corpus_info::run(args, door, out)
}

/// The card of the dataset at a path or URL.
fn card_at(root: &Path) -> Result<Card, ossicle_dataset::Error> {
    if !is_url(root) {
        return Ok(Dataset::open(root)?.card().clone());
    }
    let none = || ossicle_dataset::Error::NoCard { path: root.to_owned() };
    if is_http(root) {
        // No dataset is published there, but a corpus may be.
        return Err(none());
    }
    published_card(Place::at(root)?.store())?.ok_or_else(none)
}

/// What `--json` tells of a dataset. It is written as it goes: a card may be large.
#[derive(Serialize)]
struct ShownCard<'a> {
    #[serde(flatten)]
    card: &'a Card,
    #[serde(skip_serializing_if = "Option::is_none")]
    unfinished: Option<Unfinished>,
}

/// The preset that a dataset's recipe equals. Cards of earlier versions do not say it.
fn preset(card: &Card) -> Option<String> {
    let recipe = || Recipe::deserialize(&card.recipe).ok();
    card.preset.clone().map(|name| visible(&name).to_string()).or_else(|| {
        let name = recipe()?.preset_name()?;
        Some(name.to_owned())
    })
}

fn show_dataset(out: &mut dyn Write, root: &Path, card: &Card) -> Result<()> {
    let bytes = card.files.iter().map(|file| file.bytes).sum();
    writeln!(
        out,
        "{}: a dataset of {}, by ossicle {}, of a {}",
        printable(root),
        size(bytes),
        visible(&card.ossicle),
        visible(&card.corpus.kind)
    )?;
    let head = ["", "utterances", "duration", "frames", "failed", "left out", "shards"];
    let mut rows = vec![head.map(str::to_owned).to_vec()];
    for split in &card.splits {
        let duration = duration(split.duration_s);
        let figures = [split.utterances.to_string(), duration, split.frames.to_string()];
        let more = [split.failures, split.left_out, split.shards].map(|n| n.to_string());
        rows.push([visible(&split.name)].into_iter().chain(figures).chain(more).collect());
    }
    writeln!(out, "{}", table(rows))?;
    for line in messages::left_out(&card.corpus) {
        write_wrapped(out, &line, 0, 4)?;
    }
    if let Some(preset) = preset(card) {
        writeln!(out, "recipe: equals the preset {preset}")?;
    }
    for (name, array) in &card.arrays {
        write_wrapped(out, &told(card, name, array), 0, 4)?;
    }
    if let Some(run) = run_of(root) {
        let words =
            run["command"].as_array().into_iter().flatten().filter_map(|word| word.as_str());
        let command = messages::command(words);
        if !command.is_empty() {
            writeln!(out, "made by: {command}")?;
        }
        if let (false, Some(folder)) = (command.is_empty(), run["folder"].as_str()) {
            writeln!(out, "in the folder: {}", printable(Path::new(folder)))?;
        }
    }
    let frame = &card.frame;
    if let (Some(length), Some(shift)) = (frame.length, frame.shift) {
        let rate = frame.sample_rate_hz.map_or(String::new(), |hz| format!(" at {hz} Hz"));
        writeln!(out, "frames of {length} samples every {shift}{rate}")?;
    }
    Ok(())
}

/// What is known of an array: `features: float32 (frames, 120), columns c0 to delta2-c39`.
fn told(card: &Card, name: &str, array: &Array) -> String {
    let dtype = format!("{:?}", array.dtype).to_lowercase();
    let shape = match array.columns {
        0 if array.unit == Unit::Event => "(events,)".to_owned(),
        0 => "(frames,)".to_owned(),
        n if array.unit == Unit::Sample => format!("(samples, {n})"),
        n => format!("(frames, {n})"),
    };
    let mut told = format!("{}: {dtype} {shape}", visible(name));
    if let [first, .., last] = &array.column_names[..] {
        told += &format!(", columns {} to {}", visible(first), visible(last));
    }
    if let Some(frame) = &array.frame {
        let of = |n: Option<u64>| n.map_or("?".to_owned(), |n| n.to_string());
        if array.unit != Unit::Sample {
            told += &format!(", {} samples every {}", of(frame.length), of(frame.shift));
        }
        if let Some(hz) = frame.sample_rate_hz {
            told += &format!(", at {hz} Hz");
        }
    }
    if let Some(classes) = card.label_names.get(name) {
        told += &format!(", {} classes", classes.len());
    }
    if let Some(of) = card.normalization.get(name) {
        told += &format!(", normalised by {}", visible(&of.stats_from));
        if of.count > 0 {
            told += &format!(" ({})", counted(of.count, "frame"));
        }
    }
    told
}
