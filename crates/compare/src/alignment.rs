//! Where the rows of one matrix lie in another.

use ossicle_dataset::Matrix;

/// Neighbouring columns are taken together until there are no more than so many.
const MOST_BANDS: usize = 8;
/// The most rows that are looked for.
const MOST_ROWS: usize = 1000;

/// Finds the lag at which two matrices of as many columns agree best: row t of `to` is most like row t + lag of `of`.
///
/// The middle of the one with fewer rows is looked for everywhere in the other, by the correlation of bands of columns;
/// where one is not even half the other, all of it is.
pub(crate) fn lag(of: &Matrix, to: &Matrix) -> i64 {
    match of.rows >= to.rows {
        true => place(&bands(to), &bands(of)),
        false => -place(&bands(of), &bands(to)),
    }
}

/// Returns the place of the shorter in the longer, in rows; negative where it begins before it.
fn place(short: &[Vec<f32>], long: &[Vec<f32>]) -> i64 {
    let (short_rows, long_rows) = (short[0].len(), long[0].len());
    let whole = if long_rows >= 2 * short_rows { short_rows } else { short_rows.div_ceil(2) };
    let rows = whole.min(MOST_ROWS);
    let first = (short_rows - rows) / 2;
    let at = |place: usize| {
        let (mut product, mut square) = (0.0f64, 0.0f64);
        for (short, long) in short.iter().zip(long) {
            let (looked_for, there) = (&short[first..first + rows], &long[place..place + rows]);
            product += dot(looked_for, there);
            square += dot(there, there);
        }
        if square > 0.0 { product / square.sqrt() } else { 0.0 }
    };
    // Where all is alike nothing has moved.
    let as_it_stands = first.min(long_rows - rows);
    let mut best = (as_it_stands, at(as_it_stands));
    for place in 0..=long_rows - rows {
        let like = at(place);
        if like > best.1 * (1.0 + 1e-6) {
            best = (place, like);
        }
    }
    best.0 as i64 - first as i64
}

fn dot(a: &[f32], b: &[f32]) -> f64 {
    // In eight sums, which a processor adds side by side.
    let mut sums = [0.0f32; 8];
    let (a, b) = (a.chunks_exact(8), b.chunks_exact(8));
    let rest: f32 = a.remainder().iter().zip(b.remainder()).map(|(a, b)| a * b).sum();
    for (a, b) in a.zip(b) {
        for ((sum, a), b) in sums.iter_mut().zip(a).zip(b) {
            *sum += a * b;
        }
    }
    f64::from(rest + sums.iter().sum::<f32>())
}

/// The mean of neighbouring columns over time, each band less its own mean.
fn bands(of: &Matrix) -> Vec<Vec<f32>> {
    let width = of.columns.div_ceil(MOST_BANDS);
    let band = |first: usize| {
        let columns = first..(first + width).min(of.columns);
        let sum = |row: &[f32]| row[columns.clone()].iter().sum::<f32>();
        let mut band: Vec<f32> = of.values.chunks_exact(of.columns).map(sum).collect();
        let mean = band.iter().map(|&x| f64::from(x)).sum::<f64>() / band.len().max(1) as f64;
        band.iter_mut().for_each(|x| *x -= mean as f32);
        band
    };
    (0..of.columns).step_by(width).map(band).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use ossicle_testing::Random;

    fn drawn(rows: usize) -> Matrix {
        let mut random = Random::with_seed(4);
        Matrix::new(rows, 20, (0..rows * 20).map(|_| random.f32()).collect())
    }

    fn cut(of: &Matrix, rows: std::ops::Range<usize>) -> Matrix {
        let values = of.values[rows.start * of.columns..rows.end * of.columns].to_vec();
        Matrix::new(rows.len(), of.columns, values)
    }

    #[test]
    fn rows_are_found_wherever_they_lie() {
        let all = drawn(400);
        for (first, end) in
            [(0, 400), (0, 30), (37, 400), (120, 150), (370, 400), (0, 399), (90, 310)]
        {
            let part = cut(&all, first..end);
            assert_eq!(lag(&all, &part), first as i64, "{first}..{end}");
            assert_eq!(lag(&part, &all), -(first as i64), "{first}..{end}, the other way round");
        }
        let (earlier, later) = (cut(&all, 0..350), cut(&all, 50..400));
        assert_eq!((lag(&earlier, &later), lag(&later, &earlier)), (50, -50));
    }

    #[test]
    fn what_is_the_same_everywhere_has_not_moved() {
        let flat = Matrix::new(50, 20, vec![1.5; 1000]);
        assert_eq!(lag(&flat, &flat), 0);
    }
}
