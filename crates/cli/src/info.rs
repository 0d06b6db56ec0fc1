//! `ossicle info`: what is in a dataset or a corpus.

use std::io::Write;
use std::path::Path;

use anyhow::Result;
use ossicle_corpus::{Corpus, DiscoverOptions, discover, printable};
use ossicle_dataset::{Card, Dataset, Unit};
use ossicle_engine::{size, unfinished};
use serde_json::json;

use crate::args::InfoArgs;
use crate::corpus;
use crate::done::Done;
use crate::messages;
use crate::table::table;

pub(crate) fn run(args: &InfoArgs, out: &mut dyn Write) -> Result<Done> {
    if let [only] = &args.what[..] {
        match Dataset::open(Path::new(only)) {
            Ok(dataset) if args.json => {
                let mut card = serde_json::to_value(dataset.card())?;
                if let (Some(left), Some(card)) = (unfinished(dataset.root()), card.as_object_mut())
                {
                    card.insert("unfinished".to_owned(), serde_json::to_value(left)?);
                }
                writeln!(out, "{card:#}")?;
                return Ok(Done::Well);
            }
            Ok(dataset) => {
                show_dataset(out, dataset.root(), dataset.card())?;
                if let Some(left) = unfinished(dataset.root()) {
                    writeln!(out, "{}", messages::unfinished(dataset.root(), &left))?;
                }
                return Ok(Done::Well);
            }
            Err(ossicle_dataset::Error::NoCard { .. }) => {
                let root = Path::new(only);
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
    let source = corpus::source(&args.what)?;
    let options = DiscoverOptions { alignments: true, ..DiscoverOptions::default() };
    let corpus = discover(&source, &options)?;
    match args.json {
        true => writeln!(out, "{:#}", corpus_json(&corpus))?,
        false => show_corpus(out, &corpus)?,
    }
    Ok(Done::Well)
}

fn show_dataset(out: &mut dyn Write, root: &Path, card: &Card) -> Result<()> {
    let bytes = card.files.iter().map(|file| file.bytes).sum();
    writeln!(
        out,
        "{}: a dataset of {}, by ossicle {}, of a {}",
        printable(root),
        size(bytes),
        card.ossicle,
        card.corpus.kind
    )?;
    let head = ["", "utterances", "hours", "frames", "failed", "left out", "shards"];
    let mut rows = vec![head.map(str::to_owned).to_vec()];
    for split in &card.splits {
        let hours = format!("{:.2}", split.duration_s / 3600.0);
        let figures = [split.utterances.to_string(), hours, split.frames.to_string()];
        let more = [split.failures, split.left_out, split.shards].map(|n| n.to_string());
        rows.push([split.name.clone()].into_iter().chain(figures).chain(more).collect());
    }
    writeln!(out, "{}", table(rows))?;
    for (name, array) in &card.arrays {
        let dtype = format!("{:?}", array.dtype).to_lowercase();
        let shape = match array.columns {
            0 if array.unit == Unit::Event => "(events,)".to_owned(),
            0 => "(frames,)".to_owned(),
            n => format!("(frames, {n})"),
        };
        write!(out, "{name}: {dtype} {shape}")?;
        if let [first, .., last] = &array.column_names[..] {
            write!(out, ", columns {first} to {last}")?;
        }
        if let Some(classes) = card.label_names.get(name) {
            write!(out, ", {} classes", classes.len())?;
        }
        if let Some(of) = card.normalization.get(name) {
            write!(out, ", normalised by {} ({} frames)", of.stats_from, of.count)?;
        }
        writeln!(out)?;
    }
    let frame = &card.frame;
    if let (Some(length), Some(shift)) = (frame.length, frame.shift) {
        let rate = frame.sample_rate_hz.map_or(String::new(), |hz| format!(" at {hz} Hz"));
        writeln!(out, "frames of {length} samples every {shift}{rate}")?;
    }
    Ok(())
}

fn show_corpus(out: &mut dyn Write, corpus: &Corpus) -> Result<()> {
    writeln!(out, "a {}", corpus.kind)?;
    let head = ["", "utterances", "aligned", "speakers", "size", "left out"];
    let mut rows = vec![head.map(str::to_owned).to_vec()];
    for split in &corpus.splits {
        let aligned = split.utterances.iter().filter(|u| u.alignment.is_some()).count();
        let mut speakers: Vec<_> =
            split.utterances.iter().filter_map(|u| u.speaker.as_deref()).collect();
        speakers.sort_unstable();
        speakers.dedup();
        let bytes = split.utterances.iter().map(|u| u.size_bytes).sum();
        rows.push(vec![
            split.name.clone(),
            split.utterances.len().to_string(),
            aligned.to_string(),
            speakers.len().to_string(),
            size(bytes),
            split.left_out.to_string(),
        ]);
    }
    writeln!(out, "{}", table(rows))?;
    writeln!(out, "{} recordings left out in all", corpus.left_out)?;
    writeln!(out, "{} other files ignored", corpus.ignored_files)?;
    for notice in &corpus.notices {
        writeln!(out, "{notice}")?;
    }
    Ok(())
}

fn corpus_json(corpus: &Corpus) -> serde_json::Value {
    let split = |split: &ossicle_corpus::Split| {
        json!({
            "name": split.name,
            "utterances": split.utterances.len(),
            "bytes": split.utterances.iter().map(|u| u.size_bytes).sum::<u64>(),
            "left_out": split.left_out,
        })
    };
    json!({
        "kind": corpus.kind.to_string(),
        "splits": corpus.splits.iter().map(split).collect::<Vec<_>>(),
        "left_out": corpus.left_out,
        "ignored_files": corpus.ignored_files,
        "notices": corpus.notices,
    })
}
