//! What the system sets for a run: how many processes there may be, the umask, the clock.

use std::fs::{self, File, Permissions};
use std::os::unix::fs::{MetadataExt, PermissionsExt};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::{Duration, SystemTime};

use crate::corpora::{sound, wav, write, write_many};
use crate::datasets::{assert_same_dataset, rows};
use crate::program::{Folder, Ossicle, PROGRAM, extract, ossicle};

/// Runs these words where nobody may start a process or a thread: as a user whom the limit holds, which
/// is not root. What the words name must be open to everybody.
fn without_processes(folder: &Folder, words: &[&str]) -> Ossicle {
    // Nobody may look into other people's folders, but may be here.
    let program = folder.at("ossicle");
    if !program.exists() {
        fs::copy(PROGRAM, &program).unwrap();
        fs::set_permissions(folder.path(), Permissions::from_mode(0o777)).unwrap();
    }
    let is_root = fs::metadata("/proc/self").unwrap().uid() == 0;
    let mut command = match is_root {
        true => {
            let mut command = Command::new("setpriv");
            command.args(["--reuid=64999", "--regid=64999", "--clear-groups", "--inh-caps=-all"]);
            command.arg("bash");
            command
        }
        false => Command::new("bash"),
    };
    command.args(["-c", "ulimit -u 1 && exec \"$0\" \"$@\""]).arg(program);
    command.args(words).current_dir(folder.path());
    Ossicle::from(command)
}

#[test]
fn where_no_thread_can_start_one_does_the_work_and_where_no_process_can_one_line_says_so() {
    let folder = Folder::new();
    write_many(&folder.at("corpus"), 30, 4000);
    extract(folder.at("corpus"), &folder.at("whole")).succeeds();
    let words = ["extract", "corpus", "--preset", "timit-mfcc", "--jobs", "4", "--out"];
    let ran = without_processes(&folder, &[&words[..], &["threads", "--json"]].concat()).succeeds();
    assert!(ran.stderr.contains("the system started 1 of 4 workers (see `ulimit -u`)"));
    assert_eq!(ran.json()["workers"], 1);
    assert_same_dataset(&folder.at("whole"), &folder.at("threads"), "on one thread");
    without_processes(&folder, &["verify", "threads"]).succeeds();
    let processes = [&words[..], &["processes", "--isolation", "processes"]].concat();
    let ran = without_processes(&folder, &processes).exits(2);
    let last = ran.stderr.lines().last().unwrap();
    for words in ["ossicle: cannot start a worker, ", "Resource temporarily unavailable"] {
        assert!(last.contains(words), "{words:?} is not in: {last}");
    }
    assert!(!folder.at("processes/dataset.json").exists());
}

/// A folder and everything below it.
fn everything(root: &Path) -> Vec<PathBuf> {
    let mut found = vec![root.to_owned()];
    let mut at = 0;
    while at < found.len() {
        if found[at].is_dir() {
            let entries = fs::read_dir(&found[at]).unwrap().map(|entry| entry.unwrap().path());
            found.extend(entries.collect::<Vec<_>>());
        }
        at += 1;
    }
    found
}

#[test]
fn files_and_folders_have_the_permissions_that_the_umask_leaves() {
    let folder = Folder::new();
    let corpus = folder.at("corpus");
    write_many(&corpus, 12, 4000);
    write(corpus.join("bad.wav"), "none");
    for umask in [0o000, 0o022, 0o027, 0o077] {
        let out = folder.at(&format!("{umask:o}/deep"));
        let mut bash = Command::new("bash");
        bash.args(["-c", &format!("umask {umask:o} && exec \"$0\" \"$@\"")]).arg(PROGRAM);
        bash.arg("extract").arg(&corpus).arg("--out").arg(&out).args(["--preset", "timit-mfcc"]);
        Ossicle::from(bash).exits(1);
        let found = everything(out.parent().unwrap());
        assert!(found.len() > 8, "{found:?}");
        for path in found {
            let whole = if path.is_dir() { 0o777 } else { 0o666 };
            let mode = fs::metadata(&path).unwrap().mode() & 0o7777;
            assert_eq!(mode, whole & !umask, "{mode:o} of {}, umask {umask:o}", path.display());
        }
    }
}

#[test]
fn times_of_files_before_and_after_all_that_clocks_show_hurt_nothing() {
    let folder = Folder::new();
    let (corpus, out) = (folder.at("corpus"), folder.at("out"));
    let year = Duration::from_secs(365 * 24 * 3600);
    let times = [
        SystemTime::UNIX_EPOCH - 30 * year,
        SystemTime::UNIX_EPOCH - Duration::from_nanos(1),
        SystemTime::UNIX_EPOCH,
        // As after a clock was set back.
        fs::metadata(folder.path()).unwrap().modified().unwrap() + year,
        SystemTime::UNIX_EPOCH + 400 * year,
    ];
    for (number, time) in times.iter().enumerate() {
        let path = corpus.join(format!("{number}.wav"));
        write(&path, wav(&sound(number as u64, 8000)));
        File::options().write(true).open(path).unwrap().set_modified(*time).unwrap();
    }
    write(corpus.join("zzz.wav"), "none");
    extract(&corpus, &out).args(["--jobs", "1", "--max-failures", "0"]).exits(2);
    let ran = extract(&corpus, &out).arg("--json").exits(1);
    assert!(ran.json()["resumed_parts"].as_u64().unwrap() > 0, "{}", ran.stdout);
    assert!(ran.json()["seconds"].as_f64().unwrap() < 60.0);
    assert_eq!(rows(out.join("all/utterances.jsonl")).len(), times.len());
    ossicle("verify").arg(&out).succeeds();
    let again = || extract(&corpus, &out).arg("--json").exits(1).json()["already_complete"].clone();
    assert_eq!(again(), true);
    // A dataset whose own files are of the future is complete as well.
    for path in everything(&out).into_iter().filter(|path| path.is_file()) {
        File::options().write(true).open(path).unwrap().set_modified(times[3]).unwrap();
    }
    assert_eq!(again(), true);
    ossicle("verify").arg(&out).succeeds();
    // And a change is seen in whichever direction.
    let path = corpus.join("3.wav");
    File::options().write(true).open(path).unwrap().set_modified(times[1]).unwrap();
    extract(&corpus, &out).exits(2);
}
