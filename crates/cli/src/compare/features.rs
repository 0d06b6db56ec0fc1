//! A side's features: a file of matrices, a dataset, a recording with a recipe, or a function of Python.

use std::ffi::OsStr;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};
use ossicle_compare::{Origin, Side, agree};
use ossicle_corpus::printable;
use ossicle_dataset::{Damage, Matrix, MatrixFile, local_copy};
use ossicle_recipe::{RecipeSource, Scope};

use crate::argument::path_and_utterance;
use crate::compare::making::Making;
use crate::compare::stored::Stored;
use crate::compare_args::CompareArgs;
use crate::corpus::{self, dataset_at};
use crate::door::Door;
use crate::messages;
use crate::recipe_args::RecipeArgs;
use crate::simd;
use crate::sound::Sound;

/// Recipes and recordings, of the words of the command line.
pub(crate) struct Recordings<'a> {
    pub(crate) door: &'a dyn Door,
    a: Option<Making>,
    b: Option<Making>,
    /// The recording that matrices are of.
    of_matrices: Option<PathBuf>,
    pub(crate) interpreter: PathBuf,
}

impl<'a> Recordings<'a> {
    pub(crate) fn new(args: &CompareArgs, door: &'a dyn Door) -> Result<Recordings<'a>> {
        let recipe_b = RecipeArgs {
            preset: args.b_preset.clone(),
            recipe: args.b_recipe.clone(),
            set: args.b_set.clone(),
            ..RecipeArgs::default()
        };
        let a = recipe(&args.recipe, door)?;
        let own = recipe_b.preset.is_some() || recipe_b.recipe.is_some();
        let b = match (own, recipe_b.set.is_empty()) {
            (true, _) => recipe(&recipe_b, door)?,
            // Keys alone change A's recipe.
            (false, false) => {
                let set = [&args.recipe.set[..], &recipe_b.set].concat();
                recipe(&RecipeArgs { set, ..args.recipe.clone() }, door)?
            }
            (false, true) => None,
        };
        let interpreter =
            args.interpreter.clone().or_else(|| std::env::var_os("PYTHON").map(PathBuf::from));
        Ok(Recordings {
            door,
            a,
            b,
            of_matrices: args.recording.clone(),
            interpreter: interpreter.unwrap_or_else(|| PathBuf::from("python3")),
        })
    }

    /// How A's rows are made, where they are.
    pub(crate) fn a(&self) -> Option<&Making> {
        self.a.as_ref()
    }

    /// How B's rows are made: as it has it, or as A's are.
    pub(crate) fn b(&self) -> Option<&Making> {
        self.b.as_ref().or(self.a())
    }

    /// Takes a dataset's own recipe where none is given, and refuses recordings that nothing is made of then.
    pub(crate) fn settle(&mut self, a: &Features, b: &Features) -> Result<()> {
        let of_dataset = |side: &Features| match side {
            Features::Dataset(stored) => Some(stored.making()),
            _ => None,
        };
        self.a = self.a.take().or_else(|| of_dataset(a)).or_else(|| of_dataset(b));
        for (side, making) in [(a, self.a()), (b, self.b())] {
            if let (Features::Recording { path, .. }, None) = (side, making) {
                bail!(messages::no_features(path, |name| self.door.option(name)));
            }
        }
        Ok(())
    }

    /// Returns whether keys are given that no recipe is made of: neither side, and no recording of arrays, takes A's.
    pub(crate) fn has_keys_of_nothing(
        &self,
        args: &CompareArgs,
        a: &Features,
        b: &Features,
    ) -> bool {
        let is_made = self.of_matrices.is_some() || a.is_computed() || b.is_computed();
        !args.recipe.set.is_empty() && !is_made
    }
}

/// The recipe that is given, without statistics of a corpus that is not here. None where none is given.
fn recipe(args: &RecipeArgs, door: &dyn Door) -> Result<Option<Making>> {
    if !args.says_what() {
        return Ok(None);
    }
    let (recipe, notices) = corpus::recipe(args)?;
    for notice in &notices {
        door.say(&format!("ossicle: {}", door.notice(notice)));
    }
    let by_others = |scope| matches!(scope, Scope::Corpus | Scope::Speaker);
    let table = recipe.normalize().filter(|table| by_others(table.scope));
    let is_there = table
        .and_then(|table| table.stats_from.as_deref())
        .is_some_and(|from| Path::new(from).is_dir());
    if table.is_none() || is_there {
        return Ok(Some(Making { recipe, statistics: None }));
    }
    door.say(&format!("ossicle: {}", messages::NOT_NORMALIZED));
    let mut source: RecipeSource = recipe.to_toml().parse()?;
    source.set("normalize=")?;
    Ok(Some(Making { recipe: source.finish()?, statistics: None }))
}

/// A side's features.
#[derive(Debug)]
pub(crate) enum Features {
    /// A file of matrices: the first of those that are compared is this one of the file.
    File {
        file: MatrixFile,
        names: Vec<String>,
        first: usize,
        path: PathBuf,
        array: Option<String>,
    },
    /// A dataset's array.
    Dataset(Box<Stored>),
    /// A recording, whose features are computed.
    Recording { path: PathBuf, names: Vec<String>, array: Option<String> },
    /// What a function of Python makes of the other side's recording.
    Python(String),
}

impl Features {
    /// Opens what a word names: `PATH` or `PATH#UTTERANCE`.
    ///
    /// - `array`: of a dataset or recipe that has several, and the option that names it
    pub(crate) fn open(
        word: &OsStr,
        array: (Option<&str>, &str),
        recordings: &Recordings<'_>,
    ) -> Result<Features> {
        let (path, name) = path_and_utterance(word);
        let local = local_copy(&path, Damage::Refused)?;
        if let Some(folder) = dataset_at(&local) {
            let say = |line: &str| recordings.door.say(&format!("ossicle: {line}"));
            let option = recordings.door.option(array.1);
            let stored = Stored::open(folder, (array.0, &option), name.as_deref(), &say)?;
            return Ok(Features::Dataset(Box::new(stored)));
        }
        let array = array.0.map(str::to_owned);
        let opened =
            MatrixFile::open(&path).with_context(|| format!("cannot read {}", printable(&path)))?;
        let Some(file) = opened else {
            if path.extension().is_some_and(|extension| extension == "py") {
                bail!(messages::is_python(&path, recordings.door.option("python")));
            }
            let stem = path.file_stem().unwrap_or_default().to_string_lossy().into_owned();
            return Ok(Features::Recording { path, names: vec![stem], array });
        };
        let (first, names) = match &name {
            None => (0, file.names().map(str::to_owned).collect()),
            Some(name) => match file.names().position(|of| of == name) {
                Some(number) => (number, vec![name.clone()]),
                None => bail!(messages::no_utterance_in(&path, name, file.names())),
            },
        };
        Ok(Features::File { file, names, first, path, array })
    }

    /// The names of its utterances. None where it has those of the other side.
    pub(crate) fn names(&self) -> Option<&[String]> {
        match self {
            Features::File { names, .. } | Features::Recording { names, .. } => Some(names),
            Features::Dataset(stored) => Some(stored.names()),
            Features::Python(_) => None,
        }
    }

    /// Whether its rows are computed, and not stored.
    pub(crate) fn is_computed(&self) -> bool {
        matches!(self, Features::Recording { .. } | Features::Python(_))
    }

    /// Reads an utterance's rows where they are stored. None where they are computed.
    pub(crate) fn stored(&self, place: usize) -> Result<Option<Matrix>> {
        match self {
            Features::File { file, first, path, .. } => Ok(Some(read(file, first + place, path)?)),
            Features::Dataset(stored) => Ok(Some(stored.matrix(place)?)),
            Features::Recording { .. } | Features::Python(_) => Ok(None),
        }
    }

    /// Reads or computes an utterance, by its place among the names.
    pub(crate) fn side(
        &self,
        place: usize,
        recordings: &Recordings<'_>,
        making: Option<&Making>,
    ) -> Result<Side> {
        match self {
            Features::File { file, first, path, array, .. } => {
                let mut side = Side::of_matrix(read(file, first + place, path)?);
                if let (Some(path), Some(making)) = (&recordings.of_matrices, making) {
                    let computed = computed(path, making, array.as_deref())?;
                    match agree(&computed.matrix, &side.matrix) {
                        true => side.origin = computed.origin,
                        false => recordings
                            .door
                            .say(&format!("ossicle: {}", messages::not_of_recipe(path))),
                    }
                }
                Ok(side)
            }
            Features::Dataset(stored) => stored.side(place),
            Features::Recording { path, array, .. } => match making {
                Some(making) => computed(path, making, array.as_deref()),
                None => bail!(messages::no_features(path, |name| recordings.door.option(name))),
            },
            Features::Python(_) => {
                unreachable!("what Python makes is read where the other side is")
            }
        }
    }
}

/// Reads a matrix of a file.
fn read(file: &MatrixFile, number: usize, path: &Path) -> Result<Matrix> {
    file.read(number).with_context(|| format!("cannot read {}", printable(path)))
}

/// Computes a recording's features.
fn computed(path: &Path, making: &Making, array: Option<&str>) -> Result<Side> {
    let Making { recipe, statistics } = making;
    let sound = Sound::read(path, recipe)?;
    let origin = Origin {
        recipe: recipe.to_toml().parse()?,
        statistics: statistics.clone(),
        array: array.map(str::to_owned),
        id: path.file_stem().unwrap_or_default().to_string_lossy().into_owned(),
        samples: sound.samples,
        sample_rate_hz: sound.sample_rate_hz,
    };
    Side::computed(origin, simd::level()?).with_context(|| printable(path))
}
