//! A whole dataset against the obvious computation: whole matrices in f64, one utterance after the
//! other, from the samples that the recordings were made of.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;
use std::sync::mpsc;
use std::thread;
use std::time::Duration;

use ossicle_corpus::CorpusSource;
use ossicle_dataset::{Dataset, Draft};
use ossicle_demo::{Demo, DemoConfig, DemoRecording, Usage};
use ossicle_dsp::{Extractor, FeatureConfig, Level, Scratch};
use ossicle_engine::{
    Error, Executor, Isolation, PartOrder, PartRunner, Plan, PlanRequest, Processes, Progress,
    RunOptions, Setting, WorkerCommand, extract, extract_on,
};
use ossicle_recipe::{Recipe, RecipeSource};
use ossicle_testing::Npy;

const SCALE: DemoConfig = DemoConfig { seed: 7, scale: 0.02 };

fn plan(corpus: &Path, sets: &[&str]) -> Plan {
    let mut source: RecipeSource = Recipe::preset("timit-mfcc").unwrap().parse().unwrap();
    sets.iter().for_each(|set| source.set(set).unwrap());
    let corpus = CorpusSource::Path(corpus.to_owned());
    ossicle_engine::plan(PlanRequest::new(corpus, source.finish().unwrap())).unwrap()
}

/// Leaves what is no part where parts are asked for.
struct Careless;

impl Executor for Careless {
    fn start<'a>(&'a self, setting: Setting<'a>) -> Result<Box<dyn PartRunner + 'a>, Error> {
        Ok(Box::new(CarelessRunner(setting)))
    }
}

struct CarelessRunner<'a>(Setting<'a>);

impl PartRunner for CarelessRunner<'_> {
    fn run_part(
        &mut self,
        _: &PartOrder,
        _: &mut dyn FnMut(Progress) -> Result<(), Error>,
    ) -> Result<Draft, Error> {
        let mut spool = self.0.store.spool("draft")?;
        spool.append(b"no part")?;
        Ok(spool.finish(false)?)
    }
}

fn run(plan: &Plan, out: &Path, jobs: usize) {
    let options = RunOptions { jobs: Some(jobs), ..RunOptions::default() };
    let outcome = extract(plan, out, &options, &()).unwrap();
    assert_eq!(outcome.failures(), 0);
}

/// The recordings of a split, in order of id.
fn recordings(demo: &Demo, split: &str) -> Vec<DemoRecording> {
    let usage = match split {
        "train" => Usage::Train,
        "valid" => Usage::Development,
        _ => Usage::CoreTest,
    };
    let wanted = |r: &&DemoRecording| r.usage() == usage && !r.is_sa();
    let mut recordings: Vec<_> = demo.recordings().iter().filter(wanted).cloned().collect();
    recordings.sort_by(|a, b| a.id().cmp(b.id()));
    recordings
}

/// Wide features in f64 and labels of one recording.
fn naive(recording: &DemoRecording) -> (Vec<Vec<f64>>, Vec<i16>) {
    let said = recording.synthesize();
    // The demo's phones begin at the first sample and end at the last.
    assert_eq!(
        (said.phones[0].start, said.phones.last().unwrap().end as usize),
        (0, said.samples.len())
    );
    let samples: Vec<f32> = said.samples.iter().map(|&s| f32::from(s) / 32768.0).collect();
    let extractor = Extractor::new(FeatureConfig::timit_mfcc(16_000), Level::BASELINE).unwrap();
    let frames = extractor.num_frames(samples.len());
    let mut base = vec![0.0; frames * 40];
    extractor.extract_into(&samples, &mut Scratch::default(), &mut base);

    let mut orders: Vec<Vec<Vec<f64>>> =
        vec![base.chunks(40).map(|row| row.iter().map(|&x| f64::from(x)).collect()).collect()];
    for order in 0..2 {
        let x = &orders[order];
        let at = |t: isize| &x[t.clamp(0, frames as isize - 1) as usize];
        let delta = |t: isize| -> Vec<f64> {
            let term = |c: usize| {
                (at(t + 1)[c] - at(t - 1)[c] + 2.0 * (at(t + 2)[c] - at(t - 2)[c])) / 10.0
            };
            (0..40).map(term).collect()
        };
        let next = (0..frames as isize).map(delta).collect();
        orders.push(next);
    }
    let wide = (0..frames).map(|t| orders.iter().flat_map(|x| x[t].clone()).collect()).collect();

    // The classes of the 2019 work, as its table lists them.
    const CLASSES: &str = "iy|ih ix|eh|ae|ah ax ax-h|uw ux|uh|aa ao|ey|ay|oy|aw|ow|er axr|l el|r|w|y|\
        m em|n en nx|ng eng|dx|jh|ch|z|s|sh zh|hh hv|v|f|dh|th|b|p|d|t|g|k|\
        bcl pcl dcl tcl gcl kcl epi pau h# q";
    let class = |symbol: &str| {
        CLASSES.split('|').position(|group| group.split(' ').any(|phone| phone == symbol))
    };
    let label = |t: usize| {
        let centre = (160 * t + 200) as u32;
        let phone = said.phones.iter().find(|p| (p.start..p.end).contains(&centre)).unwrap();
        class(phone.symbol).unwrap() as i16
    };
    (wide, (0..frames).map(label).collect())
}

#[test]
fn the_dataset_is_the_naive_computation_whatever_the_shards() {
    let folder = tempfile::tempdir().unwrap();
    let corpus = folder.path().join("corpus");
    ossicle_demo::write_corpus(&corpus, &SCALE).unwrap();
    let demo = Demo::new(&SCALE).unwrap();

    let splits = ["train", "valid", "test"];
    let expected: BTreeMap<_, Vec<_>> =
        splits.map(|s| (s, recordings(&demo, s).iter().map(naive).collect())).into();
    let train: Vec<&Vec<f64>> = expected["train"].iter().flat_map(|(rows, _)| rows).collect();
    let count = train.len() as f64;
    let mean: Vec<f64> =
        (0..120).map(|c| train.iter().map(|row| row[c]).sum::<f64>() / count).collect();
    let deviation: Vec<f64> = (0..120)
        .map(|c| (train.iter().map(|row| (row[c] - mean[c]).powi(2)).sum::<f64>() / count).sqrt())
        .collect();

    // One shard a split, of several regions, and many small shards.
    for sets in [&[][..], &["output.shard_bytes=1000000"]] {
        let out = folder.path().join(format!("dataset{}", sets.len()));
        run(&plan(&corpus, sets), &out, 2);
        for split in splits {
            let ids: Vec<String> =
                recordings(&demo, split).iter().map(|r| r.id().to_owned()).collect();
            let index = Npy::read(out.join(split).join("index.npy")).i64s();
            let rows = fs::read_to_string(out.join(split).join("utterances.jsonl")).unwrap();
            let rows: Vec<serde_json::Value> =
                rows.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
            assert_eq!(index.len(), 3 * ids.len());
            assert_eq!(rows.iter().map(|r| r["id"].as_str().unwrap()).collect::<Vec<_>>(), ids);
            let mut worst = 0.0_f64;
            for (place, (wide, labels)) in index.chunks(3).zip(&expected[split]) {
                let [shard, first, frames] = [place[0], place[1], place[2]].map(|n| n as usize);
                assert_eq!(frames, wide.len());
                let name = |array: &str| out.join(split).join(format!("{array}-{shard:05}.npy"));
                let features = Npy::read(name("features"));
                assert_eq!(features.shape[1], 120);
                let found = features.f32s();
                for (t, row) in wide.iter().enumerate() {
                    for c in 0..120 {
                        let truth = (row[c] - mean[c]) / deviation[c];
                        let found = f64::from(found[(first + t) * 120 + c]);
                        worst = worst.max((found - truth).abs());
                    }
                }
                assert_eq!(Npy::read(name("labels")).i16s()[first..first + frames], labels[..]);
            }
            // Base columns are of tens of dB in f32; deltas of them divided by a deviation of one.
            assert!(worst < 2e-5, "{split}: {worst}");
            let shards = index.chunks(3).map(|place| place[0]).max().unwrap();
            if split == "train" {
                assert_eq!(shards > 0, !sets.is_empty(), "{shards}");
            }
        }
        assert_eq!(ossicle_dataset::verify(&out).unwrap().findings, []);
    }
}

#[test]
fn any_number_of_workers_and_an_interrupted_run_write_the_same_bytes() {
    let folder = tempfile::tempdir().unwrap();
    let corpus = folder.path().join("corpus");
    ossicle_demo::write_corpus(&corpus, &DemoConfig { scale: 0.005, ..SCALE }).unwrap();
    let read = |out: &Path| {
        let card = fs::read_to_string(out.join("dataset.json")).unwrap();
        // The card names the BLAKE3 of every file, and `verify` that they are those.
        assert_eq!(ossicle_dataset::verify(out).unwrap().findings, []);
        card
    };
    let plan = plan(&corpus, &[]);
    let mut cards = Vec::new();
    for jobs in [1, 2, 8] {
        let out = folder.path().join(format!("jobs-{jobs}"));
        run(&plan, &out, jobs);
        cards.push(read(&out));
    }
    assert!(cards.iter().all(|card| *card == cards[0]));
    // More than a part, or the order of parts would not show.
    assert!(plan.parts().len() > 4);
}

#[test]
fn a_column_that_never_changes_is_divided_by_zero_std() {
    let folder = tempfile::tempdir().unwrap();
    let (corpus, out) = (folder.path().join("corpus"), folder.path().join("dataset"));
    fs::create_dir(&corpus).unwrap();
    fs::write(corpus.join("silence.raw"), vec![0; 32_000]).unwrap();
    let raw = ["audio.raw_encoding=s16le", "audio.raw_sample_rate_hz=16000"];
    run(&plan(&corpus, &[&raw[..], &["normalize.zero_std=0.25"]].concat()), &out, 1);
    let card = ossicle_dataset::Dataset::open(&out).unwrap().card().clone();
    assert!(card.normalization["features"].standard_deviation.iter().all(|&s| s == 0.25));
    assert!(Npy::read(out.join("all/features-00000.npy")).f32s().iter().all(|&x| x == 0.0));
}

#[test]
fn a_part_that_cannot_be_read_is_named_where_people_find_it() {
    let folder = tempfile::tempdir().unwrap();
    let (corpus, out) = (folder.path().join("corpus"), folder.path().join("out"));
    ossicle_demo::write_corpus(&corpus, &DemoConfig { seed: 7, scale: 0.001 }).unwrap();
    let error = extract_on(&Careless, &plan(&corpus, &[]), &out, &RunOptions::default(), &());
    let part = out.join(".ossicle/parts/000000.part");
    let expected = format!("{} was written and cannot be read", part.display());
    assert_eq!(error.unwrap_err().to_string(), expected);
}

#[test]
fn statistics_of_no_frame_are_refused() {
    let folder = tempfile::tempdir().unwrap();
    let (train, test) = (folder.path().join("train"), folder.path().join("test"));
    for split in [&train, &test] {
        fs::create_dir(split).unwrap();
    }
    fs::write(train.join("bad.wav"), "no recording").unwrap();
    ossicle_demo::write_corpus(&test, &DemoConfig { seed: 1, scale: 0.001 }).unwrap();
    let source: RecipeSource = Recipe::preset("timit-mel").unwrap().parse().unwrap();
    let splits = [("train", train), ("test", test)].map(|(name, path)| (name.to_owned(), path));
    let corpus = CorpusSource::Splits(splits.to_vec());
    let plan = ossicle_engine::plan(PlanRequest::new(corpus, source.finish().unwrap())).unwrap();
    let out = folder.path().join("dataset");
    let error = extract(&plan, &out, &RunOptions::default(), &()).unwrap_err();
    let words = "nothing to normalise by: the only utterance of \"train\" failed; the failures are listed in";
    assert!(error.to_string().contains(words), "{error}");
    assert!(out.join(".ossicle/failures.jsonl").exists());
    assert!(!out.join("dataset.json").exists());
}

/// For each row of a split, the numbers of whoever it is normalised with: by the given key of its
/// utterance's row.
fn worst_mean_and_deviation(out: &Path, split: &str, key: &str) -> (usize, f64, f64) {
    let features = Npy::read(out.join(split).join("features-00000.npy"));
    let (rows, shape) = (features.f32s(), features.shape);
    let utterances = fs::read_to_string(out.join(split).join("utterances.jsonl")).unwrap();
    let mut groups: BTreeMap<String, Vec<&[f32]>> = BTreeMap::new();
    let mut left = rows.chunks(shape[1]);
    for line in utterances.lines() {
        let utterance: serde_json::Value = serde_json::from_str(line).unwrap();
        let frames = utterance["num_frames"].as_u64().unwrap() as usize;
        let group = groups.entry(utterance[key].as_str().unwrap().to_owned()).or_default();
        group.extend(left.by_ref().take(frames));
    }
    assert!(left.next().is_none());
    let (mut worst_mean, mut worst_deviation) = (0.0_f64, 0.0_f64);
    for rows in groups.values() {
        for c in 0..shape[1] {
            let column = || rows.iter().map(|row| f64::from(row[c]));
            let mean = column().sum::<f64>() / rows.len() as f64;
            let square = column().map(|x| (x - mean).powi(2)).sum::<f64>() / rows.len() as f64;
            worst_mean = worst_mean.max(mean.abs());
            worst_deviation = worst_deviation.max((square.sqrt() - 1.0).abs());
        }
    }
    (groups.len(), worst_mean, worst_deviation)
}

#[test]
fn utterances_and_speakers_are_normalised_by_themselves() {
    let folder = tempfile::tempdir().unwrap();
    let corpus = folder.path().join("corpus");
    ossicle_demo::write_corpus(&corpus, &SCALE).unwrap();
    let mut groups = Vec::new();
    for (scope, key) in [("utterance", "id"), ("speaker", "speaker")] {
        let sets = ["normalize.stats_from=", &format!("normalize.scope={scope}")];
        let outs = [1, 8].map(|jobs| {
            let out = folder.path().join(format!("{scope}-{jobs}"));
            run(&plan(&corpus, &sets), &out, jobs);
            out
        });
        let cards = outs.each_ref().map(|out| fs::read(out.join("dataset.json")).unwrap());
        assert!(cards[0] == cards[1], "{scope}: the same bytes for any number of workers");
        for split in ["train", "test"] {
            let (count, mean, deviation) = worst_mean_and_deviation(&outs[0], split, key);
            assert!(mean < 1e-5 && deviation < 1e-5, "{scope} {split}: {mean}, {deviation}");
            groups.push(count);
        }
    }
    // A speaker says several utterances; and it is not the whole split.
    assert!(groups[2] < groups[0] && groups[2] > 1, "{groups:?}");
}

#[test]
fn a_sliding_window_takes_out_its_own_mean() {
    let folder = tempfile::tempdir().unwrap();
    let corpus = folder.path().join("corpus");
    ossicle_demo::write_corpus(&corpus, &DemoConfig { scale: 0.002, ..SCALE }).unwrap();
    let plain = ["normalize.stats_from=", "normalize.scope=sliding", "deltas.order=0"];
    // A window longer than any utterance is the utterance itself.
    let long = [&plain[..], &["normalize.cmn_window=100000", "normalize.center=true"]].concat();
    let out = folder.path().join("long");
    run(&plan(&corpus, &long), &out, 2);
    let (_, mean, deviation) = worst_mean_and_deviation(&out, "train", "id");
    assert!(mean < 1e-5 && deviation < 1e-4, "{mean}, {deviation}");
    // And one of a few frames is not.
    let out = folder.path().join("short");
    run(&plan(&corpus, &[&plain[..], &["normalize.cmn_window=20"]].concat()), &out, 2);
    let (_, mean, _) = worst_mean_and_deviation(&out, "train", "id");
    assert!(mean > 1e-3, "{mean}");
}

#[test]
fn spliced_rows_are_those_of_the_neighbours_and_the_mask_is_that_of_loud_frames() {
    let folder = tempfile::tempdir().unwrap();
    let corpus = folder.path().join("corpus");
    ossicle_demo::write_corpus(&corpus, &DemoConfig { scale: 0.002, ..SCALE }).unwrap();
    let (plain, wide) = (folder.path().join("plain"), folder.path().join("wide"));
    run(&plan(&corpus, &["deltas.window=3"]), &plain, 2);
    // Small shards and a mask whose threshold is the mean of C0.
    let sets = [
        "deltas.window=3",
        "splice.left=2",
        "splice.right=1",
        "vad.energy_threshold=0",
        "vad.energy_mean_scale=1",
        "output.shard_bytes=2000000",
    ];
    run(&plan(&corpus, &sets), &wide, 2);
    let index = Npy::read(wide.join("train/index.npy")).i64s();
    let rows = Npy::read(plain.join("train/features-00000.npy")).f32s();
    let mut begin = 0;
    for place in index.chunks(3) {
        let [shard, first, frames] = [place[0], place[1], place[2]].map(|n| n as usize);
        let features = Npy::read(wide.join(format!("train/features-{shard:05}.npy")));
        let (found, shape) = (features.f32s(), features.shape);
        assert_eq!(shape[1], 480);
        let row = |t: isize| {
            let t = begin + t.clamp(0, frames as isize - 1) as usize;
            &rows[t * 120..(t + 1) * 120]
        };
        for t in 0..frames {
            let expected: Vec<f32> = (-2..=1).flat_map(|n| row(t as isize + n)).copied().collect();
            assert_eq!(found[(first + t) * 480..][..480], expected[..], "row {t}");
        }
        let mask = &Npy::read(wide.join(format!("train/vad-{shard:05}.npy"))).i16s()
            [first..first + frames];
        // C0 is normalised in the rows, which keeps its order.
        let c0: Vec<f32> = (0..frames).map(|t| row(t as isize)[0]).collect();
        let mean = c0.iter().sum::<f32>() / frames as f32;
        let wrong = c0.iter().zip(mask).filter(|(c0, mask)| (**c0 > mean) != (**mask == 1));
        // But for rounding where a frame is as loud as the mean.
        assert!(wrong.count() <= 1);
        begin += frames;
    }
    assert!(index.len() > 3 && index[index.len() - 3] > 0, "several shards");
    assert_eq!(ossicle_dataset::verify(&wide).unwrap().findings, []);
}

#[test]
fn at_a_low_frame_rate_rows_labels_and_mask_are_those_of_every_nth_frame() {
    let folder = tempfile::tempdir().unwrap();
    let corpus = folder.path().join("corpus");
    ossicle_demo::write_corpus(&corpus, &DemoConfig { scale: 0.002, ..SCALE }).unwrap();
    let speech = ["vad.energy_threshold=0", "vad.energy_mean_scale=1"];
    for (number, last) in ["repeat", "drop"].into_iter().enumerate() {
        let (plain, low) =
            (folder.path().join("plain"), folder.path().join(format!("low{number}")));
        if number == 0 {
            run(&plan(&corpus, &speech), &plain, 2);
        }
        let last_is = format!("splice.last={last}");
        let sets = ["splice.left=3", "splice.right=3", "splice.every=6", &last_is];
        let sets = [&sets[..], &speech].concat();
        run(&plan(&corpus, &sets), &low, 2);
        let read = |out: &Path, file: &str| Npy::read(out.join("train").join(file));
        let (index, low_index) = (read(&plain, "index.npy").i64s(), read(&low, "index.npy").i64s());
        let rows = read(&plain, "features-00000.npy").f32s();
        let low_rows = read(&low, "features-00000.npy").f32s();
        let (labels, low_labels) =
            (read(&plain, "labels-00000.npy").i16s(), read(&low, "labels-00000.npy").i16s());
        let (mask, low_mask) =
            (read(&plain, "vad-00000.npy").i16s(), read(&low, "vad-00000.npy").i16s());
        for (place, low_place) in index.chunks(3).zip(low_index.chunks(3)) {
            let [first, frames] = [place[1], place[2]].map(|n| n as usize);
            let [low_first, low_frames] = [low_place[1], low_place[2]].map(|n| n as usize);
            let reach = if last == "drop" { 3 } else { 0 };
            let expected = (0..frames).step_by(6).filter(|t| t + reach < frames).count();
            assert_eq!(low_frames, expected, "of {frames} frames");
            for r in 0..low_frames {
                let neighbours = (6 * r as isize - 3..=6 * r as isize + 3).flat_map(|t| {
                    let t = first + t.clamp(0, frames as isize - 1) as usize;
                    &rows[t * 120..(t + 1) * 120]
                });
                let neighbours: Vec<f32> = neighbours.copied().collect();
                assert_eq!(low_rows[(low_first + r) * 840..][..840], neighbours[..], "row {r}");
                assert_eq!(low_labels[low_first + r], labels[first + 6 * r], "label {r}");
                assert_eq!(low_mask[low_first + r], mask[first + 6 * r], "mask {r}");
            }
        }
        assert_eq!(ossicle_dataset::verify(&low).unwrap().findings, []);
        let card = Dataset::open(&low).unwrap();
        assert_eq!(card.card().frame.shift, Some(960));
    }
}

#[test]
fn features_of_other_names_are_arrays_of_their_own_and_equal_those_computed_alone() {
    let folder = tempfile::tempdir().unwrap();
    let corpus = folder.path().join("corpus");
    ossicle_demo::write_corpus(&corpus, &DemoConfig { scale: 0.002, ..SCALE }).unwrap();
    let preset = Recipe::preset("timit-mfcc").unwrap();
    let mel = "[[feature]]\nname = \"mel\"\nkind = \"mel\"\nwindow = \"hann-periodic\"\nn_fft = 400\n\
               num_mel_bins = 40\nmel_scale = \"slaney\"\nmel_triangles = \"hz\"\nmel_norm = \"area\"\n\n";
    let both = preset.replace("[deltas]", &format!("{mel}[deltas]"));
    let source: RecipeSource = both.parse().unwrap();
    let path = CorpusSource::Path(corpus.clone());
    let plan_of = |source: RecipeSource| {
        ossicle_engine::plan(PlanRequest::new(path.clone(), source.finish().unwrap())).unwrap()
    };
    let out = folder.path().join("both");
    run(&plan_of(source), &out, 2);
    assert_eq!(ossicle_dataset::verify(&out).unwrap().findings, []);
    for (name, preset) in [("features", "timit-mfcc"), ("mel", "timit-mel")] {
        let alone = folder.path().join(preset);
        run(&plan_of(Recipe::preset(preset).unwrap().parse().unwrap()), &alone, 1);
        for split in ["train", "test"] {
            let found = fs::read(out.join(format!("{split}/{name}-00000.npy"))).unwrap();
            let expected = fs::read(alone.join(format!("{split}/features-00000.npy"))).unwrap();
            assert!(found == expected, "{split} {name}");
        }
        let statistics = |out: &Path, name: &str| {
            let card = ossicle_dataset::Dataset::open(out).unwrap().card().clone();
            card.normalization[name].clone()
        };
        assert_eq!(statistics(&out, name), statistics(&alone, "features"));
    }
    // And its statistics can be taken by another run.
    let mut source: RecipeSource = both.parse().unwrap();
    source.set(&format!("normalize.stats_from={}", out.display())).unwrap();
    let again = folder.path().join("again");
    run(&plan_of(source), &again, 2);
    for file in ["train/features-00000.npy", "test/mel-00000.npy"] {
        assert!(fs::read(out.join(file)).unwrap() == fs::read(again.join(file)).unwrap(), "{file}");
    }
}

#[test]
fn workers_that_die_whatever_they_are_given_end_the_run() {
    let folder = tempfile::tempdir().unwrap();
    let corpus = folder.path().join("corpus");
    for recording in Demo::new(&SCALE).unwrap().recordings().iter().take(5) {
        recording.write_into(&corpus).unwrap();
    }
    // Ready for the job, and gone as soon as there is work.
    let script = "read -r hello; echo '\"Ready\"' >&0; read -r order; kill -9 $$";
    let command =
        WorkerCommand { program: "bash".into(), arguments: ["-c", script].map(Into::into).into() };
    let isolation = Isolation::Processes(Processes { command, timeout_per_utterance: None });
    let options = RunOptions { jobs: Some(1), isolation, ..RunOptions::default() };
    let plan = plan(&corpus, &["normalize.stats_from=all"]);
    // On a thread of its own, so that a run without an end is a failure and not a test without one.
    let (done, ended) = mpsc::channel();
    let out = folder.path().join("out");
    thread::spawn(move || done.send(extract(&plan, &out, &options, &()).map(drop)));
    let ended = ended.recv_timeout(Duration::from_secs(60)).expect("it does not end");
    assert!(matches!(ended, Err(Error::WorkersDie { .. })), "{ended:?}");
}
