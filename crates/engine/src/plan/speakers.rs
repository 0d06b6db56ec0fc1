//! Whether there are the speakers that a recipe normalises by.

use ossicle_corpus::Corpus;
use ossicle_recipe::{Recipe, Scope};

use crate::error::Error;
use crate::notice::Notice;

/// Refuses to normalise by speakers where nobody is known, and tells where some are not: all of those
/// would be one speaker.
pub(crate) fn check(recipe: &Recipe, corpus: &Corpus) -> Result<Option<Notice>, Error> {
    if recipe.normalize().is_none_or(|normalize| normalize.scope != Scope::Speaker) {
        return Ok(None);
    }
    let all = || corpus.splits.iter().flat_map(|split| &split.utterances);
    let mut unknown = all().filter(|utterance| utterance.speaker.is_none());
    let Some(first) = unknown.next() else { return Ok(None) };
    let (count, of) = (1 + unknown.count() as u64, all().count() as u64);
    let first = first.id.to_string();
    match count == of {
        true => Err(Error::NoSpeakers { utterances: of, first }),
        false => Ok(Some(Notice::NoSpeaker { count, of, first })),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use ossicle_corpus::{CorpusSource, DiscoverOptions, discover};
    use ossicle_recipe::RecipeSource;

    #[test]
    fn utterances_without_a_speaker_are_counted_and_an_error_if_that_is_all() {
        let folder = tempfile::tempdir().unwrap();
        for name in ["a.wav", "b.wav", "c.wav"] {
            std::fs::write(folder.path().join(name), "").unwrap();
        }
        let source = CorpusSource::Path(folder.path().into());
        let mut corpus = discover(&source, &DiscoverOptions::default()).unwrap();
        let mut recipe: RecipeSource = Recipe::preset("kaldi-mfcc").unwrap().parse().unwrap();
        recipe.set("normalize.scope=speaker").unwrap();
        let recipe = recipe.finish().unwrap();
        let mut name = |n: usize| corpus.splits[0].utterances[n].speaker = Some("s".into());
        name(0);
        let some = Notice::NoSpeaker { count: 2, of: 3, first: "b".into() };
        assert_eq!(check(&recipe, &corpus).unwrap(), Some(some));
        for utterance in &mut corpus.splits[0].utterances {
            utterance.speaker = None;
        }
        let none = check(&recipe, &corpus).unwrap_err();
        assert!(matches!(none, Error::NoSpeakers { utterances: 3, first } if first == "a"));
        for utterance in &mut corpus.splits[0].utterances {
            utterance.speaker = Some("s".into());
        }
        assert_eq!(check(&recipe, &corpus).unwrap(), None);
    }
}
