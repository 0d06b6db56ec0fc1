//! Reading ahead: while workers compute, other threads read the recordings that come next, so that slow storage and
//! busy cores overlap.
//!
//! Readers go through the parts in the order in which workers begin them. A short recording is read whole, closed, and
//! waits in memory for its worker; what a worker needs that no reader has begun, it reads itself. A long one is opened
//! by its worker, and readers are one stretch ahead of it ([`Streamed`]). Both are bounded by bytes. Whatever goes
//! wrong in a reader, the worker finds out by itself: readers have no say in what becomes of an utterance.

mod pace;
mod shelf;
mod streamed;
#[cfg(test)]
mod tests;

use std::collections::VecDeque;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Arc, Condvar, Mutex, MutexGuard};
use std::thread;
use std::time::Duration;

use ossicle_audio::Media;
use ossicle_corpus::{Alignment, Archives};

use crate::bounds::readers::Readers;
use crate::bounds::stop::Stop;
use crate::input_kind::InputKind;
use crate::plan::counted::read_part;
use crate::plan::job::Job;
use crate::rows::input;
use crate::run::pool::lock;
use pace::Pace;
use shelf::{ComingPart, Next, Orders, Read, Shelf, Taken, WHOLE_BYTES};
use streamed::{Streamed, Stretch, StretchReaders};

/// How often a worker that waits for a reader looks whether it was asked to stop.
const LOOK: Duration = Duration::from_millis(100);

/// The readers of a run, as its workers see them.
#[derive(Debug, Clone, Default)]
pub struct Ahead(Option<Arc<Shared>>);

/// What readers and workers share.
#[derive(Debug)]
struct Shared {
    state: Mutex<State>,
    /// Something was read, was taken, or is to be read.
    changed: Condvar,
    bound: u64,
    stop: Stop,
}

#[derive(Debug)]
struct State {
    shelf: Shelf,
    /// Stretches of long recordings, which workers are at already.
    stretches: VecDeque<Stretch>,
    pace: Pace,
    has_ended: bool,
}

/// What a reader does next.
enum Task {
    Recording(Next),
    Stretch(Stretch),
}

impl Ahead {
    /// Calls `work`, and has readers go ahead of its workers meanwhile.
    ///
    /// - `orders`: is asked for each part once, and again only where there was none
    pub(crate) fn over<T>(
        readers: Readers,
        job: &Job,
        orders: &Orders<'_>,
        stop: &Stop,
        work: impl FnOnce(&Ahead) -> T,
    ) -> T {
        if readers.count == 0 {
            return work(&Ahead::default());
        }
        let state = State {
            shelf: Shelf::default(),
            stretches: VecDeque::new(),
            pace: Pace::new(readers.at_once),
            has_ended: false,
        };
        let shared = Arc::new(Shared {
            state: Mutex::new(state),
            changed: Condvar::new(),
            bound: readers.bytes(),
            stop: stop.clone(),
        });
        let archives = Archives::default();
        thread::scope(|scope| {
            let read = || shared.read(job, orders, &archives);
            for _ in 0..readers.count {
                // Where there is no thread for it, workers read.
                let named = thread::Builder::new().name("reader".to_owned());
                if named.spawn_scoped(scope, read).is_err() {
                    break;
                }
            }
            let _ending = Ending(&shared);
            work(&Ahead(Some(Arc::clone(&shared))))
        })
    }

    /// Tells readers that there is another part.
    pub(crate) fn wake(&self) {
        if let Some(shared) = &self.0 {
            shared.changed.notify_all();
        }
    }

    /// Returns the hash of the sources of a part that a worker begins, as they were before the first was read, where
    /// readers have come to it.
    ///
    /// - `kind`: what utterances are made of
    pub(crate) fn begin_part(&self, part: usize, kind: InputKind) -> Option<String> {
        let shared = self.0.as_ref()?;
        let coming = lock(&shared.state).shelf.begin_part(part)?;
        // Where a reader is at it, this waits.
        coming.sources(kind).map(str::to_owned)
    }

    /// Returns the first part of the alignment of an utterance whose recording was taken, if it was read.
    pub(crate) fn take_alignment(&self, part: usize, place: usize) -> Option<Alignment> {
        lock(&self.0.as_ref()?.state).shelf.take_alignment(part, place)
    }

    /// Returns the recording of an utterance that a worker has come to, if a reader has read it; waits for one that
    /// has begun to.
    ///
    /// - `part`: the part's number
    pub(crate) fn take(&self, part: usize, place: usize) -> Option<Media> {
        let shared = self.0.as_ref()?;
        let mut state = lock(&shared.state);
        loop {
            match state.shelf.take(part, place) {
                Taken::Nothing => return None,
                Taken::Recording(media) => {
                    shared.changed.notify_all();
                    return Some(media);
                }
                Taken::BeingRead if shared.stop.signal().is_some() => return None,
                Taken::BeingRead => state = shared.wait(state),
            }
        }
    }

    /// Returns a recording that its worker has opened, with readers a stretch ahead of whoever reads it, where it is
    /// long and that is worth it.
    pub(crate) fn streamed(&self, media: Media) -> Media {
        match &self.0 {
            Some(shared) if media.len() > WHOLE_BYTES && lock(&shared.state).pace.is_slow() => {
                let readers: Arc<dyn StretchReaders> = Arc::<Shared>::clone(shared);
                Media::of_source(Arc::new(Streamed::new(media, readers)))
            }
            _ => media,
        }
    }

    /// Hears how long a recording was waited for, of the time that its utterance took.
    pub(crate) fn hear(&self, opening: Duration, took: Duration) {
        let Some(shared) = &self.0 else { return };
        if lock(&shared.state).pace.hear(opening, took) {
            shared.changed.notify_all();
        }
    }

    /// Forgets what was read of a part that has ended, however that was.
    pub(crate) fn end_part(&self, part: usize) {
        let Some(shared) = &self.0 else { return };
        lock(&shared.state).shelf.end_part(part);
        shared.changed.notify_all();
    }
}

/// Ends readers when it is dropped, also by a panic.
struct Ending<'a>(&'a Shared);

impl Drop for Ending<'_> {
    fn drop(&mut self) {
        lock(&self.0.state).has_ended = true;
        self.0.changed.notify_all();
    }
}

impl Shared {
    fn wait<'a>(&self, state: MutexGuard<'a, State>) -> MutexGuard<'a, State> {
        let waited = self.changed.wait_timeout(state, LOOK);
        waited.unwrap_or_else(std::sync::PoisonError::into_inner).0
    }

    /// Reads until the run ends.
    fn read(&self, job: &Job, orders: &Orders<'_>, archives: &Archives) {
        let _stoppable = self.stop.ends_waiting();
        while let Some(task) = self.next(orders) {
            match task {
                Task::Stretch(stretch) => stretch.read(),
                Task::Recording(Next { part, place, bytes }) => {
                    let read = self.fetch(job, &part, place, archives);
                    lock(&self.state).shelf.put((part.order.number, place), read, bytes);
                    self.changed.notify_all();
                }
            }
        }
    }

    /// Waits for something to read; nothing once the run ends.
    fn next(&self, orders: &Orders<'_>) -> Option<Task> {
        let mut state = lock(&self.state);
        loop {
            if state.has_ended || self.stop.signal().is_some() {
                return None;
            }
            if let Some(stretch) = state.stretches.pop_front() {
                return Some(Task::Stretch(stretch));
            }
            if state.pace.is_slow()
                && let Some(next) = state.shelf.next(orders, self.bound)
            {
                return Some(Task::Recording(next));
            }
            state = self.changed.wait(state).unwrap_or_else(std::sync::PoisonError::into_inner);
        }
    }

    /// Reads a recording whole, and its alignment; nothing where that cannot be, or it is too long.
    fn fetch(
        &self,
        job: &Job,
        part: &ComingPart,
        place: usize,
        archives: &Archives,
    ) -> Option<Read> {
        let should_stop = || self.stop.signal().is_some();
        let fetch = || {
            let order = &part.order;
            part.sources(InputKind::of(&job.recipe))?;
            let utterance = order.utterances.get(place)?;
            let media = input::media_of(&order.root, archives, utterance, &should_stop).ok()?;
            let media = (media.len() <= WHOLE_BYTES).then(|| media.to_memory().ok())??;
            let alignment = utterance.alignment.as_ref().filter(|_| !job.maps.is_empty());
            let first = alignment.and_then(|alignment| alignment.parts().next());
            let read = |of| read_part(&order.root, utterance, &job.recipe, of).ok();
            Some(Read { media, alignment: first.and_then(read) })
        };
        // What panics here does so again in the worker, which knows what to make of it.
        catch_unwind(AssertUnwindSafe(fetch)).ok()?
    }
}

impl StretchReaders for Shared {
    fn ask(&self, stretch: Stretch) {
        lock(&self.state).stretches.push_back(stretch);
        self.changed.notify_all();
    }
}
