//! Every sentence that names a flag or a verb: what libraries say is wrong, and what to do about it in
//! the words of this command line.
//!
//! Each kind of sentence has a file below; here are errors, and refusals of whole commands.

mod advice;
mod compare;
mod endings;
mod failures;
mod notices;
mod show;
mod stores;

use std::error::Error as StdError;
use std::path::Path;

use ossicle_corpus::printable;
use ossicle_engine::{Advice, Error, counted, size};
use ossicle_files::{visible, visible_lines};
use ossicle_recipe::{Recipe, RecipeError};

pub(crate) use advice::advice;
use advice::{foreign, shell_word};
pub(crate) use compare::*;
pub(crate) use endings::{NOT_LOOKED_AT, dry_run_ends, sound_beside_a_run, unfinished};
pub(crate) use failures::{
    cause, cause_json, failure, failures_not_shown, more_failures, other_rate,
};
use notices::bound;
pub(crate) use notices::{ignored, left_out, left_out_because, litter, notice, notice_json};
pub(crate) use show::{
    CLIPPED, DRIFT, FAILURES_ARE_LISTED, NO_SPEED_GIVEN, NOT_NORMALISED, QUIET,
    RECIPE_OF_ANOTHER_VERSION, SHIFTED, SILENT, SPEED_OF_ANOTHER, cannot_open, drawn,
    in_several_splits, matrices_are_not_shown, no_array, no_dataset_to_show, no_other,
    no_page_name, no_picture_name, no_span, no_speed, no_split, no_such_utterance,
    no_utterance_named, no_waveform, recording_has_no_utterances, report_written, times_of_others,
    too_small_to_tell, two_utterances,
};

/// The refusal of a check that needs the recordings, which are not given.
///
/// - `option`: the word for an option
pub(crate) fn corpus_is_needed(option: impl Fn(&str) -> String) -> String {
    let (deep, repair, corpus) = (option("deep"), option("repair"), option("corpus"));
    format!("{deep} and {repair} need the recordings: give {corpus} CORPUS too")
}

/// Options say how a corpus is read, and none is given.
///
/// - `option`: the word for an option
pub(crate) fn selection_of_nothing(option: impl Fn(&str) -> String) -> String {
    let (splits, corpus) = (option("splits"), option("corpus"));
    format!(
        "{splits} and the other flags that say how a corpus is read need one: give {corpus} CORPUS too"
    )
}

/// The refusal of a time limit whose thread would have to be ended.
///
/// - `option`: the word for an option
pub(crate) fn processes_are_needed(option: impl Fn(&str) -> String) -> String {
    let (timeout, isolation) = (option("timeout-per-utterance"), option("isolation"));
    format!("{timeout} needs {isolation} processes: a thread cannot be ended")
}

/// The refusal of a verb that only the program itself starts.
pub(crate) const NOT_BY_HAND: &str =
    "`ossicle worker` is started by `ossicle extract --isolation processes`, not by hand";

/// The end of a run that a signal did not find looking.
pub(crate) const STOPPED_AT_ONCE: &str =
    "stopped at once: the parts that were done are kept; the same command goes on from there";

/// What to do about a dataset that is not what was written.
const DAMAGED: &str = "`ossicle verify DATASET` tells all that is damaged, and with --corpus CORPUS --repair \
    computes it again";

/// Says that only the sizes of some files were compared.
pub(crate) fn sizes_alone(dataset: &Path, files: u64, bytes: u64) -> String {
    let (files, bytes) = (counted(files, "file"), size(bytes));
    let verify = command(["ossicle", "verify", &*dataset.to_string_lossy()]);
    format!("{files} of {bytes} were looked at by size alone: `{verify}` compares all bytes")
}

/// The refusal of one file for several spikegrams.
pub(crate) const ONE_SPIKEGRAM: &str =
    "--out and --resynth are of one spikegram: give a single --snr";

/// The refusal of a front end whose statistics are not there.
pub(crate) fn front_end_of_a_corpus(name: &str) -> String {
    format!(
        "{name} is normalised by a corpus, which is not here: save the dataset's, ossicle presets DATASET --save \
         FILE"
    )
}

/// What is said of a front end that was saved, and how it is used.
pub(crate) fn front_end_saved(file: &Path) -> String {
    let file = printable(file);
    format!("saved {file}; in Python: ossicle.Extractor.load({file:?})")
}

/// What follows shares.
pub(crate) const SHARES_PUBLISH: &str =
    "when all shares are done, the same command without --share publishes the dataset";

/// What follows when they are.
pub(crate) const NOW_PUBLISH: &str = "the same command without --share publishes the dataset now";

/// The refusal of a share that nobody tells.
///
/// - `option`: the word for an option
pub(crate) fn no_array_task(option: impl Fn(&str) -> String) -> String {
    let share = option("share");
    format!(
        "{share} auto is for the tasks of a Slurm array: SLURM_ARRAY_TASK_ID and SLURM_ARRAY_TASK_COUNT are not \
         set; give {share} I/N"
    )
}

/// What is said of a search that came to none of the ends that were asked for.
pub(crate) const ENDED_EARLY: &str = "the search ended before what was asked for was reached: it stops at as \
    many spikes as samples, and where only noise is left";

/// Refuses a command that does not say what to compute.
pub(crate) fn no_recipe() -> String {
    let presets = Recipe::preset_names().collect::<Vec<_>>().join(", ");
    format!("give --preset NAME or --recipe FILE; the presets are {presets}")
}

/// Refuses to look for a recipe in a folder that has none.
pub(crate) fn no_recipe_in(folder: &Path) -> String {
    let folder = printable(folder);
    format!("--recipe {folder}: it is a folder and no dataset; give a recipe's file, or a dataset")
}

/// Refuses to print the keys of what has none.
pub(crate) fn no_keys(wanted: &str, known: &[&str]) -> String {
    format!("--keys {wanted}: there is no such kind or table; there are {}", known.join(", "))
}

/// What is said of runs that are over too soon.
pub(crate) const TOO_SHORT: &str =
    "a run that lasts less than a second is too short to mean much: take a larger corpus";

/// What is said of an efficiency above 100 %.
pub(crate) const NOISE: &str = "an efficiency above 100 % is noise: other programs ran meanwhile, or \
    the processor changed its speed";

/// What is said for comparison: the script whose story DESIGN and README tell, timed on TIMIT.
pub(crate) const IN_2019: &str =
    "in 2019 a script took 681.01 s, and 186.69 s on 12 processors: 3.65 times faster, 30 %";

/// A command as it can be typed.
pub(crate) fn command<'a>(words: impl IntoIterator<Item = &'a str>) -> String {
    let words = words.into_iter().map(|word| shell_word(Path::new(word)));
    words.collect::<Vec<_>>().join(" ")
}

/// An error and its causes, and what to do about it, as one sentence.
pub(crate) fn error(error: &anyhow::Error) -> String {
    let links: Vec<_> = error.chain().map(in_words).collect();
    let text = links.join(": ");
    let text = match error.chain().find_map(way_out) {
        Some(advice) => format!("{text}; {advice}"),
        None => text,
    };
    // The faults of a description are a line each.
    match error.chain().any(is_of_faults) {
        true => visible_lines(&text),
        false => visible(&text),
    }
}

fn is_of_faults(error: &(dyn StdError + 'static)) -> bool {
    let faults = |error: Option<&ossicle_corpus::Error>| {
        matches!(error, Some(ossicle_corpus::Error::Faults { .. }))
    };
    match error.downcast_ref() {
        Some(Error::Corpus(error)) => faults(Some(error)),
        _ => faults(error.downcast_ref()),
    }
}

/// Tells what is wrong, in this command's words where it has others than libraries have.
fn in_words(error: &(dyn StdError + 'static)) -> String {
    match (error.downcast_ref(), error.downcast_ref()) {
        (Some(Error::Recipe(error)), _) | (_, Some(error)) => recipe(error),
        (Some(Error::TooLittleMemory { limit, by, needed }), _) => format!(
            "memory is limited to {} by {}, and one worker needs {}",
            size(*limit),
            bound(*by),
            size(*needed)
        ),
        (Some(Error::TooManyFailures { failures, allowed, ledger }), _) => {
            format!(
                "{} failed, which is more than --max-failures {allowed} allows (listed in {})",
                counted(*failures, "utterance"),
                printable(ledger)
            )
        }
        (Some(Error::Hopeless { failures, utterances, first, ledger }), _) => format!(
            "the first {failures} of {utterances} utterances all failed for the same reason ({}), as {}: \
             {}; nothing was published, and the failures are listed in {}",
            first.cause,
            first.id,
            failure(first, &advice),
            printable(ledger)
        ),
        (Some(Error::NothingStored { causes, ledger }), _) => {
            let failures: u64 = causes.iter().map(|of| of.count).sum();
            let why: Vec<_> = causes.iter().map(|of| cause(of, &advice)).collect();
            let all = match failures {
                1 => "the only utterance".to_owned(),
                n => format!("all {n} utterances"),
            };
            format!(
                "{all} failed, so nothing was published: {}; the failures are listed in {}",
                why.join("; "),
                printable(ledger)
            )
        }
        _ => error.to_string(),
    }
}

fn recipe(error: &RecipeError) -> String {
    match error {
        RecipeError::Set { .. } => format!("--set {error}"),
        RecipeError::Change { assignment, because } => {
            format!("--set {assignment}: {}", recipe(because))
        }
        error => error.to_string(),
    }
}

/// Tells what to do about an error, if it is one that there is help for.
fn way_out(error: &(dyn StdError + 'static)) -> Option<String> {
    if let Some(way_in) = stores::way_in(error) {
        return Some(way_in);
    }
    if let Some(Error::Corpus(error)) = error.downcast_ref() {
        return way_out(error);
    }
    if let Some(error) = error.downcast_ref::<Error>() {
        return error.advice().as_ref().map(advice);
    }
    if let Some(error) = error.downcast_ref::<RecipeError>() {
        return error.advice().map(Advice::from).as_ref().map(advice);
    }
    if let Some(ossicle_dataset::Error::Damaged { .. }) = error.downcast_ref() {
        return Some(DAMAGED.to_owned());
    }
    if let Some(ossicle_audio::Error::NotAudio { .. }) = error.downcast_ref() {
        return Some(advice(&Advice::DescribeRaw));
    }
    match error.downcast_ref()? {
        ossicle_corpus::Error::NotReadYet { kind, .. } => Some(foreign(*kind).to_owned()),
        ossicle_corpus::Error::SeveralAudioColumns { .. } => {
            Some("--column audio=NAME says which".to_owned())
        }
        ossicle_corpus::Error::Faults { has_commands: true, .. } => {
            Some("--allow-commands runs such commands, in a shell, as you".to_owned())
        }
        ossicle_corpus::Error::Headerless { .. } => Some(advice(&Advice::DescribeRaw)),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use ossicle_corpus::ForeignKind;
    use ossicle_engine::MemoryBound;
    use std::io;
    use std::path::PathBuf;

    fn of(wrong: impl Into<anyhow::Error>) -> String {
        error(&wrong.into())
    }

    #[test]
    fn an_error_is_said_with_its_causes_and_then_the_way_out() {
        let full = io::Error::from_raw_os_error(28);
        let error = Error::Io { action: "write", path: "out/x".into(), source: full };
        assert_eq!(
            of(error),
            "cannot write out/x: No space left on device (os error 28); make room, and the same \
             command goes on from there; or give --out another disk"
        );
        let stopped = Error::Stopped { signal: 2, parts_done: 1, parts: 3 };
        assert_eq!(
            of(stopped),
            "stopped: 1 of 3 parts is kept; the same command goes on from there"
        );
        let memory = Error::TooLittleMemory { limit: 1, by: MemoryBound::Asked, needed: 2 };
        assert!(of(memory).contains(" by --max-memory, and one worker needs "));
        let failures =
            Error::TooManyFailures { failures: 3, allowed: "2".to_owned(), ledger: "l".into() };
        assert!(
            of(failures).starts_with("3 utterances failed, which is more than --max-failures 2")
        );
        // A folder of statistics that cannot be read has nothing to do with the output.
        let gone = io::Error::from_raw_os_error(2);
        let gone = ossicle_dataset::Error::Io { action: "open", path: "x".into(), source: gone };
        assert!(of(Error::Statistics(gone)).ends_with("(os error 2)"));
    }

    #[test]
    fn a_recipe_changed_by_a_flag_is_said_with_the_flag() {
        let text = ossicle_recipe::Recipe::preset("timit-mfcc").unwrap();
        let recipe = || text.parse::<ossicle_recipe::RecipeSource>().unwrap();
        let wrong = recipe().set("n_fft").unwrap_err();
        assert!(of(wrong.clone()).starts_with("--set n_fft: it must be KEY=VALUE"));
        assert!(of(Error::Recipe(wrong)).starts_with("--set n_fft: "));
        let mut half = recipe();
        half.set("audio.raw_encoding=s16le").unwrap();
        let half = of(half.finish().unwrap_err());
        assert!(half.starts_with("--set audio.raw_encoding=s16le: headerless"), "{half}");
        assert!(half.ends_with("`--raw-encoding s16le --sample-rate HZ`"), "{half}");
    }

    #[test]
    fn a_recording_without_a_known_header_comes_with_the_flags_for_headerless_ones() {
        let unknown = ossicle_audio::Error::NotAudio { beginning: "RAW!".to_owned() };
        let said = of(anyhow::Error::new(unknown).context("a.raw"));
        assert!(said.ends_with("pass `--raw-encoding s16le --sample-rate HZ`"), "{said}");
        assert!(!of(ossicle_audio::Error::Empty).contains("--raw-encoding"));
    }

    #[test]
    fn another_programs_description_comes_with_the_line_to_type() {
        let (path, file) = (PathBuf::from("corpus"), PathBuf::from("train.arrow"));
        let kind = ForeignKind::Arrow;
        let said = of(ossicle_corpus::Error::NotReadYet { path, what: "a list", kind, file });
        let head = "corpus: a list, which this version does not read; ";
        assert!(said.starts_with(head) && said.contains("to_parquet"), "{said}");
    }
}
