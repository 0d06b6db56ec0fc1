//! Why ossicle exists, shown: a small limit of open files ends one program and not the other.

use std::process::Command;

use anyhow::{Context, Result, bail};

use super::job::Job;
use super::peers::Peer;
use super::scratch::Scratch;
use super::subject::Ossicle;

/// Far below Ubuntu's 1024, so that the demonstration takes seconds.
pub(crate) const LIMIT: usize = 256;

/// Both programs run one after the other in one shell, whose limit neither can raise.
const SCRIPT: &str = r#"
ulimit -n "$1"
python=$2 script=$3 ossicle=$4 corpus=$5 output=$6
shift 6
"$python" "$script" "$corpus" --out "$output" --mode process-per-file 2>&1
echo "exit status $?"
rm -rf "$output"
"$ossicle" "$@" 2>&1
echo "exit status $?"
"#;

/// The lines that the shell printed about each program.
pub(crate) struct OpenFiles {
    /// The last line of Python's traceback, or what it printed instead.
    pub(crate) python_said: String,
    pub(crate) python_status: String,
    pub(crate) ossicle_status: String,
}

pub(crate) fn show(job: &Job<'_>, peer: &Peer, output: &Scratch) -> Result<OpenFiles> {
    eprintln!("xtask: both under ulimit -n {LIMIT}");
    output.clear()?;
    let shell = Command::new("bash")
        .args(["-c", SCRIPT, "bash", &LIMIT.to_string()])
        .args([peer.python(), peer.script(), job.ossicle.binary(), job.corpus, output.path()])
        .args(Ossicle::extract_arguments(job.corpus, output.path(), job.num_cores))
        .output()
        .context("cannot start bash")?;
    let printed = String::from_utf8_lossy(&shell.stdout);
    let shown = read(&printed)?;
    if shown.ossicle_status != "exit status 0" {
        bail!("ossicle under ulimit -n {LIMIT}: {}\n{printed}", shown.ossicle_status);
    }
    job.ossicle.check_dataset(output.path())?;
    output.clear()?;
    Ok(shown)
}

fn read(printed: &str) -> Result<OpenFiles> {
    let is_status = |line: &&str| line.starts_with("exit status ");
    let mut statuses = printed.lines().filter(is_status).map(str::to_owned);
    let python_status = statuses.next().context("the shell printed no exit status")?;
    let ossicle_status = statuses.next().context("the shell printed one exit status")?;
    let of_python: Vec<_> = printed.lines().take_while(|line| !is_status(line)).collect();
    let last_error = of_python.iter().rfind(|line| line.contains("[Errno 24]"));
    let python_said = last_error.or(of_python.last()).map_or_else(String::new, |it| it.to_string());
    Ok(OpenFiles { python_said, python_status, ossicle_status })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_line_of_the_traceback_and_both_statuses_are_found() {
        let printed = "Traceback (most recent call last):\n  os.pipe()\n\
                       OSError: [Errno 24] Too many open files\nProcess-7 ended\n\
                       exit status 1\nossicle: all is well\nexit status 0\n";
        let shown = read(printed).unwrap();
        assert_eq!(shown.python_said, "OSError: [Errno 24] Too many open files");
        assert_eq!(shown.python_status, "exit status 1");
        assert_eq!(shown.ossicle_status, "exit status 0");
    }
}
