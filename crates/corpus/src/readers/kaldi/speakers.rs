//! Who speaks: `utt2spk`, and `spk2utt`, which says the same the other way round.

use std::path::Path;

use ossicle_files::{percent_escaped, printable};

use super::{
    line::{Line, each_line},
    listing::{Listing, not_there},
};
use crate::{
    error::Error,
    names::shown,
    readers::faults::{At, Faults},
};

/// Reads `utt2spk`: a line an utterance.
pub(super) fn read_of_utterances(
    path: &Path,
    utterances: &mut Listing,
    faults: &mut Faults,
) -> Result<(), Error> {
    utterances.read_beside(path, "utterance", faults, |row, line, faults| {
        let speaker = word(line, "a speaker", faults);
        row.speaker = speaker.map(|speaker| percent_escaped(speaker.as_bytes()).into());
    })
}

/// Reads `spk2utt`: a line a speaker. Where another file says it too, both must agree.
pub(super) fn read_of_speakers(
    path: &Path,
    utterances: &mut Listing,
    faults: &mut Faults,
) -> Result<(), Error> {
    let file = printable(path);
    let mut named = vec![false; utterances.rows.len()];
    each_line(path, &file, |line| {
        let Some(text) = line.text(faults) else { return };
        for utterance in text.split_ascii_whitespace() {
            let column =
                line.column + (utterance.as_ptr() as usize - text.as_ptr() as usize) as u64;
            let at = At { column, ..line.at() };
            let utterance = percent_escaped(utterance.as_bytes());
            let Some(place) = utterances.find(&utterance) else {
                not_there(at, "utterance", &utterance, &utterances.file, faults);
                continue;
            };
            named[place] = true;
            let speaker = &mut utterances.rows[place].speaker;
            if let Some(of) = speaker.as_deref().filter(|of| **of != *line.key) {
                faults.add(at, "speakers that differ", || {
                    format!(
                        "the utterance `{}` is of `{}` here, and of `{}` elsewhere",
                        shown(&utterance),
                        shown(&line.key),
                        shown(of)
                    )
                });
            }
            speaker.get_or_insert_with(|| line.key.clone());
        }
    })?;
    utterances.check_all_named(named.into_iter(), "utterance", &file, faults);
    Ok(())
}

/// The value of a line that must be one word.
pub(super) fn word<'a>(line: &'a Line<'_>, expected: &str, faults: &mut Faults) -> Option<&'a str> {
    let text = line.text(faults)?;
    if text.is_empty() || text.contains(|c: char| c.is_ascii_whitespace()) {
        faults.add(line.at(), "lines of another form", || match text {
            "" => format!("expected {expected}, found nothing"),
            text => format!("expected {expected}, a single word, found `{}`", shown(text)),
        });
        return None;
    }
    Some(text)
}
