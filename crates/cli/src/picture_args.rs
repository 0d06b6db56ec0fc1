//! The options of verbs that draw.

use std::ffi::OsString;
use std::path::PathBuf;

use clap::{Args, ValueEnum};
use ossicle_draw::{ColorMap, Theme};

use crate::argument::second;
use crate::recipe_args::RecipeArgs;

/// The colours around what is drawn.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum ThemeArg {
    /// Dark on white
    Light,
    /// Light on nearly black
    Dark,
}

impl From<ThemeArg> for Theme {
    fn from(theme: ThemeArg) -> Theme {
        match theme {
            ThemeArg::Light => Theme::Light,
            ThemeArg::Dark => Theme::Dark,
        }
    }
}

/// The colours of heat maps, each even in lightness.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum ColorsArg {
    /// From violet over green to yellow
    Viridis,
    /// From blue over grey to yellow
    Cividis,
    /// From black over purple to cream
    Magma,
    /// From black to white
    Grey,
}

impl From<ColorsArg> for ColorMap {
    fn from(colors: ColorsArg) -> ColorMap {
        match colors {
            ColorsArg::Viridis => ColorMap::Viridis,
            ColorsArg::Cividis => ColorMap::Cividis,
            ColorsArg::Magma => ColorMap::Magma,
            ColorsArg::Grey => ColorMap::Grey,
        }
    }
}

/// Reads the words of `--theme` and `--colors`.
///
/// # Errors
/// The words that there are, where it is none of them.
pub fn picture_words(theme: &str, colors: &str) -> Result<(Theme, ColorMap), String> {
    let theme = word::<ThemeArg>("theme", theme)?;
    let colors = word::<ColorsArg>("colors", colors)?;
    Ok((theme.into(), colors.into()))
}

fn word<T: ValueEnum>(option: &str, word: &str) -> Result<T, String> {
    let name = |value: &T| Some(value.to_possible_value()?.get_name().to_owned());
    T::from_str(word, false).map_err(|_| {
        let names: Vec<_> = T::value_variants().iter().filter_map(name).collect();
        format!("{option} is {word:?}; it must be one of {}", names.join(", "))
    })
}

#[derive(Debug, Args)]
pub(crate) struct ShowArgs {
    /// A dataset, or DATASET#UTTERANCE; or a recording, with a recipe
    #[arg(value_name = "DATASET|RECORDING")]
    pub(crate) what: PathBuf,

    /// The id of an utterance of the dataset; not needed where there is one only
    #[arg(value_name = "UTTERANCE")]
    pub(crate) utterance: Option<String>,

    /// Draw it into this file: a picture of pixels or of lines, by its name [default: draw it here, as text]
    #[arg(short, long, value_name = "FILE.png|FILE.svg")]
    pub(crate) out: Option<PathBuf>,

    /// Draw another below it, and the difference: the same utterance of another dataset (DATASET#UTTERANCE names
    /// another one), the same recording with another preset or recipe, another recording, a matrix of another program
    /// (Kaldi's arks, `.npy`, `.npz`, HTK's files; FILE#UTTERANCE of several), or another utterance of the dataset
    #[arg(long, value_name = "DATASET|PRESET|RECIPE|RECORDING|MATRIX|UTTERANCE")]
    pub(crate) against: Option<OsString>,

    /// The split that the utterance is in, where several have one of this id
    #[arg(long, value_name = "NAME")]
    pub(crate) split: Option<String>,

    /// Draw this array (may be repeated) [default: all]
    #[arg(long, value_name = "NAME")]
    pub(crate) array: Vec<String>,

    /// Begin here, in seconds
    #[arg(long, value_name = "SECONDS", allow_negative_numbers = true, value_parser = second)]
    pub(crate) start: Option<f64>,

    /// End here, in seconds
    #[arg(long, value_name = "SECONDS", allow_negative_numbers = true, value_parser = second)]
    pub(crate) end: Option<f64>,

    /// The folder that a dataset's recordings are in, for the waveform [default: where they were]
    #[arg(long, value_name = "DIR")]
    pub(crate) corpus: Option<PathBuf>,

    /// The colours of heat maps
    #[arg(long, value_enum, value_name = "NAME", default_value = "viridis")]
    pub(crate) colors: ColorsArg,

    /// The colours around them
    #[arg(long, value_enum, value_name = "NAME", default_value = "light")]
    pub(crate) theme: ThemeArg,

    /// How wide the picture is: pixels, of which a PNG has two for each; in a terminal, characters [default: what
    /// fits]
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(40..=8000))]
    pub(crate) width: Option<u32>,

    #[command(flatten)]
    pub(crate) recipe: RecipeArgs,

    /// Print what is drawn, and how much it differs, as one JSON object
    #[arg(long)]
    pub(crate) json: bool,

    /// Print the picture within that object. A program asks for it, and no command line.
    #[arg(skip)]
    pub(crate) with_svg: bool,
}

#[derive(Debug, Args)]
pub(crate) struct ReportArgs {
    /// The dataset
    #[arg(value_name = "DATASET")]
    pub(crate) dataset: PathBuf,

    /// The page
    #[arg(short, long, value_name = "FILE.html", default_value = "report.html")]
    pub(crate) out: PathBuf,

    /// Show this comparison of speeds, too: what `ossicle speed --json` has printed
    #[arg(long, value_name = "FILE")]
    pub(crate) speed: Option<PathBuf>,

    /// How many utterances are drawn
    #[arg(long, value_name = "N", default_value_t = 3)]
    pub(crate) pictures: usize,

    /// Which utterances are drawn and listed: another seed chooses others
    #[arg(long, default_value_t = 1)]
    pub(crate) seed: u64,

    /// The folder that the recordings are in, for waveforms [default: where they were]
    #[arg(long, value_name = "DIR")]
    pub(crate) corpus: Option<PathBuf>,

    /// Print what was written as one JSON object
    #[arg(long)]
    pub(crate) json: bool,
}
