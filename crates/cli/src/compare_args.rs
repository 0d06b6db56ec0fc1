//! The options of `ossicle compare`.

use std::ffi::OsString;
use std::path::PathBuf;

use clap::Args;

use crate::recipe_args::RecipeArgs;

/// Two sides, and what they were computed of.
#[derive(Debug, Args)]
pub(crate) struct CompareArgs {
    /// One side: a dataset, Kaldi's ark or feats.scp, .npy, .npz, a file of HTK's, or a recording with a
    /// recipe; FILE#UTTERANCE names one of many
    #[arg(value_name = "A")]
    pub(crate) a: OsString,

    /// The other side; absent, A's recording with another recipe, or what --python makes of it
    #[arg(value_name = "B")]
    pub(crate) b: Option<OsString>,

    #[command(flatten)]
    pub(crate) recipe: RecipeArgs,

    /// B's recipe, where it is a recording: a preset [default: that of A]
    #[arg(long, value_name = "NAME", conflicts_with = "b_recipe")]
    pub(crate) b_preset: Option<String>,

    /// B's recipe, as --recipe takes it
    #[arg(long, value_name = "FILE|DATASET")]
    pub(crate) b_recipe: Option<PathBuf>,

    /// Change a key of B's recipe (may be repeated)
    #[arg(long, value_name = "KEY=VALUE")]
    pub(crate) b_set: Vec<String>,

    /// The recording that arrays are of: with its recipe it lets causes be looked for by computing them
    #[arg(long, value_name = "AUDIO")]
    pub(crate) recording: Option<PathBuf>,

    /// The other side: a function of Python, called with A's samples (float32, full scale ±1.0) and, where
    /// it takes one, their rate
    #[arg(long, value_name = "MODULE:FUNCTION")]
    pub(crate) python: Option<String>,

    /// The Python that is started [default: $PYTHON, or python3]
    #[arg(long, value_name = "PROGRAM")]
    pub(crate) interpreter: Option<PathBuf>,

    /// The array that is compared, of a dataset or recipe that has several [default: the first]
    #[arg(long, value_name = "NAME")]
    pub(crate) array: Option<String>,

    /// The array of B that is compared [default: the one that --array names, or the first]
    #[arg(long, value_name = "NAME")]
    pub(crate) b_array: Option<String>,

    /// Draw both sides and their difference
    #[arg(short, long, value_name = "FILE.png|FILE.svg")]
    pub(crate) out: Option<PathBuf>,

    /// Print the result as one JSON object
    #[arg(long)]
    pub(crate) json: bool,
}

impl CompareArgs {
    /// Returns whether something is said of how B is computed.
    pub(crate) fn is_about_b(&self) -> bool {
        self.b_preset.is_some() || self.b_recipe.is_some() || !self.b_set.is_empty()
    }
}
