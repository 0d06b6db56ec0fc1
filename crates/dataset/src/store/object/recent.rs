//! Parts that were put or read a little while ago.

use std::collections::{BTreeMap, HashMap};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use ossicle_remote::{Bytes, Meta};

use crate::format::names::PARTS_DIR;

/// More bytes than a part has that is held.
const MOST_BYTES: u64 = 1 << 20;

/// As many bytes of parts are held.
pub(super) const MOST_BYTES_OF_ALL: u64 = 64 << 20;

/// What is known of parts without asking the store again: who finishes a job reads each of them several times, and a
/// request takes as long as a store is far away, however little it asks for. Whoever writes a part writes the
/// same bytes, so that what was put here is what is there.
#[derive(Debug, Clone, Default)]
pub(super) struct Recent(Arc<Mutex<Known>>);

#[derive(Debug, Default)]
struct Known {
    parts: HashMap<String, Part>,
    /// Those whose bytes are held, by their number: the oldest first.
    held: BTreeMap<u64, String>,
    /// The number of the next.
    next: u64,
    bytes: u64,
}

/// What is known of a part.
#[derive(Debug, Clone)]
pub(super) struct Part {
    pub(super) meta: Meta,
    pub(super) bytes: Option<Bytes>,
    /// Its number among those whose bytes are held.
    number: u64,
}

impl Part {
    /// A part of whose bytes none are held.
    pub(super) fn without_bytes(meta: Meta) -> Part {
        Part { meta, bytes: None, number: 0 }
    }
}

impl Recent {
    /// Returns whether a file is a part.
    pub(super) fn is_part(name: &str) -> bool {
        name.strip_prefix(PARTS_DIR).is_some_and(|name| name.ends_with(".part"))
    }

    /// Keeps what is known of a file, if that is a part.
    pub(super) fn keep(&self, name: &str, meta: Meta, bytes: Option<Bytes>) {
        if !Recent::is_part(name) {
            return;
        }
        let mut known = self.known();
        known.drop_bytes_of(name);
        let bytes = bytes.filter(|bytes| bytes.len() as u64 <= MOST_BYTES);
        let number = known.next;
        if let Some(bytes) = &bytes {
            known.next += 1;
            known.bytes += bytes.len() as u64;
            known.held.insert(number, name.to_owned());
        }
        known.parts.insert(name.to_owned(), Part { meta, bytes, number });
        while known.bytes > MOST_BYTES_OF_ALL {
            let Some((_, oldest)) = known.held.pop_first() else { break };
            known.drop_bytes_of(&oldest);
        }
    }

    pub(super) fn get(&self, name: &str) -> Option<Part> {
        self.known().parts.get(name).cloned()
    }

    /// Forgets a file that is removed or written by somebody else.
    pub(super) fn forget(&self, name: &str) {
        let mut known = self.known();
        known.drop_bytes_of(name);
        known.parts.remove(name);
    }

    /// Forgets all files.
    pub(super) fn forget_all(&self) {
        *self.known() = Known::default();
    }

    fn known(&self) -> MutexGuard<'_, Known> {
        // No holder leaves it half changed.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Known {
    fn drop_bytes_of(&mut self, name: &str) {
        let Some(part) = self.parts.get_mut(name) else { return };
        if let Some(bytes) = part.bytes.take() {
            self.bytes -= bytes.len() as u64;
            self.held.remove(&part.number);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn meta(bytes: u64) -> Meta {
        Meta { bytes, tag: None, modified: None }
    }

    #[test]
    fn the_oldest_bytes_go_first_and_what_is_known_of_them_stays() {
        let recent = Recent::default();
        let name = |number: usize| format!("{PARTS_DIR}/{number:06}.part");
        let whole = |byte| Bytes::from(vec![byte; MOST_BYTES as usize]);
        for number in 0..70 {
            recent.keep(&name(number), meta(MOST_BYTES), Some(whole(number as u8)));
        }
        // Twice is once.
        recent.keep(&name(69), meta(MOST_BYTES), Some(whole(1)));
        for number in 0..70 {
            let part = recent.get(&name(number)).unwrap();
            assert_eq!(part.meta.bytes, MOST_BYTES);
            assert_eq!(part.bytes.is_some(), number >= 6, "{number}");
        }
        assert_eq!(recent.get(&name(69)).unwrap().bytes.unwrap()[0], 1);
        recent.forget(&name(69));
        assert!(recent.get(&name(69)).is_none());
        recent.keep(&name(5), meta(MOST_BYTES), Some(whole(5)));
        assert!(recent.get(&name(6)).unwrap().bytes.is_some(), "there was room again");
    }

    #[test]
    fn no_large_part_is_held_and_no_other_file() {
        let recent = Recent::default();
        let large = format!("{PARTS_DIR}/000000.part");
        let bytes = Bytes::from(vec![0; MOST_BYTES as usize + 1]);
        recent.keep(&large, meta(MOST_BYTES + 1), Some(bytes));
        assert!(recent.get(&large).unwrap().bytes.is_none());
        for other in ["dataset.json", ".ossicle/job.json", ".ossicle/parts/000000.draft"] {
            recent.keep(other, meta(1), Some(Bytes::from_static(b"x")));
            assert!(recent.get(other).is_none(), "{other}");
        }
    }
}
