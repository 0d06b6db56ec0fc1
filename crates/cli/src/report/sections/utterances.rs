//! The utterances: pictures of a few, and a list to sort and search.

use crate::messages;
use crate::report::contents::Report;
use crate::report::facts::Listed;
use crate::report::html::Html;
use crate::report::work::SlowUtterance;
use crate::words::{counted_round, short};

pub(super) fn pictures(html: &mut Html, report: &Report<'_>) {
    for picture in &report.pictures {
        html.quoted("h3", &[], &picture.name);
        html.drawn(&format!("Picture of {}", picture.name), &picture.svg);
    }
}

pub(super) fn utterances(html: &mut Html, report: &Report<'_>) {
    let facts = &report.facts;
    let row = |of: &Listed| {
        vec![
            of.id.clone(),
            of.split.clone(),
            format!("{:.2} s", of.duration_s),
            of.frames.to_string(),
        ]
    };
    let rows: Vec<_> = facts.longest.iter().map(row).collect();
    html.table("The longest utterances", &["id", "split", "duration", "frames"], &rows);
    slowest(html, report);
    let (listed, all) = (facts.listed.len() as u64, facts.utterances());
    html.element("h3", &[], "All of them");
    if listed < all {
        html.paragraph(&format!(
            "Of {}, {listed} are listed here, chosen by a seed; everything above is of all.",
            counted_round(all, "utterance"),
        ));
    }
    controls(html, report);
    html.scrolling("List of utterances", |html| list(html, &facts.listed));
    html.element("button", &[("type", "button"), ("id", "more"), ("hidden", "")], "Show more");
}

/// The utterances that took the longest to compute, where the run has written them down, or why they are not known.
fn slowest(html: &mut Html, report: &Report<'_>) {
    let row = |of: &SlowUtterance| {
        vec![of.id.clone(), of.split.clone(), format!("{:.1} ms", of.seconds * 1000.0)]
    };
    let rows: Vec<_> = report.work.slowest.iter().map(row).collect();
    if !rows.is_empty() {
        html.table(
            "The utterances that took the longest to compute",
            &["id", "split", "time"],
            &rows,
        );
    }
    match report.work.resumed {
        Some((resumed, parts)) if resumed > 0 => {
            html.paragraph(&messages::times_of_others(resumed, parts));
        }
        _ => {}
    }
}

/// What the script uses; without it, nothing is shown.
fn controls(html: &mut Html, report: &Report<'_>) {
    html.open("div", &[("class", "controls"), ("id", "utterance-controls"), ("hidden", "")]);
    html.open("label", &[("for", "search")]).text("Search");
    let attributes =
        [("id", "search"), ("type", "search"), ("autocomplete", "off"), ("spellcheck", "false")];
    html.open("input", &attributes).close("label");
    html.open("label", &[("for", "split")]).text("Split").open("select", &[("id", "split")]);
    html.element("option", &[("value", "")], "all");
    for split in &report.facts.splits {
        html.element("option", &[("value", &split.name)], &split.name);
    }
    html.close("select").close("label");
    html.element("p", &[("id", "shown"), ("class", "muted"), ("role", "status")], "");
    html.close("div");
}

fn list(html: &mut Html, listed: &[Listed]) {
    const HEAD: [(&str, &str); 7] = [
        ("id", "text"),
        ("split", "text"),
        ("speaker", "text"),
        ("duration, s", "number"),
        ("frames", "number"),
        ("rate, Hz", "number"),
        ("peak", "number"),
    ];
    const TEXT: (&str, &str) = ("text", "text");
    let has_text = listed.iter().any(|of| !of.text.is_empty());
    html.open("table", &[("id", "utterance-table")]).element("caption", &[], "Utterances");
    html.open("thead", &[]).open("tr", &[]);
    for (name, kind) in HEAD.into_iter().chain(has_text.then_some(TEXT)) {
        html.element("th", &[("scope", "col"), ("class", kind)], name);
    }
    html.close("tr").close("thead").open("tbody", &[]);
    for of in listed {
        html.open("tr", &[("data-split", &of.split)]);
        html.quoted("th", &[("scope", "row")], &of.id);
        html.quoted("td", &[("class", "text")], &of.split).quoted(
            "td",
            &[("class", "text")],
            &of.speaker,
        );
        let mut number = |value: String, shown: String| {
            html.element("td", &[("class", "number"), ("data-value", &value)], &shown);
        };
        number(of.duration_s.to_string(), format!("{:.2}", of.duration_s));
        number(of.frames.to_string(), of.frames.to_string());
        number(of.rate_hz.to_string(), of.rate_hz.to_string());
        match of.peak {
            Some(peak) => number(peak.to_string(), short(peak.into())),
            None => number("NaN".to_owned(), "–".to_owned()),
        }
        if has_text {
            html.quoted("td", &[("class", "text transcript")], &of.text);
        }
        html.close("tr");
    }
    html.close("tbody").close("table");
}
