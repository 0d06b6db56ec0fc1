//! Recordings that come in pieces against the same recordings as a whole, bit for bit, with dirty
//! scratch.
#![expect(clippy::unwrap_used, reason = "helpers of tests")]

mod configs;

use std::ops::Range;

use configs::{configs, dirty_scratch, presets};
use ossicle_dsp::{
    Columns, Compression, Dither, Edges, Energy, EnergyNormalization, EnergyOf, EnergyPlace,
    Extractor, FeatureConfig, FrameLayout, Level, Pad, Piece, Pieces, Preemphasis, Scratch, Window,
};
use ossicle_testing::noise;
use proptest::prelude::*;

fn whole(extractor: &Extractor, samples: &[f32], key: u64, scratch: &mut Scratch) -> Vec<f32> {
    let mut out = vec![f32::NAN; extractor.num_frames(samples.len()) * extractor.dim()];
    extractor.extract_keyed_into(samples, key, scratch, &mut out);
    out
}

/// Frames 0 to `num_frames`, in runs of so many eights, over and over.
fn runs(num_frames: usize, eights: &[usize]) -> Vec<Range<usize>> {
    let mut runs = Vec::new();
    let mut first = 0;
    for eights in eights.iter().cycle() {
        if first == num_frames {
            break;
        }
        let end = (first + 8 * eights).min(num_frames);
        runs.push(first..end);
        first = end;
    }
    runs
}

/// The samples that frames are made of and `more` around them, where they can be read and no others.
fn read(
    extractor: &Extractor,
    samples: &[f32],
    frames: &Range<usize>,
    more: usize,
) -> (usize, Vec<f32>) {
    let wanted = extractor.samples_of(frames.clone(), samples.len());
    let first = wanted.start.saturating_sub(more);
    (first, samples[first..(wanted.end + more).min(samples.len())].to_vec())
}

fn look(pieces: &mut Pieces<'_>, extractor: &Extractor, samples: &[f32], eights: &[usize]) {
    for frames in runs(extractor.num_frames(samples.len()), eights) {
        let (first, samples) = read(extractor, samples, &frames, 0);
        pieces.look(frames, Piece { samples: &samples, first });
    }
}

fn rows(
    pieces: &mut Pieces<'_>,
    extractor: &Extractor,
    samples: &[f32],
    runs: &[Range<usize>],
    more: usize,
) -> Vec<f32> {
    let mut all = Vec::new();
    for frames in runs {
        let mut out = vec![f32::NAN; frames.len() * extractor.dim()];
        let (first, samples) = read(extractor, samples, frames, more);
        pieces.extract_into(frames.clone(), Piece { samples: &samples, first }, &mut out);
        all.extend(out);
    }
    all
}

/// Whether pieces of so many eights of frames have the bits of the whole.
fn pieces_are_the_whole(
    extractor: &Extractor,
    samples: &[f32],
    eights: &[usize],
    scratch: &mut Scratch,
) -> bool {
    let expected = whole(extractor, samples, 0, scratch);
    let mut pieces = extractor.pieces(samples.len(), 0, scratch);
    if extractor.needs_look() {
        look(&mut pieces, extractor, samples, eights);
    }
    let runs = runs(extractor.num_frames(samples.len()), eights);
    let found = rows(&mut pieces, extractor, samples, &runs, 0);
    let same = found.iter().zip(&expected).all(|(a, b)| a.to_bits() == b.to_bits());
    found.len() == expected.len() && same
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

proptest! {
    #![proptest_config(ProptestConfig { cases: 512, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn pieces_have_the_bits_of_the_whole(
        configs in side_by_side(),
        n in num_samples(),
        (eights, eights_of_look) in
            (prop::collection::vec(1_usize..6, 1..5), prop::collection::vec(1_usize..6, 1..5)),
        more in prop::sample::select(vec![0_usize, 0, 1, 100, 10_000]),
        (seed, key) in (any::<u64>(), any::<u64>()),
    ) {
        let samples = noise(n, seed);
        let extractor = Extractor::side_by_side(&configs, Level::detect()).unwrap();
        let mut scratch = dirty_scratch();
        let expected = whole(&extractor, &samples, key, &mut scratch);
        let mut pieces = extractor.pieces(n, key, &mut scratch);
        if extractor.needs_look() {
            look(&mut pieces, &extractor, &samples, &eights_of_look);
        }
        let runs = runs(extractor.num_frames(n), &eights);
        // Begun, and begun again.
        rows(&mut pieces, &extractor, &samples, &runs[..runs.len() / 2], 0);
        let found = rows(&mut pieces, &extractor, &samples, &runs, more);
        let different = found.iter().zip(&expected).position(|(a, b)| a.to_bits() != b.to_bits());
        prop_assert_eq!(found.len(), expected.len());
        prop_assert!(different.is_none(), "row {:?}", different.map(|at| at / extractor.dim()));
    }

    #[test]
    fn frames_are_made_of_no_more_samples_than_they_span(
        config in configs(), n in num_samples(), (from, to) in (0.0_f64..1.0, 0.0_f64..=1.0),
    ) {
        let extractor = Extractor::new(config.clone(), Level::BASELINE).unwrap();
        let num_frames = extractor.num_frames(n);
        let first = (from * num_frames as f64) as usize;
        let frames = first..first + (to * (num_frames - first) as f64) as usize;
        let samples = extractor.samples_of(frames.clone(), n);
        prop_assert!(samples.end <= n);
        let FrameLayout { length, shift, .. } = config.frames;
        // And the sample before them, for a filter.
        let span = frames.len().saturating_sub(1) * shift + length + 1;
        prop_assert!(samples.len() <= if frames.is_empty() { 0 } else { span }, "{samples:?}");
    }
}

fn every_edge() -> [Edges; 6] {
    let center = |pad| Edges::Center { pad, drop_last: false };
    let pads = [Pad::Zero, Pad::Reflect, Pad::Edge].map(center);
    [Edges::Snip, Edges::Symmetric, Edges::PadEnd, pads[0], pads[1], pads[2]]
}

#[test]
fn the_samples_of_any_frames_suffice_at_every_edge() {
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
                for n in (1..40).chain([60, 100, 101, 144, 200]) {
                    let samples = noise(n, n as u64);
                    let same = pieces_are_the_whole(&extractor, &samples, &[1, 2], &mut scratch);
                    assert!(same, "{config:?} of {n} samples");
                }
            }
        }
    }
}

#[test]
fn presets_have_the_same_bits_in_pieces_at_every_level() {
    for (name, preset) in presets() {
        let samples = noise(9000, 3);
        for level in Level::available() {
            let extractor = Extractor::new(preset(16_000), level).unwrap();
            let mut scratch = dirty_scratch();
            let same = pieces_are_the_whole(&extractor, &samples, &[1, 3, 2], &mut scratch);
            assert!(same, "{name} at {level}");
        }
    }
}

#[test]
fn numbers_that_are_none_give_the_same_bits_in_pieces() {
    for (name, preset) in presets() {
        let config = preset(16_000);
        let extractor = Extractor::new(config, Level::detect()).unwrap();
        for bad in [f32::NAN, f32::INFINITY, f32::MAX] {
            let mut samples = noise(9000, 1);
            samples[..3000].iter_mut().for_each(|x| *x *= 30.0);
            samples[6500] = bad;
            let mut scratch = dirty_scratch();
            let same = pieces_are_the_whole(&extractor, &samples, &[2, 1], &mut scratch);
            assert!(same, "{name} with {bad}");
        }
    }
}

#[test]
fn only_what_depends_on_the_largest_value_needs_a_look() {
    let needs_look = |config| Extractor::new(config, Level::detect()).unwrap().needs_look();
    assert!(!needs_look(FeatureConfig::kaldi_fbank(16_000)));
    assert!(needs_look(FeatureConfig::whisper(16_000, 80)));
    let mut relative = FeatureConfig::timit_mfcc(16_000);
    if let Compression::Log(log) = &mut relative.compression {
        (log.top_db, log.relative_to_maximum) = (None, true);
    }
    assert!(needs_look(relative.clone()));
    if let Compression::Log(log) = &mut relative.compression {
        log.relative_to_maximum = false;
    }
    assert!(!needs_look(relative));
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
    assert!(!needs_look(with_energy(None)));
    let normalization = EnergyNormalization { scale: 0.1, silence_floor_db: 50.0 };
    assert!(needs_look(with_energy(Some(normalization))));
}

/// One second of silence in frames of 400 samples every 160, of which there are 100.
struct Second {
    extractor: Extractor,
    scratch: Scratch,
}

impl Second {
    fn of(config: FeatureConfig) -> Second {
        let extractor = Extractor::new(config, Level::detect()).unwrap();
        assert_eq!(extractor.num_frames(16_000), 100);
        Second { extractor, scratch: Scratch::default() }
    }

    fn pieces(&mut self) -> Pieces<'_> {
        self.extractor.pieces(16_000, 0, &mut self.scratch)
    }
}

const SILENCE: Piece<'static> = Piece { samples: &[0.0; 16_000], first: 0 };

fn lhotse() -> Second {
    Second::of(FeatureConfig::lhotse_fbank(16_000))
}

#[test]
fn a_recording_without_frames_has_no_rows_in_pieces_either() {
    let extractor = Extractor::new(FeatureConfig::kaldi_fbank(16_000), Level::detect()).unwrap();
    let mut scratch = Scratch::default();
    for num_samples in [0, 399] {
        let mut pieces = extractor.pieces(num_samples, 0, &mut scratch);
        let nothing = Piece { samples: &[], first: 0 };
        pieces.look(0..0, nothing);
        pieces.extract_into(0..0, nothing, &mut []);
    }
}

#[test]
#[should_panic(expected = "frames must come in order")]
fn frames_that_are_left_out_panic() {
    let mut out = [0.0; 8 * 80];
    let mut second = lhotse();
    let mut pieces = second.pieces();
    pieces.extract_into(0..8, SILENCE, &mut out);
    pieces.extract_into(16..24, SILENCE, &mut out);
}

#[test]
#[should_panic(expected = "frames must come in order")]
fn frames_that_are_looked_at_twice_panic() {
    let mut second = Second::of(FeatureConfig::whisper(16_000, 80));
    let mut pieces = second.pieces();
    pieces.look(0..8, SILENCE);
    pieces.look(0..8, SILENCE);
}

#[test]
#[should_panic(expected = "rows of a recording of which 96 frames of 100 have been looked at")]
fn rows_before_the_look_is_over_panic() {
    let mut second = Second::of(FeatureConfig::whisper(16_000, 80));
    let mut pieces = second.pieces();
    pieces.look(0..96, SILENCE);
    pieces.extract_into(0..8, SILENCE, &mut [0.0; 8 * 80]);
}

#[test]
#[should_panic(expected = "frames 0..9 of 100 must end at a multiple of 8")]
fn a_run_that_ends_among_eight_frames_panics() {
    lhotse().pieces().extract_into(0..9, SILENCE, &mut [0.0; 9 * 80]);
}

#[test]
#[should_panic(expected = "frames 0..104 of a recording of 100")]
fn frames_past_the_last_panic() {
    lhotse().pieces().extract_into(0..104, SILENCE, &mut [0.0; 104 * 80]);
}

#[test]
#[should_panic(expected = "frames 0..8 are made of samples 0..1400, and those there are 0..1399")]
fn a_piece_that_lacks_a_sample_panics() {
    let piece = Piece { samples: &[0.0; 1399], first: 0 };
    lhotse().pieces().extract_into(0..8, piece, &mut [0.0; 8 * 80]);
}

#[test]
#[should_panic(expected = "samples 1..16001 of a recording of 16000")]
fn a_piece_past_the_end_panics() {
    let piece = Piece { first: 1, ..SILENCE };
    lhotse().pieces().extract_into(0..8, piece, &mut [0.0; 8 * 80]);
}

#[test]
#[should_panic(expected = "out must hold the frames' rows of dim")]
fn too_little_room_for_rows_panics() {
    lhotse().pieces().extract_into(0..8, SILENCE, &mut [0.0; 7 * 80]);
}
