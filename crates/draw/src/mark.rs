//! What is drawn in a panel.

use crate::dots::{Dot, Dots};
use crate::envelope::Envelope;
use crate::field::Field;
use crate::heat_map::HeatMap;
use crate::lines::{Band, Bars, Line, Rule, area};
use crate::strip::Strip;
use crate::svg::Svg;
use crate::theme::Role;

/// A mark in a panel, in the units of its axes.
#[derive(Debug, Clone, PartialEq)]
pub enum Mark {
    /// Numbers as colours.
    HeatMap(HeatMap),
    /// A waveform.
    Waveform(Envelope),
    /// Labels of stretches of time.
    Strip(Strip),
    /// Dots.
    Dots(Dots),
    /// A line through points.
    Line(Line),
    /// The area between two lines.
    Band(Band),
    /// The bars of a histogram.
    Bars(Bars),
    /// A line across the panel.
    Rule(Rule),
}

impl Mark {
    pub(crate) fn draw(&self, svg: &mut Svg, field: &Field<'_>) {
        match self {
            Mark::HeatMap(map) => map.draw(svg, field),
            Mark::Waveform(envelope) => waveform(envelope, svg, field),
            Mark::Strip(strip) => strip.draw(svg, field),
            Mark::Dots(dots) => dots.draw(svg, field),
            Mark::Line(line) => {
                line.draw(svg, field);
                if line.has_dots {
                    let dot = |&(x, y): &(f64, f64)| Dot { x, y, radius: 3.5 };
                    let dots = line.points.iter().filter(|(x, y)| (x + y).is_finite()).map(dot);
                    Dots { dots: dots.collect(), series: Some(line.series) }.draw(svg, field);
                }
            }
            Mark::Band(band) => band.draw(svg, field),
            Mark::Bars(bars) => bars.draw(svg, field),
            Mark::Rule(rule) => rule.draw(svg, field),
        }
    }

    /// Returns the name that a legend has of it, and its colour.
    pub(crate) fn named(&self) -> Option<(&str, usize)> {
        match self {
            Mark::Line(line) if !line.name.is_empty() => Some((&line.name, line.series)),
            _ => None,
        }
    }

    pub(crate) fn heat_map(&self) -> Option<&HeatMap> {
        match self {
            Mark::HeatMap(map) => Some(map),
            _ => None,
        }
    }
}

/// Draws the outline of a waveform as one shape, with a pen, so that a quiet one is a line.
fn waveform(envelope: &Envelope, svg: &mut Svg, field: &Field<'_>) {
    let upper = envelope.heard().map(|(n, (_, high))| (envelope.middle(n), f64::from(high)));
    let lower = envelope.heard().rev().map(|(n, (low, _))| (envelope.middle(n), f64::from(low)));
    let path = area(field, upper.chain(lower));
    let color = svg.color(Role::Series(0));
    svg.element(
        "path",
        &[("d", &path), ("fill", &color), ("stroke", &color), ("stroke-width", "0.75")],
    );
}
