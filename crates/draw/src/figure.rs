//! A figure: panels, one below the other.

use crate::number::place;
use crate::panel::{LaidOut, Panel};
use crate::svg::{Anchor, Rect, Svg, escaped};
use crate::text::fitted;
use crate::theme::{Role, Theme};

/// A figure: panels, one below the other, whose horizontal axes line up.
#[derive(Debug, Clone, PartialEq)]
pub struct Figure {
    /// A line above all; it names the figure for who cannot see it, too.
    pub title: String,
    /// Further lines below the title.
    pub notes: Vec<String>,
    /// The width of all, in pixels.
    pub width: f64,
    /// The panels from above.
    pub panels: Vec<Panel>,
}

const MARGIN: f64 = 16.0;
const TITLE_SIZE: f64 = 15.0;
const TITLE_HEIGHT: f64 = 26.0;
const NOTE_HEIGHT: f64 = 18.0;
/// Between two panels.
const GAP: f64 = 10.0;

impl Figure {
    /// Begins a figure of a usual width.
    pub fn new(title: impl Into<String>) -> Figure {
        Figure { title: title.into(), notes: Vec::new(), width: 960.0, panels: Vec::new() }
    }

    /// Changes its width, in pixels.
    #[must_use]
    pub fn width(self, width: f64) -> Figure {
        Figure { width: width.clamp(200.0, 16_000.0), ..self }
    }

    /// Adds a line below the title.
    #[must_use]
    pub fn note(mut self, note: impl Into<String>) -> Figure {
        self.notes.push(note.into());
        self
    }

    /// Adds a panel below what is there.
    #[must_use]
    pub fn with(mut self, panel: Panel) -> Figure {
        self.panels.push(panel);
        self
    }

    /// Draws it.
    pub fn to_svg(&self, theme: Theme) -> String {
        let widest = |of: fn(&Panel) -> f64| self.panels.iter().map(of).fold(0.0, f64::max);
        let (left, right) = (MARGIN + widest(Panel::left), MARGIN + widest(Panel::right));
        let head = match self.title.is_empty() {
            true => 0.0,
            false => TITLE_HEIGHT + NOTE_HEIGHT * self.notes.len() as f64,
        };
        let gaps = GAP * self.panels.len().saturating_sub(1) as f64;
        let field = (self.width - left - right).max(10.0);
        let laid_out: Vec<LaidOut> = self.panels.iter().map(|panel| panel.lay_out(field)).collect();
        let panels: f64 = laid_out.iter().map(|of| of.height).sum();
        let height = (2.0 * MARGIN + head + panels + gaps).ceil();

        let mut svg = Svg::new(theme);
        let (width, high) = (place(self.width), place(height));
        let view = format!("0 0 {width} {high}");
        let name = escaped(&self.title);
        let mut attributes = vec![
            ("xmlns", "http://www.w3.org/2000/svg"),
            ("width", &*width),
            ("height", &*high),
            ("viewBox", &*view),
            ("role", "img"),
            ("aria-label", &*name),
        ];
        if theme != Theme::Page {
            attributes.push(("font-family", "DejaVu Sans, Verdana, sans-serif"));
        }
        svg.begin("svg", &attributes);
        if theme != Theme::Page {
            let page = Rect { left: 0.0, top: 0.0, width: self.width, height };
            svg.fill(page, Role::Paper);
        }
        self.draw_head(&mut svg);
        let mut top = MARGIN + head;
        for (panel, of) in self.panels.iter().zip(&laid_out) {
            let rect = Rect { left, top: top + of.above, width: field, height: panel.height };
            panel.draw(&mut svg, rect, of);
            top += of.height + GAP;
        }
        svg.end("svg");
        svg.into_text()
    }

    fn draw_head(&self, svg: &mut Svg) {
        if self.title.is_empty() {
            return;
        }
        let room = self.width - 2.0 * MARGIN;
        let title = fitted(&self.title, TITLE_SIZE, room).unwrap_or_default();
        let at = (MARGIN, MARGIN + TITLE_SIZE - 2.0);
        svg.sized_text(&title, at, Anchor::Start, Role::Ink, TITLE_SIZE);
        for (n, note) in self.notes.iter().enumerate() {
            let note = fitted(note, crate::svg::SIZE, room).unwrap_or_default();
            let y = MARGIN + TITLE_HEIGHT + NOTE_HEIGHT * n as f64 + 8.0;
            svg.text(&note, (MARGIN, y), Anchor::Start, Role::Muted);
        }
    }
}
