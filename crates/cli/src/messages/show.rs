//! What `ossicle show` and `ossicle report` say.

use std::path::Path;

use ossicle_corpus::printable;
use ossicle_engine::{counted, size};
use ossicle_files::visible;

/// The refusal of a file whose name does not say which kind of picture it is.
pub(crate) fn no_picture_name(path: &Path) -> String {
    format!("{}: name a file that ends in .png or .svg", printable(path))
}

/// What is said of a picture that was written.
pub(crate) fn drawn(title: &str, path: &Path) -> String {
    format!("{title}: drawn to {}", printable(path))
}

/// What is said of a recipe whose statistics are not there.
pub(crate) const NOT_NORMALISED: &str = "the recipe is normalised by a corpus or by speakers, which are not here: \
    what is drawn is not normalised (--recipe DATASET has the statistics)";

/// What is said of a recording that cannot be read any more.
pub(crate) fn no_waveform(why: &str) -> String {
    format!("there is no waveform: {why}; --corpus DIR says where the recordings are")
}

/// The refusal of a folder that is no dataset.
pub(crate) fn no_dataset_to_show(folder: &Path) -> String {
    format!(
        "{} is a folder and no dataset; name a dataset and an utterance, or a recording with --preset NAME",
        printable(folder)
    )
}

/// What could not be opened; the reason follows.
pub(crate) fn cannot_open(path: &Path) -> String {
    format!("cannot open {}", printable(path))
}

/// The refusal of a file of matrices, which have neither a recipe nor times.
///
/// - `option`: the word for an option
pub(crate) fn matrices_are_not_shown(path: &Path, option: impl Fn(&str) -> String) -> String {
    format!(
        "{} has matrices; ossicle show draws datasets and recordings, and ossicle compare A B {} draws matrices",
        printable(path),
        option("out")
    )
}

/// The refusal of an utterance beside a recording.
pub(crate) fn recording_has_no_utterances(recording: &Path, utterance: &str) -> String {
    format!(
        "{} is no dataset, so that there is no utterance {:?} in it",
        printable(recording),
        visible(utterance)
    )
}

/// The refusal of an utterance that is named twice.
pub(crate) fn two_utterances(one: &str, other: &str) -> String {
    let (one, other) = (visible(one), visible(other));
    format!("DATASET#{one} names an utterance, and so does {other}: give one of them")
}

/// The refusal of a split that is not there.
pub(crate) fn no_split<'a>(name: &str, known: impl Iterator<Item = &'a str>) -> String {
    format!("there is no split {:?}; there are {}", visible(name), list(known))
}

/// The refusal of an array that is not there.
pub(crate) fn no_array<'a>(name: &str, known: impl Iterator<Item = &'a str>) -> String {
    format!("there is no array {:?}; there are {}", visible(name), list(known))
}

fn list<'a>(names: impl Iterator<Item = &'a str>) -> String {
    let names: Vec<_> = names.map(visible).collect();
    if names.is_empty() { "none".to_owned() } else { names.join(", ") }
}

/// The refusal of an id that several splits have.
pub(crate) fn in_several_splits(id: &str, a: &str, b: &str) -> String {
    let (id, a, b) = (visible(id), visible(a), visible(b));
    format!("{id} is in the splits {a} and {b}: give --split NAME")
}

/// The refusal to choose one of several utterances.
pub(crate) fn no_utterance_named(count: u64, examples: [String; 2]) -> String {
    let [a, b] = examples.each_ref().map(|id| visible(id));
    format!("the dataset has {}: name one of them, such as {a} or {b}", counted(count, "utterance"))
}

/// The refusal of an id that no utterance has.
pub(crate) fn no_such_utterance(id: &str, count: u64, examples: &[String]) -> String {
    let id = visible(id);
    match list(examples.iter().map(String::as_str)) {
        _ if examples.is_empty() => format!("there is no utterance {id}"),
        examples => format!(
            "there is no utterance {id} among {}, such as {examples}",
            counted(count, "utterance")
        ),
    }
}

/// The refusal of a stretch of time in which there is nothing.
pub(crate) fn no_span(start: f64, end: f64, duration_s: f64) -> String {
    format!(
        "--start {start} and --end {end} are no stretch of an utterance that lasts {duration_s:.2} s"
    )
}

/// The refusal of something that nothing is known of.
pub(crate) fn no_other(word: &str) -> String {
    format!(
        "--against {}: it is no dataset, preset, recipe, recording, matrix, or utterance of the dataset",
        visible(word)
    )
}

/// The refusal of a file whose name does not say that it is a page.
///
/// - `option`: the word for an option
pub(crate) fn no_page_name(path: &Path, option: impl Fn(&str) -> String) -> String {
    let out = option("out");
    format!("{out} {}: a report is a page of HTML; name a file that ends in .html", printable(path))
}

/// What is said of a report that was written.
pub(crate) fn report_written(path: &Path, bytes: u64) -> String {
    format!("wrote {}, {}: open it in a browser", printable(path), size(bytes))
}

/// The refusal of a file that is no speed comparison; what is wrong with it follows.
pub(crate) fn no_speed(path: &Path) -> String {
    format!("--speed {}: it must be a file that `ossicle speed --json` has made", printable(path))
}

/// What a report says of features that are read too quickly to tell how fast.
pub(crate) fn too_small_to_tell(bytes: u64) -> String {
    format!("{} of features are too few to tell how fast more would be read.", size(bytes))
}

/// What a report says of speeds that were measured of something else.
pub(crate) const SPEED_OF_ANOTHER: &str = "These figures are of another extraction than the one that made this dataset: \
    other recordings, another recipe or another version of ossicle.";

/// What a report says where no speeds were measured.
pub(crate) const NO_SPEED_GIVEN: &str = "How much faster more workers are: ossicle speed CORPUS --preset NAME --json > \
    speed.json, and then ossicle report DATASET --speed speed.json.";

/// What a report says of clipping.
pub(crate) const CLIPPED: &str = "samples at full scale stand beside each other, as where a recording was too loud. \
    Take the original if there is one with more headroom; audio.levels says more of each utterance.";

/// What a report says of digital silence.
pub(crate) const SILENT: &str = "more than a fifth of the samples are exactly 0: padding, a gate, or a channel that was \
    not connected. Crop them, or choose another channel (audio.channel).";

/// What a report says of very quiet recordings.
pub(crate) const QUIET: &str = "no sample is above 1 % of full scale (-40 dB). Look whether the channel is the right one; \
    normalisation by utterance (normalize.scope) evens levels out.";

/// What a report says of samples whose mean is not 0.
pub(crate) const SHIFTED: &str = "the mean is more than 1 % of full scale from 0. Kaldi's features remove it \
    (remove_dc_offset); for others, filter the recordings.";

/// What a report says of a drift.
pub(crate) const DRIFT: &str = "Splits that differ so much were recorded or computed differently, or have other speakers: \
    look at their levels and rates, or normalise by speaker or utterance (normalize.scope).";

/// What a report says of parts that were there before the run that published the dataset: those of shares and of
/// earlier runs.
pub(crate) fn times_of_others(resumed: u64, parts: u64) -> String {
    match resumed == parts {
        true => "How long each utterance took is not known: the run that published the dataset computed none of \
            them itself, but found all parts as shares or earlier runs had left them. Parts keep no times, so that \
            the same job has the same bytes."
            .to_owned(),
        false => format!(
            "Times are of the {} of {} that the run which published the dataset computed itself; the others are of \
             shares or earlier runs, and parts keep no times.",
            parts.saturating_sub(resumed),
            counted(parts, "part")
        ),
    }
}

/// What a report says of failures.
pub(crate) const FAILURES_ARE_LISTED: &str =
    "failures.jsonl has all of them; ossicle extract --retry-failed tries them again.";

/// What a report says of a recipe that this version cannot read.
pub(crate) const RECIPE_OF_ANOTHER_VERSION: &str = "The recipe is of another version of the program, and is not \
    compared with the presets.";
