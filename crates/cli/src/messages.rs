//! Every sentence that names a flag or a verb: what libraries say is wrong, and what to do about it in
//! the words of this command line.

use std::error::Error as StdError;
use std::fmt::Display;
use std::path::Path;

use ossicle_corpus::{ForeignKind, Reason, printable};
use ossicle_dataset::{CorpusCard, FailureRow};
use ossicle_engine::{
    Advice, Cause, CauseCount, Error, Estimate, MemoryBound, Notice, Tolerance, Unfinished,
    counted, size,
};
use ossicle_recipe::{Recipe, RecipeError};

/// The refusal of a check that needs the recordings, which are not given.
pub(crate) const CORPUS_IS_NEEDED: &str =
    "--deep and --repair need the recordings: give --corpus CORPUS too";

/// The refusal of a time limit whose thread would have to be ended.
pub(crate) const PROCESSES_ARE_NEEDED: &str =
    "--timeout-per-utterance needs --isolation processes: a thread cannot be ended";

/// The refusal of a verb that only the program itself starts.
pub(crate) const NOT_BY_HAND: &str =
    "`ossicle worker` is started by `ossicle extract --isolation processes`, not by hand";

/// The end of a run that a signal did not find looking.
pub(crate) const STOPPED_AT_ONCE: &str =
    "stopped at once: the parts that were done are kept; the same command goes on from there";

/// The refusal of one file for several spikegrams.
pub(crate) const ONE_SPIKEGRAM: &str =
    "--out and --resynth are of one spikegram: give a single --snr";

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

/// A command as it can be typed.
pub(crate) fn command<'a>(words: impl IntoIterator<Item = &'a str>) -> String {
    let words = words.into_iter().map(|word| shell_word(Path::new(word)));
    words.collect::<Vec<_>>().join(" ")
}

/// An error and its causes, and what to do about it, as one sentence.
pub(crate) fn error(error: &anyhow::Error) -> String {
    let links: Vec<_> = error.chain().map(in_words).collect();
    let text = links.join(": ");
    match error.chain().find_map(way_out) {
        Some(advice) => format!("{text}; {advice}"),
        None => text,
    }
}

/// Tells what is wrong with an utterance, and what to do about it.
pub(crate) fn failure(row: &FailureRow) -> String {
    match Cause::named(&row.cause).and_then(Cause::advice) {
        // Not just any rate, and only if it is everybody's.
        Some(Advice::Set { key, value }) => {
            format!("{}; write --set {key}={value} if all recordings have that rate", row.error)
        }
        Some(kind) => format!("{}; {}", row.error, advice(&kind)),
        None => row.error.clone(),
    }
}

/// How many utterances failed for a reason, with the first of them and what to do about it.
pub(crate) fn cause(of: &CauseCount) -> String {
    let CauseCount { cause, count, first } = of;
    format!("{count} {}, as {}: {}", cause_word(cause), first.id, failure(first))
}

/// The word for a reason; ledgers of earlier versions have none.
fn cause_word(cause: &str) -> &str {
    if cause.is_empty() { "without a word for why" } else { cause }
}

/// Says that failures for a reason are no longer shown one by one.
pub(crate) fn more_failures(cause: &str) -> String {
    format!("more that are {} are counted and not shown; the ledger lists all", cause_word(cause))
}

/// Says how many failures for a reason were not shown.
pub(crate) fn failures_not_shown(cause: &str, count: u64) -> String {
    let have = if count == 1 { "utterance has" } else { "utterances have" };
    format!("{count} more {have} failed: {}", cause_word(cause))
}

/// Tells of a run that did not finish, how far it came and how to go on.
pub(crate) fn unfinished(dataset: &Path, left: &Unfinished) -> String {
    let name = printable(dataset);
    let of = left.parts.map_or(String::new(), |parts| format!(" of {parts}"));
    let done = format!("{}{of} parts are done", left.parts_done);
    if left.is_running {
        return format!("{name}: a run is at work here; {done}");
    }
    if left.is_publishing {
        return format!(
            "{name}: a run was stopped here while it put the finished dataset in place; the same `ossicle \
             extract` finishes that"
        );
    }
    if let (Some(ledger), 0) = (&left.ledger, left.parts_done) {
        let ledger = printable(ledger);
        return format!(
            "{name}: a run ended here and stored nothing; why utterances failed is in {ledger}"
        );
    }
    format!(
        "{name}: a run was stopped here; {done}, and the same `ossicle extract` goes on from there"
    )
}

/// Tells of files that desktops and file systems left in a dataset.
pub(crate) fn litter(count: usize, first: &str) -> String {
    match count {
        1 => format!(
            "{first} is no part of the dataset, and no damage: a desktop or a file system left it"
        ),
        _ => format!(
            "{count} files ({first} is the first) are no part of the dataset, and no damage: desktops and \
             file systems leave them"
        ),
    }
}

/// What a quick dry run does not know.
pub(crate) const NOT_LOOKED_AT: &str =
    "no recording was opened: --dry-run looks at headers and alignments, and says which would fail";

/// How a run would end that cannot come to its end, as a dry run tells it.
///
/// - `stored`: how many utterances would be stored
pub(crate) fn dry_run_ends(
    estimate: &Estimate,
    stored: u64,
    fits: bool,
    max_failures: Option<Tolerance>,
    keep_going: bool,
) -> Option<String> {
    let failures = estimate.unreadable.len() as u64;
    if !fits {
        return Some(format!(
            "the run would be refused: {}",
            advice(&Advice::MakeRoom { begun: false })
        ));
    }
    if stored == 0 {
        return Some("the run would store nothing, and publish nothing".to_owned());
    }
    if let Some(most) = max_failures.filter(|most| !most.allows(failures, stored + failures)) {
        return Some(format!(
            "the run would stop: {failures} failures are more than --max-failures {most} allows"
        ));
    }
    let (first, row) = estimate.first_fail_alike.as_ref().filter(|_| !keep_going)?;
    Some(format!(
        "the run would stop, as its first {first} utterances would all fail for the same reason ({}); {}",
        row.cause,
        advice(&Advice::KeepGoing)
    ))
}

/// A notice, with where to look.
pub(crate) fn notice(notice: &Notice) -> String {
    match notice {
        Notice::Memory { limit, by, workers, wanted } => format!(
            "memory is limited to {} by {}, which allows {workers} of {wanted} workers",
            size(*limit),
            bound(*by)
        ),
        Notice::OpenFiles { .. } => format!("{notice} (see `ossicle limits`)"),
        Notice::Workers { .. } => format!("{notice} (see `ulimit -u`)"),
        Notice::LeftOut { reason: Reason::NotInSplitsFile, .. } => {
            format!(
                "{notice}; whoever wants them names them, their speakers or folders in --splits"
            )
        }
        Notice::NoSpeaker { .. } => {
            format!("{notice}; --set normalize.scope=utterance normalises each by itself")
        }
        Notice::PrivateCorpus { .. } => {
            format!(
                "{notice}; `umask 077` before it, or `chmod -R go=` after it, makes that private too"
            )
        }
        Notice::FramesOfOtherRate { length, made_for_hz, .. } => {
            let ms = 1000.0 * f64::from(*length) / f64::from(*made_for_hz);
            format!(
                "{notice}; --set frames.length={ms}ms gives them a time, and so for frames.shift"
            )
        }
        Notice::LeftOut { reason: Reason::Headerless, .. } => {
            format!("{notice}; {}", advice(&Advice::DescribeRaw))
        }
        notice => notice.to_string(),
    }
}

/// A notice as programs read it. The keys are always there.
pub(crate) fn notice_json(of: &Notice) -> serde_json::Value {
    serde_json::json!({
        "kind": of.kind(),
        "count": of.count(),
        "first": of.first(),
        "text": notice(of),
    })
}

/// Tells what of a corpus is no utterance, a line a reason; nothing where nothing is left out.
pub(crate) fn left_out(corpus: &CorpusCard) -> Vec<String> {
    let mut lines: Vec<_> = corpus
        .left_out_because
        .iter()
        .map(|of| {
            // A card may be of a later version.
            let why = Reason::named(&of.reason).map_or(of.reason.clone(), |why| why.to_string());
            left_out_because(why, of.count, &of.first)
        })
        .collect();
    if corpus.ignored_files > 0 {
        lines.push(format!("ignored: {}", counted(corpus.ignored_files, "other file")));
    }
    lines
}

/// Tells how many recordings are no utterances, and why.
pub(crate) fn left_out_because(why: impl Display, count: u64, first: &str) -> String {
    format!("left out: {} {why}; the first is {first}", counted(count, "recording"))
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
        (Some(Error::TooManyFailures { failures, allowed }), _) => {
            format!(
                "{} failed, which is more than --max-failures {allowed} allows",
                counted(*failures, "utterance")
            )
        }
        (Some(Error::Hopeless { failures, utterances, first, ledger }), _) => format!(
            "the first {failures} of {utterances} utterances all failed for the same reason ({}), as {}: \
             {}; nothing was published, and the failures are listed in {}",
            first.cause,
            first.id,
            failure(first),
            printable(ledger)
        ),
        (Some(Error::NothingStored { causes, ledger }), _) => {
            let failures: u64 = causes.iter().map(|of| of.count).sum();
            let why: Vec<_> = causes.iter().map(cause).collect();
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

fn bound(by: MemoryBound) -> String {
    match by {
        MemoryBound::Asked => "--max-memory".to_owned(),
        MemoryBound::AddressSpace => "`ulimit -v`".to_owned(),
        MemoryBound::ControlGroup => by.to_string(),
    }
}

/// Tells what to do about an error, if it is one that there is help for.
fn way_out(error: &(dyn StdError + 'static)) -> Option<String> {
    if let Some(Error::Corpus(error)) = error.downcast_ref() {
        return way_out(error);
    }
    if let Some(error) = error.downcast_ref::<Error>() {
        return error.advice().as_ref().map(advice);
    }
    if let Some(error) = error.downcast_ref::<RecipeError>() {
        return error.advice().map(Advice::from).as_ref().map(advice);
    }
    if let Some(ossicle_audio::Error::NotAudio { .. }) = error.downcast_ref() {
        return Some(advice(&Advice::DescribeRaw));
    }
    match error.downcast_ref()? {
        ossicle_corpus::Error::NotReadYet { kind, file, .. } => Some(foreign(*kind, file)),
        _ => None,
    }
}

/// Tells what to do, in the words of this command.
fn advice(advice: &Advice) -> String {
    match advice {
        Advice::Overwrite => "--overwrite replaces it",
        Advice::Repair => {
            "`ossicle verify --repair` mends it, and --overwrite makes the dataset again"
        }
        Advice::MakeAnew => "`ossicle extract --overwrite` makes the dataset anew",
        Advice::OtherFolder => "give --out a folder: a new or an empty one, or a dataset",
        Advice::FolderElsewhere => "give --out a folder elsewhere",
        Advice::WaitOrOtherOutput => "wait for it to end, or give another --out",
        Advice::RemoveIt => "remove it, or give --out another folder",
        Advice::NoLock => {
            "--no-lock does without, where you see to it that no other run writes there"
        }
        Advice::RaiseOpenFiles => {
            "type `ulimit -n 1024`, or where that is refused raise the hard limit (see `ossicle \
                 limits`)"
        }
        Advice::CloseFiles => {
            "close files of other programs, or raise the limit (see `ossicle limits`), and run \
                 the same command again"
        }
        Advice::MoreMemory => "raise that, or run where there is more",
        Advice::FewerWorkers => {
            "give fewer --jobs, which take less memory, and the same command goes on from there"
        }
        Advice::MakeRoom { begun: false } => "make room, or give --out another disk",
        Advice::MakeRoom { begun: true } => {
            "make room, and the same command goes on from there; or give --out another disk"
        }
        Advice::RaiseFileSize => {
            "raise the limit of file sizes (`ulimit -f unlimited`), and the same command goes on \
                 from there"
        }
        Advice::LookAtDisk => {
            "look at the disk; the same command goes on from there, or give --out another disk"
        }
        Advice::WritableFolder => {
            "give --out a folder that can be written, or change its permissions"
        }
        Advice::FolderIsGone => {
            "was the folder removed or renamed meanwhile? the same command makes it anew"
        }
        Advice::RunAgain => "the same command goes on from there",
        Advice::AllowMoreFailures => {
            "a larger --max-failures lets the same command go on from there"
        }
        Advice::SameSplits => "give --corpus and --splits as `ossicle extract` had them",
        Advice::KeepGoing => "--keep-going goes on all the same",
        Advice::Set { key, value } => {
            return format!("write for example --set {key}={value}");
        }
        Advice::DescribeRaw => {
            "for headerless samples, pass `--raw-encoding s16le --sample-rate HZ`"
        }
        Advice::OneRate { sample_rate_hz } => {
            return format!(
                "write --set audio.sample_rate_hz={sample_rate_hz} to take one rate, or --set \
                 audio.mixed_rates=true if that is meant"
            );
        }
        Advice::AllowOverlap => {
            "give each split recordings of its own, or --allow-overlap if that is meant"
        }
    }
    .to_owned()
}

/// Tells what to give instead of another program's description of a corpus.
fn foreign(kind: ForeignKind, file: &Path) -> String {
    let word = shell_word(file);
    let is_packed = file.extension().is_some_and(|end| end.eq_ignore_ascii_case("gz"));
    let cat = if is_packed { "gzip -dc" } else { "cat" };
    // A manifest in `.jsonl` has an object a line, one in `.json` a list of them.
    let objects = if word.contains(".jsonl") { "" } else { ".[]|" };
    match kind {
        ForeignKind::Kaldi => format!(
            "if its entries are plain paths, run `cut -d' ' -f2- {word} | ossicle extract - …` in \
             the folder that Kaldi runs in"
        ),
        ForeignKind::HtkScript => format!(
            "give its first paths, one a line: `{cat} {word} | cut -d' ' -f1 | sed 's/.*=//; \
             s/\\[.*//' | sort -u | ossicle extract - …` in the folder that HTK runs in"
        ),
        ForeignKind::LhotseRecordings => format!(
            "give the paths of its recordings: `{cat} {word} | jq -r '{objects}.sources[].source' | \
             ossicle extract - …`"
        ),
        ForeignKind::LhotseCuts => format!(
            "give the paths of whole recordings: `{cat} {word} | jq -r \
             '{objects}.recording.sources[].source' | sort -u | ossicle extract - …`"
        ),
        ForeignKind::Columns => "write the bytes of its audio column to files (Python: \
             `datasets.Audio(decode=False)`) and give their folder"
            .to_owned(),
        ForeignKind::Json => format!(
            "give the paths of its recordings, one a line: `{cat} {word} | jq -r .audio_filepath | \
             ossicle extract - …` (with its own key)"
        ),
        ForeignKind::Table => {
            let comma = if word.contains(".csv") { " -d," } else { "" };
            let folder = shell_word(file.parent().unwrap_or(Path::new(".")));
            format!(
                "give the folder of its recordings, as {folder}, or its column of paths: `{cat} {word} \
                 | tail -n +2 | cut{comma} -f1 | ossicle extract - …` (with its own column, in the \
                 folder that paths are relative to)"
            )
        }
    }
}

/// A path as one word of a shell's command line.
fn shell_word(path: &Path) -> String {
    let text = printable(path);
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"/._-+,:=@%".contains(&byte);
    if text.bytes().all(plain) { text } else { format!("'{}'", text.replace('\'', r"'\''")) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io;
    use std::path::PathBuf;

    fn of(wrong: impl Into<anyhow::Error>) -> String {
        error(&wrong.into())
    }

    #[test]
    fn every_advice_has_words_of_its_own() {
        let set = Advice::Set { key: "normalize.stats_from".into(), value: "all".into() };
        let all = [
            (Advice::Overwrite, "--overwrite"),
            (Advice::Repair, "`ossicle verify --repair`"),
            (Advice::MakeAnew, "`ossicle extract --overwrite`"),
            (Advice::OtherFolder, "--out"),
            (Advice::FolderElsewhere, "--out"),
            (Advice::WaitOrOtherOutput, "wait for it"),
            (Advice::RemoveIt, "remove it"),
            (Advice::NoLock, "--no-lock"),
            (Advice::RaiseOpenFiles, "`ulimit -n 1024`"),
            (Advice::CloseFiles, "`ossicle limits`"),
            (Advice::MoreMemory, "raise"),
            (Advice::FewerWorkers, "--jobs"),
            (Advice::MakeRoom { begun: false }, "make room"),
            (Advice::MakeRoom { begun: true }, "the same command"),
            (Advice::RaiseFileSize, "`ulimit -f unlimited`"),
            (Advice::LookAtDisk, "disk"),
            (Advice::WritableFolder, "permissions"),
            (Advice::FolderIsGone, "the same command"),
            (Advice::RunAgain, "the same command"),
            (Advice::AllowMoreFailures, "--max-failures"),
            (Advice::SameSplits, "--splits as `ossicle extract`"),
            (Advice::KeepGoing, "--keep-going"),
            (set, "--set normalize.stats_from=all"),
            (Advice::DescribeRaw, "--raw-encoding s16le --sample-rate"),
            (Advice::AllowOverlap, "--allow-overlap"),
            (Advice::OneRate { sample_rate_hz: 8000 }, "--set audio.sample_rate_hz=8000"),
        ];
        for (kind, words) in &all {
            assert!(advice(kind).contains(words), "{kind:?}: {}", advice(kind));
            let same = all.iter().filter(|(other, _)| advice(other) == advice(kind)).count();
            assert_eq!(same, 1, "{kind:?}");
        }
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
            "stopped: 1 of 3 parts are kept; the same command goes on from there"
        );
        let memory = Error::TooLittleMemory { limit: 1, by: MemoryBound::Asked, needed: 2 };
        assert!(of(memory).contains(" by --max-memory, and one worker needs "));
        let failures = Error::TooManyFailures { failures: 3, allowed: "2".to_owned() };
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
        let said = |kind, file: &str| {
            let path = PathBuf::from("corpus");
            let file = PathBuf::from(file);
            of(ossicle_corpus::Error::NotReadYet { path, what: "a list", kind, file })
        };
        for (kind, file, words) in [
            (ForeignKind::Kaldi, "wav.scp", "`cut -d' ' -f2- wav.scp | ossicle extract - …`"),
            (ForeignKind::LhotseRecordings, "recordings.jsonl.gz", "`gzip -dc recordings.jsonl.gz"),
            (ForeignKind::LhotseRecordings, "recordings.json", "jq -r '.[]|.sources[].source'"),
            (ForeignKind::HtkScript, "train.scp", "cut -d' ' -f1 | sed 's/.*=//; s/\\[.*//'"),
            (ForeignKind::LhotseCuts, "cuts.jsonl", "sort -u | ossicle extract - …`"),
            (ForeignKind::Json, "train.json", "`cat train.json | jq -r .audio_filepath"),
            (ForeignKind::Table, "train.csv", "cut -d, -f1 | ossicle"),
            (ForeignKind::Table, "train.tsv", "cut -f1 | ossicle"),
            (ForeignKind::Columns, "train.parquet", "`datasets.Audio(decode=False)`"),
        ] {
            let said = said(kind, file);
            let head = "corpus: a list, which this version does not read; ";
            assert!(said.starts_with(head) && said.contains(words), "{said}");
        }
    }

    #[test]
    fn paths_in_advice_survive_the_shell() {
        assert_eq!(shell_word(Path::new("/a/b-1.scp")), "/a/b-1.scp");
        assert_eq!(shell_word(Path::new("it's here")), r"'it'\''s here'");
    }
}
