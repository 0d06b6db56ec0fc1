//! The alignments of supervisions: a list of labels for each kind, as `word`.
//!
//! An item is written by lhotse 1.33 as `[symbol, start, duration, score]`. Its times are those of the
//! recording, in cuts too: cutting moves a supervision (`SupervisionSegment.with_offset`) and leaves its
//! alignment as it is.

use serde_json::Value;

use crate::{
    labels::{Alignment, Mark, Tier, TimeUnit},
    readers::{
        faults::{At, Faults},
        objects::kind,
        seconds::nanoseconds,
    },
};

/// Returns whether a supervision has an alignment.
pub(super) fn has_alignment(supervision: &Value) -> bool {
    supervision.get("alignment").is_some_and(|it| !it.is_null())
}

/// Returns what supervisions say of when what is said; none where they say nothing.
pub(super) fn alignment(
    supervisions: &[Value],
    at: At<'_>,
    faults: &mut Faults,
) -> Option<Box<Alignment>> {
    let mut tiers: Vec<Tier> = Vec::new();
    for supervision in supervisions.iter().filter(|it| has_alignment(it)) {
        let Some(Value::Object(kinds)) = supervision.get("alignment") else {
            let found = supervision.get("alignment").map_or("nothing".into(), kind);
            wrong(at, faults, &format!("expected an object in `alignment`, found {found}"));
            continue;
        };
        for (name, items) in kinds {
            let Some(items) = items.as_array() else {
                wrong(at, faults, &format!("expected a list in `{name}`, found {}", kind(items)));
                continue;
            };
            let place = tiers.iter().position(|tier| tier.name == *name).unwrap_or_else(|| {
                tiers.push(Tier { name: name.clone(), is_points: false, marks: Vec::new() });
                tiers.len() - 1
            });
            for item in items {
                match mark(item, at) {
                    Some(mark) => tiers[place].marks.push(mark),
                    None => wrong(
                        at,
                        faults,
                        &format!(
                            "expected `[symbol, start, duration]` with times in seconds in `{name}`, found {item}"
                        ),
                    ),
                }
            }
        }
    }
    (!tiers.is_empty()).then(|| {
        Box::new(Alignment { unit: TimeUnit::Nanoseconds, end: None, tiers, is_latin1: false })
    })
}

fn wrong(at: At<'_>, faults: &mut Faults, what: &str) {
    faults.add(at, "alignments that are none", || what.to_owned());
}

fn mark(item: &Value, at: At<'_>) -> Option<Mark> {
    let [symbol, start, duration, ..] = &item.as_array()?[..] else { return None };
    let time = |value: &Value| match value {
        Value::Number(number) => nanoseconds(&number.to_string()),
        _ => None,
    };
    let start = time(start)?;
    let end = start.checked_add(time(duration)?)?;
    let line = u32::try_from(at.line).unwrap_or(u32::MAX);
    Some(Mark { start, end, label: symbol.as_str()?.trim().into(), line })
}
