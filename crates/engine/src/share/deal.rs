//! Which share computes which part.

use std::cmp::Reverse;
use std::collections::BinaryHeap;

/// Deals parts to shares: the largest first, each to the share that has least so far. Whoever knows the sizes deals the
/// same.
///
/// - `sizes`: of each part
///
/// Returns the share of each part, from 0.
pub(super) fn deal(sizes: &[u64], shares: usize) -> Vec<usize> {
    let mut order: Vec<usize> = (0..sizes.len()).collect();
    // The sort is stable: of parts of one size the first comes first.
    order.sort_by_key(|&part| Reverse(sizes[part]));
    let mut loads: BinaryHeap<Reverse<(u64, usize)>> =
        (0..shares).map(|share| Reverse((0, share))).collect();
    let mut dealt = vec![0; sizes.len()];
    for part in order {
        let Some(Reverse((load, share))) = loads.pop() else { break };
        dealt[part] = share;
        // Parts of nothing are work too.
        loads.push(Reverse((load.saturating_add(sizes[part].max(1)), share)));
    }
    dealt
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn each_part_is_dealt_once_and_no_share_has_a_part_more_than_it_must(
            sizes in prop::collection::vec(0_u64..1000, 0..60), shares in 1_usize..9,
        ) {
            let dealt = deal(&sizes, shares);
            prop_assert_eq!(dealt.len(), sizes.len());
            let load = |share| -> u64 {
                let own = dealt.iter().zip(&sizes).filter(|(of, _)| **of == share);
                own.map(|(_, size)| (*size).max(1)).sum()
            };
            let loads: Vec<u64> = (0..shares).map(load).collect();
            let least = loads.iter().min().copied().unwrap_or(0);
            for (share, load) in loads.iter().enumerate() {
                // Without the last that it was dealt it had no more than any other.
                let own = dealt.iter().zip(&sizes).filter(|(of, _)| **of == share);
                let smallest = own.map(|(_, size)| (*size).max(1)).min().unwrap_or(0);
                prop_assert!(load - smallest <= least);
            }
        }
    }
}
