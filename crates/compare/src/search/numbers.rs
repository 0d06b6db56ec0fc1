//! Numbers that may have any value: the best is looked for between bounds, closer and closer.

use super::node::{Measure, Trial, kept};
use super::{MOST_CHANGES, Node, Search, WORTH, gap_beneath};
use crate::change::Change;
use crate::hypotheses::Number;
use crate::measure::Gap;
use crate::noise::Noise;

/// The values of each closer look.
const CLOSER: usize = 8;
/// The closer looks. Each is at a quarter of the stretch before.
const LOOKS: usize = 5;
/// How many numbers are looked closer at, of those that bring a set nearest by each measure.
const PROMISING: usize = 3;
/// How many of the nearest sets have their numbers looked for once more, as other changes were missing before.
const POLISHED: usize = 3;

/// The measures by which a number brings a set nearest. Noise is louder where a recording is quiet, so that what is near
/// beneath it may be far by the others.
const MEASURES: [Measure; 3] =
    [|gap| gap.rms, |gap| gap.columns, |gap| gap.noisy.unwrap_or(f64::INFINITY)];

impl Search<'_, '_, '_> {
    /// Lists changes of a number each, with the values that bring a set nearest.
    ///
    /// - `noise`: about what noise does to it, where that is known
    pub(super) fn best_numbers(&mut self, node: &Node, noise: Option<&Noise>) -> Vec<Change> {
        let is_free = |number: &Number| {
            let change = number.change(1.0);
            !node.changes.iter().any(|other| other.excludes(&change))
        };
        let numbers: Vec<Number> = self.numbers(node).into_iter().filter(is_free).collect();
        let seen: Vec<Vec<(f64, Gap)>> = numbers
            .iter()
            .map(|number| self.gaps(&node.changes, number, &number.grid(), noise))
            .collect();
        let whole = gap_beneath(self.target, &node.matrix, noise).unwrap_or(node.gap);
        let mut best = Vec::new();
        for measure in MEASURES {
            let worth = |place: usize| {
                let (value, gap) = nearest(&seen[place], measure)?;
                let left = measure(&gap) / measure(&whole);
                (left < WORTH).then_some((left, &numbers[place], value))
            };
            let mut promising: Vec<(f64, &Number, f64)> =
                (0..numbers.len()).filter_map(worth).collect();
            promising.sort_by(|a, b| a.0.total_cmp(&b.0));
            for (_, number, value) in promising.into_iter().take(PROMISING) {
                if let Some((value, _)) =
                    self.closer(&node.changes, number, value, (measure, noise))
                {
                    best.push(number.change(value));
                }
            }
        }
        best
    }

    /// Looks for the numbers of the nearest sets once more.
    pub(super) fn polished(&mut self, nodes: Vec<Node>) -> Vec<Node> {
        let mut nodes = nodes;
        let mut order: Vec<usize> = (0..nodes.len()).collect();
        order.sort_by(|&a, &b| nodes[a].gap.rms.total_cmp(&nodes[b].gap.rms));
        for place in order.into_iter().take(POLISHED) {
            if nodes[place].changes.len() > 1
                && let Some(nearer) = self.nearer(&nodes[place])
            {
                nodes[place] = nearer;
            }
        }
        nodes
    }

    /// Adds each change to a set, with a number of it at the round values near by: one that fits nearly may have taken
    /// over what another change does. Returns the nearest.
    pub(super) fn beside_numbers(&mut self, node: &Node) -> Vec<Node> {
        if node.changes.len() >= MOST_CHANGES {
            return Vec::new();
        }
        let numbers = self.numbers(node);
        let mut sets: Vec<Vec<Change>> = Vec::new();
        for place in 0..node.changes.len() {
            let mut others = node.changes.clone();
            let Some((number, value)) = number_of(&numbers, &others.remove(place)) else {
                continue;
            };
            let is_free = |change: &&Change| !node.changes.iter().any(|own| own.excludes(change));
            for change in self.changes.iter().filter(is_free) {
                let with = |value| {
                    let added = [number.change(value), change.clone()];
                    others.iter().cloned().chain(added).collect()
                };
                sets.extend(number.round(value).into_iter().map(with));
            }
        }
        if sets.is_empty() {
            return Vec::new();
        }
        let noise = self.rough_noise(node);
        let target = self.target;
        let gaps = self.looked_at(&sets, None, |made| gap_beneath(target, made, noise.as_ref()));
        let trial = |(changes, gap): (Vec<Change>, Option<Gap>)| Some(Trial { changes, gap: gap? });
        let trials = sets.into_iter().zip(gaps).filter_map(trial).collect();
        let nearest = self.made(kept(trials, 1));
        self.polished(nearest)
    }

    /// Gives the numbers of a set the values that bring it nearest. None where that is hardly nearer.
    fn nearer(&mut self, node: &Node) -> Option<Node> {
        let numbers = self.numbers(node);
        let mut changes = node.changes.clone();
        let mut left = node.gap.rms;
        for place in 0..changes.len() {
            let mut others = changes.clone();
            let own = others.remove(place);
            let nearer = match number_of(&numbers, &own) {
                Some((number, value)) => {
                    let closer = self.closer(&others, number, value, (MEASURES[0], None));
                    closer.map(|(value, gap)| (number.change(value), gap))
                }
                None if own.is_fitted() => self.fitted_again(&own, &others),
                None => None,
            };
            if let Some((change, gap)) = nearer.filter(|(_, gap)| gap.rms < left * WORTH) {
                (changes[place], left) = (change, gap.rms);
            }
        }
        let is_nearer = left < node.gap.rms;
        if is_nearer { self.node(&changes) } else { None }
    }

    fn numbers(&self, node: &Node) -> Vec<Number> {
        self.maker.numbers(&node.changes, &node.matrix, self.target.matrix)
    }

    /// Fits a change's numbers to what other changes make.
    fn fitted_again(&mut self, own: &Change, others: &[Change]) -> Option<(Change, Gap)> {
        let made = self.node(others)?;
        let fitted = self.maker.fitted(others, &made.matrix, self.target);
        let of_kind = fitted.into_iter().filter(|change| change.excludes(own));
        let with = |change: Change| {
            let set = others.iter().cloned().chain([change.clone()]).collect::<Vec<_>>();
            Some((change, self.node(&set)?.gap))
        };
        of_kind.filter_map(with).min_by(|a, b| a.1.rms.total_cmp(&b.1.rms))
    }

    /// Looks closer and closer about a value, and takes the roundest that is as good as the best.
    ///
    /// - `changes`: the set that the number is added to
    /// - `about`: a value that is less than a step of the first look off
    /// - the measure, and about what noise does where it asks for that
    fn closer(
        &mut self,
        changes: &[Change],
        number: &Number,
        about: f64,
        (measure, noise): (Measure, Option<&Noise>),
    ) -> Option<(f64, Gap)> {
        let (mut value, mut off) = (about, 1.0);
        let mut least = f64::INFINITY;
        for _ in 0..LOOKS {
            let values = number.about(value, off, CLOSER);
            let (best, gap) = nearest(&self.gaps(changes, number, &values, noise), measure)?;
            (value, least) = (best, measure(&gap));
            off *= 2.0 / CLOSER as f64;
            if values.len() <= CLOSER {
                break;
            }
        }
        let seen = self.gaps(changes, number, &number.round(value), noise);
        seen.into_iter().find(|(_, gap)| measure(gap) <= least * 1.01 + 1e-9)
    }

    /// Adds a number with each of many values to a set.
    fn gaps(
        &mut self,
        changes: &[Change],
        number: &Number,
        values: &[f64],
        noise: Option<&Noise>,
    ) -> Vec<(f64, Gap)> {
        let with = |&value: &f64| changes.iter().cloned().chain([number.change(value)]).collect();
        let sets: Vec<Vec<Change>> = values.iter().map(with).collect();
        let target = self.target;
        let gaps = self.looked_at(&sets, None, |made| gap_beneath(target, made, noise));
        values.iter().zip(gaps).filter_map(|(&value, gap)| Some((value, gap?))).collect()
    }
}

/// Finds the number that a change gives a value, and the value.
fn number_of<'n>(numbers: &'n [Number], change: &Change) -> Option<(&'n Number, f64)> {
    numbers.iter().find_map(|number| Some((number, number.value_of(change)?)))
}

/// The nearest, of those with the fewest rows missing.
fn nearest(of: &[(f64, Gap)], measure: Measure) -> Option<(f64, Gap)> {
    let by = |a: &&(f64, Gap), b: &&(f64, Gap)| {
        let rows = a.1.missing_rows.cmp(&b.1.missing_rows);
        rows.then(measure(&a.1).total_cmp(&measure(&b.1)))
    };
    of.iter().min_by(by).copied()
}
