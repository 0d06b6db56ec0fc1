//! A formant synthesiser after Klatt (1980): from phones to samples.
//!
//! Pulses and breath pass the formants in cascade; noise made at a narrow place passes a band of
//! its own and is added. Amplitudes and formants are set every 5 ms, as in Klatt's program, and
//! also at each phone's first sample, so a boundary in the `.PHN` file is the very sample at which
//! the synthesiser switched. Between settings amplitudes move in straight lines.

use crate::glottis::Glottis;
use crate::phones::{Manner, Symbol};
use crate::pronunciation::TimedPhone;
use crate::random::Random;
use crate::resonator::Band;
use crate::tract::{FormantTrack, Tract};
use crate::voice::Voice;

/// Speaks contiguous `phones`: as many samples as the last one's end.
pub(crate) fn synthesize(phones: &[TimedPhone], voice: &Voice, mut random: Random) -> Vec<i16> {
    let num_samples = phones.last().map_or(0, |phone| phone.end);
    let mut synth = Synth {
        voice,
        glottis: Glottis::new(voice.open_quotient, voice.tilt),
        tract: Tract::new(voice),
        band: Band::default(),
        track: FormantTrack::new(phones, voice, &mut random),
        gains: Gains::default(),
        melody: Melody { num_samples: num_samples as f32, accent: 0.0 },
        out: Vec::with_capacity(num_samples as usize),
        random,
    };
    for phone in phones {
        synth.speak(phone);
    }
    let Synth { out, random, .. } = synth;
    quantize(&out, voice, random)
}

/// 5 ms.
const BLOCK_SAMPLES: usize = 80;

/// Everything that sounds on from one phone into the next.
#[derive(Debug)]
struct Synth<'a> {
    voice: &'a Voice,
    glottis: Glottis,
    tract: Tract,
    band: Band,
    track: FormantTrack,
    gains: Gains,
    melody: Melody,
    out: Vec<f32>,
    random: Random,
}

/// The amplitudes of the three sources.
#[derive(Debug, Clone, Copy, Default)]
struct Gains {
    voice: f32,
    breath: f32,
    noise: f32,
}

impl Synth<'_> {
    fn speak(&mut self, phone: &TimedPhone) {
        let manner = phone.symbol.sound().manner;
        if let Manner::Fricative { noise, .. } | Manner::Burst { noise, .. } = manner {
            let centre_hz = noise.centre_hz * self.random.around(0.93, 1.07);
            let level = noise.level * self.random.around(0.7, 1.3);
            self.band.tune(centre_hz, noise.width_hz, level);
            // Friction sets in smoothly, a burst at once.
            self.gains.noise = if matches!(manner, Manner::Burst { .. }) { 1.0 } else { 0.0 };
        }
        let mut start = phone.start;
        while start < phone.end {
            let end = phone.end.min(start + BLOCK_SAMPLES as u32);
            self.tract.tune(self.track.at((start + end) as f32 * 0.5), manner);
            let f0_hz = self.melody.f0_hz(phone, start, self.voice);
            let goal = goal(phone, manner, end);
            let next = self.gains.toward(goal, quickness(manner));
            self.block((end - start) as usize, next, f0_hz);
            start = end;
        }
    }

    /// `num_samples` samples, at most [`BLOCK_SAMPLES`], on the way from the present gains to
    /// `next`.
    fn block(&mut self, num_samples: usize, next: Gains, f0_hz: f32) {
        let mut gains = self.gains;
        let per_sample = 1.0 / num_samples as f32;
        let voice_step = (next.voice - gains.voice) * per_sample;
        let breath_step = (next.breath - gains.breath) * per_sample;
        let noise_step = (next.noise - gains.noise) * per_sample;

        let mut white = [0.0; BLOCK_SAMPLES];
        let white = &mut white[..num_samples];
        for sample in white.iter_mut() {
            *sample = white_noise(&mut self.random);
        }
        let first = self.out.len();
        for &white in white.iter() {
            gains.voice += voice_step;
            gains.breath += breath_step;
            // A little breath goes with every voice, and the last term, 60 dB below the room,
            // keeps the filters from decaying into denormal numbers, which are slow.
            let breath = gains.breath + gains.voice * self.voice.breath + 1e-6;
            let pulse = self.glottis.next(f0_hz, &mut self.random);
            self.out.push(self.tract.next(gains.voice * pulse + breath * white));
        }
        if gains.noise > 0.0 || next.noise > 0.0 {
            for (out, &white) in self.out[first..].iter_mut().zip(white.iter()) {
                gains.noise += noise_step;
                *out += gains.noise * self.band.next(white);
            }
        }
        self.gains = next;
    }
}

impl Gains {
    /// The part `quickness` of the way to `goal`.
    fn toward(self, goal: Self, quickness: f32) -> Self {
        let toward = |from: f32, to: f32| {
            let next = from + quickness * (to - from);
            // Nothing under 0.1 % of a vowel is heard above the room.
            if next < 1e-3 { 0.0 } else { next }
        };
        Self {
            voice: toward(self.voice, goal.voice),
            breath: toward(self.breath, goal.breath),
            noise: toward(self.noise, goal.noise),
        }
    }
}

/// The gains that a phone has, or is on its way to, at the sample `end`.
fn goal(phone: &TimedPhone, manner: Manner, end: u32) -> Gains {
    let loudness = if phone.stressed { 1.0 } else { 0.65 };
    match manner {
        Manner::Silence => Gains::default(),
        Manner::Glottal => Gains { voice: 0.25, ..Gains::default() },
        Manner::Vowel { voicing, breath } => {
            Gains { voice: voicing * loudness, breath, noise: 0.0 }
        }
        Manner::Nasal { voicing } => Gains { voice: voicing * loudness, ..Gains::default() },
        Manner::Closure { voicing } => Gains { voice: voicing, ..Gains::default() },
        Manner::Fricative { voicing, .. } => Gains { voice: voicing, breath: 0.0, noise: 1.0 },
        Manner::Burst { voiced, .. } => {
            let elapsed = (end - phone.start) as f32;
            let noise = (1.0 - elapsed / BURST_SAMPLES).max(0.0);
            if voiced {
                Gains { voice: 0.4, breath: 0.0, noise }
            } else {
                Gains { voice: 0.0, breath: 0.12, noise }
            }
        }
    }
}

/// 10 ms, in which a burst dies away.
const BURST_SAMPLES: f32 = 160.0;

/// Returns the part of the way to its goal that a gain goes in 5 ms.
fn quickness(manner: Manner) -> f32 {
    match manner {
        // The mouth closes faster than a voice swells.
        Manner::Closure { .. } | Manner::Silence => 0.75,
        Manner::Burst { .. } => 1.0,
        Manner::Fricative { .. } | Manner::Nasal { .. } | Manner::Glottal => 0.6,
        Manner::Vowel { .. } => 0.45,
    }
}

/// The course of the fundamental frequency: it falls through the sentence and rises on stress.
#[derive(Debug)]
struct Melody {
    num_samples: f32,
    /// The rise of the voice on a stressed syllable, in 0..1.
    accent: f32,
}

impl Melody {
    fn f0_hz(&mut self, phone: &TimedPhone, sample: u32, voice: &Voice) -> f32 {
        let stressed = phone.stressed && phone.symbol.is_syllabic();
        let goal = if stressed { 1.0 } else { 0.0 };
        self.accent += 0.12 * (goal - self.accent);
        let declination = 1.15 - 0.35 * (sample as f32 / self.num_samples);
        // A glottal stop is heard as pulses far apart.
        let creak = if phone.symbol == Symbol::Q { 0.5 } else { 1.0 };
        voice.f0_hz * declination * (1.0 + 0.15 * self.accent) * creak
    }
}

/// Sets the loudness, adds the room, and rounds.
fn quantize(signal: &[f32], voice: &Voice, mut random: Random) -> Vec<i16> {
    let loudest = signal.iter().fold(0.0_f32, |loudest, sample| loudest.max(sample.abs()));
    let peak = 32_767.0 * voice.peak * random.between(0.85, 1.15);
    let gain = peak / loudest.max(f32::MIN_POSITIVE);
    let room = random.between(4.0, 10.0);
    signal
        .iter()
        .map(|sample| {
            let exact = sample * gain + room * white_noise(&mut random);
            // Rounds to nearest: the conversion truncates, and the offset makes it positive.
            ((exact + 32_768.5) as i32 - 32_768) as i16
        })
        .collect()
}

/// White noise in -1..1 with a root mean square of 0.41: the sum of two halves of one draw.
#[inline]
fn white_noise(random: &mut Random) -> f32 {
    let bits = random.next_u64();
    let (high, low) = ((bits >> 32) as i32, bits as i32);
    (high as f32 + low as f32) * (1.0 / 4_294_967_296.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_recording_of_nothing_is_empty() {
        let voice = Voice::of(1, "MDAB0");
        assert!(synthesize(&[], &voice, Random::keyed(1, "test", "")).is_empty());
    }

    #[test]
    fn in_a_silence_every_source_reaches_zero() {
        let mut gains = Gains { voice: 1.0, breath: 1.0, noise: 1.0 };
        for _ in 0..10 {
            gains = gains.toward(Gains::default(), quickness(Manner::Silence));
        }
        assert_eq!((gains.voice, gains.breath, gains.noise), (0.0, 0.0, 0.0));
    }

    #[test]
    fn white_noise_is_centred_and_has_the_stated_level() {
        let mut random = Random::keyed(1, "test", "");
        let noise: Vec<f32> = (0..100_000).map(|_| white_noise(&mut random)).collect();
        let mean = noise.iter().sum::<f32>() / 1e5;
        let level = (noise.iter().map(|x| x * x).sum::<f32>() / 1e5).sqrt();
        assert!(mean.abs() < 0.01 && (level - 0.408).abs() < 0.01, "{mean}, {level}");
    }
}
