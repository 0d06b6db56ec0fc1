//! Utterances made of the labels of a tier: each is a stretch of a long recording, as an interview's turns
//! are.

use std::path::Path;

use ossicle_files::printable;
use serde_json::Value;

use crate::{
    corpus::Corpus,
    error::Error,
    extra::{Column, Extra},
    labels::{Alignment, Mark, Of, Pattern, TimeUnit},
    left_out::{Reason, Reasons},
    readers::{At, Faults, span_in_words},
    span::Span,
    utterance::Utterance,
};

/// The column that the label of a stretch becomes.
const TEXT: &str = "text";

/// Makes an utterance of each label of a tier that is not empty. Its id is that of the recording with the
/// stretch behind it, and its label is its text. Recordings without an alignment are left out.
///
/// # Errors
/// An alignment that cannot be read or has no such tier; an utterance that is a segment already; two labels
/// of one stretch.
pub(crate) fn segment(corpus: &mut Corpus, tier: &Pattern) -> Result<(), Error> {
    let (mut faults, mut reasons) = (Faults::default(), Reasons::default());
    reasons.merge(&corpus.left_out_because);
    for split in &mut corpus.splits {
        let mut segments = Vec::new();
        for recording in std::mem::take(&mut split.utterances) {
            if recording.alignment.is_none() {
                reasons.add(Reason::NoAlignment, &recording.id);
                split.left_out += 1;
                corpus.left_out += 1;
                continue;
            }
            let file = printable(&recording.source);
            let at = At { file: &file, line: 0, column: 0 };
            match of_recording(&recording, &split.root, tier) {
                Ok(own) => segments.extend(own),
                Err(what) => faults.add(at, "recordings without segments", || what),
            }
        }
        segments.sort_unstable_by(|a, b| a.id.cmp(&b.id));
        if let Some([a, b]) = segments.array_windows().find(|[a, b]| a.id == b.id) {
            let place = |it: &Utterance| printable(&it.source);
            let id = a.id.to_string();
            return Err(Error::DuplicateId { id, first: place(a), second: place(b) });
        }
        split.utterances = segments;
    }
    corpus.left_out_because = reasons.into_list();
    faults.check(&format!("the tier `{tier}`"))?;
    match corpus.splits.iter().all(|split| split.utterances.is_empty()) {
        true => Err(Error::NoSegments { tier: tier.to_string() }),
        false => Ok(()),
    }
}

/// The segments of a recording.
fn of_recording(
    recording: &Utterance,
    root: &Path,
    tier: &Pattern,
) -> Result<Vec<Utterance>, String> {
    if recording.span().is_some() {
        return Err("it is a segment already, and makes none".to_owned());
    }
    let stem = recording.source.file_stem().unwrap_or_default().to_string_lossy().into_owned();
    let names = [&*recording.id, &*stem];
    let of = Of { names: &names, channel: recording.channel() };
    let mut missing = "its alignment has no files".to_owned();
    for part in recording.alignment.iter().flat_map(|source| source.parts()) {
        let told = |error: &dyn std::error::Error| match error.source() {
            Some(source) => format!("{}: {error}: {source}", part.shown()),
            None => format!("{}: {error}", part.shown()),
        };
        let alignment = part.read(root, of).map_err(|error| told(&error))?;
        match alignment.tier(tier) {
            Ok(marks) => return of_marks(recording, &alignment, marks),
            Err(error) => missing = told(&error),
        }
    }
    Err(missing)
}

fn of_marks(
    recording: &Utterance,
    alignment: &Alignment,
    marks: Vec<&Mark>,
) -> Result<Vec<Utterance>, String> {
    let mut segments = Vec::with_capacity(marks.len());
    for mark in marks.into_iter().filter(|mark| mark.start < mark.end) {
        let (start, end) = (mark.start, Some(mark.end));
        let span = match alignment.unit {
            TimeUnit::Samples => Span::Samples { start, end },
            TimeUnit::Nanoseconds => Span::Nanoseconds { start, end },
        };
        // The recording's own text is of all of it.
        let all = recording.columns.unpacked();
        let own = all.iter().filter(|column| column.name() != TEXT);
        let own = own.map(|column| (column.name().to_owned(), column.value().clone()));
        let columns = own.chain([(TEXT.to_owned(), Value::from(&*mark.label))]);
        let columns = Column::all(columns).map_err(|error| error.to_string())?;
        let extra = Extra::of(Some(span), recording.channel(), None);
        let id = format!("{}_{}", recording.id, span_in_words(span)).into();
        segments.push(Utterance { id, columns, extra, ..recording.clone() });
    }
    Ok(segments)
}
