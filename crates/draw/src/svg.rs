//! Text of SVG, element by element.

use std::fmt::Write;

use crate::number::place;
use crate::theme::{Role, Theme};

/// The size of text, in pixels.
pub(crate) const SIZE: f64 = 12.0;

/// SVG that is being written. Colours are those of a theme.
#[derive(Debug)]
pub(crate) struct Svg {
    text: String,
    theme: Theme,
}

/// The end of a text that stands at its place.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Anchor {
    Start,
    Middle,
    End,
}

/// A rectangle of the page.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Rect {
    pub(crate) left: f64,
    pub(crate) top: f64,
    pub(crate) width: f64,
    pub(crate) height: f64,
}

impl Svg {
    pub(crate) fn new(theme: Theme) -> Svg {
        Svg { text: String::new(), theme }
    }

    pub(crate) fn color(&self, role: Role) -> String {
        self.theme.color(role).into_owned()
    }

    /// Writes an element without contents, each on a line of its own.
    ///
    /// - `attributes`: values that are this crate's own, in which nothing is to be escaped
    pub(crate) fn element(&mut self, name: &str, attributes: &[(&str, &str)]) {
        self.begin(name, attributes);
        self.text.truncate(self.text.len() - ">\n".len());
        self.text.push_str("/>\n");
    }

    /// Begins an element with contents.
    pub(crate) fn begin(&mut self, name: &str, attributes: &[(&str, &str)]) {
        self.text.push('<');
        self.text.push_str(name);
        for (name, value) in attributes {
            // Writing to a string cannot fail.
            let _ = write!(self.text, " {name}=\"{value}\"");
        }
        self.text.push_str(">\n");
    }

    pub(crate) fn end(&mut self, name: &str) {
        let _ = writeln!(self.text, "</{name}>");
    }

    /// Writes an element whose contents are text.
    pub(crate) fn text_element(&mut self, name: &str, attributes: &[(&str, &str)], text: &str) {
        self.begin(name, attributes);
        self.text.truncate(self.text.len() - 1);
        self.text.push_str(&escaped(text));
        self.end(name);
    }

    /// Writes a line of text, whose letters stand on `y`.
    pub(crate) fn text(&mut self, text: &str, at: (f64, f64), anchor: Anchor, role: Role) {
        self.sized_text(text, at, anchor, role, SIZE);
    }

    pub(crate) fn sized_text(
        &mut self,
        text: &str,
        at: (f64, f64),
        anchor: Anchor,
        role: Role,
        size: f64,
    ) {
        if text.is_empty() {
            return;
        }
        let (x, y, fill, size) = (place(at.0), place(at.1), self.color(role), place(size));
        let mut attributes =
            vec![("x", x.as_str()), ("y", &y), ("fill", &fill), ("font-size", &size)];
        match anchor {
            Anchor::Start => {}
            Anchor::Middle => attributes.push(("text-anchor", "middle")),
            Anchor::End => attributes.push(("text-anchor", "end")),
        }
        self.text_element("text", &attributes, text);
    }

    /// Writes a path that is drawn with a pen.
    pub(crate) fn stroke(&mut self, path: &str, role: Role, width: f64) {
        let (color, width) = (self.color(role), place(width));
        let attributes =
            [("d", path), ("fill", "none"), ("stroke", &*color), ("stroke-width", &width)];
        self.element("path", &attributes);
    }

    /// Writes a rectangle that is filled.
    pub(crate) fn fill(&mut self, rect: Rect, role: Role) {
        let color = self.color(role);
        self.rect(rect, &[("fill", &color)]);
    }

    /// Writes the outline of a rectangle, on whole pixels.
    pub(crate) fn frame(&mut self, rect: Rect) {
        let color = self.color(Role::Muted);
        let rect = Rect { left: rect.left.floor() + 0.5, top: rect.top.floor() + 0.5, ..rect };
        let rect = Rect { width: rect.width.round(), height: rect.height.round(), ..rect };
        self.rect(rect, &[("fill", "none"), ("stroke", &color)]);
    }

    pub(crate) fn rect(&mut self, rect: Rect, attributes: &[(&str, &str)]) {
        let places = [rect.left, rect.top, rect.width.max(0.0), rect.height.max(0.0)].map(place);
        let places =
            ["x", "y", "width", "height"].into_iter().zip(places.iter().map(String::as_str));
        let all: Vec<(&str, &str)> = places.chain(attributes.iter().copied()).collect();
        self.element("rect", &all);
    }

    pub(crate) fn into_text(self) -> String {
        self.text
    }
}

/// Returns what stands for a character that means something in markup, HTML's and XML's; none where it means itself.
pub fn entity(c: char) -> Option<&'static str> {
    Some(match c {
        '&' => "&amp;",
        '<' => "&lt;",
        '>' => "&gt;",
        '"' => "&quot;",
        '\'' => "&#39;",
        _ => return None,
    })
}

/// Returns text as the contents of an element or an attribute. What XML 1.0 cannot have becomes U+FFFD.
pub(crate) fn escaped(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            c if entity(c).is_some() => escaped.extend(entity(c)),
            '\u{fffe}' | '\u{ffff}' => escaped.push('\u{fffd}'),
            '\t' | '\n' | '\r' => escaped.push(' '),
            c if c.is_control() => escaped.push('\u{fffd}'),
            c => escaped.push(c),
        }
    }
    escaped
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_stays_text_whatever_it_is() {
        assert_eq!(
            escaped("</text><script>\"'&\u{1b}[0m\u{0}\n\u{ffff}ə"),
            "&lt;/text&gt;&lt;script&gt;&quot;&#39;&amp;\u{fffd}[0m\u{fffd} \u{fffd}ə"
        );
    }
}
