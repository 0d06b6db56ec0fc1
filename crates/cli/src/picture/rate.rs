//! The cost of coming near: signal-to-noise ratio against how much was taken.

use ossicle_draw::{Axis, Figure, Line, Mark, Panel};

/// - `rate`: what the first number of a point is
/// - `points`: a rate, and the signal-to-noise ratio in dB
pub(crate) fn rate_picture(title: &str, rate: &str, points: &[(f64, f64)]) -> Figure {
    let mut points = points.to_vec();
    points.sort_by(|a, b| a.0.total_cmp(&b.0));
    let most = |of: fn(&(f64, f64)) -> f64| points.iter().map(of).fold(1e-3, f64::max) * 1.05;
    let x = Axis::new(rate, 0.0, most(|point| point.0));
    let y = Axis::new("signal-to-noise ratio, dB", 0.0, most(|point| point.1));
    let line = Line { has_dots: true, ..Line::new("", points) };
    let panel = Panel::new(x, y).height(440.0).grid().with(Mark::Line(line));
    Figure::new(title).width(840.0).with(panel)
}
