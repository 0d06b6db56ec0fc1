//! Pronounces sentences: from words to TIMIT's phones with their boundaries.
//!
//! The rules are those a reader of TIMIT's transcriptions meets most: a stop is a closure and a
//! release, and often unreleased at the end of a word; `t` and `d` between vowels are flaps; a
//! vowel at the start of a word may have a glottal stop; a reduced vowel after a voiceless consonant
//! may lose its voice; a short silence may open between a fricative and a sonorant.

use crate::SAMPLE_RATE_HZ;
use crate::phones::{Phone, Symbol};
use crate::random::Random;
use crate::sentence::{Segment, Word};

/// A phone with its place in the recording.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct TimedPhone {
    pub(crate) symbol: Symbol,
    pub(crate) stressed: bool,
    pub(crate) start: u32,
    pub(crate) end: u32,
}

impl From<TimedPhone> for Phone {
    fn from(phone: TimedPhone) -> Self {
        Self { start: phone.start, end: phone.end, symbol: phone.symbol.text() }
    }
}

/// Pronounces `words`: contiguous phones from sample 0 on, with `h#` at both ends.
///
/// `pace` stretches every phone; 1 is average.
pub(crate) fn pronounce(words: &[Word], pace: f32, random: &mut Random) -> Vec<TimedPhone> {
    let segments = allophones(words, random);
    let last_syllable = segments.iter().rposition(|segment| segment.symbol.is_syllabic());
    let mut start = 0;
    let mut phones = Vec::with_capacity(segments.len());
    for (index, &Segment { symbol, stressed }) in segments.iter().enumerate() {
        // Speakers slow down before they stop.
        let is_final = last_syllable.is_some_and(|syllable| index >= syllable);
        let stretch = match (symbol, stressed) {
            // How long a recording waits is no matter of pace.
            (Symbol::H | Symbol::Pau, _) => random.between(0.6, 1.4),
            (_, true) => 1.1 * pace * random.around(0.6, 1.4),
            (_, false) => 0.95 * pace * random.around(0.6, 1.4),
        } * if is_final && symbol != Symbol::H { 1.3 } else { 1.0 };
        let samples = symbol.sound().mean_ms * stretch * (SAMPLE_RATE_HZ as f32 / 1000.0);
        let end = start + (samples as u32).max(SHORTEST_PHONE_SAMPLES);
        phones.push(TimedPhone { symbol, stressed, start, end });
        start = end;
    }
    phones
}

/// 8 ms: a burst that one can still see.
const SHORTEST_PHONE_SAMPLES: u32 = 128;

/// The whole recording as TIMIT's phones, `h#` at both ends.
fn allophones(words: &[Word], random: &mut Random) -> Vec<Segment> {
    let silence = |symbol| Segment { symbol, stressed: false };
    let mut out = vec![silence(Symbol::H)];
    for (index, word) in words.iter().enumerate() {
        if index > 0 && random.chance(0.07) {
            out.push(silence(Symbol::Pau));
        }
        for (place, &segment) in word.iter().enumerate() {
            // A pause hides the next word, though not much depends on it.
            let next = word.get(place + 1).or_else(|| words.get(index + 1)?.first()).copied();
            let position =
                Position { is_first: place == 0, is_last: place + 1 == word.len(), next };
            push_allophone(segment, position, random, &mut out);
        }
    }
    out.push(silence(Symbol::H));
    out
}

/// The place of a segment in its word.
#[derive(Debug, Clone, Copy)]
struct Position {
    is_first: bool,
    is_last: bool,
    next: Option<Segment>,
}

fn push_allophone(
    segment: Segment,
    position: Position,
    random: &mut Random,
    out: &mut Vec<Segment>,
) {
    use Symbol::*;

    let with = |symbol| Segment { symbol, ..segment };
    let before = out.last().map_or(H, |segment| segment.symbol);
    let next = position.next;
    let between_vowels = before.is_syllabic() && next.is_some_and(|next| next.symbol.is_syllabic());
    let before_weak_vowel = next.is_some_and(|next| next.symbol.is_syllabic() && !next.stressed);

    match segment.symbol {
        T | D if between_vowels && before_weak_vowel && random.chance(0.7) => out.push(with(Dx)),
        T if position.is_last && before.is_voiced() && random.chance(0.12) => out.push(with(Q)),
        N if between_vowels && before_weak_vowel && random.chance(0.4) => out.push(with(Nx)),
        Hh if before.is_voiced() && random.chance(0.7) => out.push(with(Hv)),
        // After d, s and the like, "oo" is said further forward.
        Uw if matches!(before, T | D | S | Z | N | Y) => out.push(with(Ux)),
        Ax | Ix if is_voiceless(before) && !position.is_last && random.chance(0.35) => {
            out.push(with(AxH));
        }
        symbol => {
            let opens = symbol.is_syllabic() && position.is_first && random.chance(0.25);
            let parts = matches!((before, symbol), (S | F | Th, L | M | N | W) | (M | N, S))
                && random.chance(0.4);
            if opens && before != H {
                out.push(with(Q));
            } else if parts {
                out.push(Segment { symbol: Epi, stressed: false });
            }
            out.extend(symbol.closure().map(with));
            // Of two stops in a row only the second is released.
            let meets_stop = next.is_some_and(|next| next.symbol.closure().is_some());
            let unreleased = !matches!(symbol, Jh | Ch)
                && symbol.closure().is_some()
                && (meets_stop || position.is_last && random.chance(0.3));
            if !unreleased {
                out.push(segment);
            }
        }
    }
}

/// Returns whether this consonant's open glottis can reach into a short vowel.
fn is_voiceless(symbol: Symbol) -> bool {
    use Symbol::*;
    matches!(symbol, P | T | K | S | Sh | F | Th | Ch)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sentence::Sentence;

    fn recordings() -> impl Iterator<Item = Vec<TimedPhone>> {
        (1..=300).map(|number| {
            let words = Sentence::Sx(number).words(1);
            pronounce(&words, 1.0, &mut Random::keyed(1, "test", &number.to_string()))
        })
    }

    #[test]
    fn every_release_follows_its_closure() {
        for phones in recordings() {
            for pair in phones.windows(2) {
                if let Some(closure) = pair[1].symbol.closure() {
                    assert_eq!(pair[0].symbol, closure, "before {:?}", pair[1]);
                }
            }
        }
    }

    #[test]
    fn phones_are_contiguous_and_silence_stands_at_both_ends_only() {
        for phones in recordings() {
            assert_eq!(phones[0].start, 0);
            for pair in phones.windows(2) {
                assert_eq!(pair[0].end, pair[1].start);
            }
            for (index, phone) in phones.iter().enumerate() {
                let at_an_end = index == 0 || index + 1 == phones.len();
                assert_eq!(phone.symbol == Symbol::H, at_an_end);
                assert!(phone.end - phone.start >= SHORTEST_PHONE_SAMPLES);
            }
        }
    }

    #[test]
    fn flaps_stand_between_vowels() {
        let mut num_flaps = 0;
        for phones in recordings() {
            for around in phones.windows(3).filter(|around| around[1].symbol == Symbol::Dx) {
                assert!(around[0].symbol.is_syllabic(), "{around:?}");
                num_flaps += 1;
            }
        }
        assert!(num_flaps > 50, "{num_flaps}");
    }

    #[test]
    fn pace_stretches_speech() {
        let words = Sentence::Sx(7).words(1);
        let at = |pace| {
            let phones = pronounce(&words, pace, &mut Random::keyed(1, "test", ""));
            phones.last().map_or(0, |phone| phone.end)
        };
        assert!(f64::from(at(1.2)) > 1.12 * f64::from(at(1.0)));
    }
}
