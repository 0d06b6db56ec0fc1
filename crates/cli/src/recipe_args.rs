//! The options that say what to compute.

use std::path::PathBuf;

use clap::Args;

use crate::argument::seconds;

/// What to compute.
#[derive(Debug, Clone, Default, Args)]
pub(crate) struct RecipeArgs {
    /// What to compute: a preset (see `ossicle presets`)
    #[arg(long, value_name = "NAME")]
    pub(crate) preset: Option<String>,

    /// What to compute: a recipe in TOML, a model's own file (preprocessor_config.json, NeMo's or ESPnet's YAML,
    /// am.mvn, Kaldi's conf/*.conf, lhotse's, HTK's), or a dataset, whose recipe is used again
    #[arg(long, value_name = "FILE|DATASET", conflicts_with = "preset")]
    pub(crate) recipe: Option<PathBuf>,

    /// What to compute: a recipe's text. A program has it, and no command line.
    #[arg(skip)]
    pub(crate) text: Option<String>,

    /// Change a key of the recipe, for example feature.num_mel_bins=80; an empty value removes it, and
    /// `normalize=` a whole table (may be repeated)
    #[arg(long, value_name = "KEY=VALUE")]
    pub(crate) set: Vec<String>,

    /// How headerless recordings are encoded, for example s16le
    #[arg(long, value_name = "ENCODING")]
    pub(crate) raw_encoding: Option<String>,

    /// The sample rate of headerless recordings
    #[arg(long, value_name = "HZ")]
    pub(crate) sample_rate: Option<u32>,

    /// Utterances that last less than this are bad
    #[arg(long, value_name = "SECONDS", allow_negative_numbers = true, value_parser = seconds)]
    pub(crate) min_duration: Option<f64>,

    /// Recordings that last longer than this are bad
    #[arg(long, value_name = "SECONDS", allow_negative_numbers = true, value_parser = seconds)]
    pub(crate) max_duration: Option<f64>,
}

impl RecipeArgs {
    /// Returns whether they say what to compute.
    pub(crate) fn says_what(&self) -> bool {
        self.preset.is_some() || self.recipe.is_some() || self.text.is_some()
    }
}
