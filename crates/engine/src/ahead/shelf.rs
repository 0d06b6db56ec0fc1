//! What is read next, and what was read and waits for its worker.

use std::collections::HashMap;
use std::sync::{Arc, OnceLock};

use ossicle_audio::Media;
use ossicle_corpus::{Alignment, Held, Utterance};

use crate::input_kind::InputKind;
use crate::plan::order::{Origin, PartOrder};
use crate::rows::input::are_read_alike;

/// The parts in the order in which workers begin them: none behind the last, and none that is not known yet.
pub(super) type Orders<'a> = dyn Fn(usize) -> Option<PartOrder> + Sync + 'a;

/// A recording of at most so many bytes is read whole.
pub(super) const WHOLE_BYTES: u64 = 4 << 20;

/// A recording takes more than its bytes: less than this.
const LEAST_BYTES: u64 = 4 << 10;

/// A label of an alignment takes about so many bytes.
const MARK_BYTES: u64 = 64;

/// Recordings that are read before workers come to them. It reads none, and knows no thread.
#[derive(Debug, Default)]
pub(super) struct Shelf {
    /// The part that comes next, counted in the order in which they are begun, or is being read.
    number: usize,
    part: Option<Arc<ComingPart>>,
    /// The utterance of it that comes next.
    place: usize,
    /// The place of the utterance that a worker has come to, of each part that is begun.
    reached: HashMap<usize, usize>,
    /// Those that no worker has begun yet, of which something was read.
    coming: HashMap<usize, Arc<ComingPart>>,
    items: HashMap<(usize, usize), Item>,
    /// Alignments of utterances that workers have come to.
    alignments: HashMap<(usize, usize), Alignment>,
    /// What they take, or will.
    bytes: u64,
}

#[derive(Debug)]
enum Item {
    BeingRead,
    Read { read: Read, bytes: u64 },
}

/// What was read of an utterance.
#[derive(Debug)]
pub(super) struct Read {
    pub(super) media: Media,
    /// The first part of its alignment, where that could be read and is wanted.
    pub(super) alignment: Option<Alignment>,
}

impl Read {
    /// About what it takes.
    fn bytes(&self) -> u64 {
        let tiers = self.alignment.iter().flat_map(|alignment| &alignment.tiers);
        let marks: usize = tiers.map(|tier| tier.marks.len()).sum();
        self.media.len().max(LEAST_BYTES) + marks as u64 * MARK_BYTES
    }
}

/// A part that readers have come to.
#[derive(Debug)]
pub(super) struct ComingPart {
    pub(super) order: PartOrder,
    sources: OnceLock<Option<String>>,
}

impl ComingPart {
    /// Returns the hash of its sources, as they were before the first of them was read; none where that is not to be
    /// had.
    pub(super) fn sources(&self, kind: InputKind) -> Option<&str> {
        self.sources.get_or_init(|| self.order.sources(kind).ok()).as_deref()
    }
}

/// A recording that is to be read.
#[derive(Debug)]
pub(super) struct Next {
    pub(super) part: Arc<ComingPart>,
    pub(super) place: usize,
    /// What it is taken to have.
    pub(super) bytes: u64,
}

/// What there is for a worker.
#[derive(Debug)]
pub(super) enum Taken {
    Nothing,
    BeingRead,
    Recording(Media),
}

impl Shelf {
    /// Finds the recording that is to be read next, and counts it; none where too much waits already, or nothing is
    /// left.
    pub(super) fn next(&mut self, orders: &Orders<'_>, bound: u64) -> Option<Next> {
        loop {
            if self.bytes >= bound {
                return None;
            }
            if self.part.is_none() {
                let order = orders(self.number)?;
                self.part = Some(Arc::new(ComingPart { order, sources: OnceLock::new() }));
                self.number += 1;
                self.place = 0;
            }
            let part = self.part.as_ref()?;
            let order = &part.order;
            let reached = self.reached.get(&order.number);
            // A worker that is there, or beyond, reads by itself.
            let place =
                reached.map_or(self.place, |reached| self.place.max(reached.saturating_add(1)));
            if place >= order.utterances.len() {
                self.part = None;
                continue;
            }
            self.place = place + 1;
            if let Some(bytes) = bytes_of(order, place) {
                let part = Arc::clone(part);
                if reached.is_none() {
                    self.coming.insert(part.order.number, Arc::clone(&part));
                }
                self.items.insert((part.order.number, place), Item::BeingRead);
                self.bytes += bytes;
                return Some(Next { part, place, bytes });
            }
        }
    }

    /// Keeps what was read, unless its worker has gone on meanwhile.
    ///
    /// - `read`: none where it could not be read
    /// - `counted`: the bytes that [`Next`] said
    pub(super) fn put(&mut self, at: (usize, usize), read: Option<Read>, counted: u64) {
        self.bytes -= counted;
        let awaited = self.items.remove(&at).is_some();
        if let Some(read) = read.filter(|_| awaited) {
            let bytes = read.bytes();
            self.bytes += bytes;
            self.items.insert(at, Item::Read { read, bytes });
        }
    }

    /// Hands over a part that a worker begins, if readers have come to it.
    pub(super) fn begin_part(&mut self, part: usize) -> Option<Arc<ComingPart>> {
        self.coming.remove(&part)
    }

    /// Hands over the alignment of an utterance whose recording was taken.
    pub(super) fn take_alignment(&mut self, part: usize, place: usize) -> Option<Alignment> {
        self.alignments.remove(&(part, place))
    }

    /// Hands over the recording of an utterance that a worker has come to.
    pub(super) fn take(&mut self, part: usize, place: usize) -> Taken {
        self.reached.insert(part, place);
        match self.items.remove(&(part, place)) {
            None => Taken::Nothing,
            Some(Item::BeingRead) => {
                self.items.insert((part, place), Item::BeingRead);
                Taken::BeingRead
            }
            Some(Item::Read { read: Read { media, alignment }, bytes }) => {
                self.bytes -= bytes;
                self.alignments.retain(|at, _| at.0 != part);
                self.alignments.extend(alignment.map(|alignment| ((part, place), alignment)));
                Taken::Recording(media)
            }
        }
    }

    /// Returns what waits, and what is being read.
    #[cfg(test)]
    pub(super) fn bytes(&self) -> u64 {
        self.bytes
    }

    /// Forgets what was read of a part that has ended.
    pub(super) fn end_part(&mut self, part: usize) {
        self.reached.insert(part, usize::MAX);
        self.coming.remove(&part);
        self.alignments.retain(|at, _| at.0 != part);
        let bytes = &mut self.bytes;
        self.items.retain(|at, item| {
            let stays = at.0 != part;
            if let (false, Item::Read { bytes: of_item, .. }) = (stays, item) {
                *bytes -= *of_item;
            }
            stays
        });
    }
}

/// Returns the bytes that reading an utterance's recording takes; none where it is not read ahead: by itself, or
/// as it is open already, or too long.
fn bytes_of(order: &PartOrder, place: usize) -> Option<u64> {
    let utterance = &order.utterances[place];
    let is_wanted = order.only.as_ref().is_none_or(|only| only.contains(&place));
    let is_open = place > 0 && are_read_alike(&order.utterances[place - 1], utterance);
    let bytes = utterance.recording_bytes();
    let is_read = is_wanted
        && !is_open
        && matches!(order.origin(place), Origin::Computed)
        && is_cheap(utterance)
        && bytes <= WHOLE_BYTES;
    is_read.then_some(bytes.max(LEAST_BYTES))
}

/// Returns whether getting at the bytes is no more than opening a file and reading them.
fn is_cheap(utterance: &Utterance) -> bool {
    match utterance.held() {
        None | Some(Held::Entry { .. } | Held::Member { is_packed: false, .. }) => true,
        Some(Held::Member { .. } | Held::Row { .. } | Held::Output { .. }) => false,
    }
}
