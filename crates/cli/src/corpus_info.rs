//! `ossicle info CORPUS`: what is in a corpus, by its description and by the headers of its recordings.

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::fmt::Display;
use std::io::Write;
use std::path::Path;
use std::thread;

use anyhow::Result;
use ossicle_corpus::{
    Corpus, DiscoverOptions, IgnoredKind, Pattern, Selection, Split, discover, printable,
};
use ossicle_engine::{DURATIONS_S, Notice, Survey, counted, make_room, size, survey};
use serde_json::json;

use crate::args::InfoArgs;
use crate::corpus;
use crate::done::Done;
use crate::door::Door;
use crate::lines::write_wrapped;
use crate::messages;
use crate::progress::{Progress, Verbosity};
use crate::table::table;
use crate::words::duration;

/// Lists the utterances of the corpus that is meant.
pub(crate) fn corpus(args: &InfoArgs) -> Result<Corpus> {
    // Looking for recordings opens folders, and must not fail over that.
    make_room(1, None)?;
    let source = corpus::source(&args.what)?;
    // None of them is run.
    let selection = Selection { allow_commands: true, ..corpus::selection(&args.selection)? };
    let tiers = vec![Pattern::new("*")];
    let options = DiscoverOptions { selection, tiers, ..DiscoverOptions::default() };
    Ok(discover(&source, &options)?)
}

/// Shows what is in a corpus.
pub(crate) fn run(args: &InfoArgs, door: &dyn Door, out: &mut dyn Write) -> Result<Done> {
    let stop = door.stop()?;
    let corpus = corpus(args)?;
    let progress = Progress::new(door, Verbosity::Normal);
    let utterances = corpus.splits.iter().map(|split| split.utterances.len() as u64).sum();
    progress.begin_looking(utterances);
    let workers = thread::available_parallelism().map_or(1, usize::from);
    let survey = survey(&corpus, workers, &stop, &|looked| progress.looked_at(looked));
    progress.clear();
    let survey = survey?;
    match args.json {
        true => writeln!(out, "{:#}", as_json(&corpus, &survey, door))?,
        false => show(out, &args.what, &corpus, &survey)?,
    }
    Ok(Done::Well)
}

/// How many speakers there are in a split.
fn speakers(split: &Split) -> usize {
    let mut speakers: Vec<&str> =
        split.utterances.iter().filter_map(|it| it.speaker.as_deref()).collect();
    speakers.sort_unstable();
    speakers.dedup();
    speakers.len()
}

/// How many utterances have each further column.
fn columns(corpus: &Corpus) -> BTreeMap<String, u64> {
    let mut counts: BTreeMap<String, u64> = BTreeMap::new();
    for utterance in corpus.splits.iter().flat_map(|split| &split.utterances) {
        for column in utterance.columns.unpacked() {
            match counts.get_mut(column.name()) {
                Some(count) => *count += 1,
                None => _ = counts.insert(column.name().to_owned(), 1),
            }
        }
    }
    counts
}

/// What there is of each kind, the most frequent first: `16000 Hz (5), 8000 Hz (1)`.
fn kinds<T: Display>(counts: &BTreeMap<T, u64>, unit: &str) -> String {
    const MOST: usize = 8;
    let mut all: Vec<(&T, u64)> = counts.iter().map(|(what, count)| (what, *count)).collect();
    all.sort_by_key(|(_, count)| std::cmp::Reverse(*count));
    let shown: Vec<String> =
        all.iter().take(MOST).map(|(what, count)| format!("{what}{unit} ({count})")).collect();
    shown.join(", ") + if all.len() > MOST { " …" } else { "" }
}

/// A line for each class of durations that there are, with a bar.
fn histogram(survey: &Survey) -> Vec<String> {
    const WIDTH: u64 = 40;
    let most = survey.histogram.iter().max().copied().unwrap_or(0).max(1);
    let is_there = |count: &u64| *count > 0;
    let first = survey.histogram.iter().position(is_there).unwrap_or(0);
    let last = survey.histogram.iter().rposition(is_there).unwrap_or(0);
    let line = |class: usize| {
        let count = survey.histogram[class];
        let bar = "#".repeat((count * WIDTH).div_ceil(most) as usize);
        let words = match DURATIONS_S.get(class) {
            Some(end) => format!("below {end} s"),
            None => "longer".to_owned(),
        };
        format!("  {words:>12}  {count:>8}  {bar}").trim_end().to_owned()
    };
    (first..=last).map(line).collect()
}

fn show(out: &mut dyn Write, what: &[OsString], corpus: &Corpus, survey: &Survey) -> Result<()> {
    let named = match what {
        [only] => printable(Path::new(only)),
        words => counted(words.len() as u64, "path"),
    };
    let utterances = corpus.splits.iter().map(|split| split.utterances.len() as u64).sum();
    let (kind, utterances) = (corpus.kind, counted(utterances, "utterance"));
    writeln!(out, "{named}: a corpus of {utterances}, read as a {kind}")?;
    let head = ["", "utterances", "duration", "aligned", "speakers", "size", "left out"];
    let mut rows = vec![head.map(str::to_owned).to_vec()];
    for (split, seconds) in corpus.splits.iter().zip(&survey.durations_s) {
        let aligned = split.utterances.iter().filter(|u| u.alignment.is_some()).count();
        let bytes = split.utterances.iter().map(|u| u.recording_bytes()).sum();
        rows.push(vec![
            split.name.clone(),
            split.utterances.len().to_string(),
            duration(*seconds),
            aligned.to_string(),
            speakers(split).to_string(),
            size(bytes),
            split.left_out.to_string(),
        ]);
    }
    writeln!(out, "{}", table(rows))?;
    if survey.formats.is_empty() {
        writeln!(out, "no header could be read")?;
    } else {
        writeln!(out, "rates: {}", kinds(&survey.rates, " Hz"))?;
        writeln!(out, "channels: {}", kinds(&survey.channels, ""))?;
        writeln!(out, "formats: {}", kinds(&survey.formats, ""))?;
        writeln!(out, "durations:")?;
        for line in histogram(survey) {
            writeln!(out, "{line}")?;
        }
    }
    if survey.unknown > 0 {
        let recordings = counted(survey.unknown, "recording");
        writeln!(out, "{recordings} whose header does not say how long it is")?;
    }
    if survey.held > 0 {
        let held = counted(survey.held, "recording");
        writeln!(out, "{held} in compressed archives or made by commands, not looked at")?;
    }
    let columns = columns(corpus);
    if !columns.is_empty() {
        writeln!(out, "columns: {}", kinds(&columns, ""))?;
    }
    writeln!(out, "{} left out in all", counted(corpus.left_out, "recording"))?;
    for of in &corpus.left_out_because {
        let line = messages::left_out_because(of.reason, of.count, &of.first);
        write_wrapped(out, &line, 0, 4)?;
    }
    let ignored = corpus.ignored.kinds();
    let kinds = ignored.iter().map(|of| (&*of.kind, of.count));
    writeln!(out, "{}", messages::ignored(corpus.ignored.files(), kinds))?;
    for notice in notices(corpus) {
        writeln!(out, "{}", messages::notice(&notice))?;
    }
    let problems: u64 = survey.problems.iter().map(|of| of.count).sum();
    if problems > 0 {
        writeln!(out, "{} cannot be read:", counted(problems, "utterance"))?;
        for of in &survey.problems {
            writeln!(out, "    {}", messages::cause(of, &messages::advice))?;
        }
    }
    Ok(())
}

/// What people should know of a corpus, whatever is computed of it.
fn notices(corpus: &Corpus) -> Vec<Notice> {
    let of_corpus = Notice::of_corpus(corpus).into_iter();
    of_corpus.chain(Notice::of_overlap(corpus)).collect()
}

fn as_json(corpus: &Corpus, survey: &Survey, door: &dyn Door) -> serde_json::Value {
    let split = |(split, seconds): (&Split, &f64)| {
        json!({
            "name": split.name,
            "utterances": split.utterances.len(),
            "hours": seconds / 3600.0,
            "speakers": speakers(split),
            "bytes": split.utterances.iter().map(|u| u.recording_bytes()).sum::<u64>(),
            "left_out": split.left_out,
        })
    };
    let left_out = |of: &ossicle_corpus::LeftOut| json!({"reason": of.reason.word(), "count": of.count, "first": of.first});
    let durations = survey.histogram.iter().enumerate().map(|(class, count)| {
        let begin = class.checked_sub(1).map_or(0.0, |before| DURATIONS_S[before]);
        json!({"from_s": begin, "to_s": DURATIONS_S.get(class), "count": count})
    });
    let cause = |of| messages::cause_json(of, &|it| door.advice(it));
    let notice = |of| messages::notice_json(of, &door.notice(of));
    let ignored = |of: &IgnoredKind| json!({"kind": of.kind, "count": of.count});
    json!({
        "kind": corpus.kind.to_string(),
        "splits": corpus.splits.iter().zip(&survey.durations_s).map(split).collect::<Vec<_>>(),
        "left_out": corpus.left_out,
        "left_out_because": corpus.left_out_because.iter().map(left_out).collect::<Vec<_>>(),
        "ignored_files": corpus.ignored.files(),
        "ignored_kinds": corpus.ignored.kinds().iter().map(ignored).collect::<Vec<_>>(),
        "rates_hz": survey.rates,
        "channels": survey.channels,
        "formats": survey.formats,
        "durations": durations.collect::<Vec<_>>(),
        "not_looked_at": survey.held,
        "unknown_durations": survey.unknown,
        "columns": columns(corpus),
        "problems": survey.problems.iter().map(cause).collect::<Vec<_>>(),
        "notices": notices(corpus).iter().map(notice).collect::<Vec<_>>(),
    })
}
