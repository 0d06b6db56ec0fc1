//! NIST's CTM, "time marked conversation": a line `recording channel start duration label [confidence …]`
//! for each label, in seconds; `;;` begins a comment.
//!
//! The form is that of `doc/infmts.htm` of NIST's SCTK; Kaldi and lhotse write it too, with `<eps>` for
//! silence.

use std::collections::BTreeSet;

use crate::{
    labels::{
        alignment::{Alignment, Mark, Tier},
        alignment_error::AlignmentError,
        alignment_text::{Line, lines},
        time_unit::TimeUnit,
    },
    names::shown,
    readers::seconds::nanoseconds,
};

/// A line that has a label.
pub(super) struct Row<'a> {
    pub(super) recording: &'a str,
    channel: &'a str,
    mark: Mark,
}

/// Reads the labels of one recording.
///
/// - `names`: what the recording may be called; where there is none, or the file has lines of one
///   recording only, these are read
/// - `channel`: the channel that is labelled, from 0; where it is not known, the file may have one only
pub(super) fn parse(
    text: &str,
    names: &[&str],
    channel: Option<u16>,
) -> Result<Alignment, AlignmentError> {
    let rows: Vec<Row<'_>> =
        lines(text).filter_map(|line| row(line).transpose()).collect::<Result<_, _>>()?;
    let recordings: BTreeSet<&str> = rows.iter().map(|row| row.recording).collect();
    let own = names.iter().find(|name| recordings.contains(*name)).copied();
    let own = own.or_else(|| recordings.first().copied().filter(|_| recordings.len() == 1));
    let Some(own) = own else {
        return match (names, recordings.is_empty()) {
            (_, true) => Err(AlignmentError::Empty),
            ([], false) => Err(AlignmentError::NotRead {
                kind: "a CTM of several recordings".into(),
                remedy: "say which of them is meant",
            }),
            ([name, ..], false) => {
                Err(AlignmentError::NoRecording { recording: (*name).to_owned() })
            }
        };
    };
    let rows: Vec<Row<'_>> = rows.into_iter().filter(|row| row.recording == own).collect();
    let channels: BTreeSet<&str> = rows.iter().map(|row| row.channel).collect();
    let wanted = match (channels.len(), channel) {
        (0 | 1, _) => None,
        (_, Some(channel)) => Some(named_channel(channel, &channels)),
        (_, None) => {
            let names: Vec<String> = channels.iter().map(|name| shown(name)).collect();
            return Err(AlignmentError::NotRead {
                kind: format!("labels of the channels {} of one recording", names.join(", ")),
                remedy: "make an utterance of each channel (audio.channel = \"each\")",
            });
        }
    };
    let own =
        rows.into_iter().filter(|row| wanted.is_none_or(|wanted| wanted == Some(row.channel)));
    let marks = own.map(|row| row.mark).collect();
    Ok(Alignment::new(TimeUnit::Nanoseconds, vec![Tier::of_intervals("", marks)]))
}

/// Returns what a channel is called where these are: `A` and `B`, numbers from 0 where one is 0, or
/// numbers from 1; none where it is not among them.
fn named_channel<'a>(channel: u16, channels: &BTreeSet<&'a str>) -> Option<&'a str> {
    let first = if channels.contains("0") { 0 } else { 1 };
    let number = (channel + first).to_string();
    let letter = u8::try_from(channel).ok().map(|n| char::from(b'A'.saturating_add(n)).to_string());
    let is_it = |name: &&&str| **name == number || Some(**name) == letter.as_deref();
    channels.iter().find(is_it).copied()
}

/// Reads a line; none where it is a comment.
pub(super) fn row(line: Line<'_>) -> Result<Option<Row<'_>>, AlignmentError> {
    if line.text.trim_start().starts_with(";;") {
        return Ok(None);
    }
    let mut fields = line.fields();
    let mut next = |expected| fields.next().ok_or_else(|| line.ends(expected));
    let recording = next("a recording")?;
    let channel = next("a channel")?;
    let (start, duration) = (next("a start, in seconds")?, next("a duration, in seconds")?);
    let label = next("a label")?;
    if matches!(label, "<ALT_BEGIN>" | "<ALT>" | "<ALT_END>") {
        return Err(AlignmentError::NotRead {
            kind: format!("a CTM with alternatives (line {})", line.number),
            remedy: "keep one of them",
        });
    }
    let time = |field| nanoseconds(field).ok_or_else(|| line.expected("seconds", field));
    let (start, last) = (time(start)?, time(duration)?);
    let end = start.checked_add(last).ok_or_else(|| line.expected("a duration", duration))?;
    let label = if label == "<eps>" { "" } else { label }.into();
    Ok(Some(Row { recording, channel, mark: Mark { start, end, label, line: line.mark_line() } }))
}

#[cfg(test)]
mod tests {
    use super::*;

    const TWO: &str = ";; by hand\na 1 0.5 0.25 x 0.9\na 2 0.5 0.5 y\nb A 0 1e-1 <eps> 1 lex\n";

    fn labels(names: &[&str], channel: Option<u16>) -> Result<Vec<(String, u64, u64)>, String> {
        let found = parse(TWO, names, channel).map_err(|error| error.to_string())?;
        let marks = found.tiers[0].marks.iter();
        Ok(marks.map(|mark| (mark.label.to_string(), mark.start, mark.end)).collect())
    }

    #[test]
    fn lines_are_those_of_the_recording_and_the_channel() {
        let ns = 1_000_000_000;
        assert_eq!(labels(&["z", "b"], None), Ok(vec![(String::new(), 0, ns / 10)]));
        assert_eq!(labels(&["a"], Some(0)), Ok(vec![("x".into(), ns / 2, ns * 3 / 4)]));
        assert_eq!(labels(&["a"], Some(1)), Ok(vec![("y".into(), ns / 2, ns)]));
        assert_eq!(labels(&["a"], Some(2)), Ok(vec![]));
        let error = labels(&["a"], None).unwrap_err();
        assert!(error.contains("the channels 1, 2 of one recording"), "{error}");
        assert_eq!(labels(&["z"], None).unwrap_err(), "has no labels of `z`");
        assert!(labels(&[], None).unwrap_err().contains("several recordings"));
        // A file of one recording may call it as it likes.
        let only = parse("other 1 0 1 x\n", &["z"], None).unwrap();
        assert_eq!(only.tiers[0].marks.len(), 1);
    }

    #[test]
    fn every_mistake_is_named_with_its_place() {
        for (text, expected) in [
            ("a 1 0.5 x y", "line 1, column 9: expected seconds, found `x`"),
            ("a 1 -1 0 y", "line 1, column 5: expected seconds, found `-1`"),
            ("\na 1 0.5 1", "line 2, column 10: expected a label, found the end of the line"),
            (
                "* * * * <ALT_BEGIN>",
                "is a CTM with alternatives (line 1), which is not read; keep one of them",
            ),
        ] {
            assert_eq!(parse(text, &[], None).unwrap_err().to_string(), expected);
        }
    }
}
