//! What an update of a dataset comes to, as programs read it.

use ossicle_engine::UpdateCounts;
use serde_json::json;

use crate::extract_args::ExtractArgs;

/// Adds what an update comes to, where one was asked for: null if there is nothing to update.
pub(crate) fn tell_update(
    object: &mut serde_json::Value,
    args: &ExtractArgs,
    update: Option<&UpdateCounts>,
) {
    if args.update {
        object["update"] = update.map(update_json).into();
    }
}

/// What an update comes to, as programs read it. The keys are always there.
fn update_json(counts: &UpdateCounts) -> serde_json::Value {
    let again = counts.computed_again.iter();
    let again = again.map(|(why, count)| json!({"reason": why, "utterances": count}));
    json!({
        "new": counts.new,
        "changed": counts.changed,
        "vanished": counts.vanished,
        "from_dataset": counts.from_dataset,
        "from_parts": counts.from_parts,
        "still_failed": counts.still_failed,
        "computed": counts.computed(),
        "computed_again": again.collect::<Vec<_>>(),
    })
}
