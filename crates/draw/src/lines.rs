//! Lines, bands, bars and rules.

use std::fmt::Write;

use crate::field::Field;
use crate::number::place;
use crate::svg::{Rect, Svg};
use crate::theme::Role;

/// A line through points.
#[derive(Debug, Clone, PartialEq)]
pub struct Line {
    /// Its name in the legend; empty for none.
    pub name: String,
    /// The points in order. One that is not finite makes a gap.
    pub points: Vec<(f64, f64)>,
    /// Which colour of the theme it has, from 0.
    pub series: usize,
    /// True where each point has a dot.
    pub has_dots: bool,
}

impl Line {
    /// Makes a line of the first colour, without dots.
    pub fn new(name: impl Into<String>, points: Vec<(f64, f64)>) -> Line {
        Line { name: name.into(), points, series: 0, has_dots: false }
    }

    /// Changes its colour.
    #[must_use]
    pub fn series(self, series: usize) -> Line {
        Line { series, ..self }
    }

    pub(crate) fn draw(&self, svg: &mut Svg, field: &Field<'_>) {
        let mut path = String::new();
        let mut is_down = false;
        for &(x, y) in &self.points {
            if !x.is_finite() || !y.is_finite() {
                is_down = false;
                continue;
            }
            // Writing to a string cannot fail.
            let pen = if is_down { 'L' } else { 'M' };
            let _ = write!(path, "{pen}{} {}", place(field.x(x)), place(field.y(y)));
            is_down = true;
        }
        svg.stroke(&path, Role::Series(self.series), 1.5);
    }
}

/// The area between two lines.
#[derive(Debug, Clone, PartialEq)]
pub struct Band {
    /// Places on the horizontal axis in order, each with the lower and the upper edge.
    pub edges: Vec<(f64, f64, f64)>,
    /// Which colour of the theme it has, from 0; it is drawn lightly.
    pub series: usize,
}

impl Band {
    pub(crate) fn draw(&self, svg: &mut Svg, field: &Field<'_>) {
        let edges = || self.edges.iter().filter(|(x, low, high)| (x + low + high).is_finite());
        let upper = edges().map(|&(x, _, high)| (x, high));
        let lower = edges().rev().map(|&(x, low, _)| (x, low));
        let path = area(field, upper.chain(lower));
        let color = svg.color(Role::Series(self.series));
        svg.element("path", &[("d", &path), ("fill", &color), ("fill-opacity", "0.18")]);
    }
}

/// Returns the path around an area.
pub(crate) fn area(field: &Field<'_>, points: impl Iterator<Item = (f64, f64)>) -> String {
    let mut path = String::new();
    for (n, (x, y)) in points.enumerate() {
        let pen = if n == 0 { 'M' } else { 'L' };
        let _ = write!(path, "{pen}{} {}", place(field.x(x)), place(field.y(y)));
    }
    if !path.is_empty() {
        path.push('Z');
    }
    path
}

/// The bars of a histogram, from 0 up.
#[derive(Debug, Clone, PartialEq)]
pub struct Bars {
    /// For each: where it begins and ends on the horizontal axis, how high it is, and what a pointer on it is told.
    pub bars: Vec<(f64, f64, f64, String)>,
    /// Which colour of the theme they have, from 0.
    pub series: usize,
}

impl Bars {
    pub(crate) fn draw(&self, svg: &mut Svg, field: &Field<'_>) {
        let color = svg.color(Role::Series(self.series));
        for (begin, end, height, hint) in &self.bars {
            let (left, right) = (field.x(*begin), field.x(*end));
            let (bottom, top) = (field.y(0.0), field.y(*height));
            let gap = if right - left > 4.0 { 1.0 } else { 0.0 };
            let rect = Rect { left, top, width: right - left - gap, height: bottom - top };
            let places = [rect.left, rect.top, rect.width, rect.height].map(place);
            let places =
                ["x", "y", "width", "height"].into_iter().zip(places.iter().map(String::as_str));
            let attributes: Vec<_> = places.chain([("fill", color.as_str())]).collect();
            match hint.is_empty() {
                true => svg.element("rect", &attributes),
                false => {
                    svg.begin("rect", &attributes);
                    svg.text_element("title", &[], hint);
                    svg.end("rect");
                }
            }
        }
    }
}

/// A line across the panel at a value.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Rule {
    /// At a value of the horizontal axis.
    Vertical(f64),
    /// At a value of the vertical axis.
    Horizontal(f64),
}

impl Rule {
    pub(crate) fn draw(self, svg: &mut Svg, field: &Field<'_>) {
        let Rect { left, top, width, height } = field.rect;
        let path = match self {
            Rule::Vertical(x) => {
                format!("M{} {}v{}", place(field.x(x)), place(top), place(height))
            }
            Rule::Horizontal(y) => {
                format!("M{} {}h{}", place(left), place(field.y(y)), place(width))
            }
        };
        svg.stroke(&path, Role::Muted, 1.0);
    }
}
