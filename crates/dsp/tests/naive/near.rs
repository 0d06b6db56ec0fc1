//! A number, and how far arithmetic in f32 may come out from it.

/// Half a unit in the last place of 1.0 in f32: what one operation loses at most, of its result.
pub(crate) const ROUNDING: f64 = 1.0 / 16_777_216.0;

/// An exact number, between the least and the largest that f32 may make of it.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Near {
    pub(crate) exact: f64,
    pub(crate) low: f64,
    pub(crate) high: f64,
}

impl Near {
    pub(crate) fn new(exact: f64, error: f64) -> Near {
        Near { exact, low: exact - error, high: exact + error }
    }

    /// The number after a function that does not fall anywhere between its bounds.
    pub(crate) fn rise(self, f: impl Fn(f64) -> f64) -> Near {
        Near { exact: f(self.exact), low: f(self.low), high: f(self.high) }
    }

    /// The number times an exact one.
    pub(crate) fn times(self, factor: f64) -> Near {
        let (a, b) = (self.low * factor, self.high * factor);
        Near { exact: self.exact * factor, low: a.min(b), high: a.max(b) }
    }

    pub(crate) fn widen(self, error: f64) -> Near {
        Near { low: self.low - error, high: self.high + error, ..self }
    }

    /// The number after so many operations more, each of which rounds numbers of at most this size.
    pub(crate) fn round(self, operations: f64, size: f64) -> Near {
        self.widen(operations * ROUNDING * size)
    }

    /// How far the farther bound is.
    pub(crate) fn error(self) -> f64 {
        (self.exact - self.low).max(self.high - self.exact)
    }

    /// The sum of numbers times exact weights.
    ///
    /// A sum of n terms rounds n times.
    pub(crate) fn sum(terms: impl Iterator<Item = (f64, Near)>) -> Near {
        let (mut sum, mut size, mut count) = (Near::new(0.0, 0.0), 0.0, 0);
        for (weight, term) in terms.filter(|(weight, _)| *weight != 0.0) {
            let term = term.times(weight);
            sum.exact += term.exact;
            sum.low += term.low;
            sum.high += term.high;
            size += term.low.abs().max(term.high.abs());
            count += 1;
        }
        sum.round(2.0 + scattered(f64::from(count)), size)
    }

    /// The largest of numbers.
    pub(crate) fn largest(numbers: impl Iterator<Item = Near>) -> Near {
        let start = Near::new(f64::MIN, 0.0);
        numbers.fold(start, |a, b| Near {
            exact: a.exact.max(b.exact),
            low: a.low.max(b.low),
            high: a.high.max(b.high),
        })
    }

    /// The larger of this and another.
    pub(crate) fn max(self, other: Near) -> Near {
        Near::largest([self, other].into_iter())
    }
}

/// How many roundings, each as large as can be, so many that scatter come to.
///
/// They have either sign and any size up to half a unit, which is a standard deviation of 1/√3 of the
/// largest; together, √n of that. Six standard deviations pass one in 10⁸ times. (N. Higham and T. Mary,
/// "A new approach to probabilistic rounding error analysis", *SIAM Journal on Scientific Computing* 41,
/// 2019.)
pub(crate) fn scattered(count: f64) -> f64 {
    6.0 * (count / 3.0).sqrt()
}
