//! The presets against what other programs computed (see `golden/README.md`), and the page that says
//! how near they come.
//!
//! `OSSICLE_WRITE_PARITY=1 cargo test -p ossicle-dsp --test golden` writes `docs/parity.md` anew.
#![expect(clippy::unwrap_used, reason = "helpers of tests")]

mod naive;
mod parity;

use std::fmt::Write;
use std::fs;

use ossicle_dsp::{
    Around, Columns, Compression, DeltaConvention, Deltas, Edges, Extractor, FeatureConfig, Level,
    Log, Pcen, Scratch, Widen,
};
use parity::{Array, Scale};

/// Samples of ±1.0 and their rate, of a 16-bit mono WAVE file with a 44-byte header.
fn recording(folder: &str) -> (Vec<f32>, u32) {
    let bytes = parity::read(&format!("{folder}/input.wav"));
    assert_eq!(&bytes[36..40], b"data", "a plain header");
    let rate = u32::from_le_bytes(*bytes[24..].first_chunk().unwrap());
    let samples = bytes[44..].as_chunks().0.iter().map(|&b| f32::from(i16::from_le_bytes(b)));
    (samples.map(|s| s / 32768.0).collect(), rate)
}

fn extract(config: FeatureConfig, samples: &[f32]) -> Array {
    let extractor = Extractor::new(config, Level::detect()).unwrap();
    let mut out = vec![0.0; extractor.num_frames(samples.len()) * extractor.dim()];
    extractor.extract_into(samples, &mut Scratch::default(), &mut out);
    Array { numbers: out.into_iter().map(f64::from).collect(), columns: extractor.dim() }
}

/// A preset, or one with settings, and the array that it is to equal.
struct Case {
    preset: &'static str,
    /// What differs from the preset, as a recipe says it.
    settings: &'static str,
    array: &'static str,
    scale: Scale,
    config: fn(u32) -> FeatureConfig,
    /// What our largest error may be, against exact arithmetic.
    tolerance: f64,
}

const fn case(
    preset: &'static str,
    settings: &'static str,
    array: &'static str,
    scale: Scale,
    tolerance: f64,
    config: fn(u32) -> FeatureConfig,
) -> Case {
    Case { preset, settings, array, scale, config, tolerance }
}

fn mels(mut config: FeatureConfig, num_mel_bins: usize, below_nyquist: f64) -> FeatureConfig {
    let nyquist_hz = f64::from(config.sample_rate_hz) / 2.0;
    if let Columns::Mel(mel) = &mut config.columns {
        mel.num_mel_bins = num_mel_bins;
        mel.high_freq_hz = Some(nyquist_hz - below_nyquist);
    }
    config
}

/// librosa's 80 mels every 160 samples.
fn librosa_mel80(rate: u32, compression: Compression) -> FeatureConfig {
    let mut config = FeatureConfig { n_fft: 400, compression, ..FeatureConfig::librosa_mel(rate) };
    (config.frames.length, config.frames.shift) = (400, 160);
    mels(config, 80, 0.0)
}

const CASES: [Case; 23] = [
    case("kaldi-fbank", "", "kaldi_fbank23", Scale::Log, 2e-4, FeatureConfig::kaldi_fbank),
    case("kaldi-fbank", "num_mel_bins = 80", "kaldi_fbank80", Scale::Log, 2e-4, |rate| {
        mels(FeatureConfig::kaldi_fbank(rate), 80, 0.0)
    }),
    case(
        "kaldi-fbank",
        "num_mel_bins = 40, high_freq_hz = -200, edges = \"symmetric\"",
        "kaldi_fbank40_nosnip_high-200",
        Scale::Log,
        2e-4,
        |rate| {
            let mut config = mels(FeatureConfig::kaldi_fbank(rate), 40, 200.0);
            config.frames.edges = Edges::Symmetric;
            config
        },
    ),
    case(
        "kaldi-fbank",
        "num_mel_bins = 80",
        "torchaudio_kaldi_fbank80",
        Scale::Log,
        2e-4,
        |rate| mels(FeatureConfig::kaldi_fbank(rate), 80, 0.0),
    ),
    case("kaldi-mfcc", "", "kaldi_mfcc13", Scale::Cepstra, 2e-3, FeatureConfig::kaldi_mfcc),
    case(
        "kaldi-mfcc-hires",
        "",
        "kaldi_mfcc40_hires",
        Scale::Cepstra,
        2.5e-3,
        FeatureConfig::kaldi_mfcc_hires,
    ),
    case("kaldi-plp", "", "kaldi_plp13", Scale::Cepstra, 1e-3, FeatureConfig::kaldi_plp),
    case(
        "kaldi-spectrogram",
        "",
        "kaldi_spectrogram",
        Scale::Log,
        2e-4,
        FeatureConfig::kaldi_spectrogram,
    ),
    case("lhotse-fbank", "", "knf_lhotse_fbank80", Scale::Log, 2e-4, FeatureConfig::lhotse_fbank),
    case("librosa-mel", "", "librosa_mel128_2048", Scale::Power, 1e-4, FeatureConfig::librosa_mel),
    case(
        "librosa-mel",
        "length = \"400samples\", shift = \"160samples\", n_fft = 400, num_mel_bins = 80",
        "librosa_mel80",
        Scale::Power,
        1e-4,
        |rate| librosa_mel80(rate, Compression::Linear),
    ),
    case(
        "librosa-mel",
        "the same and log = \"db\", top_db = 80, relative_to_maximum = true",
        "librosa_mel80_db",
        Scale::Decibels,
        1e-3,
        |rate| {
            let log = Log { relative_to_maximum: true, ..Log::decibels(Some(80.0)) };
            librosa_mel80(rate, Compression::Log(log))
        },
    ),
    case(
        "librosa-mel",
        "the same and log = \"pcen\"",
        "librosa_pcen80",
        Scale::Plain,
        1e-4,
        |rate| librosa_mel80(rate, Compression::Pcen(Pcen::default())),
    ),
    case("librosa-mfcc", "", "librosa_mfcc20", Scale::Cepstra, 1e-3, FeatureConfig::librosa_mfcc),
    case(
        "torchaudio-mel",
        "",
        "torchaudio_mel80",
        Scale::Power,
        1e-4,
        FeatureConfig::torchaudio_mel,
    ),
    case(
        "torchaudio-mfcc",
        "",
        "torchaudio_mfcc40",
        Scale::Cepstra,
        1e-3,
        FeatureConfig::torchaudio_mfcc,
    ),
    case("whisper-80", "", "whisper80", Scale::Plain, 1e-3, |rate| {
        FeatureConfig::whisper(rate, 80)
    }),
    case("whisper-128", "", "whisper128", Scale::Plain, 1e-3, |rate| {
        FeatureConfig::whisper(rate, 128)
    }),
    case("psf-mfcc", "", "psf_mfcc13", Scale::Cepstra, 1e-3, FeatureConfig::psf_mfcc),
    case("psf-logfbank", "", "psf_logfbank26", Scale::Log, 1e-4, FeatureConfig::psf_logfbank),
    case("timit-mfcc", "", "post_mfcc40", Scale::Cepstra, 1e-3, FeatureConfig::timit_mfcc),
    case("timit-mel", "", "post_mel40", Scale::Power, 1e-4, FeatureConfig::timit_mel),
    case(
        "timit-spectrogram",
        "",
        "post_spectrogram40",
        Scale::Decibels,
        1e-3,
        FeatureConfig::timit_spectrogram,
    ),
];

/// What a frame's exact features are, in double precision.
fn exact(config: &FeatureConfig, samples: &[f32]) -> Array {
    let numbers = naive::near(config, samples).into_iter().map(|near| near.exact).collect();
    Array { numbers, columns: config.dim() }
}

/// Ours against theirs, theirs against exact arithmetic, ours against it.
type Errors = [f64; 3];

fn errors(case: &Case, folder: &str) -> Option<Errors> {
    let theirs = parity::array(folder, case.array)?;
    let (samples, rate) = recording(folder);
    let config = (case.config)(rate);
    let exact = exact(&config, &samples);
    let ours = extract(config, &samples);
    let columns = (ours.columns, exact.columns);
    assert_eq!(columns, (theirs.columns, theirs.columns), "{folder} {}: columns", case.array);
    let counts = (ours.numbers.len(), exact.numbers.len());
    assert_eq!(counts, (theirs.numbers.len(), counts.0), "{folder} {}: frames", case.array);
    let error = |a, b| parity::error(case.scale, a, b);
    Some([error(&ours, &theirs), error(&theirs, &exact), error(&ours, &exact)])
}

const FOLDERS: [&str; 2] = ["speech16k", "speech8k"];

#[test]
fn presets_are_what_the_other_programs_compute() {
    let mut compared = 0;
    for case in &CASES {
        for folder in FOLDERS {
            let Some([between, theirs, ours]) = errors(case, folder) else { continue };
            compared += 1;
            let name = format!("{folder} {}", case.array);
            assert!(ours <= case.tolerance, "{name}: {ours:.1e} from exact arithmetic");
            // Two roundings cannot be nearer to each other than both are to the truth.
            let allowed = case.tolerance.max(2.0 * theirs);
            assert!(between <= allowed, "{name}: {between:.1e}, theirs {theirs:.1e} from exact");
        }
    }
    // Whisper is of 16 kHz alone.
    assert_eq!(compared, 2 * CASES.len() - 2);
}

#[test]
fn every_golden_array_is_compared() {
    for folder in FOLDERS {
        for name in parity::names(folder) {
            let of_deltas = name.ends_with("_delta2");
            let pitch = name.starts_with("kaldi_pitch");
            let known = CASES.iter().any(|case| case.array == name);
            assert!(known || of_deltas || pitch, "{folder} {name} is compared with nothing");
        }
    }
}

/// The deltas of a golden array's own base columns.
fn deltas_error(folder: &str, name: &str, convention: DeltaConvention) -> f64 {
    let expected = parity::array(folder, name).unwrap();
    let dim = expected.columns / 3;
    let rows = expected.numbers.chunks(expected.columns);
    let base: Vec<f32> = rows.flat_map(|row| &row[..dim]).map(|&x| x as f32).collect();
    let num_frames = base.len() / dim;
    let deltas = Deltas::with_convention(2, 2, convention).unwrap();
    let mut wide = vec![0.0; num_frames * deltas.wide_dim(dim)];
    let (level, all) = (Level::detect(), 0..num_frames);
    deltas.widen_into(
        level,
        Around { base: &base, dim, rows: all, num_base: num_frames },
        &mut Vec::new(),
        &mut wide,
    );
    let numbers = wide.into_iter().map(f64::from).collect();
    parity::error(Scale::Cepstra, &Array { numbers, columns: expected.columns }, &expected)
}

const DELTAS: [(&str, &str, DeltaConvention); 2] = [
    ("\"kaldi\"", "kaldi_mfcc13_delta2", DeltaConvention::Kaldi),
    ("\"htk\"", "post_mfcc40_delta2", DeltaConvention::Htk),
];

#[test]
fn deltas_are_what_the_other_programs_compute() {
    for folder in FOLDERS {
        for (_, name, convention) in DELTAS {
            let error = deltas_error(folder, name, convention);
            assert!(error < 1e-4, "{folder} {name}: {error:.1e}");
        }
    }
}

/// Signals with next to nothing between their lines, where bins far below a frame's largest decide.
fn clean(rate: u32) -> [(&'static str, Vec<f32>); 3] {
    let rate = f64::from(rate);
    let times = || (0..rate as usize).map(|n| n as f64 / rate);
    // From 50 Hz to a tenth below half the sample rate, in a second.
    let rise = 0.45 * rate - 50.0;
    let sweep = |t: f64| libm::sin(std::f64::consts::TAU * (50.0 * t + 0.5 * rise * t * t));
    let square = |t: f64| if (220.0 * t).fract() < 0.5 { 1.0 } else { -1.0 };
    let pulse = |n: usize| if n.is_multiple_of(100) { 0.5 } else { 0.0 };
    [
        ("a sweep", times().map(|t| (0.5 * sweep(t)) as f32).collect()),
        ("a square wave", times().map(|t| (0.5 * square(t)) as f32).collect()),
        ("pulses", (0..rate as usize).map(pulse).collect()),
    ]
}

/// How many dB each energy of a clean signal lies below its frame's largest, and its relative error.
fn errors_by_depth(samples: &[f32], rate: u32) -> Vec<(f64, f64)> {
    let config = FeatureConfig::kaldi_fbank(rate);
    let exact = exact(&config, samples);
    let ours = extract(config, samples);
    let rows = exact.numbers.chunks(exact.columns).zip(ours.numbers.chunks(ours.columns));
    let of_row = |(exact, ours): (&[f64], &[f64])| {
        let largest = exact.iter().copied().fold(f64::NEG_INFINITY, f64::max);
        let pair = |(&exact, &ours): (&f64, &f64)| {
            let depth_db = (largest - exact) * 10.0 / std::f64::consts::LN_10;
            (depth_db, (libm::exp(ours - exact) - 1.0).abs())
        };
        exact.iter().zip(ours).map(pair).collect::<Vec<_>>()
    };
    rows.flat_map(of_row).collect()
}

fn error_of_cepstra(samples: &[f32], rate: u32) -> f64 {
    let config = FeatureConfig::kaldi_mfcc(rate);
    let exact = exact(&config, samples);
    parity::error(Scale::Cepstra, &extract(config, samples), &exact)
}

#[test]
fn energies_of_clean_signals_are_as_near_as_their_depth_below_the_peak_allows() {
    for rate in [8000, 16_000] {
        for (name, samples) in clean(rate) {
            let errors = errors_by_depth(&samples, rate);
            let deepest = errors.iter().fold(0.0, |most: f64, (depth_db, _)| most.max(*depth_db));
            assert!(deepest > 20.0, "{name} has bins that are weak: {deepest:.0} dB");
            for (depth_db, error) in errors {
                let allowed = parity::allowed(depth_db);
                assert!(
                    error <= allowed,
                    "{name}, {rate} Hz, {depth_db:.0} dB below the largest: {error:.1e} of {allowed:.1e}"
                );
            }
        }
    }
}

/// The page, as it should be.
fn page() -> String {
    let mut page = String::from(parity::HEAD);
    let number = |x: f64| format!("{x:.0e}");
    for case in &CASES {
        let (by, how) = parity::about("speech16k", case.array);
        for folder in FOLDERS {
            let Some([between, theirs, ours]) = errors(case, folder) else { continue };
            let settings = match case.settings {
                "" => String::new(),
                settings => format!(", `{settings}`"),
            };
            let rate = folder.trim_start_matches("speech").trim_end_matches('k');
            writeln!(
                page,
                "| `{}`{settings} | {rate} kHz | {by} | {how} | {} | {} | {} | {} |",
                case.preset,
                case.scale.unit(),
                number(between),
                number(theirs),
                number(ours),
            )
            .unwrap();
        }
    }
    page.push_str(parity::CLEAN_HEAD);
    for rate in [8000, 16_000] {
        for (name, samples) in clean(rate) {
            let errors = errors_by_depth(&samples, rate);
            let cells =
                [(0.0, 40.0), (40.0, 60.0), (60.0, 80.0), (80.0, 100.0)].map(|(from, to)| {
                    let inside =
                        errors.iter().filter(|(depth_db, _)| (from..to).contains(depth_db));
                    let worst = inside.map(|(_, error)| *error).reduce(f64::max);
                    worst.map_or("none".to_owned(), number)
                });
            let (cells, cepstra) = (cells.join(" | "), number(error_of_cepstra(&samples, rate)));
            writeln!(page, "| {name} | {} kHz | {cells} | {cepstra} |", rate / 1000).unwrap();
        }
    }
    page.push_str(parity::DELTAS_HEAD);
    for (convention, name, key) in DELTAS {
        let (by, how) = parity::about("speech16k", name);
        let worst = FOLDERS.map(|folder| deltas_error(folder, name, key));
        let worst = number(worst[0].max(worst[1]));
        writeln!(page, "| `convention = {convention}` | {by} | {how} | {worst} |").unwrap();
    }
    page.push_str(parity::TAIL);
    page
}

#[test]
fn the_page_says_what_is_measured() {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../../docs/parity.md");
    let page = page();
    if std::env::var_os("OSSICLE_WRITE_PARITY").is_some() {
        fs::write(path, &page).unwrap();
    }
    let written = fs::read_to_string(path).unwrap();
    assert!(
        written == page,
        "docs/parity.md is out of date; OSSICLE_WRITE_PARITY=1 cargo test -p ossicle-dsp --test \
         golden writes it"
    );
}
