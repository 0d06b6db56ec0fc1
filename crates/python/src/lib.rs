//! The Python module `ossicle._ossicle`: what `python/ossicle` is built on. It is the only crate that knows
//! the interpreter; what it computes, other crates compute, without holding the interpreter's lock.
//!
//! - `transform`: a recipe applied to samples in memory
//! - `stream`: utterances of a corpus, computed as they are asked for
//! - `audio`: decoding and resampling
//! - `recipes`: presets, the keys of recipes, and other programs' configurations as recipes
//! - `command`: the command line; `corpora`: the utterances of a corpus; `copies`: datasets of object stores
//! - `cluster`: parts that a cluster computes, which Python knows; `parts`: a worker of such parts
//! - `verbs`, `door`: the command's verbs as functions; `listen`: work on a thread of its own that is heard of
//! - `errors`, `advice`, `notices`: errors of those crates as exceptions, what helps, and what people should know
//! - `pictures`: arrays drawn
//! - `json`: values of JSON as those of Python
//! - `samples`: arrays as samples
//! - `room`: where the rows of many recordings go
//! - `patience`: work that Ctrl-C ends

mod advice;
mod audio;
mod cluster;
mod command;
mod copies;
mod corpora;
mod door;
mod errors;
mod json;
mod listen;
mod message;
mod notices;
mod parts;
mod patience;
mod pictures;
mod recipes;
mod room;
mod samples;
mod stream;
mod transform;
mod verbs;

use pyo3::prelude::*;

/// What `python/ossicle` is built on; its names may change at any time.
#[pymodule(gil_used = false)]
mod _ossicle {
    #[pymodule_export]
    use crate::audio::{audio_info, load_audio, resample};
    #[pymodule_export]
    use crate::command::run_command;
    #[pymodule_export]
    use crate::copies::folder_of;
    #[pymodule_export]
    use crate::corpora::discover;
    #[pymodule_export]
    use crate::errors::{AudioError, CorpusError, DatasetError, Error};
    #[pymodule_export]
    use crate::parts::PartWorker;
    #[pymodule_export]
    use crate::pictures::{draw_rows, draw_samples, draw_waveform, png_of};
    #[pymodule_export]
    use crate::recipes::{foreign_recipe, preset_names, preset_text, reference};
    #[pymodule_export]
    use crate::stream::{Flow, Streamer};
    #[pymodule_export]
    use crate::transform::Transform;
    #[pymodule_export]
    use crate::verbs::{call_verb, options_of};
    use pyo3::prelude::*;

    #[pymodule_init]
    fn init(module: &Bound<'_, PyModule>) -> PyResult<()> {
        crate::errors::prepare(module.py())?;
        module.add("__version__", env!("CARGO_PKG_VERSION"))
    }
}
