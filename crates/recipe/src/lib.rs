//! Turns a recipe's text into checked values: what to compute of a corpus.
//!
//! A recipe is written in TOML: `[audio]` and `[frames]` say how samples are cut, each `[[feature]]` what
//! is computed of a frame, the other tables what comes after. [`Recipe::preset`] gives the text of a named
//! one. A [`RecipeSource`] takes a text, changes single keys of it, and makes a [`Recipe`], once, which is
//! checked and cannot be changed any more:
//!
//! ```
//! use ossicle_recipe::{Recipe, RecipeSource};
//!
//! let mut source: RecipeSource = Recipe::preset("kaldi-fbank")?.parse()?;
//! source.set("feature.num_mel_bins=80")?;
//! let recipe = source.finish()?;
//! assert_eq!(recipe.feature_configs(16_000)[0].dim(), 80);
//!
//! let mistake = Recipe::preset("kaldi-fbank")?.replace("num_mel_bins", "num_mel_bin");
//! let error = mistake.parse::<RecipeSource>()?.finish().unwrap_err().to_string();
//! assert!(error.starts_with("line 20, column 1: unknown key `num_mel_bin`"), "{error}");
//! # Ok::<(), ossicle_recipe::RecipeError>(())
//! ```
//!
//! Every key is said once, in `tables` and `feature`: its type, what its absence means, and what it is for.
//! `docs/recipe.md` is made of that.
//!
//! Serialised, a recipe holds the keys that its text has, and is what a dataset's card holds; read back it
//! is checked again. No file is opened here.

mod advice;
mod columns;
mod draft;
mod dropped;
mod equal_preset;
mod error;
mod feature;
mod fields;
mod foreign;
mod hint;
mod keys;
mod misfit;
mod node;
mod presets;
mod recipe;
mod recipe_source;
mod reference;
mod stream;
mod tables;
mod words;

pub use advice::Advice;
pub use dropped::DroppedKey;
pub use error::{RecipeError, Wanted};
pub use feature::{
    ArrayKeys, BandKeys, BinKeys, CepstraKeys, CompressionKeys, EnergyKeys, EventFiles, Feature,
    FilterKeys, FloorKey, FloorOfPlp, FrontKeys, LifterFromKey, LinearPredictionKeys, LogKey,
    LogOfCepstra, LogOfColumns, MelFeature, MfccFeature, NFft, OwnFrames, PlpFeature,
    PreemphasisKey, Recordings, SampleKeys, SampleType, SpectrogramFeature, SpikeKeys,
    SpikegramFeature, SpikesFromKey, WaveformFeature, WindowKey,
};
pub use foreign::{Beside, ForeignRecipe, foreign_recipe};
pub use keys::{Absence, Key};
pub use recipe::Recipe;
pub use recipe_source::RecipeSource;
pub use reference::{DefaultKey, TableKeys, reference};
pub use stream::Stream;
pub use tables::{
    AudioTable, ChannelChoice, DeltasTable, Duration, EdgesKey, EpsOf, Format, FramesTable, Gap,
    LabelsTable, MapChoice, MeansAndStds, Missing, NormalizeTable, Numbers, OutputTable, Resample,
    Rounding, Scope, ShardCut, SpliceAt, SpliceTable, StatisticsOf, VadTable,
};
