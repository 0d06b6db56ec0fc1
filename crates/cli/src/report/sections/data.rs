//! What is in the dataset: splits, levels, failures, and bytes.

use ossicle_engine::size;

use crate::messages;
use crate::report::charts;
use crate::report::columns::Reading;
use crate::report::contents::Report;
use crate::report::facts::Problem;
use crate::report::html::Html;
use crate::words::{counted_round, duration, short, workers};

pub(super) fn splits(html: &mut Html, report: &Report<'_>) {
    let facts = &report.facts;
    let row = |split: &crate::report::facts::SplitFacts| {
        let mean = split.duration_s / split.utterances.max(1) as f64;
        vec![
            split.name.clone(),
            counted_round(split.utterances, ""),
            duration(split.duration_s),
            format!("{mean:.2} s"),
            counted_round(split.frames, ""),
            match split.speakers {
                0 => "–".to_owned(),
                speakers => counted_round(speakers as u64, ""),
            },
            counted_round(split.failures, ""),
        ]
    };
    let rows: Vec<_> = facts.splits.iter().map(row).collect();
    let head = ["split", "utterances", "duration", "mean", "frames", "speakers", "failed"];
    html.table("The splits", &head, &rows);
    for line in messages::left_out(&report.card.corpus) {
        html.paragraph(&line);
    }
    if let Some(svg) = charts::durations(&facts.durations_s) {
        html.drawn("Histogram of durations", &svg);
    }
    let rates: Vec<String> = facts
        .rates
        .iter()
        .map(|(rate, &count)| format!("{rate} Hz ({})", counted_round(count, "utterance")))
        .collect();
    let channels: Vec<String> = facts
        .channels
        .iter()
        .map(|(channel, &count)| format!("{channel} ({})", counted_round(count, "utterance")))
        .collect();
    if !rates.is_empty() {
        html.paragraph(&format!("Sample rates: {}.", few(&rates)));
        html.paragraph(&format!("Channels that were taken: {}.", few(&channels)));
    }
}

/// The first of a list that may be long.
fn few(items: &[String]) -> String {
    const MOST: usize = 12;
    match items.len() > MOST {
        true => format!("{} and {} more", items[..MOST].join(", "), items.len() - MOST),
        false => items.join(", "),
    }
}

/// A level that is looked for.
struct Sought<'a> {
    name: &'static str,
    problem: &'a Problem,
    /// What to do about it.
    advice: &'static str,
    /// Says how bad the worst is.
    how: fn(f64) -> String,
}

pub(super) fn levels(html: &mut Html, report: &Report<'_>) {
    let levels = &report.facts.levels;
    let sought = [
        Sought {
            name: "clipped",
            problem: &levels.clipped,
            advice: messages::CLIPPED,
            how: |samples| counted_round(samples as u64, "sample"),
        },
        Sought {
            name: "silent",
            problem: &levels.silent,
            advice: messages::SILENT,
            how: |share| format!("{:.0}\u{a0}% zeros", 100.0 * share),
        },
        Sought {
            name: "quiet",
            problem: &levels.quiet,
            advice: messages::QUIET,
            how: |peak| format!("peak {}", short(peak)),
        },
        Sought {
            name: "shifted",
            problem: &levels.dc,
            advice: messages::SHIFTED,
            how: |mean| format!("by {}", short(mean)),
        },
    ];
    let row = |sought: &Sought<'_>| {
        let Problem { utterances, worst } = sought.problem;
        let worst = worst.as_ref();
        vec![
            sought.name.to_owned(),
            counted_round(*utterances, ""),
            format!("{:.1} %", 100.0 * *utterances as f64 / levels.known.max(1) as f64),
            worst.map_or("–".to_owned(), |(id, bad)| {
                format!("{id} ({})", (sought.how)(bad.abs()))
            }),
        ]
    };
    let rows: Vec<_> = sought.iter().map(row).collect();
    html.table(
        "Utterances whose levels should be looked at",
        &["level", "utterances", "share", "the worst"],
        &rows,
    );
    for found in sought.iter().filter(|of| of.problem.utterances > 0) {
        let utterances = counted_round(found.problem.utterances, "utterance");
        html.element("p", &[("class", "warn")], &format!("{utterances}: {}", found.advice));
    }
    if sought.iter().all(|of| of.problem.utterances == 0) {
        html.paragraph("No utterance is clipped, silent, very quiet or shifted.");
    }
}

pub(super) fn failures(html: &mut Html, report: &Report<'_>) {
    let failures = &report.facts.failures;
    if failures.is_empty() {
        html.paragraph("No utterance failed.");
        return;
    }
    let row = |of: &crate::report::facts::FailureFacts| {
        vec![of.cause.clone(), counted_round(of.count, ""), of.id.clone(), of.error.clone()]
    };
    let rows: Vec<_> = failures.iter().map(row).collect();
    html.table("Failures by cause", &["cause", "utterances", "the first", "what was wrong"], &rows);
    html.paragraph(messages::FAILURES_ARE_LISTED);
}

/// So many bytes take longer to read than the first of them, and a clock's ticks.
const ENOUGH_TO_TELL: u64 = 16 << 20;

pub(super) fn reading(html: &mut Html, report: &Report<'_>) {
    let hours = report.facts.duration_s() / 3600.0;
    let reading = &report.reading;
    let all: u64 = report.card.files.iter().map(|file| file.bytes).sum();
    html.paragraph(&format!(
        "On disk it has {} in {}, beside its card and the notes of the run.",
        size(all),
        counted_round(report.card.files.len() as u64, "file")
    ));
    let seconds = reading.took.as_secs_f64();
    if reading.bytes > 0 && hours > 0.0 && seconds > 0.0 {
        let a_second = reading.bytes as f64 / seconds;
        let is_enough = reading.bytes >= ENOUGH_TO_TELL;
        match is_enough {
            true => html.paragraph(&how_fast(reading)),
            false => html.paragraph(&messages::too_small_to_tell(reading.bytes)),
        };
        let row = |name: &str, share: f64| {
            let bytes = reading.all_bytes as f64 / hours * 1000.0 * share;
            let cells = [name.to_owned(), size(bytes as u64), duration(bytes / a_second)];
            cells.into_iter().take(if is_enough { 3 } else { 2 }).collect()
        };
        let rows = [row("float32", 1.0), row("float16", 0.5)];
        let head = ["type", "bytes", "reading them once"];
        let head = if is_enough { &head[..] } else { &head[..2] };
        html.table("Features of 1,000 hours of such recordings", head, &rows);
    }
    speed(html, report);
}

/// How fast features were read for this page.
fn how_fast(reading: &Reading) -> String {
    let seconds = reading.took.as_secs_f64();
    let of_all = match reading.bytes < reading.all_bytes {
        true => format!(" of {}", size(reading.all_bytes)),
        false => String::new(),
    };
    format!(
        "Reading {}{of_all} of features took {} on the machine that made this page: {} a second, by one thread, from \
         a disk or from memory, wherever they were.",
        size(reading.bytes),
        duration(seconds),
        size((reading.bytes as f64 / seconds) as u64),
    )
}

fn speed(html: &mut Html, report: &Report<'_>) {
    let share = |(name, share): &(&str, f64)| format!("{name} {:.0}\u{a0}%", 100.0 * share);
    let shares: Vec<_> = report.work.shares.iter().map(share).collect();
    if !shares.is_empty() {
        html.paragraph(&format!("The workers' time went to {}.", shares.join(", ")));
    }
    if report.speed.runs.is_empty() {
        html.element("p", &[("class", "muted")], messages::NO_SPEED_GIVEN);
        return;
    }
    if report.speed.is_of_another(&report.card.job) {
        html.paragraph(messages::SPEED_OF_ANOTHER);
    }
    let row = |run: &crate::report::speed::SpeedRun| {
        let known = |value: f64, text: String| if value > 0.0 { text } else { "–".to_owned() };
        let name = || format!("{}, {}", workers(run.jobs as usize), run.isolation);
        vec![
            run.command.clone().unwrap_or_else(name),
            format!("{:.2} s", run.seconds),
            format!("{:.2}", run.speed_up),
            known(run.jobs, format!("{:.0} %", 100.0 * run.speed_up / run.jobs.max(1.0))),
            known(run.audio_seconds, format!("{:.0}", run.audio_seconds / run.seconds.max(1e-9))),
            known(run.peak_memory_bytes, size(run.peak_memory_bytes as u64)),
            known(run.peak_open_files, format!("{:.0}", run.peak_open_files)),
        ]
    };
    let rows: Vec<_> = report.speed.runs.iter().map(row).collect();
    let head = [
        "workers",
        "time",
        "times faster",
        "efficiency",
        "× real time",
        "peak memory",
        "peak open files",
    ];
    html.table(
        "An extraction with different numbers of workers, as ossicle speed has measured it",
        &head,
        &rows,
    );
    let ours: Vec<_> =
        report.speed.runs.iter().filter(|run| run.command.is_none()).cloned().collect();
    if let Some(svg) = charts::speed(&ours) {
        html.drawn("Speed by the number of workers", &svg);
    }
    html.paragraph(
        "For comparison: a script of 2019 that computed features of TIMIT was 3.65 times faster on 12 processors \
         than on one, 30 % of what they could give.",
    );
}
