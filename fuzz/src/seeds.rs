//! Where each target begins: small inputs of every form that its reader knows.

use std::fs;
use std::path::Path;

use ossicle_audio::RawEncoding;
use ossicle_dataset::{Dtype, NpyHeader};
use ossicle_recipe::Recipe;

use crate::card::sealed;

// The writer of the tests of `ossicle-audio`, so that every container is known in one place.
#[path = "../../crates/audio/tests/conformance/writer.rs"]
#[allow(dead_code, unreachable_pub, reason = "the tests use the rest of it")]
mod writer;

/// The environment variable that names the folder to write seeds to.
const FOLDER: &str = "OSSICLE_FUZZ_SEEDS";

/// Writes the seeds of a target to the folder that the environment names, if it names one.
///
/// # Panics
/// If they cannot be written, or there is no such target.
pub fn write(target: &str) {
    let Some(folder) = std::env::var_os(FOLDER) else { return };
    for (number, bytes) in of(target).iter().enumerate() {
        let path = Path::new(&folder).join(format!("seed-{number:03}"));
        fs::write(path, bytes).expect("the folder for seeds can be written to");
    }
}

fn of(target: &str) -> Vec<Vec<u8>> {
    let texts = |texts: &[&str]| texts.iter().map(|text| text.as_bytes().to_vec()).collect();
    match target {
        "alignment" => alignments(),
        "audio" => audio(),
        "card" => vec![sealed(CARD).into_bytes()],
        "description" => descriptions(),
        "label_map" => texts(&["h# sil\nsh sh\n\n# a comment\nq -\nzh sh\n"]),
        "list" => texts(&["a.wav\r\n./b/c.flac\n../d.wav\n/e/f.wav\n", "sph2pipe a.sph |\n"]),
        "master" => masters(),
        "npy" => npy(),
        "parquet" => parquet(),
        "part" => texts(&[PART]),
        "raw_audio" => raw_audio(),
        "recipe" => recipes(),
        "rows" => texts(&[UTTERANCE, FAILURE]),
        "splits" => texts(&["mary/ train\njohn/a b test\n# a comment\nCargo valid\n"]),
        _ => panic!("{target} has no seeds"),
    }
}

/// The alignments that the tests of `ossicle-corpus` have, of every format.
fn alignments() -> Vec<Vec<u8>> {
    let formats = concat!(env!("CARGO_MANIFEST_DIR"), "/../crates/corpus/tests/fixtures/formats");
    let mut seeds = vec![b"\xef\xbb\xbf\r\n7 9 iy\r\n\n12\t20 q".to_vec()];
    for folder in ["textgrid", "labels"] {
        let entries = fs::read_dir(Path::new(formats).join(folder)).expect("fixtures");
        for entry in entries {
            let path = entry.expect("an entry of a folder").path();
            seeds.push(fs::read(path).expect("a fixture"));
        }
    }
    seeds
}

/// Those of the tests of `ossicle-corpus`, of every encoding and compression.
fn parquet() -> Vec<Vec<u8>> {
    let folder =
        concat!(env!("CARGO_MANIFEST_DIR"), "/../crates/corpus/tests/fixtures/formats/parquet");
    let entries = fs::read_dir(folder).expect("fixtures").map(|entry| entry.expect("an entry"));
    let tables = entries
        .map(|entry| entry.path())
        .filter(|path| path.extension().is_some_and(|extension| extension == "parquet"));
    tables.map(|path| fs::read(path).expect("a fixture")).collect()
}

/// The descriptions that the tests of `ossicle-corpus` have, of every format.
fn descriptions() -> Vec<Vec<u8>> {
    let formats = concat!(env!("CARGO_MANIFEST_DIR"), "/../crates/corpus/tests/fixtures/formats");
    let mut seeds = Vec::new();
    for folder in ["kaldi_data", "kaldi_data/segmented", "lhotse", "manifests", "webdataset"] {
        let entries = fs::read_dir(Path::new(formats).join(folder)).expect("fixtures");
        let paths = entries.map(|entry| entry.expect("an entry of a folder").path());
        for path in paths.filter(|path| path.is_file()) {
            seeds.push(fs::read(path).expect("a fixture"));
        }
    }
    seeds
}

/// Alignments of several recordings in one file.
fn masters() -> Vec<Vec<u8>> {
    let mlf = "#!MLF!#\n\"*/a.lab\"\n0 100000 sil\n100000 200000 sh\n.\n\"voicea-0001.rec\"\n0 1 a\n.\n";
    let ctm = ";; a comment\na 1 0.1 0.2 one 0.9\nvoicea-0001 A 0 0.5 two\n";
    let table = "file,start,end,label\na,0,0.5,one\nvoicea-0001,0.1,0.2,two\n";
    [mlf, ctm, table].map(|text| text.as_bytes().to_vec()).to_vec()
}

fn audio() -> Vec<Vec<u8>> {
    let mut files = Vec::new();
    for wrapping in writer::Wrapping::ALL {
        for encoding in RawEncoding::ALL {
            for channels in [1, 2] {
                let values = writer::known_values(encoding, 12 * usize::from(channels));
                let data = writer::stored(encoding, &values);
                files.extend(wrapping.file(encoding, channels, 16_000, &data));
            }
        }
    }
    // Of every codec a small file.
    let fixtures = Path::new(env!("CARGO_MANIFEST_DIR")).join("../crates/audio/tests/fixtures");
    for name in [
        "aac.aac",
        "aac_stereo.m4a",
        "alac16.caf",
        "flac16.ogg",
        "id3.mp3",
        "ima_adpcm_ffmpeg.wav",
        "ms_adpcm_ffmpeg.wav",
        "shorten_lpc.sph",
        "shorten_ulaw.sph",
        "vorbis_stereo.ogg",
    ] {
        files.push(fs::read(fixtures.join(name)).expect("the fixtures of ossicle-audio"));
    }
    let flac = fs::read(fixtures.join("flac24.flac")).expect("the fixtures of ossicle-audio");
    files.push(flac[..8000].to_vec());
    files
}

fn raw_audio() -> Vec<Vec<u8>> {
    let file = |(number, encoding): (usize, RawEncoding)| {
        let data = writer::stored(encoding, &writer::known_values(encoding, 12));
        [&[number as u8, 2, 255], &data[..]].concat()
    };
    RawEncoding::ALL.into_iter().enumerate().map(file).collect()
}

fn npy() -> Vec<Vec<u8>> {
    let array = |dtype: Dtype, shape: &[u64], data: Vec<u8>| {
        [NpyHeader { dtype, shape: shape.to_vec() }.to_bytes(), data].concat()
    };
    let index = [0, 0, 7, 1, 0, 2_i64].map(i64::to_le_bytes).concat();
    vec![
        array(Dtype::Int64, &[2, 3], index),
        array(Dtype::Float32, &[4, 5], [0.5_f32; 20].map(f32::to_le_bytes).concat()),
        array(Dtype::Int16, &[6], [-1_i16; 6].map(i16::to_le_bytes).concat()),
    ]
}

fn recipes() -> Vec<Vec<u8>> {
    let presets = Recipe::preset_names().filter_map(|name| Recipe::preset(name).ok());
    let changes = "\0feature.num_mel_bins=80\0labels.at=start\0normalize=\0frames.shift=5ms";
    presets.flat_map(|text| [text.to_owned(), text.to_owned() + changes]).map(Into::into).collect()
}

const UTTERANCE: &str = r#"{"id":"a","source":"a.wav","channel":"first","sample_rate_hz":16000,"start_sample":0,"end_sample":9000,"num_frames":54,"speaker":"mary","intervals":{"phones":[["sh",0,9000]]}}
{"id":"b","source":"b.wav","channel":"0","sample_rate_hz":8000,"start_sample":3,"end_sample":4,"num_frames":0,"speaker":null}
"#;

const FAILURE: &str = r#"{"id":"c","split":"train","source":"c.wav","stage":"decode","error":"holds 0 bytes"}
"#;

const CARD: &str = r#"{
  "format": "ossicle-dataset/1",
  "ossicle": "0.1.0",
  "recipe": {"feature": [{"kind": "mfcc", "low_freq_hz": 20.5}]},
  "job": "0",
  "arrays": {
    "features": {"dtype": "float32", "columns": 2, "column_names": ["a", "b"], "unit": "frame"},
    "labels": {"dtype": "int16", "columns": 0, "unit": "frame", "ignore_index": -1}
  },
  "frame": {"sample_rate_hz": 16000, "length": 400, "shift": 160, "first_centre": 200},
  "label_names": {"labels": ["sil", "sh"]},
  "normalization": {
    "features": {"stats_from": "train", "count": 3, "mean": [0.1], "standard_deviation": [1e-5]}
  },
  "corpus": {"kind": "folder", "fingerprint": "0", "left_out": 0},
  "splits": [
    {"name": "train", "utterances": 1, "frames": 3, "duration_s": 0.5, "failures": 0, "left_out": 0,
     "shards": 1}
  ],
  "files": [{"path": "train/index.npy", "bytes": 152, "blake3": "0"}],
"#;

/// A part of no utterance but a failed one: the row, and then the footer.
const PART: &str = "{}\n{\"job\":\"key\",\"sources\":\"\",\"rows\":[[]],\"failures\":1,\"samples\":{},\
    \"chunks_end\":0,\"moments_end\":0,\"utterances_end\":0,\"failures_end\":3,\"table_end\":3}";
