//! Trials side by side, on as many threads as may run at once.

use std::convert::Infallible;
use std::sync::{Mutex, MutexGuard, PoisonError};

use ossicle_engine::{Bench, available_cores, for_each};

/// The buffers of those who try.
#[derive(Debug, Default)]
pub(crate) struct Trials {
    idle: Mutex<Vec<Bench>>,
}

impl Trials {
    /// Tries one alone.
    pub(crate) fn one<T>(&self, trial: impl FnOnce(&mut Bench) -> T) -> T {
        let mut bench = lock(&self.idle).pop().unwrap_or_default();
        let result = trial(&mut bench);
        lock(&self.idle).push(bench);
        result
    }

    /// Tries each of many. What comes of them is in their order, whichever thread tried it.
    pub(crate) fn each<I: Sync, T: Send>(
        &self,
        items: &[I],
        trial: impl Fn(&I, &mut Bench) -> Option<T> + Sync,
    ) -> Vec<Option<T>> {
        let results: Vec<Mutex<Option<T>>> = items.iter().map(|_| Mutex::default()).collect();
        let Ok(()) = for_each(available_cores(), items.len(), |place| {
            let result = self.one(|bench| trial(&items[place], bench));
            *lock(&results[place]) = result;
            Ok::<(), Infallible>(())
        });
        let inner =
            |result: Mutex<Option<T>>| result.into_inner().unwrap_or_else(PoisonError::into_inner);
        results.into_iter().map(inner).collect()
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    // No holder leaves it half changed.
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_comes_of_trials_is_in_their_order() {
        let items: Vec<u32> = (0..1000).collect();
        let results = Trials::default().each(&items, |&item, _| (item % 3 > 0).then_some(item * 2));
        let due: Vec<Option<u32>> = items.iter().map(|&x| (x % 3 > 0).then_some(x * 2)).collect();
        assert_eq!(results, due);
    }
}
