//! Second-order filters: formants, and bands of noise.

use std::f64::consts::PI;

use crate::SAMPLE_RATE_HZ;

/// A formant: Klatt's digital resonator (1980, section I.C), whose gain at 0 Hz is 1.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Resonator {
    input: f32,
    back1: f32,
    back2: f32,
    out1: f32,
    out2: f32,
}

impl Resonator {
    /// Moves the resonance and keeps what is sounding.
    pub(crate) fn tune(&mut self, centre_hz: f32, width_hz: f32) {
        (self.back1, self.back2) = poles(centre_hz, width_hz);
        self.input = 1.0 - self.back1 - self.back2;
    }

    #[inline]
    pub(crate) fn next(&mut self, input: f32) -> f32 {
        // What depends on the newest output comes last, which leaves two operations between one
        // output and the next.
        let out = self.back1 * self.out1 + (self.input * input + self.back2 * self.out2);
        self.out2 = self.out1;
        self.out1 = out;
        out
    }
}

/// A band of noise: two equal band-passes, each with zeros at 0 Hz and half the sample rate.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Band {
    gain: f32,
    back1: f32,
    back2: f32,
    first: [f32; 4],
    second: [f32; 4],
}

impl Band {
    /// Forgets what was sounding. White noise of root mean square 1 leaves as about `level`.
    pub(crate) fn tune(&mut self, centre_hz: f32, width_hz: f32, level: f32) {
        let (back1, back2) = poles(centre_hz, width_hz);
        // At its centre one band-pass has gain 1 with the input factor (1 - r²) / 2, and r² is
        // -back2. The two together let pass the share width / rate · π/2 of the power.
        let peak = 0.5 * (1.0 + back2);
        let share = width_hz / SAMPLE_RATE_HZ as f32 * (PI as f32 / 2.0);
        *self = Self { gain: peak * peak * level / share.sqrt(), back1, back2, ..Self::default() };
    }

    #[inline]
    pub(crate) fn next(&mut self, input: f32) -> f32 {
        let (back1, back2) = (self.back1, self.back2);
        let stage = |[in1, in2, out1, out2]: &mut [f32; 4], input: f32| {
            let out = back1 * *out1 + (input - *in2 + back2 * *out2);
            [*in1, *in2, *out1, *out2] = [input, *in1, out, *out1];
            out
        };
        let middle = stage(&mut self.first, self.gain * input);
        stage(&mut self.second, middle)
    }
}

/// The recursive coefficients of a pair of poles: out = back1 · out₋₁ + back2 · out₋₂ + …
fn poles(centre_hz: f32, width_hz: f32) -> (f32, f32) {
    let per_hz = PI / f64::from(SAMPLE_RATE_HZ);
    let radius = libm::exp(-per_hz * f64::from(width_hz));
    let back1 = 2.0 * radius * libm::cos(2.0 * per_hz * f64::from(centre_hz));
    (back1 as f32, -(radius * radius) as f32)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::random::Random;

    /// The amplitude of the response to an impulse at one frequency.
    fn gain_at(hz: f64, mut filter: impl FnMut(f32) -> f32) -> f64 {
        let (mut real, mut imaginary) = (0.0, 0.0);
        for n in 0..8192 {
            let out = f64::from(filter(if n == 0 { 1.0 } else { 0.0 }));
            let angle = 2.0 * PI * hz * f64::from(n) / f64::from(SAMPLE_RATE_HZ);
            real += out * libm::cos(angle);
            imaginary += out * libm::sin(angle);
        }
        libm::hypot(real, imaginary)
    }

    #[test]
    fn a_resonator_peaks_at_its_centre_falls_by_3_db_at_half_its_width_and_passes_0_hz() {
        for (centre, width) in [(300.0, 60.0), (1500.0, 90.0), (3500.0, 250.0)] {
            let gain = |hz| {
                let mut resonator = Resonator::default();
                resonator.tune(centre, width);
                gain_at(hz, |input| resonator.next(input))
            };
            let (centre, half) = (f64::from(centre), f64::from(width) / 2.0);
            assert!((gain(0.0) - 1.0).abs() < 1e-3);
            assert!(gain(centre) > gain(centre - half) && gain(centre) > gain(centre + half));
            let mean_power = (gain(centre - half).powi(2) + gain(centre + half).powi(2)) / 2.0;
            let fall = gain(centre).powi(2) / mean_power;
            assert!((1.8..2.2).contains(&fall), "{fall} at {centre} Hz");
        }
    }

    #[test]
    fn a_band_of_noise_has_about_the_level_asked_for() {
        for (centre, width) in [(900.0, 1400.0), (3000.0, 1500.0), (5500.0, 2200.0)] {
            let mut random = Random::keyed(1, "test", "");
            let mut band = Band::default();
            band.tune(centre, width, 0.5);
            let white = (0..100_000).map(|_| random.between(-1.0, 1.0) * 3.0_f32.sqrt());
            let power = white.map(|input| band.next(input).powi(2)).sum::<f32>() / 100_000.0;
            let level = power.sqrt();
            assert!((0.3..0.7).contains(&level), "{level} for {centre} Hz");
        }
    }
}
