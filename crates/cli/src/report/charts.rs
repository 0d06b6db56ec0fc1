//! The charts of a report, in the colours of its page.

use std::collections::BTreeSet;

use ossicle_draw::{Axis, Band, Bars, Figure, Line, Mark, Panel, Theme, Ticks};

use crate::report::columns::ArrayFacts;
use crate::report::speed::SpeedRun;
use crate::words::{counted_round, short};

const WIDTH: f64 = 900.0;

/// A histogram of durations. The longest hundredth shares the last bar, where it would make the others narrow.
pub(crate) fn durations(durations_s: &[f32]) -> Option<String> {
    const BARS: usize = 40;
    let mut sorted = durations_s.to_vec();
    sorted.sort_by(f32::total_cmp);
    let (last, usual) = (*sorted.last()?, sorted[(sorted.len() - 1) * 99 / 100]);
    let most = if last > 2.0 * usual { 1.1 * usual } else { last };
    let most = f64::from(most).max(0.1) * (1.0 + 1e-6);
    let width = most / BARS as f64;
    let mut counts = [0_u64; BARS];
    for &duration in &sorted {
        counts[((f64::from(duration) / width) as usize).min(BARS - 1)] += 1;
    }
    let bar = |(n, &count): (usize, &u64)| {
        let (begin, end) = (n as f64 * width, (n + 1) as f64 * width);
        let to = if n + 1 == BARS { f64::from(last) } else { end };
        let hint = format!("{begin:.2} to {to:.2} s: {}", counted_round(count, "utterance"));
        (begin, end, count as f64, hint)
    };
    let bars = counts.iter().enumerate().map(bar).collect();
    let highest = counts.iter().copied().max().unwrap_or(1) as f64;
    let label = match f64::from(last) > most {
        true => format!("duration, s (the last bar: up to {} s)", short(last.into())),
        false => "duration, s".to_owned(),
    };
    let y = Axis::new("utterances", 0.0, 1.05 * highest).ticks(Ticks::Whole);
    let panel = Panel::new(Axis::new(label, 0.0, most), y)
        .height(160.0)
        .grid()
        .with(Mark::Bars(Bars { bars, series: 0 }));
    Some(drawn(Figure::new("How long utterances are").with(panel)))
}

/// The mean of each column in each split, with the spread of the first.
pub(crate) fn columns(array: &ArrayFacts) -> Option<String> {
    let (_, first) = array.splits.first()?;
    let numbered = |of: &[crate::report::columns::Statistic]| {
        of.iter().enumerate().map(|(n, of)| (n as f64, of.mean)).collect::<Vec<_>>()
    };
    let edges: Vec<(f64, f64, f64)> = first
        .iter()
        .enumerate()
        .map(|(n, of)| {
            let spread = of.standard_deviation();
            (n as f64, of.mean - spread, of.mean + spread)
        })
        .collect();
    let means = array.splits.iter().flat_map(|(_, of)| of.iter().map(|of| of.mean));
    let all = means.chain(edges.iter().flat_map(|&(_, low, high)| [low, high]));
    let (low, high) = all.fold((f64::INFINITY, f64::NEG_INFINITY), |(low, high), value| {
        (low.min(value), high.max(value))
    });
    let margin = 0.05 * (high - low);
    let last = (first.len() as f64 - 1.0).max(1.0);
    let x = Axis::new("column", 0.0, last).ticks(names(&array.columns));
    let mut panel = Panel::new(x, Axis::new("mean", low - margin, high + margin))
        .height(200.0)
        .grid()
        .with(Mark::Band(Band { edges, series: 0 }));
    for (number, (split, of)) in array.splits.iter().enumerate().take(6) {
        panel = panel.with(Mark::Line(Line::new(split, numbered(of)).series(number)));
    }
    let title =
        format!("{}: mean of each column, and the spread in {}", array.name, array.splits[0].0);
    Some(drawn(Figure::new(title).with(panel)))
}

fn names(columns: &[String]) -> Ticks {
    let every = columns.len().div_ceil(12).max(1);
    let ticks = columns.iter().enumerate().step_by(every);
    Ticks::At(ticks.map(|(n, name)| (n as f64, name.clone())).collect())
}

/// How often each of some labels is there.
pub(crate) fn labels(tier: &str, counts: &[(&str, u64)]) -> String {
    let bar = |(n, &(label, count)): (usize, &(&str, u64))| {
        let place = n as f64;
        (
            place - 0.5,
            place + 0.5,
            count as f64,
            format!("{label}: {}", counted_round(count, "time")),
        )
    };
    let highest = counts.iter().map(|(_, count)| *count).max().unwrap_or(1) as f64;
    let ticks = counts.iter().enumerate().map(|(n, (label, _))| (n as f64, (*label).to_owned()));
    let x = Axis::new("", -0.6, counts.len() as f64 - 0.4).ticks(Ticks::At(ticks.collect()));
    let y = Axis::new("times", 0.0, 1.05 * highest).ticks(Ticks::Whole);
    let panel = Panel::new(x, y)
        .height(140.0)
        .grid()
        .with(Mark::Bars(Bars { bars: counts.iter().enumerate().map(bar).collect(), series: 1 }));
    drawn(Figure::new(format!("Labels of {tier}")).with(panel))
}

/// How much faster each number of workers is, beside the ideal.
pub(crate) fn speed(runs: &[SpeedRun]) -> Option<String> {
    let most_jobs = runs.iter().map(|run| run.jobs).fold(1.0, f64::max);
    let most = runs.iter().map(|run| run.speed_up).fold(most_jobs, f64::max);
    let mut panel = Panel::new(
        Axis::new("workers", 0.0, most_jobs * 1.05).ticks(numbers_of_workers(runs)),
        Axis::new("times faster", 0.0, most * 1.05),
    )
    .height(200.0)
    .grid()
    .with(Mark::Line(Line::new("ideal", vec![(0.0, 0.0), (most_jobs, most_jobs)]).series(2)));
    let mut ways: Vec<&str> = runs.iter().map(|run| run.isolation.as_str()).collect();
    ways.dedup();
    for (number, way) in ways.into_iter().enumerate().take(3) {
        let points =
            runs.iter().filter(|run| run.isolation == way).map(|run| (run.jobs, run.speed_up));
        let line = Line { has_dots: true, ..Line::new(way, points.collect()).series(number) };
        panel = panel.with(Mark::Line(line));
    }
    (!runs.is_empty()).then(|| drawn(Figure::new("Speed").width(WIDTH).with(panel)))
}

/// The numbers of workers that were measured.
fn numbers_of_workers(runs: &[SpeedRun]) -> Ticks {
    let numbers: BTreeSet<u64> = runs.iter().map(|run| run.jobs as u64).collect();
    Ticks::At(numbers.into_iter().map(|jobs| (jobs as f64, jobs.to_string())).collect())
}

fn drawn(figure: Figure) -> String {
    figure.width(WIDTH).to_svg(Theme::Page)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn few_utterances_are_counted_in_whole_numbers() {
        // A panel's own numbers stand before those of the axis below it.
        let svg = durations(&[1.0, 2.0, 2.01]).unwrap();
        let texts: Vec<&str> = svg
            .split("<text ")
            .filter(|of| of.contains("text-anchor=\"end\""))
            .filter_map(|of| of.split(['>', '<']).nth(1))
            .collect();
        assert_eq!(texts, ["0", "1", "2"]);
        assert!(!labels("phones", &[("a", 1), ("b", 1)]).contains(">0.5<"));
    }
}
