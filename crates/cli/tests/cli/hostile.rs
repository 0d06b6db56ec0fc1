//! Names and files that nobody would give on purpose: as many recordings as go in come out, each as
//! an utterance or as a row of the ledger, and nothing is waited for, executed or read without end.

use std::collections::BTreeSet;
use std::ffi::OsStr;
use std::fs;
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::{PermissionsExt, symlink};
use std::os::unix::net::UnixListener;
use std::path::Path;
use std::process::Command;

use crate::corpora::{PHONES, sound, wav, write, write_aligned};
use crate::datasets::{ids, rows};
use crate::program::{Finished, Folder, extract, ossicle};

fn good_wav() -> Vec<u8> {
    wav(&sound(42, 8000))
}

fn make_fifo(path: impl AsRef<Path>) {
    assert!(Command::new("mkfifo").arg(path.as_ref()).status().unwrap().success());
}

/// The ids of the ledger, in order.
fn failed_ids(out: &Path) -> Vec<String> {
    let rows = rows(out.join("failures.jsonl"));
    rows.iter().map(|row| row["id"].as_str().unwrap().to_owned()).collect()
}

/// What the ledger says of an utterance: stage and error.
#[track_caller]
fn failure(out: &Path, id: &str) -> (String, String) {
    let rows = rows(out.join("failures.jsonl"));
    let row = rows.iter().find(|row| row["id"] == id).unwrap_or_else(|| panic!("{id}: {rows:?}"));
    let text = |key: &str| row[key].as_str().unwrap().to_owned();
    (text("stage"), text("error"))
}

/// Asserts that the dataset is sound and that these are its utterances, stored or failed.
#[track_caller]
fn assert_holds(out: &Path, ran: &Finished, expected: &[&str]) {
    let (stored, failed) = (ids(out, "all"), failed_ids(out));
    let held: BTreeSet<&str> = stored.iter().chain(&failed).map(String::as_str).collect();
    assert_eq!(held, expected.iter().copied().collect());
    assert_eq!(stored.len() + failed.len(), expected.len(), "none is there twice");
    assert!(!ran.stdout.contains('\u{1b}') && !ran.stderr.contains('\u{1b}'));
    ossicle("verify").arg(out).succeeds();
}

#[test]
fn names_of_any_bytes_and_length_are_utterances() {
    let folder = Folder::new();
    let corpus = folder.at("corpus");
    let long = "x".repeat(251);
    let names: [(&[u8], &str); 13] = [
        (b"plain.wav", "plain"),
        (b"caf\xe9.wav", "caf%E9"),
        (b"\xff\xfe.wav", "%FF%FE"),
        (b"two\nlines.wav", "two%0Alines"),
        (b"\x1b[31mred.wav", "%1B[31mred"),
        (b"tab\tand\rreturn.wav", "tab%09and%0Dreturn"),
        (b"100%.wav", "100%25"),
        (b"-j.wav", "-j"),
        (b"--out=x.wav", "--out=x"),
        (b" .wav", " "),
        (b"$(touch x);'\"`|.wav", "$(touch x);'\"`|"),
        ("\u{202e}vaw.\u{1f50a}.wav".as_bytes(), "\u{202e}vaw.\u{1f50a}"),
        (&[long.as_bytes(), b".wav"].concat(), &long),
    ];
    for (name, _) in names {
        write(corpus.join(OsStr::from_bytes(name)), good_wav());
    }
    let out = folder.at("out");
    let ran = extract(&corpus, &out).succeeds();
    assert_holds(&out, &ran, &names.map(|(_, id)| id));
    assert_eq!(failed_ids(&out), [""; 0]);
}

#[test]
fn what_is_called_a_recording_and_is_no_readable_file_is_a_row() {
    let folder = Folder::new();
    let (corpus, out) = (folder.at("corpus"), folder.at("out"));
    write(corpus.join("good.wav"), good_wav());
    make_fifo(corpus.join("fifo.wav"));
    let _socket = UnixListener::bind(corpus.join("socket.wav")).unwrap();
    fs::create_dir(corpus.join("folder.wav")).unwrap();
    write(corpus.join("folder.wav/inside.wav"), good_wav());
    write(corpus.join("closed.wav"), good_wav());
    fs::set_permissions(corpus.join("closed.wav"), fs::Permissions::from_mode(0o000)).unwrap();
    // Nothing is closed to root.
    let is_closed = fs::read(corpus.join("closed.wav")).is_err();
    for (name, target) in [
        ("zeros.wav", "/dev/zero"),
        ("nothing.wav", "/dev/null"),
        ("random.wav", "/dev/urandom"),
        ("terminal.wav", "/dev/tty"),
        ("process.wav", "/proc/self/mem"),
        ("dangling.wav", "/nowhere/at/all.wav"),
        ("itself.wav", "itself.wav"),
        ("there.wav", "back.wav"),
        ("back.wav", "there.wav"),
        ("a-folder.wav", "."),
        ("alias.wav", "good.wav"),
        ("loop", "."),
    ] {
        symlink(target, corpus.join(name)).unwrap();
    }
    let ran = extract(&corpus, &out).exits(1);
    let mut failing = vec![
        ("back", "open", "Too many levels of symbolic links"),
        ("dangling", "open", "No such file"),
        ("fifo", "open", "a FIFO, not a regular file"),
        ("folder", "open", "a directory, not a regular file"),
        ("itself", "open", "Too many levels of symbolic links"),
        ("nothing", "open", "a device, not a regular file"),
        ("random", "open", "a device, not a regular file"),
        ("socket", "open", "a socket, not a regular file"),
        ("terminal", "open", ""),
        ("there", "open", "Too many levels of symbolic links"),
        ("zeros", "open", "a device, not a regular file"),
    ];
    if is_closed {
        failing.push(("closed", "open", "Permission denied"));
    }
    for (id, stage, words) in failing {
        let (found, error) = failure(&out, id);
        assert!(found == stage && error.contains(words), "{id}: {found}: {error}");
    }
    // `/proc/self/mem` calls itself a regular file of no bytes. `a-folder.wav` and `loop` lead back
    // to a folder that they are in: notices tell of them.
    assert_eq!(failure(&out, "process").0, "decode");
    let names = [
        "alias",
        "back",
        "closed",
        "dangling",
        "fifo",
        "folder",
        "folder.wav/inside",
        "good",
        "itself",
        "nothing",
        "process",
        "random",
        "socket",
        "terminal",
        "there",
        "zeros",
    ];
    assert_holds(&out, &ran, &names);
    let about_loops = ran.stderr.lines().filter(|line| line.contains("not followed")).count();
    assert_eq!(about_loops, 1, "{}", ran.stderr);
    assert_eq!(ids(&out, "all").len(), if is_closed { 3 } else { 4 });
}

#[test]
fn an_alignment_that_is_no_readable_file_is_a_row() {
    let folder = Folder::new();
    let (corpus, out) = (folder.at("corpus"), folder.at("out"));
    write_aligned(&corpus, &["good"]);
    let bad = ["dangling", "device", "fifo", "folder", "large", "socket"];
    for name in bad {
        write(corpus.join(format!("{name}.wav")), good_wav());
    }
    symlink("nowhere", corpus.join("dangling.PHN")).unwrap();
    symlink("/dev/zero", corpus.join("device.PHN")).unwrap();
    make_fifo(corpus.join("fifo.PHN"));
    fs::create_dir(corpus.join("folder.PHN")).unwrap();
    let _socket = UnixListener::bind(corpus.join("socket.PHN")).unwrap();
    // A hole, which takes no room on the disk.
    fs::File::create(corpus.join("large.PHN")).unwrap().set_len(1 << 40).unwrap();
    let ran = extract(&corpus, &out).exits(1);
    assert_eq!(failed_ids(&out), bad);
    for name in bad {
        assert_eq!(failure(&out, name).0, "labels", "{name}");
    }
    assert!(failure(&out, "large").1.contains("larger than 16777216 bytes"));
    assert_holds(&out, &ran, &[&bad[..], &["good"]].concat());
}

#[test]
fn a_hole_in_place_of_a_header_or_behind_the_samples_is_a_row() {
    let folder = Folder::new();
    let (corpus, out) = (folder.at("corpus"), folder.at("out"));
    write_aligned(&corpus, &["good"]);
    for (name, beginning) in [("headless", Vec::new()), ("endless", good_wav())] {
        let path = corpus.join(format!("{name}.wav"));
        write(&path, beginning);
        write(path.with_extension("PHN"), PHONES);
        // No disk has room for the features of so many bytes.
        fs::File::options().write(true).open(path).unwrap().set_len(1 << 40).unwrap();
    }
    let ran = extract(&corpus, &out).exits(1);
    assert_eq!(failed_ids(&out), ["endless", "headless"]);
    assert!(failure(&out, "headless").1.contains("no known audio format"));
    assert!(failure(&out, "endless").1.contains("the sizes of such a file end at 4 GiB"));
    assert_holds(&out, &ran, &["endless", "good", "headless"]);
}

#[test]
fn a_terabyte_of_headerless_samples_is_a_row_and_a_bound_of_ones_own_counts_instead() {
    let folder = Folder::new();
    let (corpus, out) = (folder.at("corpus"), folder.at("out"));
    write(corpus.join("good.wav"), good_wav());
    fs::File::create(corpus.join("hole.raw")).unwrap().set_len(1 << 40).unwrap();
    let flags = ["--raw-encoding", "s16le", "--sample-rate", "16000"];
    let run = |out: &Path| extract(&corpus, out).args(flags);
    let ran = run(&out).exits(1);
    assert_eq!(failed_ids(&out), ["hole"]);
    let words = "it lasts 34359738.4 s; audio.max_duration_s is 86400";
    assert_eq!(failure(&out, "hole"), ("decode".into(), words.into()));
    assert_holds(&out, &ran, &["good", "hole"]);
    // Whoever means it needs the room.
    let ran = run(&folder.at("meant")).args(["--max-duration", "1e9"]).refuses(&["free"]);
    assert!(ran.stderr.contains("make room"), "{}", ran.stderr);
}

#[test]
fn a_link_to_the_folder_above_the_corpus_is_not_followed_and_no_obstacle() {
    let folder = Folder::new();
    let corpus = folder.at("corpus");
    write(corpus.join("deep/good.wav"), good_wav());
    write(folder.at("beside/other.wav"), good_wav());
    symlink("../..", corpus.join("deep/up")).unwrap();
    let out = folder.at("out");
    let ran = extract(&corpus, &out).succeeds();
    assert!(
        ran.stderr.contains("up: the link leads back to a folder that it is in"),
        "{}",
        ran.stderr
    );
    assert_holds(&out, &ran, &["deep/good"]);
}

#[test]
fn folders_deeper_than_a_path_can_be_are_a_failure() {
    let folder = Folder::new();
    let (corpus, out) = (folder.at("corpus"), folder.at("out"));
    write(corpus.join("good.wav"), good_wav());
    let deep = "d=$(printf '%0200d' 0); for i in $(seq 30); do mkdir $d && cd $d || exit 1; done; \
                : > x.wav";
    let status = Command::new("bash").args(["-c", deep]).current_dir(&corpus).status().unwrap();
    assert!(status.success());
    let ran = extract(&corpus, &out).exits(1);
    let words = "the folder cannot be read; its recordings are missing (";
    assert!(ran.stderr.contains(words), "{}", ran.stderr);
    let failed = failed_ids(&out);
    assert!(failed.len() == 1 && failed[0].ends_with('/'), "{failed:?}");
    assert_holds(&out, &ran, &["good", &failed[0]]);
}

/// Extracts a list of these bytes, once from a file and once from standard input, beside `a.wav`.
fn with_list(list: &[u8], then: impl Fn(&Folder, &dyn Fn(&Path) -> crate::program::Ossicle)) {
    for from_stdin in [false, true] {
        let folder = Folder::new();
        write(folder.at("lists/a.wav"), good_wav());
        write(folder.at("lists/list.txt"), list);
        let list = if from_stdin { "-".into() } else { folder.at("lists/list.txt") };
        then(&folder, &|out| {
            extract(&list, out)
                .in_folder(&folder.at("lists"))
                .stdin(fs::read(folder.at("lists/list.txt")).unwrap())
        });
    }
}

#[test]
fn a_list_may_lead_anywhere_and_every_line_is_accounted_for() {
    let outside = Folder::new();
    write(outside.at("b.wav"), good_wav());
    let elsewhere = outside.at("b.wav");
    let list = format!(
        "a.wav\n../outside/c.wav\n{}\n../../../../../../../../../../../../dev/zero\n/dev/null\n\
         missing.wav\n../lists\n./x/../a.wav\n/proc/self/environ\n-\n~/a.wav\nhttp://a/b.wav\n",
        elsewhere.display()
    );
    with_list(list.as_bytes(), |folder, extract| {
        write(folder.at("outside/c.wav"), good_wav());
        let out = folder.at("out");
        let ran = extract(&out).exits(1);
        let elsewhere = elsewhere.with_extension("").display().to_string();
        let up = "../../../../../../../../../../../../dev/zero";
        let expected = [
            "a",
            "../outside/c",
            elsewhere.trim_start_matches('/'),
            up,
            "dev/null",
            "missing",
            "../lists",
            "x/../a",
            "proc/self/environ",
            "-",
            "~/a",
            "a/b",
        ];
        assert_holds(&out, &ran, &expected);
        // `x` is no folder, so `x/../a.wav` is nothing.
        assert_eq!(ids(&out, "all").len(), 3);
        assert_eq!(failure(&out, up).1, "is a device, not a regular file");
    });
}

#[test]
fn a_list_with_a_zero_byte_or_an_endless_line_is_refused() {
    let endless = [b"a.wav\n".to_vec(), vec![b'x'; 5_000_000], b"\n".to_vec()].concat();
    for (list, words) in [
        (&b"a.wav\nb\0.wav\n"[..], "line 2 holds a zero byte"),
        (&endless, "line 2 is longer than 65536 bytes"),
    ] {
        with_list(list, |folder, extract| {
            extract(&folder.at("out")).refuses(&[words]);
            assert!(!folder.at("out").exists());
        });
    }
}

#[test]
fn a_command_in_a_list_is_refused_and_not_executed() {
    for command in ["touch executed |", "utt1 touch executed |  ", "touch executed; cat a.wav|"] {
        with_list(format!("a.wav\n{command}\n").as_bytes(), |folder, extract| {
            let words = ["line 2 is a command", "touch executed", "not executed", "list that"];
            extract(&folder.at("out")).refuses(&words);
            assert!(!folder.at("lists/executed").exists());
            assert!(!folder.at("out").exists());
        });
    }
    // Nor is one that begins with a bar: it is the name of a file that is not there.
    with_list(b"a.wav\n| touch executed\n", |folder, extract| {
        let out = folder.at("out");
        extract(&out).exits(1);
        assert_eq!(failed_ids(&out), ["| touch executed"]);
        assert!(!folder.at("lists/executed").exists());
    });
}

#[test]
fn a_device_or_a_pipe_as_the_corpus_is_refused_unread() {
    let folder = Folder::new();
    make_fifo(folder.at("pipe"));
    symlink("/dev/zero", folder.at("list.txt")).unwrap();
    for name in ["pipe", "list.txt"] {
        let words = [name, "neither a folder nor a regular file"];
        extract(folder.at(name), &folder.at("out")).refuses(&words);
    }
    // Zeros without end on standard input are a line that is no path.
    extract("-", &folder.at("out")).stdin(vec![0; 1 << 20]).refuses(&["line 1 holds a zero byte"]);
    assert!(!folder.at("out").exists());
}
