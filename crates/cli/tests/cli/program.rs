//! Runs the program.

use std::ffi::OsStr;
use std::fs;
use std::io::{Read, Write};
use std::os::unix::process::ExitStatusExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::{Arc, Once};
use std::thread;
use std::time::{Duration, Instant};

use serde_json::Value;
use signal_hook::consts::{SIGHUP, SIGINT, SIGTERM};

pub(crate) const PROGRAM: &str = env!("CARGO_BIN_EXE_ossicle");

/// Nothing here takes a tenth of this; a program that waits for a FIFO takes for ever.
const TIME_LIMIT: Duration = Duration::from_secs(120);

/// A command line, on its way.
#[derive(Debug)]
pub(crate) struct Ossicle {
    command: Command,
    stdin: Vec<u8>,
}

/// The end of a command: its status, and what it printed.
#[derive(Debug)]
pub(crate) struct Finished {
    pub(crate) status: ExitStatus,
    pub(crate) stdout: String,
    pub(crate) stderr: String,
}

/// Lets programs that are started hear what whoever started the tests ignores, as a script does in its
/// background: an ignored signal stays ignored in a child, one that is handled does not.
fn let_signals_through() {
    static DONE: Once = Once::new();
    DONE.call_once(|| {
        let status = fs::read_to_string("/proc/self/status").unwrap_or_default();
        let mask = status.lines().find_map(|line| line.strip_prefix("SigIgn:"));
        let mask = mask.map_or(0, |mask| u64::from_str_radix(mask.trim(), 16).unwrap());
        for signal in [SIGINT, SIGTERM, SIGHUP] {
            if mask >> (signal - 1) & 1 == 1 {
                signal_hook::flag::register(signal, Arc::default()).unwrap();
            }
        }
    });
}

/// `ossicle VERB`.
pub(crate) fn ossicle(verb: &str) -> Ossicle {
    let mut ossicle = Ossicle::from(Command::new(PROGRAM));
    ossicle.command.arg(verb);
    ossicle
}

/// `ossicle extract CORPUS --out OUT --preset timit-mfcc`.
pub(crate) fn extract(corpus: impl AsRef<OsStr>, out: &Path) -> Ossicle {
    extract_with("timit-mfcc", corpus, out)
}

/// `ossicle extract CORPUS --out OUT --preset PRESET`.
pub(crate) fn extract_with(preset: &str, corpus: impl AsRef<OsStr>, out: &Path) -> Ossicle {
    ossicle("extract").arg(corpus).arg("--out").arg(out).args(["--preset", preset])
}

/// The same in a shell with this limit of open files, soft and hard.
pub(crate) fn under_ulimit(files: u64, ossicle: Ossicle) -> Ossicle {
    let mut bash = Command::new("bash");
    bash.arg("-c").arg(format!("ulimit -n {files} && exec \"$0\" \"$@\""));
    bash.arg(ossicle.command.get_program()).args(ossicle.command.get_args());
    Ossicle { stdin: ossicle.stdin, ..Ossicle::from(bash) }
}

/// The same without root's right to read what nobody may.
#[track_caller]
pub(crate) fn without_every_right(ossicle: Ossicle) -> Ossicle {
    let mut setpriv = Command::new("setpriv");
    assert!(
        setpriv.arg("--version").output().is_ok_and(|output| output.status.success()),
        "root reads every file, and there is no setpriv to run the program without that right: \
         install util-linux, or run the tests as another user"
    );
    let mut setpriv = Command::new("setpriv");
    setpriv.arg("--bounding-set=-dac_override,-dac_read_search").arg("--");
    setpriv.arg(ossicle.command.get_program()).args(ossicle.command.get_args());
    Ossicle { stdin: ossicle.stdin, ..Ossicle::from(setpriv) }
}

impl From<Command> for Ossicle {
    fn from(mut command: Command) -> Ossicle {
        let_signals_through();
        // What the tests' own environment says must not matter.
        command.env_remove("OSSICLE_SIMD").env("COLUMNS", "100");
        Ossicle { command, stdin: Vec::new() }
    }
}

impl Ossicle {
    pub(crate) fn arg(mut self, arg: impl AsRef<OsStr>) -> Ossicle {
        self.command.arg(arg);
        self
    }

    pub(crate) fn args<I: IntoIterator<Item: AsRef<OsStr>>>(mut self, args: I) -> Ossicle {
        self.command.args(args);
        self
    }

    /// `--set` for each of them.
    pub(crate) fn set(mut self, assignments: &[&str]) -> Ossicle {
        for assignment in assignments {
            self.command.args(["--set", assignment]);
        }
        self
    }

    /// Without normalisation, so that what is stored is what was computed.
    pub(crate) fn not_normalised(self) -> Ossicle {
        self.set(&["normalize.mean=false", "normalize.variance=false"])
    }

    pub(crate) fn env(mut self, name: &str, value: &str) -> Ossicle {
        self.command.env(name, value);
        self
    }

    pub(crate) fn in_folder(mut self, folder: &Path) -> Ossicle {
        self.command.current_dir(folder);
        self
    }

    pub(crate) fn stdin(mut self, text: impl Into<Vec<u8>>) -> Ossicle {
        self.stdin = text.into();
        self
    }

    /// The command, for tests that look at the process while it runs. Nobody reads what it prints.
    pub(crate) fn spawn(mut self) -> Child {
        self.command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
        self.command.spawn().unwrap()
    }

    /// The command itself.
    pub(crate) fn into_command(self) -> Command {
        self.command
    }

    /// Runs it to its end.
    pub(crate) fn run(mut self) -> Finished {
        self.command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = self.command.spawn().unwrap();
        let (mut stdin, text) = (child.stdin.take().unwrap(), self.stdin);
        thread::spawn(move || drop(stdin.write_all(&text)));
        let (stdout, stderr) = (child.stdout.take().unwrap(), child.stderr.take().unwrap());
        let read = |mut from: Box<dyn Read + Send>| {
            thread::spawn(move || {
                let mut bytes = Vec::new();
                from.read_to_end(&mut bytes).unwrap();
                String::from_utf8(bytes).expect("what is printed is UTF-8")
            })
        };
        let (stdout, stderr) = (read(Box::new(stdout)), read(Box::new(stderr)));
        let begin = Instant::now();
        let status = loop {
            if let Some(status) = child.try_wait().unwrap() {
                break status;
            }
            if begin.elapsed() > TIME_LIMIT {
                child.kill().unwrap();
                panic!("{:?} hangs", self.command);
            }
            thread::sleep(Duration::from_millis(2));
        };
        let ran =
            Finished { status, stdout: stdout.join().unwrap(), stderr: stderr.join().unwrap() };
        assert!(!ran.stderr.contains("panicked"), "{:?}\n{}", self.command, ran.stderr);
        ran
    }

    /// Runs it and asserts its exit code.
    #[track_caller]
    pub(crate) fn exits(self, code: i32) -> Finished {
        let words = format!("{:?}", self.command);
        let ran = self.run();
        assert_eq!(ran.code(), code, "{words}\n{}{}", ran.stdout, ran.stderr);
        ran
    }

    #[track_caller]
    pub(crate) fn succeeds(self) -> Finished {
        self.exits(0)
    }

    /// Asserts that the run could not happen: exit code 2, nothing on standard output, and on standard
    /// error one line that holds all of `words`. Before it there may be notices about a small corpus.
    #[track_caller]
    pub(crate) fn refuses(self, words: &[&str]) -> Finished {
        let ran = self.exits(2);
        assert_eq!(ran.stdout, "");
        const NOTICES: [&str; 2] =
            ["there is no split \"train\": columns", "no recording has an alignment beside"];
        let is_notice = |line: &str| NOTICES.iter().any(|notice| line.contains(notice));
        let lines: Vec<_> = ran.stderr.lines().filter(|line| !is_notice(line)).collect();
        let [line] = lines[..] else { panic!("it is not one line:\n{}", ran.stderr) };
        assert!(line.starts_with("ossicle: "), "{line}");
        for word in words {
            assert!(line.contains(word), "{word:?} is not in: {line}");
        }
        ran
    }
}

impl Finished {
    /// As a shell shows it.
    pub(crate) fn code(&self) -> i32 {
        self.status.code().unwrap_or_else(|| 128 + self.status.signal().unwrap())
    }

    /// The one JSON object on standard output.
    #[track_caller]
    pub(crate) fn json(&self) -> Value {
        serde_json::from_str(&self.stdout).unwrap_or_else(|error| panic!("{error}: {self:?}"))
    }

    /// The lines on standard error that begin so.
    pub(crate) fn lines_with(&self, beginning: &str) -> Vec<&str> {
        self.stderr.lines().filter(|line| line.starts_with(beginning)).collect()
    }
}

/// The keys of a JSON object, in order of the alphabet.
#[track_caller]
pub(crate) fn keys(object: &Value) -> Vec<&str> {
    let mut keys: Vec<_> = object.as_object().unwrap().keys().map(String::as_str).collect();
    keys.sort_unstable();
    keys
}

/// A fresh folder, removed when the test ends.
#[derive(Debug)]
pub(crate) struct Folder(tempfile::TempDir);

impl Folder {
    pub(crate) fn new() -> Folder {
        Folder(tempfile::tempdir().unwrap())
    }

    pub(crate) fn path(&self) -> &Path {
        self.0.path()
    }

    pub(crate) fn at(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }
}
