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
/// of the work; where no other thread is to be had or asked for, this one does.
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
    let wanted = workers.min(tasks.max(1));
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
            missing: wanted.saturating_sub(workers) + *num_not_started,
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

/// So many tasks are done side by side at the most, for each of which something is held until its turn comes.
const MOST_IN_ORDER: usize = 8;

/// Passes what `read` returns for every task in 0..`tasks` to `take`, in order.
///
/// - `at_once`: so many are read side by side where reading takes no more than waiting; where that is one, no thread
///   is started
///
/// # Errors
/// One that a task returned.
pub(crate) fn in_order<T: Send, E: Send>(
    at_once: usize,
    tasks: usize,
    read: impl Fn(usize) -> Result<T, E> + Sync,
    mut take: impl FnMut(usize, T) -> Result<(), E>,
) -> Result<(), E> {
    if at_once <= 1 {
        return (0..tasks).try_for_each(|task| take(task, read(task)?));
    }
    for first in (0..tasks).step_by(MOST_IN_ORDER) {
        let count = MOST_IN_ORDER.min(tasks - first);
        let found: Vec<Mutex<Option<T>>> = (0..count).map(|_| Mutex::default()).collect();
        for_each(at_once.min(count), count, |number| {
            let read = read(first + number)?;
            *lock(&found[number]) = Some(read);
            Ok(())
        })?;
        for (number, found) in found.iter().enumerate() {
            // Without an error, all were read.
            let Some(found) = lock(found).take() else { continue };
            take(first + number, found)?;
        }
    }
    Ok(())
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
        for workers in [0, 1, 2, 8] {
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
    fn what_is_read_side_by_side_comes_in_order() {
        for (at_once, tasks) in [(1, 20), (3, 20), (32, 20), (32, 0), (32, 16)] {
            let mut taken = Vec::new();
            let read = |task: usize| {
                // The first of those that are read together is the last to be there.
                thread::sleep(Duration::from_millis(if task.is_multiple_of(8) { 3 } else { 0 }));
                if task == 100 { Err("none") } else { Ok(2 * task) }
            };
            let take = |task: usize, found: usize| {
                taken.push((task, found));
                Ok(())
            };
            in_order(at_once, tasks, read, take).unwrap();
            let expected: Vec<_> = (0..tasks).map(|task| (task, 2 * task)).collect();
            assert_eq!(taken, expected, "{at_once}");
            assert_eq!(in_order(at_once, 101, read, |_, _| Ok(())), Err("none"));
            let stop = |task, _| if task == 5 { Err("five") } else { Ok(()) };
            assert_eq!(in_order(at_once, 101, read, stop), Err("five"));
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
