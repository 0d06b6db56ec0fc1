//! What people should know, which ends nothing.

use std::fmt::Display;

use ossicle_corpus::Reason;
use ossicle_dataset::CorpusCard;
use ossicle_engine::{Advice, MemoryBound, Notice, WhyAgain, counted, size};

use ossicle_files::visible;

use super::advice::advice;

/// A notice, with where to look.
pub(crate) fn notice(notice: &Notice) -> String {
    visible(&in_words(notice))
}

fn in_words(notice: &Notice) -> String {
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
        Notice::EmptyFilters { array, n_fft, .. } => format!(
            "{notice}; fewer filters (--set {array}.num_mel_bins=N) or a longer transform (--set \
             {array}.n_fft=N, above {n_fft}) leave none"
        ),
        Notice::SearchEndedEarly { .. } => format!(
            "{notice}; --set feature.snr_db with less is reached (`ossicle spikes FILE --snr 20,30,40` \
             shows what is)"
        ),
        Notice::FirstOfSeveral { .. } => format!(
            "{notice}; --set audio.channel=0 means it, and mix, each, loudest or another number is another"
        ),
        Notice::SilentChannel { .. } => {
            format!("{notice}; --set audio.channel=loudest takes the one with the most energy")
        }
        Notice::AssumedRate { .. } => {
            format!("{notice}; --set audio.sample_rate_hz=HZ says what they are of")
        }
        Notice::LeftOut { reason: Reason::Headerless, .. } => {
            format!("{notice}; {}", advice(&Advice::DescribeRaw))
        }
        Notice::LookAlikes { .. } => {
            format!("{notice}; if they are the same recordings, remove one of each")
        }
        Notice::Updating { counts, .. }
            if counts.computed_again.keys().any(WhyAgain::parts_help) =>
        {
            format!("{notice}; parts that --keep-parts leaves spare the next --update that")
        }
        Notice::PartsLeft { .. } => format!(
            "{notice}; that run's command goes on from there, with its --overwrite, --retry-failed or --update, and \
             who does not want them removes .ossicle in the dataset"
        ),
        notice => notice.to_string(),
    }
}

/// A notice as programs read it. The keys are always there.
///
/// - `text`: it in the words of whoever is told
pub(crate) fn notice_json(of: &Notice, text: &str) -> serde_json::Value {
    serde_json::json!({
        "kind": of.kind(),
        "count": of.count(),
        "first": of.first(),
        "text": text,
    })
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
        let kinds = corpus.ignored_kinds.iter().map(|of| (&*of.kind, of.count));
        lines.push(ignored(corpus.ignored_files, kinds));
    }
    lines
}

/// Tells how many files of a corpus are ignored, and of what kinds.
pub(crate) fn ignored<'a>(files: u64, kinds: impl Iterator<Item = (&'a str, u64)>) -> String {
    let kinds: Vec<String> = kinds.map(|(kind, count)| format!("{count} {kind}")).collect();
    let colon = if kinds.is_empty() { "" } else { ": " };
    visible(&format!("{} ignored{colon}{}", counted(files, "file"), kinds.join(", ")))
}

/// Tells how many recordings are no utterances, and why.
pub(crate) fn left_out_because(why: impl Display, count: u64, first: &str) -> String {
    visible(&format!("left out: {} {why}; the first is {first}", counted(count, "recording")))
}

pub(super) fn bound(by: MemoryBound) -> String {
    match by {
        MemoryBound::Asked => "--max-memory".to_owned(),
        MemoryBound::AddressSpace => "`ulimit -v`".to_owned(),
        MemoryBound::ControlGroup => by.to_string(),
    }
}
