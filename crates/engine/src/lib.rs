//! Turns a corpus and a recipe into a dataset: planned, run in parts, finished.
//!
//! A [`Recipe`] says what to compute. [`Plan::new`] finds the utterances and cuts them into parts, by
//! their sizes alone. [`extract()`] runs the parts on threads, each of which takes the next part and
//! leaves a file, and then finishes: statistics are merged in the order of utterances, wide rows are
//! made, normalised and written once, and the dataset is published. The bytes do not depend on the
//! number of workers, on timing, or on how often the run was stopped and started again.
//!
//! Nothing is printed here: an [`Observer`] hears of every [`Event`].
//!
//! ```
//! use std::io;
//! use ossicle_corpus::CorpusSource;
//! use ossicle_engine::{Plan, Recipe, RecipeSource, RunOptions, extract};
//!
//! let folder = tempfile::tempdir()?;
//! let (corpus, out) = (folder.path().join("corpus"), folder.path().join("dataset"));
//! ossicle_demo::write_corpus(&corpus, &ossicle_demo::DemoConfig { seed: 1, scale: 0.001 })?;
//!
//! let mut source: RecipeSource = Recipe::preset("timit-mfcc")?.parse()?;
//! source.set("feature.num_ceps=13")?;
//! let corpus = CorpusSource::Path(corpus);
//! let plan = Plan::new(&corpus, None, source.finish()?, &mut io::empty())?;
//! let outcome = extract(&plan, &out, &RunOptions::default(), &())?;
//! assert_eq!(outcome.failures(), 0);
//! assert!(out.join("train/features-00000.npy").exists());
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

mod advice;
mod again;
mod by_rate;
mod cause;
mod difference;
mod error;
mod estimate;
mod events;
mod extract;
mod feature_arrays;
mod finish;
mod job;
mod limits;
mod memory;
mod message;
mod normalizers;
mod notice;
mod output;
mod part;
mod part_file;
mod patience;
mod piecewise;
mod plan;
mod recipe;
mod regions;
mod row_sink;
mod run;
mod samples;
mod serve;
mod source;
mod speed;
mod spike_files;
mod spikegram;
mod split_layout;
mod stop;
mod task;
mod tolerance;
mod utterance;
mod wide_moments;
mod worker_process;
mod workers;

/// What fuzz targets, and the tests of what they found, reach into.
#[doc(hidden)]
pub mod fuzzing {
    /// Opens a part's file of the preset `timit-mfcc` as a resumed run does.
    pub fn open_part(path: &std::path::Path) {
        let recipe =
            crate::Recipe::preset("timit-mfcc").and_then(str::parse::<crate::RecipeSource>);
        let Ok(recipe) = recipe.and_then(crate::RecipeSource::finish) else { return };
        let level = ossicle_dsp::Level::BASELINE;
        let Ok(job) = crate::job::Job::new("key".to_owned(), recipe, Vec::new(), level) else {
            return;
        };
        let Ok(part) = crate::part_file::PartFile::open(path.to_owned(), &job) else { return };
        if part.is_sound().is_ok_and(|sound| sound) {
            let footer = &part.footer;
            for block in [
                0..footer.rows_end,
                footer.rows_end..footer.moments_end,
                footer.moments_end..footer.utterances_end,
                footer.utterances_end..footer.failures_end,
            ] {
                assert!(part.read_block(block).is_ok(), "a sound part has its blocks");
            }
        }
    }
}

pub use advice::Advice;
pub use again::{DeepVerification, Sample, Sources, repair, verify_deep};
pub use cause::Cause;
pub use difference::Difference;
pub use error::{Error, sentence};
pub use estimate::{Estimate, SplitEstimate, estimate, free_space, size};
pub use events::{Event, Observer};
pub use extract::{Isolation, Outcome, RunOptions, available_cores, extract};
pub use limits::{FILES_A_WORKER, FILES_OF_A_RUN, OpenFiles, open_now};
pub use notice::{MemoryBound, Notice};
pub use part::Part;
pub use plan::{Plan, SIMD_VARIABLE, simd_level};
pub use recipe::{
    AudioTable, C0Key, ChannelKey, DeltaConventionKey, DeltasTable, Duration, EdgesKey,
    EncodingKey, EnergyOfKey, EnergyPlaceKey, FeatureTable, FloorKey, Format, FramesTable, Kind,
    LabelAtKey, LabelsTable, LifterFromKey, LogKey, MelNormKey, MelScaleKey, MelTrianglesKey, NFft,
    NormalizeTable, OutputTable, PadKey, PreemphasisKey, Recipe, RecipeError, RecipeSource,
    Resample, ScaleKey, Scope, SpectrumKey, SpikegramConfig, SpikesFromKey, SpliceTable, Tier,
    VadTable, VtlnShapeKey, WindowKey,
};
pub use serve::serve;
pub use speed::{Timing, compare};
pub use spikegram::spike_rows;
pub use stop::Stop;
pub use tolerance::Tolerance;
pub use worker_process::{Processes, WorkerCommand};
pub use workers::for_each;
