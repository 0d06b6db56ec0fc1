//! `htk-mfcc` and its relatives against the files that HTK 3.4's HCopy made.
//!
//! Those files are not ours to hand on: they are those of Kaldi's own tests (`src/feat/test_data`).
//! With `OSSICLE_HTK_DIR` naming a folder that has them,
//! `cargo test -p ossicle-dsp --test htk -- --ignored --nocapture` compares, and with
//! `OSSICLE_WRITE_PARITY=1` writes `docs/parity-htk.md`.
#![expect(clippy::unwrap_used, reason = "helpers of tests")]

use std::fmt::Write;
use std::fs;
use std::path::PathBuf;

use ossicle_dsp::{
    Around, C0, Cepstra, Columns, Compression, Deltas, Energy, EnergyOf, EnergyPlace, Extractor,
    FeatureConfig, Level, LinearPrediction, MelConfig, Preemphasis, Scratch, Spectrum, Vtln,
    VtlnShape, Widen,
};

fn read(file: &str) -> Vec<u8> {
    let folder = std::env::var("OSSICLE_HTK_DIR").expect("OSSICLE_HTK_DIR names HTK's files");
    let path = PathBuf::from(folder).join(file);
    fs::read(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

/// Samples of ±1.0, of a 16-bit mono WAVE file with a 44-byte header.
fn samples() -> Vec<f32> {
    let bytes = read("test.wav");
    assert_eq!(&bytes[36..40], b"data", "a plain header");
    let samples = bytes[44..].as_chunks().0.iter().map(|&b| f32::from(i16::from_le_bytes(b)));
    samples.map(|s| s / 32768.0).collect()
}

/// The rows of an HTK parameter file: after 12 bytes, big-endian numbers.
fn array(file: &str) -> (Vec<f32>, usize) {
    let bytes = read(file);
    let row_bytes = u16::from_be_bytes(*bytes[8..].first_chunk().unwrap());
    let numbers = bytes[12..].as_chunks().0.iter().map(|&b| f32::from_be_bytes(b));
    (numbers.collect(), usize::from(row_bytes) / 4)
}

/// What the `.conf` files have in common: no pre-emphasis, powers, 23 filters.
fn common() -> FeatureConfig {
    let config = FeatureConfig {
        preemphasis: Preemphasis::None,
        spectrum: Spectrum::Power,
        ..FeatureConfig::htk_mfcc(16_000)
    };
    mel(config, |mel| mel.num_mel_bins = 23)
}

fn mel(mut config: FeatureConfig, change: impl FnOnce(&mut MelConfig)) -> FeatureConfig {
    if let Columns::Mel(mel) = &mut config.columns {
        change(mel);
    }
    config
}

fn fbank(low_freq_hz: f64, warp: Option<f64>) -> FeatureConfig {
    let config = mel(common(), |mel| {
        mel.low_freq_hz = low_freq_hz;
        mel.vtln = warp.map(vtln);
    });
    FeatureConfig { cepstra: None, ..config }
}

fn vtln(factor: f64) -> Vtln {
    Vtln { factor, low_hz: 100.0, high_hz: 7500.0, shape: VtlnShape::Htk }
}

/// `MFCC_E`: the log energy stands in the place of C0, last.
fn with_energy(preemphasis: f32, low_freq_hz: f64, warp: Option<f64>) -> FeatureConfig {
    let config = mel(common(), |mel| {
        mel.low_freq_hz = low_freq_hz;
        mel.vtln = warp.map(vtln);
    });
    FeatureConfig {
        preemphasis: Preemphasis::PerFrame(preemphasis),
        cepstra: config.cepstra.map(|cepstra| Cepstra { c0: C0::Dropped, ..cepstra }),
        energy: Some(Energy {
            of: EnergyOf::Raw,
            floor: f32::EPSILON,
            place: EnergyPlace::Last,
            normalization: None,
        }),
        ..config
    }
}

fn plp() -> FeatureConfig {
    let config = common();
    let prediction =
        LinearPrediction { floor: 1.0, compress_factor: 0.33, ..LinearPrediction::kaldi() };
    FeatureConfig {
        compression: Compression::Linear,
        cepstra: config
            .cepstra
            .map(|cepstra| Cepstra { linear_prediction: Some(prediction), ..cepstra }),
        ..config
    }
}

#[test]
#[ignore = "HTK's own files are not part of the project: OSSICLE_HTK_DIR says where they are"]
fn features_are_what_htk_computes() {
    let cases: [(&str, FeatureConfig, f32); 11] = [
        ("fbank_htk.1", fbank(0.0, None), 1e-3),
        ("fbank_htk.2", fbank(25.0, None), 1e-3),
        ("fbank_htk.3", fbank(25.0, Some(0.9)), 1e-3),
        ("fbank_htk.4", fbank(25.0, Some(1.1)), 1e-3),
        ("fea_htk.1", common(), 1e-3),
        ("fea_htk.2", with_energy(0.0, 0.0, None), 1e-3),
        ("fea_htk.3", with_energy(0.0, 20.0, None), 1e-3),
        ("fea_htk.4", with_energy(0.97, 0.0, None), 1e-3),
        ("fea_htk.5", with_energy(0.97, 0.0, Some(1.1)), 1e-3),
        (
            "fea_htk.6",
            mel(FeatureConfig { preemphasis: Preemphasis::PerFrame(0.97), ..common() }, |mel| {
                mel.num_mel_bins = 24;
                (mel.low_freq_hz, mel.high_freq_hz) = (125.0, Some(7800.0));
            }),
            1e-3,
        ),
        ("plp_htk.1", plp(), 1e-3),
    ];
    let samples = samples();
    let mut page = String::from(HEAD);
    for (name, config, tolerance) in cases {
        let extractor = Extractor::new(config, Level::detect()).unwrap();
        let (num_frames, dim) = (extractor.num_frames(samples.len()), extractor.dim());
        let mut base = vec![0.0; num_frames * dim];
        extractor.extract_into(&samples, &mut Scratch::default(), &mut base);
        let (expected, columns) = array(&format!("test.wav.{name}"));
        let deltas = Deltas::new(columns / dim - 1, 2).unwrap();
        let mut found = vec![0.0; num_frames * deltas.wide_dim(dim)];
        let (level, all) = (Level::detect(), 0..num_frames);
        deltas.widen_into(
            level,
            Around { base: &base, dim, rows: all, num_base: num_frames },
            &mut Vec::new(),
            &mut found,
        );
        assert_eq!(found.len(), expected.len(), "{name}: frames and columns");
        let errors = found.iter().zip(&expected).map(|(a, b)| (a - b).abs());
        let worst = errors.fold(0.0, f32::max);
        println!("{name}: {worst:.0e}");
        writeln!(page, "| `{}` | {columns} | {worst:.0e} |", configuration(name)).unwrap();
        assert!(worst <= tolerance, "{name}: {worst:.1e}");
    }
    if std::env::var_os("OSSICLE_WRITE_PARITY").is_some() {
        fs::write(concat!(env!("CARGO_MANIFEST_DIR"), "/../../docs/parity-htk.md"), page).unwrap();
    }
}

/// The `.conf` file that made an array.
fn configuration(array: &str) -> String {
    let number = &array[array.len() - 1..];
    match array {
        _ if array.starts_with("fbank") => format!("fbank{number}.conf"),
        _ if array.starts_with("fea") => format!("hcopy{number}.conf"),
        _ => format!("plp{number}.conf"),
    }
}

const HEAD: &str = "\
# How near HTK is

What HCopy of HTK 3.4 made of a recording, under eleven settings, is in Kaldi's own tests
(`src/feat/test_data`). Those files are not handed on here; `OSSICLE_HTK_DIR=FOLDER
OSSICLE_WRITE_PARITY=1 cargo test -p ossicle-dsp --test htk -- --ignored` reads them and writes this page.
The settings start from `htk-mfcc` with `spectrum = \"power\"` and 23 filters: `TARGETKIND` FBANK
(`fbank1` to `4`: also with `low_freq_hz = 25`, and with `vtln_shape = \"htk\"` at 0.9 and 1.1), MFCC_D_A
with C0 or the energy (`hcopy1` to `6`: with and without pre-emphasis, warped, and with 24 filters from 125
to 7800 Hz), PLP_D_A_0. Deltas are in HTK's convention.

| made by | columns | largest absolute error |
|---|---|---|
";
