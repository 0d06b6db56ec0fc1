//! Two causes at once, drawn by a seed, without noise and with noise 60 dB below the recording.

use ossicle_compare::Verdict;
use ossicle_testing::Random;

use crate::support::{explain, recording, said, side, with_noise};

/// The causes that pairs are drawn from, of each preset. None is so small that noise 60 dB below the recording hides it.
const CAUSES: &[(&str, &[&[&str]])] = &[
    (
        "kaldi-fbank",
        &[
            &["audio.scale=unit"],
            &["feature.log=log10"],
            &["feature.spectrum=magnitude"],
            &["frames.edges=symmetric"],
            &["feature.window=hamming"],
            &["feature.high_freq_hz=-400"],
            &["feature.mel_scale=slaney"],
            &["feature.mel_triangles=hz"],
            &["feature.mel_norm=area"],
            &["feature.preemphasis=0"],
            &["feature.n_fft=1024"],
            &["feature.vtln_factor=0.91"],
        ],
    ),
    (
        "kaldi-mfcc",
        &[
            &["audio.scale=unit"],
            &["feature.use_energy=false"],
            &["feature.cepstral_lifter=0"],
            &["feature.window=hann"],
            &["feature.preemphasis=0"],
            &["feature.num_mel_bins=40"],
            &["feature.low_freq_hz=0"],
            &["frames.edges=symmetric"],
        ],
    ),
    (
        "whisper-80",
        &[
            &["feature.log=ln"],
            &["feature.mel_scale=htk"],
            &["feature.mel_norm=peak"],
            &["frames.drop_last=false"],
            &["feature.spectrum=magnitude"],
            &["feature.floor=1e-5"],
            &["feature.high_freq_hz=7100"],
        ],
    ),
    (
        "nemo-mel80-norm",
        &[
            &["normalize="],
            &["feature.preemphasis=0"],
            &["feature.mel_scale=htk"],
            &["feature.window=hamming"],
            &["frames.drop_last=false"],
            &["normalize.variance=false"],
        ],
    ),
];

#[test]
fn pairs_of_causes_are_found_again() {
    are_found_again(None);
}

#[test]
fn pairs_of_causes_are_found_again_below_noise() {
    are_found_again(Some(-60.0));
}

fn are_found_again(noise_db: Option<f32>) {
    let mut random = Random::with_seed(20);
    let mut wrong = Vec::new();
    for number in 0..20 {
        let (preset, causes) = CAUSES[number % CAUSES.len()];
        let samples = recording(10 + number);
        let rows = |set: &[&str]| side(preset, set, &samples).matrix.values;
        let set = loop {
            let (a, b) = (random.usize(..causes.len()), random.usize(..causes.len()));
            let tables = |of: &str| {
                causes[a].iter().chain(causes[b]).filter(|key| key.starts_with(of)).count()
            };
            let both = [causes[a], causes[b]].concat();
            // Where one does nothing beside the other nobody can find it: a floor below all magnitudes.
            let is_seen = |alone: &[&str]| rows(alone) != rows(&both);
            if a < b && tables("normalize") < 2 && is_seen(causes[a]) && is_seen(causes[b]) {
                break both;
            }
        };
        let of = noise_db.map_or(samples.clone(), |db| with_noise(&samples, db, number as u64));
        let answer = explain(&side(preset, &[], &samples), &side(preset, &set, &of));
        let mut due: Vec<&str> = set.clone();
        due.sort_unstable();
        let verdict = match noise_db {
            None => Verdict::Explained,
            Some(_) => Verdict::ExplainedButForNoise,
        };
        let ok = answer.verdict == verdict && said(&answer) == due;
        if !ok {
            wrong.push((preset, set.clone(), noise_db, answer.verdict, said(&answer)));
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}

#[test]
fn a_number_takes_over_no_change_beside_it() {
    // A warping factor of 0.9091 does nearly what one of 0.91 does to triangles over Hz.
    let set = ["feature.mel_triangles=hz", "feature.vtln_factor=0.91"];
    for number in [84, 88] {
        let samples = recording(number);
        let cases = [(None, Verdict::Explained), (Some(-60.0), Verdict::ExplainedButForNoise)];
        for (noise_db, verdict) in cases {
            let of = noise_db.map_or(samples.clone(), |db| with_noise(&samples, db, 1));
            let (a, b) = (side("kaldi-fbank", &[], &samples), side("kaldi-fbank", &set, &of));
            let found = explain(&a, &b);
            assert_eq!(found.verdict, verdict, "recording {number}, noise {noise_db:?}");
            assert_eq!(said(&found), set, "recording {number}, noise {noise_db:?}");
        }
    }
}

#[test]
fn what_noise_adds_in_the_mean_is_no_offset() {
    let set = ["frames.drop_last=false", "normalize.variance=false"];
    for number in [128, 136] {
        let samples = recording(number);
        let of = with_noise(&samples, -60.0, number as u64 - 121);
        let (a, b) = (side("nemo-mel80-norm", &[], &samples), side("nemo-mel80-norm", &set, &of));
        let found = explain(&a, &b);
        assert_eq!(found.verdict, Verdict::ExplainedButForNoise, "recording {number}");
        assert_eq!(said(&found), set, "recording {number}");
    }
}
