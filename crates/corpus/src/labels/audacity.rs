//! Audacity's labels, and other texts of lines `start end label` in seconds.
//!
//! Of "Importing and Exporting Labels" in Audacity's manual: fields are separated by tabulators, labels
//! may have blanks, and a line that begins with `\` says the frequencies of the label before it. Julius'
//! segmentation and others write the same with blanks between fields.

use crate::labels::{
    alignment::{Alignment, Mark, Tier},
    alignment_error::AlignmentError,
    alignment_text::lines,
    time_unit::TimeUnit,
};

/// Reads a text as one tier; it is one of points where no label lasts.
///
/// # Errors
/// A line that is not `start end label`, a label that ends before it starts, or no decimal anywhere.
pub(super) fn parse(text: &str) -> Result<Alignment, AlignmentError> {
    let mut marks = Vec::new();
    let (mut has_decimals, mut last) = (false, None);
    for line in lines(text).filter(|line| !line.text.starts_with('\\')) {
        let mut fields = line.fields();
        let mut next = |what| fields.next().ok_or_else(|| line.ends(what));
        let (start, end) = (next("a start, in seconds")?, next("an end, in seconds")?);
        // Labels may have blanks, and there may be none.
        let behind = end.as_ptr().addr() - line.text.as_ptr().addr() + end.len();
        let label = line.text[behind..].trim().into();
        has_decimals |= start.contains('.') || end.contains('.');
        last = Some((line, end));
        let (start, end) = (line.seconds(start)?, line.seconds(end)?);
        if end < start {
            let (line, unit) = (line.number, TimeUnit::Nanoseconds);
            return Err(AlignmentError::Backwards { line, unit, start, end });
        }
        marks.push(Mark { start, end, label, line: line.mark_line() });
    }
    // TIMIT's `.TXT` is a line of two numbers of samples and a sentence, and many others are like it.
    if let Some((line, end)) = last.filter(|_| !has_decimals) {
        return Err(line.expected("seconds with decimals", end));
    }
    let is_points = !marks.is_empty() && marks.iter().all(|mark| mark.start == mark.end);
    let tier = Tier { is_points, ..Tier::of_intervals("", marks) };
    Ok(Alignment::new(TimeUnit::Nanoseconds, vec![tier]))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn labels_have_blanks_frequencies_are_passed_over_and_points_are_points() {
        let found = parse("0.5\t1.25\t two  words \n\\\t100.0\t4000.0\n1.25\t1.5\t\n").unwrap();
        let [tier] = &found.tiers[..] else { panic!("{found:?}") };
        let marks: Vec<_> = tier.marks.iter().map(|it| (it.start, it.end, &*it.label)).collect();
        let ms = 1_000_000;
        assert_eq!(marks, [(500 * ms, 1250 * ms, "two  words"), (1250 * ms, 1500 * ms, "")]);
        assert!(!tier.is_points);
        assert!(parse("0.5\t0.5\ta\n1.0\t1.0\tb\n").unwrap().tiers[0].is_points);
        let error = parse("0.5\t0.25\ta").unwrap_err().to_string();
        assert_eq!(error, "line 1: the interval ends at 0.25 s, not after its start, 0.5 s");
        let error = parse("0.5\tx\ta").unwrap_err().to_string();
        assert_eq!(error, "line 1, column 5: expected seconds, found `x`");
    }
}
