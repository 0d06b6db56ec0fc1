//! The utterances that both sides have.

use std::collections::HashMap;

use anyhow::{Result, bail};
use serde::Serialize;

use crate::compare::features::Features;
use crate::messages;

/// The most utterances that are computed anew; what is stored is compared whole.
const MOST_COMPUTED: usize = 200;

/// How many utterances there are, and how many differ.
#[derive(Debug, Serialize)]
pub(crate) struct Utterances {
    pub(crate) in_both: usize,
    pub(crate) only_a: usize,
    pub(crate) only_b: usize,
    pub(crate) compared: usize,
    pub(crate) differing: usize,
    /// Whether both have the same ones, and of those that were compared none differs.
    pub(crate) agree: bool,
}

impl Utterances {
    pub(crate) fn new(pairs: &Pairs, compared: usize, differing: usize) -> Utterances {
        let Pairs { only_a, only_b, .. } = *pairs;
        let agree = only_a + only_b + differing == 0;
        Utterances { in_both: pairs.len(), only_a, only_b, compared, differing, agree }
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
    /// Brings utterances of the same name together, the first of several with the first, as splits may share names. One
    /// alone is compared with one alone, whatever they are called.
    pub(crate) fn of(a: &Features, b: &Features) -> Result<Pairs> {
        let in_a = a.names().unwrap_or_default();
        let Some(in_b) = b.names() else {
            let each = in_a.iter().enumerate().map(|(place, name)| (name.clone(), place, place));
            return Ok(Pairs { pairs: each.collect(), only_a: 0, only_b: 0 });
        };
        if let ([name], [_]) = (in_a, in_b) {
            return Ok(Pairs { pairs: vec![(name.clone(), 0, 0)], only_a: 0, only_b: 0 });
        }
        let places: HashMap<(&str, usize), usize> =
            counted(in_b).enumerate().map(|(place, name)| (name, place)).collect();
        let pair = |(place, name): (usize, (&str, usize))| {
            Some((name.0.to_owned(), place, *places.get(&name)?))
        };
        let pairs: Vec<_> = counted(in_a).enumerate().filter_map(pair).collect();
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

    /// What a picture of both is called.
    pub(crate) fn title(&self, of: usize, in_b: Option<&[String]>) -> String {
        let (name, _, there) = &self.pairs[of];
        match in_b.and_then(|names| names.get(*there)).filter(|other| *other != name) {
            Some(other) => format!("A: {name}, B: {other}"),
            None => format!("A and B: {name}"),
        }
    }

    pub(crate) fn places(&self, of: usize) -> (usize, usize) {
        (self.pairs[of].1, self.pairs[of].2)
    }

    /// Those that are compared: all, or where they are computed, as many as can be, evenly spread.
    pub(crate) fn compared(&self, is_computed: bool) -> impl Iterator<Item = usize> {
        let all = self.len();
        let most = if is_computed { all.min(MOST_COMPUTED) } else { all };
        (0..most).map(move |number| number * all / most)
    }
}

/// Each name, and how many of the same came before it.
fn counted(names: &[String]) -> impl Iterator<Item = (&str, usize)> {
    let mut before: HashMap<&str, usize> = HashMap::new();
    names.iter().map(move |name| {
        let count = before.entry(name).or_default();
        *count += 1;
        (&**name, *count - 1)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_that_splits_share_are_told_apart() {
        let names = ["u0", "u1", "u0", "u0"].map(str::to_owned);
        let due = [("u0", 0), ("u1", 0), ("u0", 1), ("u0", 2)];
        assert_eq!(counted(&names).collect::<Vec<_>>(), due);
    }
}
