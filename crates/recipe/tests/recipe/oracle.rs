//! Recipes are read as they were before: the same ones are refused, and the others come to the same.

use std::fmt::Debug;

use ossicle_recipe::{Recipe, RecipeSource};
use proptest::prelude::*;

use crate::old;

/// The extractions whose bytes must not change.
const UNCHANGED: &str = include_str!("../../../cli/tests/cli/unchanged/cases.rs");

fn read_old(text: &str, sets: &[String]) -> Result<old::Recipe, String> {
    let read = || {
        let mut source: old::RecipeSource = text.parse()?;
        sets.iter().try_for_each(|set| source.set(set))?;
        source.finish()
    };
    read().map_err(|error: old::RecipeError| error.to_string())
}

fn read_new(text: &str, sets: &[String]) -> Result<Recipe, String> {
    let read = || {
        let mut source: RecipeSource = text.parse()?;
        sets.iter().try_for_each(|set| source.set(set))?;
        source.finish()
    };
    read().map_err(|error: ossicle_recipe::RecipeError| error.to_string())
}

/// Reads it both ways and compares; returns whether it is a recipe.
#[track_caller]
fn compare(text: &str, sets: &[String]) -> bool {
    // Before, a mistake of the text was one even where a change mended it.
    if text.parse::<old::RecipeSource>().is_err() {
        assert!(read_new(text, &[]).is_err(), "{text}");
        return false;
    }
    match (read_old(text, sets), read_new(text, sets)) {
        (Ok(before), Ok(now)) => {
            same(&before, &now);
            true
        }
        (Err(_), Err(_)) => false,
        (before, now) => panic!("{sets:?}\nbefore: {before:?}\nnow: {now:?}\n{text}"),
    }
}

#[track_caller]
fn same(before: &old::Recipe, now: &Recipe) {
    // What cards, jobs and keys of jobs hold.
    let card = serde_json::to_string(now).unwrap();
    assert_eq!(serde_json::to_string(before).unwrap(), card);
    assert_eq!(before.to_toml(), now.to_toml());
    assert_eq!(
        serde_json::to_value(before).unwrap().to_string(),
        serde_json::to_value(now).unwrap().to_string()
    );
    // JSON has no word for what is no number, which some keys may be.
    if !card.contains("null") {
        again(now, card);
    }
    for rate in [8000, 16_000, 44_100] {
        assert_eq!(before.frames(rate), now.frames(rate));
        assert_eq!(before.feature_configs(rate), now.feature_configs(rate));
        assert_same_words(&before.spikegram(rate), &now.spikegram(rate));
    }
    assert_eq!(before.base_columns(), now.base_columns());
    assert_eq!(before.feature_names(), now.feature_names());
    assert_eq!(before.usual_rate_hz(), now.usual_rate_hz());
    assert_eq!(
        (before.reads_spikes(), before.spikes_name()),
        (now.reads_spikes(), now.events_name())
    );
    assert_same_words(&before.raw_format(), &now.raw_format());
    assert_eq!(before.deltas().unwrap(), now.deltas());
    assert_eq!(before.splice().unwrap(), now.splice());
    assert_eq!(before.sliding().unwrap(), now.sliding());
    assert_eq!(before.vad().unwrap(), now.vad().map(|(_, vad)| vad));
    assert_eq!(before.audio.channel.0, now.audio().channel);
    assert_eq!(before.audio.max_duration_s, now.audio().max_duration_s);
}

/// What a card holds is read back as the same.
#[track_caller]
fn again(recipe: &Recipe, card: String) {
    let again: Recipe = serde_json::from_str(&card).unwrap();
    assert_eq!((serde_json::to_string(&again).unwrap(), &again), (card, recipe));
}

/// For values of types that are not the same.
#[track_caller]
fn assert_same_words(before: &impl Debug, now: &impl Debug) {
    assert_eq!(format!("{before:?}"), format!("{now:?}"));
}

#[test]
fn presets_are_read_as_before() {
    for name in Recipe::preset_names() {
        assert_eq!(Recipe::preset(name).unwrap(), old::Recipe::preset(name).unwrap());
        assert!(compare(Recipe::preset(name).unwrap(), &[]), "{name}");
    }
}

#[test]
fn recipes_whose_datasets_must_not_change_are_read_as_before() {
    let mut read = 0;
    for case in UNCHANGED.split("preset(").skip(1) {
        // The name, the corpus, the preset and the changes; the function that makes a case has none.
        let literals: Vec<&str> = case.split('"').skip(1).step_by(2).take(4).collect();
        let [_, _, preset, sets] = literals[..] else { continue };
        let Ok(text) = Recipe::preset(preset) else { continue };
        let sets: Vec<String> = sets.split_whitespace().map(str::to_owned).collect();
        let raw = ["audio.raw_encoding=s16le", "audio.raw_sample_rate_hz=16000"].map(str::to_owned);
        let is_raw = sets.iter().any(|set| set.starts_with("audio.raw"));
        let sets = if is_raw { [&raw[..], &sets].concat() } else { sets };
        assert!(compare(text, &sets), "{sets:?}");
        read += 1;
    }
    assert!(read > 80, "only {read} cases were found in the list of extractions");
    let recipes: Vec<_> = UNCHANGED.split("r#\"").skip(1).collect();
    assert_eq!(recipes.len(), 3);
    for recipe in recipes {
        assert!(compare(recipe.split("\"#").next().unwrap(), &[]), "{recipe}");
    }
}

/// Keys and some of their values, good ones and bad.
const KEYS: &[(&str, &str)] = &[
    ("audio.channel", "first mix 1 left 1.5 70000"),
    ("audio.max_duration_s", "1 0.5 x"),
    ("audio.raw_channels", "1 0 70000"),
    ("audio.raw_encoding", "s16le s17le 16"),
    ("audio.raw_sample_rate_hz", "8000 0"),
    ("audio.resample", "error hq"),
    ("audio.sample_rate_hz", "8000 44100 0 10000001 -1 1e3"),
    ("audio.scale", "unit int16 midpoint uint8"),
    ("deltas.convention", "htk kaldi savitzky-golay lhotse"),
    ("deltas.order", "0 1 3 999"),
    ("deltas.window", "0 2 1001"),
    ("feature.bins_per_column", "1 5 0"),
    ("feature.blackman_coeff", "0.4 2"),
    ("feature.block", "4096 0 1000"),
    ("feature.bottom", "1"),
    ("feature.c0", "first last dropped middle"),
    ("feature.cepstral_lifter", "0 22 -1"),
    ("feature.cepstral_scale", "1 10"),
    ("feature.compress_factor", "0.3 0"),
    ("feature.dither", "0 1 -1 inf"),
    ("feature.dither_seed", "7 -1 1.5"),
    ("feature.energy_floor", "0 1e-3"),
    ("feature.energy_of", "raw windowed spectrum"),
    ("feature.energy_place", "first last"),
    ("feature.energy_scale", "0.1"),
    ("feature.floor", "1e-5 0 -1 nan"),
    ("feature.floor_mode", "raise add zero"),
    ("feature.gammatone_bandwidth", "1 0"),
    ("feature.gammatone_length_s", "0.1 0"),
    ("feature.gammatone_order", "3 0 99"),
    ("feature.gammatone_phase", "1 inf"),
    ("feature.high_freq_hz", "3000 -400 0 1e9"),
    ("feature.keep_spikes", "true false yes"),
    ("feature.kind", "mfcc mel fbank plp spectrogram spikegram mfc 3"),
    ("feature.lifter_from", "zero one"),
    ("feature.log", "none ln log10 db pcen log2"),
    ("feature.log_factor", "0.25"),
    ("feature.log_offset", "4"),
    ("feature.low_freq_hz", "0 100 9000"),
    ("feature.lpc_order", "10 0 999"),
    ("feature.max_spikes_per_s", "100 0"),
    ("feature.mel_norm", "peak area"),
    ("feature.mel_scale", "htk slaney"),
    ("feature.mel_triangles", "hz mel htk bins"),
    ("feature.min_amplitude", "0.01 -1"),
    ("feature.n_fft", "512 400 0 power-of-two frame \"frame\" hop"),
    ("feature.name", "features a vad labels x-y 5"),
    ("feature.num_ceps", "13 0 200 \"13\""),
    ("feature.num_channels", "16 0"),
    ("feature.num_columns", "10 0"),
    ("feature.num_mel_bins", "23 0 40 many 1.5 -3"),
    ("feature.num_slots", "5 0"),
    ("feature.pcen_bias", "1"),
    ("feature.pcen_eps", "0 1e-3"),
    ("feature.pcen_gain", "0.5"),
    ("feature.pcen_input_scale", "1"),
    ("feature.pcen_power", "0.3"),
    ("feature.pcen_time_constant_s", "0.1 0"),
    ("feature.preemphasis", "0 0.97 2"),
    ("feature.preemphasis_of", "frame signal"),
    ("feature.relative_to_maximum", "true false"),
    ("feature.remove_dc_offset", "true false 1"),
    ("feature.scale", "unit int16"),
    ("feature.silence_floor_db", "40"),
    ("feature.skip_dc", "true false"),
    ("feature.snr_db", "10 -1"),
    ("feature.spectrum", "power magnitude power/n_fft energy"),
    ("feature.spikes_from", "audio files disk"),
    ("feature.top_db", "60 -1"),
    ("feature.use_energy", "true false"),
    ("feature.vtln_factor", "1 1.1 0"),
    ("feature.vtln_high_hz", "-300"),
    ("feature.vtln_low_hz", "50"),
    ("feature.vtln_shape", "kaldi htk"),
    ("feature.window", "povey hamming hamming-periodic hann hann-periodic blackman sine"),
    ("feature.window", "blackman-periodic rectangular hannn"),
    ("feature.window_length", "200 0 9999"),
    ("frames.drop_last", "true false"),
    ("frames.edges", "snip symmetric center pad-end same"),
    ("frames.length", "25ms 400samples 0ms 25 400"),
    ("frames.pad", "zero reflect edge"),
    ("frames.shift", "10ms 0samples 5000000000samples"),
    ("labels.at", "center start walk-2019 centre"),
    ("labels.crop", "true false"),
    ("labels.map", "timit-39 7"),
    ("labels.name", "labels features"),
    ("labels.tier", "phones words"),
    ("normalize.center", "true false"),
    ("normalize.cmn_window", "100 0"),
    ("normalize.mean", "true false"),
    ("normalize.min_cmn_window", "50 900"),
    ("normalize.scope", "corpus speaker utterance sliding global"),
    ("normalize.stats_from", "all train"),
    ("normalize.variance", "true false"),
    ("normalize.zero_std", "1e-5 0 -1 nan inf"),
    ("output.format", "npy ark"),
    ("output.shard_bytes", "65536 1 -1"),
    ("splice.left", "1 0 9999"),
    ("splice.right", "2 -1"),
    ("vad.energy_mean_scale", "0.5 -1"),
    ("vad.energy_threshold", "5.5 nan"),
    ("vad.frames_context", "2 -1"),
    ("vad.name", "speech features"),
    ("vad.proportion_threshold", "0.6 0 1 2"),
    ("visual.rate", "25"),
];

/// A change of a key, which one time in ten removes it.
fn assignment() -> impl Strategy<Value = String> {
    let choose = (0..KEYS.len(), any::<prop::sample::Index>(), 0..10);
    choose.prop_map(|(key, value, removes)| {
        let (key, values) = KEYS[key];
        let values: Vec<&str> = values.split(' ').collect();
        let value = if removes == 0 { "" } else { values[value.index(values.len())] };
        format!("{key}={value}")
    })
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(3000) })]

    #[test]
    fn presets_with_changes_are_read_as_before(
        preset in 0..19_usize,
        sets in proptest::collection::vec(assignment(), 0..5),
    ) {
        let name = Recipe::preset_names().nth(preset).unwrap();
        compare(Recipe::preset(name).unwrap(), &sets);
    }

    /// One change at a time is refused less often than several.
    #[test]
    fn presets_with_one_change_are_read_as_before(preset in 0..19_usize, set in assignment()) {
        let name = Recipe::preset_names().nth(preset).unwrap();
        compare(Recipe::preset(name).unwrap(), &[set]);
    }

    /// A line that is missing, twice there, or cut.
    #[test]
    fn texts_with_mistakes_are_read_as_before(
        preset in 0..19_usize,
        line in any::<prop::sample::Index>(),
        does in 0..3,
    ) {
        let text = Recipe::preset(Recipe::preset_names().nth(preset).unwrap()).unwrap();
        let mut lines: Vec<&str> = text.lines().collect();
        let at = line.index(lines.len());
        match does {
            0 => drop(lines.remove(at)),
            1 => lines.insert(at, lines[at]),
            _ => {
                let chars = lines[at].char_indices();
                let half = chars.map(|(i, _)| i).nth(lines[at].chars().count() / 2);
                lines[at] = &lines[at][..half.unwrap_or(0)];
            }
        }
        compare(&lines.join("\n"), &[]);
    }
}

#[test]
fn defaults_are_what_absent_keys_gave_before() {
    // Keys alone, so that nothing but defaults is computed with.
    for kind in [
        "kind = \"mel\"\nnum_mel_bins = 20",
        "kind = \"mel\"\nnum_mel_bins = 20\nlog = \"pcen\"\nvtln_factor = 1.1",
        "kind = \"mel\"\nnum_mel_bins = 20\nlog = \"ln\"\ndither = 1\npreemphasis = 0.9",
        "kind = \"mfcc\"\nnum_mel_bins = 20\nnum_ceps = 13\nwindow = \"blackman\"",
        "kind = \"mfcc\"\nnum_mel_bins = 20\nnum_ceps = 13\nuse_energy = true\nenergy_scale = 0.1",
        "kind = \"plp\"\nnum_mel_bins = 20\nnum_ceps = 12",
        "kind = \"spectrogram\"",
        "kind = \"spikegram\"",
        "kind = \"spikegram\"\nspikes_from = \"files\"",
    ] {
        for tables in ["", "[vad]\n", "[normalize]\nscope = \"sliding\"\n", "[normalize]\n"] {
            let frames = "[frames]\nlength = \"25ms\"\nshift = \"10ms\"\n";
            let text = format!("{frames}{tables}[[feature]]\n{kind}\n");
            assert!(
                compare(&text, &[]) || (kind.contains("spike") && tables == "[vad]\n"),
                "{text}"
            );
        }
    }
}
