//! Data folders of Kaldi.

use std::path::Path;

use ossicle_corpus::{Corpus, Error, Held, Span, Utterance};
use serde_json::json;

use crate::{
    formats::{columns, copy, fixture},
    tree::{Tree, from_pairs, from_path, ids, message, splits},
};

fn only(corpus: &Corpus) -> &[Utterance] {
    let [split] = &corpus.splits[..] else { panic!("{corpus:?}") };
    &split.utterances
}

#[test]
fn what_lhotse_exports_is_read_with_speakers_texts_and_languages() {
    for given in [fixture("kaldi_data"), fixture("kaldi_data/wav.scp")] {
        let corpus = from_path(&given).unwrap();
        assert_eq!(corpus.kind.to_string(), "Kaldi data folder");
        let utterances = only(&corpus);
        assert_eq!(ids(&corpus.splits[0]), ["voicea-0001", "voicea-0002", "voiceb-0003"]);
        let second = &utterances[1];
        assert_eq!(&*second.source, Path::new("wav/voicea-0002.wav"));
        assert_eq!(second.speaker.as_deref(), Some("voicea"));
        assert_eq!(second.size_bytes, 16_290);
        assert_eq!(
            columns(second),
            json!({"recording": "voicea-0002", "text": "three für élève", "language": "en"})
        );
        let span = Span::Nanoseconds { start: 0, end: Some(507_687_500) };
        assert_eq!(second.span(), Some(span));
        assert_eq!(span.samples(16_000), (0, Some(8123)));
        // Paths are relative to the folder that the program ran in, which is said.
        let [notice] = &corpus.notices[..] else { panic!("{:?}", corpus.notices) };
        assert!(notice.contains("paths are taken relative to"), "{notice}");
    }
}

#[test]
fn an_end_of_minus_one_is_the_recordings() {
    let corpus = from_path(&fixture("kaldi_data/segmented")).unwrap();
    let spans: Vec<_> = only(&corpus).iter().map(|it| it.span().unwrap().samples(16_000)).collect();
    assert_eq!(spans, [(800, Some(4000)), (4160, Some(8000)), (4800, None)]);
    assert_eq!(ids(&corpus.splits[0]), ["voicea-0002-a", "voicea-0002-b", "voicea-0002-c"]);
    assert_eq!(corpus.ignored.files(), 1, "wav_ark.scp");
}

#[test]
fn entries_of_archives_are_told_by_their_offsets() {
    let entry = |offset, most| Held::Entry { offset, most };
    for (list, wavs) in [("kaldi_data/segmented/wav_ark.scp", true), ("kaldi/flac.scp", false)] {
        let corpus = from_path(&fixture(list)).unwrap();
        let utterances = only(&corpus);
        assert_eq!(ids(&corpus.splits[0]), ["voicea-0001", "voicea-0002", "voiceb-0003"]);
        let (archive, size, held) = match wavs {
            true => (
                "kaldi/wav.ark",
                38_816,
                [entry(12, Some(12_844)), entry(12_868, Some(16_290)), entry(29_170, None)],
            ),
            false => (
                "kaldi/flac.ark",
                24_625,
                [entry(12, Some(7938)), entry(7962, Some(10_937)), entry(18_911, None)],
            ),
        };
        for (utterance, held) in utterances.iter().zip(&held) {
            assert_eq!((&*utterance.source, utterance.size_bytes), (Path::new(archive), size));
            assert_eq!(utterance.held(), Some(held));
        }
        assert_eq!(
            utterances[2].recording_bytes(),
            size - held[2].to_row()["offset"].as_u64().unwrap()
        );
    }
}

#[test]
fn commands_and_ranges_are_refused_by_name() {
    for (entry, expected) in [
        ("sph2pipe -f wav a.sph |", "a path, found the command `sph2pipe -f wav a.sph |`, and"),
        ("a.ark:7[0:9]", "a path or `archive:offset`, found the range `a.ark:7[0:9]`; name"),
        ("-", "a path, found `-`, standard input"),
    ] {
        let tree = Tree::new(&[]);
        tree.write("wav.scp", format!("a {entry}\n").as_bytes());
        let error = message(tree.discover());
        let expected = format!("wav.scp, line 1, column 3: expected {expected}");
        assert!(error.contains(&expected), "{error}");
    }
}

#[test]
fn everything_that_does_not_agree_is_told_at_once() {
    let tree = copy("kaldi_data/segmented");
    tree.write("wav/voicea-0002.wav", b"bytes");
    let folder = tree.at("kaldi_data/segmented");
    assert_eq!(only(&from_path(&folder).unwrap()).len(), 3);
    for (file, text) in [
        (
            "segments",
            "a r 0 1\na r 0 1\nb r 2 1.5\nc x 0 1\nd r 0\ne r zero 1\nf r 0 1\ng r 0 1 q\n",
        ),
        ("wav.scp", "r wav/voicea-0002.wav\nempty\n"),
        ("utt2spk", "a s\nb s t\nf s\nz s\n"),
        ("spk2utt", "s a b c d e\nother f\n"),
        ("text", "a hello\nb \nf x\n"),
        ("reco2dur", "r -1\nempty 1\n"),
        ("reco2file_and_channel", "r call C\ngone call A\nempty call B\n"),
    ] {
        tree.write(&format!("kaldi_data/segmented/{file}"), text.as_bytes());
    }
    let error = message(from_path(&folder));
    for expected in [
        "segments, line 2, column 1: `a` is on line 1 already; keep one",
        "segments, line 3: it starts at 2 s and ends at 1.5 s",
        "segments, line 4, column 3: the recording `x` is not in ",
        "segments, line 5, column 3: expected `utterance recording start end`, found 3 words",
        "segments, line 6, column 3: expected seconds (an end of -1 is the recording's), found `zero 1`",
        "segments, line 8, column 3: expected seconds",
        "wav.scp, line 2, column 6: expected a path, found nothing",
        "utt2spk, line 2, column 3: expected a speaker, a single word, found `s t`",
        "utt2spk, line 4, column 1: the utterance `z` is not in ",
        "segments, line 4, column 1: the utterance `c` is not in ",
        "spk2utt, line 2, column 7: the utterance `f` is of `other` here, and of `s` elsewhere",
        "segments, line 8, column 1: the utterance `g` is not in ",
        "reco2dur, line 1, column 3: expected positive seconds, found `-1`",
        "reco2file_and_channel, line 1, column 3: expected a file's name and a side, A or B, found `call C`",
        "reco2file_and_channel, line 2, column 1: the recording `gone` is not in ",
    ] {
        assert!(error.contains(expected), "{expected}\n{error}");
    }
}

#[test]
fn texts_are_checked_as_kaldis_own_script_checks_them() {
    let tree = Tree::new(&["a.wav", "b.wav", "c.wav"]);
    tree.write("wav.scp", b"a a.wav\r\nb b.wav\r\nc c.wav\r\n");
    tree.write("text", b"a one two\r\nb three\tfour\r\nc five\r\n");
    let corpus = tree.discover().unwrap();
    let texts: Vec<_> = only(&corpus).iter().map(|it| columns(it)["text"].clone()).collect();
    assert_eq!(texts, ["one two", "three\tfour", "five"]);
    // A no-break space and an ideographic one; Latin-1; and a line of nothing that is there.
    tree.write("text", b"a one\xc2\xa0two\nb x \xe3\x80\x80\nc caf\xe9\nd gone\n");
    let error = message(tree.discover());
    for expected in [
        "text, line 1, column 6: expected a blank between words, found U+00A0",
        "text, line 2, column 5: expected a blank between words, found U+3000",
        "text, line 3, column 6: expected UTF-8",
        "text, line 4, column 1: the utterance `d` is not in ",
    ] {
        assert!(error.contains(expected), "{expected}\n{error}");
    }
}

#[test]
fn features_without_recordings_are_told_with_what_to_do() {
    let tree = Tree::new(&["a.ark"]);
    tree.write("feats.scp", b"a a.ark:2\n");
    tree.write("utt2spk", b"a s\n");
    let error = message(tree.discover());
    assert!(error.contains("feats.scp: it has features, and there is no wav.scp"), "{error}");
}

#[test]
fn a_fault_that_repeats_is_summed_up_after_ten() {
    let tree = Tree::new(&["a.wav"]);
    let lines: String = (0..100).map(|n| format!("u{n} cat a.wav |\n")).collect();
    tree.write("wav.scp", lines.as_bytes());
    let error = message(tree.discover());
    assert!(
        error.contains(": 100 faults\n") && error.ends_with("\n  and 90 more: commands"),
        "{error}"
    );
    assert_eq!(error.lines().count(), 12);
}

#[test]
fn speakers_come_from_either_file_and_recordings_alone_are_a_corpus() {
    let tree = Tree::new(&["a.wav", "b.wav"]);
    tree.write("wav.scp", b"one a.wav\ntwo b.wav\n");
    assert_eq!(splits(&tree.discover().unwrap()), [("all", vec!["one", "two"])]);
    assert!(tree.discover().unwrap().notices.is_empty());
    tree.write("spk2utt", b"mary one\njohn two\n");
    let corpus = tree.discover().unwrap();
    let speakers: Vec<_> = only(&corpus).iter().map(|it| it.speaker.as_deref().unwrap()).collect();
    assert_eq!(speakers, ["mary", "john"]);
    tree.write("segments", b"x one 0 1\ny one 1 2 1\n");
    tree.write("spk2utt", b"mary x y\n");
    let corpus = tree.discover().unwrap();
    assert_eq!(only(&corpus)[1].channel(), Some(1));
    assert!(corpus.notices[0].ends_with("no segment is of the recording `two`, which is left out"));
}

#[test]
fn a_folder_can_be_given_for_each_split_and_a_missing_recording_stays() {
    let tree = Tree::new(&["data/train/a.wav"]);
    tree.write("data/train/wav.scp", b"a a.wav\nb gone.wav\n");
    tree.write("data/test/wav.scp", b"c ../train/a.wav\n");
    let pairs = [("train", tree.at("data/train")), ("test", tree.at("data/test"))];
    let corpus = from_pairs(&pairs).unwrap();
    assert_eq!(splits(&corpus), [("train", vec!["a", "b"]), ("test", vec!["c"])]);
    assert_eq!(corpus.splits[0].utterances[1].size_bytes, 0);
    assert_eq!(corpus.kind.to_string(), "Kaldi data folder");
    tree.write("data/none/wav.scp", b"c gone.wav\n");
    let error = from_path(&tree.at("data/none")).unwrap_err();
    assert!(matches!(error, Error::NoneExists { paths: 1, .. }), "{error}");
}
