//! Heat maps, and the bars that say what their colours mean.

use crate::axis::{Axis, round};
use crate::color_map::ColorMap;
use crate::field::Field;
use crate::grid::Grid;
use crate::number::place;
use crate::pixels::data_url;
use crate::svg::{Anchor, Rect, SIZE, Svg};
use crate::text;
use crate::theme::Role;

/// Numbers as colours. The panel has a bar that says which is which.
#[derive(Debug, Clone, PartialEq)]
pub struct HeatMap {
    /// The numbers.
    pub grid: Grid,
    /// The grid's left and right edges, on the horizontal axis.
    pub across: (f64, f64),
    /// Its lower and upper edges, on the vertical axis.
    pub up: (f64, f64),
    /// The numbers of the first and the last colour; what is beyond has the same colours.
    pub range: (f64, f64),
    /// The colours.
    pub colors: ColorMap,
}

/// The room for a bar of colours, and the gap before it.
const BAR: f64 = 12.0;
const GAP: f64 = 10.0;

impl HeatMap {
    pub(crate) fn draw(&self, svg: &mut Svg, field: &Field<'_>) {
        let (across, up) = self.grid.cells();
        if across == 0 || up == 0 {
            return;
        }
        // An image of indexed pixels of this size can always be written.
        let Ok(url) = data_url(&self.grid, self.range, self.colors) else { return };
        let (left, right) = (field.x(self.across.0), field.x(self.across.1));
        let (bottom, top) = (field.y(self.up.0), field.y(self.up.1));
        let places = [left, top, right - left, bottom - top].map(place);
        let mut attributes = vec![
            ("x", places[0].as_str()),
            ("y", &places[1]),
            ("width", &places[2]),
            ("height", &places[3]),
            ("preserveAspectRatio", "none"),
        ];
        // Cells that are larger than pixels have edges; smaller ones are mixed.
        if (across as f64) < right - left {
            attributes.push(("image-rendering", "pixelated"));
        }
        attributes.push(("href", &url));
        svg.element("image", &attributes);
    }

    /// Returns the width of the bar of colours with its numbers.
    pub(crate) fn bar_width(&self) -> f64 {
        let widest = |(_, text): &(f64, String)| text::width(text, SIZE);
        GAP + BAR + 8.0 + self.ticks(5).iter().map(widest).fold(0.0, f64::max)
    }

    fn ticks(&self, most: usize) -> Vec<(f64, String)> {
        round(self.range.0, self.range.1, most)
    }

    /// Draws the bar to the right of a field.
    pub(crate) fn draw_bar(&self, svg: &mut Svg, rect: Rect) {
        const STEPS: usize = 64;
        let left = rect.left + rect.width + GAP;
        let step = rect.height / STEPS as f64;
        for n in 0..STEPS {
            let color = self.colors.color((n as f64 + 0.5) / STEPS as f64);
            let color = format!("#{:02x}{:02x}{:02x}", color.r, color.g, color.b);
            let top = rect.top + rect.height - (n + 1) as f64 * step;
            // A little higher than a step, so that no seam shows; the next covers it.
            let overlap = if n + 1 < STEPS { 0.5 } else { 0.0 };
            let rect = Rect { left, top: top - overlap, width: BAR, height: step + overlap };
            svg.rect(rect, &[("fill", &color)]);
        }
        svg.frame(Rect { left, width: BAR, ..rect });
        let axis = Axis::new("", self.range.0, self.range.1);
        for (value, text) in self.ticks(((rect.height / 30.0) as usize).clamp(1, 6)) {
            let y = rect.top + rect.height * (1.0 - axis.share(value));
            svg.text(&text, (left + BAR + 5.0, y + 4.0), Anchor::Start, Role::Muted);
        }
    }
}
