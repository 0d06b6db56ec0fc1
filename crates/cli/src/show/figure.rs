//! An utterance as a figure: its waveform, its labels and its arrays below each other.

use anyhow::Result;
use ossicle_draw::{
    Axis, ColorMap, Dot, Dots, Figure, Grid, HeatMap, Line, Mark, Panel, Strip, Ticks,
};

use crate::picture::frequencies;
use crate::show::columns;
use crate::show::difference::Difference;
use crate::show::subject::{Column, Rows, Spikes, Subject};
use crate::words::short;

/// The looks of a figure.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct Look {
    /// The colours of heat maps.
    pub colors: ColorMap,
    /// The width in pixels; none for one that fits the duration.
    pub width: Option<f64>,
}

/// The pixels that a second takes, and the least and the largest width of a figure.
const PIXELS_A_SECOND: f64 = 120.0;
const WIDTHS: (f64, f64) = (960.0, 2400.0);

/// Arrays of so few columns are lines.
pub(crate) const MOST_LINES: usize = 4;

/// The radius of the loudest spike, in pixels.
const LARGEST_DOT: f64 = 5.0;

/// Draws an utterance.
///
/// # Errors
/// If its rows cannot be read.
pub fn subject_figure(subject: &Subject, look: &Look) -> Result<Figure> {
    let mut panels = beginning(subject);
    for rows in &subject.arrays {
        let shown = rows.within(subject.span_s);
        let grid = rows.grid(shown)?;
        let title = title(rows, &grid);
        let range = grid.usual_range().unwrap_or((0.0, 1.0));
        let columns = &rows.columns;
        let drawn = Drawn { rows, columns, shown, grid, range, colors: look.colors };
        panels.push(array(subject, drawn).title(title));
    }
    Ok(whole(subject, panels, look))
}

/// Draws two utterances below each other, and where they differ.
///
/// # Errors
/// If their rows cannot be read.
pub(crate) fn figure_against(
    subject: &Subject,
    other: &Subject,
    differences: &[Difference<'_>],
    look: &Look,
) -> Result<Figure> {
    let mut panels = beginning(subject);
    for difference in differences {
        let (a, b) = (difference.rows, difference.other);
        let (shown_a, shown_b) = (a.within(subject.span_s), b.within(subject.span_s));
        let (grid_a, grid_b) = (a.grid(shown_a)?, b.grid(shown_b)?);
        // One range for both, so that a colour is a number.
        let ranges = [grid_a.usual_range(), grid_b.usual_range()];
        let range = ranges
            .into_iter()
            .flatten()
            .reduce(|a, b| (a.0.min(b.0), a.1.max(b.1)))
            .unwrap_or((0.0, 1.0));
        for (whose, rows, shown, grid) in
            [(&subject.title, a, shown_a, grid_a), (&other.title, b, shown_b, grid_b)]
        {
            let title = format!("{whose} · {}", title(rows, &grid));
            let columns = &rows.columns;
            let drawn = Drawn { rows, columns, shown, grid, range, colors: look.colors };
            panels.push(array(subject, drawn).title(title));
        }
        if let Some(grid) = &difference.grid {
            let most = grid.range().map_or(0.0, |(low, high)| high.max(-low));
            let most = if most > 0.0 { f64::from(most) } else { 1.0 };
            let begin = difference.shown[0].0;
            let drawn = Drawn {
                rows: a,
                columns: &difference.columns,
                shown: (begin, begin + grid.num_frames()),
                grid: grid.clone(),
                range: (-most, most),
                colors: ColorMap::Difference,
            };
            let title = format!("difference (lower − upper) · {}", difference.words());
            panels.push(array(subject, drawn).title(title));
        }
    }
    Ok(whole(subject, panels, look))
}

/// The waveform, the labels and the spikes.
fn beginning(subject: &Subject) -> Vec<Panel> {
    let mut panels = Vec::new();
    if let Some(envelope) = &subject.waveform {
        let peak = f64::from(envelope.peak());
        let most = if peak > 0.0 { 1.05 * peak } else { 1.0 };
        let panel = Panel::new(time(subject), Axis::new("", -most, most)).title("waveform");
        panels.push(panel.height(80.0).with(Mark::Waveform(envelope.clone())));
    }
    for tier in &subject.tiers {
        let x = Axis { ticks: Ticks::None, ..time(subject) };
        let y = Axis::new(tier.name.clone(), 0.0, 1.0).ticks(Ticks::None);
        let strip = Strip { intervals: tier.intervals.clone() };
        panels.push(Panel::new(x, y).height(20.0).with(Mark::Strip(strip)));
    }
    panels.extend(subject.spikes.as_ref().map(|spikes| dots(subject, spikes)));
    panels
}

fn whole(subject: &Subject, mut panels: Vec<Panel>, look: &Look) -> Figure {
    if let Some(last) = panels.last_mut() {
        last.x.label = "time, s".to_owned();
        last.x.ticks = Ticks::Round;
    }
    let seconds = subject.span_s.1 - subject.span_s.0;
    let width = || (seconds * PIXELS_A_SECOND).clamp(WIDTHS.0, WIDTHS.1).round();
    let mut figure = Figure::new(&subject.title).width(look.width.unwrap_or_else(width));
    figure.notes.clone_from(&subject.notes);
    figure.panels = panels;
    figure
}

fn time(subject: &Subject) -> Axis {
    Axis::new("", subject.span_s.0, subject.span_s.1).ticks(Ticks::Silent)
}

/// `features: 292 frames × 80 columns, −15.9 to 4.2`; of a stretch, `features: 40 of 292 frames × 80 columns, …`
fn title(rows: &Rows, grid: &Grid) -> String {
    let (frames, columns) = (rows.num_frames, rows.columns.len());
    let of = match grid.num_frames() == frames {
        true => String::new(),
        false => format!("{} of ", grid.num_frames()),
    };
    let range = grid.range().map_or(String::new(), |(low, high)| {
        format!(", {} to {}", short(low.into()), short(high.into()))
    });
    let s = |count: usize| if count == 1 { "" } else { "s" };
    format!(
        "{}: {of}{frames} frame{} × {columns} column{}{range}",
        rows.name,
        s(frames),
        s(columns)
    )
}

/// What is drawn of an array.
struct Drawn<'a> {
    rows: &'a Rows,
    /// What the vertical axis says of them.
    columns: &'a [Column],
    /// The first row, and the row after the last.
    shown: (usize, usize),
    grid: Grid,
    /// The numbers of the first and the last colour.
    range: (f64, f64),
    colors: ColorMap,
}

/// A panel of an array: a heat map, or lines where there are few columns.
fn array(subject: &Subject, drawn: Drawn<'_>) -> Panel {
    if drawn.columns.len() <= MOST_LINES {
        return lines(subject, &drawn);
    }
    let Drawn { rows, columns, shown, grid, range, colors } = drawn;
    let across = rows.edges_s(shown);
    let height = (2.5 * columns.len() as f64).clamp(130.0, 300.0);
    let up = (-0.5, columns.len() as f64 - 0.5);
    let map = HeatMap { grid, across, up, range, colors };
    Panel::new(time(subject), columns::axis(columns, height))
        .height(height)
        .with(Mark::HeatMap(map))
}

fn lines(subject: &Subject, Drawn { rows, columns, shown, grid, .. }: &Drawn<'_>) -> Panel {
    let (low, high) = grid.range().map_or((0.0, 1.0), |(low, high)| (low.into(), high.into()));
    let margin = 0.05 * (high - low);
    let y = Axis::new("", low - margin, high + margin);
    let mut panel = Panel::new(time(subject), y).height(110.0).grid();
    for (number, column) in columns.iter().enumerate() {
        let second = |frame: f64| rows.first_s + (shown.0 as f64 + frame) * rows.step_s;
        let points = grid.column(number).into_iter();
        let points = points.map(|(frame, mean)| (second(frame), mean.unwrap_or(f64::NAN)));
        let name = if columns.len() > 1 { column.name.as_str() } else { "" };
        panel = panel.with(Mark::Line(Line::new(name, points.collect()).series(number)));
    }
    panel
}

fn dots(subject: &Subject, of: &Spikes) -> Panel {
    let top = of.centre_freqs_hz.len() as f64 - 0.25;
    let ticks = Ticks::At(frequencies(&of.centre_freqs_hz));
    let y = Axis::new("Hz", -0.75, top).ticks(ticks);
    let largest = of.spikes.iter().map(|(.., amplitude)| amplitude.abs()).fold(0.0, f32::max);
    let (start, end) = subject.span_s;
    let shown = of.spikes.iter().filter(|(second, ..)| (start..=end).contains(second));
    let dot = |&(x, channel, amplitude): &(f64, usize, f32)| {
        let radius = LARGEST_DOT * f64::from(amplitude.abs() / largest).sqrt();
        Dot { x, y: channel as f64, radius }
    };
    let dots = Dots { dots: shown.map(dot).collect(), series: Some(0) };
    let title = format!("spikes: {}", of.spikes.len());
    Panel::new(time(subject), y).title(title).height(260.0).with(Mark::Dots(dots))
}
