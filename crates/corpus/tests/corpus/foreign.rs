//! Other programs' descriptions of corpora.

use crate::tree::{Tree, from_pairs, from_path, message};

#[test]
fn folders_of_other_programs_are_named_with_a_way_out() {
    for (files, what, advice) in [
        (
            &["feats.scp", "wav.scp", "utt2spk"][..],
            "a data folder of Kaldi or ESPnet",
            "/wav.scp | ossicle extract",
        ),
        (
            &["cuts.jsonl.gz", "recordings.jsonl.gz"],
            "a folder of lhotse manifests",
            "/recordings.jsonl.gz | jq -r '.sources[].source'",
        ),
        (
            &["cuts_train.jsonl"],
            "a folder of lhotse manifests",
            "jq -r '.recording.sources[].source'",
        ),
        (
            &["dataset_info.json", "data-00000-of-00001.arrow"],
            "a Hugging Face dataset",
            "datasets.Audio(decode=False)",
        ),
        (&["dataset_info.json", "train.parquet"], "a Hugging Face dataset", "give their folder"),
    ] {
        let tree = Tree::new(files);
        for error in [message(tree.discover()), message(from_pairs(&[("all", tree.path().into())]))]
        {
            let path = tree.path().display();
            let expected = format!("{path}: {what}, which this version does not read; ");
            assert!(error.starts_with(&expected), "{files:?}: {error}");
            assert!(error.contains(advice), "{files:?}: {error}");
        }
    }
}

#[test]
fn manifests_given_as_lists_are_named_with_a_way_out() {
    for (file, what, advice) in [
        ("wav.scp", "a Kaldi list of recordings with their ids", "cut -d' ' -f2- "),
        ("recordings.jsonl.gz", "a lhotse manifest of recordings", "gzip -dc "),
        ("cuts.jsonl", "a lhotse manifest of cuts", "sort -u"),
        ("train.json", "a JSON manifest", "jq -r .audio_filepath"),
        ("train.csv", "a table", "cut -d, -f1"),
        ("train.tsv", "a table", "cut -f1"),
        ("train.parquet", "a table of columns", "datasets.Audio(decode=False)"),
    ] {
        let tree = Tree::new(&[file]);
        let error = message(from_path(&tree.at(file)));
        let expected = format!(": {what}, which this version does not read; ");
        assert!(error.contains(&expected) && error.contains(advice), "{file}: {error}");
    }
}

#[test]
fn recordings_beside_files_that_describe_no_corpus_are_a_folder() {
    let tree = Tree::new(&["a.wav", "metadata.csv", "info.json", "feats.scp", "t.parquet"]);
    let corpus = tree.discover().unwrap();
    assert_eq!(corpus.splits[0].utterances.len(), 1);
    assert_eq!(corpus.ignored_files, 4);
}
