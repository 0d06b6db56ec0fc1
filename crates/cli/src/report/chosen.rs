//! A choice of utterances by a seed, which does not depend on the others.

/// Keeps those of many that have the smallest hashes.
#[derive(Debug)]
pub(crate) struct Chosen<T> {
    most: usize,
    seed: u64,
    /// Each with its hash and its number in the order of all; after the first `most`, the largest hash last.
    kept: Vec<(u64, usize, T)>,
    offered: usize,
}

impl<T> Chosen<T> {
    pub(crate) fn new(most: usize, seed: u64) -> Chosen<T> {
        Chosen { most, seed, kept: Vec::new(), offered: 0 }
    }

    /// Offers an utterance.
    pub(crate) fn offer(&mut self, split: &str, id: &str, value: impl FnOnce() -> T) {
        let number = self.offered;
        self.offered += 1;
        let hash = hash(self.seed, split, id);
        let at = self.kept.partition_point(|kept| (kept.0, kept.1) < (hash, number));
        if at < self.most {
            self.kept.insert(at, (hash, number, value()));
            self.kept.truncate(self.most);
        }
    }

    /// Returns those that were kept, in the order in which they were offered.
    pub(crate) fn into_order(mut self) -> Vec<T> {
        self.kept.sort_by_key(|kept| kept.1);
        self.kept.into_iter().map(|kept| kept.2).collect()
    }
}

/// FNV-1a of 64 bits (Fowler, Noll, Vo), whose bits are mixed at the end (the finaliser of SplitMix64).
fn hash(seed: u64, split: &str, id: &str) -> u64 {
    let bytes = seed.to_le_bytes().into_iter().chain(split.bytes()).chain([0]).chain(id.bytes());
    let hash = bytes.fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| {
        (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3)
    });
    let hash = (hash ^ (hash >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    let hash = (hash ^ (hash >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    hash ^ (hash >> 31)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn chosen(all: usize, most: usize, seed: u64) -> Vec<usize> {
        let mut chosen = Chosen::new(most, seed);
        (0..all).for_each(|n| chosen.offer("train", &format!("u{n}"), || n));
        chosen.into_order()
    }

    #[test]
    fn a_seed_chooses_and_another_chooses_others() {
        assert_eq!(chosen(5, 10, 1), [0, 1, 2, 3, 4]);
        let few = chosen(1000, 20, 1);
        assert_eq!(few.len(), 20);
        assert!(few.is_sorted() && few == chosen(1000, 20, 1) && few != chosen(1000, 20, 2));
        // From everywhere, and not from the beginning alone.
        assert!(few[10] > 100 && few[10] < 900, "{few:?}");
    }
}
