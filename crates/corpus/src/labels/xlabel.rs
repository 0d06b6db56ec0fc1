//! Labels of ESPS/waves+ (`xlabel`), which the Buckeye corpus has as `.phones` and `.words`: a header up to
//! a line `#`, then a line `end colour label` for each label, in seconds.
//!
//! A label begins where the one before it ends. The form is described in the "Buckeye Corpus of
//! Conversational Speech: Transcription Manual" (Kiesling, Dilley and Raymond, 2006); behind the first `;`
//! of its words stand their phones and part of speech.

use crate::labels::{
    alignment::{Alignment, Mark, Tier},
    alignment_error::AlignmentError,
    alignment_text::lines,
    time_unit::TimeUnit,
};

/// Reads a text as one tier.
///
/// - `tier`: the name of the tier, which the file does not say
///
/// # Errors
/// No line `#`; a line that is not `end colour label`; an end before that of the line above.
pub(super) fn parse(text: &str, tier: &str) -> Result<Alignment, AlignmentError> {
    let mut all = lines(text);
    if !all.by_ref().any(|line| line.text.trim() == "#") {
        return Err(AlignmentError::NotRead {
            kind: "a label file whose header has no end, a line `#`".into(),
            remedy: "see whether the file is whole",
        });
    }
    let mut marks: Vec<Mark> = Vec::new();
    for line in all {
        let mut fields = line.fields();
        let mut next = |what| fields.next().ok_or_else(|| line.ends(what));
        let (end, colour) = (next("an end, in seconds")?, next("a colour")?);
        line.whole(colour, "a colour, which is a number")?;
        let behind = colour.as_ptr().addr() - line.text.as_ptr().addr() + colour.len();
        let label = line.text[behind..].split(';').next().unwrap_or_default().trim();
        let end = line.seconds(end)?;
        let start = marks.last().map_or(0, |last| last.end);
        if end < start {
            let (line, unit) = (line.number, TimeUnit::Nanoseconds);
            return Err(AlignmentError::Backwards { line, unit, start, end });
        }
        marks.push(Mark { start, end, label: label.into(), line: line.mark_line() });
    }
    Ok(Alignment::new(TimeUnit::Nanoseconds, vec![Tier::of_intervals(tier, marks)]))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn labels_begin_where_the_one_before_ends() {
        let text = "header\n\nsignal s0101a\nseparator ;\nnfields 1\n#\n    0.049055  122 {B_TRANS}\n    0.200369  122 SIL\n\t1.5 122 okay; ow k ey; k ey; NN\n2 122\n";
        let found = parse(text, "words").unwrap();
        let marks = found.tiers[0].marks.iter();
        let marks: Vec<_> = marks.map(|it| (it.start / 1000, it.end / 1000, &*it.label)).collect();
        assert_eq!(
            marks,
            [
                (0, 49_055, "{B_TRANS}"),
                (49_055, 200_369, "SIL"),
                (200_369, 1_500_000, "okay"),
                (1_500_000, 2_000_000, ""),
            ]
        );
        for (text, expected) in [
            (
                "#\n1 122 a\n0.5 122 b",
                "line 3: the interval ends at 0.5 s, not after its start, 1 s",
            ),
            ("#\n1 a", "line 2, column 3: expected a colour, which is a number, found `a`"),
            ("#\nx 1 a", "line 2, column 1: expected seconds, found `x`"),
        ] {
            assert_eq!(parse(text, "").unwrap_err().to_string(), expected);
        }
        assert!(parse("signal a\n1 122 a\n", "").is_err());
    }
}
