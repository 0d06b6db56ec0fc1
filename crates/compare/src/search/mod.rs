//! The search for the shortest set of changes that explains a difference.
//!
//! Sets of one change are tried, then of two, and so on; of each size the most promising are kept, by several measures, as
//! what is near by one may be far by another while a second change is missing.

mod node;
mod noise;
mod numbers;

use std::collections::HashSet;

use ossicle_dataset::Matrix;

use crate::change::Change;
use crate::maker::Maker;
use crate::measure::{Gap, NOTHING, Target};
use crate::noise::{NOISE_DB, Noise};
use crate::residue::Residue;
use crate::trials::Trials;

pub(crate) use node::Node;
use node::{FAR, Trial, cost, is_fitted, kept, shorter, signature};

/// The most changes of an explanation.
pub(crate) const MOST_CHANGES: usize = 4;
/// Equal: the root of the mean square of differences is less than this share of the columns' spread. Programs that
/// compute the same in float32 and float64 are nearer.
pub(crate) const EQUAL: f64 = 2e-4;
/// As near as float32 can be: nothing nearer is looked for.
const NEAREST: f64 = 1e-7;
/// The sets kept by each measure, after the first round and later.
const KEPT: [usize; 2] = [3, 1];
/// What is left has to fall to this share for another change to be worth it, where neither explains all.
const WORTH: f64 = 0.8;

/// What a search came to.
#[derive(Debug)]
pub(crate) struct Found {
    pub(crate) node: Node,
    /// How well it explains the difference.
    pub(crate) how: How,
}

/// How well changes explain a difference.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) enum How {
    /// Nothing is left.
    Wholly,
    /// What is left is what noise does that lies so many dB below the recording.
    ButForNoise { level_db: f64 },
    /// More is left.
    InPart,
}

/// Searches for the changes that make the target.
pub(crate) struct Search<'m, 'o, 't> {
    maker: &'m Maker<'o>,
    target: &'t Target<'t>,
    changes: Vec<Change>,
    /// The sets that were tried.
    tried: HashSet<String>,
    trials: Trials,
    /// The noise that is thought of, in dB relative to the recording.
    noise_db: f64,
    /// Is told how many sets were tried.
    watch: &'m mut dyn FnMut(usize),
    count: usize,
}

impl<'m, 'o, 't> Search<'m, 'o, 't> {
    pub(crate) fn new(
        maker: &'m Maker<'o>,
        base: &Matrix,
        target: &'t Target<'t>,
        watch: &'m mut dyn FnMut(usize),
    ) -> Search<'m, 'o, 't> {
        let changes = maker.changes(base, target.matrix);
        let (tried, trials) = (HashSet::new(), Trials::default());
        Search { maker, target, changes, tried, trials, noise_db: NOISE_DB, watch, count: 0 }
    }

    /// Searches.
    ///
    /// - `base`: the rows without changes
    /// - `known`: sets to begin with, besides none
    /// - `rounds`: the most changes that are added to those
    pub(crate) fn run(mut self, base: &Matrix, known: &[Vec<Change>], rounds: usize) -> Found {
        let base = self.begin(base);
        let mut nodes: Vec<Node> = known.iter().filter_map(|changes| self.node(changes)).collect();
        nodes.extend(base.iter().cloned());
        let mut equal = self.equal(&trials_of(&nodes), None);
        let mut best = nodes.first().cloned().unwrap_or_else(Node::nothing);
        let mut noisy: Option<(Node, Residue)> = None;
        self.look_for_noise(&nodes, &mut noisy);
        let mut seen: Vec<Node> = Vec::new();
        for round in 0..rounds {
            // One change more has to be believed at least: what needs no more than that is the shortest.
            if equal.as_ref().is_some_and(|equal| cost(&equal.changes) <= (round + 1) as f64) {
                break;
            }
            let children = self.children(&nodes, round, base.is_none() && round == 0);
            equal = self.equal(&children, equal);
            if equal.as_ref().is_some_and(|equal| self.is_shortest(equal, round)) {
                break;
            }
            let next = self.made(kept(children, KEPT[round.min(1)]));
            let next = self.polished(next);
            equal = self.equal(&trials_of(&next), equal);
            let is_nearer = |node: &&Node| {
                best.gap == FAR
                    || node.gap.rms < best.gap.rms * WORTH
                    || node.gap.missing_rows < best.gap.missing_rows
            };
            let nearer = shortest_of(next.iter().filter(is_nearer));
            let was_noise = noisy.is_some();
            self.look_for_noise(&next, &mut noisy);
            match nearer {
                Some(node) => best = node.clone(),
                // Another round after nothing came nearer leads nowhere, but for the first, which may be half a way.
                None if round > 0 => break,
                None => {}
            }
            // Keys may leave noise, too, where what is fitted does.
            let by_keys = noisy.as_ref().is_some_and(|(node, _)| !is_fitted(&node.changes));
            if was_noise && (by_keys || round > 1) || next.is_empty() {
                break;
            }
            seen.extend(std::mem::replace(&mut nodes, next));
        }
        seen.extend(nodes);
        self.concluded(seen, equal, best, noisy)
    }

    /// Takes the best of what rounds came to.
    ///
    /// - `seen`: the sets that were kept
    /// - `equal`: a set that leaves nothing
    /// - `best`: the set that came nearest
    /// - `noisy`: a set that leaves noise
    fn concluded(
        mut self,
        seen: Vec<Node>,
        mut equal: Option<Trial>,
        mut best: Node,
        mut noisy: Option<(Node, Residue)>,
    ) -> Found {
        if equal.is_none() {
            let nearest = noisy.as_ref().map_or(&best, |(node, _)| node).clone();
            let beside = self.beside_numbers(&nearest);
            equal = self.equal(&trials_of(&beside), None);
            self.look_for_noise(&beside, &mut noisy);
            let is_nearer = |node: &&Node| node.gap.rms < best.gap.rms * WORTH;
            if let Some(nearer) = shortest_of(beside.iter().filter(is_nearer)) {
                best = nearer.clone();
            }
        }
        if let Some(node) = equal.and_then(|equal| self.node(&equal.changes)) {
            return self.finished(node);
        }
        let noisy = noisy.or_else(|| self.look_for_louder_noise(seen));
        match noisy {
            Some((node, residue)) => self.but_for_noise(node, residue),
            None if self.is_equal(&best.gap) => self.finished(best),
            None => Found { node: self.simplified(best, false), how: How::InPart },
        }
    }

    /// The rows without changes, if they can be compared at all.
    fn begin(&mut self, base: &Matrix) -> Option<Node> {
        let fits = base.columns == self.target.matrix.columns;
        fits.then(|| Node {
            changes: Vec::new(),
            matrix: base.clone(),
            gap: self.target.gap(base, None),
        })
    }

    pub(super) fn is_equal(&self, gap: &Gap) -> bool {
        let most = EQUAL.max(self.target.rounding() * 1.2);
        gap.missing_rows == 0 && gap.raw <= most && gap.rms <= most * 10.0
    }

    /// Returns whether no set is shorter that is not tried yet: it leaves nothing, has no more changes than sets of this
    /// round, and needs to be believed for one thing each.
    fn is_shortest(&self, trial: &Trial, round: usize) -> bool {
        self.is_equal(&trial.gap)
            && trial.changes.len() <= round + 1
            && trial.gap.raw <= NOTHING
            && !is_fitted(&trial.changes)
            && cost(&trial.changes) <= trial.changes.len() as f64 + 1e-9
    }

    /// Returns the shortest of those sets that leave nothing.
    ///
    /// - `before`: the one that was found before
    fn equal(&self, of: &[Trial], before: Option<Trial>) -> Option<Trial> {
        let all = of.iter().chain(&before);
        all.filter(|trial| self.is_equal(&trial.gap)).min_by(shorter).cloned()
    }

    /// Makes a set of changes. None where it cannot be made or compared.
    fn node(&mut self, changes: &[Change]) -> Option<Node> {
        let columns = self.target.matrix.columns;
        let set: Vec<&Change> = changes.iter().collect();
        let wanted = |(rows, of): (usize, usize)| rows > 0 && of == columns;
        let matrix = self.trials.one(|bench| self.maker.rows(&set, &wanted, bench))?;
        let gap = self.target.gap(&matrix, None);
        Some(Node { changes: changes.to_vec(), matrix, gap })
    }

    /// Makes sets once more, of which only the gap was kept.
    fn made(&mut self, of: Vec<Trial>) -> Vec<Node> {
        let (maker, columns) = (self.maker, self.target.matrix.columns);
        let matrices = self.trials.each(&of, |trial, bench| {
            let set: Vec<&Change> = trial.changes.iter().collect();
            maker.rows(&set, &|(_, of)| of == columns, bench)
        });
        let made = of.into_iter().zip(matrices);
        made.filter_map(|(Trial { changes, gap }, matrix)| {
            Some(Node { changes, gap, matrix: matrix? })
        })
        .collect()
    }

    /// Tries all sets that have one change more.
    ///
    /// - `round`: the rounds before
    /// - `from_nothing`: the rows without changes cannot be compared
    fn children(&mut self, nodes: &[Node], round: usize, from_nothing: bool) -> Vec<Trial> {
        let mut children = Vec::new();
        let mut is_shortest_found = false;
        if from_nothing {
            children = self.children_of(&Node::nothing(), &self.changes.clone(), None);
            is_shortest_found = children.iter().any(|child| self.is_shortest(child, round));
        }
        let mut nodes: Vec<&Node> = nodes.iter().collect();
        nodes.sort_by(|a, b| a.gap.rms.total_cmp(&b.gap.rms));
        for node in nodes {
            // Nothing that the others lead to is shorter.
            if is_shortest_found {
                break;
            }
            let noise = self.rough_noise(node);
            let mut changes = self.changes.clone();
            changes.extend(self.maker.fitted(&node.changes, &node.matrix, self.target));
            changes.extend(self.best_numbers(node, noise.as_ref()));
            let own = self.children_of(node, &changes, noise.as_ref());
            is_shortest_found = own.iter().any(|child| self.is_shortest(child, round));
            children.extend(own);
        }
        children
    }

    /// Adds each change to a set.
    fn children_of(
        &mut self,
        node: &Node,
        changes: &[Change],
        noise: Option<&Noise>,
    ) -> Vec<Trial> {
        let target = self.target;
        let tried = self.tried_with(node, changes, |made| gap_beneath(target, made, noise));
        tried.into_iter().map(|(changes, gap)| Trial { changes, gap }).collect()
    }

    /// Adds each change to a set and looks at what is made: not where it excludes another, was tried, or changes
    /// nothing.
    fn tried_with<T: Send>(
        &mut self,
        node: &Node,
        changes: &[Change],
        look: impl Fn(&Matrix) -> Option<T> + Sync,
    ) -> Vec<(Vec<Change>, T)> {
        let mut sets: Vec<Vec<Change>> = Vec::new();
        for change in changes {
            let is_excluded = node.changes.iter().any(|other| other.excludes(change));
            let set: Vec<Change> = node.changes.iter().chain([change]).cloned().collect();
            if !is_excluded && self.tried.insert(signature(&set)) {
                sets.push(set);
            }
        }
        let parent = (node.matrix.rows > 0).then_some(&node.matrix);
        let seen = self.looked_at(&sets, parent, look);
        sets.into_iter().zip(seen).filter_map(|(set, seen)| Some((set, seen?))).collect()
    }

    /// Makes sets and looks at them.
    ///
    /// - `parent`: what was made without the last change; those that make no other are passed over
    fn looked_at<T: Send>(
        &mut self,
        sets: &[Vec<Change>],
        parent: Option<&Matrix>,
        look: impl Fn(&Matrix) -> Option<T> + Sync,
    ) -> Vec<Option<T>> {
        self.count += sets.len();
        (self.watch)(self.count);
        let (columns, due) = (self.target.matrix.columns, self.target.matrix.rows);
        // What has neither the rows that are due nor those that there were leads away.
        let wanted = |(rows, of): (usize, usize)| {
            of == columns && parent.is_none_or(|parent| rows == due || rows == parent.rows)
        };
        let maker = self.maker;
        self.trials.each(sets, |set, bench| {
            let set: Vec<&Change> = set.iter().collect();
            let made = maker.rows(&set, &wanted, bench)?;
            let is_another = parent.is_none_or(|parent| made.values != parent.values);
            if is_another { look(&made) } else { None }
        })
    }

    /// An explanation that leaves nothing: without what it does not need, and with what makes it nearer yet.
    pub(super) fn finished(&mut self, node: Node) -> Found {
        let mut node = node;
        while node.gap.raw > NEAREST && node.changes.len() < MOST_CHANGES {
            self.tried.clear();
            let numbers =
                if node.gap.raw > NOTHING { self.best_numbers(&node, None) } else { Vec::new() };
            let changes: Vec<Change> = self.changes.iter().cloned().chain(numbers).collect();
            let children = self.children_of(&node, &changes, None);
            let nearest = children.into_iter().min_by(|a, b| a.gap.raw.total_cmp(&b.gap.raw));
            let nearest = nearest.filter(|nearest| nearest.gap.raw < node.gap.raw / 10.0);
            match nearest.and_then(|nearest| self.node(&nearest.changes)) {
                Some(nearest) => node = nearest,
                None => break,
            }
        }
        let node = self.simplified(node, true);
        Found { node: self.exchanged(node), how: How::Wholly }
    }

    /// Exchanges changes for others: for a key that says what else would be said in words (a recording multiplied by
    /// 1/32768 is one in other units), and for another value of the same key that leaves far less.
    fn exchanged(&mut self, node: Node) -> Node {
        let mut node = node;
        for place in 0..node.changes.len() {
            let mut others = node.changes.clone();
            let own = others.remove(place);
            let in_words = !matches!(own, Change::Keys(_));
            if !in_words && node.gap.raw <= NEAREST {
                continue;
            }
            let most = if in_words { node.gap.raw.max(NOTHING) } else { node.gap.raw / 10.0 };
            let is_candidate = |change: &&Change| {
                let is_key = matches!(change, Change::Keys(keys) if keys.len() == 1);
                (is_key || change.excludes(&own))
                    && change.cost() <= own.cost()
                    && !others.iter().any(|other| other.excludes(change))
            };
            let with = |change: &Change| {
                let mut set = node.changes.clone();
                set[place] = change.clone();
                set
            };
            let fitted = self.node(&others).map_or_else(Vec::new, |without| {
                self.maker.fitted(&others, &without.matrix, self.target)
            });
            let fitted = fitted.iter().filter(|change| !change.is_fitted());
            let candidates = self.changes.iter().chain(fitted).filter(is_candidate);
            let sets: Vec<Vec<Change>> = candidates.map(with).collect();
            let target = self.target;
            let gaps = self.looked_at(&sets, None, |made| Some(target.gap(made, None)));
            let better = sets
                .into_iter()
                .zip(gaps)
                .find(|(_, gap)| gap.is_some_and(|gap| self.is_equal(&gap) && gap.raw <= most));
            if let Some(said) = better.and_then(|(set, _)| self.node(&set)) {
                node = said;
            }
        }
        node
    }

    /// Takes away the changes without which no more is left.
    pub(super) fn simplified(&mut self, node: Node, is_whole: bool) -> Node {
        let mut node = node;
        loop {
            let fewer = (0..node.changes.len()).rev().find_map(|place| {
                let mut fewer = node.changes.clone();
                fewer.remove(place);
                let without = self.node(&fewer)?;
                let is_as_near = match is_whole {
                    true => {
                        without.gap.raw <= node.gap.raw.max(NEAREST) * 1.5
                            && self.is_equal(&without.gap)
                    }
                    false => without.gap.rms <= node.gap.rms / WORTH,
                };
                (is_as_near && without.gap.missing_rows <= node.gap.missing_rows).then_some(without)
            });
            match fewer {
                Some(fewer) => node = fewer,
                None => return node,
            }
        }
    }
}

/// Measures how near rows come, beneath noise too where it is known of as many numbers.
fn gap_beneath(target: &Target<'_>, made: &Matrix, noise: Option<&Noise>) -> Option<Gap> {
    let compared = made.rows.min(target.matrix.rows) * target.matrix.columns;
    let noise = noise.filter(|noise| noise.spread.len() >= compared);
    Some(target.gap(made, noise)).filter(|gap| gap.rms.is_finite())
}

/// Returns the shortest of the sets that come about as near as the nearest.
fn shortest_of<'n>(nodes: impl Iterator<Item = &'n Node> + Clone) -> Option<&'n Node> {
    let least = nodes.clone().map(|node| node.gap.rms).fold(f64::INFINITY, f64::min);
    let of = |node: &Node| (cost(&node.changes), node.gap.rms);
    nodes.filter(|node| node.gap.rms * WORTH <= least).min_by(|a, b| {
        let (a, b) = (of(a), of(b));
        a.0.total_cmp(&b.0).then(a.1.total_cmp(&b.1))
    })
}

fn trials_of(nodes: &[Node]) -> Vec<Trial> {
    let trial = |node: &Node| Trial { changes: node.changes.clone(), gap: node.gap };
    nodes.iter().map(trial).collect()
}
