//! Ids and speakers that the paths of recordings say.

use std::{fmt, path::Component, str::FromStr};

use ossicle_files::{counted, printable};
use regex::{Regex, RegexBuilder};

use super::error::SelectionError;
use crate::{error::Error, found::Found, names::collisions, utterance::Utterance};

/// A regular expression that finds a name in the path of a recording: what its group matches, or all that it
/// matches where it has none.
///
/// Paths are those below the corpus' folder, with `/` between their parts, spelled as messages spell them. They
/// are searched in time linear in their length.
///
/// ```
/// use ossicle_corpus::PathPattern;
///
/// let pattern: PathPattern = "^[0-9]+_([a-z]+)_".parse()?;
/// assert_eq!(pattern.find("digits/7_theo_0.wav"), None);
/// assert_eq!(pattern.find("7_theo_0.wav"), Some("theo"));
/// # Ok::<(), ossicle_corpus::Error>(())
/// ```
#[derive(Debug, Clone)]
pub struct PathPattern(Regex);

impl PathPattern {
    /// The name that is in a path; none where there is none, or an empty one.
    pub fn find<'a>(&self, path: &'a str) -> Option<&'a str> {
        let captures = self.0.captures(path)?;
        let found = match self.0.captures_len() {
            1 => captures.get(0),
            _ => captures.get(1),
        };
        found.map(|found| found.as_str()).filter(|name| !name.is_empty())
    }
}

impl FromStr for PathPattern {
    type Err = Error;

    fn from_str(pattern: &str) -> Result<PathPattern, Error> {
        /// Patterns of people take some kilobytes.
        const MOST_BYTES: usize = 1 << 20;
        let refused =
            |why: String| Error::from(SelectionError::Pattern { pattern: pattern.to_owned(), why });
        let mut regex = RegexBuilder::new(pattern);
        let regex = regex.size_limit(MOST_BYTES).dfa_size_limit(MOST_BYTES).build();
        let regex = regex.map_err(|error| {
            // The last line says what is wrong; those before it draw where.
            let text = error.to_string();
            let last = text.lines().last().unwrap_or_default();
            refused(last.trim_start_matches("error: ").to_owned())
        })?;
        match regex.captures_len() {
            1 | 2 => Ok(PathPattern(regex)),
            groups => Err(refused(format!(
                "it has {} groups, and one may be the name; write `(?:…)` for the others",
                groups - 1
            ))),
        }
    }
}

impl PartialEq for PathPattern {
    fn eq(&self, other: &PathPattern) -> bool {
        self.0.as_str() == other.0.as_str()
    }
}

impl Eq for PathPattern {}

impl fmt::Display for PathPattern {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.0.as_str())
    }
}

/// The place that speakers are taken from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum SpeakerFrom {
    /// The first folder of the path is the speaker's.
    Folder,
    /// The path has the name in it.
    Pattern(PathPattern),
}

/// The word for [`SpeakerFrom::Folder`]; every other is a pattern.
const FOLDER: &str = "folder";

impl FromStr for SpeakerFrom {
    type Err = Error;

    fn from_str(word: &str) -> Result<SpeakerFrom, Error> {
        match word {
            FOLDER => Ok(SpeakerFrom::Folder),
            pattern => pattern.parse().map(SpeakerFrom::Pattern),
        }
    }
}

impl SpeakerFrom {
    fn of(&self, utterance: &Utterance) -> Option<String> {
        match self {
            SpeakerFrom::Folder => {
                let mut parts = utterance.source.components();
                match (parts.next(), parts.next()) {
                    (Some(Component::Normal(_)), Some(_)) => {
                        let path = printable(&utterance.source);
                        path.split('/').next().map(str::to_owned)
                    }
                    _ => None,
                }
            }
            SpeakerFrom::Pattern(pattern) => {
                pattern.find(&printable(&utterance.source)).map(str::to_owned)
            }
        }
    }

    fn in_words(&self) -> String {
        match self {
            SpeakerFrom::Folder => "a folder of a speaker".to_owned(),
            SpeakerFrom::Pattern(pattern) => format!("what `{pattern}` matches"),
        }
    }
}

/// Gives utterances the speakers that their paths say. Those whose paths say none keep what they have.
///
/// # Errors
/// No path says one.
pub(crate) fn name_speakers(found: &mut Found, from: &SpeakerFrom) -> Result<(), Error> {
    let (mut lacking, mut first) = (0_usize, None);
    for utterance in &mut found.utterances {
        match from.of(utterance) {
            Some(speaker) => utterance.speaker = Some(speaker.into()),
            None => {
                lacking += 1;
                let path = printable(&utterance.source);
                first = Some(first.map_or(path.clone(), |first: String| first.min(path)));
            }
        }
    }
    let Some(first) = first else { return Ok(()) };
    if lacking == found.utterances.len() {
        let (noun, what) = ("speaker", from.in_words());
        return Err(SelectionError::NoSuchNames { noun, what, path: first }.into());
    }
    found.notices.push(format!(
        "{lacking} of {} {} {} in the path; the first is `{first}`",
        counted(found.utterances.len() as u64, "recording"),
        if lacking == 1 { "does not have" } else { "do not have" },
        from.in_words()
    ));
    Ok(())
}

/// Gives utterances the ids that their paths say.
///
/// # Errors
/// A path that says none; two utterances with one id.
pub(crate) fn name_ids(found: &mut Found, pattern: &PathPattern) -> Result<(), Error> {
    let mut ids = Vec::with_capacity(found.utterances.len());
    for utterance in &found.utterances {
        let path = printable(&utterance.source);
        match pattern.find(&path) {
            Some(id) => ids.push(id.to_owned()),
            // A folder that nobody may read is no recording that the pattern could be of.
            None if utterance.is_closed_folder() => ids.push(utterance.id.to_string()),
            None => {
                let what = format!("what `{pattern}` matches");
                return Err(SelectionError::NoSuchNames { noun: "id", what, path }.into());
            }
        }
    }
    if let [a, b, ..] = collisions(&ids)[..] {
        let place = |at: usize| {
            let utterance: &Utterance = &found.utterances[at];
            format!("`{}` ({})", printable(&utterance.source), utterance.id)
        };
        return Err(Error::DuplicateId {
            id: ids[a].clone(),
            first: place(a.min(b)),
            second: place(a.max(b)),
        });
    }
    for (utterance, id) in found.utterances.iter_mut().zip(ids) {
        utterance.id = id.into();
    }
    Ok(())
}
