//! A worker process: takes parts over a socket and computes them, until the socket closes.

use std::io::{self, BufRead, BufReader, ErrorKind, Read, Write};
use std::os::unix::net::UnixStream;
use std::path::Path;
use std::sync::atomic::Ordering;
use std::sync::{Mutex, mpsc};
use std::thread;

use ossicle_dataset::{Draft, Place, Store};
use signal_hook::consts::SIGHUP;

use crate::ahead::Ahead;
use crate::bounds::connections;
use crate::bounds::stop::Stop;
use crate::bounds::waiting::Waiting;
use crate::error::{Error, sentence};
use crate::notice::Notice;
use crate::plan::order::PartOrder;
use crate::progress::{Listener, Progress};
use crate::rows::worker::Worker;
use crate::run::message::{Answer, Hello, LONGEST_LINE, line, parse};
use crate::run::pool::lock;

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

/// Takes the job and then parts from the socket, until it is closed.
fn work_for(socket: UnixStream) -> io::Result<()> {
    let mut input = BufReader::new(socket.try_clone()?);
    let output = Mutex::new(Answers { socket, waiting: Vec::new() });
    let Some(text) = next_line(&mut input)? else { return Ok(()) };
    let Hello { version, job, readers, store, remote } = parse(&text)?;
    let ours = env!("CARGO_PKG_VERSION");
    if version != ours {
        let error = Error::OtherVersion { theirs: version, ours };
        return Err(io::Error::other(sentence(&error)));
    }
    connections::reach(remote).map_err(io::Error::other)?;
    let worker = Worker::new(&job).map_err(|error| io::Error::other(sentence(&error)))?;
    let stop = Stop::default();
    let orders = listen(input, stop.clone())?;
    // Which part comes after this one, the coordinator does not know yet either.
    let coming = Mutex::new(None);
    let take = |_| lock(&coming).take();
    Ahead::over(readers, &job, &take, &stop, |ahead| {
        let mut worker = worker.after(ahead);
        let compute = |order: &PartOrder, store: &dyn Store, hear: Listener<'_>| {
            *lock(&coming) = Some(order.clone());
            ahead.wake();
            worker.run_part(order, store, &stop, hear)
        };
        answer(orders, compute, &store, &stop, &output)
    })
}

/// Computes parts as they are ordered, and says what came of each.
fn answer(
    orders: mpsc::Receiver<io::Result<Vec<u8>>>,
    mut compute: impl FnMut(&PartOrder, &dyn Store, Listener<'_>) -> Result<Draft, Error>,
    store: &Path,
    stop: &Stop,
    output: &Mutex<Answers>,
) -> io::Result<()> {
    let say = || {
        // Whoever cannot be told any more is not waited for: the next report fails.
        let _ = lock(output).say(&Answer::Progress(Progress::Notice(Notice::WaitingForFiles)));
    };
    let waiting = Waiting::new(stop, &say);
    let opening = |open: &mut dyn FnMut() -> _| waiting.open(open);
    let place = Place::at(store).map_err(io::Error::other)?.with_opening(&opening);
    let store = place.store();
    lock(output).say(&Answer::Ready)?;

    for text in orders {
        let order: PartOrder = parse(&text?)?;
        let mut hear = |progress: Progress| {
            // Only what the coordinator waits for is worth a system call of its own: with the next
            // utterance it learns that the last is done.
            let is_awaited = matches!(progress, Progress::Begun { .. } | Progress::Notice(_));
            let answer = Answer::Progress(progress);
            let mut output = lock(output);
            let said = if is_awaited { output.say(&answer) } else { output.keep(&answer) };
            said.map_err(Error::io("report to", "the coordinator".as_ref()))
        };
        let done = waiting.outcome(compute(&order, store, &mut hear));
        let answer = match done {
            Ok(draft) => {
                if order.only.is_some() {
                    // Nothing is kept of a search.
                    store.remove(&draft.name).map_err(io::Error::other)?;
                }
                Answer::Done(draft)
            }
            Err(error) => Answer::Ended { advice: error.advice(), error: sentence(&error) },
        };
        lock(output).say(&answer)?;
    }
    Ok(())
}

/// Hears orders while a part is computed: once there is nobody to compute it for, `stop` is raised, as what is
/// waited for may take long.
fn listen(
    mut input: BufReader<UnixStream>,
    stop: Stop,
) -> io::Result<mpsc::Receiver<io::Result<Vec<u8>>>> {
    let (orders, heard) = mpsc::channel();
    let listen = move || {
        while let Some(text) = next_line(&mut input).transpose() {
            let is_last = text.is_err();
            if orders.send(text).is_err() || is_last {
                break;
            }
        }
        stop.flag().store(SIGHUP as usize, Ordering::Relaxed);
    };
    thread::Builder::new().name("orders".to_owned()).spawn(listen)?;
    Ok(heard)
}

/// Reads the next line; none at the end.
fn next_line(input: &mut impl BufRead) -> io::Result<Option<Vec<u8>>> {
    let mut text = Vec::new();
    input.take(LONGEST_LINE as u64).read_until(b'\n', &mut text)?;
    Ok(text.ends_with(b"\n").then_some(text))
}

/// Answers on their way.
struct Answers {
    socket: UnixStream,
    waiting: Vec<u8>,
}

impl Answers {
    /// Keeps an answer until the next is said.
    fn keep(&mut self, answer: &Answer) -> io::Result<()> {
        self.waiting.extend(line(answer)?);
        Ok(())
    }

    /// Sends an answer, and before it those that were kept.
    fn say(&mut self, answer: &Answer) -> io::Result<()> {
        self.keep(answer)?;
        let waiting = std::mem::take(&mut self.waiting);
        self.socket.write_all(&waiting)
    }
}
