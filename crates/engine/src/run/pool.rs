//! Threads that each take the next task until none is left.

use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::thread;
use std::time::{Duration, Instant};

/// The outcome of running tasks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct PoolRun {
    /// The number of workers that could not be started.
    pub(crate) missing: usize,
    /// The time that they took to start and to be joined, together.
    pub(crate) overhead: Duration,
}

/// Runs `work` once for every task in 0..`tasks`, on `workers` threads, each with a state of its own.
/// After the first error no further task is begun.
///
/// Where the system will start no more threads, or a state cannot be made, those that are there do all
/// of the work; where no other thread is to be had, this one does.
///
/// - `start` makes a worker's state, `end` takes it back
///
/// # Errors
/// The first that a task returned; or, where no worker could start, why.
pub(crate) fn run<S, E: Send>(
    workers: usize,
    tasks: usize,
    start: impl Fn() -> Result<S, E> + Sync,
    work: impl Fn(&mut S, usize) -> Result<(), E> + Sync,
    end: impl Fn(S) + Sync,
) -> Result<PoolRun, E> {
    let next = AtomicUsize::new(0);
    let stop = AtomicBool::new(false);
    let failure = Mutex::new(None);
    // How many could not start, and why the first of them could not.
    let not_started = Mutex::new((0, None));
    let wanted = workers.clamp(1, tasks.max(1));
    let begin = Instant::now();
    // When the last began its first task, and when it ended its last.
    let busy = Mutex::new((begin, begin));
    let one_worker = || {
        // Where others have taken all tasks meanwhile, it would be started for nothing.
        if next.load(Ordering::Relaxed) >= tasks {
            return;
        }
        let mut state = match start() {
            Ok(state) => state,
            Err(error) => {
                let mut not_started = lock(&not_started);
                not_started.0 += 1;
                not_started.1.get_or_insert(error);
                return;
            }
        };
        let started = Instant::now();
        while !stop.load(Ordering::Relaxed) {
            // Relaxed: that each number comes once is all that is needed.
            let task = next.fetch_add(1, Ordering::Relaxed);
            if task >= tasks {
                break;
            }
            if let Err(error) = work(&mut state, task) {
                stop.store(true, Ordering::Relaxed);
                lock(&failure).get_or_insert(error);
            }
        }
        {
            let mut busy = lock(&busy);
            *busy = (busy.0.max(started), busy.1.max(Instant::now()));
        }
        end(state);
    };
    let workers = thread::scope(|scope| {
        let spawn = |_: &usize| thread::Builder::new().spawn_scoped(scope, one_worker).is_ok();
        let spawned = (0..wanted).take_while(spawn).count();
        if spawned == 0 {
            one_worker();
        }
        spawned.max(1)
    });
    let ended = Instant::now();
    if let Some(error) = lock(&failure).take() {
        return Err(error);
    }
    let (first, last) = *lock(&busy);
    let (num_not_started, why) = &mut *lock(&not_started);
    match why.take() {
        Some(error) if *num_not_started == workers => Err(error),
        _ => Ok(PoolRun {
            missing: wanted - workers + *num_not_started,
            overhead: (first - begin) + (ended - last),
        }),
    }
}

/// Calls `work` once for every task in 0..`tasks`, on `workers` threads.
///
/// # Errors
/// The first that a task returned; after it, no further task is begun.
pub fn for_each<E: Send>(
    workers: usize,
    tasks: usize,
    work: impl Fn(usize) -> Result<(), E> + Sync,
) -> Result<(), E> {
    run(workers, tasks, || Ok(()), |(), task| work(task), drop).map(drop)
}

/// Locks a mutex whose holders cannot leave it half changed.
pub(crate) fn lock<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(std::sync::PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_task_runs_once_on_any_number_of_workers() {
        for workers in [1, 2, 8] {
            let done = Mutex::new(vec![0; 100]);
            let work = |(): &mut (), task: usize| {
                lock(&done)[task] += 1;
                Ok::<_, ()>(())
            };
            run(workers, 100, || Ok(()), work, drop).unwrap();
            assert!(lock(&done).iter().all(|&n| n == 1));
        }
    }

    #[test]
    fn the_first_error_ends_the_run() {
        let begun = AtomicUsize::new(0);
        let work = |(): &mut (), task| {
            begun.fetch_add(1, Ordering::Relaxed);
            if task == 3 { Err("three") } else { Ok(()) }
        };
        let result = run(2, 1000, || Ok(()), work, drop);
        assert_eq!(result, Err("three"));
        assert!(begun.load(Ordering::Relaxed) < 1000);
    }

    #[test]
    fn workers_that_cannot_start_leave_the_work_to_those_that_can() {
        let (asked, done) = (AtomicUsize::new(0), AtomicUsize::new(0));
        let start = || match asked.fetch_add(1, Ordering::Relaxed) {
            0 => Ok(()),
            _ => Err("too many"),
        };
        let work = |(): &mut (), _| {
            // Long enough for the others to have tried.
            thread::sleep(Duration::from_millis(1));
            done.fetch_add(1, Ordering::Relaxed);
            Ok(())
        };
        let ran = run(4, 50, start, work, drop).unwrap();
        assert_eq!((ran.missing, done.into_inner()), (3, 50));
    }

    #[test]
    fn where_no_worker_can_start_the_reason_is_given() {
        let start = || Err::<(), _>("too many");
        assert_eq!(run(4, 50, start, |(), _| Ok(()), drop), Err("too many"));
    }
}
