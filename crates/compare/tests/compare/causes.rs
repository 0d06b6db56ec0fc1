//! Every cause that is looked for, alone.

use ossicle_compare::Verdict;

use crate::support::{explain, recording, said, side};

/// A cause: a preset, the keys that are changed, and what has to be said if that is not just those keys.
type Cause = (&'static str, &'static [&'static str], Option<&'static [&'static str]>);

const CAUSES: &[Cause] = &[
    ("kaldi-fbank", &["audio.scale=unit"], None),
    ("lhotse-fbank", &["audio.scale=int16"], None),
    ("librosa-mfcc", &["audio.scale=midpoint"], None),
    ("kaldi-fbank", &["feature.log=log10"], None),
    ("whisper-80", &["feature.log=ln"], None),
    ("kaldi-fbank", &["feature.log=db"], None),
    ("kaldi-fbank", &["feature.log=none"], None),
    ("torchaudio-mel", &["feature.log=ln"], None),
    ("whisper-80", &["feature.floor=1e-5"], None),
    ("whisper-80", &["feature.floor_mode=add", "feature.floor=1e-5"], None),
    ("librosa-mfcc", &["feature.top_db="], None),
    ("whisper-80", &["feature.top_db="], None),
    ("kaldi-fbank", &["feature.spectrum=magnitude"], None),
    ("kaldi-fbank", &["feature.spectrum=power/n_fft"], None),
    ("librosa-mel", &["frames.edges=snip", "frames.pad="], None),
    ("whisper-80", &["frames.pad=zero"], None),
    ("whisper-80", &["frames.drop_last=false"], None),
    ("kaldi-fbank", &["frames.edges=symmetric"], None),
    ("kaldi-fbank", &["feature.window=hamming"], None),
    ("kaldi-fbank", &["feature.window=hann"], None),
    ("whisper-80", &["feature.window=hann"], None),
    ("kaldi-fbank80", &["feature.high_freq_hz=-400"], None),
    ("lhotse-fbank", &["feature.high_freq_hz=0"], None),
    ("whisper-80", &["feature.mel_scale=htk"], None),
    ("kaldi-fbank", &["feature.mel_scale=slaney"], None),
    ("kaldi-fbank80", &["feature.mel_triangles=hz"], None),
    ("kaldi-fbank", &["feature.mel_triangles=bins"], None),
    ("whisper-80", &["feature.mel_norm=peak"], None),
    ("kaldi-fbank", &["feature.preemphasis=0"], None),
    ("kaldi-fbank", &["feature.preemphasis_of=signal"], None),
    ("kaldi-fbank", &["feature.remove_dc_offset=false"], None),
    ("kaldi-fbank", &["feature.dither=1"], None),
    ("kaldi-mfcc", &["feature.use_energy=false"], None),
    ("kaldi-mfcc", &["feature.cepstral_lifter=0"], None),
    ("psf-mfcc", &["feature.cepstral_lifter=0"], None),
    ("kaldi-mfcc", &["feature.energy_of=windowed"], None),
    ("whisper-80", &["feature.n_fft=512"], None),
    ("nemo-mel80-norm", &["normalize.ddof=0"], None),
    ("nemo-mel80-norm", &["normalize.eps=0.01"], None),
    ("hifigan-mel80", &["feature.magnitude_epsilon=1e-6"], None),
    ("hifigan-mel80", &["frames.edges=center"], None),
    (
        "kaldi-fbank",
        &["splice.left=0", "splice.right=2", "splice.every=3", "splice.last=drop"],
        None,
    ),
    ("kaldi-mfcc13-delta2", &["deltas="], None),
    ("kaldi-fbank", &["feature.use_energy=true"], None),
    ("kaldi-fbank", &["feature.energy_place=last", "feature.use_energy=true"], None),
    ("whisper-80", &["frames.edges=left", "frames.drop_last="], None),
    // Numbers that nobody has listed.
    ("kaldi-fbank", &["feature.vtln_factor=1.1"], None),
    ("kaldi-fbank80", &["feature.vtln_factor=0.87"], None),
    ("kaldi-mfcc", &["feature.vtln_factor=0.93"], None),
    ("kaldi-fbank", &["feature.high_freq_hz=7000"], None),
    ("whisper-80", &["feature.high_freq_hz=6430"], None),
    ("kaldi-fbank", &["feature.low_freq_hz=37"], None),
    ("kaldi-fbank", &["feature.preemphasis=0.96"], None),
    ("kaldi-mfcc", &["feature.preemphasis=0.985"], None),
    ("kaldi-mfcc", &["feature.cepstral_lifter=17"], None),
    ("kaldi-fbank", &["frames.length=300samples"], None),
];

#[test]
fn every_cause_is_found_again() {
    let samples = recording(3);
    let mut wrong = Vec::new();
    for (preset, set, expected) in CAUSES {
        let answer = explain(&side(preset, &[], &samples), &side(preset, set, &samples));
        let mut due: Vec<&str> = expected.unwrap_or(set).to_vec();
        due.sort_unstable();
        let ok = answer.verdict == Verdict::Explained && said(&answer) == due;
        if !ok {
            wrong.push((preset, set, answer.verdict, said(&answer)));
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}
