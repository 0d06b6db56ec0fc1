//! HTK's label files and master label files.
//!
//! Of "The HTK Book" (version 3.4), sections 6.2.1 and 6.3: a line `[start [end]] label [score] {label
//! [score]}`, with times in units of 100 ns; further labels are of higher levels, and last until the next
//! of their level. A master label file begins with `#!MLF!#`; in it each file's labels stand between the
//! pattern of its name, in quotes, and a `.`.

use crate::labels::{
    alignment::{Alignment, Mark, Tier},
    alignment_error::AlignmentError,
    alignment_text::{Line, lines},
    pattern::Pattern,
    time_unit::TimeUnit,
};

/// How a master label file begins.
pub(super) const MASTER: &str = "#!MLF!#";

/// The first line of a master label file.
pub(crate) const MASTER_HEAD: &str = "#!MLF!#\n";

/// A unit of time, in nanoseconds.
const UNIT_NS: u64 = 100;

/// Reads a label file.
///
/// # Errors
/// A line without times, with another form, or with alternatives.
pub(super) fn parse(text: &str) -> Result<Alignment, AlignmentError> {
    tiers(lines(text))
}

/// Reads the labels of one recording out of a master label file.
///
/// - `names`: what the recording may be called, without folders and extension; where there is none, the
///   file has to hold the labels of one recording only
pub(super) fn parse_master(text: &str, names: &[&str]) -> Result<Alignment, AlignmentError> {
    let mut all = lines(text).skip(1);
    let mut only: Option<Vec<Line<'_>>> = None;
    while let Some(line) = all.next() {
        let pattern = name_of(line)?;
        let own: Vec<Line<'_>> = all.by_ref().take_while(|line| line.text.trim() != ".").collect();
        if names.iter().any(|name| is_master_name_of(&pattern, name)) {
            return tiers(own.into_iter());
        }
        let is_first = only.replace(own).is_none();
        if names.is_empty() && !is_first {
            return Err(AlignmentError::NotRead {
                kind: "a master label file of several recordings".into(),
                remedy: "say which of them is meant",
            });
        }
    }
    match (names, only) {
        ([], Some(own)) => tiers(own.into_iter()),
        ([], None) => Err(AlignmentError::Empty),
        ([name, ..], _) => Err(AlignmentError::NoRecording { recording: (*name).to_owned() }),
    }
}

/// Reads the line of a master label file that names a label file.
///
/// - `number`: the line's, from 1
pub(crate) fn master_name(text: &str, number: u64) -> Result<String, AlignmentError> {
    name_of(Line { number, text: text.trim_end_matches(['\r', '\n']) })
}

fn name_of(line: Line<'_>) -> Result<String, AlignmentError> {
    let (name, rest) = word(line, line.text.trim())?;
    match rest.trim() {
        "" if line.text.trim_start().starts_with(['"', '\'']) => Ok(name),
        rest if rest.starts_with("->") || rest.starts_with("=>") => Err(AlignmentError::NotRead {
            kind: "a master label file that sends to other folders (`->`)".into(),
            remedy: "give the folder of the label files",
        }),
        _ => Err(line.expected("the quoted name of a label file", line.text.trim())),
    }
}

/// Returns whether the name of a label file, which may be a pattern, is that of a recording.
fn is_master_name_of(pattern: &str, name: &str) -> bool {
    // `*` reaches over folders too, and the extension (.lab, .rec) is that of labels.
    let stem = |path: &str| match path.rsplit_once('.') {
        Some((stem, extension)) if !extension.contains('/') => stem.to_owned(),
        _ => path.to_owned(),
    };
    let pattern = stem(pattern);
    pattern == name
        || Pattern::new(&*pattern).matches(&format!("/{name}"))
        || pattern.rsplit('/').next().is_some_and(|own| Pattern::new(own).matches(name))
}

/// A label of each level that a line has one for, from the lowest on.
struct Row {
    start: u64,
    end: u64,
    line: u32,
    labels: Vec<String>,
}

fn tiers<'a>(lines: impl Iterator<Item = Line<'a>>) -> Result<Alignment, AlignmentError> {
    let rows: Vec<Row> = lines.map(row).collect::<Result<_, _>>()?;
    let levels = rows.iter().map(|row| row.labels.len()).max().unwrap_or(0);
    let names = level_names(levels, &rows);
    let end = rows.last().map_or(0, |row| row.end);
    let tier = |(level, name): (usize, String)| {
        let mut marks: Vec<Mark> = Vec::new();
        for row in &rows {
            let Some(label) = row.labels.get(level) else { continue };
            if let Some(last) = marks.last_mut().filter(|_| level > 0) {
                last.end = row.start;
            }
            let last = if level > 0 { end } else { row.end };
            let label = label.as_str().into();
            marks.push(Mark { start: row.start, end: last, label, line: row.line });
        }
        marks.retain(|mark| mark.start < mark.end);
        Tier::of_intervals(name, marks)
    };
    let tiers = (0..).zip(names).map(tier).collect();
    Ok(Alignment::new(TimeUnit::Nanoseconds, tiers))
}

/// Names the levels, which the format does not: phones and words, with the states of models below them.
fn level_names(levels: usize, rows: &[Row]) -> Vec<String> {
    let is_state = |label: &str| {
        let number = label.strip_prefix('s');
        let number = number.or_else(|| label.strip_suffix(']')?.rsplit_once('[').map(|it| it.1));
        number.is_some_and(|it| !it.is_empty() && it.bytes().all(|byte| byte.is_ascii_digit()))
    };
    let has_states = || rows.iter().all(|row| row.labels.first().is_some_and(|it| is_state(it)));
    let known: &[&str] = match levels {
        0 | 1 => return vec![String::new()],
        2 if has_states() => &["states", "phones"],
        2 => &["phones", "words"],
        _ => &["states", "phones", "words"],
    };
    let name = |level: usize| match known.get(level) {
        Some(name) => (*name).to_owned(),
        None => format!("level {}", level + 1),
    };
    (0..levels).map(name).collect()
}

fn row(line: Line<'_>) -> Result<Row, AlignmentError> {
    let text = line.text.trim();
    if text == "///" {
        return Err(AlignmentError::NotRead {
            kind: "a label file with alternatives (`///`)".into(),
            remedy: "keep one of them",
        });
    }
    let mut fields = line.fields();
    let mut time = |expected| {
        let field = fields.next().ok_or_else(|| line.ends(expected))?;
        let units = line.whole(field, expected)?;
        units.checked_mul(UNIT_NS).ok_or_else(|| line.expected(expected, field))
    };
    let start = time("a start, in units of 100 ns")?;
    let end = time("an end, in units of 100 ns")?;
    if end < start {
        let (line, unit) = (line.number, TimeUnit::Nanoseconds);
        return Err(AlignmentError::Backwards { line, unit, start, end });
    }
    // A field is a slice of the line, and labels may have blanks between quotes.
    let third = fields.next().map(|field| field.as_ptr().addr() - line.text.as_ptr().addr());
    let mut rest = third.map_or("", |at| &line.text[at..]);
    let mut labels = Vec::new();
    while !rest.trim().is_empty() {
        let (label, behind) = word(line, rest.trim())?;
        labels.push(label);
        let score = behind.split_ascii_whitespace().next();
        rest = match score.filter(|score| score.parse::<f64>().is_ok()) {
            Some(score) => &behind.trim_start()[score.len()..],
            None => behind,
        };
    }
    if labels.is_empty() {
        return Err(line.ends("a label"));
    }
    Ok(Row { start, end, line: line.mark_line(), labels })
}

/// Takes a word, which may be between quotes of either kind and have bytes as `\ooo`, and what is behind
/// it.
fn word<'a>(line: Line<'a>, text: &'a str) -> Result<(String, &'a str), AlignmentError> {
    let quote = text.chars().next().filter(|c| matches!(c, '"' | '\''));
    let inside = &text[usize::from(quote.is_some())..];
    let (mut bytes, mut at) = (Vec::new(), 0);
    loop {
        let Some(c) = inside[at..].chars().next() else {
            match quote {
                Some(_) => {
                    return Err(line.expected("a quote at the end of what begins here", text));
                }
                None => break,
            }
        };
        let behind = &inside[at + c.len_utf8()..];
        let octal = behind.get(..3).filter(|_| c == '\\');
        let octal = octal.and_then(|digits| u8::from_str_radix(digits, 8).ok());
        match octal {
            Some(byte) => {
                bytes.push(byte);
                at += 4;
            }
            None if c == '\\' && !behind.is_empty() => {
                // The next character stands for itself.
                let next = behind.chars().next().map_or(0, char::len_utf8);
                bytes.extend_from_slice(&behind.as_bytes()[..next]);
                at += 1 + next;
            }
            None if Some(c) == quote || (quote.is_none() && c.is_ascii_whitespace()) => break,
            None => {
                bytes.extend_from_slice(&inside.as_bytes()[at..at + c.len_utf8()]);
                at += c.len_utf8();
            }
        }
    }
    let behind = inside[at..].strip_prefix(['"', '\'']).unwrap_or(&inside[at..]);
    let label = String::from_utf8(bytes)
        .unwrap_or_else(|error| error.as_bytes().iter().map(|&byte| char::from(byte)).collect());
    match label.is_empty() {
        true => Err(line.expected("a label", text)),
        false => Ok((label, behind)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Names of tiers, and labels with their times.
    type Tiers<'a> = Vec<(&'a str, Vec<(&'a str, u64, u64)>)>;

    fn marks(alignment: &Alignment) -> Tiers<'_> {
        let of = |mark| {
            let Mark { start, end, label, .. }: &Mark = mark;
            (&**label, start / 100, end / 100)
        };
        let tiers = alignment.tiers.iter();
        tiers.map(|tier| (&*tier.name, tier.marks.iter().map(of).collect())).collect()
    }

    #[test]
    fn levels_are_tiers_and_the_higher_last_until_the_next() {
        let text =
            "0 10 s2 -1.5 sil -3.25 \"!ENTER\"\n10 20 s3 -2\n20  30 s2 -1e3 ah 7 one\n30 40 s3\n";
        let found = parse(text).unwrap();
        assert_eq!(
            marks(&found),
            [
                ("states", vec![("s2", 0, 10), ("s3", 10, 20), ("s2", 20, 30), ("s3", 30, 40)]),
                ("phones", vec![("sil", 0, 20), ("ah", 20, 40)]),
                ("words", vec![("!ENTER", 0, 20), ("one", 20, 40)]),
            ]
        );
        let two = parse("0 1 a[2] -1 a\n1 2 a[3] -1\n").unwrap();
        assert_eq!(two.tiers[0].name, "states");
        assert_eq!(two.tiers[1].name, "phones");
        let one = parse("0 1 \\303\\251 -1.5\n1 2 '\"b c\\'d'").unwrap();
        assert_eq!(marks(&one), [("", vec![("\u{e9}", 0, 1), ("\"b c'd", 1, 2)])]);
    }

    #[test]
    fn names_in_master_files_are_patterns_over_folders() {
        for (pattern, name) in [
            ("*/x.lab", "x"),
            ("*/x.rec", "x"),
            ("x.lab", "x"),
            ("/data/dr1/x.lab", "x"),
            ("*/dr1_?.lab", "dr1_a"),
            ("*/a/x.lab", "b/a/x"),
            ("*/x.1.lab", "x.1"),
        ] {
            assert!(is_master_name_of(pattern, name), "{pattern} {name}");
        }
        for (pattern, name) in [("*/x.lab", "xx"), ("*/y.lab", "x"), ("*/x.lab", "x.lab")] {
            assert!(!is_master_name_of(pattern, name), "{pattern} {name}");
        }
    }

    #[test]
    fn what_has_no_times_or_says_more_than_one_thing_is_refused() {
        for (text, expected) in [
            ("sil\nah\n", "line 1, column 1: expected a start, in units of 100 ns, found `sil`"),
            ("0 sil\n", "line 1, column 3: expected an end, in units of 100 ns, found `sil`"),
            ("0 10\n", "line 1, column 5: expected a label, found the end of the line"),
            ("10 0 a\n", "line 1: the interval ends at 0 s, not after its start, 0.000001 s"),
            (
                "0 1 a\n///\n0 1 b\n",
                "is a label file with alternatives (`///`), which is not read; keep one of them",
            ),
            (
                "0 1 'a\n",
                "line 1, column 5: expected a quote at the end of what begins here, found `'a`",
            ),
            ("0 0.5 a\n", "line 1, column 3: expected an end, in units of 100 ns, found `0.5`"),
        ] {
            assert_eq!(parse(text).unwrap_err().to_string(), expected);
        }
        let master = "#!MLF!#\n\"*/a.lab\"\n0 1 x\n.\n\"*/b.lab\"\n0 1 y\n.\n";
        let error = parse_master(master, &["c"]).unwrap_err().to_string();
        assert_eq!(error, "has no labels of `c`");
        let error =
            parse_master("#!MLF!#\n\"*\" -> \"/labels\"\n", &["c"]).unwrap_err().to_string();
        assert!(error.contains("sends to other folders"), "{error}");
        assert_eq!(marks(&parse_master(master, &["b"]).unwrap()), [("", vec![("y", 0, 1)])]);
    }
}
