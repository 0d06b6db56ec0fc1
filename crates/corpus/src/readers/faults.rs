//! Faults of a description: all of them at once, by place, and those of a kind summed up after ten.

use crate::error::Error;

/// What is told of faults of one kind before they are only counted.
const MOST_OF_A_KIND: usize = 10;

/// A place in a description: a file, a line and a column of it.
#[derive(Debug, Clone, Copy)]
pub(crate) struct At<'a> {
    /// The file's printable name.
    pub(crate) file: &'a str,
    /// The line, from 1; 0 for the file as a whole.
    pub(crate) line: u64,
    /// The byte of the line, from 1; 0 for the line as a whole.
    pub(crate) column: u64,
}

/// Collects faults, so that who mends a description sees all of them.
#[derive(Debug, Default)]
pub(crate) struct Faults {
    kinds: Vec<Kind>,
    /// Some are of commands, which would be none if those were allowed.
    has_commands: bool,
    /// Lines are rows, which are counted from 0.
    are_rows: bool,
}

#[derive(Debug)]
struct Kind {
    /// What such faults have in common ("is there twice").
    name: &'static str,
    count: u64,
    /// The first of them.
    told: Vec<String>,
}

impl Faults {
    /// None yet, of a description whose lines are rows: they are told counted from 0, as those who have such
    /// tables count them.
    #[cfg(feature = "arrow")]
    pub(crate) fn of_rows() -> Faults {
        Faults { are_rows: true, ..Faults::default() }
    }

    /// Adds a fault.
    ///
    /// - `name`: what faults of its kind have in common; it tells kinds apart and counts the rest
    /// - `wrong`: what is wrong there, in full
    pub(crate) fn add(&mut self, at: At<'_>, name: &'static str, wrong: impl FnOnce() -> String) {
        let known = self.kinds.iter().position(|kind| kind.name == name);
        let known = known.unwrap_or_else(|| {
            self.kinds.push(Kind { name, count: 0, told: Vec::new() });
            self.kinds.len() - 1
        });
        let kind = &mut self.kinds[known];
        kind.count += 1;
        if kind.told.len() < MOST_OF_A_KIND {
            let place = match at {
                At { file, line: 0, .. } => file.to_owned(),
                At { file, line, .. } if self.are_rows => format!("{file}, row {}", line - 1),
                At { file, line, column: 0 } => format!("{file}, line {line}"),
                At { file, line, column } => format!("{file}, line {line}, column {column}"),
            };
            kind.told.push(format!("{place}: {}", wrong()));
        }
    }

    /// Adds a fault of a command that is not allowed.
    pub(crate) fn add_command(&mut self, at: At<'_>, wrong: impl FnOnce() -> String) {
        self.has_commands = true;
        self.add(at, "commands", wrong);
    }

    /// Returns whether there is none.
    pub(crate) fn is_empty(&self) -> bool {
        self.kinds.is_empty()
    }

    /// Returns an error that tells all of them, if there are any.
    ///
    /// - `description`: the printable name of what is faulty
    pub(crate) fn check(self, description: &str) -> Result<(), Error> {
        if self.is_empty() {
            return Ok(());
        }
        let count = self.kinds.iter().map(|kind| kind.count).sum();
        let has_commands = self.has_commands;
        let lines = self.kinds.into_iter().flat_map(|Kind { name, count, told }| {
            let rest = count - told.len() as u64;
            told.into_iter().chain((rest > 0).then(|| format!("and {rest} more: {name}")))
        });
        Err(Error::Faults {
            description: description.to_owned(),
            count,
            lines: lines.collect(),
            has_commands,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_single_fault_is_a_sentence_and_several_are_lines_below_their_number() {
        let at = |line, column| At { file: "a/text", line, column };
        let mut faults = Faults::default();
        assert!(faults.is_empty());
        faults.add(at(3, 7), "no number", || "expected a number, found `x`".into());
        let one = faults.check("a").unwrap_err();
        assert_eq!(one.to_string(), "a/text, line 3, column 7: expected a number, found `x`");
        let mut faults = Faults::default();
        for line in 1..=12 {
            faults.add(at(line, 0), "no number", || format!("expected {line}"));
        }
        faults.add(at(0, 0), "empty", || "it is empty".into());
        let many = faults.check("a").unwrap_err().to_string();
        let lines: Vec<&str> = many.lines().collect();
        assert_eq!(lines[0], "a: 13 faults");
        assert_eq!(lines[1], "  a/text, line 1: expected 1");
        assert_eq!(lines[10], "  a/text, line 10: expected 10");
        assert_eq!(lines[11..], ["  and 2 more: no number", "  a/text: it is empty"]);
        assert!(Faults::default().check("a").is_ok());
    }
}
