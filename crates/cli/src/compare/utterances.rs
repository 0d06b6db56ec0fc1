//! The utterances that both sides have.

use std::collections::HashMap;

use anyhow::{Result, bail};
use serde::Serialize;

use crate::compare::features::Features;
use crate::messages;

/// The most utterances that are looked at.
const MOST_LOOKED_AT: usize = 200;

/// How many utterances there are, and how many differ.
#[derive(Debug, Default, Serialize)]
pub(crate) struct Utterances {
    pub(crate) in_both: usize,
    pub(crate) only_a: usize,
    pub(crate) only_b: usize,
    pub(crate) compared: usize,
    pub(crate) differing: usize,
}

impl Utterances {
    pub(crate) fn all_agree(&self) -> bool {
        self.differing == 0 && self.only_a == 0 && self.only_b == 0
    }
}

/// The utterances that both sides have.
#[derive(Debug)]
pub(crate) struct Pairs {
    /// Their names, and their places in A and in B.
    pairs: Vec<(String, usize, usize)>,
    pub(crate) only_a: usize,
    pub(crate) only_b: usize,
}

impl Pairs {
    /// Brings utterances of the same name together. One alone is compared with one alone, whatever they are called.
    pub(crate) fn of(a: &Features, b: &Features) -> Result<Pairs> {
        let in_a = a.names().unwrap_or_default();
        let Some(in_b) = b.names() else {
            let each = in_a.iter().enumerate().map(|(place, name)| (name.clone(), place, place));
            return Ok(Pairs { pairs: each.collect(), only_a: 0, only_b: 0 });
        };
        if let ([name], [_]) = (in_a, in_b) {
            return Ok(Pairs { pairs: vec![(name.clone(), 0, 0)], only_a: 0, only_b: 0 });
        }
        let places: HashMap<&str, usize> =
            in_b.iter().enumerate().map(|(place, name)| (&**name, place)).collect();
        let pair = |(place, name): (usize, &String)| {
            let there = places.get(&**name)?;
            Some((name.clone(), place, *there))
        };
        let pairs: Vec<_> = in_a.iter().enumerate().filter_map(pair).collect();
        if pairs.is_empty() {
            bail!(messages::no_common_name(in_a, in_b));
        }
        // One alone stands for what was asked for; the others are no loss.
        let only = |of: &[String]| {
            if in_a.len() == 1 || in_b.len() == 1 { 0 } else { of.len() - pairs.len() }
        };
        let (only_a, only_b) = (only(in_a), only(in_b));
        Ok(Pairs { pairs, only_a, only_b })
    }

    pub(crate) fn len(&self) -> usize {
        self.pairs.len()
    }

    pub(crate) fn name(&self, of: usize) -> &str {
        &self.pairs[of].0
    }

    pub(crate) fn places(&self, of: usize) -> (usize, usize) {
        (self.pairs[of].1, self.pairs[of].2)
    }

    /// Those that are looked at: all, or as many as can be, evenly spread.
    pub(crate) fn looked_at(&self) -> impl Iterator<Item = usize> {
        let (all, most) = (self.len(), self.len().min(MOST_LOOKED_AT));
        (0..most).map(move |number| number * all / most)
    }
}
