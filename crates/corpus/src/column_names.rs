//! What the columns of tables and the keys of manifests are called.

use crate::error::Error;

/// The names of columns that a description does not say itself, or says otherwise.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ColumnNames {
    /// The columns of a table without a header, in their order.
    given: Option<Vec<String>>,
    /// The name that a column gets, and the one that it has.
    renamed: Vec<(String, String)>,
}

/// The name of a column that is passed over.
pub(crate) const SKIPPED: &str = "-";

impl ColumnNames {
    /// No names: descriptions say them.
    pub(crate) const NONE: ColumnNames = ColumnNames { given: None, renamed: Vec::new() };

    /// Makes it of words.
    ///
    /// - `given`: the columns of a table without a header, in their order, where it has none: `path,speaker,text`
    ///   with commas between them; `-` passes a column over
    /// - `renamed`: `NAME=COLUMN` each, where the description calls `COLUMN` what is `NAME`
    ///
    /// # Errors
    /// A word of another form; a column that is given two names, or two that are given one.
    ///
    /// ```
    /// use ossicle_corpus::ColumnNames;
    ///
    /// assert!(ColumnNames::parse(Some("path,-,text"), &["speaker=spk"]).is_ok());
    /// assert!(ColumnNames::parse(Some("path,path"), &[] as &[&str]).is_err());
    /// assert!(ColumnNames::parse(None, &["speaker"]).is_err());
    /// ```
    pub fn parse<S: AsRef<str>>(given: Option<&str>, renamed: &[S]) -> Result<ColumnNames, Error> {
        let mut names = ColumnNames::NONE;
        if let Some(given) = given {
            let all: Vec<String> = given.split(',').map(|name| name.trim().to_owned()).collect();
            for (at, name) in all.iter().enumerate() {
                if name.is_empty() {
                    return Err(Error::ColumnUnnamed { words: given.to_owned() });
                }
                if name != SKIPPED && all[..at].contains(name) {
                    return Err(Error::ColumnTwice { name: name.clone() });
                }
            }
            names.given = Some(all);
        }
        for word in renamed.iter().map(AsRef::as_ref) {
            let halves = word.split_once('=').map(|(name, column)| (name.trim(), column.trim()));
            let Some((name, column)) = halves.filter(|(a, b)| !a.is_empty() && !b.is_empty())
            else {
                return Err(Error::NotARename { word: word.to_owned() });
            };
            for (known_name, known_column) in &names.renamed {
                if known_name == name || known_column == column {
                    let name = if known_name == name { name } else { column };
                    return Err(Error::ColumnTwice { name: name.to_owned() });
                }
            }
            names.renamed.push((name.to_owned(), column.to_owned()));
        }
        Ok(names)
    }

    /// The columns of a table without a header; none where it has one.
    pub(crate) fn given(&self) -> Option<&[String]> {
        self.given.as_deref()
    }

    /// The name of a column that a description calls so.
    pub(crate) fn name_of<'a>(&'a self, column: &'a str) -> &'a str {
        let renamed = self.renamed.iter().find(|(_, its)| its == column);
        renamed.map_or(column, |(name, _)| name)
    }

    /// Each name that is given, and the column that has it.
    pub(crate) fn renamed(&self) -> impl Iterator<Item = (&str, &str)> {
        self.renamed.iter().map(|(name, column)| (&**name, &**column))
    }
}
