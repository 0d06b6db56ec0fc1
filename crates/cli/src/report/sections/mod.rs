//! The sections of a report.

mod data;
mod inside;
mod utterances;

use ossicle_engine::size;

use crate::report::contents::Report;
use crate::report::html::Html;
use crate::words::{counted_round, duration};

/// A section: its anchor, its heading, and what writes it; it is left out where there is nothing to say.
struct Section {
    id: &'static str,
    heading: &'static str,
    write: fn(&mut Html, &Report<'_>),
    is_there: fn(&Report<'_>) -> bool,
}

/// All sections, in the order of the page.
const SECTIONS: [Section; 10] = [
    Section {
        id: "recipe",
        heading: "What was computed",
        write: inside::recipe,
        is_there: |_| true,
    },
    Section { id: "splits", heading: "Splits", write: data::splits, is_there: |_| true },
    Section {
        id: "columns",
        heading: "Columns",
        write: inside::columns,
        is_there: |report| !report.arrays.is_empty(),
    },
    Section {
        id: "labels",
        heading: "Labels",
        write: inside::labels,
        is_there: |report| !report.facts.tiers.is_empty() || !report.facts.crowded_tiers.is_empty(),
    },
    Section {
        id: "levels",
        heading: "Levels",
        write: data::levels,
        is_there: |report| report.facts.levels.known > 0,
    },
    Section { id: "failures", heading: "Failures", write: data::failures, is_there: |_| true },
    Section {
        id: "pictures",
        heading: "Pictures",
        write: utterances::pictures,
        is_there: |report| !report.pictures.is_empty(),
    },
    Section {
        id: "utterances",
        heading: "Utterances",
        write: utterances::utterances,
        is_there: |report| !report.facts.listed.is_empty(),
    },
    Section { id: "reading", heading: "Size and speed", write: data::reading, is_there: |_| true },
    Section {
        id: "loading",
        heading: "How to load it",
        write: inside::loading,
        is_there: |_| true,
    },
];

/// Writes the head of the page: what it is about, in a few numbers, and where what is.
pub(crate) fn beginning(html: &mut Html, report: &Report<'_>) {
    let facts = &report.facts;
    html.open("header", &[]).quoted("h1", &[], &report.name);
    let kind = &report.card.corpus.kind;
    html.paragraph(&format!(
        "A dataset by ossicle {}, of a corpus read as a {kind}.",
        report.card.ossicle
    ));
    let speakers: usize = facts.splits.iter().map(|split| split.speakers).sum();
    let failures: u64 = facts.splits.iter().map(|split| split.failures).sum();
    let frames: u64 = facts.splits.iter().map(|split| split.frames).sum();
    let bytes = report.card.files.iter().map(|file| file.bytes).sum();
    let number = |count: u64| counted_round(count, "");
    let mut numbers = vec![
        ("utterances", number(facts.utterances())),
        ("duration", duration(facts.duration_s())),
        ("frames", number(frames)),
        ("on disk", size(bytes)),
        ("failed", number(failures)),
    ];
    if speakers > 0 {
        numbers.insert(2, ("speakers", number(speakers as u64)));
    }
    html.open("dl", &[("class", "facts")]);
    for (name, value) in numbers {
        html.open("div", &[]).element("dt", &[], name).element("dd", &[], &value).close("div");
    }
    html.close("dl");
    html.open("nav", &[("aria-label", "Sections")]).open("ul", &[]);
    for section in SECTIONS.iter().filter(|section| (section.is_there)(report)) {
        let target = format!("#{}", section.id);
        html.open("li", &[]).element("a", &[("href", &target)], section.heading).close("li");
    }
    html.close("ul").close("nav").close("header");
}

pub(crate) fn all(html: &mut Html, report: &Report<'_>) {
    for section in SECTIONS.iter().filter(|section| (section.is_there)(report)) {
        let heading = format!("{}-heading", section.id);
        html.open("section", &[("id", section.id), ("aria-labelledby", &heading)]);
        html.element("h2", &[("id", &heading)], section.heading);
        (section.write)(html, report);
        html.close("section");
    }
}

pub(crate) fn end(html: &mut Html, report: &Report<'_>) {
    html.open("footer", &[]);
    html.paragraph(&format!(
        "Job {}. This page is one file; it loads nothing and sends nothing.",
        report.card.job
    ));
    html.close("footer");
}
