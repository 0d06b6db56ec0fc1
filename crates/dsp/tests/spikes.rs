//! Matching pursuit against the plain one, in f64.
#![expect(clippy::unwrap_used, reason = "helpers of tests")]

use ossicle_dsp::spikes::{
    Dictionary, GammatoneConfig, MatchingPursuit, PursuitConfig, PursuitScratch, Refine, Spike,
    Spikegram,
};
use ossicle_dsp::{Error, Level};
use ossicle_testing::noise;
use proptest::prelude::*;

/// Bursts of damped tones over faint noise: loud and quiet places, low and high frequencies.
fn sound(n: usize, seed: u64) -> Vec<f32> {
    let mut sound: Vec<f32> = noise(n, seed).iter().map(|x| x * 1e-3).collect();
    let draws = noise(60, seed ^ 99);
    for draw in draws.chunks_exact(3) {
        let onset = ((draw[0] + 1.0) / 2.0 * n as f32) as usize;
        // From where the lowest kernels are: a tone below takes more spikes than it has samples.
        let pitch = 0.15 + (draw[1] + 1.0) * 0.6;
        for (k, x) in sound[onset.min(n)..].iter_mut().enumerate() {
            let k = k as f32;
            *x += draw[2] * libm::expf(-k / 150.0) * libm::sinf(pitch * k);
        }
    }
    sound
}

/// A dictionary whose pursuit is quick to compute plainly.
fn small(num_channels: usize) -> Dictionary {
    let config = GammatoneConfig {
        num_channels,
        low_freq_hz: 150.0,
        length_s: 0.03,
        ..GammatoneConfig::new(8000)
    };
    Dictionary::new(&config).unwrap()
}

fn pursuit(dictionary: &Dictionary, config: PursuitConfig) -> MatchingPursuit {
    MatchingPursuit::new(dictionary.clone(), config, Level::detect()).unwrap()
}

fn encode(dictionary: &Dictionary, config: PursuitConfig, samples: &[f32]) -> Spikegram {
    pursuit(dictionary, config).encode(samples, &mut PursuitScratch::default()).unwrap()
}

/// A residual with its correlations, computed from it in f64 wherever it has changed.
struct Plain<'a> {
    dictionary: &'a Dictionary,
    residual: Vec<f64>,
    /// By onset and channel.
    correlations: Vec<Vec<f64>>,
}

impl Plain<'_> {
    fn new<'a>(dictionary: &'a Dictionary, samples: &[f32]) -> Plain<'a> {
        let mut residual: Vec<f64> = samples.iter().map(|&x| f64::from(x)).collect();
        residual.resize(samples.len() + dictionary.longest(), 0.0);
        let correlations = vec![vec![0.0; dictionary.num_channels()]; samples.len()];
        let mut plain = Plain { dictionary, residual, correlations };
        plain.correlate(0, samples.len());
        plain
    }

    fn correlate(&mut self, first: usize, end: usize) {
        for onset in first..end.min(self.correlations.len()) {
            for channel in 0..self.dictionary.num_channels() {
                let kernel = self.dictionary.kernel(channel).iter().map(|&x| f64::from(x));
                let residual = &self.residual[onset..];
                self.correlations[onset][channel] = kernel.zip(residual).map(|(a, b)| a * b).sum();
            }
        }
    }

    /// The largest correlation without its sign; the first of equal ones.
    fn best(&self) -> Spike {
        let mut best = Spike { channel: 0, sample: 0, amplitude: 0.0 };
        let mut largest = 0.0;
        for (onset, row) in self.correlations.iter().enumerate() {
            for (channel, &x) in row.iter().enumerate() {
                if x.abs() > largest {
                    largest = x.abs();
                    best = Spike {
                        channel: channel as u32,
                        sample: onset as u64,
                        amplitude: x as f32,
                    };
                }
            }
        }
        best
    }

    fn subtract(&mut self, spike: Spike) {
        let onset = spike.sample as usize;
        let kernel = self.dictionary.kernel(spike.channel as usize);
        for (x, &g) in self.residual[onset..].iter_mut().zip(kernel) {
            *x -= f64::from(spike.amplitude) * f64::from(g);
        }
        let first = onset.saturating_sub(self.dictionary.longest());
        self.correlate(first, onset + kernel.len());
    }

    fn energy(&self) -> f64 {
        self.residual.iter().map(|x| x * x).sum()
    }
}

/// What is promised of every step, and of the energy that is left.
fn check_every_step(dictionary: &Dictionary, samples: &[f32], spikes: &[Spike]) {
    let mut followed = Plain::new(dictionary, samples);
    let mut greedy = Plain::new(dictionary, samples);
    for (step, &spike) in spikes.iter().enumerate() {
        let largest = f64::from(followed.best().amplitude.abs());
        let truth = followed.correlations[spike.sample as usize][spike.channel as usize];
        assert!(truth.abs() >= 0.9999 * largest, "step {step}: {truth} where {largest} is largest");
        let error = (f64::from(spike.amplitude) - truth).abs();
        assert!(error <= 1e-4 * truth.abs(), "step {step}: {} is not {truth}", spike.amplitude);
        followed.subtract(spike);
        greedy.subtract(greedy.best());
    }
    let apart_db = 10.0 * libm::log10(followed.energy() / greedy.energy());
    assert!(apart_db.abs() < 0.01, "{apart_db} dB from the plain pursuit's residual");
}

#[test]
fn every_step_is_that_of_a_pursuit_in_double_precision() {
    let dictionary = small(9);
    let samples = sound(1500, 5);
    let spikes = encode(&dictionary, PursuitConfig::max_spikes(400), &samples).spikes;
    assert_eq!(spikes.len(), 400);
    check_every_step(&dictionary, &samples, &spikes);
}

#[test]
fn every_step_is_right_far_below_where_it_began() {
    let dictionary = small(9);
    let samples = sound(700, 8);
    let spikegram = encode(&dictionary, PursuitConfig::snr_db(70.0), &samples);
    assert!(spikegram.spikes.len() > 500, "{} spikes", spikegram.spikes.len());
    check_every_step(&dictionary, &samples, &spikegram.spikes);
}

#[test]
fn every_step_with_the_default_dictionary_is_right() {
    let dictionary = Dictionary::new(&GammatoneConfig::new(16_000)).unwrap();
    let samples = sound(2500, 3);
    let spikes = encode(&dictionary, PursuitConfig::max_spikes(40), &samples).spikes;
    check_every_step(&dictionary, &samples, &spikes);
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 24, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn every_step_is_right_for_any_sound(
        n in 1_usize..600, num_channels in 1_usize..20, seed: u64, gain in -8_i32..8,
    ) {
        let dictionary = small(num_channels);
        let gain = 10_f32.powi(gain);
        let samples: Vec<f32> = sound(n, seed).iter().map(|x| x * gain).collect();
        let spikes = encode(&dictionary, PursuitConfig::max_spikes(40), &samples).spikes;
        check_every_step(&dictionary, &samples, &spikes);
    }
}

/// The sound of spikes.
fn decode(dictionary: &Dictionary, spikes: &[Spike], num_samples: usize) -> Vec<f64> {
    let mut samples = vec![0.0; num_samples];
    dictionary.decode_into(spikes, 0, &mut samples);
    samples
}

/// The ratio of a recording's energy to that of what is left of it without the sound of spikes, in dB.
fn measured_snr_db(dictionary: &Dictionary, spikes: &[Spike], samples: &[f32]) -> f64 {
    let sound = decode(dictionary, spikes, samples.len());
    let left = samples.iter().zip(&sound).map(|(&x, y)| (f64::from(x) - y).powi(2));
    let energy: f64 = samples.iter().map(|&x| f64::from(x).powi(2)).sum();
    10.0 * libm::log10(energy / left.sum::<f64>())
}

#[test]
fn separated_kernels_are_found_one_by_one() {
    let dictionary = Dictionary::new(&GammatoneConfig::new(16_000)).unwrap();
    // Amplitudes fall by a tenth each, so that none is near another.
    let mut spikes: Vec<Spike> = (0..24)
        .map(|i: u32| Spike {
            channel: (i * 13) % 32,
            sample: 50 + 2 * 1700 * u64::from((i * 7) % 24),
            amplitude: 0.9_f32.powi(i as i32) * if i.is_multiple_of(2) { 1.0 } else { -1.0 },
        })
        .collect();
    let samples: Vec<f32> =
        decode(&dictionary, &spikes, 24 * 3400).iter().map(|&x| x as f32).collect();
    let found = encode(&dictionary, PursuitConfig::max_spikes(24), &samples);
    for (spike, found) in spikes.iter_mut().zip(&found.spikes) {
        assert!((found.amplitude - spike.amplitude).abs() < 1e-5 * spike.amplitude.abs());
        spike.amplitude = found.amplitude;
    }
    assert_eq!(found.spikes, spikes);
    assert!(found.snr_db() > 90.0, "{} dB", found.snr_db());
}

#[test]
fn the_reported_snr_is_the_measured_one_whatever_the_block() {
    let dictionary = small(12);
    let samples = sound(9000, 4);
    for block in [700, 4096, PursuitConfig::BLOCK] {
        for snr_db in [3.0, 10.0, 20.0] {
            let config = PursuitConfig { block, ..PursuitConfig::snr_db(snr_db) };
            let spikegram = encode(&dictionary, config, &samples);
            let measured = measured_snr_db(&dictionary, &spikegram.spikes, &samples);
            let reported = spikegram.snr_db();
            assert!((measured - reported).abs() < 0.01, "{measured} dB are not {reported} dB");
            if block == PursuitConfig::BLOCK {
                // One spike takes no more than the last half decibel at these few.
                assert!(
                    reported >= snr_db && reported < snr_db + 1.0,
                    "{reported} dB for {snr_db}"
                );
            }
        }
    }
}

#[test]
fn a_recording_that_comes_in_blocks_is_coded_as_one_that_is_there() {
    let dictionary = small(12);
    let samples = sound(5000, 6);
    let config = PursuitConfig { block: 1024, ..PursuitConfig::snr_db(20.0) };
    let pursuit = pursuit(&dictionary, config);
    let whole = pursuit.encode(&samples, &mut PursuitScratch::default()).unwrap();
    let mut scratch = PursuitScratch::default();
    let mut encoder = pursuit.begin(&mut scratch);
    let mut spikes = Vec::new();
    let mut begin = 0;
    for (number, block) in samples.chunks(1024).enumerate() {
        encoder.push(block, &mut spikes).unwrap();
        let within = number as u64 * 1024..number as u64 * 1024 + block.len() as u64;
        assert!(spikes[begin..].iter().all(|spike| within.contains(&spike.sample)));
        begin = spikes.len();
    }
    assert_eq!(spikes, whole.spikes);
}

#[test]
fn every_level_gives_the_same_bits_in_dirty_scratch() {
    let dictionary = Dictionary::new(&GammatoneConfig::new(16_000)).unwrap();
    let samples = sound(16_000, 2);
    let mut scratch = PursuitScratch::default();
    let codes: Vec<Spikegram> = Level::available()
        .map(|level| {
            let config = PursuitConfig::snr_db(25.0);
            let pursuit = MatchingPursuit::new(dictionary.clone(), config, level).unwrap();
            pursuit.encode(&noise(30_000, 1)[..20_000], &mut scratch).unwrap();
            pursuit.encode(&samples, &mut scratch).unwrap()
        })
        .collect();
    assert!(codes[0].spikes.len() > 100);
    assert!(codes.iter().all(|code| *code == codes[0]));
    let clean = encode(&dictionary, PursuitConfig::snr_db(25.0), &samples);
    assert_eq!(clean, codes[0]);
}

#[test]
fn a_pursuit_ends_where_it_was_told_to() {
    let dictionary = small(12);
    let samples = sound(8000, 7);
    let most = encode(&dictionary, PursuitConfig::max_spikes(77), &samples).spikes;
    assert_eq!(most.len(), 77);
    let config = PursuitConfig { max_spikes_per_s: Some(33.0), ..PursuitConfig::snr_db(60.0) };
    assert_eq!(encode(&dictionary, config, &samples).spikes, most[..33]);
    let smallest = most[50].amplitude.abs() * 0.999;
    let config = PursuitConfig { min_amplitude: Some(smallest), ..PursuitConfig::endless() };
    let loud = encode(&dictionary, config, &samples).spikes;
    assert!(loud.len() > 50 && loud.iter().all(|spike| spike.amplitude.abs() >= smallest));
    assert_eq!(loud[..51], most[..51]);
}

#[test]
fn nothing_and_next_to_nothing_are_coded_too() {
    let dictionary = small(12);
    let config = || PursuitConfig::snr_db(20.0);
    assert_eq!(encode(&dictionary, config(), &[]).spikes, []);
    assert_eq!(encode(&dictionary, config(), &[0.0; 5000]).spikes, []);
    // The first sample of every kernel is 0, and a kernel that begins before the recording is none.
    assert_eq!(encode(&dictionary, config(), &[1.0]).spikes, []);
    assert!(!encode(&dictionary, config(), &[0.0, 1.0, 0.0]).spikes.is_empty());
    // Two thousand samples of the smallest numbers there are.
    encode(&dictionary, config(), &[1e-45; 2000]);
    // A power of two changes nothing but exponents.
    let factor = 2_f32.powi(30);
    let samples = sound(2000, 1);
    let huge: Vec<f32> = samples.iter().map(|x| x * factor).collect();
    let mut spikes = encode(&dictionary, config(), &samples).spikes;
    spikes.iter_mut().for_each(|spike| spike.amplitude *= factor);
    assert_eq!(encode(&dictionary, config(), &huge).spikes, spikes);
}

#[test]
fn an_endless_pursuit_ends() {
    let spikegram = encode(&small(4), PursuitConfig::endless(), &sound(300, 1));
    assert!(spikegram.spikes.iter().all(|spike| spike.amplitude.is_finite()));
}

#[test]
fn samples_that_are_no_numbers_are_errors() {
    for bad in [f32::NAN, f32::INFINITY, 2e10] {
        let mut samples = vec![0.1; 3000];
        samples[2500] = bad;
        let config = PursuitConfig { block: 1000, ..PursuitConfig::snr_db(20.0) };
        let error = pursuit(&small(4), config).encode(&samples, &mut PursuitScratch::default());
        assert!(matches!(error, Err(Error::Sample { at: 2500, .. })), "{error:?}");
    }
}

#[test]
fn configurations_out_of_range_are_errors() {
    let good = GammatoneConfig::new(16_000);
    for bad in [
        GammatoneConfig { sample_rate_hz: 0, ..good.clone() },
        GammatoneConfig { num_channels: 0, ..good.clone() },
        GammatoneConfig { num_channels: 257, ..good.clone() },
        GammatoneConfig { low_freq_hz: 0.0, ..good.clone() },
        GammatoneConfig { low_freq_hz: f64::NAN, ..good.clone() },
        GammatoneConfig { high_freq_hz: 8001.0, ..good.clone() },
        GammatoneConfig { order: 0, ..good.clone() },
        GammatoneConfig { order: 9, ..good.clone() },
        GammatoneConfig { bandwidth: 0.0, ..good.clone() },
        GammatoneConfig { phase: f64::INFINITY, ..good.clone() },
        GammatoneConfig { length_s: 3.0, ..good.clone() },
        // All of the kernel is its first sample, which is 0.
        GammatoneConfig { bandwidth: 1e9, ..good.clone() },
    ] {
        assert!(Dictionary::new(&bad).is_err(), "{bad:?}");
    }
    for bad in [
        PursuitConfig::snr_db(0.0),
        PursuitConfig::snr_db(f64::NAN),
        PursuitConfig::snr_db(101.0),
        PursuitConfig { block: 0, ..PursuitConfig::endless() },
        PursuitConfig { min_amplitude: Some(-1.0), ..PursuitConfig::endless() },
        PursuitConfig { max_spikes_per_s: Some(f64::NAN), ..PursuitConfig::endless() },
    ] {
        assert!(MatchingPursuit::new(small(2), bad.clone(), Level::BASELINE).is_err(), "{bad:?}");
    }
}

/// How many samples hold all but a part of a kernel's energy.
fn samples_of(kernel: &[f32], but: f64) -> usize {
    let energies = kernel.iter().map(|&x| f64::from(x) * f64::from(x));
    let mut left: f64 = energies.clone().sum();
    energies
        .take_while(|energy| {
            left -= energy;
            left > but
        })
        .count()
        + 1
}

#[test]
fn the_default_dictionary_is_the_published_one() {
    let dictionary = Dictionary::new(&GammatoneConfig::new(16_000)).unwrap();
    let freqs = dictionary.centre_freqs_hz();
    assert_eq!((dictionary.num_channels(), freqs.len()), (32, 32));
    assert!((freqs[0] - 20.0).abs() < 1e-9, "{}", freqs[0]);
    assert!(freqs.is_sorted() && freqs[31] < 8000.0);
    for channel in 0..32 {
        let kernel = dictionary.kernel(channel);
        let energy: f64 = kernel.iter().map(|&x| f64::from(x) * f64::from(x)).sum();
        assert!((energy - 1.0).abs() < 1e-6, "channel {channel} has energy {energy}");
        let peak = kernel[dictionary.peak(channel)].abs();
        assert!(kernel.iter().all(|x| x.abs() <= peak));
        // The formula, written once more, without its factor.
        let erb = libm::pow((freqs[channel] / 9.26449).powi(4) + 24.7_f64.powi(4), 0.25);
        let plain = |n: usize| {
            let t = n as f64 / 16_000.0;
            let decay = libm::exp(-2.0 * std::f64::consts::PI * 1.019 * erb * t);
            t.powi(3) * decay * libm::cos(2.0 * std::f64::consts::PI * freqs[channel] * t)
        };
        let factor = f64::from(kernel[dictionary.peak(channel)]) / plain(dictionary.peak(channel));
        for (n, &x) in kernel.iter().enumerate() {
            assert!(
                (f64::from(x) - factor * plain(n)).abs() < 1e-6,
                "channel {channel} sample {n}"
            );
        }
        let energy: f64 = (0..2048).map(|n| (factor * plain(n)).powi(2)).sum();
        let kept: f64 = (0..kernel.len()).map(|n| (factor * plain(n)).powi(2)).sum();
        assert!(1.0 - kept / energy <= 1e-8, "channel {channel} lost too much");
    }
    // Known of the published table: 99.99 % of the energy lies in so many samples, after a first that is 0.
    assert_eq!(samples_of(dictionary.kernel(0), 1e-4) - 1, 1107);
    assert_eq!(samples_of(dictionary.kernel(31), 1e-4) - 1, 35);
}

#[test]
fn a_search_that_comes_to_no_end_that_was_asked_for_says_so() {
    let dictionary = small(4);
    let samples = noise(500, 3);
    let ended_early = |config: &PursuitConfig| {
        let found = encode(&dictionary, config.clone(), &samples);
        assert!(found.spikes.len() <= samples.len());
        found.ended_early
    };
    let endless = PursuitConfig::endless();
    assert!(!ended_early(&PursuitConfig::snr_db(2.0)), "it is reached");
    let far = PursuitConfig::snr_db(90.0);
    assert!(ended_early(&far), "there are as many spikes as samples");
    // In blocks of their own.
    assert!(ended_early(&PursuitConfig { block: 100, ..far.clone() }));
    // Another end that was asked for.
    assert!(!ended_early(&PursuitConfig { max_spikes: Some(10), ..far.clone() }));
    assert!(!ended_early(&PursuitConfig { min_amplitude: Some(0.5), ..far.clone() }));
    assert!(!ended_early(&PursuitConfig { max_spikes_per_s: Some(100.0), ..far }));
    assert!(!ended_early(&PursuitConfig { max_spikes: Some(500), ..endless.clone() }));
    assert!(ended_early(&PursuitConfig { max_spikes: Some(501), ..endless }));
    let silence = encode(&dictionary, PursuitConfig::snr_db(90.0), &[0.0; 500]);
    assert!(!silence.ended_early);
}

/// A pursuit whose amplitudes are refined.
fn refined(snr_db: f64) -> PursuitConfig {
    PursuitConfig { refine: Refine::Orthogonal, ..PursuitConfig::snr_db(snr_db) }
}

/// The least energy that the kernels of spikes can leave of samples, and what follows: by Gaussian elimination in the
/// normal equations.
fn least_squares(dictionary: &Dictionary, spikes: &[Spike], samples: &[f32]) -> f64 {
    let num_samples = samples.len() + dictionary.longest();
    let atoms: Vec<Vec<f64>> = spikes
        .iter()
        .map(|&spike| decode(dictionary, &[Spike { amplitude: 1.0, ..spike }], num_samples))
        .collect();
    let mut signal: Vec<f64> = samples.iter().map(|&x| f64::from(x)).collect();
    signal.resize(num_samples, 0.0);
    let dot = |a: &[f64], b: &[f64]| a.iter().zip(b).map(|(a, b)| a * b).sum::<f64>();
    let mut rows: Vec<Vec<f64>> =
        atoms.iter().map(|a| atoms.iter().chain([&signal]).map(|b| dot(a, b)).collect()).collect();
    for pivot in 0..rows.len() {
        let (above, below) = rows.split_at_mut(pivot + 1);
        for row in below {
            let factor = row[pivot] / above[pivot][pivot];
            row.iter_mut().zip(&above[pivot]).for_each(|(x, y)| *x -= factor * y);
        }
    }
    let mut amplitudes = vec![0.0; rows.len()];
    for (at, row) in rows.iter().enumerate().rev() {
        let known = dot(&row[at + 1..rows.len()], &amplitudes[at + 1..]);
        amplitudes[at] = (row[rows.len()] - known) / row[at];
    }
    let mut left = signal;
    for (atom, amplitude) in atoms.iter().zip(amplitudes) {
        left.iter_mut().zip(atom).for_each(|(x, y)| *x -= amplitude * y);
    }
    dot(&left, &left)
}

#[test]
fn refined_amplitudes_leave_the_least_energy() {
    let dictionary = small(9);
    for seed in [4, 5, 6] {
        let samples = sound(1500, seed);
        let Spikegram { spikes, signal_energy, .. } = encode(&dictionary, refined(18.0), &samples);
        let least = least_squares(&dictionary, &spikes, &samples);
        let mut left = decode(&dictionary, &spikes, samples.len() + dictionary.longest());
        for (x, &sample) in left.iter_mut().zip(&samples) {
            *x -= f64::from(sample);
        }
        let left: f64 = left.iter().map(|x| x * x).sum();
        assert!(left <= 1.01 * least, "{left} where {least} is possible");
        assert!(left <= signal_energy * libm::pow(10.0, -1.8), "{left} of {signal_energy}");
        let mut places: Vec<_> = spikes.iter().map(|spike| (spike.channel, spike.sample)).collect();
        places.sort_unstable();
        places.dedup();
        assert_eq!(places.len(), spikes.len(), "no kernel is there twice");
    }
}

#[test]
fn refined_fewer_spikes_are_enough() {
    let dictionary = small(12);
    let samples = sound(9000, 4);
    for (snr_db, share) in [(10.0, 0.97), (20.0, 0.92), (30.0, 0.88)] {
        let plain = encode(&dictionary, PursuitConfig::snr_db(snr_db), &samples);
        let found = encode(&dictionary, refined(snr_db), &samples);
        let (plain, few) = (plain.spikes.len() as f64, found.spikes.len() as f64);
        assert!(few < share * plain, "{few} of {plain} spikes at {snr_db} dB");
        let reported = found.snr_db();
        assert!(reported >= snr_db && reported < snr_db + 0.2, "{reported} dB for {snr_db}");
        let measured = measured_snr_db(&dictionary, &found.spikes, &samples);
        assert!((measured - reported).abs() < 0.01, "{measured} dB are not {reported} dB");
    }
}

#[test]
fn refined_every_level_gives_the_same_bits_whatever_the_blocks_and_the_scratch() {
    let dictionary = small(12);
    let samples = sound(6000, 2);
    let mut scratch = PursuitScratch::default();
    for block in [1024, PursuitConfig::BLOCK] {
        let config = PursuitConfig { block, ..refined(20.0) };
        let codes: Vec<Spikegram> = Level::available()
            .map(|level| {
                let pursuit =
                    MatchingPursuit::new(dictionary.clone(), config.clone(), level).unwrap();
                pursuit.encode(&noise(9000, 1), &mut scratch).unwrap();
                pursuit.encode(&samples, &mut scratch).unwrap()
            })
            .collect();
        // In short blocks more is reached, too: both end there with as many spikes as samples.
        let plain = PursuitConfig { block, ..PursuitConfig::snr_db(20.0) };
        let plain = encode(&dictionary, plain, &samples);
        assert!(codes[0].spikes.len() < plain.spikes.len());
        assert!(codes[0].snr_db() > plain.snr_db() - 0.1);
        assert!(codes.iter().all(|code| code == &codes[0]), "of {block} samples");
    }
}

#[test]
fn refined_silence_and_one_kernel_are_what_they_are() {
    let dictionary = small(9);
    assert_eq!(encode(&dictionary, refined(20.0), &[0.0; 500]).spikes, []);
    let spike = Spike { channel: 4, sample: 50, amplitude: 0.5 };
    let samples: Vec<f32> = decode(&dictionary, &[spike], 700).iter().map(|&x| x as f32).collect();
    let found = encode(&dictionary, refined(40.0), &samples).spikes;
    assert_eq!(found.len(), 1);
    assert!((found[0].amplitude - 0.5).abs() < 1e-6 && found[0].sample == 50);
}
