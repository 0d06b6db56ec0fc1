//! Recordings that lie in files with others: what comes of them is what comes of the same recordings in
//! files of their own.

use std::fs;
use std::path::{Path, PathBuf};

use serde_json::{Value, json};

use crate::datasets::{arrays, assert_same, assert_same_dataset, rows, utterances};
use crate::program::{Finished, Folder, Ossicle, extract_with, ossicle};

/// The descriptions that other programs wrote, beside their recordings.
fn formats() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../corpus/tests/fixtures/formats")
}

fn extract(corpus: &Path, out: &Path) -> Ossicle {
    extract_with("kaldi-fbank", corpus, out)
}

/// Copies files of the fixtures into a folder, where they can be changed.
fn copy(folder: &Folder, names: &[&str]) {
    for name in names {
        let to = folder.at(name);
        fs::create_dir_all(to.parent().unwrap()).unwrap();
        fs::write(to, fs::read(formats().join(name)).unwrap()).unwrap();
    }
}

/// The rows of a dataset's only split, and where each has its recording.
fn taken(out: &Path) -> (Vec<Value>, Vec<(Value, Value)>) {
    let mut rows = rows(out.join("all/utterances.jsonl"));
    let place = |row: &mut Value| {
        let row = row.as_object_mut().unwrap();
        (row.remove("source").unwrap(), row.remove("held").unwrap_or_default())
    };
    let places = rows.iter_mut().map(place).collect();
    (rows, places)
}

/// Computes every utterance again, and compares it.
fn verifies(out: &Path, corpus: &Path) -> Finished {
    ossicle("verify").arg(out).arg("--corpus").arg(corpus).arg("--deep").succeeds()
}

#[test]
fn entries_of_an_archive_of_kaldis_come_to_what_files_do() {
    let folder = Folder::new();
    let (files, formats) = (folder.at("files"), formats());
    extract(&formats.join("kaldi_data"), &files).succeeds();
    let expected = arrays(&files);
    for (scp, offsets) in [("wav", [12, 12868, 29170]), ("flac", [12, 7962, 18911])] {
        let corpus = formats.join(format!("kaldi/{scp}.scp"));
        for isolation in ["threads", "processes"] {
            let out = folder.at(&format!("{scp}-{isolation}"));
            extract(&corpus, &out).args(["--isolation", isolation, "--jobs", "2"]).succeeds();
            assert_same(&arrays(&out), &expected, scp);
        }
        let (out, other) = (folder.at(&format!("{scp}-threads")), format!("{scp}-processes"));
        assert_same_dataset(&out, &folder.at(&other), scp);
        let archive = json!(format!("kaldi/{scp}.ark"));
        let places = offsets.map(|offset| (archive.clone(), json!({ "offset": offset })));
        assert_eq!(taken(&out).1, places);
        verifies(&out, &corpus);
    }
}

#[test]
fn segments_of_an_entry_are_those_of_its_file() {
    let folder = Folder::new();
    copy(&folder, &["kaldi/wav.ark", "wav/voicea-0002.wav", "kaldi_data/segmented/segments"]);
    let corpus = folder.at("kaldi_data/segmented");
    let (files, entries) = (folder.at("files"), folder.at("entries"));
    fs::write(corpus.join("wav.scp"), "voicea-0002 wav/voicea-0002.wav\n").unwrap();
    extract(&corpus, &files).succeeds();
    fs::write(corpus.join("wav.scp"), "voicea-0002 kaldi/wav.ark:12868\n").unwrap();
    extract(&corpus, &entries).succeeds();
    assert_same(&arrays(&entries), &arrays(&files), "segments");
    assert_eq!(taken(&entries).0, taken(&files).0);
}

#[test]
fn a_place_without_a_recording_is_a_row_of_the_ledger_that_says_what_is_there() {
    let folder = Folder::new();
    copy(&folder, &["kaldi/wav.ark"]);
    let mut bytes = fs::read(folder.at("kaldi/wav.ark")).unwrap();
    bytes.extend(b"matrix \0BFM ");
    fs::write(folder.at("kaldi/wav.ark"), &bytes).unwrap();
    let list = format!(
        "a kaldi/wav.ark:12\nbehind kaldi/wav.ark:99999\nkey kaldi/wav.ark:0\nmatrix \
         kaldi/wav.ark:{}\ngone kaldi/gone.ark:7\n",
        bytes.len() - 5
    );
    fs::write(folder.at("wav.scp"), list).unwrap();
    let out = folder.at("out");
    extract(&folder.at("wav.scp"), &out).exits(1);
    let failed: Vec<_> = rows(out.join("failures.jsonl"))
        .into_iter()
        .map(|row| format!("{} {} {}: {}", row["id"], row["held"], row["cause"], row["error"]))
        .map(|line| line.replace('"', ""))
        .collect();
    assert_eq!(failed.len(), 4, "{failed:?}");
    for (line, expected) in failed.iter().zip([
        "behind {offset:99999} truncated: has 38828 bytes, and the recording would begin at byte 99999",
        "gone {offset:7} cannot-open: cannot be opened",
        "key {offset:0} not-audio: ",
        "matrix {offset:38823} cannot-decode: has a matrix or a vector at byte 38823, and no recording",
    ]) {
        assert!(line.starts_with(expected), "{line}");
    }
}

/// A member of a tar archive, from POSIX' table of fields, and its bytes.
fn member(name: &str, flag: u8, bytes: &[u8]) -> Vec<u8> {
    let mut header = [0_u8; 512];
    header[..name.len()].copy_from_slice(name.as_bytes());
    header[124..136].copy_from_slice(format!("{:011o}\0", bytes.len()).as_bytes());
    header[156] = flag;
    header[257..265].copy_from_slice(b"ustar\x0000");
    header[148..156].fill(b' ');
    let sum: u32 = header.iter().map(|&byte| u32::from(byte)).sum();
    header[148..156].copy_from_slice(format!("{sum:06o}\0 ").as_bytes());
    let mut member = [&header[..], bytes].concat();
    member.resize(member.len().next_multiple_of(512), 0);
    member
}

/// The recordings of the fixtures by their ids.
fn recording(id: &str) -> Vec<u8> {
    fs::read(formats().join(format!("wav/{id}.wav"))).unwrap()
}

#[test]
fn members_of_shards_come_to_what_files_do_and_bring_what_is_said_of_them() {
    let folder = Folder::new();
    let files = folder.at("files");
    extract(&formats().join("wav"), &files).succeeds();
    let shard = formats().join("webdataset/shard-000000.tar");
    let (out, other) = (folder.at("out"), folder.at("other"));
    extract(&shard, &out).args(["--jobs", "2"]).succeeds();
    assert_same(&arrays(&out), &arrays(&files), "a shard");
    extract(&shard, &other).args(["--isolation", "processes"]).succeeds();
    assert_same_dataset(&out, &other, "processes");
    let (rows, places) = taken(&out);
    let texts: Vec<_> = rows.iter().map(|row| row["text"].as_str().unwrap()).collect();
    assert_eq!(texts, ["one two", "three f\u{fc}r \u{e9}l\u{e8}ve", "four"]);
    let member = |id| (json!("shard-000000.tar"), json!({ "member": format!("{id}.wav") }));
    assert_eq!(places, ["voicea-0001", "voicea-0002", "voiceb-0003"].map(member));
    verifies(&out, &shard);
}

#[test]
fn shards_are_given_by_braces_by_stars_as_a_folder_and_compressed() {
    let folder = Folder::new();
    let both = formats().join("webdataset");
    let braces = both.join("shard-{000000..000001}.tar*");
    let (by_braces, of_folder, by_words) = (folder.at("a"), folder.at("b"), folder.at("c"));
    extract(&braces, &by_braces).succeeds();
    extract(&both, &of_folder).args(["--isolation", "processes", "--jobs", "2"]).succeeds();
    let words = ["shard-000001.tar.gz", "shard-000000.tar"].map(|name| both.join(name));
    extract(&words[0], &by_words).arg(&words[1]).succeeds();
    assert_same_dataset(&by_braces, &of_folder, "a folder");
    assert_same_dataset(&by_braces, &by_words, "words");
    let (rows, places) = taken(&by_braces);
    let ids: Vec<_> = rows.iter().map(|row| row["id"].as_str().unwrap()).collect();
    let packed = ["dir.with.dots/voicea-0001", "dir.with.dots/voicea-0002"];
    assert_eq!(ids, [packed[0], packed[1], "voicea-0001", "voicea-0002", "voiceb-0003"]);
    assert_eq!(rows[0]["class"], 3);
    let member = json!({ "member": "dir.with.dots/voicea-0002.seg.wav" });
    assert_eq!(places[1], (json!("shard-000001.tar.gz"), member));
    let stored = utterances(&by_braces, "all");
    assert_eq!(stored[packed[0]], stored["voicea-0001"]);
    assert_eq!(stored[packed[1]], stored["voicea-0002"]);
    verifies(&of_folder, &both);
}

#[test]
fn what_is_left_of_shards_is_said_once_with_an_example() {
    let folder = Folder::new();
    let wav = recording("voicea-0001");
    let first = [
        member("./a.wav", b'0', &wav),
        member("./a.txt", b'0', b"one"),
        member("./b.flac", b'0', b"no recording"),
        member("./b.wav", b'0', &wav),
        member("./c.json", b'0', b"{}"),
        member("./d.npy", b'0', b"array"),
        member("./e.unknown", b'0', &wav),
        member("./e.txt", b'0', b"old"),
        member("./e.txt", b'0', b"two"),
        member("README", b'0', b"readme"),
    ];
    let second = [member("a.wav", b'0', &wav), member("a.txt", b'0', b"three"), vec![0; 1024]];
    fs::create_dir(folder.at("shards")).unwrap();
    fs::write(folder.at("shards/train-0.tar"), first.concat()).unwrap();
    fs::write(folder.at("shards/dev-0.tar"), second.concat()).unwrap();
    let out = folder.at("out");
    let run = extract(&folder.at("shards"), &out).exits(1);
    let said = run.stderr;
    for expected in [
        "train-0.tar/e.txt: the member is there twice; the last one counts",
        "train-0.tar/c: the sample has no recording, and is left out",
        "train-0.tar/b: nothing is said of this recording, as of others",
        "train-0.tar/b: the sample has several recordings, each an utterance",
        "dev-0.tar/a: another shard has this key too",
    ] {
        assert!(said.contains(expected), "{expected}\n{said}");
    }
    let ids = |split: &str| {
        let rows = rows(out.join(split).join("utterances.jsonl"));
        rows.iter().map(|row| row["id"].as_str().unwrap().to_owned()).collect::<Vec<_>>()
    };
    assert_eq!(
        (ids("train"), ids("dev")),
        (
            ["b.wav", "e", "train-0/a"].map(str::to_owned).to_vec(),
            ["dev-0/a"].map(str::to_owned).to_vec(),
        )
    );
    let [failure] = &rows(out.join("failures.jsonl"))[..] else { panic!("{said}") };
    assert_eq!(
        (&failure["id"], &failure["held"]),
        (&json!("b.flac"), &json!({"member": "b.flac"}))
    );
}

#[test]
fn members_that_lead_elsewhere_are_refused_by_name_all_at_once() {
    let folder = Folder::new();
    let wav = recording("voicea-0001");
    let members = [
        member("fine.wav", b'0', &wav),
        member("/etc/passwd.wav", b'0', &wav),
        member("a/../../up.wav", b'0', &wav),
        member("link.wav", b'2', b""),
        member("hard.wav", b'1', b""),
        member("null.wav", b'3', b""),
        member("pipe.wav", b'6', b""),
        member("sparse.wav", b'S', b""),
        member("inner.tar", b'0', b"archive"),
        member("inner.tar.gz", b'0', b"archive"),
        member("folder/", b'5', b""),
        member("bad.json", b'0', b"{"),
        member("bad.txt", b'0', b"\xff"),
    ];
    let shard = folder.at("shard.tar");
    fs::write(&shard, members.concat()).unwrap();
    let said = extract(&shard, &folder.at("out")).exits(2).stderr;
    for word in [
        "11 faults",
        "`/etc/passwd.wav` has an absolute name",
        "`a/../../up.wav` leads out of the archive",
        "`link.wav` is a link, which is not followed",
        "`hard.wav` is a hard link, which is not followed",
        "`null.wav` is a device, which is not followed",
        "`pipe.wav` is a FIFO, which is not followed",
        "`sparse.wav` is a sparse file, which is not followed",
        "`inner.tar` is an archive in an archive",
        "`inner.tar.gz` is an archive in an archive",
        "`bad.json`: expected JSON",
        "`bad.txt`: expected UTF-8",
    ] {
        assert!(said.contains(word), "{word}\n{said}");
    }
    // A torn one says where.
    fs::write(&shard, &members.concat()[..700]).unwrap();
    extract(&shard, &folder.at("out")).refuses(&["it ends within the bytes of `fine.wav`"]);
    fs::write(&shard, b"no archive at all").unwrap();
    extract(&shard, &folder.at("out")).refuses(&["shard.tar: ", "it ends within a header"]);
}

#[test]
fn a_bomb_is_bounded_and_said() {
    let folder = Folder::new();
    let shard = folder.at("bomb.tar.gz");
    let zeros = member("a.wav", b'0', &vec![0; 64 << 20]);
    let mut gzip = std::process::Command::new("gzip")
        .arg("-9")
        .stdin(std::process::Stdio::piped())
        .stdout(fs::File::create(&shard).unwrap())
        .spawn()
        .unwrap();
    std::io::Write::write_all(&mut gzip.stdin.take().unwrap(), &zeros).unwrap();
    assert!(gzip.wait().unwrap().success());
    extract(&shard, &folder.at("out")).refuses(&["bomb.tar.gz: ", "more than 200 times its size"]);
}

#[test]
fn nemos_tarred_sets_and_lhotses_shar_come_to_what_files_do() {
    let folder = Folder::new();
    let (files, formats) = (folder.at("files"), formats());
    extract(&formats.join("wav"), &files).succeeds();
    let whole = utterances(&files, "all");

    let (shar, out) = (formats.join("lhotse_shar"), folder.at("shar"));
    extract(&shar, &out).args(["--isolation", "processes"]).succeeds();
    let stored = utterances(&out, "all");
    for (cut, id) in [
        ("voicea-0001-0", "voicea-0001"),
        ("voicea-0002-1", "voicea-0002"),
        ("voiceb-0003-2", "voiceb-0003"),
    ] {
        assert_eq!(stored[cut], whole[id]);
    }
    let (rows, places) = taken(&out);
    let texts = ["one two", "one two", "three f\u{fc}r \u{e9}l\u{e8}ve", "four"];
    assert_eq!(rows.iter().map(|row| row["text"].as_str().unwrap()).collect::<Vec<_>>(), texts);
    assert_eq!(
        (&rows[1]["id"], &rows[1]["end_sample"]),
        (&json!("voicea-0001-part"), &json!(3200))
    );
    let member = json!({"member": "voicea-0001-part.wav"});
    assert_eq!(places[1], (json!("recording.000001.tar"), member));
    verifies(&out, &shar);

    let (nemo, out) = (formats.join("nemo_tarred/tarred_audio_manifest.json"), folder.at("nemo"));
    extract(&nemo, &out).succeeds();
    let (rows, places) = taken(&out);
    let facts = |row: &Value| {
        let number = |key: &str| row[key].as_u64().unwrap();
        (row["id"].as_str().unwrap().to_owned(), number("start_sample"), number("end_sample"))
    };
    let expected = [
        ("data_voicea-0001", 0, 6400),
        ("data_voicea-0002", 800, 4000),
        ("data_voicea-0002-sub1", 4160, 8000),
        ("data_voiceb-0003", 0, 4801),
    ];
    let expected = expected.map(|(id, start, end)| (id.to_owned(), start, end));
    assert_eq!(rows.iter().map(facts).collect::<Vec<_>>(), expected);
    assert_eq!(places[2], (json!("audio_0.tar"), json!({"member": "data_voicea-0002.wav"})));
    let stored = utterances(&out, "all");
    assert_eq!(stored["data_voiceb-0003"], whole["voiceb-0003"]);
    verifies(&out, &nemo);
}

/// A data folder of Kaldi's with recordings and commands, in `data/train` below a folder `wav`.
fn commands(folder: &Folder, lines: &str) -> PathBuf {
    copy(folder, &["wav/voicea-0001.wav", "wav/voicea-0002.wav", "wav/voiceb-0003.wav"]);
    let data = folder.at("data/train");
    fs::create_dir_all(&data).unwrap();
    fs::write(data.join("wav.scp"), lines).unwrap();
    data
}

#[test]
fn commands_are_refused_unless_they_are_allowed_and_come_to_what_files_do_then() {
    let folder = Folder::new();
    let lines = "voicea-0001 cat wav/voicea-0001.wav |\nvoicea-0002 cat 'wav/voicea-0002.wav' |\n\
                 voiceb-0003 head -c 99999 wav/voiceb-0003.wav | cat |\n";
    let data = commands(&folder, lines);
    let (files, out) = (folder.at("files"), folder.at("out"));
    extract(&folder.at("wav"), &files).succeeds();
    let said = extract(&data, &out).exits(2).stderr;
    for word in [
        "3 faults",
        "found the command `cat wav/voicea-0001.wav |`, and commands are not executed",
        "--allow-commands",
    ] {
        assert!(said.contains(word), "{word}\n{said}");
    }
    for isolation in ["threads", "processes"] {
        let out = folder.at(isolation);
        let run = extract(&data, &out).arg("--allow-commands").args(["--isolation", isolation]);
        let said = run.succeeds().stderr;
        assert!(said.contains("3 commands are run in "), "{said}");
        assert_same(&arrays(&out), &arrays(&files), isolation);
    }
    assert_same_dataset(&folder.at("threads"), &folder.at("processes"), "processes");
    let (_, places) = taken(&folder.at("threads"));
    let held = json!({"command": "head -c 99999 wav/voiceb-0003.wav | cat"});
    assert_eq!(places[2].1, held);
    let verify = ossicle("verify").arg(folder.at("threads")).arg("--corpus").arg(&data);
    verify.args(["--deep", "--allow-commands"]).succeeds();
    // Segments of one command's output are those of its file, and it runs once for them.
    let lines =
        format!("r echo ran >> {}; cat wav/voicea-0002.wav |\n", folder.at("log").display());
    let data = commands(&folder, &lines);
    fs::write(data.join("segments"), "a r 0.05 0.25\nb r 0.26 0.5\nc r 0.3 -1\n").unwrap();
    let out = folder.at("segments");
    extract(&data, &out).args(["--allow-commands", "--jobs", "1"]).succeeds();
    let ends: Vec<_> =
        taken(&out).0.iter().map(|row| row["end_sample"].as_u64().unwrap()).collect();
    assert_eq!(ends, [4000, 8000, 8123]);
    // Three looks at headers before the work, and once then.
    assert!(fs::read_to_string(folder.at("log")).unwrap().lines().count() <= 4);
}

#[test]
fn a_command_that_fails_is_a_row_of_the_ledger_with_its_status_and_what_it_said() {
    let folder = Folder::new();
    let data = commands(
        &folder,
        "a cat wav/voicea-0001.wav |\nb echo one >&2; echo two >&2; exit 3 |\nc no-such-program-here x |\n\
         d cat wav/gone.wav |\ne true |\n",
    );
    for isolation in ["threads", "processes"] {
        let out = folder.at(isolation);
        extract(&data, &out).args(["--allow-commands", "--isolation", isolation]).exits(1);
        let rows = rows(out.join("failures.jsonl"));
        let told: Vec<_> = rows
            .iter()
            .map(|row| (row["cause"].as_str().unwrap(), row["error"].as_str().unwrap()))
            .collect();
        let [b, c, d, e] = told[..] else { panic!("{told:?}") };
        assert_eq!(b, ("command-failed", "the command ended with status 3: one; two"));
        assert!(
            c.1.starts_with("the command ended with status 127: a program in it is not there: "),
            "{c:?}"
        );
        assert!(d.0 == "command-failed" && d.1.contains("gone.wav"), "{d:?}");
        assert_eq!(e.0, "empty");
    }
}
