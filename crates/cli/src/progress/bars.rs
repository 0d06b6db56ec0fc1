//! The bar of a run on a terminal, and the lines of its workers below it.

use std::collections::BTreeMap;
use std::fmt::Write;
use std::sync::{Arc, Mutex, PoisonError};

use indicatif::{MultiProgress, ProgressBar, ProgressState, ProgressStyle};
use ossicle_files::visible;

use super::how_far::HowFar;

/// The bar of a run, and what its workers have in hand.
pub(super) struct Bars {
    all: MultiProgress,
    bar: ProgressBar,
    /// A line for each part that is in hand; none where nobody wants them.
    workers: Option<Mutex<BTreeMap<usize, ProgressBar>>>,
}

impl Bars {
    /// - `with_workers`: whether each worker has a line
    pub(super) fn new(with_workers: bool) -> Bars {
        let all = MultiProgress::new();
        let bar = all.add(ProgressBar::new(0).with_style(ProgressStyle::default_spinner()));
        Bars { all, bar, workers: with_workers.then(Mutex::default) }
    }

    /// Shows that so many headers will be looked at.
    pub(super) fn begin_looking(&self, utterances: u64) {
        self.bar.set_style(style("{bar:10} {pos}/{len}, looking at headers"));
        self.bar.set_length(utterances);
    }

    /// Shows a run from its beginning, or from where an earlier one ended.
    ///
    /// - `amount`: how much there is, and how much of it is there already
    pub(super) fn begin(&self, how_far: Arc<HowFar>, (all, resumed): (u64, u64)) {
        // Computed when it is drawn, some times a second, and not for each utterance.
        let words = move |_: &ProgressState, to: &mut dyn Write| {
            let moment = how_far.now();
            let _ = write!(to, "{}/{}, {}", moment.done, moment.utterances, moment.words());
        };
        self.bar.set_style(style("{bar:10} {how_far}").with_key("how_far", words));
        self.bar.set_length(all);
        self.bar.set_position(resumed);
    }

    pub(super) fn add(&self, amount: u64) {
        self.bar.inc(amount);
    }

    /// Shows what a worker has in hand.
    pub(super) fn show_worker(&self, part: usize, id: &str) {
        let Some(workers) = &self.workers else { return };
        let mut workers = workers.lock().unwrap_or_else(PoisonError::into_inner);
        let line = workers.entry(part).or_insert_with(|| {
            self.all.add(ProgressBar::new_spinner().with_style(style("  {msg}")))
        });
        line.set_message(format!("part {part}: {}", visible(id)));
    }

    pub(super) fn end_worker(&self, part: usize) {
        let Some(workers) = &self.workers else { return };
        let mut workers = workers.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(line) = workers.remove(&part) {
            line.finish_and_clear();
            self.all.remove(&line);
        }
    }

    /// Shows that nothing is left to count.
    pub(super) fn finishing(&self, words: &str) {
        self.bar.set_style(ProgressStyle::default_spinner());
        self.bar.set_message(words.to_owned());
    }

    /// Prints while nothing is drawn.
    pub(super) fn suspend(&self, print: impl FnOnce()) {
        self.all.suspend(print);
    }

    pub(super) fn clear(&self) {
        if let Some(workers) = &self.workers {
            let mut workers = workers.lock().unwrap_or_else(PoisonError::into_inner);
            std::mem::take(&mut *workers).into_values().for_each(|line| line.finish_and_clear());
        }
        self.bar.finish_and_clear();
    }
}

fn style(template: &str) -> ProgressStyle {
    ProgressStyle::with_template(template).unwrap_or_else(|_| ProgressStyle::default_bar())
}
