//! The vocal tract: where its formants are at each moment, and the filters that sound there.

use crate::phones::Manner;
use crate::pronunciation::TimedPhone;
use crate::random::Random;
use crate::resonator::Resonator;
use crate::voice::Voice;

/// Six formants in a row, as in the cascade branch of Klatt's synthesiser: their relative heights
/// come out right by themselves.
#[derive(Debug)]
pub(crate) struct Tract {
    formants: [Resonator; 6],
    /// The bandwidths of F1 to F3.
    widths_hz: [f32; 3],
}

impl Tract {
    pub(crate) fn new(voice: &Voice) -> Self {
        let mut formants = [Resonator::default(); 6];
        for (resonator, (centre_hz, width_hz)) in formants[3..].iter_mut().zip(UPPER_FORMANTS_HZ) {
            resonator.tune(centre_hz * voice.formant_scale, width_hz);
        }
        Self { formants, widths_hz: widths_hz(Manner::Silence) }
    }

    /// Moves the lower three formants, and keeps what is sounding.
    pub(crate) fn tune(&mut self, centres_hz: [f32; 3], manner: Manner) {
        // A bandwidth that jumps is heard as a click, and a click before a closure would look like
        // the burst after it.
        for (width_hz, goal_hz) in self.widths_hz.iter_mut().zip(widths_hz(manner)) {
            *width_hz += 0.5 * (goal_hz - *width_hz);
        }
        for ((resonator, centre_hz), width_hz) in
            self.formants.iter_mut().zip(centres_hz).zip(self.widths_hz)
        {
            resonator.tune(centre_hz, width_hz);
        }
    }

    #[inline]
    pub(crate) fn next(&mut self, input: f32) -> f32 {
        self.formants.iter_mut().fold(input, |sound, resonator| resonator.next(sound))
    }
}

/// F4 to F6 and their bandwidths: the constants of Klatt's table I.
const UPPER_FORMANTS_HZ: [(f32, f32); 3] = [(3300.0, 250.0), (3750.0, 200.0), (4900.0, 1000.0)];

/// The bandwidths of F1 to F3: what the tract loses in this manner of speaking.
fn widths_hz(manner: Manner) -> [f32; 3] {
    match manner {
        Manner::Vowel { breath: 0.0, .. } => [70.0, 90.0, 140.0],
        // The open glottis takes away most from the first formant.
        Manner::Vowel { .. } | Manner::Burst { voiced: false, .. } => [250.0, 150.0, 200.0],
        // A side branch: the nose.
        Manner::Nasal { .. } => [70.0, 250.0, 300.0],
        // Through closed lips or a closed jaw only the lowest is heard.
        Manner::Closure { .. } => [80.0, 600.0, 600.0],
        Manner::Fricative { .. } | Manner::Burst { .. } | Manner::Glottal | Manner::Silence => {
            [90.0, 120.0, 200.0]
        }
    }
}

/// The movement of F1, F2 and F3 through a recording: straight lines from phone to phone.
#[derive(Debug)]
pub(crate) struct FormantTrack {
    /// Sample and formants in Hz, in the order of the samples.
    knots: Vec<(f32, [f32; 3])>,
    /// The knot that the moment asked for last came before.
    next: usize,
}

impl FormantTrack {
    pub(crate) fn new(phones: &[TimedPhone], voice: &Voice, random: &mut Random) -> Self {
        let mut knots = Vec::with_capacity(2 * phones.len());
        for phone in phones {
            let sound = phone.symbol.sound();
            let Some(formants) = sound.formants else { continue };
            let length = (phone.end - phone.start) as f32;
            // Nobody meets a target twice in the same way.
            let scale = [(); 3].map(|()| voice.formant_scale * random.around(0.95, 1.05));
            for (part, formants) in steady_part(sound.manner).into_iter().zip(formants) {
                let [f1, f2, f3] = formants;
                let scaled = [f1 * scale[0], f2 * scale[1], f3 * scale[2]];
                knots.push((phone.start as f32 + part * length, scaled));
            }
        }
        Self { knots, next: 0 }
    }

    /// F1, F2 and F3 in Hz at this sample. Samples are asked for in ascending order.
    pub(crate) fn at(&mut self, sample: f32) -> [f32; 3] {
        while self.knots.get(self.next).is_some_and(|&(knot, _)| knot <= sample) {
            self.next += 1;
        }
        let before = self.next.checked_sub(1).and_then(|last| self.knots.get(last));
        match (before, self.knots.get(self.next)) {
            (Some(&(start, from)), Some(&(end, to))) => {
                let part = (sample - start) / (end - start);
                let [f1, f2, f3] = from;
                [f1 + part * (to[0] - f1), f2 + part * (to[1] - f2), f3 + part * (to[2] - f3)]
            }
            (Some(&(_, only)), None) | (None, Some(&(_, only))) => only,
            // Klatt's neutral tract; only a recording without speech gets here.
            (None, None) => [500.0, 1500.0, 2500.0],
        }
    }
}

/// Returns the places in a phone, in 0..1, at which its two targets are reached.
fn steady_part(manner: Manner) -> [f32; 2] {
    match manner {
        Manner::Vowel { .. } => [0.3, 0.7],
        Manner::Closure { .. } => [0.2, 0.95],
        // The release begins at the place of the closure and is on its way at once.
        Manner::Burst { .. } => [0.0, 0.15],
        Manner::Nasal { .. } | Manner::Fricative { .. } | Manner::Glottal | Manner::Silence => {
            [0.2, 0.8]
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::phones::Symbol;

    #[test]
    fn a_track_passes_through_its_targets_and_the_middle_between_them() {
        let voice = Voice { formant_scale: 1.0, ..Voice::of(1, "M") };
        let phone = |symbol, start, end| TimedPhone { symbol, stressed: true, start, end };
        let phones = [
            phone(Symbol::H, 0, 1000),
            phone(Symbol::Iy, 1000, 2000),
            phone(Symbol::Aa, 2000, 3000),
        ];
        let mut track = FormantTrack::new(&phones, &voice, &mut Random::keyed(1, "test", ""));
        let is_near = |f2: f32, target: f32| (f2 / target - 1.0).abs() < 0.06;
        assert!(is_near(track.at(0.0)[1], 2290.0), "the first target holds from the beginning");
        assert!(is_near(track.at(1500.0)[1], 2290.0));
        assert!(is_near(track.at(2000.0)[1], (2290.0 + 1090.0) / 2.0));
        assert!(is_near(track.at(2500.0)[1], 1090.0));
        assert!(is_near(track.at(9000.0)[1], 1090.0), "the last target holds to the end");
    }

    #[test]
    fn without_speech_the_tract_is_neutral() {
        let voice = Voice::of(1, "M");
        let mut track = FormantTrack::new(&[], &voice, &mut Random::keyed(1, "test", ""));
        assert_eq!(track.at(5.0), [500.0, 1500.0, 2500.0]);
    }
}
