//! A program that times what it is asked for.

use std::io::{BufRead, BufReader, Lines, Write};
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};

use anyhow::{Context, Result, bail};
use serde_json::Value;

/// The name of ossicle among the programs that are timed.
pub(crate) const OSSICLE: &str = "ossicle";

/// A running program, ended when this is dropped.
pub(crate) struct Asked {
    name: String,
    child: Child,
    stdin: ChildStdin,
    stdout: Lines<BufReader<ChildStdout>>,
    hello: Hello,
}

/// The first line of a program, about itself.
struct Hello {
    programs: Vec<String>,
    subjects: Vec<Subject>,
}

/// A feature of a program that can be timed.
pub(crate) struct Subject {
    pub(crate) feature: String,
    pub(crate) program: String,
}

/// The result of one turn.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Turn {
    pub(crate) us_per_frame: f64,
    pub(crate) num_frames: u64,
    pub(crate) dim: u64,
}

impl Asked {
    /// Starts a program and hears what it can time.
    pub(crate) fn start(command: &mut Command) -> Result<Self> {
        let name = command.get_program().to_string_lossy().into_owned();
        let mut child = command
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .with_context(|| format!("cannot start {command:?}"))?;
        let stdin = child.stdin.take().context("the program has no standard input")?;
        let stdout = child.stdout.take().context("the program has no standard output")?;
        let hello = Hello { programs: Vec::new(), subjects: Vec::new() };
        let mut asked = Self { name, child, stdin, stdout: BufReader::new(stdout).lines(), hello };
        asked.hello = Hello::read(&asked.line()?)?;
        Ok(asked)
    }

    /// Names with versions.
    pub(crate) fn programs(&self) -> &[String] {
        &self.hello.programs
    }

    pub(crate) fn subjects(&self) -> &[Subject] {
        &self.hello.subjects
    }

    /// One turn of the subject with this number.
    pub(crate) fn take_turn(&mut self, subject: usize) -> Result<Turn> {
        writeln!(self.stdin, "{subject}").with_context(|| format!("{} has ended", self.name))?;
        self.stdin.flush()?;
        Turn::read(&self.line()?)
    }

    fn line(&mut self) -> Result<String> {
        match self.stdout.next() {
            Some(line) => Ok(line?),
            None => bail!("{} has ended: {}", self.name, self.child.wait()?),
        }
    }
}

impl Drop for Asked {
    fn drop(&mut self) {
        // It may have ended by itself already.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

impl Hello {
    fn read(line: &str) -> Result<Self> {
        let json: Value = serde_json::from_str(line).with_context(|| line.to_owned())?;
        let list = |key: &str| json[key].as_array().with_context(|| format!("no {key:?}: {line}"));
        let text = |it: &Value| it.as_str().map(str::to_owned).with_context(|| line.to_owned());
        let subject = |it: &Value| {
            Ok(Subject { feature: text(&it["feature"])?, program: text(&it["program"])? })
        };
        Ok(Self {
            programs: list("programs")?.iter().map(text).collect::<Result<_>>()?,
            subjects: list("subjects")?.iter().map(subject).collect::<Result<_>>()?,
        })
    }
}

impl Turn {
    fn read(line: &str) -> Result<Self> {
        let json: Value = serde_json::from_str(line).with_context(|| line.to_owned())?;
        let missing = |key: &str| format!("no {key:?} in {line}");
        let count = |key: &str| json[key].as_u64().with_context(|| missing(key));
        let us_per_frame = json["us_per_frame"].as_f64();
        Ok(Self {
            us_per_frame: us_per_frame.with_context(|| missing("us_per_frame"))?,
            num_frames: count("num_frames")?,
            dim: count("dim")?,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    #[cfg(unix)]
    fn a_program_is_asked_and_one_that_ends_is_an_error() {
        let script = r#"
            echo '{"programs": ["a 1"], "subjects": [{"feature": "f", "program": "a"}]}'
            read number
            echo '{"us_per_frame": '"$number"'.5, "num_frames": 98, "dim": 13}'
            exit 3"#;
        let mut asked = Asked::start(Command::new("sh").args(["-c", script])).unwrap();
        assert_eq!(asked.programs(), ["a 1"]);
        assert_eq!(asked.subjects()[0].feature, "f");
        let turn = asked.take_turn(0).unwrap();
        assert_eq!(turn, Turn { us_per_frame: 0.5, num_frames: 98, dim: 13 });
        let error = asked.take_turn(0).unwrap_err().to_string();
        assert!(error.starts_with("sh has ended"), "{error}");
    }

    #[test]
    fn what_is_missing_is_named() {
        let error = Turn::read(r#"{"us_per_frame": 1.0, "dim": 3}"#).unwrap_err().to_string();
        assert!(error.starts_with("no \"num_frames\" in "), "{error}");
    }
}
