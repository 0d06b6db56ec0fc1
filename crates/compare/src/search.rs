//! The search for the shortest set of changes that explains a difference.
//!
//! Sets of one change are tried, then of two, and so on; of each size the most promising are kept, by several measures, as
//! what is near by one may be far by another while a second change is missing.

use std::collections::HashSet;

use ossicle_dataset::Matrix;

use crate::change::Change;
use crate::maker::Maker;
use crate::measure::{Gap, Target};
use crate::residue::Residue;

/// The most changes of an explanation.
const MOST_CHANGES: usize = 4;
/// Equal: the root of the mean square of differences is less than this share of the columns' spread. Programs that
/// compute the same in float32 and float64 are nearer.
pub(crate) const EQUAL: f64 = 2e-4;
/// The sets kept by each measure, after the first round and later.
const KEPT: [usize; 2] = [3, 2];
/// What is left has to fall to this share for another change to be worth it, where neither explains all.
const WORTH: f64 = 0.8;

/// How much nearer to noise what is left has to be for each further change that has to be believed.
const BELIEF: f64 = 0.1;

/// A set of changes, and what it makes.
#[derive(Debug, Clone)]
pub(crate) struct Node {
    pub(crate) changes: Vec<Change>,
    pub(crate) matrix: Matrix,
    pub(crate) gap: Gap,
}

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
#[derive(Debug)]
pub(crate) struct Search<'m, 'o, 't> {
    maker: &'m mut Maker<'o>,
    target: &'t Target<'t>,
    changes: Vec<Change>,
    /// The sets that were tried.
    tried: HashSet<String>,
}

impl<'m, 'o, 't> Search<'m, 'o, 't> {
    pub(crate) fn new(
        maker: &'m mut Maker<'o>,
        base: &Matrix,
        target: &'t Target<'t>,
    ) -> Search<'m, 'o, 't> {
        let changes = maker.changes(base, target.matrix);
        Search { maker, target, changes, tried: HashSet::new() }
    }

    /// Searches.
    ///
    /// - `base`: the rows without changes
    /// - `known`: sets to begin with, besides none
    pub(crate) fn run(mut self, base: &Matrix, known: &[Vec<Change>]) -> Found {
        let base = self.begin(base);
        let mut nodes: Vec<Node> = known.iter().filter_map(|changes| self.node(changes)).collect();
        nodes.extend(base.iter().cloned());
        if let Some(node) = nodes.iter().filter(|node| self.is_equal(&node.gap)).min_by(shorter) {
            return self.finished(node.clone());
        }
        let nothing = Node { changes: Vec::new(), matrix: Matrix::new(0, 0, Vec::new()), gap: FAR };
        let mut best = nodes.first().cloned().unwrap_or(nothing);
        let mut noisy: Option<(Node, Residue)> = None;
        self.look_for_noise(&nodes, &mut noisy);
        for round in 0..MOST_CHANGES {
            let children = self.children(&nodes, base.is_none() && round == 0);
            let equal = children.iter().filter(|node| self.is_equal(&node.gap)).min_by(shorter);
            if let Some(node) = equal {
                return self.finished(node.clone());
            }
            let next = kept(children, KEPT[round.min(1)]);
            let nearest = next.iter().min_by(|a, b| a.gap.rms.total_cmp(&b.gap.rms));
            let nearer = nearest.filter(|node| {
                best.gap == FAR
                    || node.gap.rms < best.gap.rms * WORTH
                    || node.gap.missing_rows < best.gap.missing_rows
            });
            let was_noise = noisy.is_some();
            self.look_for_noise(&next, &mut noisy);
            match nearer {
                Some(node) => best = node.clone(),
                // Another round after nothing came nearer leads nowhere, but for the first, which may be half a way.
                None if round > 0 => break,
                None => {}
            }
            if was_noise || next.is_empty() {
                break;
            }
            nodes = next;
        }
        match noisy {
            Some((node, residue)) => self.but_for_noise(node, residue),
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

    fn is_equal(&self, gap: &Gap) -> bool {
        let most = EQUAL.max(self.target.rounding() * 1.2);
        gap.missing_rows == 0 && gap.raw <= most && gap.rms <= most * 10.0
    }

    /// Makes a set of changes. None where it cannot be made or compared.
    fn node(&mut self, changes: &[Change]) -> Option<Node> {
        let columns = self.target.matrix.columns;
        let set: Vec<&Change> = changes.iter().collect();
        let matrix = self.maker.rows(&set, &|(rows, of)| rows > 0 && of == columns)?;
        let gap = self.target.gap(&matrix, None);
        Some(Node { changes: changes.to_vec(), matrix, gap })
    }

    /// Makes all sets that have one change more.
    ///
    /// - `from_nothing`: the rows without changes cannot be compared
    fn children(&mut self, nodes: &[Node], from_nothing: bool) -> Vec<Node> {
        let mut children = Vec::new();
        if from_nothing {
            for change in self.changes.clone() {
                children.extend(self.node(&[change]));
            }
        }
        for node in nodes {
            let set: Vec<&Change> = node.changes.iter().collect();
            let noise = self.maker.noise(&set, &node.matrix, self.target);
            let fitted = self.maker.fitted(&node.matrix, self.target);
            for change in self.changes.clone().iter().chain(&fitted) {
                children.extend(self.child(node, change, noise.as_deref()));
            }
        }
        children
    }

    /// Adds a change to a set. None where it excludes another, was tried, or changes nothing.
    fn child(&mut self, node: &Node, change: &Change, noise: Option<&[f32]>) -> Option<Node> {
        if node.changes.iter().any(|other| other.excludes(change)) {
            return None;
        }
        let mut changes = node.changes.clone();
        changes.push(change.clone());
        if !self.tried.insert(signature(&changes)) {
            return None;
        }
        let set: Vec<&Change> = changes.iter().collect();
        let (columns, parent) = (self.target.matrix.columns, node.matrix.rows);
        let due = self.target.matrix.rows;
        // What has neither the rows that are due nor those that there were leads away.
        let wanted = |(rows, of): (usize, usize)| of == columns && (rows == due || rows == parent);
        let matrix = self.maker.rows(&set, &wanted)?;
        if matrix.values == node.matrix.values {
            return None;
        }
        let noise = noise.filter(|noise| noise.len() >= matrix.rows.min(due) * columns);
        let gap = self.target.gap(&matrix, noise);
        gap.rms.is_finite().then_some(Node { changes, matrix, gap })
    }

    /// Looks whether what sets leave is what noise does, and keeps the best of the first that do.
    fn look_for_noise(&mut self, nodes: &[Node], noisy: &mut Option<(Node, Residue)>) {
        for node in nodes.iter().filter(|node| node.gap.missing_rows == 0) {
            let Some(residue) = self.residue(node) else { continue };
            if !residue.is_noise() {
                continue;
            }
            let is_better = noisy.as_ref().is_none_or(|(best, of)| {
                residue.excess() + BELIEF * (cost(node) - cost(best)) < of.excess()
            });
            if is_better {
                *noisy = Some((node.clone(), residue));
            }
        }
    }

    fn residue(&mut self, node: &Node) -> Option<Residue> {
        let set: Vec<&Change> = node.changes.iter().collect();
        let noise = self.maker.noise(&set, &node.matrix, self.target)?;
        Some(Residue::new(self.target, &node.matrix, &noise))
    }

    /// Adds the changes whose traces are in what is left beneath the noise, and takes those away that leave none.
    fn but_for_noise(&mut self, node: Node, residue: Residue) -> Found {
        let (mut node, mut residue) = (node, residue);
        while node.changes.len() < MOST_CHANGES {
            let fitted = self.maker.fitted(&node.matrix, self.target);
            let candidates: Vec<Change> = self.changes.iter().cloned().chain(fitted).collect();
            let mut best: Option<(f64, Node)> = None;
            for change in &candidates {
                self.tried.clear();
                let Some(child) = self.child(&node, change, None) else { continue };
                let trace = residue.trace(self.target, &child.matrix);
                if trace.is_there() && best.as_ref().is_none_or(|(most, _)| trace.strength > *most)
                {
                    best = Some((trace.strength, child));
                }
            }
            let Some((_, child)) = best else { break };
            let Some(next) = self.residue(&child).filter(|next| next.excess() < residue.excess())
            else {
                break;
            };
            (node, residue) = (child, next);
        }
        for place in (0..node.changes.len()).rev() {
            let mut fewer = node.changes.clone();
            fewer.remove(place);
            let Some(without) = self.node(&fewer) else { continue };
            if without.gap.missing_rows == 0
                && !residue.trace_of(self.target, &without.matrix, &node.matrix)
                && let Some(left) = self.residue(&without)
            {
                (node, residue) = (without, left);
            }
        }
        for place in 0..node.changes.len() {
            node = self.commoner(node, place, &residue);
        }
        let how = How::ButForNoise { level_db: residue.level_db() };
        Found { node, how }
    }

    /// Takes the first of the changes that cannot be told from one of a set beneath the noise: they are listed as
    /// people come upon them, and a recording at the midpoint of whole numbers is rarer than one as it is.
    fn commoner(&mut self, node: Node, place: usize, residue: &Residue) -> Node {
        let change = &node.changes[place];
        let at = self.changes.iter().position(|other| other == change).unwrap_or(0);
        let is_another = |other: &&Change| other.excludes(change) && other.cost() <= change.cost();
        let others: Vec<Change> = self.changes[..at].iter().filter(is_another).cloned().collect();
        for other in others {
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

    /// An explanation that leaves nothing: without what it does not need, and with what makes it nearer yet.
    fn finished(&mut self, node: Node) -> Found {
        let mut node = node;
        while node.gap.raw > 1e-7 && node.changes.len() < MOST_CHANGES {
            self.tried.clear();
            let changes = self.changes.clone();
            let children = changes.iter().filter_map(|change| self.child(&node, change, None));
            let nearest = children.min_by(|a, b| a.gap.raw.total_cmp(&b.gap.raw));
            match nearest.filter(|nearest| nearest.gap.raw < node.gap.raw / 10.0) {
                Some(nearest) => node = nearest,
                None => break,
            }
        }
        Found { node: self.simplified(node, true), how: How::Wholly }
    }

    /// Takes away the changes without which no more is left.
    fn simplified(&mut self, node: Node, is_whole: bool) -> Node {
        let mut node = node;
        loop {
            let fewer = (0..node.changes.len()).rev().find_map(|place| {
                let mut fewer = node.changes.clone();
                fewer.remove(place);
                let without = self.node(&fewer)?;
                let is_as_near = match is_whole {
                    true => {
                        without.gap.raw <= node.gap.raw.max(1e-7) * 1.5
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

/// Farther than anything.
const FAR: Gap = Gap {
    raw: f64::INFINITY,
    rms: f64::INFINITY,
    median: f64::INFINITY,
    fifth: f64::INFINITY,
    affine: f64::INFINITY,
    columns: f64::INFINITY,
    noisy: None,
    missing_rows: usize::MAX,
};

/// How much has to be believed for an explanation.
fn cost(node: &Node) -> f64 {
    node.changes.iter().map(Change::cost).sum()
}

/// Orders explanations that leave nothing: the one that needs least, then the nearest.
fn shorter(a: &&Node, b: &&Node) -> std::cmp::Ordering {
    // One that leaves much more than another is not shorter.
    // What float32 rounds is the same to all.
    let step = |node: &Node| (libm::log10(node.gap.raw.max(1e-6))).round();
    step(a)
        .total_cmp(&step(b))
        .then(cost(a).total_cmp(&cost(b)))
        .then(a.gap.raw.total_cmp(&b.gap.raw))
}

/// What a set is known by, whatever the order of its changes.
fn signature(changes: &[Change]) -> String {
    let mut words: Vec<String> = changes.iter().map(|change| format!("{change:?}")).collect();
    words.sort_unstable();
    words.join("\n")
}

/// Keeps the best sets by each measure; those with the right number of rows come first.
fn kept(children: Vec<Node>, by_each: usize) -> Vec<Node> {
    let measures: [fn(&Gap) -> f64; 7] = [
        |gap| gap.rms,
        |gap| gap.median,
        |gap| gap.fifth,
        |gap| gap.affine,
        |gap| gap.columns,
        |gap| gap.raw,
        |gap| gap.noisy.unwrap_or(f64::INFINITY),
    ];
    let mut places: Vec<usize> = Vec::new();
    for measure in measures {
        let mut order: Vec<usize> = (0..children.len()).collect();
        // Of what is about as near, what needs less comes first.
        let key = |place: usize| {
            let Node { gap, .. } = &children[place];
            let step = (libm::log(measure(gap).max(1e-12)) * 200.0).round();
            (gap.missing_rows.min(1), step, cost(&children[place]), measure(gap))
        };
        order.sort_by(|&a, &b| {
            let (a, b) = (key(a), key(b));
            a.0.cmp(&b.0)
                .then(a.1.total_cmp(&b.1))
                .then(a.2.total_cmp(&b.2))
                .then(a.3.total_cmp(&b.3))
        });
        let mut last = f64::NAN;
        let mut taken = 0;
        for place in order {
            let gap = measure(&children[place].gap);
            // What is as near as the one before is likely the same in other words.
            if taken == by_each || !gap.is_finite() {
                break;
            }
            if (gap - last).abs() <= 1e-9 * gap {
                continue;
            }
            (last, taken) = (gap, taken + 1);
            if !places.contains(&place) {
                places.push(place);
            }
        }
    }
    let mut children: Vec<Option<Node>> = children.into_iter().map(Some).collect();
    places.into_iter().filter_map(|place| children[place].take()).collect()
}
