//! Arrays of other programs, and how far ours are from them.

use std::fs;
use std::path::PathBuf;

use ossicle_testing::Npy;

/// A matrix, row-major.
pub(crate) struct Array {
    pub(crate) numbers: Vec<f64>,
    pub(crate) columns: usize,
}

/// What numbers are, which decides how they are compared.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Scale {
    /// Powers: compared relative to themselves, above a millionth of the frame's largest.
    Power,
    /// Natural logarithms of powers: compared as powers.
    Log,
    /// Decibels: compared as they are, above 60 below the frame's largest.
    Decibels,
    /// Cepstra, compared as they are.
    Cepstra,
    /// Compared as they are.
    Plain,
}

/// The path of a file of another program.
fn golden(file: &str) -> PathBuf {
    [env!("CARGO_MANIFEST_DIR"), "../dsp/tests/golden", file].iter().collect()
}

pub(crate) fn read(file: &str) -> Vec<u8> {
    let path = golden(file);
    fs::read(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

/// An array of two dimensions; none if `golden.json` has none of this name.
pub(crate) fn array(folder: &str, name: &str) -> Option<Array> {
    let index = String::from_utf8(read(&format!("{folder}/golden.json"))).unwrap();
    if !index.contains(&format!("\"{name}\": {{")) {
        return None;
    }
    let array = Npy::read(golden(&format!("{folder}/{name}.npy")));
    let numbers = match array.descr.as_str() {
        "<f8" => array.f64s(),
        _ => array.f32s().into_iter().map(f64::from).collect(),
    };
    Some(Array { numbers, columns: array.shape[1] })
}

/// The names of the arrays of a folder.
pub(crate) fn names(folder: &str) -> Vec<String> {
    let index = String::from_utf8(read(&format!("{folder}/golden.json"))).unwrap();
    let names = index.lines().filter_map(|line| line.strip_prefix("  \"")?.strip_suffix("\": {"));
    names.map(str::to_owned).collect()
}

/// By which program an array was made, and how.
pub(crate) fn about(folder: &str, name: &str) -> (String, String) {
    let index = String::from_utf8(read(&format!("{folder}/golden.json"))).unwrap();
    let entry = index.split(&format!("\"{name}\": {{")).nth(1).unwrap();
    let value = |key: &str| {
        let rest = entry.split(&format!("\"{key}\": \"")).nth(1).unwrap();
        // In a table's cell.
        rest.split("\"\n").next().unwrap().trim_end_matches("\",").replace('|', "\\|")
    };
    let by = value("by");
    (by.split("\",").next().unwrap().to_owned(), value("how"))
}

impl Scale {
    /// What the error is in.
    pub(crate) fn unit(self) -> &'static str {
        match self {
            Scale::Power | Scale::Log => "of the energy",
            Scale::Decibels => "dB",
            Scale::Cepstra | Scale::Plain => "absolute",
        }
    }
}

/// The largest error.
pub(crate) fn error(scale: Scale, found: &Array, expected: &Array) -> f64 {
    let rows = found.numbers.chunks(found.columns).zip(expected.numbers.chunks(found.columns));
    let mut worst = 0.0_f64;
    for (found, expected) in rows {
        let largest = expected.iter().copied().fold(f64::MIN, f64::max);
        for (&found, &expected) in found.iter().zip(expected) {
            let error = match scale {
                Scale::Power if expected < 1e-6 * largest => 0.0,
                Scale::Power => (found / expected - 1.0).abs(),
                Scale::Log if expected < largest - libm::log(1e6) => 0.0,
                Scale::Log => (libm::exp(found - expected) - 1.0).abs(),
                Scale::Decibels if expected < largest - 60.0 => 0.0,
                Scale::Decibels | Scale::Cepstra | Scale::Plain => (found - expected).abs(),
            };
            worst = worst.max(error);
        }
    }
    worst
}

pub(crate) const HEAD: &str = "\
# How near the presets come

Each preset is compared, number by number, with what the program that it is named after printed for two
recordings (`crates/dsp/tests/golden`; `golden.json` there has versions and commands). This page is
written by those tests (`OSSICLE_WRITE_PARITY=1 cargo test -p ossicle-engine --test parity`), which fail
when it is out of date.

Errors are the largest over all frames and columns:

- *of the energy*: relative, of energies above a millionth of their frame's largest; logarithms are
  compared as the energies that they stand for
- *dB*: of values less than 60 dB below their frame's largest
- *absolute*: of all values of these recordings, which are speech with noise in it

There are three of them, because the other programs round, too: between *ours and theirs*; between
*theirs and exact* arithmetic, a double-precision computation by the formulas
(`crates/dsp/tests/naive`); and between *ours and exact*. Where theirs is far from exact, ours cannot be
near to both: Kaldi's single-precision transform alone moves energies 60 dB down by some 1e-3, and
cepstra by as much. What the tests ask: ours is within 1e-4 of exact energies and 1e-3 of exact cepstra
(`kaldi-*` and `lhotse-fbank`, where lone energies as weak as that lie at the edge of single precision and
the lifter multiplies cepstra by up to 12: 2e-4 and 2.5e-3; a logarithm minus its column's mean within 1e-3,
and over its deviation within 1e-4, of SeamlessM4T and Speech2Text 4e-4; magnitudes of vocoders, whose weak
bins no pre-emphasis raises, within 3e-4, and of Gemma, whose narrow filters hold a lone weak bin, within 4e-4 and
3e-3), and not farther from theirs than that or than twice theirs is from
exact.

A preset is called as the array that it equals, with `-` for `_`; where a second name stands behind a comma, it
is that preset's. Rows are those that a dataset has, with deltas, normalisation and spliced frames.

HTK is compared with its own files in [parity-htk.md](parity-htk.md).

| preset | recording | program | made by | error | ours and theirs | theirs and exact | ours and exact |
|---|---|---|---|---|---|---|---|
";

/// The largest relative error of an energy that lies so far below its frame's largest: the transform rounds
/// amplitudes to some units in the last place of the largest one.
pub(crate) fn allowed(depth_db: f64) -> f64 {
    1e-5 + 2e-7 * libm::pow(10.0, depth_db / 20.0)
}

pub(crate) const CLEAN_HEAD: &str = "
## Clean signals

The table above is of speech. In a clean signal weak bins are not filled by noise, and single precision
decides how well they are known: an energy that lies d dB below its frame's largest has a relative error of
at most 1e-5 + 2e-7 · 10^(d/20), in `kaldi-fbank` against exact arithmetic. Cepstra, which are sums of
logarithms times the lifter, inherit that of the weakest bin. (Kaldi's own transform is in single
precision, too.) The largest errors, by how far energies lie below their frame's largest:

| signal | rate | to 40 dB | to 60 dB | to 80 dB | to 100 dB | `kaldi-mfcc`, absolute |
|---|---|---|---|---|---|---|
";

pub(crate) const DELTAS_HEAD: &str = "
## Deltas

Of the golden array's own base columns, order 2, window 2:

| `[deltas]` | program | made by | absolute error |
|---|---|---|---|
";

pub(crate) const TAIL: &str = "
## Where look-alikes differ

In the order of the damage that mixing them up does:

1. **Samples.** Kaldi, HTK, python_speech_features, SeamlessM4T, Speech2Text and FunASR expect the 16-bit
   range; lhotse, librosa, torchaudio, Whisper, NeMo, ESPnet, SpeechBrain, the vocoders and AST ±1. Natural logarithms of powers differ by 20.79, but not where the floor of
   `kaldi-fbank` cuts: in `lhotse-fbank` it lies at -15.9 of ±1, which is +4.9 of the 16-bit range.
2. **Frames.** `kaldi-*` and `htk-mfcc` keep whole frames, `lhotse-fbank` mirrors the ends, librosa centres
   frames between zeros, torchaudio and Whisper mirror (Whisper drops the last frame), and `psf-*`
   complete the last frame with zeros. The same recording has 337, 339, 340, 339 and 338 frames. Where 25
   or 10 ms are no whole number of samples, `psf-*` and `speechbrain-*` take the nearest, and the others
   drop the part of one: at 11025 Hz frames have 276 and 275. NeMo centres between zeros and leaves the last
   frame out, SpeechBrain keeps it, ESPnet, SpeechT5, CLAP and Vocos mirror and keep it; HiFi-GAN and BigVGAN
   mirror 384 samples at either end and do not centre.
3. **Triangles.** Straight over mels in Kaldi, and in HTK without the bins next to the ends; over Hz in
   librosa, torchaudio's transforms and Whisper; with corners on whole bins in python_speech_features.
   librosa and Whisper divide by the area.
4. **Mel scale.** HTK's logarithm, but Slaney's, linear up to 1 kHz, in librosa and Whisper.
5. **Window.** Symmetric in Kaldi (Povey's) and HTK (Hamming's), periodic Hann in librosa, torchaudio and
   Whisper, none in python_speech_features.
6. **Pre-emphasis.** Of each frame in Kaldi and HTK, whose first sample becomes (1 - 0.97)·x; of the whole
   recording in python_speech_features; none elsewhere.
7. **Spectrum.** Power, but magnitude in HTK (`USEPOWER = F`), and power over n_fft in
   python_speech_features.
8. **Logarithm.** ln with a floor of 1.2e-7 in Kaldi and of 1 in HTK; ln with only zeros replaced in
   python_speech_features; 10·log10 cut 80 dB below the recording's largest value in `librosa-mfcc` and
   `torchaudio-mfcc`; log10 cut 8 below it, then (x + 4) / 4, in Whisper. With such a cut, a frame's
   features depend on the rest of the recording.
9. **C0 and energy.** `kaldi-mfcc`, `kaldi-plp` and `psf-mfcc` have the log energy in the place of C0,
   after liftering; HTK's C0 is last, and √2 times the orthonormal one.
10. **Lifter.** Kaldi's, HTK's and python_speech_features' begins with a 1 for C0; librosa's raises C0 too.
11. **Normalisation** over the utterance: NeMo divides by the deviation with n - 1 and adds 1e-5 to it;
    SeamlessM4T divides by n - 1 and adds 1e-7 to the variance; Speech2Text divides by n and adds nothing;
    ESPnet takes out means alone, or raises deviations to 1e-20; wav2vec 2.0 adds 1e-7 to the variance of the
    samples. AST subtracts and divides by constants. A column that is the same number in all frames becomes 0
    here, where some of them make it infinite or no number.
12. **Look-alike logarithms.** ln(e + 2^-24) in NeMo, ln with a floor of 1e-10 in ESPnet (its text-to-speech
    log10), of 1e-5 on magnitudes in HiFi-GAN, with 1e-9 added to the power before the root, and of 1e-7 in
    Vocos; dB cut 80 below the utterance's largest in SpeechBrain, and not cut in CLAP.
13. **Triangles of SpeechBrain** are symmetric over Hz: the upper side is as wide as the lower.
14. **Dither** is 0 in every preset. Kaldi's own default is 1, and so no two runs of it agree.

torchaudio's `compliance.kaldi` is `kaldi-fbank` but for rounding. `lhotse-fbank` is not
`kaldi-fbank` with 80 bins: 1 and 2 above, and its filters end 400 Hz below half the sample rate. Parakeet and
Canary are `nemo-mel80-norm` and `nemo-mel128-norm`, WeNet is `kaldi-fbank80`, icefall `lhotse-fbank`, UnivNet
`bigvgan-mel100`, Wav2Vec2-BERT `seamless80-stride2`.

## By formula

Without an array of another program to compare with, by the formula of a preset above and numbers of the program's own
source, whose version its preset says:

- `clap-48k` and `clap-48k-slaney`: `clap-mel64` and `clap-mel64-slaney` at the model's own 48 kHz, filters up to 14 kHz
- `cosyvoice-mel80`: `hifigan-mel80` at 24 kHz, 1920 samples every 480
- `phi4-mel80`: `kaldi-fbank80` of a symmetric Hamming window, means not taken out, filters from 0 to 7690 Hz, a floor of 1
- `voxtral-realtime128`: `whisper-128` with a fixed maximum of 1.5

Other names of presets above are Qwen3-ASR (`qwen3-asr128`) and Voxtral (`voxtral128`), which have Whisper's mels, and
Matcha-TTS (`matcha-mel80`), which has HiFi-GAN's and normalises all columns together.
";
