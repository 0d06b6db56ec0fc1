//! The page about corpora: what each row of its table says is done, by the command that is typed there.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};
use std::thread;

use crate::corpora::{sound, wav, write, write_demo};
use crate::datasets::rows;
use crate::program::{Finished, Folder, ossicle};

/// A row of the table.
struct Row {
    /// Its first cell.
    have: &'static str,
    /// Makes what is there, in a folder that the command is typed in.
    plant: fn(&Path),
    /// How many utterances each split has.
    splits: &'static [(&'static str, usize)],
    speakers: usize,
    /// Keys that every utterance has.
    carried: &'static [&'static str],
    refused: Option<Refusal>,
}

/// What the last cell of a row says, or some of it.
struct Refusal {
    /// Words of the cell.
    cell: &'static str,
    /// Changes what is there.
    spoil: fn(&Path),
    /// How the command ends then, and what it says.
    code: i32,
    said: &'static [&'static str],
}

const fn refusal(
    cell: &'static str,
    spoil: fn(&Path),
    code: i32,
    said: &'static [&'static str],
) -> Option<Refusal> {
    Some(Refusal { cell, spoil, code, said })
}

/// A recording, different for every name.
fn recording(path: PathBuf) {
    let seed =
        path.as_os_str().len() as u64 + path.to_string_lossy().bytes().map(u64::from).sum::<u64>();
    write(path, wav(&sound(seed, 4000)));
}

/// Recordings of these names.
fn recordings(at: &Path, names: &[&str]) {
    names.iter().for_each(|name| recording(at.join(name)));
}

/// A file of the descriptions that other programs wrote, with their recordings.
fn fixture(at: &Path, from: &str, to: &str) {
    let formats = Path::new(env!("CARGO_MANIFEST_DIR")).join("../corpus/tests/fixtures/formats");
    write(at.join(to), fs::read(formats.join(from)).unwrap());
    for id in ["voicea-0001", "voicea-0002", "voiceb-0003"] {
        let name = format!("wav/{id}.wav");
        write(at.join(&name), fs::read(formats.join(&name)).unwrap());
    }
}

fn librispeech(at: &Path) {
    for (subset, speaker) in [("dev-clean", "84"), ("train-clean-100", "103")] {
        let chapter = at.join(format!("LibriSpeech/{subset}/{speaker}/12"));
        recording(chapter.join(format!("{speaker}-12-0000.wav")));
        write(
            chapter.join(format!("{speaker}-12.trans.txt")),
            format!("{speaker}-12-0000 A WORD\n"),
        );
    }
}

fn vctk(at: &Path) {
    for speaker in ["p225", "p226"] {
        let name = |folder: &str, end: &str| {
            format!("VCTK-Corpus-0.92/{folder}/{speaker}/{speaker}_001{end}")
        };
        recording(at.join(name("wav48_silence_trimmed", "_mic1.wav")));
        write(at.join(name("txt", ".txt")), "Please call Stella.");
    }
}

fn ljspeech(at: &Path) {
    recordings(at, &["LJSpeech-1.1/wavs/LJ001-0001.wav", "LJSpeech-1.1/wavs/LJ001-0002.wav"]);
    write(at.join("LJSpeech-1.1/metadata.csv"), "LJ001-0001|1|one\nLJ001-0002|2|two\n");
}

fn speech_commands(at: &Path) {
    let root = at.join("speech_commands_v0.02");
    recordings(&root, &["bed/a_nohash_0.wav", "cat/b_nohash_0.wav", "cat/c_nohash_0.wav"]);
    write(root.join("validation_list.txt"), "cat/b_nohash_0.wav\n");
    write(root.join("testing_list.txt"), "cat/c_nohash_0.wav\n");
}

fn described(at: &Path) {
    let root = at.join("folder");
    recordings(&root, &["a.wav", "b.wav", "c.wav"]);
    let object = |name: &str| {
        format!("{{\"audio_filepath\":\"{name}.wav\",\"speaker\":\"s{name}\",\"text\":\"t\"}}\n")
    };
    write(root.join("train.json"), object("a") + &object("b"));
    write(root.join("dev_manifest.json"), object("c"));
}

fn kaldi(at: &Path) {
    for folder in [at.join("data/train"), at.to_path_buf()] {
        recordings(at, &["a.wav", "b.wav"]);
        write(folder.join("wav.scp"), "s1-a a.wav\ns2-b b.wav\n");
        write(folder.join("text"), "s1-a one\ns2-b two\n");
        write(folder.join("utt2spk"), "s1-a s1\ns2-b s2\n");
        write(folder.join("utt2lang"), "s1-a en\ns2-b en\n");
    }
}

fn table(at: &Path) {
    recordings(at, &["a.wav", "b.wav"]);
    write(at.join("table.csv"), "path,speaker,split,note\na.wav,x,train,n\nb.wav,y,dev,n\n");
}

fn filelist(at: &Path) {
    recordings(at, &["a.wav", "b.wav"]);
    write(at.join("train.txt"), "a.wav|x|one\nb.wav|y|two\n");
}

fn common_voice(at: &Path) {
    let root = at.join("cv-corpus-17.0/en");
    recordings(&root, &["clips/a.wav", "clips/b.wav", "clips/c.wav"]);
    for (split, name) in [("train", "a"), ("dev", "b"), ("test", "c")] {
        let text = format!("client_id\tpath\tsentence\nc{name}\t{name}.wav\tShe said \"so\"\n");
        write(root.join(format!("{split}.tsv")), text);
    }
}

fn validated(at: &Path) {
    recordings(at, &["clips/a.wav", "clips/b.wav"]);
    let text = "client_id\tpath\tsentence\nx\ta.wav\tone\ny\tb.wav\ttwo\n";
    write(at.join("validated.tsv"), text);
}

/// An archive of files, by the system's program.
fn tar(at: &Path, name: &str, files: &[&str]) {
    let mut tar = std::process::Command::new("tar");
    let made = tar.current_dir(at).arg("-caf").arg(name).args(files).status();
    assert!(made.unwrap().success());
}

fn shards(at: &Path) {
    let samples = at.join("samples");
    recordings(&samples, &["a.wav", "b.wav"]);
    for name in ["a", "b"] {
        write(samples.join(format!("{name}.txt")), "text");
        write(samples.join(format!("{name}.json")), format!("{{\"speaker\": \"s{name}\"}}"));
    }
    let files = ["a.wav", "a.txt", "a.json", "b.wav", "b.txt", "b.json"];
    for name in ["../shard-000000.tar", "../shards.tar.gz"] {
        tar(&samples, name, &files);
    }
    fs::remove_dir_all(samples).unwrap();
}

fn nemo(at: &Path) {
    fixture(at, "manifests/nemo.jsonl", "train.json");
}

fn tarred(at: &Path) {
    for name in ["audio_0.tar", "audio_1.tar", "tarred_audio_manifest.json"] {
        fixture(at, &format!("nemo_tarred/{name}"), name);
    }
}

fn document(at: &Path) {
    fixture(at, "manifests/speechbrain.json", "train.json");
}

fn htk(at: &Path) {
    recordings(at, &["a.wav", "b.wav"]);
    write(at.join("train.scp"), "x=a.wav[0,1999]\ny=b.wav\n");
}

fn fairseq(at: &Path) {
    recordings(at, &["a.wav", "b.wav"]);
    write(at.join("train.tsv"), format!("{}\na.wav\t4000\nb.wav\t4000\n", at.display()));
}

fn lhotse(at: &Path) {
    for name in
        ["cuts.jsonl.gz", "recordings.jsonl", "recordings.jsonl.gz", "supervisions.jsonl.gz"]
    {
        fixture(at, &format!("lhotse/{name}"), name);
    }
}

fn shar(at: &Path) {
    for name in [
        "cuts.000000.jsonl.gz",
        "cuts.000001.jsonl.gz",
        "recording.000000.tar",
        "recording.000001.tar",
    ] {
        fixture(at, &format!("lhotse_shar/{name}"), &format!("folder/{name}"));
    }
}

const ROWS: &[Row] = &[
    Row {
        have: "TIMIT",
        plant: |at| write_demo(&at.join("TIMIT")),
        splits: &[("train", 8), ("valid", 8), ("test", 8)],
        speakers: 3,
        carried: &[],
        refused: None,
    },
    Row {
        have: "LibriSpeech, LibriTTS",
        plant: librispeech,
        splits: &[("dev-clean", 1), ("train-clean-100", 1)],
        speakers: 2,
        carried: &["text"],
        refused: None,
    },
    Row {
        have: "VCTK",
        plant: vctk,
        splits: &[("all", 2)],
        speakers: 2,
        carried: &["text"],
        refused: refusal(
            "the second microphone is left out",
            |at| {
                recording(at.join("VCTK-Corpus-0.92/wav48_silence_trimmed/p225/p225_001_mic2.wav"))
            },
            0,
            &["1 recording", "left out"],
        ),
    },
    Row {
        have: "LJSpeech, or what is laid out so",
        plant: ljspeech,
        splits: &[("all", 2)],
        speakers: 0,
        carried: &["text", "normalized_text"],
        refused: None,
    },
    Row {
        have: "Speech Commands",
        plant: speech_commands,
        splits: &[("train", 1), ("valid", 1), ("test", 1)],
        speakers: 3,
        carried: &["label"],
        refused: refusal(
            "`_background_noise_` is left out",
            |at| recording(at.join("speech_commands_v0.02/_background_noise_/pink_noise.wav")),
            0,
            &["1 recording", "of background noise"],
        ),
    },
    Row {
        have: "the Buckeye corpus",
        plant: |at| recordings(at, &["buckeye/s01/s0101a.wav", "buckeye/s02/s0201a.wav"]),
        splits: &[("all", 2)],
        speakers: 2,
        carried: &[],
        refused: None,
    },
    Row {
        have: "a folder of recordings",
        plant: |at| {
            recordings(at, &["folder/a.wav", "folder/deep/b.wav", "folder/c.wv1"]);
            fs::rename(at.join("folder/c.wv1"), at.join("folder/without_a_name")).unwrap();
        },
        splits: &[("all", 3)],
        speakers: 0,
        carried: &[],
        refused: None,
    },
    Row {
        have: "a folder with descriptions",
        plant: described,
        splits: &[("train", 2), ("dev", 1)],
        speakers: 3,
        carried: &["text"],
        refused: refusal(
            "several that name the same recordings, where these are elsewhere",
            |at| {
                fs::rename(at.join("folder"), at.join("elsewhere")).unwrap();
                for name in ["a.csv", "b.csv"] {
                    let text = format!("path,text\n{}/elsewhere/a.wav,t\n", at.display());
                    write(at.join("folder").join(name), text);
                }
            },
            2,
            &["a.csv and b.csv both name ", "elsewhere/a.wav"],
        ),
    },
    Row {
        have: "a folder of corpora",
        plant: |at| {
            for plant in [librispeech, vctk] {
                plant(&at.join("corpora"));
            }
        },
        splits: &[("dev-clean", 1), ("train-clean-100", 1), ("all", 2)],
        speakers: 4,
        carried: &["text"],
        refused: None,
    },
    Row {
        have: "a list of paths",
        plant: |at| {
            recordings(at, &["a.wav", "b c.wav"]);
            write(at.join("list.txt"), "# two\na.wav\n\"b c.wav\"\n");
        },
        splits: &[("all", 2)],
        speakers: 0,
        carried: &[],
        refused: refusal(
            "UTF-16",
            |at| write(at.join("list.txt"), b"\xff\xfea\0.\0w\0a\0v\0\n\0"),
            2,
            &["list.txt", "UTF-16"],
        ),
    },
    Row {
        have: "a Kaldi data folder",
        plant: kaldi,
        splits: &[("all", 2)],
        speakers: 2,
        carried: &["text", "language"],
        refused: refusal(
            "commands (`… \\|`) without `--allow-commands`",
            |at| write(at.join("data/train/wav.scp"), "s1-a cat a.wav |\ns2-b b.wav\n"),
            2,
            &["wav.scp", "line 1", "cat a.wav |", "--allow-commands"],
        ),
    },
    Row {
        have: "a CSV or TSV table",
        plant: table,
        splits: &[("train", 1), ("dev", 1)],
        speakers: 2,
        carried: &["note"],
        refused: refusal(
            "columns named as ossicle's own",
            |at| write(at.join("table.csv"), "path,num_frames\na.wav,1\n"),
            2,
            &["table.csv", "num_frames"],
        ),
    },
    Row {
        have: "a table without a header",
        plant: |at| {
            recordings(at, &["a.wav", "b.wav"]);
            write(at.join("list.csv"), "a.wav,x,one\nb.wav,y,two\n");
        },
        splits: &[("all", 2)],
        speakers: 2,
        carried: &["text"],
        refused: None,
    },
    Row {
        have: "a filelist",
        plant: filelist,
        splits: &[("all", 2)],
        speakers: 2,
        carried: &["text"],
        refused: refusal(
            "more columns, unless `--columns` names them",
            |at| write(at.join("train.txt"), "a.wav|1|2|3|4|5\n"),
            2,
            &["train.txt, line 1", "expected 2 to 4 columns", "found 6"],
        ),
    },
    Row {
        have: "Common Voice",
        plant: common_voice,
        splits: &[("train", 1), ("dev", 1), ("test", 1)],
        speakers: 3,
        carried: &["sentence", "text"],
        refused: refusal(
            "other tables are not read, which is said",
            |at| write(at.join("cv-corpus-17.0/en/other.tsv"), "client_id\tpath\tsentence\n"),
            0,
            &["other.tsv"],
        ),
    },
    Row {
        have: "a table of Common Voice's",
        plant: validated,
        splits: &[("all", 2)],
        speakers: 2,
        carried: &["sentence", "text"],
        refused: None,
    },
    Row {
        have: "WebDataset's shards",
        plant: shards,
        splits: &[("all", 2)],
        speakers: 2,
        carried: &["text"],
        refused: refusal(
            "links",
            |at| {
                std::os::unix::fs::symlink("/etc/passwd", at.join("b.wav")).unwrap();
                fs::remove_file(at.join("shard-000000.tar")).unwrap();
                tar(at, "shard-000000.tar", &["b.wav"]);
            },
            2,
            &["shard-000000.tar", "`b.wav` is a link"],
        ),
    },
    Row {
        have: "Parquet files",
        plant: |at| {
            let from = "parquet/train-00000-of-00001.parquet";
            fixture(at, from, "train-00000-of-00004.parquet");
            fixture(at, from, "data/a.parquet");
        },
        splits: &[("all", 3)],
        speakers: 2,
        carried: &["text"],
        refused: refusal(
            "several columns of recordings, unless `--column audio=NAME` says which",
            |at| fixture(at, "parquet/two_columns.parquet", "train-00000-of-00004.parquet"),
            2,
            &["train-00000-of-00004.parquet", "columns"],
        ),
    },
    Row {
        have: "a NeMo manifest",
        plant: nemo,
        splits: &[("all", 4)],
        speakers: 2,
        carried: &["text"],
        refused: refusal(
            "recordings of several files",
            |at| write(at.join("train.json"), "{\"audio_filepath\": [\"a.wav\", \"b.wav\"]}\n"),
            2,
            &["train.json", "line 1"],
        ),
    },
    Row {
        have: "a NeMo tarred set",
        plant: tarred,
        splits: &[("all", 4)],
        speakers: 0,
        carried: &["text"],
        refused: refusal(
            "archives and members that are not there",
            |at| fs::remove_file(at.join("audio_1.tar")).unwrap(),
            2,
            &["tarred_audio_manifest.json", "audio_1.tar"],
        ),
    },
    Row {
        have: "a document of JSON",
        plant: document,
        splits: &[("all", 3)],
        speakers: 2,
        carried: &["words"],
        refused: refusal(
            "recordings of several files",
            |at| write(at.join("train.json"), "[{\"audio_filepath\": [\"a.wav\", \"b.wav\"]}]"),
            2,
            &["train.json"],
        ),
    },
    Row {
        have: "a script of HTK",
        plant: htk,
        splits: &[("all", 2)],
        speakers: 0,
        carried: &[],
        refused: None,
    },
    Row {
        have: "a fairseq manifest",
        plant: fairseq,
        splits: &[("all", 2)],
        speakers: 0,
        carried: &[],
        refused: None,
    },
    Row {
        have: "lhotse's manifests",
        plant: lhotse,
        splits: &[("all", 4)],
        speakers: 2,
        carried: &["recording", "text", "language"],
        refused: refusal(
            "mixed and padded cuts",
            |at| {
                fs::remove_file(at.join("cuts.jsonl.gz")).unwrap();
                fixture(at, "lhotse/cuts_mixed.jsonl", "cuts.jsonl.gz");
            },
            2,
            &["cuts.jsonl.gz, line 1", "a MixedCut of 2 tracks"],
        ),
    },
    Row {
        have: "lhotse's Shar",
        plant: shar,
        splits: &[("all", 4)],
        speakers: 2,
        carried: &["recording", "text", "language"],
        refused: refusal(
            "recordings that are not there",
            |at| fs::remove_file(at.join("folder/recording.000001.tar")).unwrap(),
            2,
            &["recording.000001.tar"],
        ),
    },
];

/// The cells of each row of the first table of the page.
fn table_of_the_page() -> Vec<Vec<String>> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/corpora.md");
    let page = fs::read_to_string(path).unwrap();
    let lines = page.lines().skip_while(|line| !line.starts_with("| you have |")).skip(2);
    lines
        .take_while(|line| line.starts_with('|'))
        .map(|line| {
            // A bar in a cell has a backslash before it.
            let line = line.replace("\\|", "\u{0}");
            let cells: Vec<&str> = line.split('|').collect();
            cells[1..cells.len() - 1]
                .iter()
                .map(|cell| cell.trim().replace('\u{0}', "\\|"))
                .collect()
        })
        .collect()
}

/// The commands that a cell tells to type, without the program: words between backquotes that begin with `…` or
/// the program.
fn typed(cell: &str) -> Vec<Vec<&str>> {
    let quoted = cell.split('`').skip(1).step_by(2);
    quoted
        .filter_map(|text| {
            text.strip_prefix("… ").or_else(|| text.strip_prefix("ossicle extract "))
        })
        // Nothing expands a pattern here, as between quotes.
        .map(|words| words.split(' ').map(|word| word.trim_matches('\'')).collect())
        .collect()
}

/// Types a command in a folder.
fn run(at: &Path, words: &[&str], out: &str) -> Finished {
    let mut run = ossicle("extract").args(words).args([
        "--out",
        out,
        "--preset",
        "kaldi-fbank",
        "--jobs",
        "1",
    ]);
    if words == ["-"] {
        run = run.stdin(fs::read(at.join("list.txt")).unwrap());
    }
    run.in_folder(at).run()
}

impl Row {
    /// Does what the row says.
    fn check(&self, cells: &[String]) {
        let folder = Folder::new();
        let at = folder.path();
        (self.plant)(at);
        let commands = typed(&cells[1]);
        assert!(!commands.is_empty(), "{}: nothing is typed", self.have);
        for (number, words) in commands.iter().enumerate() {
            let out = format!("out{number}");
            let ran = run(at, words, &out);
            assert_eq!(ran.code(), 0, "{}: {words:?}\n{}", self.have, ran.stderr);
            if number == 0 {
                self.check_dataset(&at.join(out));
            }
        }
        let Some(Refusal { cell, spoil, code, said }) = &self.refused else {
            assert_eq!(cells[4], "", "{}: what is refused is not tested", self.have);
            return;
        };
        assert!(cells[4].contains(cell), "{}: {cell:?} is not in the last cell", self.have);
        spoil(at);
        let ran = run(at, &commands[0], "refused");
        let all = ran.stderr.clone() + &ran.stdout;
        assert_eq!(ran.code(), *code, "{}: {all}", self.have);
        for word in *said {
            assert!(all.contains(word), "{}: {word:?} is not in: {all}", self.have);
        }
    }

    fn check_dataset(&self, out: &Path) {
        let mut splits: BTreeMap<String, usize> = BTreeMap::new();
        let mut speakers: BTreeSet<String> = BTreeSet::new();
        for entry in fs::read_dir(out).unwrap().flatten().filter(|entry| entry.path().is_dir()) {
            let name = entry.file_name().into_string().unwrap();
            let rows = rows(out.join(&name).join("utterances.jsonl"));
            splits.insert(name, rows.len());
            for row in rows {
                speakers.extend(row["speaker"].as_str().map(str::to_owned));
                for key in self.carried {
                    assert!(
                        row[key].as_str().is_some_and(|it| !it.is_empty()),
                        "{}: {key}: {row}",
                        self.have
                    );
                }
            }
        }
        let expected = self.splits.iter().map(|(name, count)| (name.to_string(), *count));
        assert_eq!(splits, expected.collect(), "{}", self.have);
        assert_eq!(speakers.len(), self.speakers, "{}: {speakers:?}", self.have);
    }
}

#[test]
fn every_row_of_the_page_about_corpora_is_done_and_none_is_left_out() {
    let table = table_of_the_page();
    let of_page: Vec<&str> = table.iter().map(|cells| &*cells[0]).collect();
    let of_test: Vec<&str> = ROWS.iter().map(|row| row.have).collect();
    assert_eq!(of_page, of_test, "each row has its test, in the order of the page");
    // A thread a row, so that all that fail are told.
    let fails = |(row, cells): &(&Row, &Vec<String>)| {
        assert_eq!(cells.len(), 5, "{}", row.have);
        thread::scope(|scope| scope.spawn(|| row.check(cells)).join().is_err())
    };
    let failed: Vec<&str> =
        ROWS.iter().zip(&table).filter(fails).map(|(row, _)| row.have).collect();
    assert_eq!(failed, [""; 0]);
}
