//! What the columns of tables and the keys of manifests say, by the names that they go by.

use crate::column_names::ColumnNames;

/// What a column says of an utterance.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Role {
    Path,
    Id,
    Speaker,
    Split,
    Start,
    End,
    Duration,
    Channel,
    /// Something that is carried into the dataset.
    Other,
    /// Something that nobody wants.
    Skipped,
}

/// The columns that say something of an utterance, with the names that they go by. The first name that a
/// description has counts; other columns are carried into the dataset.
pub(crate) const ROLES: [(Role, &[&str]); 8] = [
    (
        Role::Path,
        &[
            "path",
            "audio",
            "file",
            "audio_filepath",
            "audio_path",
            "audio_file",
            "file_name",
            "filename",
            "file_path",
            "filepath",
            "wav",
            "wav_path",
            "wav_file",
            "wav_filename",
        ],
    ),
    (Role::Id, &["id", "utt", "utt_id", "utterance", "utterance_id", "uttid", "key", "sample_id"]),
    (Role::Speaker, &["speaker", "speaker_id", "spk", "spk_id", "client_id"]),
    (Role::Split, &["split", "subset", "partition"]),
    (Role::Start, &["start", "start_time", "offset"]),
    (Role::End, &["end", "end_time"]),
    (Role::Duration, &["duration"]),
    (Role::Channel, &["channel"]),
];

impl Role {
    /// The names that it goes by; none for what is carried.
    pub(crate) fn names(self) -> &'static [&'static str] {
        ROLES.iter().find(|(role, _)| *role == self).map_or(&[], |(_, names)| names)
    }

    /// Returns whether it goes by this name, in any case.
    pub(crate) fn is_called(self, name: &str) -> bool {
        self.names().iter().any(|known| known.eq_ignore_ascii_case(name))
    }
}

/// Finds the column of a role among those of a description: one that was given such a name, or else the one
/// with the first of the names.
///
/// - `found`: the columns, as the description calls them
pub(crate) fn place_of(role: Role, found: &[String], columns: &ColumnNames) -> Option<usize> {
    let place = |known: &str| found.iter().position(|name| name.eq_ignore_ascii_case(known));
    let given = columns.renamed().filter(|(name, _)| role.is_called(name));
    let mut given = given.filter_map(|(_, column)| found.iter().position(|name| name == column));
    let is_renamed = |at: &usize| columns.renamed().any(|(_, column)| found[*at] == column);
    given
        .next()
        .or_else(|| role.names().iter().find_map(|known| place(known).filter(|at| !is_renamed(at))))
}

/// What those of several things are that a message lists: the first of them, in quotes.
pub(crate) fn listed(names: &[String]) -> String {
    const MOST: usize = 8;
    let shown: Vec<String> =
        names.iter().take(MOST).map(|name| format!("`{}`", crate::names::shown(name))).collect();
    shown.join(", ") + if names.len() > MOST { " …" } else { "" }
}
