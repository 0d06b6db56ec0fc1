//! Errors of the other crates as exceptions of Python.

use std::error::Error as StdError;
use std::io;

use pyo3::exceptions::{PyOSError, PyValueError};
use pyo3::{PyErr, create_exception};

create_exception!(ossicle, AudioError, PyValueError, "A recording that cannot be read.");
create_exception!(ossicle, CorpusError, PyValueError, "A corpus that cannot be read.");
create_exception!(ossicle, DatasetError, PyValueError, "A dataset that cannot be read or written.");

/// Makes the exception of an error about a recording: that of the system where it is one, such as
/// `FileNotFoundError`.
pub(crate) fn of_audio(name: &str, error: &ossicle_audio::Error) -> PyErr {
    system_error(name, error)
        .unwrap_or_else(|| AudioError::new_err(format!("{name}: {}", sentence(error))))
}

/// Makes the exception of an error about a recipe.
pub(crate) fn of_recipe(error: &ossicle_recipe::RecipeError) -> PyErr {
    PyValueError::new_err(sentence(error))
}

/// Makes the exception of an error of the engine's.
pub(crate) fn of_engine(name: &str, error: &ossicle_engine::Error) -> PyErr {
    use ossicle_engine::Error;
    if let Some(error) = system_error(name, error) {
        return error;
    }
    let text = sentence(error);
    match error {
        Error::Corpus(_) => CorpusError::new_err(text),
        Error::Dataset(_) | Error::CardRecipe { .. } | Error::CardStatistics => {
            DatasetError::new_err(text)
        }
        _ => PyValueError::new_err(text),
    }
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
