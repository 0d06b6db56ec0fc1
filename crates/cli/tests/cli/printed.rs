//! Printed text taken apart: its words, which are written down, and its numbers, which are compared
//! with what they count.

use std::path::Path;

use crate::datasets::{card, rows};

/// The number that a word is, in brackets or before a comma or not.
fn number(word: &str) -> Option<f64> {
    word.trim_matches(['(', ')', ',']).parse().ok()
}

/// The text with every number as `N`, and one space between words.
pub(crate) fn without_numbers(text: &str) -> String {
    let masked = |word: &str| match number(word) {
        Some(_) => word.replace(word.trim_matches(['(', ')', ',']), "N"),
        None => word.to_owned(),
    };
    let line = |line: &str| {
        let indent = &line[..line.len() - line.trim_start().len()];
        let words: Vec<String> = line.split_whitespace().map(masked).collect();
        format!("{indent}{}\n", words.join(" "))
    };
    text.lines().map(line).collect()
}

/// The words of a text in a row, wherever lines were broken.
pub(crate) fn in_a_row(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// Asserts that no line is wider than a terminal, but for commands and those with a long path, which are copied.
#[track_caller]
pub(crate) fn assert_fits(text: &str) {
    let has_path = |line: &str| line.split(' ').any(|word| word.contains('/') && word.len() > 30);
    let is_copied = |line: &str| line.starts_with("made by: ") || has_path(line);
    let is_wide = |line: &&str| line.chars().count() > 80 && !is_copied(line);
    let wide: Vec<&str> = text.lines().filter(is_wide).collect();
    assert!(wide.is_empty(), "{wide:#?}");
}

/// The numbers of the only line that begins with `start`.
#[track_caller]
pub(crate) fn numbers(text: &str, start: &str) -> Vec<f64> {
    let lines: Vec<_> = text.lines().filter(|line| line.trim().starts_with(start)).collect();
    let [line] = lines[..] else { panic!("not one line begins with {start:?}:\n{text}") };
    line.split_whitespace().filter_map(number).collect()
}

/// Whether the text holds this size, rounded to a unit or a tenth of one.
pub(crate) fn shows_size(text: &str, bytes: u64) -> bool {
    let words: Vec<_> = text.split_whitespace().collect();
    let is_it = |pair: &[&str]| {
        let unit = match pair[1].trim_matches(',') {
            "byte" | "bytes" => 1.0,
            "kB" => 1e3,
            "MB" => 1e6,
            _ => return false,
        };
        // The last digit is rounded.
        let step = if pair[0].contains('.') { 0.1 } else { 1.0 };
        number(pair[0]).is_some_and(|x| (x - bytes as f64 / unit).abs() <= 0.5001 * step)
    };
    words.windows(2).any(is_it)
}

/// Asserts that a line holds a duration, rounded in the unit that it is shown in.
#[track_caller]
pub(crate) fn assert_shows_duration(line: &str, seconds: f64) {
    let words: Vec<_> = line.split_whitespace().collect();
    let is_it = |pair: &[&str]| {
        let (unit, step) = match pair[1] {
            "s" => (1.0, 0.1),
            "minutes" => (60.0, 0.1),
            "hours" => (3600.0, 0.01),
            _ => return false,
        };
        number(pair[0]).is_some_and(|shown| (shown - seconds / unit).abs() <= 0.5001 * step)
    };
    assert!(words.windows(2).any(is_it), "{seconds} s are not in: {line}");
}

#[track_caller]
pub(crate) fn assert_shows_size(text: &str, bytes: u64) {
    assert!(shows_size(text, bytes), "{bytes} bytes are not in:\n{text}");
}

/// What a dataset holds by its own lists and arrays.
#[derive(Debug)]
pub(crate) struct Held {
    pub(crate) utterances: usize,
    pub(crate) frames: u64,
    pub(crate) duration_s: f64,
}

impl Held {
    /// What a split holds.
    #[track_caller]
    pub(crate) fn by(out: &Path, split: &str) -> Held {
        let rows = rows(out.join(split).join("utterances.jsonl"));
        let all = |key: &str| rows.iter().map(|row| row[key].as_u64().unwrap()).collect::<Vec<_>>();
        let spans = all("start_sample").into_iter().zip(all("end_sample"));
        let seconds =
            spans.zip(all("sample_rate_hz")).map(|((a, b), rate)| (b - a) as f64 / rate as f64);
        Held {
            utterances: rows.len(),
            frames: all("num_frames").iter().sum(),
            duration_s: seconds.sum(),
        }
    }
}

/// Asserts that a summary's numbers are those of the dataset.
#[track_caller]
pub(crate) fn assert_sums_up(summary: &str, out: &Path, splits: &[&str], failures: Option<f64>) {
    let held: Vec<_> = splits.iter().map(|split| Held::by(out, split)).collect();
    let utterances = held.iter().map(|split| split.utterances).sum::<usize>() as f64;
    let lines: Vec<_> = summary.lines().filter(|line| line.contains("utterances stored")).collect();
    let stored: Vec<f64> = lines[0].split_whitespace().filter_map(number).collect();
    assert_eq!(stored, [utterances].into_iter().chain(failures).collect::<Vec<_>>());
    let line = summary.lines().find(|line| line.contains(" of audio")).unwrap();
    let shown: Vec<f64> = line.split_whitespace().filter_map(number).collect();
    let seconds = held.iter().map(|split| split.duration_s).sum::<f64>();
    assert_shows_duration(line, seconds);
    let frames = held.iter().map(|split| split.frames).sum::<u64>() as f64;
    // 40 cepstra with their deltas and those of them.
    assert_eq!(shown[1..3], [frames, 120.0], "{line}");
    assert_shows_size(line, file_bytes(out));
}

/// The bytes of all files that the card names, by the card.
#[track_caller]
pub(crate) fn file_bytes(out: &Path) -> u64 {
    let card = card(out);
    let files = card["files"].as_array().unwrap();
    files.iter().map(|file| file["bytes"].as_u64().unwrap()).sum()
}
