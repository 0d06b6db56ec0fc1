//! An utterance as characters, for terminals.

use std::io::{self, IsTerminal, Write};

use anyhow::Result;
use ossicle_draw::{ColorMap, Grid, half_blocks, plain_blocks};

use crate::show::difference::Difference;
use crate::show::subject::{Rows, Subject, Tier};
use crate::words::short;

/// What a terminal can show.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Screen {
    /// Characters across.
    pub(crate) width: usize,
    /// Whether it has colours of 24 bits.
    pub(crate) has_colors: bool,
}

/// The width where nothing says it.
const WIDTH: usize = 80;
/// The most lines of an array.
const MOST_LINES: usize = 20;
/// The numbers beside a picture, where the screen has room for them.
const MARGIN: usize = 10;
/// A screen that is narrower has a smaller margin.
const NARROW: usize = 40;
/// The least width that there is something to see in.
const LEAST_WIDTH: usize = 8;

impl Screen {
    /// Finds out what standard output is.
    pub(crate) fn of_stdout(width: Option<u32>) -> Screen {
        let is_terminal = io::stdout().is_terminal();
        let set = |name: &str| std::env::var_os(name).filter(|value| !value.is_empty());
        let is_true =
            |name: &str| set(name).is_some_and(|value| value == "truecolor" || value == "24bit");
        let is_forced = set("CLICOLOR_FORCE").is_some_and(|value| value != "0");
        // https://no-color.org, https://bixense.com/clicolors, and what terminals say of themselves.
        let has_colors =
            set("NO_COLOR").is_none() && (is_forced || is_terminal && is_true("COLORTERM"));
        let columns = || set("COLUMNS")?.to_str()?.parse::<usize>().ok();
        let size = || {
            let size = rustix::termios::tcgetwinsize(io::stdout()).ok()?;
            Some(usize::from(size.ws_col)).filter(|&columns| columns > 0)
        };
        let width = width.map(|width| width as usize).or_else(size).or_else(columns);
        Screen { width: width.unwrap_or(WIDTH).clamp(LEAST_WIDTH, 1000), has_colors }
    }

    /// Returns how many characters stand before a picture.
    fn margin(self) -> usize {
        if self.width < NARROW { self.width / 4 } else { MARGIN }
    }

    /// Returns how many characters a picture has across.
    fn room(self) -> usize {
        self.width - self.margin()
    }
}

/// Writes an utterance.
pub(crate) fn write(
    out: &mut dyn Write,
    subject: &Subject,
    screen: Screen,
    colors: ColorMap,
) -> Result<()> {
    write_beginning(out, subject, screen)?;
    for rows in &subject.arrays {
        let grid = rows.grid(rows.within(subject.span_s))?;
        let range = grid.usual_range().unwrap_or((0.0, 1.0));
        write_array(out, rows, &grid, range, screen, colors)?;
    }
    write_times(out, subject, screen)
}

/// Writes two utterances, and where they differ.
pub(crate) fn write_against(
    out: &mut dyn Write,
    subject: &Subject,
    other: &Subject,
    differences: &[Difference<'_>],
    screen: Screen,
    colors: ColorMap,
) -> Result<()> {
    write_beginning(out, subject, screen)?;
    for difference in differences {
        let (a, b) = (difference.rows, difference.other);
        let grids = [a.grid(a.within(subject.span_s))?, b.grid(b.within(subject.span_s))?];
        let ranges = grids.iter().filter_map(Grid::usual_range);
        let range = ranges.reduce(|a, b| (a.0.min(b.0), a.1.max(b.1))).unwrap_or((0.0, 1.0));
        for (whose, rows, grid) in [(&subject.title, a, &grids[0]), (&other.title, b, &grids[1])] {
            writeln!(out, "{whose}")?;
            write_array(out, rows, grid, range, screen, colors)?;
        }
        writeln!(out, "difference: {}", difference.words())?;
        if let Some(grid) = &difference.grid {
            let most = grid.range().map_or(0.0, |(low, high)| f64::from(high.max(-low)));
            let most = if most > 0.0 { most } else { 1.0 };
            write_array(out, a, grid, (-most, most), screen, ColorMap::Difference)?;
        }
    }
    write_times(out, subject, screen)
}

fn write_beginning(out: &mut dyn Write, subject: &Subject, screen: Screen) -> Result<()> {
    writeln!(out, "{}", subject.title)?;
    for note in &subject.notes {
        writeln!(out, "{note}")?;
    }
    if let Some(envelope) = &subject.waveform {
        const LEVELS: [char; 9] = [' ', '▁', '▂', '▃', '▄', '▅', '▆', '▇', '█'];
        let peak = envelope.peak().max(f32::MIN_POSITIVE);
        let level = |of: f32| LEVELS[(of / peak * 8.0).round().clamp(0.0, 8.0) as usize];
        let line: String = envelope.peaks(screen.room()).into_iter().map(level).collect();
        writeln!(out, "{}{line}", beside("level", screen))?;
    }
    for tier in &subject.tiers {
        let strip = strip(tier, subject.span_s, screen.room());
        writeln!(out, "{}{strip}", beside(&tier.name, screen))?;
    }
    if let Some(spikes) = &subject.spikes {
        writeln!(out, "spikes: {}", spikes.spikes.len())?;
    }
    Ok(())
}

/// A name in the margin.
fn beside(name: &str, screen: Screen) -> String {
    let margin = screen.margin();
    let short: String = name.chars().take(margin - 1).collect();
    format!("{:>margin$}", format!("{short} "))
}

/// Labels as a line: `|sil |sh|iy |`.
fn strip(tier: &Tier, (start, end): (f64, f64), width: usize) -> String {
    let mut line = vec![' '; width];
    let at = |second: f64| {
        let share = (second - start) / (end - start);
        (share * width as f64).round().clamp(0.0, width as f64) as usize
    };
    for interval in &tier.intervals {
        let (begin, end) = (at(interval.start), at(interval.end));
        if interval.end <= start || begin >= width {
            continue;
        }
        line[begin] = '|';
        let places = line.iter_mut().take(end).skip(begin + 1);
        // The beginning of a label may be another one.
        if interval.label.chars().count() <= places.len() {
            places.zip(interval.label.chars()).for_each(|(place, c)| *place = c);
        }
    }
    line.into_iter().collect::<String>().trim_end().to_owned()
}

fn write_array(
    out: &mut dyn Write,
    rows: &Rows,
    grid: &Grid,
    range: (f64, f64),
    screen: Screen,
    colors: ColorMap,
) -> Result<()> {
    // The colours are of the usual numbers, and the words of all.
    let (low, high) = grid.range().map_or(range, |(low, high)| (low.into(), high.into()));
    let (low, high) = (short(low), short(high));
    let (frames, columns) = (rows.num_frames, rows.columns.len());
    writeln!(out, "{}: {frames} × {columns}, {low} to {high}", rows.name)?;
    let per_line = if screen.has_colors { 2 } else { 1 };
    let height = columns.div_ceil(per_line).clamp(1, MOST_LINES);
    let size = (screen.room(), height);
    let lines = match screen.has_colors {
        true => half_blocks(grid, range, colors, size),
        false => plain_blocks(grid, range, size),
    };
    for (number, line) in lines.iter().enumerate() {
        let column = (height - 1 - number) * columns / height;
        let name = rows.columns.get(column).map_or(String::new(), |of| match of.freq_hz {
            Some(hz) => format!("{hz:.0} Hz"),
            None => of.name.clone(),
        });
        let is_named =
            number == 0 || number == height - 1 || (height - 1 - number).is_multiple_of(4);
        let name = beside(if is_named { &name } else { "" }, screen);
        // In one piece: a sequence of colours is not to be cut.
        out.write_all(format!("{name}{line}\n").as_bytes())?;
    }
    Ok(())
}

fn write_times(out: &mut dyn Write, subject: &Subject, screen: Screen) -> Result<()> {
    let (start, end) = (format!("{:.2} s", subject.span_s.0), format!("{:.2} s", subject.span_s.1));
    let margin = screen.margin();
    // A screen without room for both shows what the notes tell, or what was asked for.
    let between = screen.room().checked_sub(start.len() + end.len());
    if let Some(between) = between.filter(|&between| between > 0) {
        writeln!(out, "{:margin$}{start}{:between$}{end}", "", "")?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::show::subject::{Column, Source};
    use ossicle_draw::Interval;

    #[test]
    fn a_picture_is_as_wide_as_a_narrow_screen() {
        let rows = |columns| Rows {
            name: "a".to_owned(),
            columns: Column::numbered(columns),
            num_frames: 100,
            first_s: 0.0,
            step_s: 0.01,
            source: Source::Memory((0..100 * columns).map(|n| n as f32).collect()),
        };
        let interval = Interval { start: 0.0, end: 1.0, label: "sil".to_owned() };
        let tier = Tier { name: "phones".to_owned(), intervals: vec![interval] };
        let subject = Subject {
            title: "u".to_owned(),
            span_s: (0.0, 1.0),
            tiers: vec![tier],
            arrays: vec![rows(3)],
            ..Subject::default()
        };
        for width in LEAST_WIDTH..60 {
            let mut out = Vec::new();
            let screen = Screen { width, has_colors: false };
            write(&mut out, &subject, screen, ColorMap::Viridis).unwrap();
            let text = String::from_utf8(out).unwrap();
            let picture = text.lines().filter(|line| !line.starts_with("a: "));
            let widest = picture.map(|line| line.chars().count()).max();
            assert_eq!(widest, Some(width), "{text}");
        }
    }

    #[test]
    fn labels_stand_where_they_are() {
        let interval = |start, end, label: &str| Interval { start, end, label: label.to_owned() };
        let intervals =
            vec![interval(0.0, 0.4, "sil"), interval(0.4, 0.5, "iy"), interval(0.9, 2.0, "sh")];
        let tier = Tier { name: "phones".to_owned(), intervals };
        assert_eq!(strip(&tier, (0.0, 1.0), 20), "|sil    |         |");
        assert_eq!(strip(&tier, (0.0, 1.0), 40), "|sil            |iy                 |sh");
        assert_eq!(strip(&tier, (0.4, 1.0), 6), "|    |");
    }
}
