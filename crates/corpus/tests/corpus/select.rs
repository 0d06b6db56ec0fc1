//! Utterances that are chosen, named and split as it is asked.

use std::path::PathBuf;

use ossicle_corpus::{Corpus, CorpusSource, DiscoverOptions, Error, Reason, Selection, discover};

use crate::tree::{Tree, ids, message, reasons, splits};

fn chosen(source: CorpusSource, selection: Selection) -> Result<Corpus, Error> {
    discover(&source, &DiscoverOptions { selection, ..DiscoverOptions::default() })
}

fn speakers(corpus: &Corpus) -> Vec<Option<&str>> {
    corpus.splits[0].utterances.iter().map(|it| it.speaker.as_deref()).collect()
}

/// As the Free Spoken Digit Dataset names its recordings.
fn digits() -> Tree {
    Tree::new(&["0_george_0.wav", "0_theo_0.wav", "7_theo_1.wav", "noise.wav"])
}

fn path(tree: &Tree) -> CorpusSource {
    CorpusSource::Path(tree.path().into())
}

#[test]
fn speakers_and_ids_are_found_in_paths() {
    let tree = digits();
    let select = |speaker: Option<&str>, id: Option<&str>| {
        let speaker = speaker.map(|word| word.parse().unwrap());
        let id = id.map(|pattern| pattern.parse().unwrap());
        chosen(path(&tree), Selection { speaker, id, ..Selection::default() })
    };
    let corpus = select(Some("_([a-z]+)_"), None).unwrap();
    assert_eq!(speakers(&corpus), [Some("george"), Some("theo"), Some("theo"), None]);
    let notice = "1 of 4 recordings does not have what `_([a-z]+)_` matches in the path; the first is \
                  `noise.wav`";
    assert_eq!(corpus.notices, [notice]);
    let corpus = select(None, Some(r"^(.*)\.wav$")).unwrap();
    assert_eq!(ids(&corpus.splits[0]), ["0_george_0", "0_theo_0", "7_theo_1", "noise"]);
    // Without a group, all that is matched is the name.
    let corpus = select(None, Some("^[0-9a-z]+_?[a-z]{0,2}")).unwrap();
    assert_eq!(ids(&corpus.splits[0]), ["0_ge", "0_th", "7_th", "noise"]);
    let error = message(select(Some("spk([0-9]+)"), None));
    assert!(error.starts_with("no speaker is found: `0_george_0.wav` does not have"), "{error}");
    let error = message(select(None, Some("([a-z]+)")));
    assert!(error.contains("the id `theo` is given twice, by `0_theo_0.wav`"), "{error}");
    let error = message(select(None, Some("^([0-9])_george")));
    assert!(error.starts_with("no id is found: `0_theo_0.wav`"), "{error}");
}

#[test]
fn patterns_that_are_none_are_refused_before_anything_is_read() {
    for (pattern, why) in [
        ("(", "unclosed group"),
        ("(a)(b)", "it has 2 groups"),
        ("(?:a{1000}){1000}", "size limit"),
    ] {
        let error = pattern.parse::<ossicle_corpus::PathPattern>().unwrap_err().to_string();
        assert!(error.contains(why) && error.contains(pattern), "{error}");
    }
}

#[test]
fn the_first_folder_may_be_the_speakers() {
    let tree = Tree::new(&["mary/a.wav", "mary/x/b.wav", "john/c.wav", "d.wav"]);
    let selection = Selection { speaker: Some("folder".parse().unwrap()), ..Selection::default() };
    let corpus = chosen(path(&tree), selection).unwrap();
    assert_eq!(ids(&corpus.splits[0]), ["d", "john/c", "mary/a", "mary/x/b"]);
    assert_eq!(speakers(&corpus), [None, Some("john"), Some("mary"), Some("mary")]);
    assert!(corpus.notices[0].contains("1 of 4 recordings does not have a folder of a speaker"));
}

#[test]
fn a_list_of_ids_keeps_what_it_names() {
    let tree = digits();
    let lists = Tree::new(&[]);
    let keep = |text: &str| {
        let ids_file = Some(lists.write("ids", text.as_bytes()));
        chosen(path(&tree), Selection { ids_file, ..Selection::default() })
    };
    let corpus =
        keep("# mine\n7_theo_1\r\n\n0_george_0 and what Kaldi has behind it\nmary\njohn\n");
    let corpus = corpus.unwrap();
    assert_eq!(ids(&corpus.splits[0]), ["0_george_0", "7_theo_1"]);
    assert_eq!(reasons(&corpus), [(Reason::NotInIdsFile, 2, "0_theo_0")]);
    assert_eq!(corpus.left_out, 2);
    let unknown = "2 of 4 ids are not in the corpus; the first is `mary` on line 5";
    assert!(corpus.notices[0].ends_with(unknown), "{:?}", corpus.notices);
    let error = message(keep("mary\n"));
    assert!(error.contains("none of its 1 ids is in the corpus"), "{error}");
    assert!(error.contains("the corpus has the id `0_george_0`"), "{error}");
    assert!(message(keep("#\n")).contains("it names no id"));
    // Of several splits, what one has the others need not have.
    let pairs = [("a", "0_theo_0.wav"), ("b", "7_theo_1.wav")];
    let pairs = pairs.map(|(name, file)| (name.to_owned(), tree.at(file)));
    let ids_file = Some(lists.write("ids", b"7_theo_1\n"));
    let selection = Selection { ids_file, ..Selection::default() };
    let corpus = chosen(CorpusSource::Splits(pairs.into()), selection).unwrap();
    assert_eq!(splits(&corpus), [("a", vec![]), ("b", vec!["7_theo_1"])]);
    assert_eq!(corpus.notices, [""; 0]);
}

#[test]
fn splits_are_made_of_speakers_and_stay_when_a_corpus_grows() {
    let name = |speaker: usize, n: usize| format!("s{speaker}/{n}.wav");
    let all: Vec<String> =
        (0..40).flat_map(|speaker| (0..3).map(move |n| name(speaker, n))).collect();
    let read = |count: usize| {
        let tree = Tree::new(&all[..count].iter().map(String::as_str).collect::<Vec<_>>());
        let selection = Selection {
            speaker: Some("folder".parse().unwrap()),
            shares: Some("train=0.6,valid=0.2,test=0.2".parse().unwrap()),
            ..Selection::default()
        };
        chosen(path(&tree), selection).unwrap()
    };
    let split_of = |corpus: &Corpus| {
        let mut found: Vec<(String, String)> = Vec::new();
        for split in &corpus.splits {
            let speakers = split.utterances.iter().filter_map(|it| it.speaker.as_deref());
            found.extend(speakers.map(|speaker| (speaker.to_owned(), split.name.clone())));
        }
        found.sort();
        found.dedup();
        found
    };
    let (small, large) = (split_of(&read(60)), split_of(&read(120)));
    // Each speaker is in one split, and the same as before.
    assert_eq!((small.len(), large.len()), (20, 40));
    assert!(small.iter().all(|pair| large.contains(pair)), "{small:?}");
    let names: Vec<String> = read(120).splits.into_iter().map(|split| split.name).collect();
    assert_eq!(names, ["train", "valid", "test"]);
}

#[test]
fn without_speakers_utterances_are_split_and_it_is_said() {
    let tree = digits();
    let shares = Some("train=0.5,test=0.5".parse().unwrap());
    let selection = Selection { shares, ..Selection::default() };
    let corpus = chosen(path(&tree), selection.clone()).unwrap();
    assert_eq!(corpus.splits.iter().map(|split| split.utterances.len()).sum::<usize>(), 4);
    assert!(corpus.notices[0].starts_with("no utterance has a speaker"), "{:?}", corpus.notices);
    let pairs = vec![("train".to_owned(), tree.path().to_owned())];
    let error = message(chosen(CorpusSource::Splits(pairs), selection.clone()));
    assert!(error.contains("are given, as split=PATH"), "{error}");
    let selection = Selection { splits_file: Some("x".into()), ..selection };
    let error = message(chosen(path(&tree), selection));
    assert!(error.contains("are given, as a file of splits"), "{error}");
}

#[test]
fn quoted_patterns_and_several_descriptions_are_one_corpus() {
    let tree = Tree::new(&["w/a.wav", "w/b.wav", "w/c.txt", "d/x.wav"]);
    let read = |words: &[&str]| {
        let paths: Vec<PathBuf> = words.iter().map(|word| tree.at(word)).collect();
        let source = match &paths[..] {
            [one] => CorpusSource::Path(one.clone()),
            _ => CorpusSource::Paths(paths),
        };
        chosen(source, Selection::default())
    };
    assert_eq!(ids(&read(&["w/*.wav"]).unwrap().splits[0]), ["a", "b"]);
    assert_eq!(ids(&read(&["w/b*"]).unwrap().splits[0]), ["b"]);
    assert_eq!(ids(&read(&["w/[ab].wav", "d"]).unwrap().splits[0]), ["d/x", "w/a", "w/b"]);
    assert!(message(read(&["w/*.flac"])).contains("no such file"));
    // Two Kaldi folders with one id, and a table with splits.
    tree.write("k1/wav.scp", b"u1 ../w/a.wav\nu2 ../w/b.wav\n");
    tree.write("k2/wav.scp", b"u1 ../w/b.wav\n");
    tree.write("t.csv", b"path,split,text\nw/a.wav,dev,hi\n");
    let corpus = read(&["k1", "k2", "t.csv"]).unwrap();
    let expected = [("all", vec!["k1/u1", "k2/u1", "u2"]), ("dev", vec!["w/a"])];
    assert_eq!(splits(&corpus), expected);
    assert!(corpus.splits.iter().flat_map(|it| &it.utterances).all(|it| it.size_bytes == 5));
    let corpus = read(&["k1", "k2"]).unwrap();
    assert_eq!(corpus.kind.to_string(), "Kaldi data folder");
    tree.write("list", b"d/x.wav\n");
    assert_eq!(ids(&read(&["w/a.wav", "list"]).unwrap().splits[0]), ["d/x", "w/a"]);
    let error = message(read(&["k1", "w/c.txt"]));
    assert!(error.contains("w/c.txt: neither a recording, nor a folder, nor a desc"), "{error}");
}
