//! The results of all scenarios as a page of Markdown.

use std::fmt::Write;

use super::tally::Tally;
use crate::bench::machine::{commit, hardware};

/// - `program`: the name and version that it gives itself
pub(crate) fn page(command: &str, program: &str, tallies: &[Tally]) -> String {
    let mut page = format!("# What goes wrong, made to go wrong\n\n`{command}`\n\n");
    for (what, which) in hardware() {
        let _ = writeln!(page, "- {what}: {which}");
    }
    let commit = commit().unwrap_or_else(|| "?".to_owned());
    let _ = writeln!(page, "- program: {program}, commit {commit}\n");
    let _ = writeln!(page, "| scenario | rounds | seconds | what happened | failed |");
    let _ = writeln!(page, "|---|--:|--:|---|--:|");
    for tally in tallies {
        let (seconds, words) = (tally.took.as_secs_f64(), tally.in_words());
        let (name, rounds, failed) = (tally.scenario, tally.rounds, tally.failed());
        let _ = writeln!(page, "| {name} | {rounds} | {seconds:.0} | {words} | {failed} |");
    }
    for tally in tallies {
        for what in &tally.not_run {
            let _ = write!(page, "\nNOT RUN, {}: {what}\n", tally.scenario);
        }
        for failure in &tally.failures {
            let (what, repeat, kept) = (&failure.what, &failure.repeat, &failure.kept);
            let name = tally.scenario;
            let _ = write!(page, "\nFAILED, {name}: {what}\nagain: {repeat}\nkept: {kept}\n");
            if failure.more > 0 {
                let _ = writeln!(page, "and {} more like it", failure.more);
            }
        }
    }
    page
}
