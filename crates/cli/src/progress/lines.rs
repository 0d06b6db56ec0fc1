//! Lines that come faster than anybody reads, printed several at once.

use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

/// As often as a terminal is worth writing to.
const OFTEN: Duration = Duration::from_millis(40);

/// Lines that wait to be printed: a write for each would slow the run down, and a bar would be drawn again for each.
/// What comes slowly is printed as it comes.
#[derive(Debug)]
pub(super) struct Lines(Mutex<Waiting>);

#[derive(Debug)]
struct Waiting {
    text: String,
    printed: Option<Instant>,
}

impl Lines {
    pub(super) fn new() -> Lines {
        Lines(Mutex::new(Waiting { text: String::new(), printed: None }))
    }

    /// Adds a line, and prints what waits if nothing was printed for a moment.
    pub(super) fn add(&self, line: &str, print: impl FnOnce(&str)) {
        let mut waiting = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if !waiting.text.is_empty() {
            waiting.text.push('\n');
        }
        waiting.text.push_str(line);
        if waiting.printed.is_none_or(|printed| printed.elapsed() >= OFTEN) {
            waiting.print(print);
        }
    }

    /// Prints what waits.
    pub(super) fn flush(&self, print: impl FnOnce(&str)) {
        let mut waiting = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if !waiting.text.is_empty() {
            waiting.print(print);
        }
    }
}

impl Waiting {
    fn print(&mut self, print: impl FnOnce(&str)) {
        print(&self.text);
        self.text.clear();
        self.printed = Some(Instant::now());
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::cell::RefCell;

    #[test]
    fn every_line_is_printed_once_and_in_order() {
        let (lines, printed) = (Lines::new(), RefCell::new(Vec::new()));
        let print = |text: &str| printed.borrow_mut().push(text.to_owned());
        for number in 0..1000 {
            lines.add(&number.to_string(), print);
        }
        lines.flush(print);
        lines.flush(print);
        let printed = printed.into_inner();
        // The first at once, and the others together, unless the machine slept.
        assert_eq!(printed[0], "0");
        assert!(printed.len() < 100, "{}", printed.len());
        let expected: Vec<_> = (0..1000).map(|number| number.to_string()).collect();
        assert_eq!(printed.join("\n"), expected.join("\n"));
    }
}
