//! `ossicle extract`: the main job.

use std::io::Write;
use std::path::Path;

use anyhow::{Result, bail};
use ossicle_corpus::{Split, printable};
use ossicle_dataset::{INDEX_FILE, index_file, shard_file};
use ossicle_engine::{
    Checked, Outcome, Plan, RunOptions, Stop, check, counted, extract, extract_on_cluster, size,
};
use serde_json::json;

use crate::corpus;
use crate::done::Done;
use crate::door::Door;
use crate::dry_run;
use crate::extract_args::{DryRun, ExtractArgs};
use crate::isolation::isolation;
use crate::lines::wrapped;
use crate::log::Log;
use crate::messages;
use crate::progress::{Progress, Verbosity};
use crate::results;
use crate::share::{self, Sharing};
use crate::stores;
use crate::update::tell_update;
use crate::words::{duration, times, workers};

pub(crate) fn run(args: &ExtractArgs, door: &dyn Door, out: &mut dyn Write) -> Result<Done> {
    let verbosity = match (args.quiet, args.verbose) {
        (true, _) => Verbosity::Quiet,
        (_, 0) => Verbosity::Normal,
        (_, 1) => Verbosity::Verbose,
        _ => Verbosity::Workers,
    };
    check_log_file(args, door)?;
    let log = args.log_file.as_deref().map(|path| Log::open(path, args.log_format, door));
    let progress = Progress::with_log(door, verbosity, args.log_format, log.transpose()?);
    let recipe = args.job.recipe();
    let stop = door.stop()?;
    let untold = |error: &anyhow::Error| {
        progress.clear();
        progress.log_only(&door.error(error));
        progress.begin_log();
    };
    if let Some(share) = args.share {
        let request = corpus::request(&args.job.corpus, &recipe, &stop).inspect_err(untold)?;
        let options = options(args, door, stop)?;
        progress.begin_log();
        let of = Sharing { args, request, options, progress: &progress };
        return share::run(share, &of, door, out);
    }
    let plan = corpus::plan(&args.job.corpus, &recipe, &stop).inspect_err(untold)?;
    refuse_to_log_into_a_recording(&progress, &plan, door)?;
    progress.begin_log();
    for notice in plan.notices() {
        progress.notice(notice);
    }
    let options = options(args, door, stop)?;
    let told = |error| progress.ended_by(error);
    if let Some(how) = args.dry_run {
        let headers = how == DryRun::Headers;
        let (workers, update) =
            match check(&plan, &args.job.out, &options, headers, &progress).map_err(told)? {
                Checked::Complete(outcome) => {
                    progress.clear();
                    return match args.json {
                        true => dry_run::complete(&outcome, args, &progress, door, out),
                        false => tell(&outcome, args, &progress, door, out),
                    };
                }
                Checked::MayBegin { workers, update } => (workers, update),
            };
        return match how {
            DryRun::Headers => {
                let stop = &options.stop;
                dry_run::run(&plan, (args, update.as_ref()), workers, stop, &progress, door, out)
            }
            DryRun::Quick => {
                progress.clear();
                dry_run::quick(&plan, (args, update.as_ref()), out)
            }
        };
    }
    let outcome = match door.cluster() {
        None => extract(&plan, &args.job.out, &options, &progress),
        Some(cluster) => extract_on_cluster(cluster, &plan, &args.job.out, &options, &progress),
    };
    let outcome = outcome.map_err(told)?;
    progress.clear();
    progress.failures_not_shown();
    tell(&outcome, args, &progress, door, out)
}

/// What the options of a run are.
fn options(args: &ExtractArgs, door: &dyn Door, stop: Stop) -> Result<RunOptions> {
    Ok(RunOptions {
        jobs: args.jobs,
        isolation: isolation(args.isolation, door, args.timeout_per_utterance)?,
        overwrite: args.overwrite,
        retry_failed: args.retry_failed,
        keep_parts: args.keep_parts,
        update: args.update,
        hash_inputs: args.hash_inputs,
        max_failures: args.max_failures,
        keep_going: args.keep_going,
        max_open_files: args.max_open_files,
        readers: args.readers,
        max_memory: args.max_memory,
        no_lock: args.no_lock,
        command: stores::without_secrets(&door.program().words),
        stop,
    })
}

/// Tells the outcome of a run, and how it ends.
fn tell(
    outcome: &Outcome,
    args: &ExtractArgs,
    progress: &Progress<'_>,
    door: &dyn Door,
    out: &mut dyn Write,
) -> Result<Done> {
    let summary = summary(outcome, &args.job.out, door);
    progress.log_only(&summary.trim_end());
    // Before the summary, whose last lines are to be copied.
    progress.time(outcome.took.as_secs_f64());
    if args.json {
        let mut object = as_json(outcome, &args.job.out, progress.notices(), door);
        tell_update(&mut object, args, outcome.update.as_ref());
        writeln!(out, "{object:#}")?;
    } else if !args.quiet {
        write!(out, "{summary}")?;
        out.flush()?;
    }
    Ok(Done::of(args.allow_failures, outcome.failures(), outcome.utterances()))
}

/// Refuses a log that is something which the command line names otherwise.
fn check_log_file(args: &ExtractArgs, door: &dyn Door) -> Result<()> {
    let Some(log) = &args.log_file else { return Ok(()) };
    let recipe = args.job.recipe.recipe.as_deref().map(|path| ("the recipe", path));
    let splits =
        args.job.corpus.selection.splits.as_deref().map(|path| ("the file of splits", path));
    let corpus =
        args.job.corpus.corpus.iter().map(|word| ("a part of the corpus", Path::new(word)));
    let inputs: Vec<_> = recipe.into_iter().chain(splits).chain(corpus).collect();
    results::check(&[(&door.option("log-file"), log)], &inputs)
}

/// Refuses a log that is one of the recordings, by whatever link.
fn refuse_to_log_into_a_recording(
    progress: &Progress<'_>,
    plan: &Plan,
    door: &dyn Door,
) -> Result<()> {
    let Some(log) = progress.log() else { return Ok(()) };
    for Split { root, utterances, .. } in &plan.corpus().splits {
        // Others have other sizes.
        let alike = utterances.iter().filter(|utterance| utterance.size_bytes == log.bytes());
        if let Some(recording) = alike.map(|it| it.path(root)).find(|it| log.is_at(it)) {
            bail!(
                "{} would write over the recording {}; name another file",
                door.option("log-file"),
                printable(&recording)
            );
        }
    }
    Ok(())
}

fn as_json(
    outcome: &Outcome,
    dataset: &Path,
    notices: Vec<serde_json::Value>,
    door: &dyn Door,
) -> serde_json::Value {
    let cause = |of| messages::cause_json(of, &|it| door.advice(it));
    json!({
        "dataset": printable(dataset),
        "already_complete": outcome.already_complete,
        "utterances": outcome.utterances(),
        "failures": outcome.failures(),
        "causes": outcome.causes.iter().map(cause).collect::<Vec<_>>(),
        "hours": outcome.duration_s() / 3600.0,
        "frames": outcome.frames(),
        "bytes": outcome.bytes,
        "seconds": outcome.took.as_secs_f64(),
        "workers": outcome.workers,
        "parts": outcome.parts,
        "resumed_parts": outcome.resumed_parts,
        "splits": outcome.splits,
        "notices": notices,
        "left_out": outcome.corpus.left_out_because,
        "ignored_files": outcome.corpus.ignored_files,
        "ignored_kinds": outcome.corpus.ignored_kinds,
    })
}

/// Tells the outcome of a run, and how its dataset is loaded.
pub(crate) fn summary(outcome: &Outcome, dataset: &Path, door: &dyn Door) -> String {
    let mut text = String::new();
    let mut line = |line: String| {
        text.push_str(&line);
        text.push('\n');
    };
    if outcome.already_complete {
        line("the dataset is complete already: nothing to do".to_owned());
    }
    let files = outcome.folder.as_ref().map_or(dataset.to_owned(), |it| dataset.join(it));
    let failures = match outcome.failures() {
        0 => "none failed".to_owned(),
        n => format!("{n} failed (listed in {})", printable(&files.join("failures.jsonl"))),
    };
    line(format!("{} stored, {failures}", counted(outcome.utterances(), "utterance")));
    for cause in &outcome.causes {
        line(format!("    {}", messages::cause(cause, &|it| door.advice(it))));
    }
    let left_out = messages::left_out(&outcome.corpus);
    left_out.iter().flat_map(|of| wrapped(of, 0, 4)).for_each(&mut line);
    let columns = outcome.arrays.values().map(|array| array.columns).max().unwrap_or(0);
    if outcome.utterances() > 0 {
        line(format!(
            "{} of audio, {} of {}, {}",
            duration(outcome.duration_s()),
            counted(outcome.frames(), "frame"),
            counted(columns as u64, "column"),
            size(outcome.bytes),
        ));
    }
    if !outcome.already_complete {
        let seconds = outcome.took.as_secs_f64();
        line(format!(
            "{seconds:.2} s with {}, {} × real time",
            workers(outcome.workers),
            times(outcome.duration_s() / seconds.max(1e-3)),
        ));
    }
    line(format!("dataset: {}", printable(dataset)));
    if outcome.folder.is_some() {
        line(format!("its files: {}", printable(&files)));
        return text;
    }
    let Some(split) = outcome.splits.iter().find(|split| split.frames > 0) else {
        return text;
    };
    line("load it in Python:".to_owned());
    line("    import numpy as np".to_owned());
    // Features first: what they predict comes after, and then where each utterance lies.
    let mut arrays: Vec<_> = outcome.arrays.iter().collect();
    arrays.sort_by_key(|(_, array)| array.columns == 0);
    let shard = |name: &str| (name.to_owned(), shard_file(&split.name, name, 0));
    let mut files: Vec<_> = arrays.iter().map(|(name, _)| shard(name)).collect();
    files.push(("index".to_owned(), format!("{}/{INDEX_FILE}", split.name)));
    for (name, _) in outcome.arrays.iter().filter(|(_, array)| array.frame.is_some()) {
        files.push((format!("index_{name}"), format!("{}/{}", split.name, index_file(name))));
    }
    for (name, file) in files {
        let file = python_literal(&dataset.join(file));
        line(format!("    {name} = np.load({file}, mmap_mode=\"r\")"));
    }
    text
}

/// A path as Python reads it: a string, or bytes where it is not UTF-8.
fn python_literal(path: &Path) -> String {
    let plain = |c: char| !c.is_control() && c != '"' && c != '\\';
    match path.to_str() {
        Some(text) if text.chars().all(plain) => format!("\"{text}\""),
        Some(text) => {
            let escape = |c: char| match c {
                _ if plain(c) => c.to_string(),
                '"' | '\\' => format!("\\{c}"),
                _ => format!("\\x{:02x}", u32::from(c)),
            };
            format!("\"{}\"", text.chars().map(escape).collect::<String>())
        }
        None => {
            let bytes = path.as_os_str().as_encoded_bytes();
            format!("b\"{}\"", bytes.escape_ascii())
        }
    }
}
