//! Plans of corpora that are nowhere.

use std::collections::BTreeSet;
use std::path::Path;

use ossicle_corpus::{AlignmentSource, Columns, Corpus, CorpusKind, Split, Utterance};
use ossicle_dsp::Level;

use crate::bounds::stop::Stop;
use crate::plan::needs::Needs;
use crate::plan::parts::Part;
use crate::plan::{Plan, plan_corpus};
use ossicle_recipe::{Recipe, RecipeSource};

/// Makes an utterance of a file that is nowhere, of which nothing more is known.
pub(crate) fn utterance(id: &str, source: &str, size_bytes: u64) -> Utterance {
    Utterance {
        id: id.into(),
        source: Path::new(source).into(),
        alignment: None,
        speaker: None,
        size_bytes,
        modified_ns: 1,
        columns: Columns::default(),
        extra: None,
    }
}

/// Makes a plan of a corpus that is nowhere, in which utterance 3 of the split `train` is `train003`.
///
/// - `splits`: of each, its name and the sizes of its utterances, which are their numbers of frames too
pub(crate) fn plan(recipe: Recipe, splits: &[(&str, &[u64])]) -> Plan {
    let has_labels = !recipe.labels().is_empty();
    let spoken = |split: &str, number: usize, size_bytes: u64| {
        let id = format!("{split}{number:03}");
        Utterance {
            alignment: has_labels.then(|| AlignmentSource::file(Path::new("all.PHN"))),
            speaker: (!number.is_multiple_of(3)).then(|| format!("speaker {}", number % 3).into()),
            ..utterance(&id, &format!("{id}.wav"), size_bytes)
        }
    };
    let split = |&(name, sizes): &(&str, &[u64])| Split {
        name: name.to_owned(),
        root: "/nowhere".into(),
        utterances: sizes.iter().enumerate().map(|(i, &size)| spoken(name, i, size)).collect(),
        left_out: 0,
    };
    let corpus = Corpus {
        kind: CorpusKind::Folder,
        splits: splits.iter().map(split).collect(),
        ignored: Default::default(),
        left_out: 0,
        left_out_because: Vec::new(),
        walked: BTreeSet::new(),
        notices: Vec::new(),
    };
    plan_corpus(corpus, recipe, Level::BASELINE, &Stop::default()).unwrap()
}

/// Cuts a plan into parts of at most so many utterances.
pub(crate) fn in_parts_of(most: usize, mut plan: Plan) -> Plan {
    let mut parts = Vec::new();
    for (split, of_split) in plan.corpus.splits.iter().enumerate() {
        let sizes: Vec<u64> = of_split.utterances.iter().map(|u| u.size_bytes).collect();
        for begin in (0..sizes.len()).step_by(most) {
            let utterances = begin..(begin + most).min(sizes.len());
            let source_bytes = sizes[utterances.clone()].iter().sum();
            parts.push(Part { number: parts.len(), split, utterances, source_bytes });
        }
    }
    plan.needs = Needs::of(&plan.corpus, &parts);
    plan.parts = parts;
    plan
}

/// Two feature arrays, the mask of speech and labels, with deltas.
pub(crate) fn two_features(sets: &[&str]) -> Recipe {
    let more = "
[[feature]]
kind = \"mel\"
name = \"few\"
num_mel_bins = 3

[[labels]]
map = \"timit-39-2019\"

[deltas]
order = 2
window = 2

[normalize]
zero_std = 1e-5
";
    let text = format!("{}{more}", Recipe::preset("kaldi-fbank").unwrap());
    let speech = ["features.use_energy=true", "vad.energy_threshold=5"];
    recipe(&text, &[&speech, sets].concat())
}

/// A feature, labels and events, with deltas.
pub(crate) fn with_events(sets: &[&str]) -> Recipe {
    let text = Recipe::preset("timit-spikegram").unwrap();
    recipe(text, &[&["feature.keep_spikes=true"], sets].concat())
}

/// One small feature and nothing else.
pub(crate) fn one_feature(sets: &[&str]) -> Recipe {
    let text = Recipe::preset("kaldi-fbank").unwrap();
    recipe(text, &[&["feature.num_mel_bins=4"], sets].concat())
}

fn recipe(text: &str, sets: &[&str]) -> Recipe {
    let mut source: RecipeSource = text.parse().unwrap();
    sets.iter().for_each(|set| source.set(set).unwrap());
    source.finish().unwrap()
}
