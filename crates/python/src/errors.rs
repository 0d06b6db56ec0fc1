//! Errors of the other crates as exceptions of Python.

use std::error::Error as StdError;
use std::io;
use std::path::Path;

use ossicle_audio::Error as Audio;
use pyo3::exceptions::{PyOSError, PyValueError};
use pyo3::prelude::*;
use pyo3::types::PyType;
use pyo3::{create_exception, intern};

use crate::advice;

create_exception!(
    ossicle,
    Error,
    PyValueError,
    "What ossicle cannot do as it was asked. `advice` says what helps, or is None."
);
create_exception!(ossicle, AudioError, Error, "A recording that cannot be read.");
create_exception!(ossicle, CorpusError, Error, "A corpus that cannot be read.");
create_exception!(ossicle, DatasetError, Error, "A dataset that cannot be read or written.");

/// Lets every exception have advice: None where it says no other.
pub(crate) fn prepare(py: Python<'_>) -> PyResult<()> {
    py.get_type::<Error>().setattr(intern!(py, "advice"), py.None())
}

/// Makes an exception of a kind.
fn made(kind: &Bound<'_, PyType>, text: String, advice: Option<String>) -> PyErr {
    let error = PyErr::from_type(kind.clone(), text);
    with_advice(kind.py(), error, advice)
}

fn with_advice(py: Python<'_>, error: PyErr, advice: Option<String>) -> PyErr {
    match error.value(py).setattr(intern!(py, "advice"), advice) {
        Ok(()) => error,
        Err(other) => other,
    }
}

/// Makes the exception of an argument that is wrong.
pub(crate) fn wrong(text: impl Into<String>, advice: Option<&str>) -> PyErr {
    Python::attach(|py| made(&py.get_type::<Error>(), text.into(), advice.map(str::to_owned)))
}

/// Makes the exception of an error about a recording: that of the system where it is one, such as
/// `FileNotFoundError`.
pub(crate) fn of_audio(name: &str, error: &Audio) -> PyErr {
    Python::attach(|py| {
        let advice = audio_advice(error).map(str::to_owned);
        if let Some(of_system) = system_error(name, error) {
            return with_advice(py, of_system, advice);
        }
        made(&py.get_type::<AudioError>(), format!("{name}: {}", sentence(error)), advice)
    })
}

/// Makes the exception of an argument that is wrong, before any recording is opened.
pub(crate) fn of_argument(error: &Audio) -> PyErr {
    wrong(sentence(error), audio_advice(error))
}

/// What helps where a recording cannot be read.
fn audio_advice(error: &Audio) -> Option<&'static str> {
    Some(match error {
        Audio::UnsupportedContainer { advice, .. } | Audio::UnsupportedEncoding { advice, .. } => {
            advice
        }
        Audio::NotAudio { .. } => {
            "headerless samples are read by numpy.fromfile(path, dtype=\"<i2\")"
        }
        Audio::Empty | Audio::Truncated { .. } | Audio::Checksum { .. } => {
            "copy or download the recording again"
        }
        Audio::NotFinite { .. } => "repair the recording, or convert it to 16-bit PCM",
        Audio::Changed { .. } => "wait until nothing writes to it any more",
        Audio::Channel { .. } | Audio::UnknownChannel { .. } => {
            "pass channel=\"first\", \"mix\" or a channel's number from 0"
        }
        Audio::Seek { .. } => "pass a smaller start_sample",
        Audio::Memory { .. } => "read it in stretches: start_sample and num_samples",
        Audio::NotRegular { .. } => "pass the path of a file, or its bytes",
        _ => return None,
    })
}

/// Makes the exception of an error about a recipe.
pub(crate) fn of_recipe(error: &ossicle_recipe::RecipeError) -> PyErr {
    let advice = error.advice().map(|it| advice::words(&it.into()));
    Python::attach(|py| made(&py.get_type::<Error>(), sentence(error), advice))
}

/// Makes the exception of an error of the engine's.
///
/// - `name`: what it is about, as `x[3]` or a path
pub(crate) fn of_engine(name: &str, error: &ossicle_engine::Error) -> PyErr {
    use ossicle_engine::Error as Engine;
    let advice = engine_advice(error);
    Python::attach(|py| {
        if let Some(of_system) = system_error(name, error) {
            return with_advice(py, of_system, advice);
        }
        let (kind, text) = match error {
            Engine::Corpus(_) => (py.get_type::<CorpusError>(), sentence(error)),
            Engine::Dataset(_) | Engine::CardRecipe { .. } | Engine::CardStatistics => {
                (py.get_type::<DatasetError>(), sentence(error))
            }
            Engine::NoSample { at, value } => {
                // As Python writes them.
                let value = match value.is_finite() {
                    true => format!("{value:e}"),
                    false => value.to_string().to_lowercase(),
                };
                (py.get_type::<Error>(), format!("{name}[{at}] is {value}"))
            }
            Engine::TooFewSamples { found: 0, .. } => {
                (py.get_type::<Error>(), format!("{name} is empty"))
            }
            Engine::TooFewSamples { .. } => {
                (py.get_type::<Error>(), format!("{name}: {}", sentence(error)))
            }
            _ => (py.get_type::<Error>(), sentence(error)),
        };
        made(&kind, text, advice)
    })
}

/// Makes the exception of an error of a verb.
pub(crate) fn of_verb(error: &anyhow::Error) -> PyErr {
    if let Some(misuse) = error.downcast_ref() {
        return of_misuse(misuse);
    }
    let root: &(dyn StdError + 'static) = error.as_ref();
    let advice = error.chain().find_map(advice_of);
    Python::attach(|py| {
        if let Some((number, path)) = error.chain().find_map(of_file) {
            let text = io::Error::from_raw_os_error(number).to_string();
            let text = text.split(" (os error").next().unwrap_or_default().to_owned();
            return with_advice(py, PyOSError::new_err((number, text, path)), advice);
        }
        // Of what another file says no path is known.
        let of_system =
            error.chain().find_map(|link| link.downcast_ref::<io::Error>()?.raw_os_error());
        if let Some(number) = of_system {
            let text = sentence(root);
            let text = text.split(" (os error").next().unwrap_or_default().to_owned();
            return with_advice(py, PyOSError::new_err((number, text)), advice);
        }
        let kind = error.chain().find_map(|link| kind_of(py, link));
        made(&kind.unwrap_or_else(|| py.get_type::<Error>()), sentence(root), advice)
    })
}

/// Writes an error of a verb as a line of a log.
pub(crate) fn line(error: &anyhow::Error) -> String {
    let text = sentence(error.as_ref());
    match error.chain().find_map(advice_of) {
        Some(advice) => format!("{text}; {advice}"),
        None => text,
    }
}

/// Makes the exception of an option that is wrong.
fn of_misuse(misuse: &ossicle_cli::Misuse) -> PyErr {
    let argument = |name: &str| name.replace('-', "_");
    let text = match (&misuse.option, &misuse.other) {
        (Some((option, _)), Some(other)) => {
            format!("{} and {} exclude each other", argument(other), argument(option))
        }
        (Some((option, value)), None) => {
            format!("{} is {value}; {}", argument(option).to_lowercase(), misuse.what)
        }
        _ => misuse.what.clone(),
    };
    wrong(text, None)
}

/// The kind of exception that an error is.
fn kind_of<'py>(py: Python<'py>, link: &(dyn StdError + 'static)) -> Option<Bound<'py, PyType>> {
    use ossicle_engine::Error as Engine;
    if link.is::<ossicle_corpus::Error>() {
        return Some(py.get_type::<CorpusError>());
    }
    if link.is::<ossicle_dataset::Error>() {
        return Some(py.get_type::<DatasetError>());
    }
    Some(match link.downcast_ref()? {
        Engine::Corpus(_) => py.get_type::<CorpusError>(),
        Engine::Dataset(_)
        | Engine::CardRecipe { .. }
        | Engine::CardStatistics
        | Engine::OutputInUse { .. }
        | Engine::OtherJob { .. }
        | Engine::OtherPlan { .. }
        | Engine::DamagedPlan { .. }
        | Engine::NoPlan { .. }
        | Engine::NotThatPlan { .. }
        | Engine::Damaged { .. } => py.get_type::<DatasetError>(),
        _ => return None,
    })
}

/// The system's error number and the path, where an error is the system's about a file.
fn of_file(link: &(dyn StdError + 'static)) -> Option<(i32, std::path::PathBuf)> {
    use ossicle_corpus::Error as Corpus;
    use ossicle_dataset::Error as Dataset;
    use ossicle_engine::Error as Engine;
    let (source, path) = match (link.downcast_ref(), link.downcast_ref(), link.downcast_ref()) {
        (Some(Engine::Io { path, source, .. }), _, _)
        | (Some(Engine::Dataset(Dataset::Io { path, source, .. })), _, _)
        | (Some(Engine::Corpus(Corpus::Open { path, source })), _, _)
        | (_, Some(Dataset::Io { path, source, .. }), _)
        | (_, _, Some(Corpus::Open { path, source })) => (source, path),
        _ => return None,
    };
    Some((source.raw_os_error()?, path.clone()))
}

/// What helps with an error of a verb.
fn advice_of(link: &(dyn StdError + 'static)) -> Option<String> {
    if let Some(error) = link.downcast_ref() {
        return engine_advice(error);
    }
    if let Some(error) = link.downcast_ref::<ossicle_recipe::RecipeError>() {
        return error.advice().map(|it| advice::words(&it.into()));
    }
    match link.downcast_ref()? {
        ossicle_corpus::Error::SeveralAudioColumns { .. } => {
            Some("pass column={\"audio\": NAME} to say which".to_owned())
        }
        ossicle_corpus::Error::Faults { has_commands: true, .. } => {
            Some("allow_commands=True runs such commands, in a shell, as you".to_owned())
        }
        ossicle_corpus::Error::Headerless { .. } => {
            Some(advice::words(&ossicle_engine::Advice::DescribeRaw))
        }
        _ => None,
    }
}

/// What helps, where the engine knows it, or these arguments do.
fn engine_advice(error: &ossicle_engine::Error) -> Option<String> {
    use ossicle_engine::Error as Engine;
    Some(match error {
        Engine::NoSample { .. } => {
            "samples are at full scale of ±1; repair them, or pass nan=\"keep\" for rows of NaN"
                .to_owned()
        }
        Engine::TooFewSamples { least: Some(least), .. } => {
            format!("pass at least {least} samples, or pad_to")
        }
        Engine::NoCorpus { .. } => {
            "pass normalize=None, or take a dataset's statistics: Extractor.from_dataset(path)"
                .to_owned()
        }
        Engine::NoSpeaker => {
            "call for_speaker([recordings of one]) on the Extractor, and what it returns".to_owned()
        }
        Engine::NotBySpeaker => "call the Extractor itself".to_owned(),
        Engine::RecipeRate { wanted, found } => {
            format!("resample before: ossicle.resample(x, {found}, {wanted})")
        }
        Engine::KeepResampled { .. } => "repair the samples, or resample before".to_owned(),
        Engine::ProbeDiffers(_) => {
            "compute with the version of ossicle that the file was made by, make the file anew, or pass \
             tolerance=, where differences of this size do no harm"
                .to_owned()
        }
        Engine::ProbeOfOtherColumns { .. } => {
            "compute with the version of ossicle that the file was made by, or make the file anew".to_owned()
        }
        Engine::EventsWithoutFiles => advice::setting("feature.spikes_from", "audio"),
        _ => return error.advice().map(|it| advice::words(&it)),
    })
}

/// Returns an error, as `FileNotFoundError`, where nothing is at a path, or it may not be looked at.
pub(crate) fn of_folder(folder: &Path) -> PyResult<()> {
    std::fs::metadata(folder).map(drop).map_err(|error| {
        let name = folder.display().to_string();
        let of_system = system_error(&name, &error);
        of_system.unwrap_or_else(|| wrong(format!("{name}: {error}"), None))
    })
}

/// Returns the exception of an error of the system's that is underneath.
fn system_error(name: &str, error: &(dyn StdError + 'static)) -> Option<PyErr> {
    let mut cause = Some(error);
    while let Some(error) = cause {
        if let Some(error) = error.downcast_ref::<io::Error>()
            && let Some(number) = error.raw_os_error()
        {
            let text = error.to_string();
            let text = text.split(" (os error").next().unwrap_or_default().to_owned();
            return Some(PyOSError::new_err((number, text, name.to_owned())));
        }
        cause = error.source();
    }
    None
}

/// Writes an error and its causes as one sentence.
fn sentence(error: &(dyn StdError + 'static)) -> String {
    ossicle_engine::sentence(error)
}
