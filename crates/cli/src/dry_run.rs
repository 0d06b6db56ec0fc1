//! `ossicle extract --dry-run`: what a run would come to, and how it would end.

use std::collections::BTreeMap;
use std::io::Write;

use anyhow::Result;
use ossicle_corpus::Split;
use ossicle_engine::{Notice, Outcome, Plan, Stop, UpdateCounts, counted, estimate, size};
use serde_json::json;

use crate::done::Done;
use crate::door::Door;
use crate::extract_args::ExtractArgs;
use crate::lines::write_wrapped;
use crate::messages;
use crate::progress::{Progress, SHOWN};
use crate::table::table;
use crate::update::tell_update;
use crate::words::duration;

/// What a run would come to, by headers and alignments.
///
/// - `update`: what an update of the dataset that is there comes to
/// - `workers`: how many look at once
pub(crate) fn run(
    plan: &Plan,
    (args, update): (&ExtractArgs, Option<&UpdateCounts>),
    workers: usize,
    stop: &Stop,
    progress: &Progress<'_>,
    door: &dyn Door,
    out: &mut dyn Write,
) -> Result<Done> {
    let utterances: usize = plan.parts().iter().map(|part| part.utterances.len()).sum();
    progress.begin_looking(utterances as u64);
    let say = || progress.notice(&Notice::WaitingForFiles);
    let seen = |looked| progress.looked_at(looked);
    let estimate = estimate(plan, &args.job.out, workers, stop, &say, &seen);
    progress.clear();
    let estimate = estimate?;
    estimate.notices.iter().for_each(|notice| progress.notice(notice));
    let stored: u64 = estimate.splits.iter().map(|(_, split)| split.utterances).sum();
    let failures = estimate.unreadable.len() as u64;
    let fits = estimate.free_bytes.is_none_or(|free| free >= estimate.peak_bytes);
    let ends = messages::dry_run_ends(
        &estimate,
        stored,
        fits,
        (args.max_failures, args.keep_going),
        &|it| door.advice(it),
        &|name| door.option(name),
    );
    if args.json {
        let splits: serde_json::Map<_, _> = estimate
            .splits
            .iter()
            .map(|(name, split)| {
                let hours = split.duration_s / 3600.0;
                let (utterances, frames) = (split.utterances, split.frames);
                (name.clone(), json!({"utterances": utterances, "hours": hours, "frames": frames}))
            })
            .collect();
        let cause = |of| messages::cause_json(of, &|it| door.advice(it));
        let mut object = json!({
            "already_complete": false,
            "splits": splits,
            "unreadable": failures,
            "causes": estimate.causes.iter().map(cause).collect::<Vec<_>>(),
            "dataset_bytes": estimate.dataset_bytes,
            "peak_bytes": estimate.peak_bytes,
            "free_bytes": estimate.free_bytes,
            "fits": fits,
            "notices": progress.notices(),
            "would_stop": ends,
        });
        tell_update(&mut object, args, update);
        writeln!(out, "{object:#}")?;
    } else {
        let row = |name: &str, utterances: u64, seconds: f64, frames: u64| {
            vec![name.to_owned(), utterances.to_string(), duration(seconds), frames.to_string()]
        };
        let mut rows = vec![["", "utterances", "duration", "frames"].map(str::to_owned).to_vec()];
        let mut total = (0, 0.0, 0);
        for (name, split) in &estimate.splits {
            rows.push(row(name, split.utterances, split.duration_s, split.frames));
            total.0 += split.utterances;
            total.1 += split.duration_s;
            total.2 += split.frames;
        }
        rows.push(row("together", total.0, total.1, total.2));
        writeln!(out, "{} of {}", plan.corpus().kind, counted(total.0, "utterance"))?;
        writeln!(out, "{}", table(rows))?;
        let mut shown = BTreeMap::new();
        for row in &estimate.unreadable {
            let count: &mut u64 = shown.entry(&row.cause).or_default();
            *count += 1;
            if *count <= SHOWN {
                writeln!(
                    out,
                    "would fail: {}: {}",
                    row.id,
                    messages::failure(row, &messages::advice)
                )?;
            }
        }
        if failures > 0 {
            let all = counted(utterances as u64, "utterance");
            writeln!(out, "{failures} of {all} would fail:")?;
        }
        for of in &estimate.causes {
            writeln!(out, "    {}", messages::cause(of, &messages::advice))?;
        }
        let room = format!(
            "the dataset will have about {}, and {} are needed while it is made{}",
            size(estimate.dataset_bytes),
            size(estimate.peak_bytes),
            estimate.free_bytes.map_or(String::new(), |free| format!("; {} are free", size(free)))
        );
        write_wrapped(out, &room, 0, 4)?;
        if let Some(ends) = &ends {
            writeln!(out, "{ends}")?;
        }
    }
    Ok(match ends {
        Some(_) => Done::WouldStop,
        None => Done::of(args.allow_failures, failures, stored),
    })
}

/// What is known of a dataset that is complete, by the keys of any dry run: the run would do nothing.
pub(crate) fn complete(
    outcome: &Outcome,
    args: &ExtractArgs,
    progress: &Progress<'_>,
    door: &dyn Door,
    out: &mut dyn Write,
) -> Result<Done> {
    let splits: serde_json::Map<_, _> = outcome
        .splits
        .iter()
        .map(|split| {
            let hours = split.duration_s / 3600.0;
            let (utterances, frames) = (split.utterances, split.frames);
            (
                split.name.clone(),
                json!({"utterances": utterances, "hours": hours, "frames": frames}),
            )
        })
        .collect();
    let cause = |of| messages::cause_json(of, &|it| door.advice(it));
    let mut object = json!({
        "already_complete": true,
        "splits": splits,
        "unreadable": outcome.failures(),
        "causes": outcome.causes.iter().map(cause).collect::<Vec<_>>(),
        "dataset_bytes": outcome.bytes,
        "peak_bytes": outcome.bytes,
        "free_bytes": null,
        "fits": true,
        "notices": progress.notices(),
        "would_stop": null,
    });
    tell_update(&mut object, args, None);
    writeln!(out, "{object:#}")?;
    Ok(Done::of(args.allow_failures, outcome.failures(), outcome.utterances()))
}

/// What the list of utterances says: no recording is opened.
pub(crate) fn quick(
    plan: &Plan,
    (args, update): (&ExtractArgs, Option<&UpdateCounts>),
    out: &mut dyn Write,
) -> Result<Done> {
    let splits = &plan.corpus().splits;
    let of = |split: &Split| {
        let bytes: u64 = split.utterances.iter().map(|u| u.recording_bytes()).sum();
        (split.utterances.len(), bytes)
    };
    if args.json {
        let object: serde_json::Map<_, _> = splits
            .iter()
            .map(|split| {
                let (utterances, bytes) = of(split);
                (split.name.clone(), json!({"utterances": utterances, "recording_bytes": bytes}))
            })
            .collect();
        let mut object = json!({"splits": object});
        tell_update(&mut object, args, update);
        writeln!(out, "{object:#}")?;
        return Ok(Done::Well);
    }
    let mut rows = vec![["", "utterances", "recordings"].map(str::to_owned).to_vec()];
    for split in splits {
        let (utterances, bytes) = of(split);
        rows.push(vec![split.name.clone(), utterances.to_string(), size(bytes)]);
    }
    writeln!(out, "{}\n{}", plan.corpus().kind, table(rows))?;
    writeln!(out, "{}", messages::NOT_LOOKED_AT)?;
    Ok(Done::Well)
}
