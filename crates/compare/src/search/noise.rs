//! Explanations that leave noise.

use ossicle_dataset::Matrix;
use ossicle_engine::Bench;

use super::node::{cost, is_fitted};
use super::{Found, How, MOST_CHANGES, Node, Search};
use crate::change::{Change, RowsChange};
use crate::noise::{LOUDER_DB, Noise};
use crate::residue::{Residue, Trace};

/// The seeds of noise. What it adds in the mean takes several to know.
const SEEDS: [u64; 6] = [11, 12, 13, 14, 15, 16];
/// How much nearer to noise what is left has to be for each further change that has to be believed.
const BELIEF: f64 = 0.1;
/// The same where numbers are fitted, which takes over what keys do, and noise besides.
const FITTED_BELIEF: f64 = 0.3;
/// The most that factors and offsets of columns may leave of the difference without them.
const WORTHY_FIT: f64 = 0.5;
/// The most changes, keys all of them, beneath noise that is louder than the usual.
const MOST_BENEATH_LOUDER: usize = 2;
/// The least that fitted numbers, and energy that is added, have to change beneath noise, in units of what noise does.
const LEAST_UNITS: f64 = 0.5;

impl Search<'_, '_, '_> {
    /// Looks whether what sets leave is what noise does, and keeps the best of the first that do.
    pub(super) fn look_for_noise(&mut self, nodes: &[Node], noisy: &mut Option<(Node, Residue)>) {
        for node in nodes.iter().filter(|node| node.gap.missing_rows == 0) {
            let Some(residue) = self.residue(node) else { continue };
            if !residue.is_noise() || !self.has_worthy_fit(node) {
                continue;
            }
            let left = |node: &Node, residue: &Residue| {
                let fitted = if is_fitted(&node.changes) { FITTED_BELIEF } else { 0.0 };
                residue.excess() + BELIEF * cost(&node.changes) + fitted
            };
            let is_better =
                noisy.as_ref().is_none_or(|(best, of)| left(node, &residue) < left(best, of));
            if is_better {
                *noisy = Some((node.clone(), residue));
            }
        }
    }

    /// Returns whether factors and offsets of columns, where a set has them, take most away: a little they take of
    /// anything, and leave the rest as even as noise.
    fn has_worthy_fit(&mut self, node: &Node) -> bool {
        let is_fit =
            |change: &Change| matches!(change, Change::Rows(RowsChange::ColumnsAffine(..)));
        let others: Vec<Change> =
            node.changes.iter().filter(|&change| !is_fit(change)).cloned().collect();
        if others.len() == node.changes.len() {
            return true;
        }
        let without = self.node(&others);
        without.is_none_or(|without| node.gap.rms < without.gap.rms * WORTHY_FIT)
    }

    /// Looks whether what sets leave is what louder noise does.
    pub(super) fn look_for_louder_noise(
        &mut self,
        mut nodes: Vec<Node>,
    ) -> Option<(Node, Residue)> {
        // What much is changed beneath much noise is anything.
        let is_of_few_keys = |node: &Node| {
            let is_key = |change: &Change| matches!(change, Change::Keys(_));
            node.changes.len() <= MOST_BENEATH_LOUDER && node.changes.iter().all(is_key)
        };
        nodes.retain(is_of_few_keys);
        let mut noisy = None;
        for level_db in LOUDER_DB {
            self.noise_db = level_db;
            self.look_for_noise(&nodes, &mut noisy);
            if noisy.is_some() {
                break;
            }
        }
        noisy
    }

    /// Returns about what noise does to a set.
    pub(super) fn rough_noise(&mut self, node: &Node) -> Option<Noise> {
        self.noise(node, &SEEDS[..4])
    }

    /// Makes a set again, of the recording with noise.
    fn noise(&mut self, node: &Node, seeds: &[u64]) -> Option<Noise> {
        let set: Vec<&Change> = node.changes.iter().collect();
        let (maker, shape) = (self.maker, (node.matrix.rows, node.matrix.columns));
        let level_db = self.noise_db;
        let noisy =
            |&seed: &u64, bench: &mut Bench| maker.noisy(&set, shape, (level_db, seed), bench);
        let noisy = self.trials.each(seeds, noisy);
        let noisy: Vec<Matrix> = noisy.into_iter().collect::<Option<_>>()?;
        let views: Vec<_> = noisy.iter().map(|noisy| self.target.view_of(noisy)).collect();
        Noise::of(level_db, node.matrix.columns, &self.target.view_of(&node.matrix), &views)
    }

    fn residue(&mut self, node: &Node) -> Option<Residue> {
        let noise = self.noise(node, &SEEDS)?;
        Some(Residue::new(self.target, &node.matrix, &noise))
    }

    /// Adds the changes whose traces are in what is left beneath the noise, and takes those away that leave none.
    pub(super) fn but_for_noise(&mut self, node: Node, residue: Residue) -> Found {
        let (mut node, mut residue) = (node, residue);
        while node.changes.len() < MOST_CHANGES {
            let fitted = self.maker.fitted(&node.changes, &node.matrix, self.target);
            let candidates: Vec<Change> = self.changes.iter().cloned().chain(fitted).collect();
            self.tried.clear();
            let target = self.target;
            let traces = self.tried_with(&node, &candidates, |made| {
                Some(residue.trace(target, made)).filter(|trace| trace.is_there())
            });
            // What is fitted to what is left is always there, and so is energy, which noise has too, so that it has to
            // be as large as noise.
            let is_of_noise = |change: &Change| change.is_fitted() || change.adds_energy();
            let counts = |(changes, trace): &(Vec<Change>, Trace)| {
                trace.units > LEAST_UNITS || !changes.last().is_some_and(is_of_noise)
            };
            let traces = traces.into_iter().filter(counts);
            // Of equals the first.
            let strongest = traces.rev().max_by(|a, b| a.1.strength.total_cmp(&b.1.strength));
            let Some(child) = strongest.and_then(|(changes, _)| self.node(&changes)) else { break };
            let is_better = |next: &Residue| next.is_noise() && next.excess() < residue.excess();
            let next = self.residue(&child).filter(is_better);
            let Some(next) = next.filter(|_| self.has_worthy_fit(&child)) else { break };
            (node, residue) = (child, next);
        }
        for place in (0..node.changes.len()).rev() {
            let mut fewer = node.changes.clone();
            fewer.remove(place);
            let Some(without) = self.node(&fewer) else { continue };
            if without.gap.missing_rows > 0 {
                continue;
            }
            let Some(left) = self.residue(&without) else { continue };
            // By the noise of either: what noise adds is another's floor.
            let leaves_no_trace = !residue.trace_of(self.target, &without.matrix, &node.matrix)
                || left.is_noise() && !left.trace(self.target, &node.matrix).is_there();
            if leaves_no_trace {
                (node, residue) = (without, left);
            }
        }
        // What has left no trace may have made damage look as even as noise.
        if !residue.is_noise() {
            return Found { node: self.simplified(node, false), how: How::InPart };
        }
        for place in 0..node.changes.len() {
            node = self.commoner(node, place, &residue);
        }
        if self.is_equal(&node.gap) {
            return self.finished(node);
        }
        let how = How::ButForNoise { level_db: residue.level_db() };
        Found { node, how }
    }

    /// Takes the first of the changes that cannot be told from one of a set beneath the noise: they are listed as
    /// people come upon them, and a recording at the midpoint of whole numbers is rarer than one as it is. A key with a
    /// number that nobody chooses may stand for any other key.
    fn commoner(&mut self, node: Node, place: usize, residue: &Residue) -> Node {
        let mut others = node.changes.clone();
        let own = others.remove(place);
        // A number that was looked for is none of them.
        let at = self.changes.iter().position(|other| *other == own);
        let at = at.unwrap_or(self.changes.len());
        let stands_for = |(number, other): (usize, &Change)| {
            let is_earlier = number < at && other.excludes(&own) && other.cost() <= own.cost();
            let is_rounder = own.is_odd() && matches!(other, Change::Keys(_));
            is_earlier || is_rounder && other.cost() < own.cost()
        };
        let candidates: Vec<Change> = self
            .changes
            .iter()
            .enumerate()
            .filter(|&candidate| stands_for(candidate))
            .map(|(_, other)| other.clone())
            .filter(|other| !others.iter().any(|of| of.excludes(other)))
            .collect();
        for other in candidates {
            let mut exchanged = node.changes.clone();
            exchanged[place] = other;
            if let Some(exchanged) = self.node(&exchanged)
                && exchanged.gap.missing_rows == 0
                && !residue.trace_of(self.target, &exchanged.matrix, &node.matrix)
            {
                return exchanged;
            }
        }
        node
    }
}
