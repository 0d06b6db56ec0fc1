//! A comparison in words, within 80 columns.

use std::io::Write;

use anyhow::Result;
use ossicle_compare::{Beyond, Comparison, Difference, End, Explanation, Side, Verdict, Which};
use ossicle_engine::counted;

use crate::compare::utterances::Utterances;
use crate::lines::{filled, wrapped};
use crate::table::table;

/// The most columns that are shown each for itself.
const MOST_COLUMNS: usize = 5;
/// The least share that is not shown as zero.
const LEAST_SHARE: f64 = 1e-6;
/// Heights of a curve drawn in characters.
const HEIGHTS: [char; 8] = ['▁', '▂', '▃', '▄', '▅', '▆', '▇', '█'];

pub(crate) fn show(
    out: &mut dyn Write,
    name: &str,
    (a, b): (&Side, &Side),
    comparison: &Comparison,
    utterances: &Utterances,
) -> Result<()> {
    if utterances.in_both > 1 || utterances.only_a + utterances.only_b > 0 {
        show_utterances(out, name, utterances)?;
    }
    let shape = |side: &Side| {
        let (rows, columns) = (side.matrix.rows as u64, side.matrix.columns as u64);
        let how = if side.origin.is_some() { ", can be computed again" } else { "" };
        let constant = ossicle_compare::constant(&side.matrix);
        let constant = constant.map_or(String::new(), |x| format!(", {x} everywhere"));
        format!("{} of {}{constant}{how}", counted(rows, "row"), counted(columns, "column"))
    };
    writeln!(out, "A: {}", shape(a))?;
    writeln!(out, "B: {}", shape(b))?;
    writeln!(out)?;
    show_difference(out, &comparison.difference)?;
    writeln!(out)?;
    show_why(out, comparison, utterances)
}

fn show_utterances(out: &mut dyn Write, name: &str, of: &Utterances) -> Result<()> {
    let both = counted(of.in_both as u64, "utterance");
    let differing = match of.differing {
        0 => "none differs".to_owned(),
        1 => "1 differs".to_owned(),
        differing => format!("{differing} differ"),
    };
    match of.compared < of.in_both {
        false => writeln!(out, "{both} in both; {differing}")?,
        true => writeln!(
            out,
            "{both} in both; of {} compared (evenly spread) {differing}",
            of.compared
        )?,
    }
    if of.only_a + of.only_b > 0 {
        writeln!(out, "only in A: {}; only in B: {}", of.only_a, of.only_b)?;
    }
    writeln!(
        out,
        "{} {name}:",
        if of.differing > 0 { "the first that differs," } else { "the first," }
    )?;
    writeln!(out)?;
    Ok(())
}

fn show_difference(out: &mut dyn Write, of: &Difference) -> Result<()> {
    let worst = of.worst;
    let frames = match of.alignment.frames {
        0 => "as they stand".to_owned(),
        n if n > 0 => format!("B is {} later", counted(n.unsigned_abs(), "row")),
        n => format!("A is {} later", counted(n.unsigned_abs(), "row")),
    };
    let rows = [
        ["typical difference".to_owned(), number(of.typical), "the median".to_owned()],
        [
            "RMS difference".to_owned(),
            number(of.rms),
            format!("{} of the columns' spread", number(of.relative)),
        ],
        [
            "worst difference".to_owned(),
            number(worst.difference),
            format!(
                "row {}, column {}: {}, {}",
                worst.row,
                worst.column,
                number(worst.a.into()),
                number(worst.b.into())
            ),
        ],
        [
            "correlation".to_owned(),
            format!("{:.6}", of.correlation),
            format!("cosine {:.6}", of.cosine),
        ],
        [
            "rows agree best".to_owned(),
            frames,
            format!("correlation {:.6}", of.alignment.correlation),
        ],
    ];
    writeln!(out, "{}", table(rows.into_iter().map(|row| row.to_vec())))?;
    let mut columns: Vec<(usize, f64, f64)> =
        of.by_column.iter().enumerate().map(|(place, of)| (place, of.typical, of.worst)).collect();
    columns.sort_by(|a, b| b.1.total_cmp(&a.1));
    let shown: Vec<String> = columns
        .iter()
        .take(MOST_COLUMNS)
        .map(|(place, typical, _)| format!("{place} ({})", number(*typical)))
        .collect();
    if of.rms > 0.0 {
        let listed = format!("most in columns {}", shown.join(",\n"));
        for line in filled(listed.split('\n'), 2, "  most in columns ".len()) {
            writeln!(out, "{line}")?;
        }
        writeln!(out, "  by column  {}", curve(of.by_column.iter().map(|of| of.typical)))?;
        writeln!(out, "  over time  {}", curve(of.over_time.iter().copied()))?;
    }
    Ok(())
}

/// A curve in a line of characters.
fn curve(of: impl ExactSizeIterator<Item = f64>) -> String {
    let values: Vec<f64> = of.collect();
    let most = values.iter().copied().fold(0.0, f64::max);
    let stride = values.len().div_ceil(64).max(1);
    let height = |of: &[f64]| {
        let value = of.iter().copied().fold(0.0, f64::max);
        let place = if most > 0.0 { (value / most * 7.0).round() as usize } else { 0 };
        HEIGHTS[place.min(7)]
    };
    values.chunks(stride).map(height).collect()
}

fn show_why(out: &mut dyn Write, comparison: &Comparison, utterances: &Utterances) -> Result<()> {
    let (from, to) = match comparison.changed {
        Which::A => ("A", "B"),
        Which::B => ("B", "A"),
    };
    if let Some(beyond) = comparison.beyond {
        writeln!(out, "{}", words_of(beyond))?;
        if comparison.changes.is_empty() && comparison.left.noise_db.is_none() {
            return Ok(writeln!(out, "The {} that both have agree.", lines_of(beyond))?);
        }
    }
    match comparison.verdict {
        Verdict::Agree if !utterances.agree => {
            return Ok(writeln!(out, "What both have agrees.")?);
        }
        Verdict::Agree if comparison.changes.is_empty() => {
            return Ok(writeln!(out, "A and B agree.")?);
        }
        Verdict::Agree => {
            writeln!(
                out,
                "A and B agree. Their last digits are the same with this change of {from}:"
            )?;
        }
        Verdict::Explained | Verdict::ExplainedButForNoise if comparison.changes.is_empty() => {
            writeln!(out, "A and B differ as by noise in the recording.")?;
        }
        Verdict::Explained => {
            let count = counted(comparison.changes.len() as u64, "change");
            writeln!(out, "Explained: with {count}, {from} is {to}.")?;
        }
        Verdict::ExplainedButForNoise => {
            let count = counted(comparison.changes.len() as u64, "change");
            writeln!(out, "Explained but for noise: with {count}, {from} is {to} and noise.")?;
        }
        Verdict::ExplainedInPart if let Some(beyond) = comparison.beyond => {
            let count = counted(comparison.changes.len() as u64, "change");
            let lines = lines_of(beyond);
            writeln!(out, "The {lines} that both have are the same with {count} of {from}:")?;
        }
        Verdict::ExplainedInPart => {
            writeln!(out, "Explained in part: with these changes {from} is nearer to {to}.")?;
        }
        _ => writeln!(out, "Not explained: nothing that was tried makes {to} of {from}.")?,
    }
    for (number, change) in comparison.changes.iter().enumerate() {
        show_change(out, number + 1, change, comparison.changes.len() > 1)?;
    }
    show_left(out, comparison)
}

fn show_left(out: &mut dyn Write, comparison: &Comparison) -> Result<()> {
    let left = comparison.left.relative;
    match comparison.left.noise_db {
        Some(db) => {
            writeln!(out, "What is left is what noise {:.0} dB below the recording makes.", -db)?;
            if let Some(dither) = comparison.left.dither {
                writeln!(out, "A dither of {dither:.1} is such noise, full scale ±32768.")?;
            }
        }
        None if comparison.verdict == Verdict::NotExplained => {}
        None => writeln!(out, "What is left: {} of the columns' spread.", number(left))?,
    }
    Ok(())
}

/// - `has_others`: whether it is one of several changes
fn show_change(
    out: &mut dyn Write,
    number: usize,
    change: &Explanation,
    has_others: bool,
) -> Result<()> {
    let head = format!("  {number}. ");
    let mut lines: Vec<String> = Vec::new();
    for key in &change.keys {
        let from = key.from.as_deref().unwrap_or("nothing");
        let to = key.to.as_deref().unwrap_or("nothing");
        lines.push(format!("{}: {} → {}", key.key, short(from), short(to)));
    }
    if lines.is_empty() {
        lines.push(change.words.clone());
    }
    for (place, line) in lines.iter().enumerate() {
        for (row, text) in wrapped(line, head.len(), head.len() + 2).iter().enumerate() {
            match (place, row) {
                (0, 0) => writeln!(out, "{head}{}", text.trim_start())?,
                _ => writeln!(out, "{text}")?,
            }
        }
    }
    let share = match change.explains {
        Some(share) => explained(share, has_others),
        None => "gives both the same shape".to_owned(),
    };
    writeln!(out, "{}{share}", " ".repeat(head.len()))?;
    Ok(())
}

fn lines_of(beyond: Beyond) -> &'static str {
    if beyond.rows > 0 { "rows" } else { "columns" }
}

/// Rows or columns that one side alone has.
fn words_of(Beyond { side, rows, columns, at }: Beyond) -> String {
    let side = match side {
        Which::A => "A",
        Which::B => "B",
    };
    let at = match at {
        End::Front => "at the front",
        End::Back => "at the end",
    };
    let more = match rows {
        0 => counted(columns as u64, "column"),
        rows => counted(rows as u64, "row"),
    };
    format!("{side} has {more} more {at}, of which nothing is explained.")
}

/// A list of many numbers is not told in full.
fn short(value: &str) -> String {
    match value.char_indices().nth(48) {
        Some((end, _)) => format!("{}…", &value[..end]),
        None => value.to_owned(),
    }
}

/// How much of the difference a change explains. One that explains nothing alone helps with others.
fn explained(share: f64, has_others: bool) -> String {
    match share {
        share if share >= LEAST_SHARE => format!("explains {}", percent(share)),
        share if share <= 0.0 && has_others => "helps only together with the others".to_owned(),
        _ => format!("explains less than {}", percent(LEAST_SHARE)),
    }
}

fn percent(share: f64) -> String {
    match share * 100.0 {
        // All is all, but for what float32 rounds.
        share if share > 99.995 && share < 99.9999 => "99.99 %".to_owned(),
        share if share.abs() < 0.01 => format!("{share:.4} %"),
        share => format!("{share:.2} %"),
    }
}

/// A number with the digits that say something.
fn number(x: f64) -> String {
    match x.abs() {
        0.0 => "0".to_owned(),
        size if !(1e-3..1e5).contains(&size) => format!("{x:.2e}"),
        _ => format!("{x:.4}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shares_are_never_negative() {
        assert_eq!(explained(0.5, true), "explains 50.00 %");
        assert_eq!(explained(0.999_99, false), "explains 99.99 %");
        assert_eq!(explained(1e-5, true), "explains 0.0010 %");
        for share in [-6.82, -1e-9, -0.0, 0.0, 1e-9] {
            for has_others in [true, false] {
                let said = explained(share, has_others);
                assert!(!said.contains('-') && !said.contains(" 0.0000"), "{share}: {said}");
            }
        }
        assert_eq!(explained(-6.82, true), "helps only together with the others");
        assert_eq!(explained(0.0, true), "helps only together with the others");
        assert_eq!(explained(1e-9, true), "explains less than 0.0001 %");
    }
}
