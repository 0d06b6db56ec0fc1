//! Sets of changes, by how near they come.

use ossicle_dataset::Matrix;

use crate::change::Change;
use crate::measure::Gap;

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

/// Orders explanations that leave nothing: the one that needs least, then the nearest.
pub(super) fn shorter(a: &&Trial, b: &&Trial) -> std::cmp::Ordering {
    // One that leaves much more than another is not shorter.
    // What float32 rounds is the same to all.
    let step = |of: &Trial| (libm::log10(of.gap.raw.max(1e-6))).round();
    step(a)
        .total_cmp(&step(b))
        .then(cost(&a.changes).total_cmp(&cost(&b.changes)))
        .then(a.gap.raw.total_cmp(&b.gap.raw))
}

/// What a set is known by, whatever the order of its changes.
pub(super) fn signature(changes: &[Change]) -> String {
    let mut words: Vec<String> = changes.iter().map(|change| format!("{change:?}")).collect();
    words.sort_unstable();
    words.join("\n")
}

/// A measure of what is left.
pub(super) type Measure = fn(&Gap) -> f64;

/// Keeps the best sets by each measure; those with the right number of rows come first.
pub(super) fn kept(children: Vec<Trial>, by_each: usize) -> Vec<Trial> {
    // Whether what is fitted already counts: to be near but for a factor and an offset says nothing of it then.
    let measures: [(Measure, bool); 7] = [
        (|gap| gap.rms, true),
        (|gap| gap.median, true),
        (|gap| gap.fifth, true),
        (|gap| gap.affine, false),
        (|gap| gap.columns, false),
        (|gap| gap.raw, true),
        (|gap| gap.noisy.unwrap_or(f64::INFINITY), true),
    ];
    let mut places: Vec<usize> = Vec::new();
    for (measure, with_fitted) in measures {
        let is_fitted =
            |place: usize| children[place].changes.last().is_some_and(Change::is_fitted);
        let mut order: Vec<usize> =
            (0..children.len()).filter(|&place| with_fitted || !is_fitted(place)).collect();
        // Of what is about as near, what needs less comes first.
        let key = |place: usize| {
            let Trial { changes, gap } = &children[place];
            let step = (libm::log(measure(gap).max(1e-12)) * 200.0).round();
            (gap.missing_rows.min(1), step, cost(changes), measure(gap))
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
    let mut children: Vec<Option<Trial>> = children.into_iter().map(Some).collect();
    places.into_iter().filter_map(|place| children[place].take()).collect()
}
