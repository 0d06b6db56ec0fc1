//! `ossicle extract --share` and `ossicle plan`: one job on many machines.

use std::env;
use std::io::Write;

use anyhow::{Context, Result, anyhow, bail};
use ossicle_corpus::printable;
use ossicle_engine::{
    Error, PlanRequest, RunOptions, Share, ShareOutcome, SharesLeft, be, check_shares,
    compute_share, counted, store_plan,
};
use ossicle_recipe::Recipe;
use serde_json::json;

use crate::args::PlanArgs;
use crate::corpus;
use crate::done::Done;
use crate::door::Door;
use crate::extract_args::ExtractArgs;
use crate::messages;
use crate::progress::{Progress, Verbosity};
use crate::share_arg::ShareArg;
use crate::simd;
use crate::words::workers;

/// What is said where nothing is left to plan or to compute.
const COMPLETE: &str = "the dataset is complete already: nothing to do";

/// The job that shares are of.
pub(crate) struct Sharing<'a> {
    pub(crate) args: &'a ExtractArgs,
    pub(crate) request: PlanRequest,
    pub(crate) options: RunOptions,
    pub(crate) progress: &'a Progress<'a>,
}

/// Computes a share, or looks which parts are missing.
pub(crate) fn run(
    share: ShareArg,
    of: &Sharing<'_>,
    door: &dyn Door,
    out: &mut dyn Write,
) -> Result<Done> {
    let Sharing { args, options, progress, .. } = of;
    let told = |error| progress.ended_by(error);
    let share = match share {
        ShareArg::Of(share) => share,
        ShareArg::Auto => of_task(|name| env::var(name).ok(), &|name| door.option(name))?,
        ShareArg::None => {
            let left = match check_shares(&args.job.out, options) {
                Err(Error::AlreadyPublished { .. }) => return tell_published(args, out),
                left => left.map_err(told)?,
            };
            progress.clear();
            return tell_left(&left, args, out);
        }
    };
    let level = simd::level()?;
    let make_plan = || {
        let plan = ossicle_engine::plan(PlanRequest { level, ..of.request.clone() })?;
        plan.notices().iter().for_each(|notice| progress.notice(notice));
        Ok(plan)
    };
    let recipe: &Recipe = &of.request.recipe;
    let done = compute_share(share, recipe, &make_plan, &args.job.out, (options, level), *progress);
    let done = done.map_err(told)?;
    progress.clear();
    progress.failures_not_shown();
    tell(share, &done, of, out)
}

/// Tells what a share came to. What failed is for the run that publishes to judge.
fn tell(share: Share, done: &ShareOutcome, of: &Sharing<'_>, out: &mut dyn Write) -> Result<Done> {
    let Sharing { args, progress, .. } = of;
    let ShareOutcome::Done { parts, of, resumed_parts, utterances, failures, workers: n, took } =
        done
    else {
        return tell_published(args, out);
    };
    if args.json {
        let told = json!({
            "dataset": printable(&args.job.out),
            "published": false,
            "share": share.to_string(),
            "parts": parts,
            "parts_of_all": of,
            "resumed_parts": resumed_parts,
            "utterances": utterances,
            "failures": failures,
            "workers": n,
            "seconds": took.as_secs_f64(),
            "notices": progress.notices(),
        });
        writeln!(out, "{told:#}")?;
        return Ok(Done::Well);
    }
    let failed = if *failures == 0 { "none".to_owned() } else { failures.to_string() };
    if !args.quiet {
        writeln!(
            out,
            "share {share}: {parts} of {}, {} stored, {failed} failed, {:.2} s with {}",
            counted(*of as u64, "part"),
            counted(*utterances, "utterance"),
            took.as_secs_f64(),
            workers(*n),
        )?;
        writeln!(out, "{}", messages::SHARES_PUBLISH)?;
    }
    Ok(Done::Well)
}

/// Tells that there is nothing left to do.
fn tell_published(args: &ExtractArgs, out: &mut dyn Write) -> Result<Done> {
    let dataset = printable(&args.job.out);
    match args.json {
        true => writeln!(out, "{:#}", json!({ "dataset": dataset, "published": true }))?,
        false => writeln!(out, "{COMPLETE}")?,
    }
    Ok(Done::Well)
}

/// The most missing parts that are listed.
const LISTED: usize = 10;

/// Tells which parts are missing.
fn tell_left(left: &SharesLeft, args: &ExtractArgs, out: &mut dyn Write) -> Result<Done> {
    let SharesLeft { parts, missing, utterances, failures, .. } = left;
    if args.json {
        let part = |(number, split, first, count): &(usize, String, String, usize)| json!({ "part": number, "split": split, "first": first, "utterances": count });
        let told = json!({
            "dataset": printable(&args.job.out),
            "parts": parts,
            "missing": missing.iter().map(part).collect::<Vec<_>>(),
            "utterances": utterances,
            "failures": failures,
        });
        writeln!(out, "{told:#}")?;
    } else if missing.is_empty() {
        let (parts, utterances) =
            (counted(*parts as u64, "part"), counted(*utterances, "utterance"));
        let all = if left.parts == 1 {
            "the only part is".to_owned()
        } else {
            format!("all of {parts} are")
        };
        writeln!(out, "{all} there: {utterances} stored, {failures} failed")?;
        writeln!(out, "{}", messages::NOW_PUBLISH)?;
    } else {
        let (count, parts) = (missing.len() as u64, counted(*parts as u64, "part"));
        writeln!(out, "{count} of {parts} {} missing:", be(count))?;
        for (number, split, first, count) in missing.iter().take(LISTED) {
            let count = counted(*count as u64, "utterance");
            writeln!(out, "    part {number}, {count} of {split} from {first} on")?;
        }
        if missing.len() > LISTED {
            writeln!(out, "    and {} more (--json lists all)", missing.len() - LISTED)?;
        }
    }
    Ok(if missing.is_empty() { Done::Well } else { Done::WithFailures })
}

/// Finds the share of the task of a Slurm array.
///
/// - `of`: the value of an environment variable
/// - `option`: the word for an option
fn of_task(of: impl Fn(&str) -> Option<String>, option: &dyn Fn(&str) -> String) -> Result<Share> {
    let number = |name: &str| -> Result<Option<usize>> {
        let Some(text) = of(name) else { return Ok(None) };
        let number = text.trim().parse();
        Ok(Some(number.map_err(|_| anyhow!("{name} is {text:?}, and no number"))?))
    };
    let (id, count) = (number("SLURM_ARRAY_TASK_ID")?, number("SLURM_ARRAY_TASK_COUNT")?);
    let (Some(id), Some(count)) = (id, count) else { bail!(messages::no_array_task(option)) };
    let first = number("SLURM_ARRAY_TASK_MIN")?.unwrap_or(0);
    let step = number("SLURM_ARRAY_TASK_STEP")?.unwrap_or(1).max(1);
    let place = id.checked_sub(first).map(|beyond| beyond / step + 1);
    let share = place.and_then(|place| Share::new(place, count).ok());
    share.with_context(|| format!("the task {id} is none of {count} from {first} on"))
}

/// `ossicle plan`: stores a plan that shares are of.
pub(crate) fn plan(args: &PlanArgs, door: &dyn Door, out: &mut dyn Write) -> Result<Done> {
    let verbosity = if args.quiet { Verbosity::Quiet } else { Verbosity::Normal };
    let progress = Progress::new(door, verbosity);
    let stop = door.stop()?;
    let plan = corpus::plan(&args.job.corpus, &args.job.recipe(), &stop)?;
    plan.notices().iter().for_each(|notice| progress.notice(notice));
    let (overwrite, no_lock) = (args.overwrite, args.no_lock);
    let options = RunOptions { overwrite, no_lock, stop, ..RunOptions::default() };
    let published = match store_plan(&plan, &args.job.out, &options, &progress) {
        Err(Error::AlreadyPublished { .. }) => true,
        stored => stored.map(|()| false)?,
    };
    progress.clear();
    let parts = plan.parts();
    let utterances: u64 = parts.iter().map(|part| part.utterances.len() as u64).sum();
    let dataset = printable(&args.job.out);
    if args.json {
        let told = json!({
            "dataset": dataset,
            "published": published,
            "parts": parts.len(),
            "utterances": utterances,
            "notices": progress.notices(),
        });
        writeln!(out, "{told:#}")?;
    } else if !args.quiet {
        let (parts, utterances) =
            (counted(parts.len() as u64, "part"), counted(utterances, "utterance"));
        let line = match published {
            true => COMPLETE.to_owned(),
            false => format!("planned in {dataset}: {parts} of {utterances}"),
        };
        writeln!(out, "{line}")?;
    }
    Ok(Done::Well)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_task_of_an_array_has_its_share() {
        let share = |id: &str, count: &str, first: &str, step: &str| {
            let of = |name: &str| {
                let value = match name.strip_prefix("SLURM_ARRAY_TASK_").unwrap() {
                    "ID" => id,
                    "COUNT" => count,
                    "MIN" => first,
                    _ => step,
                };
                (!value.is_empty()).then(|| value.to_owned())
            };
            of_task(of, &|name| format!("--{name}"))
                .map(|share| share.to_string())
                .map_err(|error| format!("{error:#}"))
        };
        assert_eq!(share("0", "4", "0", "1").as_deref(), Ok("1/4"));
        assert_eq!(share("4", "4", "1", "").as_deref(), Ok("4/4"));
        assert_eq!(share("21", "3", "1", "10").as_deref(), Ok("3/3"));
        for (id, count, first, words) in [
            ("", "", "", "SLURM_ARRAY_TASK_ID"),
            ("x", "4", "0", "SLURM_ARRAY_TASK_ID is \"x\""),
            ("5", "4", "1", "the task 5 is none of 4 from 1 on"),
            ("0", "4", "1", "the task 0 is none of 4 from 1 on"),
        ] {
            let error = share(id, count, first, "").unwrap_err();
            assert!(error.contains(words), "{error}");
        }
    }
}
