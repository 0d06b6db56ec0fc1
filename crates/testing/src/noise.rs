//! White noise that is the same each time.

use crate::Random;

/// Returns `n` numbers in -1.0..1.0, multiples of 2⁻²³, that the same seed gives again.
pub fn noise(n: usize, seed: u64) -> Vec<f32> {
    let mut random = Random::with_seed(seed);
    (0..n).map(|_| random.i32(-8_388_608..8_388_608) as f32 / 8_388_608.0).collect()
}

/// Returns `n` 16-bit samples of full scale that the same seed gives again.
pub fn noise_i16(n: usize, seed: u64) -> Vec<i16> {
    let mut random = Random::with_seed(seed);
    (0..n).map(|_| random.i16(..)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn noise_is_spread_evenly_and_a_seed_gives_it_again() {
        let noise = noise(100_000, 3);
        assert_eq!(noise, super::noise(100_000, 3));
        assert_ne!(noise, super::noise(100_000, 4));
        // A tenth of even noise is within ±0.1; a standard deviation of the count is 95.
        let near = noise.iter().filter(|x| x.abs() < 0.1).count();
        assert!((9500..10_500).contains(&near), "{near}");
        assert!(noise.iter().all(|x| (-1.0..1.0).contains(x)));
        assert_eq!(noise_i16(9, 1), noise_i16(9, 1));
        assert_ne!(noise_i16(9, 1), noise_i16(9, 2));
    }
}
