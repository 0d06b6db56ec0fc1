//! Sentences: their names and the words in them.
//!
//! A sentence is the same words for everyone who says it; how a speaker pronounces them is decided
//! in [`pronunciation`](crate::pronunciation).

use std::fmt;

use crate::phones::Symbol::{self, *};
use crate::random::Random;

/// A sentence by its TIMIT name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Sentence {
    /// One of the two that everybody says.
    Sa(u16),
    /// One of 450 compact ones.
    Sx(u16),
    /// One of 1890 diverse ones.
    Si(u16),
}

impl fmt::Display for Sentence {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Sa(number) => write!(f, "SA{number}"),
            Self::Sx(number) => write!(f, "SX{number}"),
            Self::Si(number) => write!(f, "SI{number}"),
        }
    }
}

/// One phone of a word, before it is pronounced: stops without closures, no flaps, no pauses.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Segment {
    pub(crate) symbol: Symbol,
    /// True in a stressed syllable.
    pub(crate) stressed: bool,
}

/// The phones of one word.
pub(crate) type Word = Vec<Segment>;

impl Sentence {
    /// The words of this sentence, at least two.
    pub(crate) fn words(self, seed: u64) -> Vec<Word> {
        let mut random = Random::keyed(seed, "words", &self.to_string());
        // TIMIT's SX sentences are short and its SI sentences, taken from print, long and uneven.
        // With silences and closures added, these sums of mean durations give 3.05 s on average.
        let length_ms = match self {
            Self::Sa(_) => random.around(1_800.0, 2_200.0),
            Self::Sx(_) => random.around(1_000.0, 2_520.0),
            Self::Si(_) => random.around(1_060.0, 3_760.0),
        };
        let mut words = Vec::new();
        let mut so_far_ms = 0.0;
        while so_far_ms < length_ms || words.len() < 2 {
            let word = word(&mut random);
            so_far_ms += word.iter().map(|segment| segment.symbol.sound().mean_ms).sum::<f32>();
            words.push(word);
        }
        words
    }
}

fn word(random: &mut Random) -> Word {
    if random.chance(0.3) {
        let symbols: &[Symbol] = random.weighted(FUNCTION_WORDS);
        return symbols.iter().map(|&symbol| Segment { symbol, stressed: false }).collect();
    }
    let num_syllables = random.weighted(&[(1_usize, 50), (2, 35), (3, 15)]);
    // Most English words carry their stress on the first syllable.
    let stressed_syllable = if random.chance(0.75) { 0 } else { num_syllables - 1 };
    let mut word = Word::new();
    for syllable in 0..num_syllables {
        let stressed = syllable == stressed_syllable;
        let mut push = |symbols: &[Symbol]| {
            word.extend(symbols.iter().map(|&symbol| Segment { symbol, stressed }));
        };
        push(random.weighted(if syllable == 0 { ONSETS } else { INNER_ONSETS }));
        if stressed {
            push(&[random.weighted(FULL_VOWELS)]);
        } else if syllable > 0 && syllable + 1 == num_syllables && random.chance(0.25) {
            // "bottle", "button": the consonant is the syllable.
            push(&[random.weighted(SYLLABIC_CONSONANTS)]);
            continue;
        } else {
            push(&[random.weighted(REDUCED_VOWELS)]);
        }
        push(random.weighted(if syllable + 1 == num_syllables { CODAS } else { INNER_CODAS }));
    }
    word
}

/// Choices with their weights, roughly their shares in English.
type Choices<T> = &'static [(T, u32)];

const FUNCTION_WORDS: Choices<&[Symbol]> = &[
    (&[Dh, Ax], 10),
    (&[Ax], 4),
    (&[T, Ux], 4),
    (&[Ax, V], 4),
    (&[Ih, N], 4),
    (&[Ix, N, D], 4),
    (&[Ih, Z], 3),
    (&[Hh, Axr], 3),
    (&[Y, Ux], 2),
    (&[F, Axr], 2),
    (&[W, Ah, Z], 2),
    (&[W, Ih, Th], 2),
];

const FULL_VOWELS: Choices<Symbol> = &[
    (Iy, 12),
    (Ih, 11),
    (Eh, 11),
    (Ey, 8),
    (Ae, 10),
    (Aa, 8),
    (Aw, 3),
    (Ay, 8),
    (Ah, 7),
    (Ao, 7),
    (Oy, 3),
    (Ow, 6),
    (Uh, 3),
    (Uw, 3),
    (Er, 6),
];

const REDUCED_VOWELS: Choices<Symbol> = &[(Ix, 10), (Ax, 8), (Axr, 5), (Iy, 5), (Ow, 1)];

const SYLLABIC_CONSONANTS: Choices<Symbol> = &[(El, 8), (En, 8), (Em, 4), (Eng, 4)];

const ONSETS: Choices<&[Symbol]> = &[
    (&[], 10),
    (&[B], 7),
    (&[D], 6),
    (&[G], 4),
    (&[P], 5),
    (&[T], 6),
    (&[K], 7),
    (&[M], 6),
    (&[N], 4),
    (&[S], 7),
    (&[Sh], 3),
    (&[F], 5),
    (&[Th], 2),
    (&[V], 2),
    (&[Jh], 2),
    (&[Ch], 2),
    (&[Hh], 6),
    (&[L], 6),
    (&[R], 6),
    (&[W], 5),
    (&[Y], 2),
    (&[S, T], 3),
    (&[S, P], 2),
    (&[S, K], 1),
    (&[S, L], 1),
    (&[S, M], 1),
    (&[P, R], 2),
    (&[T, R], 2),
    (&[K, L], 1),
    (&[G, R], 2),
    (&[B, L], 1),
    (&[F, R], 1),
    (&[S, T, R], 1),
];

const INNER_ONSETS: Choices<&[Symbol]> = &[
    (&[T], 10),
    (&[D], 8),
    (&[N], 7),
    (&[L], 6),
    (&[R], 6),
    (&[M], 5),
    (&[S], 5),
    (&[Z], 4),
    (&[V], 4),
    (&[K], 4),
    (&[P], 3),
    (&[B], 3),
    (&[G], 2),
    (&[F], 2),
    (&[Sh], 3),
    (&[Zh], 3),
    (&[Dh], 2),
    (&[Ch], 2),
    (&[Jh], 2),
    (&[Hh], 2),
    (&[W], 1),
];

const CODAS: Choices<&[Symbol]> = &[
    (&[], 18),
    (&[T], 9),
    (&[D], 8),
    (&[N], 9),
    (&[S], 6),
    (&[Z], 7),
    (&[L], 6),
    (&[R], 6),
    (&[K], 5),
    (&[M], 4),
    (&[Ng], 3),
    (&[P], 3),
    (&[V], 3),
    (&[G], 2),
    (&[B], 1),
    (&[F], 2),
    (&[Th], 2),
    (&[Sh], 1),
    (&[Ch], 2),
    (&[Jh], 1),
    (&[S, T], 3),
    (&[N, T], 3),
    (&[N, D], 3),
    (&[N, Z], 1),
    (&[K, S], 2),
    (&[L, D], 1),
    (&[M, P], 1),
    (&[Ng, K], 1),
];

const INNER_CODAS: Choices<&[Symbol]> =
    &[(&[], 70), (&[N], 8), (&[S], 4), (&[R], 5), (&[L], 4), (&[M], 3), (&[K], 3), (&[P], 2)];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_sentence_depends_on_its_name_and_the_seed_only() {
        assert_eq!(Sentence::Sx(37).words(1), Sentence::Sx(37).words(1));
        assert_ne!(Sentence::Sx(37).words(1), Sentence::Sx(37).words(2));
        assert_ne!(Sentence::Sx(37).words(1), Sentence::Si(37).words(1));
    }

    #[test]
    fn every_syllable_has_one_middle_and_every_word_a_syllable() {
        for number in 1..=450 {
            for word in Sentence::Sx(number).words(1) {
                let middles = word.iter().filter(|segment| segment.symbol.is_syllabic()).count();
                assert!((1..=3).contains(&middles), "{word:?}");
            }
        }
    }
}
