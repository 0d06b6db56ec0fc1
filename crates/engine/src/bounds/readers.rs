//! How many threads read ahead of the workers, and what that takes.

use serde::{Deserialize, Serialize};

/// The readers of a process.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Readers {
    /// How many there are; none where workers read by themselves.
    pub(crate) count: usize,
    /// Whether they begin at once, and not when reading shows to be slow.
    pub(crate) at_once: bool,
}

/// As many wait for a disk or a file server at once as these like to be asked for at once.
const USUAL: usize = 8;

/// The most readers of a process that can be asked for.
const MOST: usize = 64;

/// What a reader may have read that nobody has taken yet.
const BYTES_EACH: u64 = 1 << 20;

impl Readers {
    /// - `asked`: so many from the beginning; absent, the usual number where reading shows to be slow
    /// - `connections`: those that recordings are read over, where they are objects of a store: it is far away and takes
    ///   any number of requests, so that each connection has a reader
    pub(crate) fn wanted(asked: Option<usize>, connections: Option<usize>) -> Readers {
        match (asked, connections) {
            (Some(count), _) => Readers { count: count.min(MOST), at_once: true },
            (None, Some(count)) => Readers { count, at_once: true },
            (None, None) => Readers { count: USUAL, at_once: false },
        }
    }

    /// Returns the most bytes that are read ahead. What is being read when that is reached comes on top: a recording
    /// a reader.
    pub(crate) fn bytes(self) -> u64 {
        self.count as u64 * BYTES_EACH
    }
}
