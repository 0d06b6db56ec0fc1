//! The moment at which a fault strikes a running program.

use std::hint;
use std::path::{Path, PathBuf};
use std::thread;
use std::time::{Duration, Instant};

use anyhow::Result;

use super::chance::Chance;
use super::running::Running;
use super::tree::{CARD_FILE, WORK_DIR};

/// A moment in the life of a run.
#[derive(Debug)]
pub(crate) struct Moment {
    /// Wait for this file first.
    file: Option<PathBuf>,
    /// Then wait so long.
    then: Duration,
}

/// Shorter waits are spent looking: the scheduler would make them longer.
const SHORT: Duration = Duration::from_millis(1);

impl Moment {
    /// Any, with more weight on the last ones: a run finishes and publishes in a small part of its
    /// time, and that is where it can leave most behind.
    ///
    /// - `whole`: how long an undisturbed run takes
    pub(crate) fn any(chance: &mut Chance, out: &Path, whole: Duration) -> Self {
        let work = out.join(WORK_DIR);
        let stage = work.join("stage");
        let file = match chance.below(8) {
            0..3 => None,
            3 => Some(stage),
            4 | 5 => Some(stage.join(CARD_FILE)),
            // Only a dataset that is replaced is set aside.
            6 if out.join(CARD_FILE).exists() => Some(work.join("old.json")),
            6 => Some(stage.join(CARD_FILE)),
            _ => Some(out.join(CARD_FILE)),
        };
        let most = match file {
            None => whole.mul_f64(1.2),
            Some(_) => Duration::from_micros(*chance.pick(&[50, 300, 2000, 10_000, 50_000])),
        };
        Self { file, then: chance.time_up_to(most) }
    }

    /// Any while parts are computed.
    ///
    /// - `computing`: how long an undisturbed run takes until they are all there
    pub(crate) fn while_computing(chance: &mut Chance, out: &Path, computing: Duration) -> Self {
        let file = Some(out.join(WORK_DIR).join("job.json"));
        Self { file, then: chance.time_up_to(computing) }
    }

    /// Waits for it; false, if the program has ended before.
    pub(crate) fn wait(&self, running: &mut Running) -> Result<bool> {
        if let Some(file) = &self.file {
            let mut looks = 0_u64;
            while !file.exists() {
                looks += 1;
                if looks.is_multiple_of(16) && running.has_ended()? {
                    return Ok(false);
                }
                // Looking without a pause would take a core from the program.
                thread::sleep(Duration::from_micros(20));
            }
        }
        if self.then > SHORT {
            thread::sleep(self.then);
        } else {
            let begin = Instant::now();
            while begin.elapsed() < self.then {
                hint::spin_loop();
            }
        }
        Ok(!running.has_ended()?)
    }
}
