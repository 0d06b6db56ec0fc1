//! The header of a table: which column says what.

use crate::extra::{Column, ColumnError};

/// What a column can say of an utterance, with the names it goes by, in any case. The first name that a
/// table has counts; other columns are carried into the dataset.
const NAMES: [(Role, &[&str]); 8] = [
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
    (Role::Id, &["id", "utt", "utt_id", "utterance", "utterance_id", "uttid", "key"]),
    (Role::Speaker, &["speaker", "speaker_id", "spk", "spk_id", "client_id"]),
    (Role::Split, &["split", "subset", "partition"]),
    (Role::Start, &["start", "start_time", "offset"]),
    (Role::End, &["end", "end_time"]),
    (Role::Duration, &["duration"]),
    (Role::Channel, &["channel"]),
];

/// What a column says of an utterance.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Role {
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
}

/// The columns of a table.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Header {
    pub(super) names: Vec<String>,
    pub(super) roles: Vec<Role>,
}

/// A reason why columns are no table of recordings.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
pub(super) enum HeaderError {
    #[error(
        "expected a header with a column of paths (path, audio, file, audio_filepath, file_name, wav …), \
         found {found}"
    )]
    NoPath { found: String },
    #[error(
        "`start` and `stop` may be seconds or samples; call them `start` and `end` where they are seconds"
    )]
    Stop,
    #[error(transparent)]
    Column(#[from] ColumnError),
}

impl Header {
    /// Gives each column its role.
    pub(super) fn new(names: Vec<String>) -> Result<Header, HeaderError> {
        let mut roles = vec![Role::Other; names.len()];
        let place = |known: &str| names.iter().position(|name| name.eq_ignore_ascii_case(known));
        for (role, known) in NAMES {
            if let Some(place) = known.iter().find_map(|known| place(known)) {
                roles[place] = role;
            }
        }
        let has = |role| roles.contains(&role);
        if !has(Role::Path) {
            const MOST: usize = 8;
            let shown: Vec<String> = names.iter().take(MOST).map(|it| format!("`{it}`")).collect();
            let rest = if names.len() > MOST { " …" } else { "" };
            return Err(HeaderError::NoPath { found: shown.join(", ") + rest });
        }
        if has(Role::Start) && place("stop").is_some() {
            return Err(HeaderError::Stop);
        }
        // Of the whole recording, a duration says what the recording says.
        if !has(Role::Start) || has(Role::End) {
            let duration = roles.iter_mut().filter(|role| **role == Role::Duration);
            duration.for_each(|role| *role = Role::Other);
        }
        let header = Header { names, roles };
        let others = header.others().map(|(_, name)| (name.to_owned(), ().into()));
        Column::all(others)?;
        Ok(header)
    }

    /// The columns that are carried, by their place.
    pub(super) fn others(&self) -> impl Iterator<Item = (usize, &str)> {
        let columns = self.roles.iter().zip(&self.names).enumerate();
        columns.filter(|(_, (role, _))| **role == Role::Other).map(|(at, (_, name))| (at, &**name))
    }
}

/// Whether a column of this name holds paths.
pub(super) fn is_path_column(name: &str) -> bool {
    NAMES[0].1.iter().any(|known| known.eq_ignore_ascii_case(name))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn header(names: &[&str]) -> Result<Header, HeaderError> {
        Header::new(names.iter().map(|name| name.to_string()).collect())
    }

    #[test]
    fn columns_are_known_by_many_names_and_the_first_counts() {
        use Role::{Duration, End, Id, Other, Path, Speaker, Split, Start};
        let roles = |names: &[&str]| header(names).unwrap().roles;
        assert_eq!(roles(&["text", "Audio", "path"]), [Other, Other, Path]);
        assert_eq!(roles(&["client_id", "path", "sentence"]), [Speaker, Path, Other]);
        assert_eq!(roles(&["ID", "wav", "duration", "spk_id"]), [Id, Path, Other, Speaker]);
        assert_eq!(roles(&["file", "start", "duration"]), [Path, Start, Duration]);
        assert_eq!(roles(&["file", "start", "duration", "end"]), [Path, Start, Other, End]);
        assert_eq!(roles(&["file", "subset"]), [Path, Split]);
    }

    #[test]
    fn headers_that_cannot_be_are_refused() {
        let error = header(&["a", "b"]).unwrap_err().to_string();
        assert!(error.ends_with("found `a`, `b`"), "{error}");
        assert_eq!(header(&["wav", "start", "stop"]), Err(HeaderError::Stop));
        assert!(matches!(header(&["path", "x", "x"]), Err(HeaderError::Column(_))));
        assert!(matches!(header(&["path", "num_frames"]), Err(HeaderError::Column(_))));
    }
}
