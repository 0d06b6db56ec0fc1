//! Layouts against lists of everything that is in a file, and regions against files made whole.

mod layout;
mod regions;

use crate::{ArrayLayout, Dtype, FRAMES};

const EVENTS: usize = FRAMES + 1;

fn array(name: &str, dtype: Dtype, columns: usize, grid: usize) -> ArrayLayout {
    ArrayLayout { name: name.to_owned(), dtype, columns, grid }
}

/// The rows before each utterance, and all of them.
fn first_rows(counts: &[u64]) -> Vec<u64> {
    (0..=counts.len()).map(|end| counts[..end].iter().sum()).collect()
}
