//! The command line as its users meet it: the built program is run, and what it prints and writes is
//! looked at.
//!
//! - `printed` takes apart what is printed
//! - `program` runs it, `corpora` writes recordings and `datasets` reads results back, all three from
//!   the formats' specifications and not with the product's code
//! - `inputs`, `labels`, `normalisation`, `numbers`, `recipes`: what is computed from what
//! - `same_bytes`, `resume`: what must not change a byte; `unchanged`: what no change of the program may
//! - `alignments`: labels from alignments of every format
//! - `again`: what a dataset says of how it was made, and its recipe used again
//! - `archives`: recordings that have no file of their own
//! - `compare`: two sets of features, and why they differ
//! - `closed_folders`: folders of a corpus that nobody may read
//! - `damaged`: datasets that are not what was written, and what would show them
//! - `commands`: what runs in place of recordings, when a run ends before it
//! - `parquet`: recordings in tables
//! - `corpora_page`: what the page about corpora says, done
//! - `dry_run`: that a dry run is refused as the run is
//! - `earlier`: what earlier versions wrote
//! - `bad_recordings`, `refusals`: what is wrong with one recording, and with a whole run
//! - `hopeless`: runs that cannot come to anything
//! - `hostile`: names and files that nobody would give on purpose
//! - `planted`: links and pipes in the output folder, which lead out of it or keep one waiting
//! - `fuzzed`: what fuzzing once found
//! - `forged_text`, `results`: others' texts in what is printed, and files written beside datasets
//! - `limits`: open files and memory
//! - `processes`, `signals`, `disk`: what is done to a run from outside
//! - `system`: processes, umask and clock
//! - `shares`: a job on many machines
//! - `spikegrams`, `spikes`: spikes of a corpus, found and read, and of one recording
//! - `rates`: recordings of any sample rate
//! - `recordings`: what is taken of those that end early or have several channels
//! - `resampled`: recordings of other rates than the recipe's, where it resamples
//! - `reasons`: which reason is named, and what is advised
//! - `updates`: datasets brought up to a corpus that changed, killed meanwhile
//! - `watching`: events of a run, and comparisons with other programs and machines
//! - `reports`, `verify`, `verbs`: what is printed; `library_words`: by whom what is said
#![expect(clippy::unwrap_used, reason = "tests may")]

mod again;
mod alignments;
mod archives;
mod bad_recordings;
mod closed_folders;
mod commands;
mod compare;
mod corpora;
// The page is that of a program that reads Parquet.
#[cfg(feature = "arrow")]
mod corpora_page;
mod damaged;
mod datasets;
mod disk;
mod dry_run;
mod earlier;
mod forged_text;
mod fuzzed;
mod hopeless;
mod hostile;
mod inputs;
mod labels;
mod library_words;
mod limits;
mod meaning;
mod normalisation;
mod notices;
mod numbers;
mod pages;
#[cfg(feature = "arrow")]
mod parquet;
mod pictures;
mod planted;
mod printed;
mod processes;
mod program;
mod rates;
mod reasons;
mod recipes;
mod recordings;
mod refusals;
mod repair;
mod reports;
mod resampled;
mod results;
mod resume;
mod retry;
mod same_bytes;
mod selection;
mod shares;
mod signals;
mod spikegrams;
mod spikes;
mod system;
mod unchanged;
mod updates;
mod verbs;
mod verify;
mod watching;
