//! What an explanation leaves, in units of what noise in the recording does to each number.

use ossicle_dataset::Matrix;

use crate::measure::{Target, mean_ln_1p_square};
use crate::noise::{MOST_UNITS, Noise};

/// Neighbouring numbers move together, so that so many count as one.
const NUMBERS_AS_ONE: f64 = 6.0;
/// How many standard deviations a trace has to stand out.
const CLEAR: f64 = 7.0;
/// The mean of ln(1 + z²) of noise is 0.53; neighbours' scales that are estimated make it more.
const NOISE_EXCESS: f64 = 0.75;
/// A number that is off by more of these units is off by something else than noise, which a few such numbers show: a row
/// that is missing is no more than a hundredth of a short recording.
const FAR_UNITS: f32 = 60.0;
/// The most such numbers, as a share of all.
const MOST_FAR: f64 = 5e-4;
/// No number at all is off by more of these units: of noise, which may fall on silence, it was up to 230.
const FARTHEST_UNITS: f32 = 300.0;
/// A column alone has fewer numbers, so that it may have more: of noise it was up to 0.9 with 300 rows, 1.3 with 40.
const MORE_OF_COLUMN: f64 = 6.0;
/// The most of a row alone, whose numbers noise moves together: more is a row that is damaged.
const MOST_OF_ROW: f64 = 3.0;
/// The most of noise's mean for as much of its variance: of noise it was up to 1.1.
const MOST_SHARE: f64 = 1.25;
/// The least of a Gaussian's mean of ln(1 + z²) that noise has: it was down to 0.74.
const EVENLY: f64 = 0.6;
/// The mean square beneath which nothing is said of how it is spread.
const LEAST_SQUARE: f64 = 1e-6;
/// No number is known better than by this share of the columns' spread.
const LEAST: f32 = 2e-4;

/// What an explanation leaves.
#[derive(Debug, Clone)]
pub(crate) struct Residue {
    /// The differences, as they are compared, without what noise adds in the mean.
    left: Vec<f32>,
    /// The mean that noise adds.
    bias: Vec<f32>,
    /// One over what noise does.
    weights: Vec<f32>,
    /// The level of that noise.
    level_db: f64,
    excess: f64,
    /// The square of the usual difference, in units of noise.
    unit: f64,
    /// Whether it lies as noise does: on all columns and rows, on most numbers, and no more to one side than noise.
    is_even: bool,
}

/// Differences in units of noise, and how they lie.
struct Units<'a> {
    of: &'a [f32],
    columns: usize,
}

impl Units<'_> {
    /// Returns whether no number, no few numbers and no row or column alone are off by more than noise takes them.
    fn lie_as_noise(&self) -> bool {
        let rows = (self.of.len() / self.columns).max(1) as f64;
        let far = self.of.iter().filter(|&&z| z > FAR_UNITS).count();
        far as f64 <= MOST_FAR * self.of.len() as f64
            && self.of.iter().all(|&z| z <= FARTHEST_UNITS)
            && self.worst_column() < NOISE_EXCESS + MORE_OF_COLUMN / rows.sqrt()
            && self.worst_row() < MOST_OF_ROW
    }

    fn worst_row(&self) -> f64 {
        let rows = self.of.chunks_exact(self.columns);
        rows.map(|row| mean_ln_1p_square(row.iter().copied())).fold(0.0, f64::max)
    }

    fn worst_column(&self) -> f64 {
        let column = |column: usize| self.of.iter().skip(column).step_by(self.columns);
        let excess = |place: usize| mean_ln_1p_square(column(place).copied());
        (0..self.columns).map(excess).fold(0.0, f64::max)
    }
}

/// How numbers in units of noise are spread.
#[derive(Debug, Clone, Copy)]
struct Spread {
    /// The mean of ln(1 + z²), which few large numbers hardly raise.
    excess: f64,
    /// The mean of z², which they do.
    square: f64,
}

impl Spread {
    fn of(units: impl Iterator<Item = f32> + Clone) -> Spread {
        let square = |z: f32| f64::from(z.min(MOST_UNITS)).powi(2);
        let squares: f64 = units.clone().map(square).sum();
        let count = units.clone().count().max(1) as f64;
        Spread { excess: mean_ln_1p_square(units), square: squares / count }
    }

    /// Returns whether most numbers have a part in it: of a Gaussian of variance u, the mean of ln(1 + z²) is about
    /// ½ ln(1 + 2u); where few numbers are all that differ it is far less.
    fn is_even(self) -> bool {
        self.square < LEAST_SQUARE || self.excess >= EVENLY * 0.5 * libm::log1p(2.0 * self.square)
    }
}

/// The trace of a change in what another explanation leaves.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Trace {
    /// How much of the change is there: 1 is all.
    share: f64,
    /// How many standard deviations that stands out.
    pub(crate) strength: f64,
    /// The root of the mean square of what the change does, in units of noise.
    pub(crate) units: f64,
}

impl Trace {
    pub(crate) fn is_there(self) -> bool {
        self.strength > CLEAR && (0.75..1.3).contains(&self.share)
    }
}

impl Residue {
    pub(crate) fn new(target: &Target<'_>, made: &Matrix, noise: &Noise) -> Residue {
        let columns = target.matrix.columns;
        let view = target.view_of(made);
        let mut left: Vec<f32> =
            target.view().iter().zip(view.iter()).map(|(b, a)| b - a).collect();
        let spread = |i: usize| target.spread(i % columns);
        let weight = |(i, noise): (usize, &f32)| 1.0 / (noise + LEAST * spread(i));
        let weights: Vec<f32> = noise.spread.iter().enumerate().map(weight).collect();
        // What noise adds in the mean is no trace of anything: a floor that is added does the same.
        let share = noise.share_in(&left, &weights);
        let bias: Vec<f32> = noise.bias.iter().map(|bias| share as f32 * bias).collect();
        left.iter_mut().zip(&bias).for_each(|(left, bias)| *left -= bias);
        let units: Vec<f32> = left.iter().zip(&weights).map(|(d, w)| (d * w).abs()).collect();
        // What lies on a floor is moved by nothing, and says nothing of how evenly noise lies on the rest.
        let is_moved = |&(i, _): &(usize, &f32)| noise.spread[i] >= LEAST * spread(i);
        let moved = units.iter().enumerate().filter(is_moved);
        // Nor does how far the few are that are damaged.
        let moved = Spread::of(moved.map(|(_, z)| z.min(MOST_UNITS)));
        let Spread { excess, square } = Spread::of(units.iter().copied());
        let is_even = Units { of: &units, columns }.lie_as_noise()
            && moved.is_even()
            // Noise adds energy and moves it as much; a floor adds alone.
            && share <= MOST_SHARE * square.max(LEAST_SQUARE);
        let (level_db, unit) = (noise.level_db, square.max(1e-12));
        Residue { left, bias, weights, level_db, excess, unit, is_even }
    }

    /// Returns how much more than noise is left: the mean of ln(1 + z²).
    pub(crate) fn excess(&self) -> f64 {
        self.excess
    }

    pub(crate) fn is_noise(&self) -> bool {
        self.excess < NOISE_EXCESS && self.is_even
    }

    /// Returns the noise that would leave as much, in dB below the recording.
    pub(crate) fn level_db(&self) -> f64 {
        self.level_db + 10.0 * libm::log10(self.unit)
    }

    /// Looks for the trace of what a further change makes.
    pub(crate) fn trace(&self, target: &Target<'_>, made: &Matrix) -> Trace {
        if made.rows != target.matrix.rows {
            return Trace { share: 0.0, strength: 0.0, units: 0.0 };
        }
        let view = target.view_of(made);
        let (mut square, mut product) = (0.0, 0.0);
        let own = self.left.iter().zip(&self.bias).zip(&self.weights);
        let numbers = own.zip(target.view().iter().zip(view.iter()));
        for (((left, bias), weight), (b, a)) in numbers {
            // What the change does: the difference before without the difference after.
            let change = left - (b - bias - a);
            let change = f64::from((change * weight).clamp(-MOST_UNITS, MOST_UNITS));
            let left = f64::from((left * weight).clamp(-MOST_UNITS, MOST_UNITS));
            square += change * change;
            product += change * left;
        }
        let error = (square * self.unit * NUMBERS_AS_ONE).sqrt();
        Trace {
            share: product / square.max(1e-30),
            strength: product / error.max(1e-30),
            units: (square / self.left.len().max(1) as f64).sqrt(),
        }
    }

    /// Returns whether a change that is made leaves a trace: what is left without it, measured by this residue's
    /// noise, is more than noise.
    ///
    /// - `without`, `with`: the rows without it and with it
    pub(crate) fn trace_of(&self, target: &Target<'_>, without: &Matrix, with: &Matrix) -> bool {
        let (without, with) = (target.view_of(without), target.view_of(with));
        let (mut square, mut product) = (0.0, 0.0);
        for (i, (b, a)) in target.view().iter().zip(without.iter()).enumerate() {
            let (Some(to), Some(weight)) = (with.get(i), self.weights.get(i)) else { continue };
            let b = b - self.bias[i];
            let change = f64::from(((to - a) * weight).clamp(-MOST_UNITS, MOST_UNITS));
            let left = f64::from(((b - a) * weight).clamp(-MOST_UNITS, MOST_UNITS));
            square += change * change;
            product += change * left;
        }
        let error = (square * self.unit * NUMBERS_AS_ONE).sqrt();
        product / error.max(1e-30) > CLEAR && product / square.max(1e-30) > 0.5
    }
}
