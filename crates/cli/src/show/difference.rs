//! How two utterances differ, array by array.

use anyhow::Result;
use ossicle_draw::Grid;
use serde_json::{Value, json};

use crate::show::subject::{Column, Rows, Subject};
use crate::words::short;
use ossicle_engine::counted;

/// Two arrays, and what lies between them.
#[derive(Debug)]
pub(crate) struct Difference<'a> {
    pub(crate) rows: &'a Rows,
    pub(crate) other: &'a Rows,
    /// The rows of the first that are looked at, and those of the second.
    pub(crate) shown: [(usize, usize); 2],
    /// The other less the first, as `ossicle compare` has it, where both have as many columns: of the frames that both have.
    pub(crate) grid: Option<Grid>,
    /// The columns of what lies between: those of both, or numbers where their frequencies differ.
    pub(crate) columns: Vec<Column>,
    /// True where columns of one number are of other frequencies.
    has_other_freqs: bool,
    /// The largest, of numbers that are finite in both.
    worst: f64,
    /// The root of the mean square, likewise.
    typical: f64,
    /// The numbers that are NaN or infinite in one.
    not_finite: u64,
}

impl Difference<'_> {
    /// Pairs the arrays of two utterances by their names; where none is the same, the first with the first.
    ///
    /// - `stretch_s`: the stretch of time that is looked at; none for all
    pub(crate) fn all<'a>(
        subject: &'a Subject,
        other: &'a Subject,
        stretch_s: Option<(f64, f64)>,
    ) -> Result<Vec<Difference<'a>>> {
        let same = |rows: &Rows| other.arrays.iter().find(|of| of.name == rows.name);
        let mut pairs: Vec<(&Rows, &Rows)> =
            subject.arrays.iter().filter_map(|rows| Some((rows, same(rows)?))).collect();
        if let (true, Some(a), Some(b)) =
            (pairs.is_empty(), subject.arrays.first(), other.arrays.first())
        {
            pairs.push((a, b));
        }
        pairs.into_iter().map(|(rows, of)| Difference::of(rows, of, stretch_s)).collect()
    }

    fn of<'a>(
        rows: &'a Rows,
        other: &'a Rows,
        stretch_s: Option<(f64, f64)>,
    ) -> Result<Difference<'a>> {
        let has_other_freqs = have_other_freqs(&rows.columns, &other.columns);
        let columns = match has_other_freqs {
            true => Column::numbered(rows.columns.len()),
            false => rows.columns.clone(),
        };
        let mut difference = Difference {
            rows,
            other,
            shown: stretches(rows, other, stretch_s),
            grid: None,
            columns,
            has_other_freqs,
            worst: 0.0,
            typical: 0.0,
            not_finite: 0,
        };
        if rows.columns.len() == other.columns.len() {
            difference.compute()?;
        }
        Ok(difference)
    }

    fn compute(&mut self) -> Result<()> {
        let [(begin_a, _), (begin_b, _)] = self.shown;
        let num_frames = self.num_frames().into_iter().min().unwrap_or(0);
        let num_columns = self.rows.columns.len();
        let mut grid = Grid::new(num_frames, num_columns);
        let (mut begin, mut b, mut squares, mut count) = (begin_b, Vec::new(), 0.0, 0_u64);
        let mut failed = None;
        self.rows.for_each((begin_a, begin_a + num_frames), |a| {
            let end = begin + a.len() / num_columns.max(1);
            if let Err(error) = self.other.read(begin, end, &mut b) {
                failed = failed.take().or(Some(error));
            }
            begin = end;
            for (&x, &y) in a.iter().zip(&b) {
                let apart = f64::from(x) - f64::from(y);
                if !apart.is_finite() {
                    self.not_finite += 1;
                    continue;
                }
                self.worst = self.worst.max(apart.abs());
                squares += apart * apart;
                count += 1;
            }
            let apart: Vec<f32> = a.iter().zip(&b).map(|(x, y)| y - x).collect();
            grid.push(&apart);
        })?;
        if let Some(error) = failed {
            return Err(error);
        }
        self.typical = (squares / count.max(1) as f64).sqrt();
        self.grid = Some(grid);
        Ok(())
    }

    /// The number of frames of each that are looked at.
    fn num_frames(&self) -> [usize; 2] {
        self.shown.map(|(begin, end)| end - begin)
    }

    /// The array's name, and how far both are apart: `difference of features: none`.
    pub(crate) fn line(&self) -> String {
        format!("difference of {}: {}", self.rows.name, self.words())
    }

    /// How far both are apart, in words.
    pub(crate) fn words(&self) -> String {
        let (a, b) = (self.rows, self.other);
        if self.grid.is_none() {
            return format!(
                "{} and {} columns cannot be compared",
                a.columns.len(),
                b.columns.len()
            );
        }
        let apart = match (self.num_frames().contains(&0), self.worst == 0.0) {
            (true, _) => return "no frame is in both".to_owned(),
            (false, true) => "none".to_owned(),
            (false, false) => {
                format!("at most {}, root mean square {}", short(self.worst), short(self.typical))
            }
        };
        let apart = match self.not_finite {
            0 => apart,
            count => {
                format!("{apart}, and {} of one are NaN or infinite", counted(count, "number"))
            }
        };
        let [of_a, of_b] = self.num_frames();
        let frames = match of_a == of_b {
            true => String::new(),
            false => format!(", of the frames that both have ({of_a} and {of_b})"),
        };
        let columns = if self.has_other_freqs {
            "; columns are paired by number, as they are of other frequencies"
        } else {
            ""
        };
        format!("{apart}{frames}{columns}")
    }

    pub(crate) fn as_json(&self) -> Value {
        let is_compared = self.grid.is_some();
        json!({
            "array": self.rows.name,
            "other_array": self.other.name,
            "num_frames": self.num_frames(),
            "num_columns": [self.rows.columns.len(), self.other.columns.len()],
            "has_other_frequencies": self.has_other_freqs,
            "worst": is_compared.then_some(self.worst),
            "root_mean_square": is_compared.then_some(self.typical),
            "not_finite": is_compared.then_some(self.not_finite),
        })
    }
}

/// The rows of two arrays that a stretch of time is of: all where there is none. Where both have a row as often, they are
/// rows of the same numbers.
fn stretches(a: &Rows, b: &Rows, stretch_s: Option<(f64, f64)>) -> [(usize, usize); 2] {
    let Some(stretch_s) = stretch_s else { return [(0, a.num_frames), (0, b.num_frames)] };
    let (begin, end) = a.within(stretch_s);
    let is_as_often = (a.step_s - b.step_s).abs() <= 1e-9 * a.step_s.abs();
    let of_b = match is_as_often {
        true => (begin.min(b.num_frames), end.min(b.num_frames)),
        false => b.within(stretch_s),
    };
    [(begin, end), of_b]
}

/// Returns whether columns of one number are of different frequencies, or only one of them is of any.
fn have_other_freqs(a: &[Column], b: &[Column]) -> bool {
    let differ = |(a, b): (&Column, &Column)| match (a.freq_hz, b.freq_hz) {
        (Some(a), Some(b)) => (a - b).abs() > 1e-6 * a.abs().max(b.abs()),
        (a, b) => a.is_some() != b.is_some(),
    };
    a.iter().zip(b).any(differ)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::show::subject::Source;

    /// Rows of one column, of a value that rises by 1 from row to row.
    fn rows(num_frames: usize, step_s: f64, first: f32, freq_hz: Option<f64>) -> Rows {
        Rows {
            name: "a".to_owned(),
            columns: vec![Column { name: "c".to_owned(), freq_hz }],
            num_frames,
            first_s: step_s / 2.0,
            step_s,
            source: Source::Memory((0..num_frames).map(|n| first + n as f32).collect()),
        }
    }

    #[test]
    fn a_stretch_is_one_of_both() {
        let (a, mut b) = (rows(100, 0.01, 0.0, None), rows(80, 0.01, 0.0, None));
        // One other row, which is beyond the stretch.
        if let Source::Memory(values) = &mut b.source {
            values[60] += 7.0;
        }
        let of = |stretch_s| Difference::of(&a, &b, stretch_s).unwrap();
        assert_eq!((of(None).worst, of(None).num_frames()), (7.0, [100, 80]));
        let inside = of(Some((0.201, 0.299)));
        assert_eq!((inside.worst, inside.shown), (0.0, [(20, 30), (20, 30)]));
        assert_eq!(inside.words(), "none");
        assert_eq!(of(Some((0.701, 0.899))).num_frames(), [20, 10]);
        assert_eq!(of(Some((0.851, 0.899))).words(), "no frame is in both");
        // Rows that come half as often.
        let seldom = rows(50, 0.02, 0.0, None);
        let halves = Difference::of(&a, &seldom, Some((0.201, 0.299))).unwrap();
        assert_eq!(halves.shown, [(20, 30), (10, 15)]);
    }

    #[test]
    fn columns_of_other_frequencies_are_numbers() {
        let of = |a: Option<f64>, b: Option<f64>| {
            let (a, b) = (rows(3, 0.01, 0.0, a), rows(3, 0.01, 1.0, b));
            let difference = Difference::of(&a, &b, None).unwrap();
            (difference.columns[0].clone(), difference.words())
        };
        let (column, words) = of(Some(100.0), Some(120.0));
        assert_eq!((column.freq_hz, &*column.name), (None, "0"));
        assert!(
            words.ends_with("; columns are paired by number, as they are of other frequencies")
        );
        assert_eq!(of(Some(100.0), None).0.freq_hz, None);
        let (column, words) = of(Some(100.0), Some(100.0));
        assert_eq!((column.freq_hz, &*column.name), (Some(100.0), "c"));
        assert_eq!(words, "at most 1.00, root mean square 1.00");
    }
}
