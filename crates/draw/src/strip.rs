//! Strips of labels.

use crate::field::Field;
use crate::svg::{Anchor, Rect, SIZE, Svg};
use crate::text::fitted;
use crate::theme::Role;

/// Labels of stretches of time, a box each. The vertical axis of its panel counts nothing.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Strip {
    /// The labels in the order of time.
    pub intervals: Vec<Interval>,
}

/// A stretch of time with its label.
#[derive(Debug, Clone, PartialEq)]
pub struct Interval {
    /// Its beginning on the horizontal axis.
    pub start: f64,
    /// Its end.
    pub end: f64,
    /// Its label.
    pub label: String,
}

/// Boxes that are narrower than this, in pixels, are drawn as one with those after them.
const NARROWEST: f64 = 1.5;

impl Strip {
    pub(crate) fn draw(&self, svg: &mut Svg, field: &Field<'_>) {
        let mut drawn_to = f64::NEG_INFINITY;
        for Interval { start, end, label } in &self.intervals {
            let (left, right) = (field.x(*start), field.x(*end));
            if right.max(left) - drawn_to < NARROWEST || right < field.rect.left {
                continue;
            }
            let left_edge = left.max(drawn_to);
            drawn_to = right;
            let Rect { top, height, .. } = field.rect;
            let rect = Rect { left: left_edge, top, width: right - left_edge, height };
            // A gap of a pixel tells one box from the next where it can be spared.
            let gap = if rect.width > 4.0 { 1.0 } else { 0.0 };
            svg.fill(Rect { width: rect.width - gap, ..rect }, Role::Strip);
            let shown = rect.left.max(field.rect.left)
                ..(rect.left + rect.width).min(field.rect.left + field.rect.width);
            if let Some(text) = fitted(label, SIZE, shown.end - shown.start - 3.0) {
                let at = ((shown.start + shown.end) / 2.0, top + height / 2.0 + 4.0);
                svg.text(&text, at, Anchor::Middle, Role::Ink);
            }
        }
    }
}
