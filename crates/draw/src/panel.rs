//! A panel: two axes, and what is drawn between them.

use crate::axis::{Axis, Ticks};
use crate::field::Field;
use crate::heat_map::HeatMap;
use crate::mark::Mark;
use crate::number::place;
use crate::svg::{Anchor, Rect, SIZE, Svg};
use crate::text::{self, fitted};
use crate::theme::Role;

/// A panel: two axes, and what is drawn between them.
#[derive(Debug, Clone, PartialEq)]
pub struct Panel {
    /// A line above it; empty for none.
    pub title: String,
    /// The height of the field between the axes, in pixels.
    pub height: f64,
    /// The horizontal axis.
    pub x: Axis,
    /// The vertical axis.
    pub y: Axis,
    /// True where lines in the background go with the vertical axis' ticks.
    pub has_grid: bool,
    /// The marks, the first below.
    pub marks: Vec<Mark>,
}

/// A value that the horizontal axis marks, and its name. Places are from the field's left.
struct Below {
    x: f64,
    /// The middle of the name.
    middle: f64,
    /// The line that has room for it, if one has.
    line: Option<usize>,
    text: String,
}

/// What is above and below a panel's field, in pixels.
pub(crate) struct LaidOut {
    /// The height of the title.
    pub(crate) above: f64,
    /// What the horizontal axis marks.
    names: Vec<Below>,
    /// The height of that.
    ticks: f64,
    /// The height of the panel, with all of these.
    pub(crate) height: f64,
}

const TITLE_HEIGHT: f64 = 20.0;
const TICK: f64 = 4.0;
const TICKS_HEIGHT: f64 = 20.0;
/// What a second line of names on the horizontal axis takes.
const TICKS_LINE: f64 = 13.0;
const LABEL_HEIGHT: f64 = 17.0;
/// How far a name on the horizontal axis may reach beyond the field.
const OVERHANG: f64 = 14.0;
/// What a number on the vertical axis takes at least.
const TICK_SPACING: f64 = 26.0;

impl Panel {
    /// Makes a panel of a usual height.
    pub fn new(x: Axis, y: Axis) -> Panel {
        Panel { title: String::new(), height: 200.0, x, y, has_grid: false, marks: Vec::new() }
    }

    /// Changes the line above it.
    #[must_use]
    pub fn title(self, title: impl Into<String>) -> Panel {
        Panel { title: title.into(), ..self }
    }

    /// Changes its height, in pixels.
    #[must_use]
    pub fn height(self, height: f64) -> Panel {
        Panel { height, ..self }
    }

    /// Draws lines in the background.
    #[must_use]
    pub fn grid(self) -> Panel {
        Panel { has_grid: true, ..self }
    }

    /// Adds something that is drawn over what is there.
    #[must_use]
    pub fn with(mut self, mark: Mark) -> Panel {
        self.marks.push(mark);
        self
    }

    fn heat_map(&self) -> Option<&HeatMap> {
        self.marks.iter().find_map(Mark::heat_map)
    }

    fn is_strip(&self) -> bool {
        self.marks.iter().all(|mark| matches!(mark, Mark::Strip(_)))
    }

    fn y_ticks(&self) -> Vec<(f64, String)> {
        let most = (self.height / TICK_SPACING) as usize;
        let ticks = self.y.marked(most.max(2));
        let mut last = f64::NEG_INFINITY;
        let has_room = |(value, _): &(f64, String)| {
            let place = self.y.share(*value) * self.height;
            let has_room = place - last >= SIZE + 1.0;
            if has_room {
                last = place;
            }
            has_room
        };
        match self.y.ticks {
            Ticks::At(_) => ticks.into_iter().filter(has_room).collect(),
            _ => ticks,
        }
    }

    /// Returns the room that its numbers take to the left of the field.
    pub(crate) fn left(&self) -> f64 {
        let widest = |(_, text): &(f64, String)| text::width(text, SIZE);
        let ticks = self.y_ticks().iter().map(widest).fold(0.0, f64::max) + TICK + 5.0;
        match self.is_strip() {
            true => ticks.max((text::width(&self.y.label, SIZE) + 8.0).min(140.0)),
            false => ticks,
        }
    }

    /// Returns the room that its bar of colours takes to the right of the field.
    pub(crate) fn right(&self) -> f64 {
        self.heat_map().map_or(0.0, HeatMap::bar_width)
    }

    /// Finds out what is above and below its field, and what height all of it has.
    ///
    /// - `width`: of the field
    pub(crate) fn lay_out(&self, width: f64) -> LaidOut {
        let names = self.names_below(width);
        let ticks = match self.x.ticks {
            Ticks::Round | Ticks::Whole | Ticks::At(_) => {
                let line = names.iter().filter_map(|name| name.line).max().unwrap_or(0);
                TICKS_HEIGHT + TICKS_LINE * line as f64
            }
            Ticks::Silent => TICK,
            Ticks::None => 0.0,
        };
        let above = if self.head().is_empty() { 0.0 } else { TITLE_HEIGHT };
        let label = if self.x.label.is_empty() { 0.0 } else { LABEL_HEIGHT };
        LaidOut { above, names, ticks, height: above + self.height + ticks + label }
    }

    /// Returns what the horizontal axis marks, from left to right: in one line, and where names would overlap, in two.
    fn names_below(&self, width: f64) -> Vec<Below> {
        let lines = if matches!(self.x.ticks, Ticks::At(_)) { 2 } else { 1 };
        let mut free_from = vec![f64::NEG_INFINITY; lines];
        let marked = self.x.marked(((width / 80.0) as usize).max(2)).into_iter();
        let name = |(value, text): (f64, String)| {
            let x = self.x.share(value) * width;
            let half = text::width(&text, SIZE) / 2.0;
            let middle = x.min(width + OVERHANG - half);
            let line = free_from.iter().position(|&free_from| middle - half >= free_from);
            if let Some(line) = line {
                free_from[line] = middle + half + 6.0;
            }
            Below { x, middle, line, text }
        };
        marked.map(name).collect()
    }

    /// The line above: the title, and what the vertical axis is of.
    fn head(&self) -> String {
        match (self.title.is_empty(), self.y.label.is_empty() || self.is_strip()) {
            (_, true) => self.title.clone(),
            (true, false) => self.y.label.clone(),
            (false, false) => format!("{} · {}", self.title, self.y.label),
        }
    }

    /// Draws it, its field at `rect`.
    ///
    /// - `laid_out`: for a field of this width
    pub(crate) fn draw(&self, svg: &mut Svg, rect: Rect, laid_out: &LaidOut) {
        let field = Field { rect, x: &self.x, y: &self.y };
        self.draw_head(svg, rect);
        if self.has_grid {
            for (value, _) in self.y_ticks() {
                let path = format!(
                    "M{} {}h{}",
                    place(rect.left),
                    place(field.y(value)),
                    place(rect.width)
                );
                svg.stroke(&path, Role::Grid, 1.0);
            }
        }
        // An SVG inside cuts off what lies outside of it, and needs no name that another figure could have.
        let places = [rect.left, rect.top, rect.width, rect.height].map(place);
        let view = places.join(" ");
        let [left, top, width, height] = places.each_ref().map(String::as_str);
        svg.begin(
            "svg",
            &[("x", left), ("y", top), ("width", width), ("height", height), ("viewBox", &view)],
        );
        for mark in &self.marks {
            mark.draw(svg, &field);
        }
        svg.end("svg");
        match self.is_strip() {
            true => {
                let text = fitted(&self.y.label, SIZE, 132.0).unwrap_or_default();
                let at = (rect.left - 8.0, rect.top + rect.height / 2.0 + 4.0);
                svg.text(&text, at, Anchor::End, Role::Muted);
            }
            false => svg.frame(rect),
        }
        self.draw_ticks(svg, &field, laid_out);
        if let Some(map) = self.heat_map() {
            map.draw_bar(svg, rect);
        }
    }

    fn draw_head(&self, svg: &mut Svg, rect: Rect) {
        let names: Vec<(&str, usize)> = self.marks.iter().filter_map(Mark::named).collect();
        let wide = |(name, _): &(&str, usize)| 30.0 + text::width(name, SIZE);
        let legend: f64 = names.iter().map(wide).sum();
        let y = rect.top - 7.0;
        let room = rect.width + self.right() - legend;
        let head = fitted(&self.head(), SIZE, room).unwrap_or_default();
        svg.text(&head, (rect.left, y), Anchor::Start, Role::Ink);
        let mut left = rect.left + rect.width - legend;
        for named in &names {
            let path = format!("M{} {}h14", place(left + 10.0), place(y - 4.0));
            svg.stroke(&path, Role::Series(named.1), 2.5);
            svg.text(named.0, (left + 29.0, y), Anchor::Start, Role::Muted);
            left += wide(named);
        }
    }

    fn draw_ticks(&self, svg: &mut Svg, field: &Field<'_>, laid_out: &LaidOut) {
        let rect = field.rect;
        let bottom = rect.top + rect.height;
        for (value, text) in self.y_ticks() {
            let y = field.y(value);
            svg.stroke(&format!("M{} {}h-{TICK}", place(rect.left), place(y)), Role::Muted, 1.0);
            let at = (rect.left - TICK - 4.0, y + 4.0);
            svg.text(&text, at, Anchor::End, Role::Muted);
        }
        for Below { x, middle, line, text } in &laid_out.names {
            let path = format!("M{} {}v{TICK}", place(rect.left + x), place(bottom));
            svg.stroke(&path, Role::Muted, 1.0);
            if let Some(line) = line {
                let at = (rect.left + middle, bottom + 17.0 + TICKS_LINE * *line as f64);
                svg.text(text, at, Anchor::Middle, Role::Muted);
            }
        }
        let at = (rect.left + rect.width / 2.0, bottom + laid_out.ticks + 13.0);
        svg.text(&self.x.label, at, Anchor::Middle, Role::Muted);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn panel(names: usize) -> Panel {
        let ticks = (0..names).map(|n| (n as f64, format!("name {n}"))).collect();
        let x = Axis::new("", 0.0, names as f64 - 1.0).ticks(Ticks::At(ticks));
        Panel::new(x, Axis::new("", 0.0, 1.0))
    }

    #[test]
    fn names_that_would_overlap_have_a_second_line_and_stay_on_the_page() {
        let width = 400.0;
        for (names, lines) in [(5, 1), (12, 2)] {
            let below = panel(names).names_below(width);
            let used: Vec<usize> = below.iter().filter_map(|name| name.line).collect();
            assert_eq!(used.len(), names, "each has a line");
            assert_eq!(used.iter().max(), Some(&(lines - 1)), "{names} names");
            for (a, b) in below.iter().zip(&below[1..]).filter(|(a, b)| a.line == b.line) {
                assert!(b.middle - a.middle >= text::width(&a.text, SIZE), "{} {}", a.text, b.text);
            }
            let last = &below[names - 1];
            assert!(last.middle + text::width(&last.text, SIZE) / 2.0 <= width + OVERHANG);
            let LaidOut { above, height, .. } = panel(names).lay_out(width);
            let expected = TICKS_HEIGHT + TICKS_LINE * (lines - 1) as f64;
            assert_eq!(height - above - 200.0, expected, "{names} names");
        }
    }

    #[test]
    fn what_has_no_room_in_two_lines_is_marked_without_its_name() {
        let below = panel(60).names_below(400.0);
        assert_eq!(below.len(), 60);
        assert!(below.iter().any(|name| name.line.is_none()));
    }
}
