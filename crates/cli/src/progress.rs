//! Shows a run going by: a bar on a terminal, lines for whoever asks for them, a log file.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, PoisonError};
use std::time::Instant;

use anyhow::Result;
use indicatif::{ProgressBar, ProgressStyle};
use ossicle_corpus::printable;
use ossicle_engine::{Event, Notice, Observer, counted, size};

use crate::door::Door;
use crate::log::Log;
use crate::messages;
use crate::words;

/// The amount that is shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Verbosity {
    /// Failures only.
    Quiet,
    /// Notices and times; a bar, if standard error is a terminal.
    Normal,
    /// A line for each utterance, too.
    Verbose,
}

/// So many failures for one reason are shown; of more of them, people would read no more.
pub(crate) const SHOWN: u64 = 10;

/// Tells what happens to a door and to the log file.
pub(crate) struct Progress<'a> {
    door: &'a dyn Door,
    verbosity: Verbosity,
    begin: Instant,
    bar: Option<ProgressBar>,
    log: Option<Log>,
    notices: Mutex<Vec<serde_json::Value>>,
    audio_ms: AtomicU64,
    /// How many failures there were, by reason.
    failures: Mutex<BTreeMap<String, u64>>,
}

impl<'a> Progress<'a> {
    /// - `log_file`: appended to, from [`Log::begin`] on
    pub(crate) fn new(
        door: &'a dyn Door,
        verbosity: Verbosity,
        log_file: Option<&Path>,
    ) -> Result<Progress<'a>> {
        let wanted = verbosity > Verbosity::Quiet && door.has_bar();
        Ok(Progress {
            door,
            verbosity,
            begin: Instant::now(),
            bar: wanted.then(new_bar),
            log: log_file.map(|path| Log::open(path, door)).transpose()?,
            notices: Mutex::default(),
            audio_ms: AtomicU64::new(0),
            failures: Mutex::default(),
        })
    }

    /// The log, if there is one.
    pub(crate) fn log(&self) -> Option<&Log> {
        self.log.as_ref()
    }

    /// Lets the log begin, once it is known that it is nothing that is read.
    pub(crate) fn begin_log(&self) {
        if let Some(log) = &self.log {
            log.begin();
        }
    }

    /// A line for people; what they do not want to see goes to the log alone.
    pub(crate) fn line(&self, from: Verbosity, line: &str) {
        self.log_only(&line);
        if self.verbosity < from {
            return;
        }
        let print = || self.door.say(line);
        match &self.bar {
            Some(bar) => bar.suspend(print),
            None => print(),
        }
    }

    /// Tells a notice, and keeps it for [`Progress::notices`].
    pub(crate) fn notice(&self, notice: &Notice) {
        self.door.hear(Event::Notice(notice));
        let text = self.door.notice(notice);
        self.line(Verbosity::Normal, &format!("ossicle: {text}"));
        if let Ok(mut notices) = self.notices.lock() {
            notices.push(messages::notice_json(notice, &text));
        }
    }

    /// The notices that were told, in order, as `--json` has them.
    pub(crate) fn notices(&self) -> Vec<serde_json::Value> {
        self.notices.lock().map(|notices| notices.clone()).unwrap_or_default()
    }

    /// A line for the log alone.
    pub(crate) fn log_only(&self, line: &dyn std::fmt::Display) {
        if let Some(log) = &self.log {
            log.line(&line.to_string());
        }
    }

    /// Ends with an error, which the log has too, and the command's last line will say.
    pub(crate) fn ended_by(&self, error: ossicle_engine::Error) -> anyhow::Error {
        self.clear();
        self.failures_not_shown();
        let error = anyhow::Error::from(error);
        self.log_only(&self.door.error(&error));
        error
    }

    /// `time = S.SS`, as the log of the 2019 program ended.
    pub(crate) fn time(&self, seconds: f64) {
        self.clear();
        self.line(Verbosity::Normal, &format!("time = {seconds:.2}"));
    }

    /// Shows that so many headers will be looked at.
    pub(crate) fn begin_looking(&self, utterances: u64) {
        if let Some(bar) = &self.bar {
            bar.set_length(utterances);
            bar.set_message("looking at headers");
        }
    }

    /// Shows that more headers were looked at.
    pub(crate) fn looked_at(&self, utterances: usize) {
        if let Some(bar) = &self.bar {
            bar.inc(utterances as u64);
        }
    }

    /// Removes the bar.
    pub(crate) fn clear(&self) {
        if let Some(bar) = &self.bar {
            bar.finish_and_clear();
        }
    }

    /// Counts a failure for a reason, and returns how many there are.
    fn count_failure(&self, cause: &str) -> u64 {
        let mut failures = self.failures.lock().unwrap_or_else(PoisonError::into_inner);
        let count = failures.entry(cause.to_owned()).or_default();
        *count += 1;
        *count
    }

    /// Says how many failures were counted and not shown, once.
    pub(crate) fn failures_not_shown(&self) {
        let mut failures = self.failures.lock().unwrap_or_else(PoisonError::into_inner);
        let failures = std::mem::take(&mut *failures);
        for (cause, count) in failures.iter().filter(|(_, count)| **count > SHOWN) {
            let line = messages::failures_not_shown(cause, count - SHOWN);
            self.line(Verbosity::Quiet, &format!("ossicle: {line}"));
        }
    }

    fn show_audio(&self, bar: &ProgressBar, milliseconds: u64) {
        let audio_s = milliseconds as f64 / 1000.0;
        let times = audio_s / self.begin.elapsed().as_secs_f64().max(1e-3);
        let (audio, times) = (words::duration(audio_s), words::times(times));
        bar.set_message(format!("{audio}, {times} × real time"));
    }
}

fn new_bar() -> ProgressBar {
    let style = ProgressStyle::with_template("{bar:20} {pos}/{len} utterances, {msg}, {eta} left");
    ProgressBar::new(0).with_style(style.unwrap_or_else(|_| ProgressStyle::default_bar()))
}

impl Observer for Progress<'_> {
    fn on(&self, event: Event<'_>) {
        if !matches!(event, Event::Notice(_)) {
            self.door.hear(event);
        }
        match event {
            Event::Notice(notice) => self.notice(notice),
            Event::Start { utterances, resumed, workers } => {
                if let Some(bar) = &self.bar {
                    bar.set_length(utterances);
                    bar.set_message("");
                    bar.set_position(resumed);
                }
                let utterances = counted(utterances, "utterance");
                let mut line = format!("{utterances}, {}", words::workers(workers));
                if resumed > 0 {
                    let were = if resumed == 1 { "was" } else { "were" };
                    line.push_str(&format!("; {resumed} {were} done by an earlier run"));
                    self.line(Verbosity::Normal, &line);
                } else {
                    self.line(Verbosity::Verbose, &line);
                }
            }
            Event::Utterance { number, id, num_frames, audio, took, .. } => {
                if self.verbosity == Verbosity::Verbose || self.log.is_some() {
                    let took_ms = took.as_secs_f64() * 1000.0;
                    let frames = counted(num_frames, "frame");
                    let line = format!("{number}  {id}  {frames}  {took_ms:.1} ms");
                    self.line(Verbosity::Verbose, &line);
                }
                let audio_ms = audio.as_millis() as u64;
                let sum = self.audio_ms.fetch_add(audio_ms, Ordering::Relaxed) + audio_ms;
                if let Some(bar) = &self.bar {
                    bar.inc(1);
                    self.show_audio(bar, sum);
                }
            }
            Event::Failure { row, path } => {
                let error = messages::failure(row, &|it| self.door.advice(it));
                let line = format!("ossicle: {}: {}: {error}", row.id, printable(path));
                match self.count_failure(&row.cause) {
                    ..=SHOWN => self.line(Verbosity::Quiet, &line),
                    number => {
                        if number == SHOWN + 1 {
                            let more = messages::more_failures(&row.cause);
                            self.line(Verbosity::Quiet, &format!("ossicle: {more}"));
                        }
                        self.log_only(&line);
                    }
                }
                if let Some(bar) = &self.bar {
                    bar.inc(1);
                }
            }
            Event::SplitDone { name, utterances, took } => {
                let took = took.as_secs_f64();
                let utterances = counted(utterances, "utterance");
                let line = format!("{name}: {utterances}, time = {took:.2}");
                self.line(Verbosity::Normal, &line);
            }
            Event::Finishing { bytes } => {
                let line = format!("writing {}", size(bytes));
                if let Some(bar) = &self.bar {
                    // Nothing is left to count.
                    bar.set_style(ProgressStyle::default_spinner());
                    bar.set_message(line.clone());
                }
                self.line(Verbosity::Verbose, &line);
            }
            _ => {}
        }
    }
}
