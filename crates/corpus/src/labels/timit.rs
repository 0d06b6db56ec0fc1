//! TIMIT's alignments (LDC93S1): a line `start end label` for each phone (`.PHN`) or word (`.WRD`), in
//! samples.

use crate::labels::{
    alignment::{Alignment, Mark, Tier},
    alignment_error::AlignmentError,
    alignment_text::lines,
    time_unit::TimeUnit,
};

/// Reads a text in TIMIT's format as one tier.
///
/// Blank lines are passed over; gaps may be between intervals.
///
/// - `tier`: the name of the tier, which the file does not say
///
/// # Errors
/// A line that is not `start end label`, or an interval without samples.
pub(super) fn parse(text: &str, tier: &str) -> Result<Alignment, AlignmentError> {
    let mut marks = Vec::new();
    for line in lines(text) {
        let mut fields = line.fields();
        let mut next = |what| fields.next().ok_or_else(|| line.ends(what));
        let start = line.whole(next("a start")?, "a whole number of samples")?;
        let end = line.whole(next("an end")?, "a whole number of samples")?;
        let label = next("a label")?;
        if let Some(more) = fields.next() {
            return Err(line.expected("the end of the line", more));
        }
        if end <= start {
            let (line, unit) = (line.number, TimeUnit::Samples);
            return Err(AlignmentError::Backwards { line, unit, start, end });
        }
        marks.push(Mark { start, end, label: label.into(), line: line.mark_line() });
    }
    Ok(Alignment::new(TimeUnit::Samples, vec![Tier::of_intervals(tier, marks)]))
}
