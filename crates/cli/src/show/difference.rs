//! How two utterances differ, array by array.

use anyhow::Result;
use ossicle_draw::Grid;
use serde_json::{Value, json};

use crate::show::subject::{Rows, Subject};
use crate::words::short;
use ossicle_engine::counted;

/// Two arrays, and what lies between them.
#[derive(Debug)]
pub(crate) struct Difference<'a> {
    pub(crate) rows: &'a Rows,
    pub(crate) other: &'a Rows,
    /// The first less the other, where both have as many columns: of the frames that both have.
    pub(crate) grid: Option<Grid>,
    /// The largest, of numbers that are finite in both.
    worst: f64,
    /// The root of the mean square, likewise.
    typical: f64,
    /// The numbers that are NaN or infinite in one.
    not_finite: u64,
}

impl Difference<'_> {
    /// Pairs the arrays of two utterances by their names; where none is the same, the first with the first.
    pub(crate) fn all<'a>(subject: &'a Subject, other: &'a Subject) -> Result<Vec<Difference<'a>>> {
        let same = |rows: &Rows| other.arrays.iter().find(|of| of.name == rows.name);
        let mut pairs: Vec<(&Rows, &Rows)> =
            subject.arrays.iter().filter_map(|rows| Some((rows, same(rows)?))).collect();
        if let (true, Some(a), Some(b)) =
            (pairs.is_empty(), subject.arrays.first(), other.arrays.first())
        {
            pairs.push((a, b));
        }
        pairs.into_iter().map(|(rows, of)| Difference::of(rows, of)).collect()
    }

    fn of<'a>(rows: &'a Rows, other: &'a Rows) -> Result<Difference<'a>> {
        let mut difference =
            Difference { rows, other, grid: None, worst: 0.0, typical: 0.0, not_finite: 0 };
        if rows.columns.len() != other.columns.len() {
            return Ok(difference);
        }
        let num_frames = rows.num_frames.min(other.num_frames);
        let mut grid = Grid::new(num_frames, rows.columns.len());
        let (mut begin, mut b, mut squares, mut count) = (0, Vec::new(), 0.0, 0_u64);
        let mut failed = None;
        rows.for_each((0, num_frames), |a| {
            let end = begin + a.len() / rows.columns.len().max(1);
            if let Err(error) = other.read(begin, end, &mut b) {
                failed = failed.take().or(Some(error));
            }
            begin = end;
            for (&x, &y) in a.iter().zip(&b) {
                let apart = f64::from(x) - f64::from(y);
                if !apart.is_finite() {
                    difference.not_finite += 1;
                    continue;
                }
                difference.worst = difference.worst.max(apart.abs());
                squares += apart * apart;
                count += 1;
            }
            let apart: Vec<f32> = a.iter().zip(&b).map(|(x, y)| x - y).collect();
            grid.push(&apart);
        })?;
        if let Some(error) = failed {
            return Err(error);
        }
        difference.typical = (squares / count.max(1) as f64).sqrt();
        difference.grid = Some(grid);
        Ok(difference)
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
        let apart = match self.worst == 0.0 {
            true => "none".to_owned(),
            false => {
                format!("at most {}, root mean square {}", short(self.worst), short(self.typical))
            }
        };
        let apart = match self.not_finite {
            0 => apart,
            count => {
                format!("{apart}, and {} of one are NaN or infinite", counted(count, "number"))
            }
        };
        match a.num_frames == b.num_frames {
            true => apart,
            false => {
                format!(
                    "{apart}, of the frames that both have ({} and {})",
                    a.num_frames, b.num_frames
                )
            }
        }
    }

    pub(crate) fn as_json(&self) -> Value {
        let is_compared = self.grid.is_some();
        json!({
            "array": self.rows.name,
            "other_array": self.other.name,
            "num_frames": [self.rows.num_frames, self.other.num_frames],
            "num_columns": [self.rows.columns.len(), self.other.columns.len()],
            "worst": is_compared.then_some(self.worst),
            "root_mean_square": is_compared.then_some(self.typical),
            "not_finite": is_compared.then_some(self.not_finite),
        })
    }
}
