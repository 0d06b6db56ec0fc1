//! The cost of coming near: signal-to-noise ratio against how much was taken.

use ossicle_draw::{Axis, Figure, Line, Mark, Panel};

/// - `rate`: what the first number of a point is
/// - `curves`: each with its name, and a rate and the signal-to-noise ratio in dB of each point; a ratio that is not
///   finite is left out
pub(crate) fn rate_picture(
    title: &str,
    rate: &str,
    mut curves: Vec<(&str, Vec<(f64, f64)>)>,
) -> Figure {
    for (_, points) in &mut curves {
        points.retain(|(_, snr_db)| snr_db.is_finite());
        points.sort_by(|a, b| a.0.total_cmp(&b.0));
    }
    let points = || curves.iter().flat_map(|(_, points)| points);
    let most = |of: fn(&(f64, f64)) -> f64| points().map(of).fold(1e-3, f64::max) * 1.05;
    let x = Axis::new(rate, 0.0, most(|point| point.0));
    let y = Axis::new("signal-to-noise ratio, dB", 0.0, most(|point| point.1));
    let mut panel = Panel::new(x, y).height(440.0).grid();
    for (series, (name, points)) in curves.into_iter().enumerate() {
        let line = Line { has_dots: true, ..Line::new(name, points).series(series) };
        panel = panel.with(Mark::Line(line));
    }
    Figure::new(title).width(840.0).with(panel)
}
