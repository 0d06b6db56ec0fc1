//! `ossicle limits`: what this machine allows, what a run needs, how to change it.

mod advice;
mod against;
mod rows;
mod system;

use std::io::Write;
use std::path::Path;

use anyhow::Result;
use ossicle_corpus::{DiscoverOptions, discover, printable};
use ossicle_engine::{FILES_A_WORKER, FILES_OF_A_RUN, OpenFiles, counted};
use serde_json::json;

use crate::args::LimitsArgs;
use crate::corpus;
use crate::done::Done;
use crate::lines::write_wrapped;
use crate::table::{table, tables_that_fit};
use crate::words::workers as workers_word;
use advice::Line;
use against::{Difference, Saved};
use rows::Limit;
use system::System;

pub(crate) fn run(args: &LimitsArgs, out: &mut dyn Write) -> Result<Done> {
    let files = OpenFiles::now()?;
    let (limits, system) = (rows::now(), System::now());
    let wanted = args.jobs.unwrap_or(system.cores);
    let workers = files.workers_that_fit(wanted);
    let saved =
        args.against.as_deref().map(|path| Ok::<_, anyhow::Error>((Saved::read(path)?, path)));
    let saved = saved.transpose()?;
    let against = saved.as_ref().map(|(saved, path)| (saved.differences(&limits, &system), *path));
    let recordings = match args.corpus.is_empty() {
        true => None,
        false => Some(count(args)?),
    };
    if args.json {
        let mut object = json!({
            "open_files_soft": files.soft,
            "open_files_hard": files.hard,
            "open_files_in_use": files.in_use,
            "workers_wanted": wanted,
            "workers_that_fit": workers,
            "open_files_needed": files.needed(wanted),
            "recordings": recordings,
            "cores": system.cores,
            "fits": workers > 0,
            "limits": limits,
            "system": system,
        });
        if let Some((differences, _)) = &against {
            let of =
                |it: &Difference| json!({"limit": it.label, "here": it.here, "there": it.there});
            object["differences"] = differences.iter().map(of).collect();
        }
        writeln!(out, "{object:#}")?;
    } else if let Some((differences, path)) = &against {
        show_differences(out, differences, path)?;
    } else {
        show_limits(out, &limits, &system)?;
        show_needs(out, &files, (wanted, workers), recordings)?;
        show_advice(out, &files, &system)?;
    }
    match workers {
        0 => Ok(Done::WithFailures),
        _ => Ok(Done::Well),
    }
}

fn count(args: &LimitsArgs) -> Result<u64> {
    let source = corpus::source(&args.corpus)?;
    let selection = corpus::selection(&args.selection)?;
    let corpus = discover(&source, &DiscoverOptions { selection, ..DiscoverOptions::default() })?;
    Ok(corpus.splits.iter().map(|split| split.utterances.len() as u64).sum())
}

fn show_differences(out: &mut dyn Write, differences: &[Difference], path: &Path) -> Result<()> {
    match differences.is_empty() {
        true => writeln!(out, "no limit is another than in {}", printable(path))?,
        false => writeln!(out, "{}", tables_that_fit(&against::rows(differences, path)))?,
    }
    Ok(())
}

fn show_limits(out: &mut dyn Write, limits: &[Limit], system: &System) -> Result<()> {
    writeln!(out, "limits of this process (ulimit -a):")?;
    let mut rows = vec![["", "soft", "hard"].map(str::to_owned).to_vec()];
    rows.extend(limits.iter().map(|limit| {
        let [soft, hard] = limit.figures();
        vec![limit.label(), soft, hard]
    }));
    writeln!(out, "{}", table(rows))?;
    writeln!(out, "\nof more than this process:")?;
    let row = |(label, figure): (&str, String)| vec![label.to_owned(), figure];
    writeln!(out, "{}", table(system.figures().into_iter().map(row)))?;
    Ok(())
}

/// - `wanted`, `fit`: workers
fn show_needs(
    out: &mut dyn Write,
    files: &OpenFiles,
    (wanted, fit): (usize, usize),
    recordings: Option<u64>,
) -> Result<()> {
    let needed = files.needed(wanted);
    writeln!(
        out,
        "\nwhat a run with {} has open at once, whatever the corpus:",
        workers_word(wanted)
    )?;
    let worker_files = FILES_A_WORKER * wanted as u64;
    let figure = |name: &str, n: u64| vec![name.to_owned(), n.to_string()];
    let rows = [
        figure("open already", files.in_use),
        figure("lock, log and lists, at most", FILES_OF_A_RUN),
        figure(&format!("{FILES_A_WORKER} for each worker"), worker_files),
        figure("together", needed),
    ];
    writeln!(out, "{}", table(rows))?;
    if let Some(recordings) = recordings {
        let recordings_word = counted(recordings, "recording");
        let line = format!(
            "a script with a process and a pipe for each of {recordings_word} would need more than {recordings}"
        );
        write_wrapped(out, &line, 0, 4)?;
    }
    let hard = rows::figure((files.hard < u64::MAX / 2).then_some(files.hard));
    match fit {
        0 => writeln!(
            out,
            "\nit does not fit: {needed} are needed and {hard} allowed; not even one worker fits"
        )?,
        n if n < wanted => writeln!(out, "\n{n} of {wanted} workers fit into {hard}")?,
        _ if needed > files.soft => {
            let soft = files.soft;
            writeln!(out, "\nit fits: ossicle raises its own limit from {soft} to {needed}")?;
        }
        _ => writeln!(out, "\nit fits")?,
    }
    Ok(())
}

fn show_advice(out: &mut dyn Write, files: &OpenFiles, system: &System) -> Result<()> {
    let lines = advice::lines(files, system);
    if lines.is_empty() {
        return Ok(());
    }
    writeln!(out, "\nto raise the limit of open files for other programs:")?;
    for line in lines {
        match line {
            Line::Said(words) => write_wrapped(out, &words, 2, 2)?,
            Line::Typed(text) => writeln!(out, "      {text}")?,
        }
    }
    Ok(())
}
