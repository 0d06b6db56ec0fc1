//! Pictures: what a spikegram looks like, and what it costs to come near.

mod axis;
mod canvas;
mod rate;
mod spikegram;

pub(crate) use rate::rate_picture;
pub(crate) use spikegram::{Shown, spikegram_picture};

use axis::Axis;
use canvas::{Beside, Canvas};

/// The darkness of frames and ticks.
const FRAME_INK: f64 = 0.6;

/// A frame around a part of the page, with ticks below and to the left.
fn frame(canvas: &mut Canvas, x: &Axis, y: &Axis) {
    let ((left, right), (bottom, top)) = (x.places, y.places);
    for (from, to) in [
        ((left, bottom), (right, bottom)),
        ((left, top), (right, top)),
        ((left, bottom), (left, top)),
        ((right, bottom), (right, top)),
    ] {
        canvas.line(from, to, 1.0, FRAME_INK);
    }
}

fn ticks_below(canvas: &mut Canvas, x: &Axis, bottom: f64, ticks: &[(f64, String)]) {
    for (value, text) in ticks {
        let place = x.place(*value);
        canvas.line((place, bottom), (place, bottom + 5.0), 1.0, FRAME_INK);
        canvas.text(text, place, bottom + 8.0, Beside::Below);
    }
}

fn ticks_left(canvas: &mut Canvas, y: &Axis, left: f64, ticks: &[(f64, String)]) {
    for (value, text) in ticks {
        let place = y.place(*value);
        canvas.line((left - 5.0, place), (left, place), 1.0, FRAME_INK);
        canvas.text(text, left - 8.0, place, Beside::Left);
    }
}
