//! What is told once of many shards.

use crate::{ignored::Ignored, readers::faults::At, walk::Tally};

/// What many shards have in common that people should know.
#[derive(Debug, Default)]
pub(super) struct Tallies {
    /// Members of a name that another one of the shard has.
    pub(super) twice: Tally,
    /// Samples with something said, and no recording.
    pub(super) without_recording: Tally,
    /// Recordings of which nothing is said.
    pub(super) without_partner: Tally,
    /// How many have a partner.
    pub(super) with_partner: u64,
    /// Samples with several recordings.
    pub(super) several: Tally,
    /// Keys that several shards have.
    pub(super) shared: Tally,
    /// Members that are neither a recording nor read for what they say.
    pub(super) ignored: Ignored,
}

impl Tallies {
    /// The lines that the user should see.
    pub(super) fn notices(&self) -> Vec<String> {
        // Where nothing is said of any recording, nothing is missing.
        let without = match self.with_partner {
            0 => None,
            _ => self.without_partner.notice(
                "nothing is said of this recording, as of others",
                "recordings have nothing said of them, as others have",
            ),
        };
        let all = [
            self.twice.notice(
                "the member is there twice; the last one counts",
                "members are there twice, of which the last one counts",
            ),
            self.without_recording.notice(
                "the sample has no recording, and is left out",
                "samples have no recording, and are left out",
            ),
            without,
            self.several.notice(
                "the sample has several recordings, each an utterance",
                "samples have several recordings, each an utterance",
            ),
            self.shared.notice(
                "another shard has this key too; the shard's name is put before both",
                "keys are those of several shards, whose names are put before them",
            ),
        ];
        all.into_iter().flatten().collect()
    }
}

/// Names a shard in a fault.
pub(super) fn at(file: &str) -> At<'_> {
    At { file, line: 0, column: 0 }
}
