//! Gaussian noise, the same at every level.

use crate::kernels::lanes::{LANES, Vector, eight_of};

/// Gaussian noise of `N` frames, each with a stream of its own.
///
/// Uniform numbers are those of D. Blackman and S. Vigna's xoshiro128++ ("Scrambled linear
/// pseudorandom number generators", *ACM Transactions on Mathematical Software* 47, 2021), which
/// Steele, Lea and Flood's SplitMix64 ("Fast splittable pseudorandom number generators", OOPSLA 2014)
/// seeds; G. Box and M. Muller's transform ("A note on the generation of random normal deviates",
/// *Annals of Mathematical Statistics* 29, 1958) makes them normal.
pub(crate) struct Noise<const N: usize> {
    /// The four words of each lane's state.
    state: [[u32; N]; 4],
}

impl<const N: usize> Noise<N> {
    /// Seeds the lanes: a lane's stream depends on the seed, the utterance and its frame alone.
    pub(crate) fn new(seed: u64, utterance: u64, frames: [u64; N]) -> Noise<N> {
        let mut state = [[0; N]; 4];
        let of_utterance = split_mix(split_mix(seed) ^ utterance);
        for (lane, frame) in frames.into_iter().enumerate() {
            let key = split_mix(of_utterance ^ frame);
            let (a, b) = (split_mix(key), split_mix(key.wrapping_add(GOLDEN_GAMMA)));
            // A state of zeros would stay there.
            let words = [a as u32 | 1, (a >> 32) as u32, b as u32, (b >> 32) as u32];
            for (state, word) in state.iter_mut().zip(words) {
                state[lane] = word;
            }
        }
        Noise { state }
    }

    /// Draws two independent numbers of mean 0 and variance 1 for each lane.
    #[inline(always)]
    pub(crate) fn pair<V: Vector<N>>(&mut self) -> (V, V) {
        const STEP: f32 = 1.0 / 16_777_216.0;
        let (first, second) = (self.next(), self.next());
        let (mut above_zero, mut turns) = ([0.0; N], [0.0; N]);
        for lane in 0..N {
            // 24 bits each: in (0, 1], and in [-½, ½).
            above_zero[lane] = ((first[lane] >> 8) + 1) as f32 * STEP;
            turns[lane] = (second[lane] as i32 >> 8) as f32 * STEP;
        }
        let radius = (V::load(&above_zero).ln() * -2.0).sqrt();
        let (sine, cosine) = sine_and_cosine::<V, N>(V::load(&turns));
        (radius * cosine, radius * sine)
    }

    /// Draws 32 bits for each lane: a step of xoshiro128++.
    #[inline(always)]
    fn next(&mut self) -> [u32; N] {
        let [a, b, c, d] = &mut self.state;
        let mut out = [0; N];
        for lane in 0..N {
            out[lane] = a[lane].wrapping_add(d[lane]).rotate_left(7).wrapping_add(a[lane]);
            let shifted = b[lane] << 9;
            c[lane] ^= a[lane];
            d[lane] ^= b[lane];
            b[lane] ^= c[lane];
            a[lane] ^= d[lane];
            c[lane] ^= shifted;
            d[lane] = d[lane].rotate_left(11);
        }
        out
    }
}

const GOLDEN_GAMMA: u64 = 0x9e37_79b9_7f4a_7c15;

/// Computes an output of SplitMix64 whose state is `x`.
fn split_mix(x: u64) -> u64 {
    let x = x.wrapping_add(GOLDEN_GAMMA);
    let x = (x ^ (x >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    let x = (x ^ (x >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    x ^ (x >> 31)
}

/// Computes the sine and cosine of 2πt for t from -½ to ½, within 5e-7.
///
/// The half angle u = πt lies within ±π/2, where Taylor's polynomials of degree 13 and 12 leave less
/// than 7e-8; then sin 2u = 2·sin u·cos u and cos 2u = 1 - 2·sin² u.
#[inline(always)]
fn sine_and_cosine<V: Vector<N>, const N: usize>(t: V) -> (V, V) {
    const SINE: [f32; 6] = [
        1.605_904_4e-10,
        -2.505_211e-8,
        2.755_732e-6,
        -1.984_127e-4,
        8.333_333e-3,
        -1.666_666_7e-1,
    ];
    const COSINE: [f32; 6] =
        [2.087_675_7e-9, -2.755_732e-7, 2.480_158_7e-5, -1.388_888_9e-3, 4.166_666_7e-2, -0.5];
    let u = t * std::f32::consts::PI;
    let square = u * u;
    let (mut s, mut c) = (V::splat(SINE[0]), V::splat(COSINE[0]));
    for i in 1..SINE.len() {
        s = s * square + V::splat(SINE[i]);
        c = c * square + V::splat(COSINE[i]);
    }
    let s = u + u * square * s;
    let c = V::splat(1.0) + square * c;
    (s * c * 2.0, V::splat(1.0) - s * s * 2.0)
}

/// Writes the frames with noise added to `dithered`, and returns them.
#[inline(always)]
pub(crate) fn add_noise<'a, V: Vector<N>, const N: usize>(
    mut noise: Noise<N>,
    standard_deviation: f32,
    frames: [&[f32]; N],
    dithered: &'a mut [f32],
) -> [&'a [f32]; N] {
    let length = frames[0].len();
    let mut place = 0;
    while place < length {
        let mut columns = [[0.0; N]; LANES];
        for pair in columns.as_chunks_mut::<2>().0 {
            let (a, b) = noise.pair::<V>();
            (a * standard_deviation).store(&mut pair[0]);
            (b * standard_deviation).store(&mut pair[1]);
        }
        let eights = dithered.chunks_exact_mut(LANES * length).zip(frames.as_chunks::<LANES>().0);
        for (eight, (rows, frames)) in eights.enumerate() {
            let noise = V::Eight::transpose(eight_of(&columns, eight));
            for ((row, frame), noise) in rows.chunks_exact_mut(length).zip(frames).zip(noise) {
                let (row, frame) = (&mut row[place..], &frame[place..]);
                match (row.first_chunk_mut(), frame.first_chunk()) {
                    (Some(row), Some(frame)) => (V::Eight::load(frame) + noise).store(row),
                    _ => {
                        let mut rest = [0.0; LANES];
                        noise.store(&mut rest);
                        for ((x, sample), noise) in row.iter_mut().zip(frame).zip(rest) {
                            *x = sample + noise;
                        }
                    }
                }
            }
        }
        place += LANES;
    }
    let mut rows = dithered.chunks_exact(length);
    frames.map(|_| rows.next().unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kernels::lanes::Lanes;
    use crate::kernels::simd::{Kernel, Level};
    use std::f64::consts::PI;

    struct Pairs(Noise<LANES>, usize);

    impl Kernel for Pairs {
        type Output = Vec<Lanes>;

        #[inline(always)]
        fn run<V: Vector>(mut self) -> Vec<Lanes> {
            let mut out = Vec::new();
            for _ in 0..self.1 {
                let (a, b) = self.0.pair::<V>();
                for x in [a, b] {
                    let mut lanes = Lanes::ZERO;
                    x.store(&mut lanes.0);
                    out.push(lanes);
                }
            }
            out
        }
    }

    fn pairs(level: Level, seed: u64, utterance: u64, first: u64, count: usize) -> Vec<Lanes> {
        let frames = std::array::from_fn(|lane| first + lane as u64);
        level.run(Pairs(Noise::new(seed, utterance, frames), count))
    }

    #[test]
    fn sine_and_cosine_are_near() {
        for i in -5000..=5000 {
            let t = i as f32 / 10_000.0;
            let (s, c) = sine_and_cosine(Lanes::<LANES>::splat(t));
            let angle = 2.0 * PI * f64::from(t);
            assert!((f64::from(s.0[0]) - libm::sin(angle)).abs() < 5e-7, "sine of {t} turns");
            assert!((f64::from(c.0[0]) - libm::cos(angle)).abs() < 5e-7, "cosine of {t} turns");
        }
    }

    #[test]
    fn moments_and_tails_are_those_of_the_normal_distribution() {
        // 1.6 million numbers: the deviation of each figure from its expectation is 8e-4 for the mean,
        // 1.1e-3 for the variance, 1.9e-3 and 3.9e-3 for the next moments; the bounds are five times
        // that.
        let mut numbers = Vec::new();
        for utterance in 0..100 {
            for block in 0..20 {
                numbers.extend(pairs(Level::detect(), 7, utterance, 8 * block, 50));
            }
        }
        let all: Vec<f64> = numbers.iter().flat_map(|x| x.0).map(f64::from).collect();
        let n = all.len() as f64;
        let moment = |power: i32| all.iter().map(|x| x.powi(power)).sum::<f64>() / n;
        assert!(n == 1.6e6 && moment(1).abs() < 4e-3, "mean {}", moment(1));
        assert!((moment(2) - 1.0).abs() < 5.6e-3, "variance {}", moment(2));
        assert!(moment(3).abs() < 1.6e-2, "third moment {}", moment(3));
        assert!((moment(4) - 3.0).abs() < 4e-2, "fourth moment {}", moment(4));
        for (limit, share) in [(1.0, 0.317_310_5), (2.0, 0.045_500_3), (3.0, 0.002_699_8)] {
            let found = all.iter().filter(|x| x.abs() > limit).count() as f64 / n;
            let deviation = (share * (1.0 - share) / n).sqrt();
            assert!((found - share).abs() < 5.0 * deviation, "beyond {limit}: {found}");
        }
    }

    #[test]
    fn streams_of_neighbours_have_nothing_in_common() {
        let level = Level::detect();
        let stream = |seed, utterance, first| -> Vec<f64> {
            let lanes = pairs(level, seed, utterance, first, 5000);
            lanes.iter().map(|x| f64::from(x.0[0])).collect()
        };
        let base = stream(0, 0, 0);
        let correlation = |other: &[f64]| {
            base.iter().zip(other).map(|(a, b)| a * b).sum::<f64>() / base.len() as f64
        };
        assert!((correlation(&base) - 1.0).abs() < 0.1);
        for other in [stream(1, 0, 0), stream(0, 1, 0), stream(0, 0, 1), stream(1, 1, 1)] {
            assert!(correlation(&other).abs() < 0.05, "{}", correlation(&other));
        }
        for lag in 1..4 {
            assert!(correlation(&base[lag..]).abs() < 0.05, "lag {lag}");
        }
    }

    #[test]
    fn a_stream_is_the_same_in_every_lane_and_at_every_level() {
        let bits = |lanes: Vec<Lanes>, lane: usize| -> Vec<u32> {
            lanes.iter().map(|x| x.0[lane].to_bits()).collect()
        };
        let third = bits(pairs(Level::BASELINE, 1, 2, 0, 100), 3);
        for level in Level::available() {
            assert_eq!(bits(pairs(level, 1, 2, 3, 100), 0), third, "{level}");
        }
    }
}
