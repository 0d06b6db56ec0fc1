//! The stretches of recordings that are utterances.

use std::path::Path;

use ossicle_files::{percent_escaped, printable};

use super::{
    line::{Line, each_line},
    listing::Listing,
};
use crate::{
    error::Error,
    extra::{Column, Extra},
    names::shown,
    readers::{faults::Faults, rows::Row, seconds::nanoseconds},
    span::Span,
};

/// Reads the list of stretches, and returns it with what people should know of it.
pub(super) fn read(
    path: &Path,
    recordings: &Listing,
    faults: &mut Faults,
) -> Result<(Listing, Option<String>), Error> {
    let file = printable(path);
    let mut rows = Vec::new();
    let mut used = vec![false; recordings.rows.len()];
    each_line(path, &file, |line| {
        let id = Some(line.key.clone());
        let row = row(line, recordings, &mut used, faults).unwrap_or_default();
        rows.push(Row { line: line.number, id, ..row });
    })?;
    Ok((Listing::new(file, rows, faults), unused(recordings, &used)))
}

/// The stretch that a line tells; none where it has a fault.
///
/// - `used`: the recordings that are named
fn row(
    line: &Line<'_>,
    recordings: &Listing,
    used: &mut [bool],
    faults: &mut Faults,
) -> Option<Row> {
    let words: Vec<&str> = line.text(faults)?.split_ascii_whitespace().collect();
    let (recording, start, end, channel) = match words[..] {
        // -1 is every channel there is.
        [recording, start, end] | [recording, start, end, "-1"] => {
            (recording, start, end, Some(None))
        }
        [recording, start, end, channel] => (recording, start, end, channel.parse().ok().map(Some)),
        _ => {
            faults.add(line.at(), "segments of another form", || {
                format!("expected `utterance recording start end`, found {} words", words.len() + 1)
            });
            return None;
        }
    };
    let recording = percent_escaped(recording.as_bytes());
    let Some(place) = recordings.find(&recording) else {
        faults.add(line.at(), "segments of recordings that are not there", || {
            format!("the recording `{}` is not in {}", shown(&recording), recordings.file)
        });
        return None;
    };
    used[place] = true;
    let is_open = is_minus_one(end);
    let (Some(start_ns), Some(end_ns), Some(channel)) =
        (nanoseconds(start), if is_open { Some(0) } else { nanoseconds(end) }, channel)
    else {
        faults.add(line.at(), "times that are none", || {
            format!(
                "expected seconds (an end of -1 is the recording's), found `{}`",
                shown(&words[1..].join(" "))
            )
        });
        return None;
    };
    let recorded = &recordings.rows[place];
    let span = Span::Nanoseconds { start: start_ns, end: (!is_open).then_some(end_ns) };
    let Ok(columns) = Column::all([("recording".to_owned(), recording.into())]) else {
        unreachable!("it is one name")
    };
    Some(Row {
        source: recorded.source.clone(),
        extra: Extra::of(Some(span), channel, recorded.held().cloned()),
        columns,
        ..Row::default()
    })
}

fn is_minus_one(word: &str) -> bool {
    word.strip_prefix('-').and_then(nanoseconds) == Some(1_000_000_000)
}

/// A line about recordings that no segment is of.
fn unused(recordings: &Listing, used: &[bool]) -> Option<String> {
    let mut unused = recordings.rows.iter().zip(used).filter(|(_, is_used)| !**is_used);
    let (first, _) = unused.next()?;
    let (count, file) = (unused.count() + 1, &recordings.file);
    let first = shown(first.id.as_deref().unwrap_or_default());
    Some(match count {
        1 => format!("{file}: no segment is of the recording `{first}`, which is left out"),
        _ => format!(
            "{file}: no segment is of {count} recordings, which are left out; the first is `{first}`"
        ),
    })
}
