//! The presets are what they are named after.

use ossicle_audio::Channel;
use ossicle_dsp::spikes::{GammatoneConfig, PursuitConfig, SpikegramConfig};
use ossicle_dsp::{Columns, FeatureConfig};
use ossicle_recipe::{ChannelChoice, Feature, Recipe, RecipeSource};

fn preset(name: &str) -> RecipeSource {
    Recipe::preset(name).unwrap().parse().unwrap()
}

#[test]
fn presets_are_the_features_of_the_same_name() {
    type Preset = (&'static str, fn(u32) -> FeatureConfig);
    // Those that have none of these are compared with their programs alone: `ossicle-engine`'s tests of parity.
    let presets: [Preset; 18] = [
        ("timit-mfcc", FeatureConfig::timit_mfcc),
        ("timit-mel", FeatureConfig::timit_mel),
        ("timit-spectrogram", FeatureConfig::timit_spectrogram),
        ("kaldi-fbank", FeatureConfig::kaldi_fbank),
        ("kaldi-mfcc", FeatureConfig::kaldi_mfcc),
        ("kaldi-mfcc-hires", FeatureConfig::kaldi_mfcc_hires),
        ("kaldi-plp", FeatureConfig::kaldi_plp),
        ("kaldi-spectrogram", FeatureConfig::kaldi_spectrogram),
        ("lhotse-fbank", FeatureConfig::lhotse_fbank),
        ("librosa-mel", FeatureConfig::librosa_mel),
        ("librosa-mfcc", FeatureConfig::librosa_mfcc),
        ("torchaudio-mel", FeatureConfig::torchaudio_mel),
        ("torchaudio-mfcc", FeatureConfig::torchaudio_mfcc),
        ("whisper-80", |rate| FeatureConfig::whisper(rate, 80)),
        ("whisper-128", |rate| FeatureConfig::whisper(rate, 128)),
        ("psf-mfcc", FeatureConfig::psf_mfcc),
        ("psf-logfbank", FeatureConfig::psf_logfbank),
        ("htk-mfcc", FeatureConfig::htk_mfcc),
    ];
    for (name, config) in presets {
        for rate in [8000, 11_025, 16_000, 22_050, 24_000, 32_000, 44_100, 48_000] {
            let mut expected = config(rate);
            if let Columns::Mel(mel) = &mut expected.columns {
                mel.high_freq_hz.get_or_insert(f64::from(rate) / 2.0);
            }
            let recipe = preset(name).finish().unwrap();
            assert_eq!(recipe.feature_configs(rate), [expected], "{name}");
        }
    }
}

fn spikegram(source: RecipeSource, sample_rate_hz: u32) -> SpikegramConfig {
    let recipe = source.finish().unwrap();
    let feature = recipe.features()[0].spikegram().unwrap();
    feature.config(&recipe.streams()[0].recordings(sample_rate_hz))
}

#[test]
fn the_spikegram_is_that_of_the_dictionary() {
    for rate in [8000, 16_000, 48_000] {
        let config = spikegram(preset("timit-spikegram"), rate);
        assert_eq!(config.gammatones, GammatoneConfig::new(rate));
        assert_eq!(config.pursuit, PursuitConfig::snr_db(20.0));
    }
    let mut source = preset("timit-spikegram");
    source.set("feature.max_spikes_per_s=500").unwrap();
    let config = spikegram(source, 16_000);
    // One end is enough.
    assert_eq!((config.pursuit.snr_db, config.pursuit.max_spikes_per_s), (None, Some(500.0)));
}

#[test]
fn presets_and_their_further_names_are_told_apart() {
    let names: Vec<&str> = Recipe::preset_names().collect();
    assert!(names.is_sorted() && names.windows(2).all(|pair| pair[0] != pair[1]));
    for (alias, name) in Recipe::preset_aliases() {
        assert!(names.contains(&name) && !names.contains(&alias), "{alias}");
        assert_eq!(Recipe::preset(alias), Recipe::preset(name));
    }
}

#[test]
fn a_recipe_reads_back_from_its_own_toml_and_json() {
    for name in Recipe::preset_names() {
        let recipe = preset(name).finish().unwrap();
        let again = recipe.to_toml().parse::<RecipeSource>().unwrap().finish().unwrap();
        assert_eq!((&again, again.to_toml()), (&recipe, recipe.to_toml()), "{name}");
        let json = serde_json::to_string(&recipe).unwrap();
        assert_eq!(serde_json::from_str::<Recipe>(&json).unwrap(), recipe, "{name}");
    }
}

#[test]
fn keys_can_be_set_by_table_and_by_name() {
    let mut source = preset("timit-mfcc");
    for assignment in [
        "feature.num_mel_bins=80",
        "features.num_ceps = 13",
        "labels.at=walk-2019",
        "audio.channel=1",
        "frames.shift=5ms",
        "feature.top_db=",
        "normalize.stats_from=all",
    ] {
        source.set(assignment).unwrap();
    }
    let recipe = source.finish().unwrap();
    let Feature::Mfcc(mfcc) = &recipe.features()[0] else { panic!("{recipe:?}") };
    assert_eq!((mfcc.filters.num_mel_bins, mfcc.cepstra.num_ceps), (80, 13));
    assert_eq!(mfcc.compression.top_db, None);
    assert_eq!(recipe.labels()[0].at, ossicle_corpus::LabelAt::Walk2019);
    assert_eq!(recipe.audio().channel, ChannelChoice::Of(Channel::Index(1)));
    assert_eq!(recipe.frames(8000).shift, 40);
}

#[test]
fn recipes_are_equal_if_they_mean_the_same() {
    let with = |set: &str| {
        let mut source = preset("kaldi-mfcc");
        source.set(set).unwrap();
        source.finish().unwrap()
    };
    let plain = preset("kaldi-mfcc").finish().unwrap();
    // What an older text says, and what it does not say yet.
    for set in ["feature.mel_norm=", "feature.mel_norm=peak", "feature.log_factor=1"] {
        assert_eq!(with(set), plain, "{set}");
    }
    assert_ne!(with("feature.mel_norm=area"), plain);
    assert_ne!(with("feature.log_factor=2"), plain);
    assert_ne!(with("audio.channel=mix"), plain);
}
