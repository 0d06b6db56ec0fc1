//! A worker process: takes parts over a socket and computes them, until the socket closes.

use std::fs;
use std::io::{self, BufRead, BufReader, ErrorKind, Read, Write};
use std::os::unix::net::UnixStream;

use crate::error::{Error, sentence};
use crate::job::{Job, JobMessage};
use crate::message::{Answer, LONGEST_LINE, Order, line, parse};
use crate::speed::cpu_time;
use crate::stop::Stop;
use crate::task::{Report, compute};
use crate::utterance::Workbench;

/// Works for whoever holds the other end of `socket`, which is how [`Isolation::Processes`] starts it
/// (as its standard input), until that end is closed: also by a coordinator that was killed.
///
/// [`Isolation::Processes`]: crate::Isolation::Processes
///
/// # Errors
/// If what comes over the socket is no job.
pub fn serve(socket: UnixStream) -> io::Result<()> {
    match work_for(socket) {
        // Nobody is there to hear of it.
        Err(error)
            if matches!(error.kind(), ErrorKind::BrokenPipe | ErrorKind::ConnectionReset) =>
        {
            Ok(())
        }
        done => done,
    }
}

fn work_for(socket: UnixStream) -> io::Result<()> {
    let mut input = BufReader::new(socket.try_clone()?);
    let mut output = Output { socket, waiting: Vec::new() };
    let Some(text) = next_line(&mut input)? else { return Ok(()) };
    let message: JobMessage = parse(&text)?;
    let job = Job::of_message(message).map_err(|error| io::Error::other(sentence(&error)))?;
    output.say(&Answer::Ready)?;

    let mut bench = Workbench::default();
    while let Some(text) = next_line(&mut input)? {
        let task = parse::<Order>(&text)?.into_task();
        let mut report = |report: Report| {
            let answer = Answer::Report(report);
            // Only what the coordinator waits for is worth a system call of its own: with the next
            // utterance it learns that the last is done.
            let said = match answer {
                Answer::Report(Report::Begun { .. } | Report::Notice(_)) => output.say(&answer),
                _ => output.keep(&answer),
            };
            said.map_err(Error::io("report to", "the coordinator".as_ref()))
        };
        let answer = match compute(&job, task.task(), &mut bench, &Stop::default(), &mut report) {
            Ok(draft) if task.task().probe.is_some() => {
                fs::remove_file(&draft)?;
                Answer::Done(draft.into())
            }
            Ok(draft) => Answer::Done(draft.into()),
            Err(error) => Answer::Ended { advice: error.advice(), error: sentence(&error) },
        };
        output.say(&answer)?;
    }
    output.say(&Answer::Bye { cpu: cpu_time() })
}

/// The next line; none at the end.
fn next_line(input: &mut impl BufRead) -> io::Result<Option<Vec<u8>>> {
    let mut text = Vec::new();
    input.take(LONGEST_LINE as u64).read_until(b'\n', &mut text)?;
    Ok(text.ends_with(b"\n").then_some(text))
}

/// Answers on their way.
struct Output {
    socket: UnixStream,
    waiting: Vec<u8>,
}

impl Output {
    /// Keeps an answer until the next is said.
    fn keep(&mut self, answer: &Answer) -> io::Result<()> {
        self.waiting.extend(line(answer)?);
        Ok(())
    }

    fn say(&mut self, answer: &Answer) -> io::Result<()> {
        self.keep(answer)?;
        let waiting = std::mem::take(&mut self.waiting);
        self.socket.write_all(&waiting)
    }
}
