//! Text of HTML, in which everything that came from elsewhere is data.

use std::fmt::Write;

use ossicle_draw::entity;
use ossicle_files::visible;

/// A page that is being written. Text and the values of attributes are escaped here, whatever they are; what
/// could move text about or turn its direction is made visible.
#[derive(Debug, Default)]
pub(crate) struct Html {
    text: String,
}

/// The attributes of an element.
pub(crate) type Attributes<'a> = &'a [(&'a str, &'a str)];

impl Html {
    pub(crate) fn open(&mut self, name: &str, attributes: Attributes<'_>) -> &mut Html {
        self.text.push('<');
        self.text.push_str(name);
        for (name, value) in attributes {
            // Writing to a string cannot fail.
            let _ = write!(self.text, " {name}=\"{}\"", escaped(value));
        }
        self.text.push('>');
        self
    }

    pub(crate) fn close(&mut self, name: &str) -> &mut Html {
        let _ = writeln!(self.text, "</{name}>");
        self
    }

    pub(crate) fn text(&mut self, text: &str) -> &mut Html {
        self.text.push_str(&escaped(text));
        self
    }

    /// Writes an element that has nothing but text.
    pub(crate) fn element(
        &mut self,
        name: &str,
        attributes: Attributes<'_>,
        text: &str,
    ) -> &mut Html {
        self.open(name, attributes).text(text).close(name)
    }

    /// Writes lines of a program as they are to be typed.
    pub(crate) fn code(&mut self, text: &str) -> &mut Html {
        self.open("pre", &[("tabindex", "0")]).open("code", &[]);
        for (number, line) in text.lines().enumerate() {
            if number > 0 {
                self.own("\n");
            }
            self.text(line);
        }
        self.close("code").close("pre")
    }

    /// Writes what a corpus says: whatever direction its script has, it keeps to itself.
    pub(crate) fn quoted(
        &mut self,
        name: &str,
        attributes: Attributes<'_>,
        text: &str,
    ) -> &mut Html {
        self.open(name, attributes).open("bdi", &[]).text(text).close("bdi").close(name)
    }

    /// Writes what is HTML already: of this program, and not of a corpus.
    pub(crate) fn own(&mut self, html: &str) -> &mut Html {
        self.text.push_str(html);
        self
    }

    pub(crate) fn paragraph(&mut self, text: &str) -> &mut Html {
        self.element("p", &[], text)
    }

    /// Writes a table of text, the first cell of each row as its name; rows have as many cells as the head. It scrolls by
    /// itself where it is wide.
    pub(crate) fn table(
        &mut self,
        caption: &str,
        head: &[&str],
        rows: &[Vec<String>],
    ) -> &mut Html {
        let kinds: Vec<&str> = (0..head.len()).map(|column| kind(rows, column)).collect();
        self.scrolling(caption, |html| {
            html.open("table", &[]).element("caption", &[], caption);
            html.open("thead", &[]).open("tr", &[]);
            for (cell, kind) in head.iter().zip(&kinds) {
                html.element("th", &[("scope", "col"), ("class", kind)], cell);
            }
            html.close("tr").close("thead").open("tbody", &[]);
            for row in rows {
                html.open("tr", &[]);
                for (number, (cell, kind)) in row.iter().zip(&kinds).enumerate() {
                    match number {
                        0 => html.quoted("th", &[("scope", "row")], cell),
                        _ => html.quoted("td", &[("class", kind)], cell),
                    };
                }
                html.close("tr");
            }
            html.close("tbody").close("table");
        })
    }

    /// Writes something that may be wider than the page, which a keyboard can scroll.
    pub(crate) fn scrolling(&mut self, name: &str, inside: impl FnOnce(&mut Html)) -> &mut Html {
        let attributes =
            [("class", "wide"), ("role", "region"), ("tabindex", "0"), ("aria-label", name)];
        self.open("div", &attributes);
        inside(self);
        self.close("div")
    }

    /// Writes a chart or a picture of this program.
    pub(crate) fn drawn(&mut self, name: &str, svg: &str) {
        self.scrolling(name, |html| _ = html.own(svg));
    }

    pub(crate) fn into_text(self) -> String {
        self.text
    }
}

/// Says what a column is of: numbers, which end below each other, where nothing else is in it.
fn kind(rows: &[Vec<String>], column: usize) -> &'static str {
    let mut cells = rows.iter().filter_map(|row| row.get(column)).filter(|cell| *cell != "–");
    let is_number = |cell: &String| {
        let digits = cell.trim_start_matches(['+', '−', '-', '≥', '~', ' ']);
        digits.starts_with(|c: char| c.is_ascii_digit())
    };
    if column > 0 && cells.all(is_number) { "number" } else { "text" }
}

/// Returns text as the contents of an element or an attribute.
pub(crate) fn escaped(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for c in visible(text).chars() {
        match entity(c) {
            Some(entity) => escaped.push_str(entity),
            None => escaped.push(c),
        }
    }
    escaped
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_of_numbers_are_told_from_columns_of_words() {
        let rows = [["a", "1.5 s", "–", "3"], ["b", "−2 s", "+1", "c3"]];
        let rows = rows.map(|row| row.map(str::to_owned).to_vec());
        let kinds = [0, 1, 2, 3].map(|column| kind(&rows, column));
        assert_eq!(kinds, ["text", "number", "number", "text"]);
    }

    #[test]
    fn nothing_that_is_said_becomes_an_element() {
        let mut html = Html::default();
        html.quoted(
            "td",
            &[("title", "\"><script>")],
            "</td><script>alert('&')</script>\u{202e}\u{1b}[31m",
        );
        let text = html.into_text().replace('\n', "");
        assert_eq!(
            text,
            "<td title=\"&quot;&gt;&lt;script&gt;\"><bdi>&lt;/td&gt;&lt;script&gt;alert(&#39;&amp;&#39;)&lt;/script&gt;\
             \\u{202e}\\u{1b}[31m</bdi></td>"
        );
    }
}
