//! Random numbers that are the same on every machine, and that start from a name.
//!
//! The generator is SplitMix64 (Steele, Lea and Flood, "Fast splittable pseudorandom number
//! generators", OOPSLA 2014): one addition and one mix a draw, and every 64-bit state is a good
//! start. Names become states by FNV-1a, so what is drawn for a recording depends on its name and
//! the seed, never on what was drawn before it.

/// A stream of random numbers.
#[derive(Debug, Clone)]
pub(crate) struct Random {
    state: u64,
}

impl Random {
    /// The stream for one `purpose` ("voice", "words") of one `name` (a speaker, a recording).
    pub(crate) fn keyed(seed: u64, purpose: &str, name: &str) -> Self {
        let hash = fnv1a(fnv1a(FNV_OFFSET, purpose.as_bytes()), b"/");
        let hash = fnv1a(hash, name.as_bytes());
        // The seed is mixed first: seeds 1 and 2 must not give neighbouring streams.
        Self { state: mix(mix(seed.wrapping_add(GOLDEN_GAMMA)) ^ hash) }
    }

    pub(crate) fn next_u64(&mut self) -> u64 {
        self.state = self.state.wrapping_add(GOLDEN_GAMMA);
        mix(self.state)
    }

    /// A number in `0.0..1.0`, a multiple of 2⁻²⁴.
    pub(crate) fn unit(&mut self) -> f32 {
        (self.next_u64() >> 40) as f32 * (1.0 / 16_777_216.0)
    }

    /// A number in `low..high`.
    pub(crate) fn between(&mut self, low: f32, high: f32) -> f32 {
        low + (high - low) * self.unit()
    }

    /// A number in `low..high` that prefers the middle: the mean of two draws.
    pub(crate) fn around(&mut self, low: f32, high: f32) -> f32 {
        low + (high - low) * 0.5 * (self.unit() + self.unit())
    }

    /// True with this probability.
    pub(crate) fn chance(&mut self, probability: f32) -> bool {
        self.unit() < probability
    }

    /// A whole number in `0..end`, and 0 where `end` is 0.
    pub(crate) fn below(&mut self, end: u32) -> u32 {
        // The high half of a 32 × 32 bit product: no division, and a bias below 2⁻¹⁹ for the
        // ends of a few thousand that are asked for here.
        (((self.next_u64() >> 32) * u64::from(end)) >> 32) as u32
    }

    /// One of the `choices`, each as often as its weight says.
    ///
    /// # Panics
    /// If `choices` is empty.
    pub(crate) fn weighted<T: Copy>(&mut self, choices: &[(T, u32)]) -> T {
        let mut left = self.below(choices.iter().map(|(_, weight)| weight).sum());
        for (choice, weight) in choices {
            if left < *weight {
                return *choice;
            }
            left -= weight;
        }
        choices[0].0
    }
}

const GOLDEN_GAMMA: u64 = 0x9e37_79b9_7f4a_7c15;

/// SplitMix64's output function (Stafford's variant 13 of the MurmurHash3 finaliser).
fn mix(mut bits: u64) -> u64 {
    bits = (bits ^ (bits >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    bits = (bits ^ (bits >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    bits ^ (bits >> 31)
}

const FNV_OFFSET: u64 = 0xcbf2_9ce4_8422_2325;

/// FNV-1a, 64 bits (Fowler, Noll and Vo; RFC 9923), continued from `hash`.
fn fnv1a(hash: u64, bytes: &[u8]) -> u64 {
    bytes.iter().fold(hash, |hash, &byte| (hash ^ u64::from(byte)).wrapping_mul(0x100_0000_01b3))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_generator_is_splitmix64() {
        // The first outputs for the state 1234567, as the reference implementation in C
        // (Vigna, prng.di.unimi.it) prints them.
        let mut random = Random { state: 1_234_567 };
        assert_eq!(random.next_u64(), 6_457_827_717_110_365_317);
        assert_eq!(random.next_u64(), 3_203_168_211_198_807_973);
    }

    #[test]
    fn names_are_hashed_by_fnv1a() {
        // Test vectors of the FNV authors.
        assert_eq!(fnv1a(FNV_OFFSET, b""), 0xcbf2_9ce4_8422_2325);
        assert_eq!(fnv1a(FNV_OFFSET, b"foobar"), 0x8594_4171_f739_67e8);
    }

    #[test]
    fn a_stream_depends_on_seed_purpose_and_name() {
        let first = |seed, purpose, name| Random::keyed(seed, purpose, name).next_u64();
        let here = first(1, "voice", "FDHC0");
        assert_eq!(here, first(1, "voice", "FDHC0"));
        assert_ne!(here, first(2, "voice", "FDHC0"));
        assert_ne!(here, first(1, "words", "FDHC0"));
        assert_ne!(here, first(1, "voice", "FDHC1"));
    }

    #[test]
    fn draws_stay_in_their_ranges_and_fill_them() {
        let mut random = Random::keyed(1, "test", "");
        let mut seen = [0; 7];
        for _ in 0..7_000 {
            let unit = random.unit();
            assert!((0.0..1.0).contains(&unit), "{unit}");
            let inside = random.around(-2.0, 3.0);
            assert!((-2.0..3.0).contains(&inside), "{inside}");
            seen[random.below(7) as usize] += 1;
        }
        assert!(seen.iter().all(|&count| (850..1150).contains(&count)), "{seen:?}");
        assert_eq!(random.below(0), 0);
    }

    #[test]
    fn weights_are_kept() {
        let mut random = Random::keyed(1, "test", "");
        let picks = (0..10_000).filter(|_| random.weighted(&[('a', 1), ('b', 0), ('c', 3)]) == 'c');
        assert!((7_300..7_700).contains(&picks.count()));
    }
}
