//! Rows of recordings that come in chunks against those of the same recordings as a whole, bit for bit,
//! with dirty scratch.
#![expect(clippy::unwrap_used, reason = "helpers of tests")]

mod configs;

use configs::{configs, dirty_scratch, presets};
use ossicle_dsp::{
    Columns, Compression, Dither, Edges, Energy, EnergyNormalization, EnergyOf, EnergyPlace,
    Extractor, Feature, FeatureConfig, FrameLayout, Latency, Level, Next, Pad, Preemphasis,
    RowStream, Scratch, Sink, Start, Window,
};
use ossicle_testing::noise;
use proptest::prelude::*;

/// What each chunk has handed out, and how often the recording was asked for once more.
fn feed<'s>(
    stream: &mut dyn RowStream,
    chunks: impl IntoIterator<Item = &'s [f32]> + Clone,
    sink: &mut Sink,
) -> (Vec<Vec<f32>>, usize) {
    for again in 0..3 {
        let mut rows = Vec::new();
        let mut chunks = chunks.clone().into_iter().peekable();
        while let Some(chunk) = chunks.next() {
            sink.clear();
            if chunks.peek().is_some() {
                stream.push(chunk, sink).unwrap();
                rows.push(sink.rows().to_vec());
                continue;
            }
            let next = stream.finish(chunk, sink).unwrap();
            rows.push(sink.rows().to_vec());
            match next {
                Next::Done => return (rows, again),
                Next::Again => assert!(rows.iter().all(Vec::is_empty), "rows before all was seen"),
            }
        }
    }
    panic!("a recording is fed twice at the most");
}

/// Chunks of so many samples, over and over; the last may be empty.
fn cut<'s>(samples: &'s [f32], sizes: &[usize]) -> Vec<&'s [f32]> {
    let mut chunks = Vec::new();
    let mut left = samples;
    for &size in sizes.iter().cycle() {
        if left.len() < size || left.is_empty() {
            chunks.push(left);
            break;
        }
        let (chunk, rest) = left.split_at(size);
        chunks.push(chunk);
        left = rest;
    }
    chunks
}

fn whole(extractor: &Extractor, samples: &[f32], key: u64, scratch: &mut Scratch) -> Vec<f32> {
    let mut out = vec![f32::NAN; extractor.num_frames(samples.len()) * extractor.dim()];
    extractor.extract_keyed_into(samples, key, scratch, &mut out);
    out
}

/// The first row in which they differ; none where they have the same bits.
fn difference(found: &[f32], expected: &[f32], dim: usize) -> Option<usize> {
    let different = found.iter().zip(expected).position(|(a, b)| a.to_bits() != b.to_bits());
    let shorter = (found.len() != expected.len()).then(|| found.len().min(expected.len()));
    different.or(shorter).map(|at| at / dim)
}

/// Holds chunks of these sizes to the bits of the whole, with both latencies, held and fed once more.
fn chunks_are_the_whole(
    extractor: &Extractor,
    samples: &[f32],
    sizes: &[usize],
    scratch: &mut Scratch,
) -> Result<(), String> {
    let expected = whole(extractor, samples, 0, scratch);
    for latency in [Latency::Batch, Latency::Row] {
        for most_held in [0, samples.len() / 2, usize::MAX] {
            let start = Start { latency, most_held, ..Start::default() };
            let mut stream = extractor.begin(start, scratch);
            let mut sink = Sink::default();
            let (found, _) = feed(&mut *stream, cut(samples, sizes), &mut sink);
            if let Some(row) = difference(&found.concat(), &expected, extractor.dim()) {
                return Err(format!("row {row} of {latency:?}, {most_held} held"));
            }
        }
    }
    Ok(())
}

fn num_samples() -> impl Strategy<Value = usize> {
    prop_oneof![1_usize..20, 1_usize..500, 1_usize..9000]
}

/// Several features of the same frames, some of them of the same spectrum.
fn side_by_side() -> impl Strategy<Value = Vec<FeatureConfig>> {
    let dithers = prop::option::of(any::<u64>());
    let others = prop::collection::vec((configs(), any::<bool>()), 0..3);
    (configs(), others, dithers).prop_map(|(first, others, seed)| {
        let dither = seed.map(|seed| Dither { standard_deviation: 0.01, seed });
        let first = FeatureConfig { dither, ..first };
        let mut all = vec![first.clone()];
        for (other, share) in others {
            let other = match share {
                true => FeatureConfig {
                    columns: other.columns,
                    compression: other.compression,
                    cepstra: None,
                    energy: other.energy,
                    ..first.clone()
                },
                false => FeatureConfig {
                    frames: first.frames,
                    n_fft: first.n_fft,
                    window_length: None,
                    cepstra: None,
                    ..other
                },
            };
            if Extractor::new(other.clone(), Level::BASELINE).is_ok() {
                all.push(other);
            }
        }
        all
    })
}

fn chunk_sizes() -> impl Strategy<Value = Vec<usize>> {
    let size = prop_oneof![1_usize..20, 1_usize..700, 1_usize..5000];
    // At least one sample now and then, so that an end comes.
    (prop::collection::vec(prop_oneof![4 => size, 1 => Just(0_usize)], 0..6), 1_usize..3000)
        .prop_map(|(mut sizes, last)| {
            sizes.push(last);
            sizes
        })
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 512, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn chunks_have_the_bits_of_the_whole(
        configs in side_by_side(),
        n in num_samples(),
        sizes in chunk_sizes(),
        (origin, most_held) in (0_usize..400, prop_oneof![Just(0), 0_usize..9000, Just(usize::MAX)]),
        latency in prop::sample::select(&[Latency::Batch, Latency::Row]),
        (seed, key) in (any::<u64>(), any::<u64>()),
    ) {
        let samples = noise(n + origin, seed);
        let extractor = Extractor::side_by_side(&configs, Level::detect()).unwrap();
        let mut scratch = dirty_scratch();
        let expected = whole(&extractor, &samples[origin..], key, &mut scratch);
        let start = Start { key, latency, origin: origin as u64, most_held };
        let mut stream = extractor.begin(start, &mut scratch);
        let mut sink = Sink::default();
        let (found, _) = feed(&mut *stream, cut(&samples, &sizes), &mut sink);
        prop_assert_eq!(difference(&found.concat(), &expected, extractor.dim()), None);
    }

    #[test]
    fn a_row_comes_with_its_last_sample_and_eight_rows_with_theirs(
        config in configs(), n in 1_usize..3000, sizes in chunk_sizes(),
    ) {
        let extractor = Extractor::new(config.clone(), Level::BASELINE).unwrap();
        let layout = config.frames;
        let samples = noise(n, 1);
        for latency in [Latency::Batch, Latency::Row] {
            let mut scratch = Scratch::default();
            let start = Start { latency, most_held: 0, ..Start::default() };
            let mut stream = extractor.begin(start, &mut scratch);
            let chunks = cut(&samples, &sizes);
            let (found, _) = feed(&mut *stream, chunks.clone(), &mut Sink::default());
            let (mut seen, mut handed_out) = (0, 0);
            for (chunk, rows) in chunks[..chunks.len() - 1].iter().zip(found) {
                seen += chunk.len();
                handed_out += rows.len() / extractor.dim();
                // By definition: it is there whatever follows, and so are all of its samples.
                let end = |t: usize| {
                    layout.first_sample() + (t * layout.shift) as isize + layout.length as isize
                };
                let is_final = |t: &usize| {
                    let mirrored = (-layout.first_sample()).max(-1);
                    end(*t) <= seen as isize
                        && mirrored < seen as isize
                        && (seen..seen + 3 * layout.length).all(|n| layout.num_frames(n) > *t)
                };
                let num_final = (0..).take_while(is_final).count();
                let expected = match latency {
                    Latency::Batch => num_final / 8 * 8,
                    Latency::Row => num_final,
                };
                prop_assert_eq!(handed_out, expected, "{:?} after {}", latency, seen);
            }
        }
    }
}

fn every_edge() -> [Edges; 7] {
    let center = |pad| Edges::Center { pad, drop_last: false };
    let pads = [Pad::Zero, Pad::Reflect, Pad::Edge].map(center);
    let dropped = Edges::Center { pad: Pad::Reflect, drop_last: true };
    [Edges::Snip, Edges::Symmetric, Edges::PadEnd, pads[0], pads[1], pads[2], dropped]
}

#[test]
fn chunks_of_any_size_have_the_bits_of_the_whole_at_every_edge() {
    let mut scratch = dirty_scratch();
    for (length, shift) in [(1, 1), (1, 2), (2, 5), (4, 1), (7, 3), (9, 9), (9, 2), (10, 16)] {
        for edges in every_edge() {
            for preemphasis in [Preemphasis::None, Preemphasis::PerSignal(0.5)] {
                let config = FeatureConfig {
                    frames: FrameLayout { length, shift, edges },
                    preemphasis,
                    window: Window::Rectangular,
                    window_length: None,
                    n_fft: 12,
                    columns: Columns::Bins { skip_dc: false },
                    compression: Compression::Linear,
                    cepstra: None,
                    ..FeatureConfig::whisper(16_000, 80)
                };
                let extractor = Extractor::new(config.clone(), Level::detect()).unwrap();
                for n in (0..40).chain([60, 100, 101, 144, 200]) {
                    let samples = noise(n, n as u64);
                    for sizes in [&[1][..], &[n.max(1)], &[7, 40], &[33, 0, 2]] {
                        let same = chunks_are_the_whole(&extractor, &samples, sizes, &mut scratch);
                        assert_eq!(same, Ok(()), "{config:?} of {n} samples in {sizes:?}");
                    }
                }
            }
        }
    }
}

#[test]
fn presets_have_the_same_bits_in_chunks_at_every_level() {
    for (name, preset) in presets() {
        let samples = noise(9000, 3);
        for level in Level::available() {
            let extractor = Extractor::new(preset(16_000), level).unwrap();
            let mut scratch = dirty_scratch();
            for sizes in [&[160][..], &[1, 3000, 2], &[4096]] {
                let same = chunks_are_the_whole(&extractor, &samples, sizes, &mut scratch);
                assert_eq!(same, Ok(()), "{name} at {level} in {sizes:?}");
            }
        }
    }
}

#[test]
fn numbers_that_are_none_give_the_same_bits_in_chunks() {
    for (name, preset) in presets() {
        let config = preset(16_000);
        let extractor = Extractor::new(config, Level::detect()).unwrap();
        for bad in [f32::NAN, f32::INFINITY, f32::MAX] {
            let mut samples = noise(9000, 1);
            samples[..3000].iter_mut().for_each(|x| *x *= 30.0);
            samples[6500] = bad;
            let mut scratch = dirty_scratch();
            let same = chunks_are_the_whole(&extractor, &samples, &[2000, 100], &mut scratch);
            assert_eq!(same, Ok(()), "{name} with {bad}");
        }
    }
}

#[test]
fn only_what_depends_on_the_largest_value_is_asked_for_again() {
    let is_fed_twice = |config| {
        let extractor = Extractor::new(config, Level::detect()).unwrap();
        let (samples, mut scratch) = (noise(4000, 1), Scratch::default());
        let mut fed = |most_held| {
            let start = Start { most_held, ..Start::default() };
            let mut stream = extractor.begin(start, &mut scratch);
            feed(&mut *stream, cut(&samples, &[1000]), &mut Sink::default()).1 == 1
        };
        assert!(!fed(4000), "what can be held is fed once");
        fed(3999)
    };
    assert!(!is_fed_twice(FeatureConfig::kaldi_fbank(16_000)));
    assert!(is_fed_twice(FeatureConfig::whisper(16_000, 80)));
    let mut relative = FeatureConfig::timit_mfcc(16_000);
    if let Compression::Log(log) = &mut relative.compression {
        (log.top_db, log.relative_to_maximum) = (None, true);
    }
    assert!(is_fed_twice(relative.clone()));
    if let Compression::Log(log) = &mut relative.compression {
        log.relative_to_maximum = false;
    }
    assert!(!is_fed_twice(relative));
    let energy = |normalization| Energy {
        of: EnergyOf::Raw,
        floor: 1e-7,
        place: EnergyPlace::First,
        normalization,
    };
    let with_energy = |normalization| FeatureConfig {
        energy: Some(energy(normalization)),
        ..FeatureConfig::kaldi_fbank(16_000)
    };
    assert!(!is_fed_twice(with_energy(None)));
    let normalization = EnergyNormalization { scale: 0.1, silence_floor_db: 50.0 };
    assert!(is_fed_twice(with_energy(Some(normalization))));
}
