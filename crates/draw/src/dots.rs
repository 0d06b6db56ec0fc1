//! Dots.

use std::collections::BTreeMap;
use std::fmt::Write;

use crate::field::Field;
use crate::number::place;
use crate::svg::Svg;
use crate::theme::Role;

/// Dots of one colour.
#[derive(Debug, Clone, PartialEq)]
pub struct Dots {
    /// Their places and sizes.
    pub dots: Vec<Dot>,
    /// Which colour of the theme they have, from 0; none for that of text.
    pub series: Option<usize>,
}

/// A dot.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Dot {
    /// On the horizontal axis.
    pub x: f64,
    /// On the vertical axis.
    pub y: f64,
    /// In pixels.
    pub radius: f64,
}

impl Dots {
    /// Draws dots of a size as one path, so that a hundred thousand take a megabyte: a stroke of no length with a
    /// round pen is a dot.
    pub(crate) fn draw(&self, svg: &mut Svg, field: &Field<'_>) {
        let mut sizes: BTreeMap<u64, String> = BTreeMap::new();
        for dot in &self.dots {
            // Quarters of a pixel, and never so small that it cannot be seen.
            let size = (dot.radius * 8.0).round().clamp(3.0, 400.0) as u64;
            let path = sizes.entry(size).or_default();
            // Writing to a string cannot fail.
            let _ = write!(path, "M{} {}h0", place(field.x(dot.x)), place(field.y(dot.y)));
        }
        let color = svg.color(self.series.map_or(Role::Ink, Role::Series));
        for (size, path) in sizes {
            let width = place(size as f64 / 4.0);
            svg.element(
                "path",
                &[
                    ("d", path.as_str()),
                    ("stroke", &color),
                    ("stroke-width", &width),
                    ("stroke-linecap", "round"),
                    ("stroke-opacity", "0.85"),
                    ("fill", "none"),
                ],
            );
        }
    }
}
