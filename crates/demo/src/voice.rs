//! A speaker's voice: what stays the same in all ten sentences.

use crate::random::Random;

/// The constants of one voice.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Voice {
    /// Mean fundamental frequency.
    pub(crate) f0_hz: f32,
    /// Formants relative to those of an average man: a shorter tract resonates higher.
    pub(crate) formant_scale: f32,
    /// The part of a glottal cycle in which the folds are apart.
    pub(crate) open_quotient: f32,
    /// The coefficient of the one-pole low-pass that softens the pulses, in 0..1.
    pub(crate) tilt: f32,
    /// The amplitude of the noise under every voiced sound.
    pub(crate) breath: f32,
    /// The length of this speaker's phones; 1 is average.
    pub(crate) pace: f32,
    /// The largest amplitude in a recording, in parts of full scale.
    pub(crate) peak: f32,
}

impl Voice {
    /// The voice of the speaker called `name`, a woman if it begins with `F`.
    pub(crate) fn of(seed: u64, name: &str) -> Self {
        let mut random = Random::keyed(seed, "voice", name);
        let is_woman = name.starts_with('F');
        // Peterson and Barney's men average 132 Hz and their women 223 Hz, in single stressed
        // words; sentences lie somewhat lower. The women's formants are 1.17 times the men's.
        let (f0_hz, formant_scale, open_quotient, tilt, breath) = if is_woman {
            (random.around(165.0, 245.0), random.around(1.10, 1.24), 0.65, 0.60, 0.010)
        } else {
            (random.around(85.0, 155.0), random.around(0.93, 1.07), 0.55, 0.50, 0.006)
        };
        Self {
            f0_hz,
            formant_scale,
            open_quotient: open_quotient + random.between(-0.05, 0.05),
            tilt: tilt + random.between(-0.1, 0.1),
            breath: breath * random.between(0.5, 1.5),
            pace: random.around(0.85, 1.15),
            peak: random.between(0.14, 0.38),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn women_speak_higher_and_have_shorter_tracts() {
        for number in 0..200 {
            let woman = Voice::of(1, &format!("F{number}"));
            let man = Voice::of(1, &format!("M{number}"));
            assert!(woman.f0_hz > man.f0_hz && woman.formant_scale > man.formant_scale);
        }
    }
}
