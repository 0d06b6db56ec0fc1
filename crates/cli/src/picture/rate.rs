//! The cost of coming near: signal-to-noise ratio against how much was taken.

use super::{Axis, Beside, Canvas, frame, ticks_below, ticks_left};

const LEFT: f64 = 64.0;
const RIGHT: f64 = 32.0;
const TOP: f64 = 56.0;
const BOTTOM: f64 = 524.0;
const WIDTH: usize = 840;
const HEIGHT: usize = 584;

/// - `rate`: what the first number of a point is
/// - `points`: a rate, and the signal-to-noise ratio in dB
pub(crate) fn rate_picture(title: &str, rate: &str, points: &[(f64, f64)]) -> Canvas {
    let mut points = points.to_vec();
    points.sort_by(|a, b| a.0.total_cmp(&b.0));
    let most = |of: fn(&(f64, f64)) -> f64| points.iter().map(of).fold(1e-3, f64::max) * 1.05;
    let width = WIDTH as f64;
    let x = Axis { values: (0.0, most(|point| point.0)), places: (LEFT, width - RIGHT) };
    let y = Axis { values: (0.0, most(|point| point.1)), places: (BOTTOM, TOP) };
    let mut canvas = Canvas::new(WIDTH, HEIGHT);
    canvas.text(title, LEFT, 16.0, Beside::Right);
    canvas.text("signal-to-noise ratio, dB", LEFT, TOP - 12.0, Beside::Right);
    canvas.text(rate, (LEFT + width - RIGHT) / 2.0, BOTTOM + 28.0, Beside::Below);
    for (value, _) in y.ticks(10) {
        canvas.line((LEFT, y.place(value)), (width - RIGHT, y.place(value)), 1.0, 0.12);
    }
    frame(&mut canvas, &x, &y);
    ticks_below(&mut canvas, &x, BOTTOM, &x.ticks(8));
    ticks_left(&mut canvas, &y, LEFT, &y.ticks(10));
    let place = |point: &(f64, f64)| (x.place(point.0), y.place(point.1));
    for [from, to] in points.array_windows() {
        canvas.line(place(from), place(to), 1.5, 0.8);
    }
    for point in &points {
        let (px, py) = place(point);
        canvas.dot(px, py, 4.0, 1.0);
    }
    canvas
}
