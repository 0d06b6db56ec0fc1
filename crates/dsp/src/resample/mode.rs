//! The filters that there are: a program's, or our own, and the weights that each gives a sample.

use std::f64::consts::PI;

/// A way to resample: which filter keeps what the lower rate can hold, and removes what it cannot.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum ResampleMode {
    /// Our own: what is below 0.9 of half the lower rate is kept within 0.1 dB, and what is above half the
    /// lower rate is 100 dB down. A sinc that ends after 60 samples of the lower rate to either side,
    /// times a Kaiser window; the weights of each place add up to 1.
    Hq,
    /// `torchaudio.functional.resample` at its defaults (torchaudio 2.11.0): six zero crossings, and a Hann
    /// window. torchaudio computes the places of samples in 32 bits, and so does this.
    Torchaudio,
    /// The same with `lowpass_filter_width` 64, `rolloff` 0.9475937167399596, `sinc_interp_kaiser` and
    /// `beta` 14.769656459379492, which torchaudio's documentation calls the equivalent of "kaiser best".
    TorchaudioKaiser,
    /// Kaldi's `LinearResample` as its `ResampleWaveform` calls it (Kaldi 5.5): the filter of
    /// [`Torchaudio`](ResampleMode::Torchaudio), with exact places.
    Kaldi,
}

/// Where a sample is, as seen from an output.
#[derive(Debug, Clone, Copy)]
pub(super) struct Place {
    /// The output's number in its block: `to` outputs of a block take `from` samples.
    pub(super) output: u32,
    /// The sample's number, counted from the block's first.
    pub(super) sample: i64,
    /// Both rates, divided by what divides both.
    pub(super) from: u32,
    pub(super) to: u32,
}

/// What a window of `hq` is made of: half its width in samples of the lower rate, the frequency at which
/// half of the amplitude is left as a share of half the lower rate, and the shape of the Kaiser window.
///
/// The three were searched: of wider windows than this none is needed for 100 dB, which 54 samples only
/// just reach, and 60 reach with 8 dB to spare.
const HQ_HALF_WIDTH: f64 = 60.0;
const HQ_CUTOFF: f64 = 0.941;
const HQ_BETA: f64 = 11.0;

/// A sinc of torchaudio: how many zero crossings it has to either side, and its cutoff as a share of half
/// the lower rate.
const ZEROS: f64 = 6.0;
const ROLLOFF: f64 = 0.99;
const KAISER_ZEROS: f64 = 64.0;
const KAISER_ROLLOFF: f64 = 0.947_593_716_739_959_6;
const KAISER_BETA: f64 = 14.769_656_459_379_492;

impl ResampleMode {
    /// Returns how far samples can be from an output and still have a weight, in samples of the lower rate.
    pub(super) fn half_width(self) -> f64 {
        match self {
            ResampleMode::Hq => HQ_HALF_WIDTH,
            ResampleMode::Torchaudio | ResampleMode::Kaldi => ZEROS / ROLLOFF,
            ResampleMode::TorchaudioKaiser => KAISER_ZEROS / KAISER_ROLLOFF,
        }
    }

    /// Returns whether the weights of an output are made to add up to 1.
    pub(super) fn is_normalized(self) -> bool {
        self == ResampleMode::Hq
    }

    /// Computes the weight of a sample in an output.
    pub(super) fn weight(self, place: Place) -> f64 {
        match self {
            ResampleMode::Hq => {
                let t = place.distance();
                let window = kaiser(t / HQ_HALF_WIDTH, HQ_BETA);
                sinc(HQ_CUTOFF * t) * window * HQ_CUTOFF * place.lower() / f64::from(place.from)
            }
            ResampleMode::Kaldi => {
                let t = ROLLOFF * place.distance();
                let scale = ROLLOFF * place.lower() / f64::from(place.from);
                if t.abs() < ZEROS { sinc(t) * hann(t / ZEROS) * scale } else { 0.0 }
            }
            ResampleMode::Torchaudio => {
                let t = place.distance_as_torchaudio(ROLLOFF, ZEROS);
                let half_turn = t * PI as f32 / ZEROS as f32 / 2.0;
                let cos = libm::cos(f64::from(half_turn)) as f32;
                place.weight_as_torchaudio(t, cos * cos, ROLLOFF)
            }
            ResampleMode::TorchaudioKaiser => {
                let t = place.distance_as_torchaudio(KAISER_ROLLOFF, KAISER_ZEROS);
                let share = t / KAISER_ZEROS as f32;
                let beta = KAISER_BETA as f32;
                let argument = beta * (1.0 - share * share).sqrt();
                let window =
                    (bessel_i0(f64::from(argument)) as f32) / (bessel_i0(f64::from(beta)) as f32);
                place.weight_as_torchaudio(t, window, KAISER_ROLLOFF)
            }
        }
    }
}

impl Place {
    /// The lower of the two rates.
    fn lower(self) -> f64 {
        f64::from(self.from.min(self.to))
    }

    /// The time from the output to the sample, in samples of the lower rate.
    fn distance(self) -> f64 {
        let Place { output, sample, from, to } = self;
        // Whole numbers as far as they go: the products are below 2^53.
        let ahead = sample as f64 * f64::from(to) - f64::from(output) * f64::from(from);
        ahead / f64::from(to) * self.lower() / f64::from(from)
    }

    /// The time from the output to the sample in zero crossings, with the roundings to 32 bits that
    /// torchaudio's tensors have.
    fn distance_as_torchaudio(self, rolloff: f64, zeros: f64) -> f32 {
        let Place { output, sample, from, to } = self;
        let t = -(output as f32) / to as f32 + sample as f32 / from as f32;
        (t * (self.lower() * rolloff) as f32).clamp(-zeros as f32, zeros as f32)
    }

    /// The weight of a sample `t` zero crossings away, with torchaudio's roundings.
    fn weight_as_torchaudio(self, t: f32, window: f32, rolloff: f64) -> f64 {
        let scale = (self.lower() * rolloff / f64::from(self.from)) as f32;
        let angle = t * PI as f32;
        let sinc = if angle == 0.0 { 1.0 } else { libm::sin(f64::from(angle)) as f32 / angle };
        f64::from(sinc * (window * scale))
    }
}

/// sin(πx) / (πx).
fn sinc(x: f64) -> f64 {
    if x == 0.0 { 1.0 } else { libm::sin(PI * x) / (PI * x) }
}

/// The Hann window, whose ends are at ±1.
fn hann(x: f64) -> f64 {
    0.5 + 0.5 * libm::cos(PI * x)
}

/// The Kaiser window, which is 0 from its ends at ±1 on: an output at a sample's time has as many weights
/// before as after.
fn kaiser(x: f64, beta: f64) -> f64 {
    if x.abs() >= 1.0 { 0.0 } else { bessel_i0(beta * (1.0 - x * x).sqrt()) / bessel_i0(beta) }
}

/// The modified Bessel function of the first kind of order 0, by its power series: all terms are positive,
/// so that nothing is lost (Abramowitz and Stegun 9.6.12).
fn bessel_i0(x: f64) -> f64 {
    let quarter = x * x / 4.0;
    let (mut sum, mut term, mut k) = (1.0, 1.0, 0.0);
    while term > sum * 1e-17 {
        k += 1.0;
        term *= quarter / (k * k);
        sum += term;
    }
    sum
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_bessel_function_is_that_of_the_tables() {
        // Abramowitz and Stegun, table 9.8 and 9.11: I0(x) or e^-x I0(x).
        assert!((bessel_i0(0.0) - 1.0).abs() < 1e-15);
        assert!((bessel_i0(1.0) - 1.266_065_877_752_008_4).abs() < 1e-14);
        assert!((bessel_i0(10.0) * libm::exp(-10.0) - 0.127_833_337_163_4).abs() < 1e-12);
    }
}
