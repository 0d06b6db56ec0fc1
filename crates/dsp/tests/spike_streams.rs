//! Spikegrams as streams: whatever comes at a time, the rows and events of one call.
#![expect(clippy::unwrap_used, reason = "helpers of tests")]

use ossicle_dsp::spikes::{
    Dictionary, GammatoneConfig, MatchingPursuit, PursuitConfig, PursuitScratch, SpikegramConfig,
    SpikegramPlan,
};
use ossicle_dsp::{
    Edges, Error, Event, Feature, FrameLayout, Latency, Level, Next, Pad, SampleScale, Scratch,
    Sink, Start,
};
use proptest::prelude::*;

const EDGES: [Edges; 5] = [
    Edges::Snip,
    Edges::Symmetric,
    Edges::Center { pad: Pad::Zero, drop_last: false },
    Edges::Center { pad: Pad::Reflect, drop_last: true },
    Edges::PadEnd,
];

/// A spikegram that is quick to compute.
fn config(frames: FrameLayout, num_slots: usize, block: usize) -> SpikegramConfig {
    SpikegramConfig {
        scale: SampleScale::Midpoint,
        gammatones: GammatoneConfig {
            num_channels: 5,
            low_freq_hz: 150.0,
            length_s: 0.03,
            ..GammatoneConfig::new(8000)
        },
        pursuit: PursuitConfig { block, ..PursuitConfig::snr_db(12.0) },
        frames,
        num_slots,
    }
}

/// Numbers in ±1 that look random, louder and fainter by turns.
fn sound(n: usize, seed: u64) -> Vec<f32> {
    let mut state = seed;
    let next = |k: usize| {
        state =
            state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        let x = (state >> 40) as f32 / 8_388_608.0 - 1.0;
        if k % 700 < 90 { x } else { x * 1e-3 }
    };
    (0..n).map(next).collect()
}

/// The spikes of a recording, coded block by block by the pursuit itself.
fn spikes(config: &SpikegramConfig, samples: &[f32]) -> Vec<Event> {
    let dictionary = Dictionary::new(&config.gammatones).unwrap();
    let pursuit =
        MatchingPursuit::new(dictionary, config.pursuit.clone(), Level::BASELINE).unwrap();
    let scaled: Vec<f32> = samples.iter().map(|&x| config.scale.of(x)).collect();
    pursuit.encode(&scaled, &mut PursuitScratch::default()).unwrap().spikes
}

/// Frame by frame, and spike by spike: what the rows are by their definition.
fn rows(config: &SpikegramConfig, spikes: &[Event], origin: i64, num_samples: usize) -> Vec<f32> {
    let dictionary = Dictionary::new(&config.gammatones).unwrap();
    let FrameLayout { length, shift, .. } = config.frames;
    let num_channels = dictionary.num_channels();
    let after_origin = num_samples.saturating_sub(origin as usize);
    let mut rows = Vec::new();
    for frame in 0..config.frames.num_frames(after_origin) {
        let begin = origin + config.frames.first_sample() as i64 + (frame * shift) as i64;
        let mut row = vec![0.0_f64; num_channels + config.num_slots];
        for spike in spikes {
            let channel = spike.channel as usize;
            let at = spike.sample as i64 + dictionary.peak(channel) as i64 - begin;
            if (0..length as i64).contains(&at) {
                row[channel] += f64::from(spike.amplitude.abs());
                if config.num_slots > 0 {
                    let slot = at as usize * config.num_slots / length;
                    row[num_channels + slot] += f64::from(spike.amplitude.abs());
                }
            }
        }
        rows.extend(row.iter().map(|x| (10.0 * libm::log10(1.0 + x)) as f32));
    }
    rows
}

/// Feeds chunks of these lengths over and over, and the last with the end.
fn stream(
    plan: &SpikegramPlan,
    start: Start,
    samples: &[f32],
    lengths: &[usize],
    scratch: &mut Scratch,
) -> Sink {
    let mut out = Sink::default();
    let mut stream = plan.begin(start, scratch);
    let mut left = samples;
    for &length in lengths.iter().cycle().take(10_000) {
        if length >= left.len() {
            break;
        }
        let (chunk, later) = left.split_at(length);
        stream.push(chunk, &mut out).unwrap();
        left = later;
    }
    assert_eq!(stream.finish(left, &mut out).unwrap(), Next::Done);
    out
}

fn bits(rows: &[f32]) -> Vec<u32> {
    rows.iter().map(|x| x.to_bits()).collect()
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn any_chunks_give_the_rows_and_events_of_one_call(
        n in 0_usize..4000, seed: u64, origin in 0_u64..5000, block in 1_usize..3000,
        lengths in prop::collection::vec(0_usize..1500, 1..6),
        shift in 1_usize..200, slots in prop::sample::select(&[0_usize, 1, 5]),
        edges in prop::sample::select(&EDGES),
    ) {
        let frames = FrameLayout { length: 120, shift, edges };
        let config = config(frames, slots, block.max(200));
        let plan = SpikegramPlan::new(config.clone(), Level::detect()).unwrap();
        let samples = sound(n, seed);
        let start = Start { key: seed, origin, ..Start::default() };
        let mut scratch = Scratch::default();
        let whole = stream(&plan, start, &samples, &[usize::MAX], &mut scratch);
        let start = Start { key: 0, latency: Latency::Row, ..start };
        // The scratch is dirty.
        let pieces = stream(&plan, start, &samples, &lengths, &mut scratch);
        prop_assert!(bits(pieces.rows()) == bits(whole.rows()), "rows differ");
        prop_assert!(pieces.events() == whole.events(), "events differ");

        let spikes = spikes(&config, &samples);
        prop_assert!(whole.events() == spikes, "events are not those of the pursuit");
        let expected = rows(&config, &spikes, origin as i64, n);
        prop_assert_eq!(whole.rows().len(), expected.len());
        for (row, expected) in whole.rows().iter().zip(&expected) {
            prop_assert!((row - expected).abs() <= 1e-6 * expected.abs(), "{row} {expected}");
        }

        // Spikes that are known come block by block, as they were found.
        let mut known = Sink::default();
        let mut events = plan.begin_events(start).unwrap();
        let size = config.pursuit.block as u64;
        for of_block in spikes.chunk_by(|a, b| a.sample / size == b.sample / size) {
            let (half, rest) = of_block.split_at(of_block.len() / 2);
            let begin = of_block[0].sample / size * size;
            events.push(half, begin, &mut known).unwrap();
            events.push(rest, (begin + size).min(n as u64), &mut known).unwrap();
        }
        prop_assert_eq!(events.finish(n as u64, &mut known).unwrap(), Next::Done);
        prop_assert!(bits(known.rows()) == bits(whole.rows()), "rows of known events differ");
        prop_assert!(known.events() == whole.events(), "known events differ");
    }
}

#[test]
fn rows_come_as_soon_as_their_frames_have_ended() {
    let frames = FrameLayout { length: 120, shift: 40, edges: Edges::Snip };
    let plan = SpikegramPlan::new(config(frames, 0, 500), Level::detect()).unwrap();
    let (mut scratch, mut out) = (Scratch::default(), Sink::default());
    let start = Start { origin: 100, ..Start::default() };
    let mut stream = plan.begin(start, &mut scratch);
    let samples = sound(1400, 7);
    stream.push(&samples[..499], &mut out).unwrap();
    assert_eq!((out.rows().len(), out.events().len()), (0, 0));
    stream.push(&samples[499..1100], &mut out).unwrap();
    assert_eq!(out.rows().len(), plan.dim() * frames.num_frames(1000 - 100));
    assert!(out.events().iter().all(|event| event.sample < 1000) && !out.events().is_empty());
    out.clear();
    assert_eq!(stream.finish(&samples[1100..], &mut out).unwrap(), Next::Done);
    let rest = frames.num_frames(1400 - 100) - frames.num_frames(1000 - 100);
    assert_eq!(out.rows().len(), plan.dim() * rest);
}

#[test]
fn a_sample_that_is_none_is_an_error_that_says_where() {
    let frames = FrameLayout { length: 120, shift: 40, edges: Edges::Snip };
    let plan = SpikegramPlan::new(config(frames, 0, 500), Level::detect()).unwrap();
    let (mut scratch, mut out) = (Scratch::default(), Sink::default());
    let mut samples = vec![0.1; 1200];
    samples[1100] = f32::NAN;
    let mut stream = plan.begin(Start::default(), &mut scratch);
    stream.push(&samples[..700], &mut out).unwrap();
    let error = stream.finish(&samples[700..], &mut out);
    assert!(matches!(error, Err(Error::Sample { at: 1100, .. })), "{error:?}");
}

#[test]
fn configurations_out_of_range_are_refused_without_tables() {
    let frames = FrameLayout { length: 120, shift: 40, edges: Edges::Snip };
    let good = config(frames, 5, 500);
    good.check().unwrap();
    for bad in [
        SpikegramConfig { num_slots: 7, ..good.clone() },
        SpikegramConfig { frames: FrameLayout { shift: 0, ..frames }, ..good.clone() },
        SpikegramConfig { pursuit: PursuitConfig::snr_db(0.0), ..good.clone() },
        SpikegramConfig {
            gammatones: GammatoneConfig { num_channels: 0, ..good.gammatones.clone() },
            ..good.clone()
        },
    ] {
        let error = bad.check().unwrap_err();
        assert_eq!(SpikegramPlan::new(bad, Level::detect()).unwrap_err(), error);
    }
}
