//! Time a frame of presets at each instruction set, and of what comes after.

use std::hint::black_box;

use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use ossicle_dsp::spikes::{
    Dictionary, GammatoneConfig, MatchingPursuit, PursuitConfig, PursuitScratch,
};
use ossicle_dsp::{
    Around, Columns, Deltas, Extractor, FeatureConfig, Level, Moments, Scratch, Widen,
};
use ossicle_testing::noise;

/// Three seconds that look like noise.
fn recording() -> Vec<f32> {
    noise(48_000, 1)
}

fn eighty(mut config: FeatureConfig) -> FeatureConfig {
    if let Columns::Mel(mel) = &mut config.columns {
        mel.num_mel_bins = 80;
    }
    config
}

fn features(criterion: &mut Criterion) {
    let samples = recording();
    let presets = [
        ("kaldi-fbank-80", eighty(FeatureConfig::kaldi_fbank(16_000))),
        ("kaldi-mfcc", FeatureConfig::kaldi_mfcc(16_000)),
        ("kaldi-plp", FeatureConfig::kaldi_plp(16_000)),
        ("torchaudio-mel", FeatureConfig::torchaudio_mel(16_000)),
        ("whisper-80", FeatureConfig::whisper(16_000, 80)),
        ("librosa-mel", FeatureConfig::librosa_mel(16_000)),
        ("psf-mfcc", FeatureConfig::psf_mfcc(16_000)),
        ("htk-mfcc", FeatureConfig::htk_mfcc(16_000)),
        ("timit-mfcc", FeatureConfig::timit_mfcc(16_000)),
        ("timit-mel", FeatureConfig::timit_mel(16_000)),
        ("timit-spectrogram", FeatureConfig::timit_spectrogram(16_000)),
    ];
    for (name, preset) in presets {
        let mut group = criterion.benchmark_group(name);
        for level in Level::available() {
            let extractor = Extractor::new(preset.clone(), level).expect("a preset");
            let num_frames = extractor.num_frames(samples.len());
            let mut out = vec![0.0; num_frames * extractor.dim()];
            let mut scratch = Scratch::default();
            group.throughput(Throughput::Elements(num_frames as u64));
            group.bench_function(format!("level/{level}"), |bencher| {
                bencher
                    .iter(|| extractor.extract_into(black_box(&samples), &mut scratch, &mut out));
            });
        }
    }
}

fn after(criterion: &mut Criterion) {
    let (num_frames, dim) = (300, 40);
    let base = &recording()[..num_frames * dim];
    let deltas = Deltas::new(2, 2).expect("the usual deltas");
    let mut wide = vec![0.0; num_frames * deltas.wide_dim(dim)];
    let mut scratch = Vec::new();
    let mut group = criterion.benchmark_group("after");
    group.throughput(Throughput::Elements(num_frames as u64));
    for level in Level::available() {
        group.bench_function(format!("deltas/{level}"), |bencher| {
            let mut run = |base| {
                let all = 0..num_frames;
                deltas.widen_into(
                    level,
                    Around { base, dim, rows: all, num_base: num_frames },
                    &mut scratch,
                    &mut wide,
                );
            };
            bencher.iter(|| run(black_box(base)));
        });
        group.bench_function(format!("moments/{level}"), |bencher| {
            bencher.iter(|| Moments::of_rows(black_box(&wide), 120, level));
        });
    }
}

/// Three seconds of a synthetic voice.
fn voice() -> Vec<f32> {
    let wave = include_bytes!("../../../crates/dsp/tests/golden/speech16k/input.wav");
    let (samples, _) = wave[44..].as_chunks();
    samples.iter().map(|&x| f32::from(i16::from_le_bytes(x)) / 32_768.0).collect()
}

fn spikes(criterion: &mut Criterion) {
    let samples = voice();
    let mut group = criterion.benchmark_group("spikes");
    group.sample_size(10);
    for snr_db in [20.0, 30.0] {
        for level in Level::available() {
            let dictionary = Dictionary::new(&GammatoneConfig::new(16_000)).expect("the usual one");
            let config = PursuitConfig::snr_db(snr_db);
            let pursuit = MatchingPursuit::new(dictionary, config, level).expect("the usual one");
            let mut scratch = PursuitScratch::default();
            let mut run = || pursuit.encode(black_box(&samples), &mut scratch).expect("samples");
            group.throughput(Throughput::Elements(run().spikes.len() as u64));
            group.bench_function(format!("{snr_db} dB/level/{level}"), |bencher| {
                bencher.iter(&mut run);
            });
        }
    }
}

criterion_group!(benches, features, after, spikes);
criterion_main!(benches);
