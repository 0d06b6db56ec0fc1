//! Heat maps, and the bars that say what their colours mean.

use crate::axis::Axis;
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

    /// The values beside the bar: numbers that are no range are given one, so that there are two.
    fn axis(&self) -> Axis {
        Axis::new("", self.range.0, self.range.1)
    }

    fn ticks(&self, most: usize) -> Vec<(f64, String)> {
        self.axis().marked(most)
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
        let axis = self.axis();
        for (value, text) in self.ticks(((rect.height / 30.0) as usize).clamp(1, 6)) {
            let y = rect.top + rect.height * (1.0 - axis.share(value));
            svg.text(&text, (left + BAR + 5.0, y + 4.0), Anchor::Start, Role::Muted);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::theme::Theme;

    #[test]
    fn a_bar_says_two_numbers_at_least() {
        let ranges =
            [(0.0, 1.0), (-15.93, 4.21), (-1e-7, 1e-7), (3.0, 3.0), (0.98, 1.04), (0.0, 7e-13)];
        for range in ranges {
            for height in [20.0, 61.0, 130.0, 300.0] {
                let map = HeatMap {
                    grid: Grid::new(1, 5),
                    across: (0.0, 1.0),
                    up: (0.0, 5.0),
                    range,
                    colors: ColorMap::Viridis,
                };
                let mut svg = Svg::new(Theme::Light);
                map.draw_bar(&mut svg, Rect { left: 0.0, top: 0.0, width: 100.0, height });
                let svg = svg.into_text();
                let texts: std::collections::BTreeSet<&str> =
                    svg.split("<text ").skip(1).filter_map(|of| of.split('>').nth(1)).collect();
                assert!((2..=13).contains(&texts.len()), "{range:?} {height}: {texts:?}");
            }
        }
    }
}
