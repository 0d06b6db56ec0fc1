//! Datasets that are brought up to a corpus that has changed: the oracle is a run from nothing.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::time::SystemTime;

use ossicle_corpus::CorpusSource;
use ossicle_dataset::Dataset;
use ossicle_engine::{
    Difference, Error, Outcome, Plan, PlanRequest, RunOptions, Share, UpdateCounts, WhyAgain,
    check, compute_share, extract, plan,
};
use ossicle_recipe::{Recipe, RecipeSource};
use ossicle_testing::{Random, noise_i16, wav};

const SPLITS: [&str; 2] = ["train", "valid"];

/// What is computed, by a preset or a text, and why rows cannot be had of the dataset's, if they cannot.
type Case = (&'static str, &'static [&'static str], Option<WhyAgain>);

/// Arrays of three grids, of which two have columns of one stream.
const SEVERAL: &str = r#"
[audio]
channel = "first"
[frames]
length = "25ms"
shift = "10ms"
edges = "snip"
[[feature]]
kind = "mel"
name = "bands"
num_mel_bins = 20
[[feature]]
kind = "mfcc"
name = "ceps"
num_mel_bins = 23
num_ceps = 5
[[feature]]
kind = "mel"
name = "slow"
num_mel_bins = 7
[feature.frames]
length = "50ms"
shift = "20ms"
edges = "snip"
[[feature]]
kind = "waveform"
name = "samples"
[deltas]
order = 1
window = 2
[[labels]]
tier = "phones"
map = "timit-39"
"#;

const CASES: [Case; 14] = [
    ("timit-mfcc", &["normalize=", "output.shards=parts"], None),
    (SEVERAL, &[], None),
    ("wav2vec2-wave", &["normalize=", "feature.dtype=int16"], Some(WhyAgain::Rounded)),
    ("kaldi-fbank", &[], None),
    // Derivatives and neighbours, before and after what normalisation would be; labels and a mask of speech.
    ("timit-mfcc", &["normalize=", "splice.left=2", "splice.right=1"], None),
    ("kaldi-fbank", &["normalize.scope=sliding", "splice.at=before", "splice.left=3"], None),
    ("kaldi-mfcc", &["vad.energy_threshold=5.0", "deltas.order=1"], None),
    ("kaldi-mfcc", &["normalize.scope=sliding", "vad.energy_threshold=5.0"], None),
    ("timit-spikegram", &["normalize=", "feature.keep_spikes=true", "feature.snr_db=3"], None),
    ("kaldi-fbank", &["labels.tier=phones", "labels.map=from-train", "normalize="], None),
    ("timit-mfcc", &[], Some(WhyAgain::Normalized)),
    ("kaldi-fbank", &["normalize.scope=utterance"], Some(WhyAgain::Normalized)),
    ("kaldi-fbank", &["splice.every=3"], Some(WhyAgain::FewerRows)),
    ("kaldi-fbank", &["splice.last=drop", "splice.right=1"], Some(WhyAgain::FewerRows)),
];

fn recipe(preset: &str, sets: &[&str]) -> Recipe {
    let mut source: RecipeSource = Recipe::preset(preset).unwrap_or(preset).parse().unwrap();
    sets.iter().for_each(|set| source.set(set).unwrap());
    source.finish().unwrap()
}

/// The size and time of a recording, and of its alignment.
type Files = [Option<(u64, SystemTime)>; 2];

/// A corpus in a folder of its own, which changes.
struct Corpus {
    root: PathBuf,
    random: Random,
    /// The number of the next recording.
    next: usize,
}

impl Corpus {
    fn new(root: PathBuf, seed: u64) -> Corpus {
        let mut corpus = Corpus { root, random: Random::with_seed(seed), next: 0 };
        for split in SPLITS {
            (0..7).for_each(|_| corpus.add(split));
        }
        corpus.spoil("train");
        corpus
    }

    fn plan(&self, recipe: &Recipe) -> Plan {
        let splits = SPLITS.map(|name| (name.to_owned(), self.root.join(name)));
        plan(PlanRequest::new(CorpusSource::Splits(splits.into()), recipe.clone())).unwrap()
    }

    fn write(&mut self, path: &Path) {
        let length = self.random.usize(2000..6000);
        let samples = noise_i16(length, self.random.u64(..));
        let loudness = self.random.i16(1..9);
        let samples: Vec<i16> = samples.iter().map(|x| x / (4 * loudness)).collect();
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, wav(&samples, 1, 16_000)).unwrap();
        self.label(path, length);
    }

    /// Writes an alignment beside a recording.
    fn label(&mut self, path: &Path, length: usize) {
        // All classes, so that where they are counted they stay what they are.
        let (middle, end) = (self.random.usize(500..1000), self.random.usize(1000..1500));
        let text = format!("0 {middle} h#\n{middle} {end} sh\n{end} {length} iy\n");
        fs::write(path.with_extension("PHN"), text).unwrap();
    }

    fn add(&mut self, split: &str) {
        let path =
            self.root.join(split).join(format!("{:02}-{:03}.wav", self.next * 37 % 97, self.next));
        self.next += 1;
        self.write(&path);
    }

    /// Makes a file of a split one that is no recording.
    fn spoil(&mut self, split: &str) {
        let path = self.any(split);
        fs::write(path, b"RIFF").unwrap();
    }

    fn any(&mut self, split: &str) -> PathBuf {
        let files = fs::read_dir(self.root.join(split)).unwrap().map(|it| it.unwrap().path());
        let mut files: Vec<_> = files.filter(|path| path.extension().unwrap() == "wav").collect();
        files.sort();
        files.swap_remove(self.random.usize(..files.len()))
    }

    fn remove(&mut self, split: &str) {
        let path = self.any(split);
        fs::remove_file(path.with_extension("PHN")).unwrap();
        fs::remove_file(path).unwrap();
    }

    /// Changes something of everything that can be another.
    fn change(&mut self) {
        for split in SPLITS {
            (0..self.random.usize(..3)).for_each(|_| self.add(split));
            (0..self.random.usize(..2)).for_each(|_| self.remove(split));
            let rewritten = self.any(split);
            self.write(&rewritten);
            let labelled = self.any(split);
            self.label(&labelled, 1900);
        }
        self.spoil("valid");
        for (from, to) in [("train", "train"), ("train", "valid")] {
            let (from, name) = (self.any(from), format!("moved-{:03}", self.next));
            let to = self.root.join(to).join(name);
            self.next += 1;
            fs::rename(from.with_extension("PHN"), to.with_extension("PHN")).unwrap();
            fs::rename(from, to.with_extension("wav")).unwrap();
        }
    }

    /// What each utterance's files look like, obviously.
    ///
    /// - `has_labels`: whether alignments are files of an utterance
    fn look(&self, has_labels: bool) -> BTreeMap<(&'static str, String), Files> {
        let mut all = BTreeMap::new();
        for split in SPLITS {
            for entry in fs::read_dir(self.root.join(split)).unwrap() {
                let path = entry.unwrap().path();
                if path.extension().unwrap() == "wav" {
                    let look = |path: &Path| {
                        let of = fs::metadata(path).unwrap();
                        (of.len(), of.modified().unwrap())
                    };
                    let id = path.file_stem().unwrap().to_str().unwrap().to_owned();
                    let phones = has_labels.then(|| look(&path.with_extension("PHN")));
                    all.insert((split, id), [Some(look(&path)), phones]);
                }
            }
        }
        all
    }
}

/// All files of a dataset but what varies, and what its sources looked like.
fn files(folder: &Path) -> BTreeMap<String, Vec<u8>> {
    let card = Dataset::open(folder).unwrap().card().clone();
    let names = card.files.into_iter().map(|file| file.path);
    let names = names.chain(["dataset.json", "sources.jsonl"].map(str::to_owned));
    names.map(|name| (name.clone(), fs::read(folder.join(name)).unwrap())).collect()
}

fn assert_same(a: &Path, b: &Path, why: &str) {
    let (a, b) = (files(a), files(b));
    assert_eq!(a.keys().collect::<Vec<_>>(), b.keys().collect::<Vec<_>>(), "{why}");
    for (name, bytes) in a {
        assert!(bytes == b[&name], "{why}: {name} differs");
    }
}

fn run(plan: &Plan, out: &Path, options: RunOptions) -> Outcome {
    extract(plan, out, &options, &()).unwrap()
}

fn jobs(jobs: usize) -> RunOptions {
    RunOptions { jobs: Some(jobs), ..RunOptions::default() }
}

fn updating(workers: usize) -> RunOptions {
    RunOptions { update: true, ..jobs(workers) }
}

#[test]
fn an_updated_dataset_is_the_one_that_a_run_from_nothing_makes() {
    for (number, (preset, sets, obstacle)) in CASES.into_iter().enumerate() {
        for keep_parts in [false, true] {
            let why = format!("{preset} {sets:?}, parts kept: {keep_parts}");
            let folder = tempfile::tempdir().unwrap();
            let (out, recipe) = (folder.path().join("out"), recipe(preset, sets));
            let mut corpus = Corpus::new(folder.path().join("corpus"), number as u64);
            let keep = RunOptions { keep_parts, ..jobs(2) };
            let first = run(&corpus.plan(&recipe), &out, keep.clone());
            assert!(first.update.is_none());
            for step in 0..2 {
                let has_labels = !recipe.labels().is_empty();
                let before = corpus.look(has_labels);
                corpus.change();
                let (after, plan) = (corpus.look(has_labels), corpus.plan(&recipe));
                let options = RunOptions { update: true, keep_parts, ..jobs(1 + 2 * step) };
                let counts = run(&plan, &out, options).update.unwrap();
                let fresh = folder.path().join(format!("fresh{step}"));
                run(&plan, &fresh, jobs(2));
                assert_same(&fresh, &out, &why);
                assert!(ossicle_dataset::verify(&out).unwrap().findings.is_empty(), "{why}");
                assert_eq!(out.join(".ossicle").exists(), keep_parts, "{why}");

                let both = || after.iter().filter_map(|(key, now)| Some((now, before.get(key)?)));
                let count = |n: usize| n as u64;
                assert_eq!(counts.new, count(after.len() - both().count()), "{why}");
                assert_eq!(counts.vanished, count(before.len() - both().count()), "{why}");
                let is_changed = |(now, then): &(_, _)| now != then;
                assert_eq!(counts.changed, count(both().filter(is_changed).count()), "{why}");
                let same = count(both().filter(|both| !is_changed(both)).count());
                let UpdateCounts { from_parts, from_dataset, still_failed, .. } = counts;
                let again: u64 = counts.computed_again.values().sum();
                assert_eq!(from_parts + from_dataset + still_failed + again, same, "{why}");
                assert_eq!(counts.computed(), count(after.len()) - (same - again), "{why}");
                let expected = match (keep_parts, obstacle) {
                    (true, _) => (true, false, 0),
                    (false, None) => (false, true, 0),
                    (false, Some(why)) => (false, false, counts.computed_again[&why]),
                };
                assert_eq!((from_parts > 0, from_dataset > 0, again), expected, "{why}");
            }
        }
    }
}

#[test]
fn what_is_not_what_was_written_is_computed_again() {
    let folder = tempfile::tempdir().unwrap();
    let recipe = recipe("kaldi-fbank", &[]);
    let mut corpus = Corpus::new(folder.path().join("corpus"), 5);
    let at_first = corpus.plan(&recipe);
    let damages: [(&str, bool, WhyAgain); 6] = [
        ("train/features-00000.npy", false, WhyAgain::Damaged),
        ("train/index.npy", false, WhyAgain::Damaged),
        ("valid/utterances.jsonl", false, WhyAgain::Damaged),
        ("failures.jsonl", false, WhyAgain::Damaged),
        ("sources.jsonl", false, WhyAgain::NoStamps),
        // A part that is torn is no reason: rows of the dataset do as well.
        (".ossicle/parts/000001.part", true, WhyAgain::TriedAgain),
    ];
    let outs: Vec<_> = (0..damages.len()).map(|at| folder.path().join(format!("{at}"))).collect();
    for (out, (file, keep_parts, _)) in outs.iter().zip(damages) {
        run(&at_first, out, RunOptions { keep_parts, ..jobs(2) });
        let mut bytes = fs::read(out.join(file)).unwrap();
        let at = bytes.len() * 3 / 4;
        bytes[at] ^= 1;
        fs::write(out.join(file), bytes).unwrap();
    }
    corpus.add("train");
    let (plan, fresh) = (corpus.plan(&recipe), folder.path().join("fresh"));
    run(&plan, &fresh, jobs(2));
    for (out, (file, keep_parts, why)) in outs.iter().zip(damages) {
        let counts = run(&plan, out, updating(2)).update.unwrap();
        assert_same(&fresh, out, file);
        assert_eq!(counts.from_parts > 0, keep_parts, "{file}");
        match why {
            WhyAgain::TriedAgain => {
                assert!(counts.from_dataset > 0 && counts.computed() == 1, "{file}: {counts:?}")
            }
            why => assert!(counts.computed_again[&why] > 0, "{file}: {counts:?}"),
        }
    }
}

#[test]
fn another_recipe_is_refused_and_nothing_to_update_is_no_work() {
    let folder = tempfile::tempdir().unwrap();
    let out = folder.path().join("out");
    let mut corpus = Corpus::new(folder.path().join("corpus"), 6);
    let plain = recipe("kaldi-fbank", &[]);
    // There is no dataset yet: it is a run as any.
    assert!(run(&corpus.plan(&plain), &out, updating(1)).update.is_none());
    assert!(run(&corpus.plan(&plain), &out, updating(1)).already_complete);
    corpus.change();
    let more = recipe("kaldi-fbank", &["feature.num_mel_bins=24"]);
    let refused = extract(&corpus.plan(&more), &out, &updating(1), &()).unwrap_err();
    let Error::OtherJob { difference: Difference::Key { key, .. }, .. } = &refused else {
        panic!("{refused}")
    };
    assert!(key.ends_with("num_mel_bins"), "{key}");
    // What would be done is told, and nothing is changed.
    let plan = corpus.plan(&plain);
    let before = files(&out);
    let told = check(&plan, &out, &updating(1), true, &()).unwrap();
    let ossicle_engine::Checked::MayBegin { update: Some(told), .. } = told else {
        panic!("{told:?}")
    };
    assert_eq!(files(&out), before);
    assert!(!out.join(".ossicle").exists());
    assert_eq!(run(&plan, &out, updating(1)).update, Some(told));
    // Another version made other bytes: its key is another.
    let card = fs::read_to_string(out.join("dataset.json")).unwrap();
    let job = Dataset::open(&out).unwrap().card().job.clone();
    let hash = |text: &str| blake3::hash(text.as_bytes()).to_hex().to_string();
    let other = card.replace(&job, &"0".repeat(64));
    let end = other.find("  \"card_blake3\"").unwrap();
    let other = format!("{}  \"card_blake3\": \"{}\"\n}}\n", &other[..end], hash(&other[..end]));
    fs::write(out.join("dataset.json"), other).unwrap();
    corpus.add("train");
    let refused = extract(&corpus.plan(&plain), &out, &updating(1), &()).unwrap_err();
    assert!(
        matches!(&refused, Error::OtherJob { difference: Difference::NamedOrVersion { .. }, .. }),
        "{refused}"
    );
}

#[test]
fn classes_that_are_counted_change_all_labels() {
    let folder = tempfile::tempdir().unwrap();
    let (out, fresh) = (folder.path().join("out"), folder.path().join("fresh"));
    let recipe = recipe("kaldi-fbank", &["labels.tier=phones", "labels.map=from-train"]);
    let mut corpus = Corpus::new(folder.path().join("corpus"), 7);
    run(&corpus.plan(&recipe), &out, jobs(2));
    let labelled = corpus.any("train").with_extension("PHN");
    fs::write(labelled, "0 1000 a-new-one\n1000 2000 sh\n").unwrap();
    let plan = corpus.plan(&recipe);
    let counts = run(&plan, &out, updating(2)).update.unwrap();
    assert_eq!(counts.from_dataset + counts.from_parts, 0);
    assert!(counts.computed_again[&WhyAgain::OtherClasses] > 0);
    run(&plan, &fresh, jobs(2));
    assert_same(&fresh, &out, "other classes");
}

/// Makes a file another of the same size and time.
fn invert_last_byte(path: &Path) {
    let time = fs::metadata(path).unwrap().modified().unwrap();
    let mut bytes = fs::read(path).unwrap();
    *bytes.last_mut().unwrap() ^= 0xff;
    fs::write(path, bytes).unwrap();
    fs::File::options().write(true).open(path).unwrap().set_modified(time).unwrap();
}

#[test]
fn contents_tell_where_times_do_not() {
    let folder = tempfile::tempdir().unwrap();
    let (out, fresh) = (folder.path().join("out"), folder.path().join("fresh"));
    let recipe = recipe("kaldi-fbank", &[]);
    let mut corpus = Corpus::new(folder.path().join("corpus"), 8);
    let by_content = |update| RunOptions { hash_inputs: true, update, ..jobs(2) };
    run(&corpus.plan(&recipe), &out, by_content(false));
    // Every file is written again, as it was: by times, all has changed.
    for split in SPLITS {
        for entry in fs::read_dir(corpus.root.join(split)).unwrap() {
            let path = entry.unwrap().path();
            fs::write(&path, fs::read(&path).unwrap()).unwrap();
        }
    }
    // And one is another, of the same size and time.
    let other = corpus.any("valid");
    invert_last_byte(&other);
    corpus.add("train");
    let plan = corpus.plan(&recipe);
    let counts = run(&plan, &out, by_content(true)).update.unwrap();
    assert_eq!((counts.new, counts.changed, counts.computed()), (1, 1, 2), "{counts:?}");
    run(&plan, &fresh, by_content(false));
    assert_same(&fresh, &out, "by content");
    assert!(run(&plan, &out, by_content(true)).already_complete);
    // And where there is nothing besides.
    invert_last_byte(&other);
    assert!(run(&plan, &out, updating(2)).already_complete, "times do not tell");
    let refused = extract(&plan, &out, &by_content(false), &()).unwrap_err();
    assert!(
        matches!(&refused, Error::OtherJob { difference: Difference::Sources, .. }),
        "{refused}"
    );
    let counts = run(&plan, &out, by_content(true)).update.unwrap();
    assert_eq!((counts.new, counts.changed, counts.computed()), (0, 1, 1), "{counts:?}");
    fs::remove_dir_all(&fresh).unwrap();
    run(&plan, &fresh, by_content(false));
    assert_same(&fresh, &out, "by content alone");
    // Of a run that hashed nothing, nothing is known.
    fs::remove_dir_all(&out).unwrap();
    run(&plan, &out, jobs(2));
    corpus.add("train");
    let plan = corpus.plan(&recipe);
    let counts = run(&plan, &out, by_content(true)).update.unwrap();
    assert_eq!(counts.from_dataset, 0);
    assert!(counts.computed_again[&WhyAgain::NoContents] > 0, "{counts:?}");
}

#[test]
fn shares_update_as_one_run_does() {
    let folder = tempfile::tempdir().unwrap();
    let (out, fresh) = (folder.path().join("out"), folder.path().join("fresh"));
    let recipe = recipe("timit-mfcc", &["normalize="]);
    let mut corpus = Corpus::new(folder.path().join("corpus"), 9);
    run(&corpus.plan(&recipe), &out, RunOptions { keep_parts: true, ..jobs(2) });
    corpus.change();
    let plan = corpus.plan(&recipe);
    run(&plan, &fresh, jobs(2));
    for number in [2, 1] {
        let share = Share::new(number, 2).unwrap();
        let make = || Ok(corpus.plan(&recipe));
        let level = ossicle_dsp::Level::detect();
        compute_share(share, &recipe, &make, &out, (&updating(1), level), &()).unwrap();
    }
    let done = run(&plan, &out, RunOptions { keep_parts: true, ..updating(1) });
    assert_eq!(done.resumed_parts, done.parts);
    assert_same(&fresh, &out, "shares");
    // What they have left is of use to the next.
    corpus.add("valid");
    let counts = run(&corpus.plan(&recipe), &out, updating(2)).update.unwrap();
    assert_eq!((counts.computed(), counts.from_dataset), (1, 0), "{counts:?}");
}

#[test]
fn failures_are_kept_unless_all_are_tried_again() {
    let folder = tempfile::tempdir().unwrap();
    let (out, fresh) = (folder.path().join("out"), folder.path().join("fresh"));
    let recipe = recipe("kaldi-fbank", &[]);
    let mut corpus = Corpus::new(folder.path().join("corpus"), 10);
    run(&corpus.plan(&recipe), &out, jobs(2));
    corpus.add("valid");
    let plan = corpus.plan(&recipe);
    let counts = run(&plan, &out, updating(2)).update.unwrap();
    assert_eq!((counts.still_failed, counts.computed()), (1, 1), "{counts:?}");
    run(&plan, &fresh, jobs(2));
    assert_same(&fresh, &out, "a failure");
    let again = RunOptions { retry_failed: true, ..updating(2) };
    let counts = run(&plan, &out, again).update.unwrap();
    assert_eq!((counts.still_failed, counts.computed()), (0, 1), "{counts:?}");
    assert_same(&fresh, &out, "tried again");
}
