//! ELAN's annotations (`.eaf`).
//!
//! Of "EAF annotation format" (Max Planck Institute for Psycholinguistics, version 3.0): annotations refer
//! to time slots in milliseconds, some of which have no time, or to annotations of a parent tier. Slots
//! without a time lie between their neighbours' at equal distances, and so do the annotations that divide a
//! parent's time.

mod document;

use std::collections::HashMap;

use self::document::{Annotation, Document, Refers};
use crate::labels::{
    alignment::{Alignment, Mark, Tier},
    alignment_error::AlignmentError,
    time_unit::TimeUnit,
};

/// The most tiers that may stand above a tier.
const MOST_PARENTS: usize = 64;

/// Reads a document.
///
/// # Errors
/// Malformed XML, entities of the document's own, another unit than milliseconds, a reference to what is
/// not there.
pub(super) fn parse(text: &str) -> Result<Alignment, AlignmentError> {
    let document = Document::read(text)?;
    let mut times: HashMap<&str, (u64, u64)> = HashMap::new();
    for tier in &document.tiers {
        align(&document, &tier.annotations, &mut times)?;
    }
    // Parents may stand behind their children; each round settles those whose parents are settled.
    for _ in 0..MOST_PARENTS {
        let before = times.len();
        for tier in &document.tiers {
            refer(&tier.annotations, &mut times);
        }
        if times.len() == before {
            break;
        }
    }
    let mut tiers = Vec::with_capacity(document.tiers.len());
    for tier in &document.tiers {
        let mut marks = Vec::with_capacity(tier.annotations.len());
        for annotation in &tier.annotations {
            let Some(&(start, end)) = times.get(&*annotation.id) else {
                return Err(annotation.wrong("a reference to an annotation with a time"));
            };
            let label = annotation.value.trim().into();
            marks.push(Mark { start, end, label, line: annotation.mark_line() });
        }
        tiers.push(Tier::of_intervals(tier.name.trim(), marks));
    }
    Ok(Alignment::new(TimeUnit::Nanoseconds, tiers))
}

/// Finds the times of annotations that refer to slots.
fn align<'a>(
    document: &'a Document,
    annotations: &'a [Annotation],
    times: &mut HashMap<&'a str, (u64, u64)>,
) -> Result<(), AlignmentError> {
    let slot = |annotation: &Annotation, id: &str| {
        let known = document.slots.get(id).copied();
        known.ok_or_else(|| annotation.wrong("a reference to a time slot"))
    };
    let mut by_start: HashMap<&str, &Annotation> = HashMap::new();
    for annotation in annotations {
        if let Refers::Slots(start, _) = &annotation.refers {
            by_start.insert(start, annotation);
        }
    }
    for annotation in annotations {
        let Refers::Slots(first, last) = &annotation.refers else { continue };
        // Those that begin at slots without a time follow one that begins at one with a time.
        let Some(start) = slot(annotation, first)? else { continue };
        let mut chain = vec![annotation];
        let mut end = (last, slot(annotation, last)?);
        while end.1.is_none() && chain.len() <= annotations.len() {
            let Some(next) = by_start.get(&**end.0) else { break };
            let Refers::Slots(_, last) = &next.refers else { break };
            chain.push(next);
            end = (last, slot(next, last)?);
        }
        let Some(end) = end.1 else {
            return Err(annotation.wrong("a time at the end of its slots"));
        };
        if end < start {
            let (line, unit) = (annotation.line, TimeUnit::Nanoseconds);
            return Err(AlignmentError::Backwards { line, unit, start, end });
        }
        divide(&chain, (start, end), times);
    }
    Ok(())
}

/// Finds the times of annotations that refer to others, as far as these have one.
fn refer<'a>(annotations: &'a [Annotation], times: &mut HashMap<&'a str, (u64, u64)>) {
    // The annotations of one parent, each with the one it follows.
    let mut of_parent: HashMap<&str, Vec<(&Annotation, Option<&str>)>> = HashMap::new();
    for annotation in annotations {
        if let Refers::Annotation { parent, previous } = &annotation.refers
            && !times.contains_key(&*annotation.id)
        {
            of_parent.entry(parent).or_default().push((annotation, previous.as_deref()));
        }
    }
    for (parent, own) in of_parent {
        let Some(&time) = times.get(parent) else { continue };
        let next: HashMap<Option<&str>, &Annotation> =
            own.iter().map(|&(annotation, previous)| (previous, annotation)).collect();
        let mut chain = Vec::with_capacity(own.len());
        let mut at = None;
        while let Some(&annotation) = next.get(&at)
            && chain.len() < own.len()
        {
            chain.push(annotation);
            at = Some(&*annotation.id);
        }
        // Several that follow none, as some programs write, come in the order of the file.
        if chain.len() < own.len() {
            chain = own.iter().map(|&(annotation, _)| annotation).collect();
        }
        divide(&chain, time, times);
    }
}

/// Divides a time among annotations, equally.
fn divide<'a>(
    chain: &[&'a Annotation],
    (start, end): (u64, u64),
    times: &mut HashMap<&'a str, (u64, u64)>,
) {
    let count = chain.len().max(1) as u128;
    let at = |number: usize| {
        // Not above `end`, which is a u64.
        start + (u128::from(end - start) * number as u128 / count) as u64
    };
    for (number, annotation) in chain.iter().enumerate() {
        times.insert(&annotation.id, (at(number), at(number + 1)));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Names of tiers, and labels with their times.
    type Tiers = Vec<(String, Vec<(String, u64, u64)>)>;

    /// An annotation document by hand, of the elements that the format's schema has.
    fn eaf(tiers: &str) -> String {
        format!(
            "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<ANNOTATION_DOCUMENT FORMAT=\"3.0\">\n<HEADER \
             MEDIA_FILE=\"\" TIME_UNITS=\"milliseconds\"/>\n<TIME_ORDER>\n<TIME_SLOT TIME_SLOT_ID=\"t1\" \
             TIME_VALUE=\"100\"/>\n<TIME_SLOT TIME_SLOT_ID=\"t2\"/>\n<TIME_SLOT TIME_SLOT_ID=\"t3\"/>\n\
             <TIME_SLOT TIME_SLOT_ID=\"t4\" TIME_VALUE=\"400\"/>\n</TIME_ORDER>\n{tiers}\n\
             </ANNOTATION_DOCUMENT>\n"
        )
    }

    fn aligned(id: &str, start: &str, end: &str, value: &str) -> String {
        format!(
            "<ANNOTATION><ALIGNABLE_ANNOTATION ANNOTATION_ID=\"{id}\" TIME_SLOT_REF1=\"{start}\" \
             TIME_SLOT_REF2=\"{end}\"><ANNOTATION_VALUE>{value}</ANNOTATION_VALUE>\
             </ALIGNABLE_ANNOTATION></ANNOTATION>"
        )
    }

    fn referring(id: &str, parent: &str, previous: &str, value: &str) -> String {
        let previous = match previous {
            "" => String::new(),
            previous => format!(" PREVIOUS_ANNOTATION=\"{previous}\""),
        };
        format!(
            "<ANNOTATION><REF_ANNOTATION ANNOTATION_ID=\"{id}\" ANNOTATION_REF=\"{parent}\"{previous}>\
             <ANNOTATION_VALUE>{value}</ANNOTATION_VALUE></REF_ANNOTATION></ANNOTATION>"
        )
    }

    fn marks(text: &str) -> Tiers {
        let found = parse(text).unwrap();
        let of =
            |mark: &Mark| (mark.label.to_string(), mark.start / 1_000_000, mark.end / 1_000_000);
        let tiers = found.tiers.iter();
        tiers.map(|tier| (tier.name.clone(), tier.marks.iter().map(of).collect())).collect()
    }

    #[test]
    fn slots_without_a_time_and_referring_annotations_divide_what_there_is() {
        // The parent stands behind its child, and the child's annotations in another order.
        let child = referring("c2", "a1", "c1", "zwei") + &referring("c1", "a1", "", "eins");
        let text = eaf(&format!(
            "<TIER TIER_ID=\"gloss\" PARENT_REF=\"words\">{child}</TIER><TIER TIER_ID=\"words\">{}{}{}</TIER>",
            aligned("a2", "t2", "t3", "b &amp; &#99;"),
            aligned("a1", "t1", "t2", "a"),
            aligned("a3", "t3", "t4", "")
        ));
        let mark = |label: &str, start, end| (label.to_owned(), start, end);
        assert_eq!(
            marks(&text),
            [
                ("gloss".to_owned(), vec![mark("zwei", 150, 200), mark("eins", 100, 150)]),
                (
                    "words".to_owned(),
                    vec![mark("b & c", 200, 300), mark("a", 100, 200), mark("", 300, 400)]
                ),
            ]
        );
    }

    #[test]
    fn what_is_not_there_is_named_with_its_line() {
        for (tiers, expected) in [
            (
                aligned("a1", "t1", "t9", "a"),
                "line 10, column 1: expected a reference to a time slot, found the annotation `a1`",
            ),
            (
                aligned("a1", "t1", "t2", "a"),
                "line 10, column 1: expected a time at the end of its slots, found the annotation `a1`",
            ),
            (
                referring("c1", "c2", "", "a") + &referring("c2", "c1", "", "b"),
                "line 10, column 1: expected a reference to an annotation with a time, found the \
                 annotation `c1`",
            ),
        ] {
            let text = eaf(&format!("<TIER TIER_ID=\"x\">{tiers}</TIER>"));
            assert_eq!(parse(&text).unwrap_err().to_string(), expected);
        }
        let entity = "<!DOCTYPE a [<!ENTITY x \"y\">]>";
        let text = eaf(&format!("<TIER TIER_ID=\"x\">{}</TIER>", aligned("a1", "t1", "t4", "&x;")));
        let text = text.replacen("\n<ANN", &format!("\n{entity}\n<ANN"), 1);
        assert!(parse(&text).is_err(), "an entity of the document's own");
        let text = eaf("<TIER TIER_ID=\"x\">");
        assert!(parse(&text).is_err(), "an element that is not closed");
        let text = eaf("").replace("milliseconds", "PAL-frames");
        let error = parse(&text).unwrap_err().to_string();
        assert!(error.contains("PAL-frames"), "{error}");
    }
}
