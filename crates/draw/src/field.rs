//! The rectangle between a panel's axes.

use crate::axis::Axis;
use crate::svg::Rect;

/// The rectangle between a panel's axes, to which all that it draws is cut.
#[derive(Debug)]
pub(crate) struct Field<'a> {
    pub(crate) rect: Rect,
    pub(crate) x: &'a Axis,
    pub(crate) y: &'a Axis,
}

impl Field<'_> {
    /// Returns the place of a value of the horizontal axis; far outside, that of a place not quite as far, which a
    /// picture's numbers can have.
    pub(crate) fn x(&self, value: f64) -> f64 {
        self.rect.left + self.rect.width * self.x.share(value).clamp(-10.0, 11.0)
    }

    /// Returns the place of a value of the vertical axis.
    pub(crate) fn y(&self, value: f64) -> f64 {
        self.rect.top + self.rect.height * (1.0 - self.y.share(value).clamp(-10.0, 11.0))
    }
}
