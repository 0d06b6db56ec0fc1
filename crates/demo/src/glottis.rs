//! The voiced source: pulses of air, as the derivative of the flow through the glottis.
//!
//! The shape is Rosenberg's polynomial ("Effect of glottal pulse shape on the quality of natural
//! vowels", JASA 49, 1971, his pulse B; also the KLGLOTT88 source of Klatt and Klatt, JASA 87,
//! 1990): with u the time since opening in parts of the open phase, the flow is u² - u³, and its
//! derivative 2u - 3u² ends in the jump at closure that excites the formants.

use crate::SAMPLE_RATE_HZ;
use crate::random::Random;

/// A train of glottal pulses.
#[derive(Debug)]
pub(crate) struct Glottis {
    open_quotient: f32,
    tilt: f32,
    /// Samples since the folds opened, not whole: a period need not be.
    time: f32,
    period: f32,
    /// One over the open phase, in samples.
    per_open: f32,
    amplitude: f32,
    /// The output before, for the tilt.
    last: f32,
}

impl Glottis {
    pub(crate) fn new(open_quotient: f32, tilt: f32) -> Self {
        Self {
            open_quotient,
            tilt,
            time: 0.0,
            period: 0.0,
            per_open: 1.0,
            amplitude: 0.0,
            last: 0.0,
        }
    }

    /// The next sample; about -1 at the moment of closure.
    #[inline]
    pub(crate) fn next(&mut self, f0_hz: f32, random: &mut Random) -> f32 {
        if self.time >= self.period {
            self.open(f0_hz, random);
        }
        let u = self.time * self.per_open;
        let flow = if u < 1.0 { self.amplitude * u * (2.0 - 3.0 * u) } else { 0.0 };
        self.time += 1.0;
        self.last = flow + self.tilt * (self.last - flow);
        self.last
    }

    fn open(&mut self, f0_hz: f32, random: &mut Random) {
        self.time -= self.period;
        // A perfectly even voice sounds like a machine: jitter and shimmer of healthy speakers are
        // around one and a few percent.
        self.period = SAMPLE_RATE_HZ as f32 / f0_hz * random.around(0.98, 1.02);
        self.per_open = 1.0 / (self.open_quotient * self.period);
        self.amplitude = random.around(0.93, 1.07);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pulses_come_at_the_fundamental_frequency_and_carry_no_offset() {
        let mut glottis = Glottis::new(0.6, 0.0);
        let mut random = Random::keyed(1, "test", "");
        let flow: Vec<f32> = (0..160_000).map(|_| glottis.next(123.0, &mut random)).collect();
        let closures = flow.windows(2).filter(|pair| pair[0] < -0.5 && pair[1] == 0.0).count();
        assert!((1220..=1240).contains(&closures), "{closures} pulses in 10 s at 123 Hz");
        let mean = flow.iter().sum::<f32>() / flow.len() as f32;
        assert!(mean.abs() < 0.02, "{mean}");
    }
}
