//! The place where parts are computed: threads, or processes that are this program again.

use std::time::Duration;

use anyhow::{Context, Result, bail};
use ossicle_engine::{Isolation, Processes, WorkerCommand, serve};
use std::os::fd::AsFd;
use std::os::unix::net::UnixStream;

use crate::door::Door;
use crate::extract_args::IsolationArg;
use crate::messages;
use crate::program::Program;
use crate::signals;

/// Checks the words about isolation, and makes what the engine wants of them.
pub(crate) fn isolation(
    arg: IsolationArg,
    door: &dyn Door,
    timeout_s: Option<f64>,
) -> Result<Isolation> {
    match (arg, timeout_s) {
        (IsolationArg::Threads, Some(_)) => {
            bail!(messages::processes_are_needed(|name| door.option(name)))
        }
        (IsolationArg::Threads, None) => Ok(Isolation::Threads),
        (IsolationArg::Processes, _) => Ok(Isolation::Processes(Processes {
            command: worker(door.program())?,
            timeout_per_utterance: timeout_s.map(Duration::from_secs_f64),
        })),
    }
}

/// Returns the command that starts a worker.
fn worker(program: &Program) -> Result<WorkerCommand> {
    let (first, more) = program.again.split_first().context("cannot find the program itself")?;
    let arguments = more.iter().cloned().chain(["worker".into()]).collect();
    Ok(WorkerCommand { program: first.into(), arguments })
}

/// `ossicle worker`: computes parts for whoever holds the other end of standard input.
pub(crate) fn work() -> Result<()> {
    signals::ignore_interrupts();
    let stdin = std::io::stdin().as_fd().try_clone_to_owned()?;
    let socket = UnixStream::from(stdin);
    if socket.peer_addr().is_err() {
        bail!(messages::NOT_BY_HAND);
    }
    Ok(serve(socket)?)
}
