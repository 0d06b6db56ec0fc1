//! The table of a comparison.

use std::time::Duration;

use ossicle_engine::{Timing, size};

use super::entrant::{Run, Runs, are_same, kind, serial_seconds};
use crate::lines::wrapped;
use crate::messages;
use crate::table::tables_that_fit;
use crate::words::times;

/// A column for each of what is compared.
struct Columns<'a>(&'a [Runs]);

impl Columns<'_> {
    fn row(&self, name: &str, cell: impl Fn(&Run) -> String) -> Vec<String> {
        let cells = self.0.iter().map(|runs| cell(runs.median()));
        std::iter::once(name.to_owned()).chain(cells).collect()
    }

    /// A row of what is known of our runs alone.
    fn of_jobs(&self, name: &str, cell: impl Fn(&Timing) -> String) -> Vec<String> {
        self.row(name, |run| run.job().map_or_else(String::new, &cell))
    }
}

/// The table of a comparison, and what it says.
pub(super) fn report(all: &[Runs]) -> String {
    let Some(first) = all.first().map(Runs::median) else { return String::new() };
    let (columns, serial) = (Columns(all), serial_seconds(all));
    let mut text = tables_that_fit(&rows(&columns, first, serial));
    text.push('\n');
    // A command stays as it was typed.
    let others = all.iter().filter_map(|runs| runs.command.as_ref()).enumerate();
    others.for_each(|(place, command)| text.push_str(&format!("{}: {command}\n", letter(place))));
    let mut line = |line: &str| {
        for line in wrapped(line, 0, 4) {
            text.push_str(&line);
            text.push('\n');
        }
    };
    match (are_same(all), first.job()) {
        (true, Some(timing)) => line(&format!(
            "every run wrote the same bytes (BLAKE3 of the card: {}…)",
            &timing.card[..16]
        )),
        _ => line("THE RUNS WROTE DIFFERENT BYTES: please report this"),
    }
    let efficiency = |run: &Run| Some(serial? / run.seconds() / run.job()?.jobs as f64);
    let ours = || all.iter().map(Runs::median).filter(|run| run.job().is_some());
    if ours().any(|run| run.seconds() < 1.0) {
        line(messages::TOO_SHORT);
    }
    if ours().filter_map(efficiency).any(|efficiency| efficiency >= 1.005) {
        line(messages::NOISE);
    }
    if all.len() > 1 {
        line(messages::IN_2019);
    }
    text
}

fn rows(columns: &Columns<'_>, first: &Run, serial: Option<f64>) -> Vec<Vec<String>> {
    let all = columns.0;
    let files = |t: &Timing| t.outcome.utterances() + t.outcome.failures();
    let seconds = |t: &Timing| t.outcome.took.as_secs_f64().max(1e-9);
    let share = |t: &Timing, part: f64| format!("{:.1} %", 100.0 * part / seconds(t));
    // Of each worker's time, so that it adds up with what none of them does.
    let of_workers = |t: &Timing, spent: Duration| {
        share(t, spent.as_secs_f64() / t.outcome.workers.max(1) as f64)
    };
    let seen = |value: u64, text: String| if value == 0 { "?".to_owned() } else { text };
    let mut number_of_others = 0;
    let mut head = columns.of_jobs("workers", |t| t.outcome.workers.to_string());
    for (cell, runs) in head.iter_mut().skip(1).zip(all) {
        if runs.command.is_some() {
            *cell = letter(number_of_others);
            number_of_others += 1;
        }
    }
    let mut rows = vec![
        head,
        columns.of_jobs("run as", |t| kind(t).to_owned()),
        columns.row("time", |run| format!("{:.2} s", run.seconds())),
        columns.row("times faster", |run| format!("{:.2}", first.seconds() / run.seconds())),
        columns.row("efficiency", |run| match (serial, run.job()) {
            (Some(serial), Some(timing)) => {
                format!("{:.0} %", 100.0 * serial / run.seconds() / timing.jobs as f64)
            }
            _ => String::new(),
        }),
        columns.of_jobs("files a second", |t| times(files(t) as f64 / seconds(t))),
        columns.of_jobs("× real time", |t| times(t.outcome.duration_s() / seconds(t))),
        columns.row("user time", |run| format!("{:.2} s", run.watched().user.as_secs_f64())),
        columns.row("system time", |run| format!("{:.2} s", run.watched().system.as_secs_f64())),
        columns.row("peak memory", |run| {
            seen(run.watched().peak_memory, size(run.watched().peak_memory))
        }),
        columns.row("peak open files", |run| {
            seen(run.watched().peak_open_files, run.watched().peak_open_files.to_string())
        }),
        columns.row("read", |run| run.watched().bytes_read.map_or_else(|| "?".to_owned(), size)),
        columns
            .row("written", |run| run.watched().bytes_written.map_or_else(|| "?".to_owned(), size)),
        columns.of_jobs("starting and joining", |t| share(t, t.outcome.overhead.as_secs_f64())),
        columns.of_jobs("reading", |t| of_workers(t, t.outcome.work.spent.reading)),
        columns.of_jobs("decoding", |t| of_workers(t, t.outcome.work.spent.decoding)),
        columns.of_jobs("features", |t| of_workers(t, t.outcome.work.spent.features)),
        columns.of_jobs("labels and writing", |t| of_workers(t, t.outcome.work.spent.writing())),
        columns.of_jobs("finishing", |t| share(t, t.finishing.as_secs_f64())),
        columns.of_jobs("planning, waiting", |t| share(t, seconds_of_nothing_else(t))),
    ];
    if all.iter().any(|runs| runs.all().len() > 1) {
        let range = |runs: &Runs| match &runs.seconds()[..] {
            [least, .., most] => format!("{least:.2} to {most:.2}"),
            _ => String::new(),
        };
        let name = format!("median of {}, from", all[0].all().len());
        rows.insert(3, std::iter::once(name).chain(all.iter().map(range)).collect());
    }
    rows
}

/// Counts the seconds of a run in which recordings are looked for and looked at, and workers wait: for each other, for
/// the disk, or for a processor.
fn seconds_of_nothing_else(timing: &Timing) -> f64 {
    let outcome = &timing.outcome;
    let spent = outcome.work.spent.took.as_secs_f64() / outcome.workers.max(1) as f64;
    let known = outcome.overhead + timing.finishing;
    (outcome.took.as_secs_f64() - known.as_secs_f64() - spent).max(0.0)
}

/// The name of another program in the table: `A`, `B`.
fn letter(place: usize) -> String {
    char::from_u32(u32::from('A') + place as u32).unwrap_or('?').to_string()
}
