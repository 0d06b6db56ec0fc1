//! `ossicle limits`: what this machine allows, what a run needs, how to change it.

use std::io::Write;

use anyhow::Result;
use ossicle_corpus::{DiscoverOptions, discover};
use ossicle_engine::{FILES_A_WORKER, FILES_OF_A_RUN, OpenFiles, available_cores};
use serde_json::json;

use crate::args::LimitsArgs;
use crate::corpus;
use crate::done::Done;
use crate::table::table;
use crate::words::workers as workers_word;

pub(crate) fn run(args: &LimitsArgs, out: &mut dyn Write) -> Result<Done> {
    let files = OpenFiles::now()?;
    let cores = available_cores();
    let wanted = args.jobs.unwrap_or(cores);
    let workers = files.workers_that_fit(wanted);
    let recordings = match args.corpus.is_empty() {
        true => None,
        false => Some(count(args)?),
    };
    if args.json {
        let object = json!({
            "open_files_soft": files.soft,
            "open_files_hard": files.hard,
            "open_files_in_use": files.in_use,
            "workers_wanted": wanted,
            "workers_that_fit": workers,
            "open_files_needed": files.needed(wanted),
            "recordings": recordings,
            "cores": cores,
        });
        writeln!(out, "{object:#}")?;
    } else {
        show(out, &files, wanted, workers, recordings)?;
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

fn show(
    out: &mut dyn Write,
    files: &OpenFiles,
    wanted: usize,
    workers: usize,
    recordings: Option<u64>,
) -> Result<()> {
    writeln!(out, "limits of this process (ulimit -a):")?;
    let mut rows = vec![["", "soft", "hard"].map(str::to_owned).to_vec()];
    rows.extend(system_limits());
    writeln!(out, "{}", table(rows))?;

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
        writeln!(
            out,
            "a script with a process and a pipe for each of the {recordings} recordings would need \
             more than {recordings}"
        )?;
    }
    let hard = number(files.hard);
    match workers {
        0 => writeln!(out, "\nnot even one worker fits: raise the limit")?,
        n if n < wanted => writeln!(out, "\n{n} of {wanted} workers fit into {hard}")?,
        _ if needed > files.soft => {
            let soft = files.soft;
            writeln!(out, "\nit fits: ossicle raises its own limit from {soft} to {needed}")?;
        }
        _ => writeln!(out, "\nit fits")?,
    }
    writeln!(out, "\nto raise the limit of open files for other programs:")?;
    writeln!(out, "  this shell, up to the hard limit:  ulimit -n {hard}")?;
    if cfg!(target_os = "macos") {
        writeln!(out, "  until the next start:  sudo launchctl limit maxfiles 65535 200000")?;
    } else {
        writeln!(out, "  every login, as root: in /etc/security/limits.conf")?;
        for who in ["*   ", "root"] {
            writeln!(out, "      {who}  soft  nofile  65535")?;
            writeln!(out, "      {who}  hard  nofile  65535")?;
        }
        writeln!(out, "  a service of systemd:  LimitNOFILE=65535")?;
    }
    Ok(())
}

/// A limit for people.
fn number(limit: u64) -> String {
    if limit >= u64::MAX / 2 { "unlimited".to_owned() } else { limit.to_string() }
}

/// `/proc/self/limits`, with the letters of `ulimit`; empty where there is none.
fn system_limits() -> Vec<Vec<String>> {
    const LETTERS: [(&str, char); 8] = [
        ("Max open files", 'n'),
        ("Max processes", 'u'),
        ("Max address space", 'v'),
        ("Max resident set", 'm'),
        ("Max file size", 'f'),
        ("Max cpu time", 't'),
        ("Max stack size", 's'),
        ("Max locked memory", 'l'),
    ];
    let text = std::fs::read_to_string("/proc/self/limits").unwrap_or_default();
    let find = |(name, letter): (&str, char)| {
        let rest = text.lines().find_map(|line| line.strip_prefix(name))?;
        let mut words = rest.split_whitespace();
        let (soft, hard) = (words.next()?, words.next()?);
        let unit = words.next().unwrap_or_default();
        let name = name.trim_start_matches("Max ");
        let label = match unit {
            "bytes" | "seconds" => format!("-{letter}  {name}, {unit}"),
            _ => format!("-{letter}  {name}"),
        };
        Some(vec![label, soft.to_owned(), hard.to_owned()])
    };
    LETTERS.into_iter().filter_map(find).collect()
}
