//! Ends commands whose process is gone.

use std::{
    io::{self, Write},
    os::unix::process::CommandExt,
    process::{Child, ChildStdin, Command, Stdio},
};

/// Reads which groups of processes are running, a line each time that changes, and ends those of the last
/// line when there is no more to read: then whoever wrote the lines is gone, however that came.
const SCRIPT: &str = "while read -r running; do groups=$running; done; \
                      test -z \"$groups\" || kill -s KILL -- $groups";

/// A shell that outlives the process which started it, for as long as it takes to end what that has left
/// running. A signal to end children with their parent is Linux' alone, and ends no grandchildren.
#[derive(Debug)]
pub(super) struct Watcher {
    shell: Child,
    lines: Option<ChildStdin>,
}

impl Watcher {
    pub(super) fn start() -> io::Result<Watcher> {
        let mut shell = Command::new("sh")
            .args(["-c", SCRIPT])
            .stdin(Stdio::piped())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            // What a terminal sends to all of a run does not reach it.
            .process_group(0)
            .spawn()?;
        let lines = shell.stdin.take();
        Ok(Watcher { shell, lines })
    }

    /// Tells it which groups of processes are running now.
    ///
    /// # Errors
    /// It is gone.
    pub(super) fn tell(&mut self, groups: &[u32]) -> io::Result<()> {
        let mut line: String = groups.iter().map(|group| format!("-{group} ")).collect();
        line.push('\n');
        let lines = self.lines.as_mut().ok_or(io::ErrorKind::BrokenPipe)?;
        lines.write_all(line.as_bytes())
    }
}

impl Drop for Watcher {
    fn drop(&mut self) {
        // It ends when it has read all.
        drop(self.lines.take());
        let _ = self.shell.wait();
    }
}
