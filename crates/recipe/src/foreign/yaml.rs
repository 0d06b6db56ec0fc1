//! The part of YAML that configurations are written in.
//!
//! Blocks and lists by indentation, flow lists and objects, quoted and plain scalars over several lines, texts of
//! `|` and `>`. Tags are passed over; anchors and aliases are no values. It is no reader of YAML: what it does not
//! know becomes text, which whoever needs that value refuses.

use serde_json::{Map, Number, Value};

/// Blocks that are nested deeper than this have no value.
const MOST_NESTED: usize = 32;

/// A line that says something.
struct Line<'t> {
    indent: usize,
    text: &'t str,
}

/// Reads a text as an object; none if it is none.
pub(super) fn parse(text: &str) -> Option<Value> {
    let lines: Vec<Line<'_>> = text.lines().filter_map(line).collect();
    let mut at = 0;
    let value = block(&lines, &mut at, lines.first()?.indent, 0);
    value.as_object().is_some_and(|map| !map.is_empty()).then_some(value)
}

/// Takes a line without its comment; none if it says nothing.
fn line(line: &str) -> Option<Line<'_>> {
    let text = without_comment(line).trim_end();
    let indent = text.len() - text.trim_start().len();
    let text = text.trim_start();
    let says_nothing = text.is_empty() || text == "---" || text == "..." || text.starts_with('%');
    (!says_nothing).then_some(Line { indent, text })
}

fn without_comment(line: &str) -> &str {
    let mut quote = None;
    let mut before = ' ';
    for (at, c) in line.char_indices() {
        match quote {
            Some(open) if c == open => quote = None,
            None if (c == '"' || c == '\'') && !before.is_alphanumeric() => quote = Some(c),
            None if c == '#' && before.is_whitespace() => return &line[..at],
            _ => {}
        }
        before = c;
    }
    line
}

/// Reads the block that begins at a line of this indentation.
fn block(lines: &[Line<'_>], at: &mut usize, indent: usize, depth: usize) -> Value {
    let is_list = |line: &Line<'_>| line.text == "-" || line.text.starts_with("- ");
    if depth > MOST_NESTED {
        while lines.get(*at).is_some_and(|line| line.indent >= indent) {
            *at += 1;
        }
        return Value::Null;
    }
    match lines.get(*at) {
        Some(line) if is_list(line) => list(lines, at, indent, depth),
        _ => mapping(lines, at, indent, depth),
    }
}

fn mapping(lines: &[Line<'_>], at: &mut usize, indent: usize, depth: usize) -> Value {
    let mut map = Map::new();
    while let Some(line) = lines.get(*at).filter(|line| line.indent >= indent) {
        *at += 1;
        let Some((key, rest)) = key(line.text) else { continue };
        let value = value_after(rest, line.indent, lines, at, depth);
        map.insert(key, value);
    }
    Value::Object(map)
}

fn list(lines: &[Line<'_>], at: &mut usize, indent: usize, depth: usize) -> Value {
    let mut items = Vec::new();
    while let Some(line) = lines.get(*at).filter(|_| depth <= MOST_NESTED) {
        if line.indent != indent || !(line.text == "-" || line.text.starts_with("- ")) {
            break;
        }
        *at += 1;
        let rest = line.text[1..].trim_start();
        if let Some(first) = rest.strip_prefix("- ") {
            // A list within the list, whose first entry stands behind the dash.
            let inner = indent + line.text.len() - rest.len();
            let mut own = vec![value_after(first.trim_start(), inner, lines, at, depth + 1)];
            if let Value::Array(more) = list(lines, at, inner, depth + 1) {
                own.extend(more);
            }
            items.push(Value::Array(own));
            continue;
        }
        let value = match key(rest).filter(|_| !rest.starts_with(['[', '{', '"', '\''])) {
            // An object whose first key stands behind the dash.
            Some((key, rest)) => {
                let own = indent + 2;
                let mut map = Map::new();
                map.insert(key, value_after(rest, own, lines, at, depth));
                if lines.get(*at).is_some_and(|line| line.indent >= own)
                    && let Value::Object(more) = block(lines, at, own, depth + 1)
                {
                    map.extend(more);
                }
                Value::Object(map)
            }
            None => value_after(rest, indent, lines, at, depth),
        };
        items.push(value);
    }
    Value::Array(items)
}

/// Splits a line at its key's colon.
fn key(text: &str) -> Option<(String, &str)> {
    let (key, rest) = match text.split_once(": ") {
        Some((key, rest)) => (key, rest.trim_start()),
        None => (text.strip_suffix(':')?, ""),
    };
    let key = key.trim().trim_matches(['"', '\'']);
    (!key.is_empty()).then(|| (key.to_owned(), rest))
}

/// Reads the value that stands behind a key or a dash, or below it.
///
/// - `indent`: that of the key
fn value_after(
    rest: &str,
    indent: usize,
    lines: &[Line<'_>],
    at: &mut usize,
    depth: usize,
) -> Value {
    let rest = match rest.strip_prefix('!') {
        // A tag, as `!!python/tuple`.
        Some(tagged) => tagged.split_once(' ').map_or("", |(_, rest)| rest.trim_start()),
        None => rest,
    };
    let is_text = rest.starts_with('|') || rest.starts_with('>');
    if rest.is_empty() {
        let below = lines.get(*at);
        let is_below = below.is_some_and(|line| {
            line.indent > indent || (line.indent == indent && line.text.starts_with("- "))
        });
        let Some(below) = below.filter(|_| is_below) else { return Value::Null };
        return block(lines, at, below.indent, depth + 1);
    }
    let mut text = rest.to_owned();
    while let Some(line) = lines.get(*at).filter(|line| line.indent > indent) {
        text.push(' ');
        text.push_str(line.text);
        *at += 1;
    }
    match text.chars().next() {
        _ if is_text => Value::String(text),
        Some('[' | '{') => flow(&mut text.as_str(), depth),
        _ => scalar(&text),
    }
}

/// Reads a flow list or object, or a scalar within one.
fn flow(text: &mut &str, depth: usize) -> Value {
    *text = text.trim_start();
    if depth > MOST_NESTED {
        return Value::Null;
    }
    let (close, is_object) = match text.chars().next() {
        Some('[') => (']', false),
        Some('{') => ('}', true),
        _ => {
            let end = end_of_scalar(text);
            let (own, rest) = text.split_at(end);
            *text = rest;
            return scalar(own.trim());
        }
    };
    *text = &text[1..];
    let (mut list, mut map) = (Vec::new(), Map::new());
    loop {
        *text = text.trim_start_matches([' ', ',']);
        let Some(next) = text.chars().next() else { break };
        if next == close {
            *text = &text[1..];
            break;
        }
        if is_object {
            let Some((key, rest)) = text.split_once(':') else { break };
            *text = rest;
            map.insert(key.trim().trim_matches(['"', '\'']).to_owned(), flow(text, depth + 1));
        } else {
            let before = text.len();
            list.push(flow(text, depth + 1));
            if text.len() == before {
                // Nothing was taken: a bracket that closes nothing.
                break;
            }
        }
    }
    if is_object { Value::Object(map) } else { Value::Array(list) }
}

/// Returns where a scalar within a flow ends.
fn end_of_scalar(text: &str) -> usize {
    if let Some(quote) = text.chars().next().filter(|c| ['"', '\''].contains(c)) {
        return text[1..].find(quote).map_or(text.len(), |at| at + 2);
    }
    text.find([',', ']', '}']).unwrap_or(text.len())
}

/// Reads a scalar.
fn scalar(text: &str) -> Value {
    let text = text.trim();
    for quote in ['"', '\''] {
        if let Some(inner) = text.strip_prefix(quote).and_then(|text| text.strip_suffix(quote)) {
            return Value::String(inner.to_owned());
        }
    }
    match text {
        "" | "~" | "null" | "Null" | "NULL" => return Value::Null,
        "true" | "True" | "TRUE" => return Value::Bool(true),
        "false" | "False" | "FALSE" => return Value::Bool(false),
        _ => {}
    }
    let digits = text.replace('_', "");
    if let Ok(number) = digits.parse::<i64>() {
        return Value::Number(number.into());
    }
    let is_number = digits.starts_with(|c: char| c.is_ascii_digit() || "+-.".contains(c));
    let number = digits.parse::<f64>().ok().filter(|_| is_number).and_then(Number::from_f64);
    number.map_or_else(|| Value::String(text.to_owned()), Value::Number)
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn configurations_are_read_as_yaml_reads_them() {
        let text = "# a comment\n\
            name: it's   # behind\n\
            preprocessor:\n  _target_: a.b.C\n  rate: 16_000\n  zero: 1.0e-5\n  log: true\n  none: null\n  tag: 'x: y'\n\
            labels:\n- a\n- \"#\"\n-   - valid\n    - acc\n\
            long: one\n  two\n\
            flow: {a: [1, 2.5, 'b, c'], d: ~}\n\
            text: |\n  line: 1\n  line: 2\n\
            tuple: !!python/tuple\n- 0.9\n- 0.98\n\
            list:\n  - key: 1\n    other: 2\n  - key: 3\n";
        let expected = json!({
            "name": "it's",
            "preprocessor": { "_target_": "a.b.C", "rate": 16000, "zero": 1e-5, "log": true, "none": null, "tag": "x: y" },
            "labels": ["a", "#", ["valid", "acc"]],
            "long": "one two",
            "flow": { "a": [1, 2.5, "b, c"], "d": null },
            "text": "| line: 1 line: 2",
            "tuple": [0.9, 0.98],
            "list": [{ "key": 1, "other": 2 }, { "key": 3 }],
        });
        assert_eq!(parse(text), Some(expected));
    }

    #[test]
    fn nothing_that_is_no_object_and_nothing_deep_is_read() {
        assert_eq!(parse("just words\n"), None);
        assert_eq!(parse(""), None);
        let deep: String = (0..500).map(|n| format!("{}a:\n", " ".repeat(n))).collect();
        assert!(parse(&deep).is_some());
        assert!(parse(&format!("a: {}", "[".repeat(5000))).is_some());
        assert!(parse("a: [}]").is_some() && parse("a: {b").is_some() && parse("- : -").is_none());
    }
}
