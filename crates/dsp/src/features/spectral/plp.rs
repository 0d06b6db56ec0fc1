//! Perceptual linear prediction: cepstra of an all-pole model of a compressed auditory spectrum.
//!
//! H. Hermansky, "Perceptual linear predictive (PLP) analysis of speech", *Journal of the Acoustical
//! Society of America* 87 (1990), on mel filters, as HTK and Kaldi have it.

use std::f64::consts::PI;

use crate::error::Error;
use crate::kernels::lanes::Vector;

/// The all-pole model that is fitted to the mel energies.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct LinearPrediction {
    /// The order of the model.
    pub lpc_order: usize,
    /// Energies below this are raised to it: HTK has 1, Kaldi none.
    pub floor: f32,
    /// The exponent that stands for the ear's intensity-loudness law: Kaldi has 1/3.
    pub compress_factor: f32,
    /// The factor of the cepstra.
    pub cepstral_scale: f32,
}

impl LinearPrediction {
    /// Kaldi's defaults.
    pub fn kaldi() -> LinearPrediction {
        LinearPrediction {
            lpc_order: 12,
            floor: f32::MIN_POSITIVE,
            compress_factor: 0.333_33,
            cepstral_scale: 1.0,
        }
    }

    pub(crate) fn check(&self, num_ceps: usize, num_columns: usize) -> Result<(), Error> {
        let lpc_order = self.lpc_order;
        if lpc_order == 0 || lpc_order > 512 || lpc_order + 1 > num_columns + 2 {
            return Err(Error::LpcOrder { lpc_order, most: (num_columns + 1).min(512) });
        }
        if num_ceps > lpc_order + 1 {
            return Err(Error::PlpCepstra { num_ceps, lpc_order });
        }
        let numbers = [
            ("floor", self.floor),
            ("compress_factor", self.compress_factor),
            ("cepstral_scale", self.cepstral_scale),
        ];
        match numbers.into_iter().find(|(_, x)| !x.is_normal() || *x < 0.0) {
            Some((key, value)) => Err(Error::NotPositive { key, value }),
            None => Ok(()),
        }
    }
}

/// The least share of the energy that one more order leaves unpredicted; Kaldi's bound.
const MIN_RESIDUAL: f32 = 1e-5;

/// A checked model with its tables.
#[derive(Debug, Clone)]
pub(crate) struct Plp {
    prediction: LinearPrediction,
    /// The ear's sensitivity at each filter's centre.
    loudness: Vec<f32>,
    /// Row by row, the cosines that give each autocorrelation.
    cosines: Vec<f32>,
}

impl Plp {
    /// Computes the ear's sensitivities and the cosines.
    ///
    /// - `centres_hz`: of the filters
    pub(crate) fn new(prediction: LinearPrediction, centres_hz: &[f64]) -> Plp {
        let loudness = |&hz: &f64| {
            // J. Makhoul and L. Cosell, "LPCW: an LPC vocoder with linear predictive spectral
            // warping", ICASSP 1976: the 40-phon curve.
            let square = hz * hz;
            let low = square / (square + 1.6e5);
            (low * low * (square + 1.44e6) / (square + 9.61e6)) as f32
        };
        // The first and the last column count twice: once as the spectrum at DC and at the end.
        let last = centres_hz.len() + 1;
        let cosine = |lag: usize, column: usize| {
            let end = column == 0 || column == last;
            let turns = (lag * column % (2 * last)) as f64;
            let weight = if end { 1.0 } else { 2.0 };
            (weight * libm::cos(PI * turns / last as f64) / (2 * last) as f64) as f32
        };
        let lags = 0..=prediction.lpc_order;
        Plp {
            prediction,
            loudness: centres_hz.iter().map(loudness).collect(),
            cosines: lags.flat_map(|lag| (0..=last).map(move |j| cosine(lag, j))).collect(),
        }
    }

    /// Returns the count of numbers that [`apply`](Plp::apply) works in.
    pub(crate) fn work_len(&self) -> usize {
        2 * (self.prediction.lpc_order + 1)
    }

    /// Writes cepstra: the log of the model's gain, and then those of its poles.
    ///
    /// - `energies`: of the filters; overwritten
    /// - `work`: as long as `work_len`; overwritten
    /// - `ceps`: at most order + 1 of them
    #[inline(always)]
    pub(crate) fn apply<V: Vector<N>, const N: usize>(
        &self,
        energies: &mut [[f32; N]],
        work: &mut [[f32; N]],
        ceps: &mut [[f32; N]],
    ) {
        let order = self.prediction.lpc_order;
        let floor = V::splat(self.prediction.floor);
        for (energy, &loudness) in energies.iter_mut().zip(&self.loudness) {
            let heard = (V::load(energy).max(floor) * loudness).max(V::splat(f32::MIN_POSITIVE));
            (heard.ln() * self.prediction.compress_factor).exp().store(energy);
        }
        let (autocorrelation, poles) = work.split_at_mut(order + 1);
        let rows = self.cosines.chunks_exact(energies.len() + 2);
        for (out, row) in autocorrelation.iter_mut().zip(rows) {
            let (first, last) = (energies[0], energies[energies.len() - 1]);
            let mut sum = V::load(&first) * row[0];
            for (energy, &cosine) in energies.iter().zip(&row[1..]) {
                sum = sum + V::load(energy) * cosine;
            }
            (sum + V::load(&last) * row[row.len() - 1]).store(out);
        }
        let residual = durbin::<V, N>(autocorrelation, &mut poles[..order]);
        let poles = &poles[..order];

        // The cepstrum c of 1/A(z): c[i] = −a[i] − Σ (i − j)/i·c[i − j]·a[j], j = 1..i, from order 1.
        residual.max(V::splat(f32::MIN_POSITIVE)).ln().store(&mut ceps[0]);
        for i in 1..ceps.len() {
            let mut sum = V::splat(0.0);
            for j in 1..i {
                let term = V::load(&ceps[i - j]) * V::load(&poles[j - 1]);
                sum = sum + term * (i - j) as f32;
            }
            let c = (V::load(&poles[i - 1]) + sum * (1.0 / i as f32)) * -1.0;
            c.store(&mut ceps[i]);
        }
    }
}

/// Solves for the predictor's coefficients by Levinson and Durbin's recursion, and returns what is
/// left unpredicted of the energy. (L. Rabiner and R. Schafer, *Digital Processing of Speech Signals*,
/// 1978, equations 8.67 to 8.71; signs are those of A(z) = 1 + Σ a\[j\]·z⁻ʲ.)
#[inline(always)]
fn durbin<V: Vector<N>, const N: usize>(autocorrelation: &[[f32; N]], poles: &mut [[f32; N]]) -> V {
    let at = |lag: usize| V::load(&autocorrelation[lag]);
    let mut residual = at(0);
    for i in 0..poles.len() {
        let mut reflection = at(i + 1);
        for (j, pole) in poles[..i].iter().enumerate() {
            reflection = reflection + V::load(pole) * at(i - j);
        }
        let reflection = reflection * -1.0 / residual;
        let left = V::splat(1.0) - reflection * reflection;
        residual = residual * left.max(V::splat(MIN_RESIDUAL));
        // From both ends at once; the middle one of an odd number is its own partner.
        for j in 0..i.div_ceil(2) {
            let (a, b) = (V::load(&poles[j]), V::load(&poles[i - 1 - j]));
            (b + a * reflection).store(&mut poles[i - 1 - j]);
            (a + b * reflection).store(&mut poles[j]);
        }
        reflection.store(&mut poles[i]);
    }
    residual
}
