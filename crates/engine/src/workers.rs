//! Threads that each take the next task until none is left.

use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::thread;
use std::time::{Duration, Instant};

/// Runs `work` once for every task in 0..`tasks`, on `workers` threads, each with a state of its own.
/// After the first error no further task is begun.
///
/// Returns how long the threads took to start and to be joined, together.
///
/// # Errors
/// The first that a task returned.
pub(crate) fn run<S, E: Send>(
    workers: usize,
    tasks: usize,
    state: impl Fn() -> S + Sync,
    work: impl Fn(&mut S, usize) -> Result<(), E> + Sync,
) -> Result<Duration, E> {
    let next = AtomicUsize::new(0);
    let stop = AtomicBool::new(false);
    let failure = Mutex::new(None);
    let begin = Instant::now();
    // When the last thread began its first task, and when it ended its last.
    let busy = Mutex::new((begin, begin));
    let one_worker = || {
        let started = Instant::now();
        let mut state = state();
        while !stop.load(Ordering::Relaxed) {
            let task = next.fetch_add(1, Ordering::Relaxed);
            if task >= tasks {
                break;
            }
            if let Err(error) = work(&mut state, task) {
                stop.store(true, Ordering::Relaxed);
                lock(&failure).get_or_insert(error);
            }
        }
        drop(state);
        let mut busy = lock(&busy);
        *busy = (busy.0.max(started), busy.1.max(Instant::now()));
    };
    thread::scope(|scope| {
        for _ in 0..workers.clamp(1, tasks.max(1)) {
            scope.spawn(one_worker);
        }
    });
    let end = Instant::now();
    if let Some(error) = lock(&failure).take() {
        return Err(error);
    }
    let (started, ended) = *lock(&busy);
    Ok((started - begin) + (end - ended))
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
    run(workers, tasks, || (), |(), task| work(task)).map(drop)
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
            run(
                workers,
                100,
                || (),
                |(), task| {
                    lock(&done)[task] += 1;
                    Ok::<_, ()>(())
                },
            )
            .unwrap();
            assert!(lock(&done).iter().all(|&n| n == 1));
        }
    }

    #[test]
    fn the_first_error_ends_the_run() {
        let begun = AtomicUsize::new(0);
        let result = run(
            2,
            1000,
            || (),
            |(), task| {
                begun.fetch_add(1, Ordering::Relaxed);
                if task == 3 { Err("three") } else { Ok(()) }
            },
        );
        assert_eq!(result, Err("three"));
        assert!(begun.load(Ordering::Relaxed) < 1000);
    }
}
