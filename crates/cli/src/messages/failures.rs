//! Why utterances failed, one by one and counted.

use ossicle_dataset::FailureRow;
use ossicle_engine::{Advice, Cause, CauseCount};

use ossicle_files::visible;

use super::advice::advice;

/// Tells what to do, in the words of whoever is told.
type Advise<'a> = &'a dyn Fn(&Advice) -> String;

/// Tells what is wrong with an utterance, and what to do about it.
pub(crate) fn failure(row: &FailureRow, advise: Advise<'_>) -> String {
    // A ledger may be somebody else's.
    let error = visible(&row.error);
    match Cause::named(&row.cause).and_then(Cause::advice) {
        // Not just any rate, and only if it is everybody's.
        Some(Advice::Set { key, value }) if value == "HZ" => {
            let set = advise(&Advice::Set { key, value });
            format!("{error}; {set} if all recordings have that rate")
        }
        Some(kind) => format!("{error}; {}", advise(&kind)),
        None if row.cause == Cause::MissingAlignment.as_str() => {
            format!("there is no .PHN file beside {}", visible(&row.source))
        }
        None => error,
    }
}

/// Tells that a recording has another sample rate than the recipe's, and what to do about it.
pub(crate) fn other_rate(found_hz: u32, wanted_hz: u32) -> String {
    let does =
        Cause::WrongRate.advice().map_or(String::new(), |does| format!("; {}", advice(&does)));
    format!("the sample rate is {found_hz} Hz; the recipe's is {wanted_hz} Hz{does}")
}

/// How many utterances failed for a reason, with the first of them and what to do about it.
pub(crate) fn cause(of: &CauseCount, advise: Advise<'_>) -> String {
    let CauseCount { cause, count, first } = of;
    format!("{count} {}, as {}: {}", cause_word(cause), visible(&first.id), failure(first, advise))
}

/// The word for a reason; ledgers of earlier versions have none.
fn cause_word(cause: &str) -> &str {
    if cause.is_empty() { "without a word for why" } else { cause }
}

/// Says that failures for a reason are no longer shown one by one.
pub(crate) fn more_failures(cause: &str) -> String {
    format!("more that are {} are counted and not shown; the ledger lists all", cause_word(cause))
}

/// Says how many failures for a reason were not shown.
pub(crate) fn failures_not_shown(cause: &str, count: u64) -> String {
    let have = if count == 1 { "utterance has" } else { "utterances have" };
    format!("{count} more {have} failed: {}", cause_word(cause))
}

/// How many utterances failed for a reason, as programs read it.
pub(crate) fn cause_json(of: &CauseCount, advise: Advise<'_>) -> serde_json::Value {
    let text = failure(&of.first, advise);
    serde_json::json!({"cause": of.cause, "count": of.count, "first": of.first.id, "text": text})
}
