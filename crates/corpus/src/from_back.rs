//! What takes a long list apart, and gives its memory back as it goes.

use std::iter;

/// How many items are taken between two times that memory is given back.
const AT_ONCE: usize = 1 << 10;

/// Takes the items of a list from its back. What is made of them is not held beside all of them, as it would be
/// were they taken from the front: a list gives memory back at its end only.
pub(crate) fn from_back<T>(mut items: Vec<T>) -> impl Iterator<Item = T> {
    iter::from_fn(move || {
        let item = items.pop();
        if items.len().is_multiple_of(AT_ONCE) {
            items.shrink_to_fit();
        }
        item
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn all_come_and_the_last_is_first() {
        for count in [0, 1, AT_ONCE, 2 * AT_ONCE + 1] {
            let all: Vec<usize> = (0..count).rev().collect();
            assert_eq!(from_back((0..count).collect()).collect::<Vec<usize>>(), all);
        }
    }
}
