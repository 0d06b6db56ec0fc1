//! Trials side by side, on as many threads as may run at once.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;

use ossicle_engine::Bench;

/// The buffers of each thread.
#[derive(Debug)]
pub(crate) struct Trials {
    benches: Vec<Bench>,
}

impl Trials {
    pub(crate) fn new() -> Trials {
        let threads = thread::available_parallelism().map_or(1, usize::from);
        Trials { benches: (0..threads).map(|_| Bench::default()).collect() }
    }

    /// Returns the buffers for one trial alone.
    pub(crate) fn bench(&mut self) -> &mut Bench {
        &mut self.benches[0]
    }

    /// Tries each of many. What comes of them is in their order, whichever thread tried it.
    pub(crate) fn each<I: Sync, T: Send>(
        &mut self,
        items: &[I],
        trial: impl Fn(&I, &mut Bench) -> Option<T> + Sync,
    ) -> Vec<Option<T>> {
        let next = AtomicUsize::new(0);
        let work = |bench: &mut Bench| {
            let mut done = Vec::new();
            while let Some((place, item)) = taken(&next, items) {
                done.extend(trial(item, bench).map(|result| (place, result)));
            }
            done
        };
        let mut results: Vec<Option<T>> = items.iter().map(|_| None).collect();
        let [own, others @ ..] = &mut self.benches[..] else { return results };
        let done = thread::scope(|scope| {
            let work = &work;
            // A thread that cannot start leaves its work to the others.
            let start =
                |bench| thread::Builder::new().spawn_scoped(scope, move || work(bench)).ok();
            let threads: Vec<_> =
                others.iter_mut().take(items.len() / 2).filter_map(start).collect();
            let mut done = work(own);
            for thread in threads {
                match thread.join() {
                    Ok(of_thread) => done.extend(of_thread),
                    Err(panic) => std::panic::resume_unwind(panic),
                }
            }
            done
        });
        for (place, result) in done {
            results[place] = Some(result);
        }
        results
    }
}

fn taken<'i, I>(next: &AtomicUsize, items: &'i [I]) -> Option<(usize, &'i I)> {
    let place = next.fetch_add(1, Ordering::Relaxed);
    Some((place, items.get(place)?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_comes_of_trials_is_in_their_order() {
        let items: Vec<u32> = (0..1000).collect();
        let results = Trials::new().each(&items, |&item, _| (item % 3 > 0).then_some(item * 2));
        let due: Vec<Option<u32>> = items.iter().map(|&x| (x % 3 > 0).then_some(x * 2)).collect();
        assert_eq!(results, due);
    }
}
