//! Turns a corpus and a recipe into a dataset: planned, run in parts, finished.
//!
//! A [`Recipe`](ossicle_recipe::Recipe) says what to compute. [`plan()`] finds the utterances and cuts
//! them into parts, by their sizes alone. [`extract()`] has the parts computed by an [`Executor`], on
//! threads or in processes, and then finishes: statistics are merged in the order of utterances, wide rows
//! are made, normalised and written once, and the dataset is published. The bytes do not depend on the
//! number of workers, on timing, or on how often the run was stopped and started again.
//!
//! What [`extract()`] is made of can be called by itself, wherever there is a
//! [`Store`](ossicle_dataset::Store): [`Plan::order`] makes a [`PartOrder`], which travels;
//! [`Worker::run_part`] computes it; [`merge()`] makes a [`Layout`] of all parts; [`write_regions`] writes
//! its files, region by region; and [`publish`] makes them the dataset:
//!
//! ```
//! use ossicle_corpus::CorpusSource;
//! use ossicle_dataset::{Place, Put};
//! use ossicle_engine::{
//!     PartFile, PlanRequest, Stop, Worker, merge, plan, publish, write_regions,
//! };
//! use ossicle_recipe::{Recipe, RecipeSource};
//!
//! let folder = tempfile::tempdir()?;
//! let corpus = folder.path().join("corpus");
//! ossicle_demo::write_corpus(&corpus, &ossicle_demo::DemoConfig { seed: 1, scale: 0.001 })?;
//! let recipe = Recipe::preset("kaldi-fbank")?.parse::<RecipeSource>()?.finish()?;
//! let plan = plan(PlanRequest::new(CorpusSource::Path(corpus), recipe))?;
//!
//! let out = folder.path().join("dataset");
//! std::fs::create_dir(&out)?;
//! let place = Place::at(&out)?;
//! let store = place.store();
//! let mut worker = Worker::new(plan.job())?;
//! let mut parts = Vec::new();
//! for part in plan.parts() {
//!     // An order and a draft are values: this could be anywhere.
//!     let order = plan.order(part);
//!     let draft = worker.run_part(&order, store, &Stop::default(), &mut |_| Ok(()))?;
//!     store.put(draft, &order.part_name(), Put::Always)?;
//!     parts.push(PartFile::of_job(store, &order.part_name(), plan.job())?);
//! }
//! let layout = merge(&plan, parts, store)?;
//! let files = place.begin_files(&layout.hash(&plan))?;
//! let written = write_regions(&plan, &layout, layout.regions(), store, store, &files)?;
//! let card = publish(&plan, &layout, &written, (&place, None), 1, &serde_json::Value::Null)?;
//! assert_eq!(card.splits[0].failures, 0);
//! assert!(ossicle_dataset::verify(&out)?.findings.is_empty());
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! Nothing is printed here: an [`Observer`] hears of every [`Event`].
//!
//! ```
//! use ossicle_corpus::CorpusSource;
//! use ossicle_engine::{PlanRequest, RunOptions, extract, plan};
//! use ossicle_recipe::{Recipe, RecipeSource};
//!
//! let folder = tempfile::tempdir()?;
//! let (corpus, out) = (folder.path().join("corpus"), folder.path().join("dataset"));
//! ossicle_demo::write_corpus(&corpus, &ossicle_demo::DemoConfig { seed: 1, scale: 0.001 })?;
//!
//! let mut source: RecipeSource = Recipe::preset("timit-mfcc")?.parse()?;
//! source.set("feature.num_ceps=13")?;
//! let plan = plan(PlanRequest::new(CorpusSource::Path(corpus), source.finish()?))?;
//! let outcome = extract(&plan, &out, &RunOptions::default(), &())?;
//! assert_eq!(outcome.failures(), 0);
//! assert!(out.join("train/features-00000.npy").exists());
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

mod advice;
mod ahead;
mod bounds;
mod cause;
mod causes;
mod difference;
mod error;
mod events;
mod extract;
mod finish;
mod front_end;
mod input_kind;
mod job_file;
mod kept_ledger;
mod merge;
mod notice;
mod options;
mod outcome;
mod output;
mod part;
mod plan;
mod prepare;
mod private;
mod probe_difference;
mod progress;
mod rates;
mod recompute;
mod rows;
mod run;
mod scratch;
mod share;
mod speed;
mod stream;
mod survey;
mod transform;
mod unfinished;
mod update;
mod work;

pub use advice::Advice;
pub use ahead::Ahead;
pub use bounds::control_group::ControlGroup;
pub use bounds::disk::{Estimate, SplitEstimate, estimate};
pub use bounds::files::{FILES_A_WORKER, FILES_OF_A_RUN, OpenFiles, make_room};
pub use bounds::room::available_cores;
pub use bounds::size::size;
pub use bounds::stop::Stop;
pub use bounds::tolerance::Tolerance;
pub use cause::Cause;
pub use causes::CauseCount;
pub use difference::Difference;
pub use error::{Error, sentence};
pub use events::{Event, Observer};
pub use extract::{extract, extract_on, extract_on_cluster};
pub use finish::publish;
pub use front_end::FrontEnd;
pub use merge::{Layout, RegionWorker, Written, merge, write_regions};
pub use notice::{MemoryBound, Notice, Rate, Shared};
pub use options::{Isolation, RunOptions};
pub use ossicle_files::{be, counted, have};
pub use outcome::Outcome;
pub use part::{BadPart, PartFile};
pub use plan::job::{BYTES_VERSION, Job};
pub use plan::order::{EarlierRows, PartOrder};
pub use plan::parts::Part;
pub use plan::{Plan, PlanRequest, plan};
pub use prepare::{Checked, check};
pub use probe_difference::ProbeDifference;
pub use progress::Progress;
pub use recompute::{DeepVerification, Sources, UtteranceSample, repair, verify_deep};
pub use rows::worker::Worker;
pub use run::cluster::{Cluster, ClusterOrder, PartDone};
pub use run::executor::{Executor, PartRunner, Setting, Threads};
pub use run::pool::for_each;
pub use run::processes::{ProcessExecutor, Processes, WorkerCommand};
pub use run::serve::serve;
pub use share::{
    NoShare, PartWorker, Share, ShareOutcome, SharesLeft, check_shares, compute_share, store_plan,
};
pub use speed::{Stopwatch, Timing, Watched};
pub use stream::{Coming, Flow, StreamOrder, Streamed, Streamer};
pub use survey::{DURATIONS_S, Survey, survey};
pub use transform::{Bench, Transform, Unusable};
pub use unfinished::{Unfinished, unfinished};
pub use update::{UpdateCounts, WhyAgain};
pub use work::{Slow, Spent, Work};
