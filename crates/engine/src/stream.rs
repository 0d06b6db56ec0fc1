//! Utterances computed in memory, in any order: what a dataset would have of them, and nothing is written.

use std::collections::BTreeMap;
use std::ops::Range;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

use ossicle_dataset::{ArrayLayout, FailureRow, MemoryStore, Put, Store, UtteranceRow};
use ossicle_recipe::Scope;

use crate::bounds::stop::Stop;
use crate::error::Error;
use crate::merge::{Normalizers, PartRows};
use crate::part::PartFile;
use crate::plan::Plan;
use crate::plan::order::PartOrder;
use crate::plan::statistics::Statistics;
use crate::rows::tables::Tables;
use crate::rows::worker::Worker;

/// The contents that a dataset of a corpus would have, an utterance at a time.
#[derive(Debug)]
pub struct Streamer {
    plan: Plan,
    tables: Arc<Tables>,
    normalizers: Normalizers,
}

/// An utterance that was computed.
#[derive(Debug, Clone)]
pub struct Streamed {
    /// Its split.
    pub split: String,
    /// Its row of `utterances.jsonl`.
    pub row: UtteranceRow,
    /// The bytes of its rows in each array, as a dataset has them.
    pub arrays: Vec<Vec<u8>>,
}

/// The order in which utterances come, which nothing else decides.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct StreamOrder {
    /// The seed of a shuffled order; absent, that of a dataset.
    pub seed: Option<u64>,
    /// Every so many utterances one is taken, ..
    pub world: usize,
    /// .. from this on.
    pub rank: usize,
    /// The number of those that are left out at the beginning.
    pub first: usize,
}

impl Streamer {
    /// Prepares a plan.
    ///
    /// # Errors
    /// The rows are normalised by what only all of the corpus says: its statistics, or a speaker's.
    pub fn new(plan: Plan) -> Result<Streamer, Error> {
        let given = match &plan.statistics {
            Some(Statistics::Of { name, .. }) => {
                return Err(Error::NoCorpus { from: name.clone() });
            }
            Some(Statistics::Given(given)) => Some(&given[..]),
            None => None,
        };
        if plan.job.recipe.normalize().map(|table| table.scope) == Some(Scope::Speaker) {
            return Err(Error::NoSpeaker);
        }
        let normalizers = Normalizers::new(&plan, &[], &MemoryStore::default(), given)?;
        let tables = Arc::new(Tables::new(plan.job.clone())?);
        Ok(Streamer { plan, tables, normalizers })
    }

    /// Returns the plan.
    pub fn plan(&self) -> &Plan {
        &self.plan
    }

    /// Returns the arrays, in order.
    pub fn arrays(&self) -> Vec<ArrayLayout> {
        self.plan.arrays.in_layout()
    }

    /// Returns the names of the columns of an array; none where a row is one number.
    pub fn column_names(&self, array: usize) -> &[String] {
        self.plan.arrays.features.get(array).map_or(&[], |of| of.column_names())
    }

    /// Returns how many utterances there are.
    pub fn utterances(&self) -> usize {
        self.plan.corpus.splits.iter().map(|split| split.utterances.len()).sum()
    }

    /// Begins to compute, on threads that go ahead of who takes the utterances by a few.
    ///
    /// # Errors
    /// No thread can be started.
    pub fn begin(self: &Arc<Self>, order: StreamOrder, threads: usize) -> Result<Flow, Error> {
        let threads = threads.max(1);
        let shared = Arc::new(Shared {
            streamer: Arc::clone(self),
            places: self.places(order),
            ahead: 4 * threads,
            state: Mutex::default(),
            changed: Condvar::new(),
            stop: Stop::default(),
        });
        let mut started = 0;
        for _ in 0..threads {
            let shared = Arc::clone(&shared);
            let work = move || shared.compute();
            started +=
                usize::from(thread::Builder::new().name("stream".to_owned()).spawn(work).is_ok());
        }
        match started {
            0 => Err(Error::io("start a thread for", "the stream".as_ref())(
                std::io::ErrorKind::WouldBlock.into(),
            )),
            _ => Ok(Flow { shared }),
        }
    }

    /// The split and the place there of each utterance, in an order.
    fn places(&self, order: StreamOrder) -> Vec<(u32, u32)> {
        let splits = self.plan.corpus.splits.iter().enumerate();
        let mut all: Vec<(u32, u32)> = splits
            .flat_map(|(split, of)| {
                (0..of.utterances.len()).map(move |at| (split as u32, at as u32))
            })
            .collect();
        if let Some(mut state) = order.seed {
            // Fisher and Yates' shuffle, with numbers of SplitMix64 (Steele, Lea and Flood 2014).
            for at in (1..all.len()).rev() {
                state = state.wrapping_add(0x9E37_79B9_7F4A_7C15);
                let mut z = state;
                z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
                z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
                z ^= z >> 31;
                all.swap(at, ((u128::from(z) * (at as u128 + 1)) >> 64) as usize);
            }
        }
        all.into_iter().skip(order.rank).step_by(order.world.max(1)).skip(order.first).collect()
    }

    /// Computes an utterance.
    fn utterance(
        &self,
        worker: &mut Worker,
        (split, at): (u32, u32),
        stop: &Stop,
    ) -> Result<Result<Streamed, FailureRow>, Error> {
        let split = &self.plan.corpus.splits[split as usize];
        let order = PartOrder {
            number: 0,
            split: split.name.clone(),
            root: split.root.clone(),
            utterances: vec![split.utterances[at as usize].clone()],
            lost: BTreeMap::new(),
            only: None,
            earlier: Default::default(),
        };
        let (store, name) = (MemoryStore::default(), order.part_name());
        let draft = worker.run_part(&order, &store, stop, &mut |_| Ok(()))?;
        store.put(draft, &name, Put::Always)?;
        let arrays = &self.plan.arrays;
        let lost = |source| Error::LostPart { path: name.clone().into(), source };
        let part = PartFile::open(&store, &name, arrays.in_parts(), &self.plan.job.key);
        let part = part.map_err(|source| lost(source.into()))?;
        let Some(row) = part.utterances(&store)?.pop() else {
            let text = part.failure_text(&store)?;
            return serde_json::from_slice(&text).map(Err).map_err(|source| lost(source.into()));
        };
        let parts = [part];
        let mut rows = PartRows::of_parts(&self.plan, &parts, &self.normalizers, &store);
        let of = |array: usize| {
            let base = |grid: usize| parts[0].footer.rows[grid][0];
            let count = match arrays.features.get(array) {
                Some(feature) => arrays.num_rows(feature.grid, base),
                None => base(arrays.in_parts()[array].grid),
            };
            let (mut out, all): (_, Range<u64>) = (Vec::new(), 0..count);
            rows.append_of((0, 0), array, &all, &mut out).map(|()| out)
        };
        let arrays = (0..arrays.in_parts().len()).map(of).collect::<Result<_, _>>()?;
        Ok(Ok(Streamed { split: split.name.clone(), row, arrays }))
    }
}

/// What came of an utterance; an error ends the stream.
type Computed = Result<Result<Streamed, FailureRow>, Error>;

/// Utterances as they are computed, in their order.
#[derive(Debug)]
pub struct Flow {
    shared: Arc<Shared>,
}

#[derive(Debug)]
struct Shared {
    streamer: Arc<Streamer>,
    places: Vec<(u32, u32)>,
    /// How many utterances are begun before the next is taken, at the most: they bound the memory.
    ahead: usize,
    state: Mutex<State>,
    changed: Condvar,
    stop: Stop,
}

#[derive(Debug, Default)]
struct State {
    begun: usize,
    taken: usize,
    ready: BTreeMap<usize, Computed>,
    is_over: bool,
}

/// The next thing that a stream has.
#[derive(Debug)]
pub enum Coming {
    /// An utterance, or why it failed.
    Next(Box<Result<Streamed, FailureRow>>),
    /// Nothing within the time.
    NotYet,
    /// Nothing any more.
    End,
}

impl Flow {
    /// Takes the next utterance, for which it waits no longer than for a time.
    ///
    /// # Errors
    /// What is no fault of a recording's.
    pub fn next_within(&self, time: Duration) -> Result<Coming, Error> {
        let end = Instant::now() + time;
        let mut state = self.shared.lock();
        loop {
            let next = state.taken;
            if next == self.shared.places.len() {
                return Ok(Coming::End);
            }
            if let Some(computed) = state.ready.remove(&next) {
                state.taken += 1;
                self.shared.changed.notify_all();
                return computed.map(|of| Coming::Next(Box::new(of)));
            }
            let Some(left) = end.checked_duration_since(Instant::now()) else {
                return Ok(Coming::NotYet);
            };
            let waited = self.shared.changed.wait_timeout(state, left);
            state = waited.unwrap_or_else(PoisonError::into_inner).0;
        }
    }
}

impl Drop for Flow {
    fn drop(&mut self) {
        // Threads end by themselves, once they see it.
        self.shared.lock().is_over = true;
        self.shared.stop.flag().store(1, std::sync::atomic::Ordering::Relaxed);
        self.shared.changed.notify_all();
    }
}

impl Shared {
    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Computes one utterance after the other, until there is none or nobody takes them any more.
    fn compute(&self) {
        let mut worker = Worker::sharing(Arc::clone(&self.streamer.tables));
        loop {
            let mut state = self.lock();
            while !state.is_over && state.begun >= state.taken + self.ahead {
                state = self.changed.wait(state).unwrap_or_else(PoisonError::into_inner);
            }
            if state.is_over || state.begun == self.places.len() {
                return;
            }
            let number = state.begun;
            state.begun += 1;
            drop(state);
            let computed = self.streamer.utterance(&mut worker, self.places[number], &self.stop);
            self.lock().ready.insert(number, computed);
            self.changed.notify_all();
        }
    }
}
