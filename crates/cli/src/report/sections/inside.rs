//! What was computed, of which columns and labels, and how it is loaded.

use ossicle_dataset::Unit;
use ossicle_engine::counted;
use ossicle_recipe::Recipe;

use crate::messages;
use crate::presets::first_sentence;
use crate::report::charts;
use crate::report::columns::ArrayFacts;
use crate::report::contents::Report;
use crate::report::facts::MOST_LABELS;
use crate::report::html::Html;
use crate::words::{counted_round, signed};

/// The most keys, labels and arrays that are told.
const MOST_KEYS: usize = 40;
const MOST_BARS: usize = 40;
const MOST_CHARTS: usize = 4;

pub(super) fn recipe(html: &mut Html, report: &Report<'_>) {
    let card = report.card;
    match &report.likeness {
        Some(of) if of.differences.is_empty() => {
            html.paragraph(&format!("The recipe equals the preset {}.", of.preset));
            of_preset(html, &of.preset);
        }
        Some(of) => {
            html.paragraph(&format!(
                "The recipe equals no preset. It comes nearest to {}, from which it differs in:",
                of.preset
            ));
            of_preset(html, &of.preset);
            let row = |(key, theirs, ours): &(String, String, String)| {
                vec![key.clone(), theirs.clone(), ours.clone()]
            };
            let rows: Vec<_> = of.differences.iter().take(MOST_KEYS).map(row).collect();
            html.table("Keys with other values", &["key", &of.preset, "here"], &rows);
            if of.differences.len() > MOST_KEYS {
                html.paragraph(&format!(
                    "… and {}.",
                    counted((of.differences.len() - MOST_KEYS) as u64, "more key")
                ));
            }
        }
        None => {
            html.paragraph(messages::RECIPE_OF_ANOTHER_VERSION);
        }
    }
    let row = |(name, array): (&String, &ossicle_dataset::Array)| {
        let dtype = format!("{:?}", array.dtype).to_lowercase();
        let frame = array.frame.as_ref().unwrap_or(&card.frame);
        let unit = match array.unit {
            Unit::Frame => "frame",
            Unit::Sample => "sample",
            Unit::Event => "event",
            _ => "row",
        };
        let ms = |samples: Option<u64>| match (samples, frame.sample_rate_hz) {
            (Some(samples), Some(rate)) if rate > 0 && array.unit == Unit::Frame => {
                format!("{} ms", 1000.0 * samples as f64 / f64::from(rate))
            }
            _ => "–".to_owned(),
        };
        let of = card.normalization.get(name).map_or("–".to_owned(), |of| of.stats_from.clone());
        vec![
            name.clone(),
            dtype,
            array.columns.max(1).to_string(),
            unit.to_owned(),
            ms(frame.length),
            ms(frame.shift),
            of,
        ]
    };
    let rows: Vec<_> = card.arrays.iter().map(row).collect();
    let head = ["array", "type", "columns", "a row is a", "frame", "every", "normalised by"];
    html.table("The arrays", &head, &rows);
}

/// Says what a preset computes.
fn of_preset(html: &mut Html, name: &str) {
    if let Ok(preset) = Recipe::preset(name) {
        html.element("p", &[("class", "muted")], &format!("{name}: {}.", first_sentence(preset)));
    }
}

pub(super) fn columns(html: &mut Html, report: &Report<'_>) {
    let drifts: Vec<_> = report.arrays.iter().flat_map(ArrayFacts::drifts).collect();
    let largest = drifts.iter().max_by(|a, b| a.deviations.abs().total_cmp(&b.deviations.abs()));
    if let Some(drift) = largest {
        let first = report.arrays.first().and_then(|array| array.splits.first());
        let first = first.map_or("the first split", |(name, _)| name.as_str());
        let text = format!(
            "The largest drift: {} of {} in {}, whose mean is {} standard deviations from that in {first}.",
            drift.column,
            drift.array,
            drift.split,
            signed(drift.deviations, 2)
        );
        let class = if drift.deviations.abs() > 0.5 { "warn" } else { "muted" };
        html.element("p", &[("class", class)], &text);
        if drift.deviations.abs() > 0.5 {
            html.paragraph(messages::DRIFT);
        }
    }
    if drifts.len() > 1 {
        let row = |of: &crate::report::columns::Drift| {
            vec![of.split.clone(), of.array.clone(), of.column.clone(), signed(of.deviations, 3)]
        };
        let rows: Vec<_> = drifts.iter().map(row).collect();
        let head = ["split", "array", "column", "standard deviations"];
        html.table("The column that drifts most in each split", &head, &rows);
    }
    for array in report.arrays.iter().take(MOST_CHARTS) {
        if let Some(svg) = charts::columns(array) {
            html.drawn(&format!("Means of the columns of {}", array.name), &svg);
        }
    }
}

pub(super) fn labels(html: &mut Html, report: &Report<'_>) {
    for (tier, counts) in report.facts.tiers.iter().take(MOST_CHARTS) {
        let mut counts: Vec<(&str, u64)> =
            counts.iter().map(|(label, &count)| (label.as_str(), count)).collect();
        counts.sort_by_key(|&(label, count)| (std::cmp::Reverse(count), label));
        let total: u64 = counts.iter().map(|(_, count)| count).sum();
        html.quoted("h3", &[], tier);
        let shown = match counts.len() > MOST_BARS {
            true => format!("; the {MOST_BARS} most frequent are drawn"),
            false => String::new(),
        };
        html.paragraph(&format!(
            "{}, of which {} different{shown}.",
            counted_round(total, "label"),
            match counts.len() {
                1 => "1 is".to_owned(),
                n => format!("{} are", counted_round(n as u64, "")),
            }
        ));
        html.drawn(
            &format!("Labels of {tier}"),
            &charts::labels(tier, &counts[..counts.len().min(MOST_BARS)]),
        );
        let rows: Vec<_> = counts
            .iter()
            .map(|(label, count)| {
                vec![
                    (*label).to_owned(),
                    counted_round(*count, ""),
                    format!("{:.2} %", 100.0 * *count as f64 / total.max(1) as f64),
                ]
            })
            .collect();
        html.open("details", &[]).element("summary", &[], "As a table");
        html.table(&format!("Labels of {tier}"), &["label", "times", "share"], &rows)
            .close("details");
    }
    for tier in &report.facts.crowded_tiers {
        html.paragraph(&format!(
            "{tier} has more than {MOST_LABELS} different labels, which are not counted."
        ));
    }
}

pub(super) fn loading(html: &mut Html, report: &Report<'_>) {
    let folder = serde_json::Value::from(report.folder.as_str()).to_string();
    let split = report.card.splits.first().map_or("train", |split| split.name.as_str());
    let split_word = serde_json::Value::from(split).to_string();
    let array = report.card.arrays.iter().find(|(_, array)| array.columns > 0);
    let array = array.map_or("features", |(name, _)| name.as_str());
    let array_word = serde_json::Value::from(array).to_string();
    html.element("h3", &[], "In Python");
    let python = format!(
        "import ossicle\n\ndataset = ossicle.open({folder})\nutterance = dataset[{split_word}][0]\n\
         print(utterance.id, utterance[{array_word}].shape)"
    );
    html.code(&python);
    html.element("h3", &[], "In PyTorch");
    let torch = format!(
        "from torch.utils.data import DataLoader\n\n\
         frames = dataset[{split_word}].torch(mode=\"frames\", context=5)\n\
         for batch in DataLoader(frames, batch_size=None):\n    …"
    );
    html.code(&torch);
    html.element("h3", &[], "With NumPy alone");
    let numpy = format!(
        "import numpy as np\n\nrows = np.load({}, mmap_mode=\"r\")\n\
         shard, first, count = np.load({})[0]  # of the first utterance\nprint(rows[first : first + count])",
        serde_json::Value::from(format!("{}/{split}/{array}-00000.npy", report.folder)),
        serde_json::Value::from(format!("{}/{split}/index.npy", report.folder)),
    );
    html.code(&numpy);
}
