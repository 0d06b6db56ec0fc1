//! Shows a run going by: a bar on a terminal, lines for whoever asks for them, events for programs, a log file.

mod bars;
mod how_far;
mod lines;

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use ossicle_corpus::printable;
use ossicle_engine::{Event, Notice, Observer, counted, size};
use serde_json::{Value, json};

use crate::door::Door;
use crate::events::event_json;
use crate::log::Log;
use crate::log_format::LogFormat;
use crate::messages;
use crate::terminal::json_line;
use crate::words;
use bars::Bars;
use how_far::HowFar;
use lines::Lines;

/// The amount that is shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Verbosity {
    /// Failures only.
    Quiet,
    /// Notices and times; a bar, if standard error is a terminal, and otherwise a line now and then.
    Normal,
    /// A line for each utterance, too.
    Verbose,
    /// What each worker has in hand, too.
    Workers,
}

/// So many failures for one reason are shown; of more of them, people would read no more.
pub(crate) const SHOWN: u64 = 10;

/// How often a line says how far a run is, where no bar does.
const NOW_AND_THEN: Duration = Duration::from_secs(10);

/// Tells what happens to a door and to the log file.
pub(crate) struct Progress<'a> {
    door: &'a dyn Door,
    verbosity: Verbosity,
    format: LogFormat,
    bars: Option<Bars>,
    /// Lines of utterances.
    lines: Lines,
    log: Option<Log>,
    notices: Mutex<Vec<Value>>,
    how_far: Arc<HowFar>,
    /// When it was said last how far the run is, where no bar shows it.
    said: Mutex<Instant>,
    /// How many failures there were, by reason.
    failures: Mutex<BTreeMap<String, u64>>,
}

impl<'a> Progress<'a> {
    /// Shows what people want to see of most verbs.
    pub(crate) fn new(door: &'a dyn Door, verbosity: Verbosity) -> Progress<'a> {
        Progress::with_log(door, verbosity, LogFormat::Text, None)
    }

    /// - `log`: appended to, from [`Log::begin`] on
    pub(crate) fn with_log(
        door: &'a dyn Door,
        verbosity: Verbosity,
        format: LogFormat,
        log: Option<Log>,
    ) -> Progress<'a> {
        let is_for_people = verbosity > Verbosity::Quiet && format == LogFormat::Text;
        let bars = is_for_people && door.has_bar();
        Progress {
            door,
            verbosity,
            format,
            bars: bars.then(|| Bars::new(verbosity >= Verbosity::Workers)),
            lines: Lines::new(),
            log,
            notices: Mutex::default(),
            how_far: Arc::default(),
            said: Mutex::new(Instant::now()),
            failures: Mutex::default(),
        }
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
        if self.format == LogFormat::Json {
            return;
        }
        self.log_only(&line);
        if self.verbosity >= from {
            self.flush();
            self.print(line);
        }
    }

    /// A line of which many come.
    fn line_of_many(&self, line: &str) {
        self.log_only(&line);
        if self.verbosity >= Verbosity::Verbose {
            self.lines.add(line, |lines| self.print(lines));
        }
    }

    fn flush(&self) {
        self.lines.flush(|lines| self.print(lines));
    }

    fn print(&self, text: &str) {
        let print = || self.door.say(text);
        match &self.bars {
            Some(bars) => bars.suspend(print),
            None => print(),
        }
    }

    /// A line for programs.
    fn event(&self, from: Verbosity, event: &Value) {
        if self.format == LogFormat::Text {
            return;
        }
        let line = json_line(event);
        if let Some(log) = &self.log {
            log.event(&line);
        }
        if self.verbosity >= from {
            self.door.say(&line);
        }
    }

    /// Tells a notice, and keeps it for [`Progress::notices`].
    pub(crate) fn notice(&self, notice: &Notice) {
        self.door.hear(Event::Notice(notice));
        let text = self.door.notice(notice);
        self.line(Verbosity::Normal, &format!("ossicle: {text}"));
        if let Some(event) = event_json(Event::Notice(notice), &|_| text.clone()) {
            self.event(Verbosity::Normal, &event);
        }
        if let Ok(mut notices) = self.notices.lock() {
            notices.push(messages::notice_json(notice, &text));
        }
    }

    /// The notices that were told, in order, as `--json` has them.
    pub(crate) fn notices(&self) -> Vec<Value> {
        self.notices.lock().map(|notices| notices.clone()).unwrap_or_default()
    }

    /// A line for the log alone.
    pub(crate) fn log_only(&self, line: &dyn std::fmt::Display) {
        let Some(log) = &self.log else { return };
        match self.format {
            LogFormat::Text => log.line(&line.to_string()),
            LogFormat::Json => {
                log.event(&json_line(&json!({"event": "line", "text": line.to_string()})))
            }
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
        self.event(Verbosity::Normal, &json!({"event": "done", "seconds": seconds}));
    }

    /// Shows that so many headers will be looked at.
    pub(crate) fn begin_looking(&self, utterances: u64) {
        if let Some(bars) = &self.bars {
            bars.begin_looking(utterances);
        }
    }

    /// Shows that more headers were looked at.
    pub(crate) fn looked_at(&self, utterances: usize) {
        if let Some(bars) = &self.bars {
            bars.add(utterances as u64);
        }
    }

    /// Removes the bar, and prints what waits.
    pub(crate) fn clear(&self) {
        self.flush();
        if let Some(bars) = &self.bars {
            bars.clear();
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

    /// Says now and then how far the run is, where no bar shows it and no lines fly by.
    fn say_how_far(&self) {
        if self.bars.is_some() || self.verbosity != Verbosity::Normal {
            return;
        }
        // Whoever is saying it just now says it for all.
        let Ok(mut said) = self.said.try_lock() else { return };
        if said.elapsed() < NOW_AND_THEN {
            return;
        }
        *said = Instant::now();
        let now = self.how_far.now();
        let all = counted(now.utterances, "utterance");
        self.line(Verbosity::Normal, &format!("{} of {all}, {}", now.done, now.words()));
        self.event(
            Verbosity::Normal,
            &json!({
                "event": "progress",
                "utterances": now.utterances,
                "done": now.done,
                "failures": now.failed,
                "audio_s": now.audio_s,
                "seconds": now.elapsed_s,
                "seconds_left": now.left_s,
            }),
        );
    }

    /// Shows an event to people.
    fn show(&self, event: Event<'_>) {
        match event {
            Event::Start { utterances, resumed, workers, .. } => {
                let utterances = counted(utterances, "utterance");
                let mut line = format!("{utterances}, {}", words::workers(workers));
                let mut from = Verbosity::Verbose;
                if resumed > 0 {
                    let were = if resumed == 1 { "was" } else { "were" };
                    line.push_str(&format!("; {resumed} {were} done by an earlier run"));
                    from = Verbosity::Normal;
                }
                self.line(from, &line);
            }
            Event::Begun { part, id, .. } if self.verbosity >= Verbosity::Workers => {
                match &self.bars {
                    Some(bars) => bars.show_worker(part, id),
                    None => self.line_of_many(&format!("part {part} begins {id}")),
                }
            }
            Event::PartEnded { part } => {
                if let Some(bars) = &self.bars {
                    bars.end_worker(part);
                }
            }
            Event::Utterance { number, id, num_frames, spent, .. }
                if self.verbosity >= Verbosity::Verbose || self.log.is_some() =>
            {
                let took_ms = spent.took.as_secs_f64() * 1000.0;
                let frames = counted(num_frames, "frame");
                self.line_of_many(&format!("{number}  {id}  {frames}  {took_ms:.1} ms"));
            }
            Event::Failure { row, path, .. } => {
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
            }
            Event::SplitDone { name, utterances, took } => {
                let took = took.as_secs_f64();
                let utterances = counted(utterances, "utterance");
                let line = format!("{name}: {utterances}, time = {took:.2}");
                self.line(Verbosity::Normal, &line);
            }
            Event::Finishing { bytes } => {
                let line = format!("writing {}", size(bytes));
                if let Some(bars) = &self.bars {
                    bars.finishing(&line);
                }
                self.line(Verbosity::Verbose, &line);
            }
            _ => {}
        }
    }

    /// Counts an event.
    fn count(&self, event: Event<'_>) {
        let bytes = match event {
            Event::Start { utterances, resumed, source_bytes, resumed_bytes, .. } => {
                self.how_far.begin((utterances, resumed), (source_bytes, resumed_bytes));
                if let Some(bars) = &self.bars {
                    bars.begin(Arc::clone(&self.how_far), (source_bytes, resumed_bytes));
                }
                return;
            }
            Event::Utterance { audio, source_bytes, .. } => {
                self.how_far.stored(audio, source_bytes);
                source_bytes
            }
            Event::Failure { source_bytes, .. } => {
                self.how_far.failed(source_bytes);
                source_bytes
            }
            _ => return,
        };
        match &self.bars {
            Some(bars) => bars.add(bytes),
            None => self.say_how_far(),
        }
    }
}

/// From how much on an event is told to programs.
fn shown_from(event: Event<'_>) -> Verbosity {
    match event {
        Event::Failure { .. } => Verbosity::Quiet,
        Event::Utterance { .. } => Verbosity::Verbose,
        Event::Begun { .. } | Event::PartEnded { .. } => Verbosity::Workers,
        _ => Verbosity::Normal,
    }
}

impl Observer for Progress<'_> {
    fn on(&self, event: Event<'_>) {
        if let Event::Notice(notice) = event {
            return self.notice(notice);
        }
        self.door.hear(event);
        match self.format {
            LogFormat::Text => self.show(event),
            LogFormat::Json => {
                let from = shown_from(event);
                let is_told = self.verbosity >= from || self.log.is_some();
                if is_told && let Some(told) = event_json(event, &|it| self.door.notice(it)) {
                    self.event(from, &told);
                }
            }
        }
        self.count(event);
    }
}
