//! The log file of a run.

use std::{
    fs::{File, OpenOptions},
    io::{Read, Write},
    path::Path,
    sync::{Mutex, MutexGuard, PoisonError},
    time::{Instant, SystemTime},
};

use anyhow::{Context, Result, bail};
use ossicle_corpus::printable;
use ossicle_files::{FileId, file_id, visible};
use serde_json::json;

use crate::door::Door;
use crate::log_format::LogFormat;
use crate::stores;
use crate::terminal::json_line;
use crate::words;

/// A log, to which each run appends. Nothing is written before [`Log::begin`]: until then it is not known
/// whether the file is one of those that the run reads.
#[derive(Debug)]
pub(crate) struct Log {
    since: Instant,
    id: Option<FileId>,
    bytes: u64,
    state: Mutex<State>,
}

#[derive(Debug)]
struct State {
    file: File,
    /// The lines so far; none once they go to the file at once.
    held: Option<Vec<u8>>,
}

impl Log {
    /// Opens a log, or makes one.
    ///
    /// # Errors
    /// It cannot be opened, or what is there is no log: nothing is appended to somebody's recording.
    pub(crate) fn open(path: &Path, format: LogFormat, door: &dyn Door) -> Result<Log> {
        let cannot = || format!("cannot open the log {}", printable(path));
        let mut options = OpenOptions::new();
        options.create(true).read(true).append(true);
        #[cfg(unix)]
        {
            use std::os::unix::fs::OpenOptionsExt;
            // A pipe that nobody reads must not keep the run waiting.
            options.custom_flags(libc::O_NONBLOCK);
        }
        let mut file = options.open(path).with_context(cannot)?;
        let metadata = file.metadata().with_context(cannot)?;
        if metadata.is_file() && metadata.len() > 0 {
            let mut head = [0; BEGINNING.len()];
            let is_log = file.read_exact(&mut head).is_ok() && begins_like_a_log(&head, format);
            if !is_log {
                let option = door.option("log-file");
                let kind = if format == LogFormat::Json { "log of JSON" } else { "log" };
                bail!("{} is no {kind}; name another file for {option}", printable(path));
            }
        }
        let typed = stores::without_secrets(&door.program().words).into_iter();
        #[expect(clippy::disallowed_methods, reason = "a date, and no duration")]
        let now = words::date(SystemTime::now());
        let typed = typed.collect::<Vec<_>>();
        let line = match format {
            LogFormat::Text => format!("{now}  {}\n", visible(&typed.join(" "))),
            LogFormat::Json => {
                let words = json_line(&json!(typed));
                format!("{{\"event\":\"begin\",\"time\":\"{now}\",\"command\":{words}}}\n")
            }
        };
        let state = Mutex::new(State { file, held: Some(line.into_bytes()) });
        Ok(Log { since: Instant::now(), id: file_id(path), bytes: metadata.len(), state })
    }

    /// Returns whether a path leads to the log.
    pub(crate) fn is_at(&self, path: &Path) -> bool {
        self.id.is_some() && file_id(path) == self.id
    }

    /// Its size before anything was appended.
    pub(crate) fn bytes(&self) -> u64 {
        self.bytes
    }

    /// Writes what was held back; from here on each line is written as it comes.
    pub(crate) fn begin(&self) {
        let mut state = self.state();
        if let Some(held) = state.held.take() {
            // A full disk must not end the run over its log.
            let _ = state.file.write_all(&held);
        }
    }

    pub(crate) fn line(&self, line: &str) {
        // One write a line: a kill leaves no half of one.
        let lines = line.split('\n').map(visible).collect::<Vec<_>>().join("\n");
        self.write(&format!("{:10.3}  {lines}\n", self.since.elapsed().as_secs_f64()));
    }

    /// - `line`: an object of JSON
    pub(crate) fn event(&self, line: &str) {
        self.write(&format!("{line}\n"));
    }

    fn write(&self, line: &str) {
        let mut state = self.state();
        let _ = match &mut state.held {
            Some(held) => held.write_all(line.as_bytes()),
            None => state.file.write_all(line.as_bytes()),
        };
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The shape of the first bytes of a log: `0` for a digit, the time of RFC 3339 and two blanks.
const BEGINNING: &[u8; 22] = b"0000-00-00T00:00:00Z  ";

/// The same of a log of JSON.
const BEGINNING_OF_JSON: &[u8; BEGINNING.len()] = br#"{"event":"begin","time"#;

fn begins_like_a_log(head: &[u8; BEGINNING.len()], format: LogFormat) -> bool {
    if format == LogFormat::Json {
        return head == BEGINNING_OF_JSON;
    }
    head.iter().zip(BEGINNING).all(|(found, shape)| match shape {
        b'0' => found.is_ascii_digit(),
        _ => found == shape,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::command_line::CommandLineDoor;
    use crate::program::Program;
    use std::fs;

    static PROGRAM: Program = Program { words: Vec::new(), again: Vec::new() };

    fn door() -> CommandLineDoor<'static> {
        CommandLineDoor { program: &PROGRAM, cluster: None }
    }

    #[test]
    fn a_log_is_appended_to_and_nothing_else_is() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("log");
        for _ in 0..2 {
            let log = Log::open(&path, LogFormat::Text, &door()).unwrap();
            log.line("before\u{1b}");
            log.begin();
            log.line("after");
        }
        let text = fs::read_to_string(&path).unwrap();
        assert_eq!(text.lines().count(), 6);
        assert_eq!(text.matches("before\\u{1b}\n").count(), 2);
        for bytes in [&b"RIFF\x24\0\0\0WAVEfmt and all that"[..], b"2026", b"x"] {
            fs::write(&path, bytes).unwrap();
            let said = Log::open(&path, LogFormat::Text, &door()).unwrap_err().to_string();
            assert!(said.contains("is no log"), "{said}");
            assert_eq!(fs::read(&path).unwrap(), bytes);
        }
    }

    #[test]
    fn nothing_is_written_before_it_is_known_what_the_file_is() {
        let folder = tempfile::tempdir().unwrap();
        let (path, link) = (folder.path().join("a.wav"), folder.path().join("log"));
        fs::write(&path, b"").unwrap();
        fs::hard_link(&path, &link).unwrap();
        let log = Log::open(&link, LogFormat::Text, &door()).unwrap();
        log.line("a line");
        assert!(log.is_at(&path));
        assert!(!log.is_at(folder.path()));
        drop(log);
        assert_eq!(fs::read(&path).unwrap(), b"");
    }
}
