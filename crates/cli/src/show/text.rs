//! An utterance as characters, for terminals.

use std::io::{self, IsTerminal, Write};

use anyhow::Result;
use ossicle_draw::{ColorMap, Grid, half_blocks, plain_blocks};

use crate::lines::wrapped_to;
use crate::show::difference::Difference;
use crate::show::subject::{Column, Rows, Subject, Tier};
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
/// What names beside a picture have at least, where the screen has room for them.
const MARGIN: usize = 10;
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

    /// Divides it: names have a third at most, and no more than the longest needs.
    fn page(self, longest: usize) -> Page {
        let margin = (longest + 1).max(MARGIN).min(self.width / 3);
        Page { screen: self, margin }
    }
}

/// A screen with names to the left, and pictures beside them.
#[derive(Debug, Clone, Copy)]
struct Page {
    screen: Screen,
    /// The characters that stand before a picture.
    margin: usize,
}

impl Page {
    /// Lays out an utterance, and whatever else has columns.
    fn of<'a>(
        screen: Screen,
        subject: &Subject,
        columns: impl Iterator<Item = &'a Column>,
    ) -> Page {
        let tiers = subject.tiers.iter().map(|tier| tier.name.chars().count());
        let columns = columns.map(|column| label(column).chars().count());
        screen.page(tiers.chain(columns).max().unwrap_or(0))
    }

    /// Returns how many characters a picture has across.
    fn room(self) -> usize {
        self.screen.width - self.margin
    }

    /// A name in the margin.
    fn beside(self, name: &str) -> String {
        let margin = self.margin;
        let short = match name.chars().count() < margin {
            true => name.to_owned(),
            false if margin < MARGIN => name.chars().take(margin - 1).collect(),
            false => format!("{}…", name.chars().take(margin - 2).collect::<String>()),
        };
        format!("{:>margin$}", format!("{short} "))
    }

    /// Writes a sentence in as many lines as it needs.
    fn say(self, out: &mut dyn Write, text: &str) -> io::Result<()> {
        let lines = wrapped_to(self.screen.width, text, 0, 2);
        lines.iter().try_for_each(|line| writeln!(out, "{line}"))
    }
}

/// What a column is called: by its frequency, or its name.
fn label(column: &Column) -> String {
    match column.freq_hz {
        Some(hz) => format!("{hz:.0} Hz"),
        None => column.name.clone(),
    }
}

/// Writes an utterance.
pub(crate) fn write(
    out: &mut dyn Write,
    subject: &Subject,
    screen: Screen,
    colors: ColorMap,
) -> Result<()> {
    let columns = subject.arrays.iter().flat_map(|rows| &rows.columns);
    let page = Page::of(screen, subject, columns);
    write_beginning(out, subject, page)?;
    for rows in &subject.arrays {
        let grid = rows.grid(rows.within(subject.span_s))?;
        let range = grid.usual_range().unwrap_or((0.0, 1.0));
        write_array(out, (rows, &rows.columns), &grid, range, page, colors)?;
    }
    write_times(out, subject, page)
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
    let sides = differences.iter().flat_map(|of| [of.rows, of.other]);
    let page = Page::of(screen, subject, sides.flat_map(|rows| &rows.columns));
    write_beginning(out, subject, page)?;
    for difference in differences {
        let (a, b) = (difference.rows, difference.other);
        let grids = [a.grid(a.within(subject.span_s))?, b.grid(b.within(subject.span_s))?];
        let ranges = grids.iter().filter_map(Grid::usual_range);
        let range = ranges.reduce(|a, b| (a.0.min(b.0), a.1.max(b.1))).unwrap_or((0.0, 1.0));
        for (whose, rows, grid) in [(&subject.title, a, &grids[0]), (&other.title, b, &grids[1])] {
            page.say(out, whose)?;
            write_array(out, (rows, &rows.columns), grid, range, page, colors)?;
        }
        page.say(out, &difference.line())?;
        if let Some(grid) = &difference.grid {
            let most = grid.range().map_or(0.0, |(low, high)| f64::from(high.max(-low)));
            let range = if most > 0.0 { (-most, most) } else { (-1.0, 1.0) };
            let of = (a, &difference.columns[..]);
            write_array(out, of, grid, range, page, ColorMap::Difference)?;
        }
    }
    write_times(out, subject, page)
}

fn write_beginning(out: &mut dyn Write, subject: &Subject, page: Page) -> Result<()> {
    page.say(out, &subject.title)?;
    for note in &subject.notes {
        page.say(out, note)?;
    }
    if let Some(envelope) = &subject.waveform {
        const LEVELS: [char; 9] = [' ', '▁', '▂', '▃', '▄', '▅', '▆', '▇', '█'];
        let peak = envelope.peak().max(f32::MIN_POSITIVE);
        let level = |of: f32| LEVELS[(of / peak * 8.0).round().clamp(0.0, 8.0) as usize];
        let line: String = envelope.peaks(page.room()).into_iter().map(level).collect();
        writeln!(out, "{}{line}", page.beside("level"))?;
    }
    for tier in &subject.tiers {
        let strip = strip(tier, subject.span_s, page.room());
        writeln!(out, "{}{strip}", page.beside(&tier.name))?;
    }
    if let Some(spikes) = &subject.spikes {
        writeln!(out, "spikes: {}", spikes.spikes.len())?;
    }
    Ok(())
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

/// - `columns`: what stands beside the rows
fn write_array(
    out: &mut dyn Write,
    (rows, columns): (&Rows, &[Column]),
    grid: &Grid,
    range: (f64, f64),
    page: Page,
    colors: ColorMap,
) -> Result<()> {
    // The colours are of the usual numbers, and the words of all.
    let (low, high) = grid.range().map_or(range, |(low, high)| (low.into(), high.into()));
    let (low, high) = (short(low), short(high));
    let (frames, num_columns) = (grid.num_frames(), columns.len());
    let line = format!("{}: {frames} × {num_columns}, {low} to {high}", rows.name);
    page.say(out, &line)?;
    let has_colors = page.screen.has_colors;
    let per_line = if has_colors { 2 } else { 1 };
    let height = num_columns.div_ceil(per_line).clamp(1, MOST_LINES);
    let size = (page.room(), height);
    let lines = match has_colors {
        true => half_blocks(grid, range, colors, size),
        false => plain_blocks(grid, range, size),
    };
    for (number, line) in lines.iter().enumerate() {
        let column = (height - 1 - number) * num_columns / height;
        let is_named =
            number == 0 || number == height - 1 || (height - 1 - number).is_multiple_of(4);
        let name = columns.get(column).filter(|_| is_named).map_or(String::new(), label);
        // In one piece: a sequence of colours is not to be cut.
        out.write_all(format!("{}{line}\n", page.beside(&name)).as_bytes())?;
    }
    Ok(())
}

fn write_times(out: &mut dyn Write, subject: &Subject, page: Page) -> Result<()> {
    let (start, end) = (format!("{:.2} s", subject.span_s.0), format!("{:.2} s", subject.span_s.1));
    let margin = page.margin;
    // A screen without room for both shows what the notes tell, or what was asked for.
    let between = page.room().checked_sub(start.len() + end.len());
    if let Some(between) = between.filter(|&between| between > 0) {
        writeln!(out, "{:margin$}{start}{:between$}{end}", "", "")?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::show::subject::Source;
    use ossicle_draw::Interval;

    /// An utterance with an array of three columns, and a tier.
    fn subject(tier: &str) -> Subject {
        let rows = Rows {
            name: "a".to_owned(),
            columns: Column::numbered(3),
            num_frames: 100,
            first_s: 0.0,
            step_s: 0.01,
            source: Source::Memory((0..300).map(|n| n as f32).collect()),
        };
        let interval = Interval { start: 0.0, end: 1.0, label: "sil".to_owned() };
        Subject {
            title: "u".to_owned(),
            notes: vec!["train, 1.00 s at 16000 Hz, 100 frames".to_owned()],
            span_s: (0.0, 1.0),
            tiers: vec![Tier { name: tier.to_owned(), intervals: vec![interval] }],
            arrays: vec![rows],
            ..Subject::default()
        }
    }

    fn text(subject: &Subject, width: usize) -> String {
        let mut out = Vec::new();
        let screen = Screen { width, has_colors: false };
        write(&mut out, subject, screen, ColorMap::Viridis).unwrap();
        String::from_utf8(out).unwrap()
    }

    #[test]
    fn a_picture_is_as_wide_as_a_narrow_screen_and_nothing_is_wider() {
        for width in LEAST_WIDTH..100 {
            let text = text(&subject("phones"), width);
            let widest = text.lines().map(|line| line.chars().count()).max();
            assert_eq!(widest, Some(width), "{text}");
        }
    }

    #[test]
    fn names_are_whole_where_there_is_room() {
        let long = subject("labels (frames)");
        let begins = |width: usize, name: &str| {
            text(&long, width).lines().any(|line| line.starts_with(name))
        };
        assert!(begins(80, "labels (frames) |sil"));
        assert!(begins(40, "labels (fra… |sil"));
        assert!(begins(20, "label |sil"));
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
