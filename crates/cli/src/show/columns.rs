//! The vertical axis of an array: its columns by frequency, or by name.

use ossicle_draw::{Axis, Ticks};

use crate::picture::frequencies;
use crate::show::subject::Column;

/// The rows of pixels that a name needs.
const NAME_HEIGHT: f64 = 14.0;

/// Makes the axis of columns, each as high as the next.
///
/// - `height`: of the panel, in pixels
pub(crate) fn axis(columns: &[Column], height: f64) -> Axis {
    // What has no frequency stands before those that have one (an energy) or after them (deltas).
    let begin = columns.iter().position(|column| column.freq_hz.is_some()).unwrap_or(0);
    let freqs: Vec<f64> = columns[begin..].iter().map_while(|column| column.freq_hz).collect();
    let is_rising = freqs.array_windows().all(|[a, b]| a < b);
    let (by_freq, ticks) = match freqs.len() >= 4 && is_rising {
        true => (begin..begin + freqs.len(), frequencies(&freqs)),
        false => (0..0, Vec::new()),
    };
    let label = if by_freq.len() == columns.len() && !columns.is_empty() { "Hz" } else { "" };
    let each = height / columns.len().max(1) as f64;
    let names = |from: usize, of: &[Column]| {
        named(of, each).into_iter().map(move |(at, name)| ((from + at) as f64, name))
    };
    let hz = |(at, text): (f64, String)| {
        let text = if label.is_empty() { text + " Hz" } else { text };
        (begin as f64 + at, text)
    };
    let before = names(0, &columns[..by_freq.start]);
    let after = names(by_freq.end, &columns[by_freq.end..]);
    let ticks = before.chain(ticks.into_iter().map(hz)).chain(after).collect();
    Axis::new(label, -0.5, columns.len() as f64 - 0.5).ticks(Ticks::At(ticks))
}

/// Picks as many names as there is room for: the first of each group, and every second, fifth, tenth … of it.
///
/// - `height`: of a column, in pixels
fn named(columns: &[Column], height: f64) -> Vec<(usize, String)> {
    let every = [1, 2, 5, 10, 20, 50, 100, 200, 500, 1000]
        .into_iter()
        .find(|&every| every as f64 * height >= NAME_HEIGHT)
        .unwrap_or(1000);
    let mut ticks = Vec::new();
    let mut group_at = 0;
    for (at, column) in columns.iter().enumerate() {
        if at == 0 || group(&column.name) != group(&columns[at - 1].name) {
            group_at = at;
        }
        if (at - group_at).is_multiple_of(every) {
            ticks.push((at, column.name.clone()));
        }
    }
    ticks
}

/// Returns what a column's name has in common with those of its group: `delta-c` of `delta-c12`.
fn group(name: &str) -> &str {
    name.trim_end_matches(|c: char| c.is_ascii_digit())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn texts(columns: &[Column], height: f64) -> (String, Vec<(f64, String)>) {
        let Axis { label, ticks: Ticks::At(ticks), .. } = axis(columns, height) else { panic!() };
        (label, ticks)
    }

    fn column(name: String, freq_hz: Option<f64>) -> Column {
        Column { name, freq_hz }
    }

    #[test]
    fn columns_of_frequencies_are_marked_at_round_ones() {
        let columns: Vec<_> =
            (0..11).map(|n| column(format!("bin{n}"), Some(50.0 * f64::from(n)))).collect();
        let (label, ticks) = texts(&columns, 200.0);
        assert_eq!(label, "Hz");
        let expected = [(1.0, "50"), (2.0, "100"), (4.0, "200"), (10.0, "500")];
        let found: Vec<_> =
            ticks.iter().map(|(at, text)| (*at, text.as_str())).filter(|t| t.1 != "20").collect();
        assert_eq!(found, expected);
    }

    #[test]
    fn frequencies_are_marked_after_what_has_none_and_before_it() {
        let bins = (1..11).map(|n| column(format!("bin{n}"), Some(50.0 * f64::from(n))));
        let around = |name: &str| [column(name.to_owned(), None)].into_iter();
        let columns: Vec<_> = around("energy").chain(bins).chain(around("pitch")).collect();
        let (label, ticks) = texts(&columns, 240.0);
        assert_eq!(label, "");
        for due in [(0.0, "energy"), (2.0, "100 Hz"), (10.0, "500 Hz"), (11.0, "pitch")] {
            assert!(ticks.iter().any(|(at, text)| (*at, &**text) == due), "{due:?}: {ticks:?}");
        }
    }

    #[test]
    fn columns_of_names_are_marked_at_the_first_of_each_group() {
        let names =
            ["energy", "c1", "c2", "c3", "delta-energy", "delta-c1", "delta-c2", "delta-c3"];
        let columns: Vec<_> = names.map(|name| column(name.to_owned(), None)).into();
        let (label, ticks) = texts(&columns, 8.0 * 8.0);
        assert_eq!(label, "");
        let found: Vec<_> = ticks.iter().map(|(at, text)| (*at as usize, text.as_str())).collect();
        assert_eq!(
            found,
            [
                (0, "energy"),
                (1, "c1"),
                (3, "c3"),
                (4, "delta-energy"),
                (5, "delta-c1"),
                (7, "delta-c3")
            ]
        );
    }
}
