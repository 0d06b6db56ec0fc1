//! A model's own file gives the recipe that it should, and what is not known of it is named.

use std::fs;
use std::path::PathBuf;

use ossicle_recipe::{Recipe, RecipeError, RecipeSource, foreign_recipe};
use proptest::prelude::*;

fn fixture(name: &str) -> PathBuf {
    [env!("CARGO_MANIFEST_DIR"), "tests/fixtures/foreign", name].iter().collect()
}

fn text(name: &str) -> String {
    fs::read_to_string(fixture(name)).unwrap()
}

/// Translates a text, with the fixtures beside it.
fn translated(name: &str, text: &str) -> Result<Option<Recipe>, RecipeError> {
    let mut beside = |file: &str| {
        let last = file.rsplit('/').next().unwrap();
        fs::read(fixture(last)).ok()
    };
    let Some(foreign) = foreign_recipe(name, text, &mut beside)? else { return Ok(None) };
    assert!(foreign.toml.starts_with("# Translated from "), "{}", foreign.toml);
    let source: RecipeSource = foreign.toml.parse().unwrap();
    Ok(Some(source.finish().unwrap()))
}

fn recipe(name: &str) -> Recipe {
    translated(name, &text(name)).unwrap().unwrap()
}

#[test]
fn every_configuration_is_the_preset_that_it_should_be() {
    for (name, preset) in [
        ("whisper-80.json", "whisper-80"),
        ("whisper-128.json", "whisper-128"),
        ("qwen3-asr.json", "whisper-128"),
        ("voxtral-realtime.json", "voxtral-realtime128"),
        ("parakeet.json", "nemo-mel80-norm"),
        ("parakeet128.json", "nemo-mel128-norm"),
        ("seamless.json", "seamless80-stride2"),
        ("speech2text.json", "speech2text80"),
        ("ast.json", "ast128"),
        ("speecht5.json", "speecht5-mel80"),
        ("clap-fusion.json", "clap-48k"),
        ("clap-rand.json", "clap-48k-slaney"),
        ("univnet.json", "bigvgan-mel100"),
        ("wav2vec2.json", "wav2vec2-wave"),
        ("gemma3n.json", "gemma3n-mel128"),
        ("gemma4.json", "gemma4-mel128"),
        ("phi4.json", "phi4-mel80"),
        ("nemotron.json", "nemo-mel80"),
        ("moss.json", "whisper-80"),
        ("dots3-note.json", "whisper-128"),
        ("nemo.yaml", "nemo-mel80-norm"),
        ("espnet.yaml", "espnet-logmel80-hop160-mvn"),
        ("lhotse.yaml", "lhotse-fbank"),
        ("fbank.conf", "funasr-fbank80"),
        ("mfcc_hires.conf", "kaldi-mfcc-hires"),
    ] {
        assert_eq!(recipe(name).preset_name(), Some(preset), "{name}");
    }
}

#[test]
fn every_fixture_of_a_known_class_is_translated() {
    let mut count = 0;
    for entry in fs::read_dir(fixture("")).unwrap() {
        let name = entry.unwrap().file_name().into_string().unwrap();
        if name.ends_with(".json") && name != "encodec.json" {
            assert!(recipe(&name).example_rate_hz() > 0, "{name}");
            count += 1;
        }
    }
    assert!(count >= 26, "{count}");
}

#[test]
fn every_preset_is_known_by_its_rows_and_is_no_foreign_file() {
    for name in Recipe::preset_names() {
        let text = Recipe::preset(name).unwrap();
        assert_eq!(translated(name, text).unwrap(), None, "{name}");
        let recipe = text.parse::<RecipeSource>().unwrap().finish().unwrap();
        let found = recipe.preset_name().unwrap();
        let same =
            Recipe::preset(found).unwrap().parse::<RecipeSource>().unwrap().finish().unwrap();
        let rate = recipe.example_rate_hz();
        assert_eq!(recipe.feature_configs(rate), same.feature_configs(rate), "{name} and {found}");
        assert_eq!((recipe.wide(), recipe.splice()), (same.wide(), same.splice()));
        assert_eq!(recipe.normalize(), same.normalize());
    }
}

/// Keys of the `preprocessor_config.json` of SpeechT5's published models, which later versions no longer write.
const SPEECHT5_OF_2023: &str = "\"frame_signal_scale\": 1.0, \"n_fft\": 1024, \"n_freqs\": 513, \
     \"reduction_factor\": 2, \"sample_size\": 1024, \"sample_stride\": 256,";

/// Those of LAION's CLAP.
const CLAP_OF_LAION: &str = "\"frequency_min\": 50, \"chunk_length_s\": 10, \"n_fft\": 1024, \
     \"nb_max_frames\": 1000";

#[test]
fn keys_change_what_they_change_in_the_program() {
    let with = |name: &str, from: &str, to: &str| {
        let text = text(name);
        assert!(text.contains(from), "{name} has no {from}");
        translated(name, &text.replace(from, to)).unwrap().unwrap()
    };
    let base = |preset: &str, sets: &[&str]| {
        let mut source: RecipeSource = Recipe::preset(preset).unwrap().parse().unwrap();
        sets.iter().for_each(|set| source.set(set).unwrap());
        source.finish().unwrap()
    };
    let list = format!("{:?}", (0..128).map(|bin| f64::from(bin) / 8.0).collect::<Vec<f64>>());
    let (nested, means) =
        (format!("\"per_bin_mean\": [[{list}]]"), format!("normalize.means={list}"));
    for (found, preset, sets) in [
        (with("seamless.json", "\"stride\": 2", "\"stride\": 1"), "seamless80-stride1", &[][..]),
        (with("ast.json", "\"std\": 4.5689974", "\"std\": 2.0"), "ast128", &["normalize.stds=4.0"]),
        (
            with("ast.json", "\"do_normalize\": true", "\"do_normalize\": false"),
            "ast128-nonorm",
            &[],
        ),
        (
            with("whisper-80.json", "\"feature_size\": 80", "\"feature_size\": 40"),
            "whisper-80",
            &["feature.num_mel_bins=40"],
        ),
        (with("nemo.yaml", "\"per_feature\"", "NA"), "nemo-mel80", &[]),
        (
            with("nemo.yaml", "\"per_feature\"", "all_features"),
            "nemo-mel80-norm",
            &["normalize.columns=together"],
        ),
        (with("nemo.yaml", "features: 80", "features: 128"), "nemo-mel128-norm", &[]),
        (with("espnet.yaml", "utterance_mvn", "null"), "espnet-logmel80-hop160", &[]),
        (with("espnet.yaml", "hop_length: 160", "hop_length: null"), "espnet-logmel80-mvn", &[]),
        (
            with("espnet.yaml", "normalize_conf: {}", "normalize_conf: {norm_vars: true}"),
            "espnet-logmel80-hop160",
            &["normalize.scope=utterance", "normalize.std_floor=1e-20"],
        ),
        (with("fbank.conf", "--window-type=hamming", "--window-type=povey"), "kaldi-fbank80", &[]),
        (
            with("mfcc_hires.conf", "--use-energy=false", "--dither=1.0\n--raw-energy=false"),
            "kaldi-mfcc-hires",
            &["feature.dither=1", "feature.use_energy=true", "feature.energy_of=windowed"],
        ),
        (
            with("lhotse.yaml", "snip_edges: false", "snip_edges: true"),
            "lhotse-fbank",
            &["frames.edges=snip"],
        ),
        (
            with("wav2vec2.json", "\"do_normalize\": true", "\"do_normalize\": false"),
            "wav2vec2-wave",
            &["normalize="],
        ),
        (
            with("gemma3n.json", "\"frame_length\": 512", "\"frame_length_ms\": 20.0"),
            "gemma3n-mel128",
            &["frames.length=321samples", "feature.window_length=320", "feature.n_fft=1024"],
        ),
        (
            with("gemma4.json", "\"fft_length\": 512", "\"fft_length\": 1024"),
            "gemma4-mel128",
            &["feature.n_fft=1024"],
        ),
        (
            with("gemma3n.json", "\"per_bin_mean\": null", &nested),
            "gemma3n-mel128",
            &["normalize.scope=constants", &means],
        ),
        (
            with("cohere.json", "\"dither\": 1e-05", "\"dither\": null"),
            "nemo-mel128-norm",
            &["feature.dither=1e-5"],
        ),
        (
            with("parakeet.json", "\"preemphasis\": 0.97", "\"preemphasis\": null"),
            "nemo-mel80-norm",
            &["feature.preemphasis=0"],
        ),
        (
            with(
                "voxtral-realtime.json",
                "\"global_log_mel_max\": 1.5",
                "\"sampling_rate\": 16000",
            ),
            "voxtral-realtime128",
            &[],
        ),
        (
            with(
                "voxtral-realtime.json",
                "\"global_log_mel_max\": 1.5",
                "\"global_log_mel_max\": null",
            ),
            "whisper-128",
            &[],
        ),
        (
            with("omniasr.json", "\"feature_size\": 1", "\"feature_size\": 1"),
            "wav2vec2-wave",
            &["normalize.eps=1e-5"],
        ),
        (
            with("granite.json", "\"n_mels\": 80", "\"n_mels\": 64"),
            "whisper-80",
            &[
                "frames.length=512samples",
                "frames.drop_last=false",
                "feature.n_fft=512",
                "feature.window_length=400",
                "feature.num_mel_bins=64",
                "feature.mel_scale=htk",
                "feature.mel_norm=peak",
                "splice.left=0",
                "splice.right=1",
                "splice.every=2",
                "splice.last=drop",
            ],
        ),
        // What the files of published models have besides.
        (
            with("seamless.json", "\"stride\"", "\"language_code\": [\"__eng__\"], \"stride\""),
            "seamless80-stride2",
            &[],
        ),
        (
            with("speecht5.json", "\"win_length\"", &format!("{SPEECHT5_OF_2023} \"win_length\"")),
            "speecht5-mel80",
            &[],
        ),
        (
            with("clap-fusion.json", "\"frequency_min\": 0", CLAP_OF_LAION),
            "clap-48k",
            &["feature.low_freq_hz=50.0"],
        ),
    ] {
        let expected = base(preset, sets);
        let rate = found.example_rate_hz();
        assert_eq!(
            found.feature_configs(rate),
            expected.feature_configs(rate),
            "{preset} {sets:?}"
        );
        assert_eq!((found.wide(), found.splice()), (expected.wide(), expected.splice()));
        assert_eq!(found.normalize(), expected.normalize(), "{preset} {sets:?}");
    }
    let htk = recipe("hcopy.conf");
    let expected = base("htk-mfcc", &[]);
    assert_eq!(htk.feature_configs(16_000), expected.feature_configs(16_000));
    assert_eq!(htk.audio().sample_rate_hz, Some(16_000));
}

#[test]
fn statistics_beside_a_configuration_are_its_constants() {
    let constants = |recipe: &Recipe, columns| recipe.normalize().unwrap().constants(columns);
    let espnet = recipe("espnet-global.yaml");
    let (means, stds) = constants(&espnet, 4).unwrap().unwrap();
    assert_eq!(means, [1.0, 2.0, -0.5, 0.0]);
    // The last is raised to 1e-20 before its root is taken.
    assert_eq!(stds, [1.0, 2.0, 0.5, 1e-10]);
    let numbers = |layer: &str| -> Vec<f64> {
        let text = text("am.mvn");
        let list = text.split(layer).nth(1).unwrap().split('[').nth(1).unwrap();
        list.split(']').next().unwrap().split_whitespace().map(|n| n.parse().unwrap()).collect()
    };
    for name in ["funasr.yaml", "am.mvn"] {
        let funasr = recipe(name);
        let (means, stds) = constants(&funasr, 560).unwrap().unwrap();
        let (shifts, scales) = (numbers("<AddShift>"), numbers("<Rescale>"));
        for column in 0..560 {
            assert_eq!(means[column], -shifts[column]);
            assert!((stds[column] * scales[column] - 1.0).abs() < 1e-15);
        }
        let lfr = Recipe::preset("funasr-lfr").unwrap().parse::<RecipeSource>().unwrap();
        let lfr = lfr.finish().unwrap();
        assert_eq!(funasr.feature_configs(16_000), lfr.feature_configs(16_000));
        // They are of spliced columns.
        assert_eq!(funasr.wide().splice, lfr.splice());
    }
    let none = foreign_recipe("config.yaml", &text("espnet-global.yaml"), &mut |_| None);
    let error = none.unwrap_err().to_string();
    assert!(error.contains("feats_stats.npz") && error.contains("beside"), "{error}");
}

#[test]
fn what_is_not_known_is_named() {
    for (name, from, to, words) in [
        ("whisper-80.json", "\"hop_length\"", "\"hop_lenth\"", "unknown key `hop_lenth`"),
        (
            "seamless.json",
            "\"stride\": 2",
            "\"stride\": 2, \"magic\": 3, \"other\": 1",
            "`magic`, `other`",
        ),
        ("nemo.yaml", "frame_splicing: 1", "frame_splicing: 2", "frame_splicing is 2"),
        ("nemo.yaml", "window: \"hann\"", "window: \"bartlett\"", "\"bartlett\"; it may be"),
        ("nemo.yaml", "n_fft: 512", "n_fft: 512\n  wobble: 1", "unknown key `wobble`"),
        (
            "nemo.yaml",
            "AudioToMelSpectrogramPreprocessor",
            "AudioToMFCCPreprocessor",
            "AudioToMFCC",
        ),
        ("espnet.yaml", "n_fft: 512", "n_fft: 512\n    wobble: 1", "unknown key `wobble`"),
        ("espnet.yaml", "frontend: default", "frontend: s3prl", "\"s3prl\""),
        ("espnet.yaml", "utterance_mvn", "magic_mvn", "\"magic_mvn\""),
        ("funasr.yaml", "lfr_m: 7", "lfr_q: 7", "unknown key `lfr_q`"),
        ("lhotse.yaml", "kaldi-fbank", "opensmile", "\"opensmile\""),
        ("lhotse.yaml", "low_freq", "lowest_freq", "unknown key `lowest_freq`"),
        ("fbank.conf", "--num-mel-bins", "--num-bins", "unknown key `num-bins`"),
        ("fbank.conf", "=80", "=many", "num-mel-bins is \"many\"; it must be a number"),
        ("hcopy.conf", "NUMCHANS", "NUMCHAN", "unknown key `NUMCHAN`"),
        ("hcopy.conf", "MFCC_0", "LPC_0", "\"LPC_0\""),
        ("am.mvn", "<Rescale>", "<Other>", "<Rescale>"),
        ("encodec.json", "a", "a", "EncodecFeatureExtractor: it is not known"),
        ("nemotron.json", "\"float32\"", "\"bfloat16\"", "mel_filters_dtype is \"bfloat16\""),
        ("granite.json", "\"n_mels\"", "\"n_mel\"", "melspec_kwargs: unknown key `n_mel`"),
        ("whisper-80.json", "\"n_fft\": 400", "\"n_fft\": 0", "n_fft is 0"),
    ] {
        let text = text(name);
        assert!(text.contains(from), "{name} has no {from}");
        let error = translated(name, &text.replace(from, to)).unwrap_err().to_string();
        assert!(error.contains(words), "{name}: {error}");
    }
    let unnamed = translated("x.conf", "--dither=0\n").unwrap_err().to_string();
    assert!(unnamed.contains("call the file fbank.conf"), "{unnamed}");
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 400, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn no_bytes_make_it_panic(
        which in 0_usize..9, at in any::<prop::sample::Index>(), with in ".{0,6}", cut in any::<bool>(),
    ) {
        let names = [
            "whisper-80.json", "nemo.yaml", "espnet-global.yaml", "funasr.yaml", "am.mvn", "lhotse.yaml",
            "mfcc_hires.conf", "hcopy.conf", "ast.json",
        ];
        let mut text = text(names[which]);
        text.truncate(4000);
        let at = at.index(text.len());
        prop_assume!(text.is_char_boundary(at));
        if cut { text.truncate(at) } else { text.insert_str(at, &with) }
        let mut beside = |_: &str| Some(text.clone().into_bytes());
        let _ = foreign_recipe(names[which], &text, &mut beside);
    }

    #[test]
    fn no_statistics_make_it_panic(at in any::<prop::sample::Index>(), byte: u8, cut in any::<bool>()) {
        let mut bytes = fs::read(fixture("feats_stats.npz")).unwrap();
        let at = at.index(bytes.len());
        if cut { bytes.truncate(at) } else { bytes[at] = byte }
        let _ = foreign_recipe("c.yaml", &text("espnet-global.yaml"), &mut |_| Some(bytes.clone()));
    }
}
