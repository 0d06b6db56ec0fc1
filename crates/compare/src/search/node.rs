//! Sets of changes, by how near they come.

use ossicle_dataset::Matrix;

use crate::change::Change;
use crate::measure::{Gap, NOTHING};

/// A set of changes, and what it makes.
#[derive(Debug, Clone)]
pub(crate) struct Node {
    pub(crate) changes: Vec<Change>,
    pub(crate) matrix: Matrix,
    pub(crate) gap: Gap,
}

impl Node {
    /// No changes, where what there is without any cannot be compared.
    pub(super) fn nothing() -> Node {
        Node { changes: Vec::new(), matrix: Matrix::new(0, 0, Vec::new()), gap: FAR }
    }
}

/// A set of changes, and how near it comes; what it makes would fill the memory where there are many.
#[derive(Debug, Clone)]
pub(super) struct Trial {
    pub(super) changes: Vec<Change>,
    pub(super) gap: Gap,
}

/// Farther than anything.
pub(super) const FAR: Gap = Gap {
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
pub(super) fn cost(changes: &[Change]) -> f64 {
    changes.iter().map(Change::cost).sum()
}

/// Orders explanations that leave nothing: those of keys before those with fitted numbers, which take over what keys do;
/// then the one that needs least, and then the nearest.
pub(super) fn shorter(a: &&Trial, b: &&Trial) -> std::cmp::Ordering {
    // One that leaves much more than another is not shorter; what float32 rounds is the same to all.
    let step = |of: &Trial| libm::log10(of.gap.raw.max(NOTHING)).round();
    is_fitted(&a.changes)
        .cmp(&is_fitted(&b.changes))
        .then(step(a).total_cmp(&step(b)))
        .then(cost(&a.changes).total_cmp(&cost(&b.changes)))
        .then(a.gap.raw.total_cmp(&b.gap.raw))
}

/// Returns whether numbers of a set are fitted to what is to be explained, in which keys and fits are alike.
pub(super) fn is_fitted(changes: &[Change]) -> bool {
    changes.iter().any(Change::is_fitted)
}

/// Returns whether two sets are of the same changes, but for values.
fn same_changes(these: &[Change], those: &[Change]) -> bool {
    let is_in = |change: &Change, of: &[Change]| of.iter().any(|other| other.excludes(change));
    these.len() == those.len() && these.iter().all(|change| is_in(change, those))
}

/// What a set is known by, whatever the order of its changes.
pub(super) fn signature(changes: &[Change]) -> String {
    let mut words: Vec<String> = changes.iter().map(|change| format!("{change:?}")).collect();
    words.sort_unstable();
    words.join("\n")
}

/// A measure of what is left.
pub(super) type Measure = fn(&Gap) -> f64;

/// The measures by which sets are kept, and whether what is fitted already counts: to be near but for a factor and an
/// offset says nothing of it then.
const MEASURES: [(Measure, bool); 7] = [
    (|gap| gap.rms, true),
    (|gap| gap.median, true),
    (|gap| gap.fifth, true),
    (|gap| gap.affine, false),
    (|gap| gap.columns, false),
    (|gap| gap.raw, true),
    (|gap| gap.noisy.unwrap_or(f64::INFINITY), true),
];

/// Keeps the best sets by each measure; those with the right number of rows come first. What is fitted is near whatever
/// is missing, so that it has a place of its own beside the others'.
pub(super) fn kept(children: Vec<Trial>, by_each: usize) -> Vec<Trial> {
    let (fitted, others): (Vec<usize>, Vec<usize>) =
        (0..children.len()).partition(|&place| is_fitted(&children[place].changes));
    let mut places: Vec<usize> = Vec::new();
    for (measure, with_fitted) in MEASURES {
        places.extend(nearest(&children, &others, measure, by_each));
        if with_fitted {
            places.extend(nearest(&children, &fitted, measure, 1));
        }
    }
    let mut children: Vec<Option<Trial>> = children.into_iter().map(Some).collect();
    places.into_iter().filter_map(|place| children[place].take()).collect()
}

/// Returns the places of the nearest by a measure, no two of which are as near, and not all of which change the same: a
/// number that makes up for another change is near with many values.
fn nearest(children: &[Trial], of: &[usize], measure: Measure, most: usize) -> Vec<usize> {
    // Of what is about as near, what needs less comes first.
    let key = |place: usize| {
        let Trial { changes, gap } = &children[place];
        let step = (libm::log(measure(gap).max(1e-12)) * 200.0).round();
        (gap.missing_rows.min(1), step, cost(changes), measure(gap))
    };
    let mut order = of.to_vec();
    order.sort_by(|&a, &b| {
        let (a, b) = (key(a), key(b));
        a.0.cmp(&b.0).then(a.1.total_cmp(&b.1)).then(a.2.total_cmp(&b.2)).then(a.3.total_cmp(&b.3))
    });
    let mut last = f64::NAN;
    let mut places = Vec::new();
    for place in order {
        let gap = measure(&children[place].gap);
        if places.len() == most || !gap.is_finite() {
            break;
        }
        // What is as near as the one before is likely the same in other words.
        if (gap - last).abs() <= 1e-9 * gap {
            continue;
        }
        let alike =
            |other: &&usize| same_changes(&children[**other].changes, &children[place].changes);
        if places.len() + 1 == most && most > 1 && places.iter().filter(alike).count() + 1 == most {
            continue;
        }
        last = gap;
        places.push(place);
    }
    places
}
