//! What a client has in a process: threads that wait for the network, connections, stores.
//!
//! A fork has none of its parent's threads, and a runtime whose threads are gone waits for ever. So what
//! runs belongs to a process, by its number, and a fork that comes here makes its own. Nothing here waits
//! for a lock that a thread of the parent may have held when it forked, for longer than it takes to copy a
//! pointer.

use std::collections::HashMap;
use std::io;
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, Mutex, OnceLock, PoisonError};

use tokio::runtime::{Builder, Runtime};
use tokio::sync::Semaphore;

use crate::backend::{Backend, Connector};
use crate::error::Error;

/// Threads that wait for the network; callers' own threads do the rest.
const THREADS: usize = 1;
/// Threads that look up addresses.
const MOST_LOOKING_UP: usize = 4;

/// What runs in one process.
#[derive(Debug)]
pub(crate) struct Running {
    process: u32,
    /// There until it is dropped.
    runtime: Option<Runtime>,
    /// A permit for each connection.
    pub(crate) free: Semaphore,
    pub(crate) connector: Connector,
    stores: Mutex<HashMap<String, Arc<Backend>>>,
}

impl Running {
    fn new(process: u32, connections: usize) -> io::Result<Running> {
        let mut builder = Builder::new_multi_thread();
        builder.worker_threads(THREADS).max_blocking_threads(MOST_LOOKING_UP);
        let runtime = builder.thread_name("ossicle-remote").enable_all().build()?;
        Ok(Running {
            process,
            runtime: Some(runtime),
            free: Semaphore::new(connections.max(1)),
            connector: Connector::default(),
            stores: Mutex::default(),
        })
    }

    pub(crate) fn runtime(&self) -> &Runtime {
        match &self.runtime {
            Some(runtime) => runtime,
            None => unreachable!("there until it is dropped"),
        }
    }

    /// Returns the store of a name, made if there is none yet.
    pub(crate) fn store(
        &self,
        name: &str,
        make: impl FnOnce() -> Result<Backend, Error>,
    ) -> Result<Arc<Backend>, Error> {
        let stores = || self.stores.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(store) = stores().get(name) {
            return Ok(Arc::clone(store));
        }
        // Made without the lock, since that takes a while; whoever was first counts.
        let made = Arc::new(make()?);
        Ok(Arc::clone(stores().entry(name.to_owned()).or_insert(made)))
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        match self.runtime.take() {
            // A fork has the memory of it and none of its threads, which would be waited for.
            Some(runtime) if self.process != std::process::id() => std::mem::forget(runtime),
            Some(runtime) => runtime.shutdown_background(),
            None => {}
        }
    }
}

/// What runs in each of the processes that have the same client: a fork's, behind its parent's.
#[derive(Debug, Default)]
pub(crate) struct EachProcess {
    /// The process that this is of; 0 while it is nobody's.
    process: AtomicU32,
    running: OnceLock<Running>,
    of_forks: OnceLock<Box<EachProcess>>,
}

impl EachProcess {
    /// Returns what runs in this process, and starts it the first time.
    pub(crate) fn running(&self, connections: usize) -> io::Result<&Running> {
        self.running_in(std::process::id(), connections)
    }

    /// Returns whether something runs in this process.
    pub(crate) fn is_running(&self) -> bool {
        let own = std::process::id();
        let mut at = Some(self);
        while let Some(of) = at {
            if of.process.load(Ordering::SeqCst) == own {
                return of.running.get().is_some();
            }
            at = of.of_forks.get().map(|next| &**next);
        }
        false
    }

    fn running_in(&self, own: u32, connections: usize) -> io::Result<&Running> {
        let mut at = self;
        loop {
            let claimed = at.process.compare_exchange(0, own, Ordering::SeqCst, Ordering::SeqCst);
            if claimed.is_ok() || claimed == Err(own) {
                break;
            }
            at = at.of_forks.get_or_init(Box::default);
        }
        if let Some(running) = at.running.get() {
            return Ok(running);
        }
        let made = Running::new(own, connections)?;
        // Another thread may have been faster; its own is then dropped here.
        let _ = at.running.set(made);
        match at.running.get() {
            Some(running) => Ok(running),
            None => unreachable!("set just now"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::ptr;

    #[test]
    fn each_process_has_its_own_and_none_waits_for_the_threads_of_another() {
        let each = EachProcess::default();
        let own = std::process::id();
        let parent = each.running_in(own.wrapping_add(1), 1).unwrap();
        let running = each.running(2).unwrap();
        assert!(!ptr::eq(parent, running));
        assert!(ptr::eq(running, each.running(3).unwrap()));
        assert!(ptr::eq(parent, each.running_in(own.wrapping_add(1), 1).unwrap()));
        assert_eq!((parent.free.available_permits(), running.free.available_permits()), (1, 2));
        // Dropped, a runtime waits for its threads, which those of the parent are not.
        drop(each);
    }
}
