//! Filelists, scripts of HTK, and columns that are called otherwise.

use std::path::Path;

use ossicle_corpus::{
    ColumnNames, Corpus, CorpusSource, DiscoverOptions, Error, Selection, Span, discover,
};
use serde_json::json;

use crate::{
    formats::{columns, fixture},
    tree::{Tree, from_path, ids, message},
};

fn named(path: &Path, given: Option<&str>, renamed: &[&str]) -> Result<Corpus, Error> {
    let columns = ColumnNames::parse(given, renamed)?;
    let selection = Selection { columns, ..Selection::default() };
    let options = DiscoverOptions { selection, ..DiscoverOptions::default() };
    discover(&CorpusSource::Path(path.into()), &options)
}

#[test]
fn columns_between_bars_are_known_by_their_number() {
    let corpus = from_path(&fixture("manifests/vits.txt")).unwrap();
    assert_eq!(corpus.kind.to_string(), "filelist");
    let second = &corpus.splits[0].utterances[1];
    assert_eq!((&*second.id, second.speaker.as_deref()), ("wav/voicea-0002", Some("0")));
    assert_eq!(columns(second), json!({"text": "three für \"élève\""}));
    assert!(corpus.notices[0].ends_with("its 3 columns are taken for path,speaker,text"));
    let corpus = from_path(&fixture("manifests/tacotron.txt")).unwrap();
    let first = &corpus.splits[0].utterances[0];
    assert_eq!((first.speaker.as_deref(), columns(first)), (None, json!({"text": "one two"})));
    let tree = Tree::new(&["a.wav"]);
    let five = message(from_path(&tree.write("l", b"a.wav|1|2|3|4\n")));
    assert!(five.contains("l, line 1: expected 2 to 4 columns"), "{five}");
}

#[test]
fn columns_may_be_said_where_no_header_says_them() {
    let tree = Tree::new(&["a.wav", "b.wav"]);
    for (file, text) in [
        ("l", "a.wav|hi \"|x|mary|fr\r\nb.wav||x|john|de\r\n"),
        ("l.csv", "a.wav,\"hi \"\"\",x,mary,fr\nb.wav,,x,john,de\n"),
        ("l.tsv", "a.wav\t\"hi \"\"\"\tx\tmary\tfr\nb.wav\t\tx\tjohn\tde\n"),
    ] {
        let list = tree.write(file, text.as_bytes());
        let corpus = named(&list, Some("path, text, -, speaker, language"), &[]).unwrap();
        let first = &corpus.splits[0].utterances[0];
        assert_eq!((&*first.id, first.speaker.as_deref()), ("a", Some("mary")), "{file}");
        assert_eq!(columns(first), json!({"text": "hi \"", "language": "fr"}), "{file}");
        let error = message(named(&list, Some("path,text"), &[]));
        assert!(error.contains("expected 2 fields"), "{error}");
        let error = message(named(&list, Some("a,b,c,d,e"), &[]));
        assert!(error.contains("column of paths"), "{error}");
    }
}

#[test]
fn a_column_or_a_key_may_be_called_otherwise() {
    let tree = Tree::new(&["a.wav", "a-16k.wav"]);
    let table = tree.write("t.csv", b"path,rec,source,who\na.wav,a-16k.wav,web,mary\n");
    let lines = b"{\"path\":\"a.wav\",\"rec\":\"a-16k.wav\",\"source\":\"web\",\"who\":\"mary\"}\n";
    let lines = tree.write("m.jsonl", lines);
    for path in [table, lines] {
        let renamed = ["audio=rec", "speaker=who", "origin=source"];
        let corpus = named(&path, None, &renamed).unwrap();
        let first = &corpus.splits[0].utterances[0];
        assert_eq!((&*first.id, first.speaker.as_deref()), ("a-16k", Some("mary")));
        assert_eq!(columns(first), json!({"path": "a.wav", "origin": "web"}));
        let error = message(named(&path, None, &["audio=rec", "origin=source", "text=words"]));
        assert!(error.contains("called `words`"), "{error}");
        let error = message(named(&path, None, &["audio=rec"]));
        assert!(error.contains("a column is called `source`"), "{error}");
    }
}

#[test]
fn a_script_of_htk_is_read_with_its_stretches_and_names() {
    let corpus = from_path(&fixture("manifests/htk.scp")).unwrap();
    assert_eq!(corpus.kind.to_string(), "script of HTK");
    assert_eq!(ids(&corpus.splits[0]), ["voicea-0001", "voicea-0002", "voiceb-0003"]);
    let first = &corpus.splits[0].utterances[0];
    // The last sample is one of them: the HTK Book, 4.2.
    assert_eq!(first.span(), Some(Span::Samples { start: 0, end: Some(10) }));
    assert_eq!((&*first.source, first.size_bytes), (Path::new("wav/voicea-0001.wav"), 12_844));
    let tree = Tree::new(&["a.wav", "b c.wav", "d.wav"]);
    let corpus = from_path(&tree.write("s.scp", b"\na.wav a.mfc\r\n\"b c.wav\" d.wav\n")).unwrap();
    assert_eq!(ids(&corpus.splits[0]), ["a", "b c", "d"]);
    assert!(
        corpus.notices[0].contains("1 file behind another on a line is passed over"),
        "{:?}",
        corpus.notices
    );
    let error = message(from_path(&tree.write("s.scp", b"x=a.wav[9,0]\n 'a.wav\n")));
    assert!(error.contains("s.scp, line 1, column 1: expected the first and the last"), "{error}");
    assert!(error.contains("s.scp, line 2, column 2: the quote"), "{error}");
}
