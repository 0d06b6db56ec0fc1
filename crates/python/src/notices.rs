//! Notices of the engine's, in the words of this package.

use ossicle_corpus::Reason;
use ossicle_engine::{Advice, Notice, WhyAgain};

use crate::advice;

/// Tells a notice, and what can be passed about it.
pub(crate) fn words(notice: &Notice) -> String {
    let set = |key: &str, value: &str| advice::setting(key, value);
    match notice {
        Notice::LeftOut { reason: Reason::NotInSplitsFile, .. } => {
            format!("{notice}; whoever wants them names them, their speakers or folders in splits")
        }
        Notice::LeftOut { reason: Reason::Headerless, .. } => {
            format!("{notice}; {}", advice::words(&Advice::DescribeRaw))
        }
        Notice::NoSpeaker { .. } => {
            let does = set("normalize.scope", "utterance");
            format!("{notice}; {does} to normalise each by itself")
        }
        Notice::PrivateCorpus { .. } => {
            format!("{notice}; os.umask(0o077) before the call makes that private too")
        }
        Notice::FramesOfOtherRate { length, made_for_hz, .. } => {
            let ms = 1000.0 * f64::from(*length) / f64::from(*made_for_hz);
            let does = set("frames.length", &format!("{ms}ms"));
            format!("{notice}; {does} to give them a time, and so for shift")
        }
        Notice::EmptyFilters { n_fft, .. } => format!(
            "{notice}; pass a smaller num_mel_bins, or an n_fft above {n_fft}, to leave none"
        ),
        Notice::SearchEndedEarly { .. } => {
            format!("{notice}; a smaller snr_db is reached")
        }
        Notice::FirstOfSeveral { .. } => {
            let does = set("audio.channel", "0");
            format!(
                "{notice}; {does} to say that it is meant; mix, each, loudest or another number is another"
            )
        }
        Notice::SilentChannel { .. } => {
            let does = set("audio.channel", "loudest");
            format!("{notice}; {does} to take the one with the most energy")
        }
        Notice::AssumedRate { .. } => {
            let does = set("audio.sample_rate_hz", "HZ");
            format!("{notice}; {does} to say what they are of")
        }
        Notice::LookAlikes { .. } => {
            format!("{notice}; if they are the same recordings, remove one of each")
        }
        Notice::Updating { counts, .. }
            if counts.computed_again.keys().any(WhyAgain::parts_help) =>
        {
            format!("{notice}; parts that keep_parts=True leaves spare the next update that")
        }
        Notice::PartsLeft { .. } => format!(
            "{notice}; that run's call goes on from there, with its overwrite, retry_failed or update, and who does not \
             want them removes .ossicle in the dataset"
        ),
        notice => notice.to_string(),
    }
}
