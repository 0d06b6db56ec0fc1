//! Notices in words.

use std::fmt;

use super::{Notice, Rate};
use crate::bounds::size::size;
use crate::update::UpdateCounts;
use ossicle_files::{be, counted, have};

/// So many recordings, and the verb that fits them.
fn several(count: u64) -> (String, &'static str) {
    (counted(count, "recording"), have(count))
}

/// A name with the numbers of its characters that are not ASCII, by which alone look-alikes can be told.
fn spelled(name: &str) -> String {
    let spell = |c: char| if c.is_ascii() { c.to_string() } else { c.escape_unicode().to_string() };
    name.chars().map(spell).collect()
}

/// So many filters are named.
const SHOWN: usize = 5;

/// Says what changed, and where rows come from, or would.
fn write_counts(
    f: &mut fmt::Formatter<'_>,
    counts: &UpdateCounts,
    is_foreseen: bool,
) -> fmt::Result {
    let UpdateCounts { new, changed, vanished, from_parts, from_dataset, still_failed, .. } =
        counts;
    let computed = counted(counts.computed(), "utterance");
    let (updated, be) = if is_foreseen { ("would update", " would be") } else { ("updated", "") };
    write!(
        f,
        "{updated}: {new} new, {changed} changed and {vanished} vanished; {computed}{be} computed, "
    )?;
    write!(f, "{from_dataset}{be} copied from the dataset, {from_parts} from kept parts")?;
    if *still_failed > 0 {
        write!(f, ", {still_failed} failed as before")?;
    }
    for (why, count) in &counts.computed_again {
        let are = if is_foreseen { "would be" } else { "are" };
        write!(f, "; {count} may be as they were and {are} computed again: {why}")?;
    }
    Ok(())
}

impl fmt::Display for Notice {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Notice::Corpus(sentence) => f.write_str(sentence),
            Notice::NoAlignments => f.write_str(
                "no recording has an alignment beside it (.PHN, .TextGrid, .eaf, .lab, .ctm …): there are no \
                 labels, and recordings are not cropped",
            ),
            Notice::NormalizedBy { split } => {
                write!(f, "there is no split \"train\": columns are normalised by {split:?}")
            }
            Notice::Memory { limit, by, workers, wanted } => write!(
                f,
                "memory is limited to {} by {by}, which allows {workers} of {wanted} workers",
                size(*limit)
            ),
            Notice::OpenFiles { workers, wanted } => {
                write!(f, "the limit of open files allows {workers} of {wanted} workers")
            }
            Notice::Workers { workers, wanted } => {
                write!(f, "the system started {workers} of {wanted} workers")
            }
            Notice::Readers { readers, wanted } => {
                write!(f, "the limits of memory and open files leave room for {readers} of {wanted} readers")
            }
            Notice::Retrying { failures, parts } => write!(
                f,
                "to be tried again: {}; with that all parts are computed, {parts}, as a complete dataset has \
                 kept none of them",
                counted(*failures, "failed utterance")
            ),
            Notice::Updating { counts, is_foreseen } => write_counts(f, counts, *is_foreseen),
            Notice::SampleRates { rates_hz } => {
                let rates: Vec<_> = rates_hz.iter().map(|rate| format!("{rate} Hz")).collect();
                let rates = rates.join(", ");
                write!(
                    f,
                    "recordings have several sample rates ({rates}), and their frames are not alike; \
                     audio.sample_rate_hz admits a single one"
                )
            }
            Notice::DroppedKeys { keys, why } => {
                let (verb, are) = if keys.len() == 1 { ("means", "is") } else { ("mean", "are") };
                let keys = keys.join(", ");
                write!(f, "of the recipe, {keys} {verb} nothing {why}, and {are} left out")
            }
            Notice::PrivateCorpus { corpus, dataset } => {
                write!(f, "{corpus} is its owner's alone, and others can read {dataset}")
            }
            Notice::WaitingForFiles => f.write_str(
                "too many files are open, by other programs: waiting until some are closed",
            ),
            Notice::WorkerDied { how } => {
                write!(f, "a worker {how}; its part is computed again")
            }
            Notice::LeftOut { reason, count, first } => {
                write!(
                    f,
                    "{} {} left out: {reason}; the first is {first}",
                    counted(*count, "recording"),
                    be(*count)
                )
            }
            Notice::Overlap { of } => of.fmt(f),
            Notice::NoSpeaker { count, of, first } => write!(
                f,
                "{count} of {} {} no speaker and {} normalised as one; the first is {first}",
                counted(*of, "utterance"),
                have(*count),
                be(*count)
            ),
            Notice::FramesOfOtherRate { length, made_for_hz, sample_rate_hz, example } => {
                let ms = |hz: u32| 1000.0 * f64::from(*length) / f64::from(hz);
                write!(
                    f,
                    "frames of {length} samples last {:.1} ms at {sample_rate_hz} Hz, and were made for \
                     {made_for_hz} Hz, where they last {:.1} ms; a recording of that rate is {example}",
                    ms(*sample_rate_hz),
                    ms(*made_for_hz)
                )
            }
            Notice::Resampled { rates, to_hz } => {
                let rates: Vec<_> = rates.iter().map(Rate::to_string).collect();
                write!(f, "recordings are resampled to {to_hz} Hz: {}", rates.join(", "))
            }
            Notice::OtherRateSaid { count, of, first, said_hz, found_hz } => write!(
                f,
                "of {} whose headers were looked at, {count} {} another sample rate than the description says, and \
                 headers count; the first is {first}: {said_hz} Hz said, {found_hz} Hz found",
                several(*of).0,
                several(*count).1
            ),
            Notice::AssumedRate { sample_rate_hz, count, first } => {
                let files = counted(*count, "file");
                let say = if *count == 1 { "says" } else { "say" };
                write!(
                    f,
                    "{files} of spikes {say} no sample rate, and are taken to be of {sample_rate_hz} Hz; \
                     the first is {first}"
                )
            }
            Notice::EmptyFilters { array, filters, of, n_fft, sample_rate_hz } => {
                let shown: Vec<_> = filters.iter().take(SHOWN).map(|at| format!("mel{at}")).collect();
                let more = if filters.len() > SHOWN { ", …" } else { "" };
                let (have, are) = if filters.len() == 1 { ("has", "is") } else { ("have", "are") };
                write!(
                    f,
                    "{} of {of} mel filters of {array} {have} no bin of a spectrum of {n_fft} samples at \
                     {sample_rate_hz} Hz, and {are} silent in every frame ({}{more})",
                    filters.len(),
                    shown.join(", ")
                )
            }
            Notice::SearchEndedEarly { count, first } => {
                let recordings = counted(*count, "recording");
                write!(
                    f,
                    "the search for spikes in {recordings} ended before what was asked for was reached: it \
                     stops at as many spikes as samples, and where only noise is left; the first is {first}"
                )
            }
            Notice::FirstOfSeveral { count, first } => {
                let (recordings, have) = several(*count);
                write!(
                    f,
                    "{recordings} {have} several channels, of which the first is taken; the first is {first}"
                )
            }
            Notice::SilentChannel { count, first } => {
                let of = counted(*count, "recording");
                write!(
                    f,
                    "the channel that is taken of {of} is silent, and another is not; the first is {first}"
                )
            }
            Notice::UnusedTextGrids { count } => write!(
                f,
                "the corpus has {}, and the recipe makes no labels of them: a table [[labels]] would",
                counted(*count, "TextGrid")
            ),
            Notice::Latin1Alignments { count, first } => write!(
                f,
                "{} in no Unicode encoding and read as Latin-1: labels that were written on another system \
                 may have wrong letters; the first is that of {first}",
                match count {
                    1 => "1 alignment is".to_owned(),
                    count => format!("{count} alignments are"),
                }
            ),
            Notice::LoudFloats { count, first } => {
                let (recordings, have) = several(*count);
                write!(
                    f,
                    "{recordings} {have} floating-point samples far above 1, which full scale is: they may \
                     be at the scale of 16 bits; the first is {first}"
                )
            }
            Notice::ClippedSamples { count, first } => {
                let (recordings, have) = several(*count);
                write!(
                    f,
                    "{recordings} {have} samples beyond full scale, which became full scale as samples are \
                     kept in 16 bits; the first is {first}"
                )
            }
            Notice::ConstantColumns { array, count, first } => {
                let (are, them) = if *count == 1 { ("column is", "it") } else { ("columns are", "the first") };
                write!(
                    f,
                    "{count} {are} the same number in every frame that {array} is normalised by; {them} \
                     is {first}"
                )
            }
            Notice::LookAlikes { count, first, other } => write!(
                f,
                "{} and look alike, as {} and {}: their characters are composed and decomposed ones \
                 (NFC and NFD of Unicode)",
                match count {
                    1 => "1 name differs from another".to_owned(),
                    count => format!("{count} names differ"),
                },
                spelled(first),
                spelled(other)
            ),
            Notice::PartsLeft { parts } => {
                let (are, of) = (if *parts == 1 { "is" } else { "are" }, counted(*parts as u64, "part"));
                write!(
                    f,
                    "beside the complete dataset {of} {are} kept of a run that was stopped while it made \
                     the dataset again"
                )
            }
        }
    }
}
