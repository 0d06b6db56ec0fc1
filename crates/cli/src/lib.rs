//! The command line of ossicle, as a function that any program can call.
//!
//! [`run`] takes the words of the command line, does what they say and returns the exit code: 0 all
//! done; 1 done, but utterances failed, a dataset is damaged or a run would not fit, by verb; 2 could
//! not run; 128 and the signal's number after a signal (130 for Ctrl-C). Results go to standard output, everything else to standard error. This is the only crate
//! that prints.
//!
//! [`call()`] is for programs that have no command line: it runs a verb as a function, through their own [`Door`].
//!
//! Each verb has a file of its own; `args` says what can be typed, `progress` shows a run going by.

use std::ffi::OsString;
use std::io::{self, Write};
use std::process::ExitCode;

use clap::Parser;
use ossicle_engine::Cluster;
use ossicle_files::visible;
use serde_json::json;

mod args;
mod argument;
mod call;
mod command_line;
mod compare;
mod compare_args;
mod corpus;
mod corpus_args;
mod corpus_info;
mod demo;
mod done;
mod door;
mod dry_run;
mod events;
mod extract;
mod extract_args;
mod info;
mod isolation;
mod limits;
mod lines;
mod log;
mod log_format;
mod manual;
mod messages;
mod picture;
mod picture_args;
mod presets;
mod program;
mod progress;
mod recipe_args;
mod report;
mod results;
mod run_notes;
mod share;
mod share_arg;
mod show;
mod signals;
mod simd;
mod sound;
mod soundness;
mod speed;
mod spikes;
mod stores;
mod table;
mod terminal;
mod update;
mod verb_notes;
mod verify;
mod words;

pub use call::{Called, Misuse, call, discover, options_of, plan};
pub use door::Door;
pub use events::event_json;
pub use picture_args::picture_words;
pub use program::Program;
pub use show::{
    Column, Look, Rows, Source, Spikes, Subject, Tier, subject_figure, subject_of_samples,
};
pub use terminal::say;

use args::{Command, CommandLine};
use command_line::CommandLineDoor;
use done::Done;
use terminal::{Safe, Syntax};

/// Runs a command line.
///
/// - `words`: the program's name and its arguments, as `std::env::args_os` gives them
pub fn run(words: impl IntoIterator<Item = OsString>) -> ExitCode {
    let program = std::env::current_exe().map_or_else(|_| "ossicle".into(), Into::into);
    let again = vec![program];
    ExitCode::from(run_in(&Program { words: words.into_iter().collect(), again }, None))
}

/// Runs a command line in any program, and returns the exit code.
///
/// - `cluster`: computes the parts of what is extracted; absent, this machine does
pub fn run_in(program: &Program, cluster: Option<&dyn Cluster>) -> u8 {
    let words = &program.words;
    let command_line = match CommandLine::try_parse_from(words) {
        Ok(command_line) => command_line,
        Err(error) => return not_parsed(words, error),
    };
    signals::survive_file_size_limit();
    let syntax = match &command_line.command {
        command if command.prints_json() => Syntax::Json,
        Command::Show(_) => Syntax::Colored,
        _ => Syntax::Plain,
    };
    let is_json_told = command_line.command.tells_json();
    let mut out = Safe::new(UntilClosed(io::stdout().lock()), syntax);
    let door = CommandLineDoor { program, cluster };
    let done = stores::install(&command_line.stores);
    let done = done.and_then(|()| match command_line.command {
        Command::Extract(args) => extract::run(&args, &door, &mut out),
        Command::Speed(args) => speed::run(&args, &door, &mut out),
        Command::Limits(args) => limits::run(&args, &mut out),
        Command::Demo(args) => demo::run(&args, &door, &mut out),
        Command::Verify(args) => verify::run(&args, &door, &mut out),
        Command::Info(args) => info::run(&args, &door, &mut out),
        Command::Compare(args) => compare::run(&args, &door, &mut out),
        Command::Spikes(args) => spikes::run(&args, &mut out),
        Command::Show(args) => show::run(&args, &door, &mut out),
        Command::Report(args) => report::run(&args, &door, &mut out),
        Command::Presets(args) => presets::run(&args, &mut out),
        Command::Plan(args) => share::plan(&args, &door, &mut out),
        Command::Completions(args) => manual::completions(&args, &mut out),
        Command::Man(args) => manual::page(&args, &mut out),
        Command::Worker => isolation::work().map(|()| Done::Well),
    });
    match done.and_then(|done| out.flush().map(|()| done).map_err(Into::into)) {
        Ok(Done::Well) => 0,
        Ok(Done::WithFailures) => 1,
        Ok(Done::WouldStop) => 2,
        Err(error) => {
            let text = messages::error(&error);
            match is_json_told {
                true => say(&terminal::json_line(&json!({"event": "error", "text": text}))),
                false => say(&format!("ossicle: {text}")),
            }
            match error.downcast_ref() {
                // As a shell shows a program that a signal ended.
                Some(&ossicle_engine::Error::Stopped { signal, .. }) => 128 + signal as u8,
                _ => 2,
            }
        }
    }
}

/// Prints help, the version, or what is wrong with the words of a command line, and returns the exit code.
fn not_parsed(words: &[OsString], error: clap::Error) -> u8 {
    // A word may be a file's name, and is quoted.
    let visible = words.iter().map(|word| visible(&word.to_string_lossy()));
    let error = CommandLine::try_parse_from(visible).err().unwrap_or(error);
    // Help and version are results, and go to standard output; mistakes do not.
    if !error.use_stderr() {
        let _ = error.print();
        return 0;
    }
    match log_format::is_json_asked(words) {
        true => {
            let text = error.render().to_string();
            let text = text.trim_end();
            let text = text.strip_prefix("error: ").unwrap_or(text);
            say(&terminal::json_line(&json!({"event": "error", "text": text})));
        }
        false => drop(error.print()),
    }
    2
}

/// Writes until nobody reads any more (`ossicle … | head`), which is no error: the work goes on, and its
/// exit code counts.
struct UntilClosed<W>(W);

impl<W: Write> Write for UntilClosed<W> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        match self.0.write(bytes) {
            Err(error) if error.kind() == io::ErrorKind::BrokenPipe => Ok(bytes.len()),
            written => written.map_err(of_stdout),
        }
    }

    fn flush(&mut self) -> io::Result<()> {
        match self.0.flush() {
            Err(error) if error.kind() == io::ErrorKind::BrokenPipe => Ok(()),
            flushed => flushed.map_err(of_stdout),
        }
    }
}

fn of_stdout(error: io::Error) -> io::Error {
    io::Error::new(error.kind(), format!("cannot write to standard output: {error}"))
}
