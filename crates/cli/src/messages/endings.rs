//! How runs end: one that did not finish, and one that is only foreseen.

use std::path::Path;

use ossicle_corpus::printable;
use ossicle_engine::{Advice, Estimate, Tolerance, Unfinished, be, counted};

/// Tells of a dataset that is whole, and beside which a run did not finish.
pub(crate) fn sound_beside_a_run(dataset: &str, files: &str, bytes: &str) -> String {
    format!(
        "the files of {dataset} are sound ({files}, {bytes}), but a run that did not finish is beside them"
    )
}

/// Tells of a run that did not finish, how far it came and how to go on.
pub(crate) fn unfinished(dataset: &Path, left: &Unfinished) -> String {
    let name = printable(dataset);
    let of = left.parts.map_or(String::new(), |parts| format!(" of {parts}"));
    let parts = left.parts.unwrap_or(left.parts_done) as u64;
    let noun = if parts == 1 { "part" } else { "parts" };
    let done = format!("{}{of} {noun} {} done", left.parts_done, be(left.parts_done as u64));
    if left.is_running {
        return format!("{name}: a run is at work here; {done}");
    }
    if left.is_publishing {
        return format!(
            "{name}: a run was stopped here while it put the finished dataset in place; the same `ossicle \
             extract` finishes that"
        );
    }
    if let (Some(ledger), 0) = (&left.ledger, left.parts_done) {
        let ledger = printable(ledger);
        return format!(
            "{name}: a run ended here and stored nothing; why utterances failed is in {ledger}"
        );
    }
    let failed = left.ledger.as_ref().map_or(String::new(), |ledger| {
        format!("; why utterances failed is in {}", printable(ledger))
    });
    format!(
        "{name}: a run was stopped here; {done}, and the same `ossicle extract` goes on from there{failed}"
    )
}

/// What a quick dry run does not know.
pub(crate) const NOT_LOOKED_AT: &str = "a few headers were looked at: --dry-run looks at all, and at alignments, and says which would fail";

/// How a run would end that cannot come to its end, as a dry run tells it.
///
/// - `stored`: how many utterances would be stored
/// - `advise`, `option`: the words of whoever is told
pub(crate) fn dry_run_ends(
    estimate: &Estimate,
    stored: u64,
    fits: bool,
    (max_failures, keep_going): (Option<Tolerance>, bool),
    advise: &dyn Fn(&Advice) -> String,
    option: &dyn Fn(&str) -> String,
) -> Option<String> {
    let failures = estimate.unreadable.len() as u64;
    if !fits {
        return Some(format!(
            "the run would be refused: {}",
            advise(&Advice::MakeRoom { begun: false })
        ));
    }
    if stored == 0 {
        return Some("the run would store nothing, and publish nothing".to_owned());
    }
    if let Some(most) = max_failures.filter(|most| !most.allows(failures, stored + failures)) {
        return Some(format!(
            "the run would stop: {} {} more than {} {most} allows",
            counted(failures, "failure"),
            be(failures),
            option("max-failures")
        ));
    }
    if let Some(from) = &estimate.nothing_to_normalise_by {
        let all = Advice::Set { key: "normalize.stats_from".into(), value: "all".into() };
        return Some(format!(
            "the run would stop: there is nothing to normalise by, as no utterance of {from:?} would be stored; \
             {}",
            advise(&all)
        ));
    }
    let (first, row) = estimate.first_fail_alike.as_ref().filter(|_| !keep_going)?;
    Some(format!(
        "the run would stop, as its first {} would all fail for the same reason ({}); {}",
        counted(*first, "utterance"),
        row.cause,
        advise(&Advice::KeepGoing)
    ))
}
