//! The number of columns.

use serde_json::Value;

use crate::change::{Assignment, Change};
use crate::hypotheses::evidence::{Evidence, keys};

/// Changes of the recipe that make as many columns as the target has.
pub(super) fn list(evidence: &Evidence<'_>, changes: &mut Vec<Change>) {
    if evidence.base.columns != evidence.target.columns {
        columns(evidence, changes);
    } else {
        fewer_rows(evidence, changes);
    }
    if evidence.has_table("splice") {
        for (key, words) in
            [("splice.at", ["before", "after"]), ("splice.last", ["drop", "repeat"])]
        {
            changes.extend(words.map(|word| keys(&[(key, word)])));
        }
    }
}

/// Each so many rows alone, where there are about so many times fewer.
fn fewer_rows(evidence: &Evidence<'_>, changes: &mut Vec<Change>) {
    let (has, wanted) = (evidence.base.rows as f64, evidence.target.rows as f64);
    let every = (has / wanted.max(1.0)).round() as u64;
    if every < 2 || evidence.has_table("splice") {
        return;
    }
    let every = every.to_string();
    let alone = [("splice.left", "0"), ("splice.right", "0"), ("splice.every", &every)];
    for last in ["drop", "repeat"] {
        let last = [("splice.last", last)];
        changes.push(keys(&[&alone[..], &last].concat()));
    }
}

/// Changes of keys that make so many columns: cepstra or bins, times deltas, times rows side by side.
fn columns(evidence: &Evidence<'_>, changes: &mut Vec<Change>) {
    let wanted = evidence.target.columns;
    let has = match evidence.recipe.feature_configs(evidence.sample_rate_hz).first() {
        Some(config) => config.dim(),
        None => return,
    };
    let count_key = match evidence.kind() {
        "mfcc" | "plp" => "num_ceps",
        "mel" => "num_mel_bins",
        _ => "num_columns",
    };
    for stacked in [1usize, 2, 3, 4, 5, 6, 7, 9, 11] {
        for order in 0..=2usize {
            let Some(base) = exact_quotient(wanted, stacked * (order + 1)) else { continue };
            if base == 0 || base > 512 || (base != has && stacked > 1) {
                continue;
            }
            let mut own: Vec<Assignment> = Vec::new();
            if base != has {
                own.push(evidence.of(count_key, base.to_string()));
            }
            match (order, evidence.has_table("deltas")) {
                (0, false) => {}
                (0, true) => own.push(Assignment::new("deltas", "")),
                (order, _) => own.push(Assignment::new("deltas.order", order.to_string())),
            }
            if stacked == 1 {
                push(&own, changes);
                more_bins(evidence, &own, base, changes);
                if order > 0 {
                    other_deltas(&own, changes);
                }
                continue;
            }
            spliced(&own, stacked, changes);
        }
    }
    if evidence.has_table("splice") {
        changes.push(keys(&[("splice", "")]));
    }
}

/// More cepstra than there are filters need more of those.
fn more_bins(
    evidence: &Evidence<'_>,
    own: &[Assignment],
    cepstra: usize,
    changes: &mut Vec<Change>,
) {
    let has = evidence.of_feature("num_mel_bins").and_then(Value::as_u64).unwrap_or_default();
    if !matches!(evidence.kind(), "mfcc" | "plp") || cepstra as u64 <= has {
        return;
    }
    for bins in [cepstra, 40, 64, 80, 128].into_iter().filter(|&bins| bins >= cepstra) {
        let bins = evidence.of("num_mel_bins", bins.to_string());
        let all = own.iter().cloned().chain([bins]);
        changes.push(Change::Keys(all.clone().collect()));
        // The energy is what Kaldi's recipes of many cepstra leave out.
        let without = evidence.of("use_energy", "false");
        changes.push(Change::Keys(all.chain([without]).collect()));
    }
}

/// Deltas of other conventions, over other windows.
fn other_deltas(own: &[Assignment], changes: &mut Vec<Change>) {
    for convention in ["htk", "kaldi", "savitzky-golay"] {
        for window in ["1", "2", "3", "4"] {
            let mut all = own.to_vec();
            if convention != "htk" {
                all.push(Assignment::new("deltas.convention", convention));
            }
            if window != "2" {
                all.push(Assignment::new("deltas.window", window));
            }
            push(&all, changes);
        }
    }
}

/// Rows side by side, as Kaldi splices them and as low frame rates have them.
fn spliced(own: &[Assignment], stacked: usize, changes: &mut Vec<Change>) {
    let splice = |left: usize, every: usize, last: &str| {
        let mut all = own.to_vec();
        all.push(Assignment::new("splice.left", left.to_string()));
        all.push(Assignment::new("splice.right", (stacked - 1 - left).to_string()));
        if every > 1 {
            all.push(Assignment::new("splice.every", every.to_string()));
            all.push(Assignment::new("splice.last", last));
        }
        Change::Keys(all)
    };
    changes.extend((0..stacked).map(|left| splice(left, 1, "")));
    if stacked % 2 == 1 {
        changes.push(splice(stacked / 2, stacked - 1, "repeat"));
    }
    for last in ["drop", "repeat"] {
        changes.push(splice(0, stacked, last));
    }
}

fn push(own: &[Assignment], changes: &mut Vec<Change>) {
    if !own.is_empty() {
        changes.push(Change::Keys(own.to_vec()));
    }
}

fn exact_quotient(of: usize, by: usize) -> Option<usize> {
    of.is_multiple_of(by).then(|| of / by)
}
