//! The cause of an utterance's failure, as a word to group failures by.

use ossicle_audio::events::EventFileError;
use ossicle_corpus::{AlignmentError, HeldError, LabelError};
use ossicle_files::OpenError;
use serde::{Deserialize, Serialize};

use crate::advice::Advice;

/// The cause why an utterance is not in the dataset. The ledger has it as a word ([`Cause::as_str`])
/// that stays the same where the sentence beside it is worded anew.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
#[non_exhaustive]
pub enum Cause {
    /// The system does not open the recording.
    CannotOpen,
    /// The system does not read the recording, or its alignment.
    CannotRead,
    /// There is no room to unpack what it is in.
    NoRoom,
    /// The command that prints it has failed.
    CommandFailed,
    /// It is a folder, a pipe or a device.
    NotAFile,
    /// It has no bytes.
    Empty,
    /// It is in no known audio format.
    NotAudio,
    /// It is in a known audio format that is not read.
    UnsupportedContainer,
    /// Its samples are in an encoding that is not read.
    UnsupportedEncoding,
    /// Its header contradicts itself, or says what cannot be.
    BadHeader,
    /// It ends before the samples that its header promises, or within one.
    Truncated,
    /// It does not have the channel that was asked for.
    MissingChannel,
    /// A sample is no finite number.
    NotFinite,
    /// A sample is too large to be computed with.
    TooLoud,
    /// It is a segment that is not within its recording.
    OutsideRecording,
    /// It was changed while it was read.
    Changed,
    /// Its samples cannot be had for another reason.
    CannotDecode,
    /// It lasts longer than the recipe allows.
    TooLong,
    /// It has no frame, or fewer than the deltas need.
    TooShort,
    /// Its sample rate is not the recipe's.
    WrongRate,
    /// At its sample rate the feature cannot be computed.
    UnfitRate,
    /// At its sample rate the feature has another number of columns than the dataset.
    OtherColumns,
    /// It has no alignment.
    MissingAlignment,
    /// Its alignment has no tier of the name, or is of other recordings.
    MissingTier,
    /// Its alignment is malformed, or not of this recording.
    BadAlignment,
    /// Its alignment has a phone that the label map does not have.
    UnknownPhone,
    /// Its files of events contradict one another, or hold what are no events.
    #[serde(rename = "bad-spikes")]
    BadEvents,
    /// Worker processes died over it, or hung.
    WorkerDied,
    /// It made the program panic, which is a bug.
    Panicked,
}

impl Cause {
    /// All causes, in order.
    pub const ALL: [Cause; 29] = [
        Cause::CannotOpen,
        Cause::CannotRead,
        Cause::NoRoom,
        Cause::CommandFailed,
        Cause::NotAFile,
        Cause::Empty,
        Cause::NotAudio,
        Cause::UnsupportedContainer,
        Cause::UnsupportedEncoding,
        Cause::BadHeader,
        Cause::Truncated,
        Cause::MissingChannel,
        Cause::NotFinite,
        Cause::TooLoud,
        Cause::OutsideRecording,
        Cause::Changed,
        Cause::CannotDecode,
        Cause::TooLong,
        Cause::TooShort,
        Cause::WrongRate,
        Cause::UnfitRate,
        Cause::OtherColumns,
        Cause::MissingAlignment,
        Cause::MissingTier,
        Cause::BadAlignment,
        Cause::UnknownPhone,
        Cause::BadEvents,
        Cause::WorkerDied,
        Cause::Panicked,
    ];

    /// Returns whether it may be gone although the recording and what belongs to it are what they were.
    pub(crate) fn may_pass(self) -> bool {
        matches!(
            self,
            Cause::CannotOpen
                | Cause::CannotRead
                | Cause::NoRoom
                | Cause::CommandFailed
                | Cause::Changed
                | Cause::WorkerDied
                | Cause::Panicked
        )
    }

    /// Returns the word that the ledger has for it.
    pub fn as_str(self) -> &'static str {
        match self {
            Cause::CannotOpen => "cannot-open",
            Cause::CannotRead => "cannot-read",
            Cause::NoRoom => "no-room",
            Cause::CommandFailed => "command-failed",
            Cause::NotAFile => "not-a-file",
            Cause::Empty => "empty",
            Cause::NotAudio => "not-audio",
            Cause::UnsupportedContainer => "unsupported-container",
            Cause::UnsupportedEncoding => "unsupported-encoding",
            Cause::BadHeader => "bad-header",
            Cause::Truncated => "truncated",
            Cause::MissingChannel => "missing-channel",
            Cause::NotFinite => "not-finite",
            Cause::TooLoud => "too-loud",
            Cause::OutsideRecording => "outside-recording",
            Cause::Changed => "changed",
            Cause::CannotDecode => "cannot-decode",
            Cause::TooLong => "too-long",
            Cause::TooShort => "too-short",
            Cause::WrongRate => "wrong-rate",
            Cause::UnfitRate => "unfit-rate",
            Cause::OtherColumns => "other-columns",
            Cause::MissingAlignment => "missing-alignment",
            Cause::MissingTier => "missing-tier",
            Cause::BadAlignment => "bad-alignment",
            Cause::UnknownPhone => "unknown-phone",
            Cause::BadEvents => "bad-spikes",
            Cause::WorkerDied => "worker-died",
            Cause::Panicked => "panicked",
        }
    }

    /// Returns the cause of this word; none if there is none, as in a ledger of another version.
    pub fn named(word: &str) -> Option<Cause> {
        Cause::ALL.into_iter().find(|cause| cause.as_str() == word)
    }

    /// Returns advice about it, where there is something that helps.
    pub fn advice(self) -> Option<Advice> {
        match self {
            Cause::NotAudio => Some(Advice::DescribeRaw),
            Cause::WrongRate => {
                Some(Advice::Set { key: "audio.resample".to_owned(), value: "hq".to_owned() })
            }
            Cause::OtherColumns => {
                let key = "audio.sample_rate_hz".to_owned();
                Some(Advice::Set { key, value: "HZ".to_owned() })
            }
            _ => None,
        }
    }
}

impl From<&ossicle_audio::Error> for Cause {
    fn from(error: &ossicle_audio::Error) -> Cause {
        use ossicle_audio::Error;
        match error {
            Error::Open { .. } => Cause::CannotOpen,
            Error::Read { .. } => Cause::CannotRead,
            Error::NotRegular { .. } => Cause::NotAFile,
            Error::Empty => Cause::Empty,
            Error::NotAudio { .. } => Cause::NotAudio,
            Error::UnsupportedContainer { .. } => Cause::UnsupportedContainer,
            Error::UnsupportedEncoding { .. } => Cause::UnsupportedEncoding,
            Error::Header { .. } | Error::SampleRate { .. } | Error::Channels { .. } => {
                Cause::BadHeader
            }
            Error::Channel { .. } => Cause::MissingChannel,
            Error::Truncated { .. } | Error::PartialBlock { .. } => Cause::Truncated,
            Error::NotFinite { .. } => Cause::NotFinite,
            Error::Changed { .. } => Cause::Changed,
            _ => Cause::CannotDecode,
        }
    }
}

impl From<&HeldError> for Cause {
    fn from(error: &HeldError) -> Cause {
        match error {
            HeldError::Open(OpenError::Io(_)) => Cause::CannotOpen,
            HeldError::Open(OpenError::NotRegular { .. }) => Cause::NotAFile,
            HeldError::Read(_) => Cause::CannotRead,
            HeldError::Changed => Cause::Changed,
            HeldError::NoRoom { .. } => Cause::NoRoom,
            HeldError::Command { .. } | HeldError::CommandLimit { .. } => Cause::CommandFailed,
            HeldError::Behind { .. } => Cause::Truncated,
            HeldError::NoRecording { .. } => Cause::CannotDecode,
            #[cfg(feature = "arrow")]
            HeldError::Parquet(ossicle_corpus::ParquetError::Read(_)) => Cause::CannotRead,
            #[cfg(feature = "arrow")]
            HeldError::Parquet(_) => Cause::CannotDecode,
            _ => Cause::CannotOpen,
        }
    }
}

impl From<&AlignmentError> for Cause {
    fn from(error: &AlignmentError) -> Cause {
        match error {
            AlignmentError::Read { .. } => Cause::CannotRead,
            AlignmentError::NotAFile => Cause::NotAFile,
            AlignmentError::NoTier { .. } | AlignmentError::NoRecording { .. } => {
                Cause::MissingTier
            }
            _ => Cause::BadAlignment,
        }
    }
}

impl From<&LabelError> for Cause {
    fn from(error: &LabelError) -> Cause {
        match error {
            LabelError::UnknownPhone { .. } => Cause::UnknownPhone,
            _ => Cause::BadAlignment,
        }
    }
}

impl From<&EventFileError> for Cause {
    fn from(error: &EventFileError) -> Cause {
        match error {
            EventFileError::Open { .. } => Cause::CannotOpen,
            EventFileError::Read { .. } => Cause::CannotRead,
            EventFileError::NotRegular { .. } => Cause::NotAFile,
            _ => Cause::BadEvents,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_cause_has_one_word_wherever_it_is_written() {
        for (i, cause) in Cause::ALL.into_iter().enumerate() {
            assert_eq!(cause as usize, i, "each is there once, in order");
            let word = cause.as_str();
            assert_eq!(serde_json::to_value(cause).unwrap(), word, "between processes");
            assert_eq!(Cause::named(word), Some(cause));
            assert!(word.bytes().all(|b| b.is_ascii_lowercase() || b == b'-'), "{word}");
        }
        // Whoever adds one at the end finds it missing above.
        assert_eq!(Cause::ALL.len(), Cause::Panicked as usize + 1);
        assert_eq!(Cause::named("of-the-future"), None);
    }
}
