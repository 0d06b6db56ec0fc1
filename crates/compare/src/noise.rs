//! What noise in a recording does to each number.

use std::borrow::Cow;

/// The noise that explanations are to stand, in dB relative to the recording.
pub(crate) const NOISE_DB: f64 = -60.0;
/// Louder noise, as a quiet recording's dither is, which is thought of where nothing else is found.
pub(crate) const LOUDER_DB: [f64; 4] = [-55.0, -50.0, -45.0, -40.0];

/// Differences beyond this many units of noise count as this many.
pub(crate) const MOST_UNITS: f32 = 6.0;
/// Noise that lies no more than 6 dB above the usual adds no more than so many times its mean.
const MOST_BIAS: f64 = 4.0;

/// What noise in a recording does to each number, as it is compared.
#[derive(Debug, Clone)]
pub(crate) struct Noise {
    /// Its level, in dB relative to the recording.
    pub(crate) level_db: f64,
    /// The mean of what it adds: noise is energy, too, and raises what is small.
    pub(crate) bias: Vec<f32>,
    /// The standard deviation, evened out over neighbours.
    pub(crate) spread: Vec<f32>,
}

impl Noise {
    /// Takes what was made of a recording with noise, several times. None where that is too seldom to know.
    ///
    /// - `level_db`: the noise, relative to the recording
    /// - `view`: what is made of it without noise, as it is compared, in rows of so many columns
    pub(crate) fn of(
        level_db: f64,
        columns: usize,
        view: &[f32],
        noisy: &[Cow<'_, [f32]>],
    ) -> Option<Noise> {
        let count = noisy.len() as f32;
        if noisy.len() < 2 {
            return None;
        }
        let (mut sum, mut square) = (vec![0.0f32; view.len()], vec![0.0f32; view.len()]);
        for noisy in noisy {
            let sums = sum.iter_mut().zip(&mut square);
            for ((sum, square), (with, without)) in sums.zip(noisy.iter().zip(view)) {
                let difference = with - without;
                *sum += difference;
                *square += difference * difference;
            }
        }
        let variance =
            |(sum, square): (&f32, &f32)| ((square - sum * sum / count) / (count - 1.0)).max(0.0);
        let variances: Vec<f32> = sum.iter().zip(&square).map(variance).collect();
        let bias = sum.into_iter().map(|sum| sum / count).collect();
        Some(Noise { level_db, bias, spread: evened(&variances, columns) })
    }

    /// Returns how many times what it adds in the mean is in differences, by least squares: other noise adds more or
    /// less. A floor that is added does the same, which must not be taken for it.
    ///
    /// - `weights`: one over the unit that each difference is measured in
    pub(crate) fn share_in(&self, differences: &[f32], weights: &[f32]) -> f64 {
        let (mut square, mut product) = (0.0, 0.0);
        for ((bias, difference), weight) in self.bias.iter().zip(differences).zip(weights) {
            let bias = f64::from((bias * weight).clamp(-MOST_UNITS, MOST_UNITS));
            let difference = f64::from((difference * weight).clamp(-MOST_UNITS, MOST_UNITS));
            square += bias * bias;
            product += bias * difference;
        }
        (product / square.max(1e-30)).clamp(0.0, MOST_BIAS)
    }
}

/// The root of the mean of each square and its neighbours in time and in its row.
fn evened(square: &[f32], columns: usize) -> Vec<f32> {
    let rows = square.len() / columns.max(1);
    let mut evened = Vec::with_capacity(square.len());
    for row in 0..rows {
        for column in 0..columns {
            let (mut sum, mut count) = (0.0, 0.0);
            for r in row.saturating_sub(1)..(row + 2).min(rows) {
                for c in column.saturating_sub(1)..(column + 2).min(columns) {
                    sum += square[r * columns + c];
                    count += 1.0;
                }
            }
            evened.push((sum / count).sqrt());
        }
    }
    evened
}
