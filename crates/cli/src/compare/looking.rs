//! Shows that causes are being looked for, which may take a while.

use std::time::{Duration, Instant};

use indicatif::{ProgressBar, ProgressStyle};

use crate::door::Door;
use crate::messages;

/// As often as a terminal is worth writing to, and as often as a line is worth reading.
const OFTEN: Duration = Duration::from_millis(100);
const NOW_AND_THEN: Duration = Duration::from_secs(10);

/// Shows how far a search is: on a terminal as it goes, and otherwise a line now and then.
pub(crate) struct Looking<'a> {
    door: &'a dyn Door,
    bar: Option<ProgressBar>,
    said: Instant,
}

impl<'a> Looking<'a> {
    pub(crate) fn new(door: &'a dyn Door) -> Looking<'a> {
        let style = ProgressStyle::with_template("{spinner} {msg}");
        let style = style.unwrap_or_else(|_| ProgressStyle::default_spinner());
        let bar = door.has_bar().then(|| ProgressBar::new_spinner().with_style(style));
        Looking { door, bar, said: Instant::now() }
    }

    /// Shows how many sets of changes were tried so far.
    pub(crate) fn tried(&mut self, sets: usize) {
        let due = if self.bar.is_some() { OFTEN } else { NOW_AND_THEN };
        if self.said.elapsed() < due {
            return;
        }
        self.said = Instant::now();
        let line = messages::looking_for_causes(sets);
        match &self.bar {
            Some(bar) => {
                bar.set_message(line);
                bar.tick();
            }
            None => self.door.say(&format!("ossicle: {line}")),
        }
    }
}

impl Drop for Looking<'_> {
    fn drop(&mut self) {
        if let Some(bar) = &self.bar {
            bar.finish_and_clear();
        }
    }
}
