//! The header of a table: which column says what.

use crate::{
    column_names::{ColumnNames, SKIPPED},
    extra::{Column, ColumnError},
    names::shown,
    readers::roles::{ROLES, Role, listed, place_of},
};

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
    #[error("expected a column called `{column}`, found {found}")]
    NoColumn { column: String, found: String },
    #[error(
        "`start` and `stop` may be seconds or samples; call them `start` and `end` where they are seconds"
    )]
    Stop,
    #[error(transparent)]
    Column(#[from] ColumnError),
}

impl Header {
    /// Gives each column its role.
    ///
    /// - `found`: the columns, as the table calls them
    pub(super) fn new(found: Vec<String>, columns: &ColumnNames) -> Result<Header, HeaderError> {
        let mut roles = vec![Role::Other; found.len()];
        for (role, _) in ROLES {
            if let Some(place) = place_of(role, &found, columns) {
                roles[place] = role;
            }
        }
        for (role, name) in roles.iter_mut().zip(&found) {
            if name == SKIPPED && columns.given().is_some() {
                *role = Role::Skipped;
            }
        }
        let has = |role| roles.contains(&role);
        if let Some((_, column)) =
            columns.renamed().find(|(_, its)| !found.iter().any(|it| it == its))
        {
            let (column, found) = (shown(column), listed(&found));
            return Err(HeaderError::NoColumn { column, found });
        }
        if !has(Role::Path) {
            return Err(HeaderError::NoPath { found: listed(&found) });
        }
        if has(Role::Start) && found.iter().any(|name| name.eq_ignore_ascii_case("stop")) {
            return Err(HeaderError::Stop);
        }
        // Of the whole recording, a duration says what the recording says.
        if !has(Role::Start) || has(Role::End) {
            let duration = roles.iter_mut().filter(|role| **role == Role::Duration);
            duration.for_each(|role| *role = Role::Other);
        }
        let names = found.iter().map(|name| columns.name_of(name).to_owned()).collect();
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

#[cfg(test)]
mod tests {
    use super::*;

    fn header(names: &[&str]) -> Result<Header, HeaderError> {
        renamed(names, &[])
    }

    fn renamed(names: &[&str], words: &[&str]) -> Result<Header, HeaderError> {
        let columns = ColumnNames::parse(None, words).unwrap();
        Header::new(names.iter().map(|name| name.to_string()).collect(), &columns)
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
    fn a_column_that_is_given_another_name_says_what_that_says() {
        use Role::{Id, Other, Path, Speaker};
        let names = ["path", "mp3", "who", "sentence", "utt"];
        let header = renamed(&names, &["audio=mp3", "speaker=who", "text=sentence"]).unwrap();
        assert_eq!(header.roles, [Other, Path, Speaker, Other, Id]);
        assert_eq!(header.names, ["path", "audio", "speaker", "text", "utt"]);
        // What gives its name away no longer says what it said.
        let header = renamed(&["path", "id", "b"], &["number=id"]).unwrap();
        assert_eq!((&*header.names[1], header.roles[1]), ("number", Other));
        let error = renamed(&names, &["speaker=whom"]).unwrap_err().to_string();
        assert!(error.starts_with("expected a column called `whom`, found `path`, "), "{error}");
        assert!(matches!(renamed(&["path", "a", "b"], &["b=a"]), Err(HeaderError::Column(_))));
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
