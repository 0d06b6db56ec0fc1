//! The presets against what other programs computed (see `crates/dsp/tests/golden/README.md`), and the page
//! that says how near they come.
//!
//! `OSSICLE_WRITE_PARITY=1 cargo test -p ossicle-engine --test parity` writes `docs/parity.md` anew.
#![expect(clippy::unwrap_used, reason = "helpers of tests")]

mod after;
mod compare;
#[path = "../../../dsp/tests/naive/mod.rs"]
mod naive;

use std::fmt::Write;
use std::fs;

use after::{Rows, after};
use compare::{Array, Scale};
use ossicle_dsp::{
    Around, DeltaConvention, Deltas, Extractor, FeatureConfig, Level, Scratch, Widen,
};
use ossicle_engine::{Bench, Transform, Unusable};
use ossicle_recipe::{Recipe, RecipeSource};

/// Samples of ±1.0 and their rate, of a 16-bit mono WAVE file with a 44-byte header.
fn recording(folder: &str) -> (Vec<f32>, u32) {
    let bytes = compare::read(&format!("{folder}/input.wav"));
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

/// A preset, which is called as the array that it is to equal, with `-` for `_`.
struct Case {
    preset: &'static str,
    scale: Scale,
    /// What our largest error may be, against exact arithmetic.
    tolerance: f64,
}

const fn case(preset: &'static str, scale: Scale, tolerance: f64) -> Case {
    Case { preset, scale, tolerance }
}

const CASES: &[Case] = &[
    case("kaldi-fbank23", Scale::Log, 2e-4),
    case("kaldi-fbank80", Scale::Log, 2e-4),
    case("kaldi-fbank40-nosnip-high-200", Scale::Log, 2e-4),
    case("torchaudio-kaldi-fbank80", Scale::Log, 2e-4),
    case("kaldi-mfcc13", Scale::Cepstra, 2e-3),
    case("kaldi-mfcc13-delta2", Scale::Cepstra, 2e-3),
    case("kaldi-mfcc40-hires", Scale::Cepstra, 2.5e-3),
    case("kaldi-plp13", Scale::Cepstra, 1e-3),
    case("kaldi-spectrogram", Scale::Log, 2e-4),
    case("knf-lhotse-fbank80", Scale::Log, 2e-4),
    case("librosa-mel128-2048", Scale::Power, 1e-4),
    case("librosa-mel80", Scale::Power, 1e-4),
    case("librosa-mel80-db", Scale::Decibels, 1e-3),
    case("librosa-pcen80", Scale::Plain, 1e-4),
    case("librosa-mfcc20", Scale::Cepstra, 1e-3),
    case("torchaudio-mel80", Scale::Power, 1e-4),
    case("torchaudio-mfcc40", Scale::Cepstra, 1e-3),
    case("whisper80", Scale::Plain, 1e-3),
    case("whisper128", Scale::Plain, 1e-3),
    case("psf-mfcc13", Scale::Cepstra, 1e-3),
    case("psf-logfbank26", Scale::Log, 1e-4),
    case("post-mfcc40", Scale::Cepstra, 1e-3),
    case("post-mfcc40-delta2", Scale::Cepstra, 1e-3),
    case("post-mel40", Scale::Power, 1e-4),
    case("post-spectrogram40", Scale::Decibels, 1e-3),
    case("nemo-mel80", Scale::Log, 1e-4),
    case("nemo-mel80-norm", Scale::Plain, 1e-4),
    case("nemo-mel128-norm", Scale::Plain, 1e-4),
    case("nemo-mel64-norm", Scale::Plain, 1e-4),
    case("parakeet80", Scale::Plain, 1e-4),
    case("parakeet128", Scale::Plain, 1e-4),
    case("espnet-logmel80", Scale::Log, 1e-4),
    case("espnet-logmel80-hop160", Scale::Log, 1e-4),
    case("espnet-logmel80-mvn", Scale::Plain, 1e-3),
    case("espnet-logmel80-hop160-mvn", Scale::Plain, 1e-3),
    case("espnet-logmel80-mvn-vars", Scale::Plain, 1e-4),
    case("speechbrain-fbank40", Scale::Decibels, 1e-3),
    case("speechbrain-fbank80", Scale::Decibels, 1e-3),
    case("speechbrain-fbank40-deltas", Scale::Plain, 1e-3),
    case("speechbrain-mfcc20", Scale::Cepstra, 1e-3),
    case("seamless80-nonorm", Scale::Log, 2e-4),
    case("seamless80-stride1", Scale::Plain, 4e-4),
    case("seamless80-stride2", Scale::Plain, 4e-4),
    case("speech2text80", Scale::Plain, 4e-4),
    case("ast128-nonorm", Scale::Log, 2e-4),
    case("ast128", Scale::Plain, 1e-4),
    case("funasr-fbank80", Scale::Log, 2e-4),
    case("funasr-lfr", Scale::Log, 2e-4),
    case("speecht5-mel80", Scale::Plain, 1e-4),
    case("hifigan-mel80", Scale::Log, 2e-4),
    case("bigvgan-mel100", Scale::Log, 3e-4),
    case("univnet-mel100", Scale::Log, 3e-4),
    case("vocos-mel100", Scale::Log, 2e-4),
    case("clap-mel64", Scale::Decibels, 1e-3),
    case("clap-mel64-slaney", Scale::Decibels, 1e-3),
    case("wav2vec2-wave", Scale::Plain, 1e-6),
    case("gemma3n-mel128", Scale::Log, 3e-3),
    case("gemma4-mel128", Scale::Log, 4e-4),
];

impl Case {
    /// The name of its array.
    fn array(&self) -> String {
        match self.preset {
            // The only one whose own name has a hyphen.
            "kaldi-fbank40-nosnip-high-200" => "kaldi_fbank40_nosnip_high-200".to_owned(),
            preset => preset.replace('-', "_"),
        }
    }
}

fn recipe(preset: &str) -> Recipe {
    let source: RecipeSource = Recipe::preset(preset).unwrap().parse().unwrap();
    source.finish().unwrap()
}

/// What a frame's exact features are, in double precision.
fn exact(config: &FeatureConfig, samples: &[f32]) -> Array {
    let numbers = naive::near(config, samples).into_iter().map(|near| near.exact).collect();
    Array { numbers, columns: config.dim() }
}

/// What a recipe's rows are in exact arithmetic.
fn exact_rows(recipe: &Recipe, samples: &[f32], rate: u32) -> Array {
    let base: Rows = match &recipe.feature_configs(rate)[..] {
        [] => samples.iter().map(|&x| vec![f64::from(x)]).collect(),
        configs => {
            let [config] = configs else { panic!("presets of golden arrays have one feature") };
            let near = naive::near(config, samples);
            let row = |row: &[naive::Near]| row.iter().map(|near| near.exact).collect();
            near.chunks(config.dim()).map(row).collect()
        }
    };
    let rows = after(recipe, base);
    Array { columns: rows[0].len(), numbers: rows.concat() }
}

/// What the program makes of samples by a recipe.
fn rows(recipe: &Recipe, samples: &[f32], rate: u32) -> Array {
    let transform = Transform::new(recipe, rate, Level::detect()).unwrap();
    let [rows] = &transform.rows(samples, "", Unusable::Refuse, &mut Bench::default()).unwrap()[..]
    else {
        panic!("presets of golden arrays have one array")
    };
    let columns = rows.len() / transform.num_frames(samples.len());
    Array { numbers: rows.iter().map(|&x| f64::from(x)).collect(), columns }
}

/// Ours against theirs, theirs against exact arithmetic, ours against it.
type Errors = [f64; 3];

fn errors(case: &Case, folder: &str) -> Option<Errors> {
    let theirs = compare::array(folder, &case.array())?;
    let (samples, rate) = recording(folder);
    let recipe = recipe(case.preset);
    let exact = exact_rows(&recipe, &samples, rate);
    let ours = rows(&recipe, &samples, rate);
    let columns = (ours.columns, exact.columns);
    assert_eq!(columns, (theirs.columns, theirs.columns), "{folder} {}: columns", case.preset);
    let counts = (ours.numbers.len(), exact.numbers.len());
    assert_eq!(counts, (theirs.numbers.len(), counts.0), "{folder} {}: frames", case.preset);
    let error = |a, b| compare::error(case.scale, a, b);
    Some([error(&ours, &theirs), error(&theirs, &exact), error(&ours, &exact)])
}

const FOLDERS: [&str; 2] = ["speech16k", "speech8k"];

#[test]
fn presets_are_what_the_other_programs_compute() {
    for case in CASES {
        let mut compared = 0;
        for folder in FOLDERS {
            let Some([between, theirs, ours]) = errors(case, folder) else { continue };
            compared += 1;
            let name = format!("{folder} {}", case.preset);
            assert!(ours <= case.tolerance, "{name}: {ours:.1e} from exact arithmetic");
            // Two roundings cannot be nearer to each other than both are to the truth.
            let allowed = case.tolerance.max(2.0 * theirs);
            assert!(between <= allowed, "{name}: {between:.1e}, theirs {theirs:.1e} from exact");
        }
        assert!(compared > 0, "there is no array for {}", case.preset);
    }
}

#[test]
fn every_golden_array_is_compared() {
    for folder in FOLDERS {
        for name in compare::names(folder) {
            let pitch = name.starts_with("kaldi_pitch");
            let known = CASES.iter().any(|case| case.array() == name);
            assert!(known || pitch, "{folder} {name} is compared with nothing");
        }
    }
}

/// The deltas of a golden array's own base columns.
fn deltas_error(folder: &str, name: &str, convention: DeltaConvention) -> f64 {
    let expected = compare::array(folder, name).unwrap();
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
    compare::error(Scale::Cepstra, &Array { numbers, columns: expected.columns }, &expected)
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
    compare::error(Scale::Cepstra, &extract(config, samples), &exact)
}

#[test]
fn energies_of_clean_signals_are_as_near_as_their_depth_below_the_peak_allows() {
    for rate in [8000, 16_000] {
        for (name, samples) in clean(rate) {
            let errors = errors_by_depth(&samples, rate);
            let deepest = errors.iter().fold(0.0, |most: f64, (depth_db, _)| most.max(*depth_db));
            assert!(deepest > 20.0, "{name} has bins that are weak: {deepest:.0} dB");
            for (depth_db, error) in errors {
                let allowed = compare::allowed(depth_db);
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
    let mut page = String::from(compare::HEAD);
    let number = |x: f64| format!("{x:.0e}");
    for case in CASES {
        let (by, how) = compare::about("speech16k", &case.array());
        for folder in FOLDERS {
            let Some([between, theirs, ours]) = errors(case, folder) else { continue };
            let mut aliases = Recipe::preset_aliases();
            let shorter = match aliases.find(|(alias, _)| *alias == case.preset) {
                Some((_, preset)) => format!(", `{preset}`"),
                None => String::new(),
            };
            let rate = folder.trim_start_matches("speech").trim_end_matches('k');
            writeln!(
                page,
                "| `{}`{shorter} | {rate} kHz | {by} | {how} | {} | {} | {} | {} |",
                case.preset,
                case.scale.unit(),
                number(between),
                number(theirs),
                number(ours),
            )
            .unwrap();
        }
    }
    page.push_str(compare::CLEAN_HEAD);
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
    page.push_str(compare::DELTAS_HEAD);
    for (convention, name, key) in DELTAS {
        let (by, how) = compare::about("speech16k", name);
        let worst = FOLDERS.map(|folder| deltas_error(folder, name, key));
        let worst = number(worst[0].max(worst[1]));
        writeln!(page, "| `convention = {convention}` | {by} | {how} | {worst} |").unwrap();
    }
    page.push_str(compare::TAIL);
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
        "docs/parity.md is out of date; OSSICLE_WRITE_PARITY=1 cargo test -p ossicle-engine \
         --test parity writes it"
    );
}
