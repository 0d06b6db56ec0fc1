//! What is read next, and what was read and waits for its worker.

use std::collections::HashMap;
use std::sync::Arc;

use ossicle_audio::Media;
use ossicle_corpus::{Held, Utterance};

use super::{Orders, WHOLE_BYTES};
use crate::plan::order::{Origin, PartOrder};
use crate::rows::utterance::are_read_alike;

/// A recording takes more than its bytes: less than this.
const LEAST_BYTES: u64 = 4 << 10;

/// Recordings that are read before workers come to them. It reads none, and knows no thread.
#[derive(Debug, Default)]
pub(super) struct Shelf {
    /// The part that comes next, counted in the order in which they are begun, or is being read.
    number: usize,
    order: Option<Arc<PartOrder>>,
    /// The utterance of it that comes next.
    place: usize,
    /// The place of the utterance that a worker has come to, of each part that is begun.
    reached: HashMap<usize, usize>,
    items: HashMap<(usize, usize), Item>,
    /// What they take, or will.
    bytes: u64,
}

#[derive(Debug)]
enum Item {
    BeingRead,
    Read { media: Media, bytes: u64 },
}

/// A recording that is to be read.
#[derive(Debug)]
pub(super) struct Next {
    pub(super) order: Arc<PartOrder>,
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
            if self.order.is_none() {
                self.order = Some(Arc::new(orders(self.number)?));
                self.number += 1;
                self.place = 0;
            }
            let order = self.order.as_ref()?;
            let reached = self.reached.get(&order.number);
            // A worker that is there, or beyond, reads by itself.
            let place =
                reached.map_or(self.place, |reached| self.place.max(reached.saturating_add(1)));
            if place >= order.utterances.len() {
                self.order = None;
                continue;
            }
            self.place = place + 1;
            if let Some(bytes) = bytes_of(order, place) {
                let order = Arc::clone(order);
                self.items.insert((order.number, place), Item::BeingRead);
                self.bytes += bytes;
                return Some(Next { order, place, bytes });
            }
        }
    }

    /// Keeps what was read, unless its worker has gone on meanwhile.
    ///
    /// - `media`: none where it could not be read
    /// - `counted`: the bytes that [`Next`] said
    pub(super) fn put(&mut self, at: (usize, usize), media: Option<Media>, counted: u64) {
        self.bytes -= counted;
        let awaited = self.items.remove(&at).is_some();
        if let Some(media) = media.filter(|_| awaited) {
            let bytes = media.len().max(LEAST_BYTES);
            self.bytes += bytes;
            self.items.insert(at, Item::Read { media, bytes });
        }
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
            Some(Item::Read { media, bytes }) => {
                self.bytes -= bytes;
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

/// Whether getting at the bytes is no more than opening a file and reading them.
fn is_cheap(utterance: &Utterance) -> bool {
    match utterance.held() {
        None | Some(Held::Entry { .. } | Held::Member { is_packed: false, .. }) => true,
        Some(Held::Member { .. } | Held::Row { .. } | Held::Output { .. }) => false,
    }
}
