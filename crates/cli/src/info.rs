//! `ossicle info`: what is in a dataset or a corpus.

use std::ffi::OsString;
use std::io::Write;
use std::path::Path;

use anyhow::Result;
use ossicle_corpus::{
    Corpus, DiscoverOptions, IgnoredKind, Pattern, Selection, discover, printable,
};
use ossicle_dataset::{Card, Dataset, RUN_FILE, Unit};
use ossicle_engine::{Notice, Unfinished, counted, size, unfinished};
use ossicle_files::{read_small, visible};
use serde::Serialize;
use serde_json::json;

use crate::args::InfoArgs;
use crate::corpus;
use crate::done::Done;
use crate::messages;
use crate::table::table;
use crate::words::duration;

pub(crate) fn run(args: &InfoArgs, out: &mut dyn Write) -> Result<Done> {
    if let [only] = &args.what[..] {
        match Dataset::open(Path::new(only)) {
            Ok(dataset) if args.json => {
                let unfinished = unfinished(dataset.root());
                let shown = ShownCard { card: dataset.card(), unfinished };
                serde_json::to_writer_pretty(&mut *out, &shown)?;
                writeln!(out)?;
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
    // None of them is run.
    let selection = Selection { allow_commands: true, ..corpus::selection(&args.selection)? };
    let tiers = vec![Pattern::new("*")];
    let options = DiscoverOptions { selection, tiers, ..DiscoverOptions::default() };
    let corpus = discover(&source, &options)?;
    match args.json {
        true => writeln!(out, "{:#}", corpus_json(&corpus))?,
        false => show_corpus(out, &args.what, &corpus)?,
    }
    Ok(Done::Well)
}

/// What `--json` tells of a dataset. It is written as it goes: a card may be large.
#[derive(Serialize)]
struct ShownCard<'a> {
    #[serde(flatten)]
    card: &'a Card,
    #[serde(skip_serializing_if = "Option::is_none")]
    unfinished: Option<Unfinished>,
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
        writeln!(out, "{line}")?;
    }
    for (name, array) in &card.arrays {
        let dtype = format!("{:?}", array.dtype).to_lowercase();
        let shape = match array.columns {
            0 if array.unit == Unit::Event => "(events,)".to_owned(),
            0 => "(frames,)".to_owned(),
            n => format!("(frames, {n})"),
        };
        write!(out, "{}: {dtype} {shape}", visible(name))?;
        if let [first, .., last] = &array.column_names[..] {
            write!(out, ", columns {} to {}", visible(first), visible(last))?;
        }
        if let Some(classes) = card.label_names.get(name) {
            write!(out, ", {} classes", classes.len())?;
        }
        if let Some(of) = card.normalization.get(name) {
            let frames = counted(of.count, "frame");
            write!(out, ", normalised by {} ({frames})", visible(&of.stats_from))?;
        }
        writeln!(out)?;
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

/// What `run.json` says; none where it is missing or is something else, for it is no part of the dataset.
fn run_of(root: &Path) -> Option<serde_json::Value> {
    /// More than any command line has.
    const MOST_BYTES: u64 = 1 << 22;
    serde_json::from_str(&read_small(&root.join(RUN_FILE), MOST_BYTES).ok()?).ok()
}

fn show_corpus(out: &mut dyn Write, what: &[OsString], corpus: &Corpus) -> Result<()> {
    let named = match what {
        [only] => printable(Path::new(only)),
        words => counted(words.len() as u64, "path"),
    };
    let utterances = corpus.splits.iter().map(|split| split.utterances.len() as u64).sum();
    let (kind, utterances) = (corpus.kind, counted(utterances, "utterance"));
    writeln!(out, "{named}: a corpus of {utterances}, read as a {kind}")?;
    let head = ["", "utterances", "aligned", "speakers", "size", "left out"];
    let mut rows = vec![head.map(str::to_owned).to_vec()];
    for split in &corpus.splits {
        let aligned = split.utterances.iter().filter(|u| u.alignment.is_some()).count();
        let mut speakers: Vec<_> =
            split.utterances.iter().filter_map(|u| u.speaker.as_deref()).collect();
        speakers.sort_unstable();
        speakers.dedup();
        let bytes = split.utterances.iter().map(|u| u.recording_bytes()).sum();
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
    writeln!(out, "{} left out in all", counted(corpus.left_out, "recording"))?;
    for of in &corpus.left_out_because {
        writeln!(out, "{}", messages::left_out_because(of.reason, of.count, &of.first))?;
    }
    let ignored = corpus.ignored.kinds();
    let kinds = ignored.iter().map(|of| (&*of.kind, of.count));
    writeln!(out, "{}", messages::ignored(corpus.ignored.files(), kinds))?;
    for notice in notices(corpus) {
        writeln!(out, "{}", messages::notice(&notice))?;
    }
    Ok(())
}

/// What people should know of a corpus, whatever is computed of it.
fn notices(corpus: &Corpus) -> Vec<Notice> {
    let of_corpus = Notice::of_corpus(corpus).into_iter();
    of_corpus.chain(Notice::of_overlap(corpus)).collect()
}

fn corpus_json(corpus: &Corpus) -> serde_json::Value {
    let split = |split: &ossicle_corpus::Split| {
        json!({
            "name": split.name,
            "utterances": split.utterances.len(),
            "bytes": split.utterances.iter().map(|u| u.recording_bytes()).sum::<u64>(),
            "left_out": split.left_out,
        })
    };
    let left_out = |of: &ossicle_corpus::LeftOut| json!({"reason": of.reason.word(), "count": of.count, "first": of.first});
    let ignored = |of: &IgnoredKind| json!({"kind": of.kind, "count": of.count});
    json!({
        "kind": corpus.kind.to_string(),
        "splits": corpus.splits.iter().map(split).collect::<Vec<_>>(),
        "left_out": corpus.left_out,
        "left_out_because": corpus.left_out_because.iter().map(left_out).collect::<Vec<_>>(),
        "ignored_files": corpus.ignored.files(),
        "ignored_kinds": corpus.ignored.kinds().iter().map(ignored).collect::<Vec<_>>(),
        "notices": notices(corpus).iter().map(messages::notice_json).collect::<Vec<_>>(),
    })
}
