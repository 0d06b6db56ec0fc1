//! The comparison of two sides, and what comes of it.

use ossicle_dataset::Matrix;
use ossicle_dsp::Level;
use ossicle_engine::Bench;
use serde::Serialize;

use crate::change::{Assignment, Change, RowsChange, in_toml};
use crate::difference::Difference;
use crate::error::Error;
use crate::keys::{before, between};
use crate::laboratory::Laboratory;
use crate::maker::Maker;
use crate::measure::Target;
use crate::search::{EQUAL, Found, How, MOST_CHANGES, Search};
use crate::side::Side;

/// What is left of less than this, in spreads of the columns, is explained in part.
const LITTLE: f64 = 0.7;
/// The most changes where rows are but appended: a key may say all of it, and a second how they are computed; larger sets
/// have nothing to say of it.
const MOST_OF_APPENDED: usize = 2;

/// The difference of two sides, and its causes.
#[derive(Debug, Clone, Serialize)]
pub struct Comparison {
    /// The rows and columns of A.
    pub a: Shape,
    /// The rows and columns of B.
    pub b: Shape,
    /// The difference itself.
    pub difference: Difference,
    /// The verdict on it.
    pub verdict: Verdict,
    /// The side that the changes are made to, so that the other comes out.
    pub changed: Which,
    /// The changes, the one that explains most first.
    pub changes: Vec<Explanation>,
    /// The rest that they leave.
    pub left: Left,
    /// Rows or columns that one side alone has and that nothing makes; all else is said of the others. None where there
    /// are none.
    pub beyond: Option<Beyond>,
}

/// Rows or columns that one side alone has, and that nothing makes of the other.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct Beyond {
    /// The side that has them.
    pub side: Which,
    /// The number of rows; 0 where they are columns.
    pub rows: usize,
    /// The number of columns; 0 where they are rows.
    pub columns: usize,
    /// The end at which they stand.
    pub at: End,
}

/// An end of a row.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum End {
    /// Before all others.
    Front,
    /// After all others.
    Back,
}

/// The rows and columns of a matrix.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct Shape {
    /// The number of rows.
    pub rows: usize,
    /// The number of columns.
    pub columns: usize,
}

/// The verdict on a difference.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
#[non_exhaustive]
pub enum Verdict {
    /// There is none that matters.
    Agree,
    /// Changes explain it.
    Explained,
    /// Changes explain it, but for what noise in the recording would do.
    ExplainedButForNoise,
    /// Changes explain some of it.
    ExplainedInPart,
    /// Nothing that was tried explains it.
    NotExplained,
}

/// One of the sides.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Which {
    /// The first.
    A,
    /// The second.
    B,
}

/// A change, and how much it explains.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Explanation {
    /// The change in words.
    pub words: String,
    /// The keys that it changes, of a recipe; none where it is no change of keys.
    pub keys: Vec<KeyChange>,
    /// The share of the mean square of differences that goes away where this change is made after those before it: 0
    /// where that is no less than it was before, and the change helps only with others. None where rows could not be
    /// compared before.
    pub explains: Option<f64>,
    /// The rest that is left then, in spreads of the columns.
    pub left: f64,
    /// The change itself.
    #[serde(skip)]
    pub change: Change,
}

/// A key that has another value.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct KeyChange {
    /// The key with its table, as `feature.window`.
    pub key: String,
    /// The value before, as TOML, where there is one.
    pub from: Option<String>,
    /// The value after, as TOML; none where the key or the table is left out.
    pub to: Option<String>,
}

/// The rest of the difference that the changes leave.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Left {
    /// The root of the mean square of differences, in spreads of the columns.
    pub relative: f64,
    /// The level of noise in the recording that would leave as much, in dB relative to it.
    pub noise_db: Option<f64>,
    /// The same as `dither` has it: its standard deviation, full scale ±32768.
    pub dither: Option<f64>,
}

/// Compares two sides.
///
/// # Errors
/// If one has no rows or numbers that are none.
pub fn compare(a: &Side, b: &Side, level: Level) -> Result<Comparison, Error> {
    compare_watched(a, b, level, &mut |_| ())
}

/// Compares two sides, which may take a while.
///
/// - `watch`: is told how many sets of changes were tried so far
///
/// # Errors
/// As [`compare`].
pub fn compare_watched(
    a: &Side,
    b: &Side,
    level: Level,
    watch: &mut dyn FnMut(usize),
) -> Result<Comparison, Error> {
    check("A", &a.matrix)?;
    check("B", &b.matrix)?;
    let common = common(a, b);
    let is_appended = common.iter().any(|(_, a, b)| agree(&a.matrix, &b.matrix));
    let rounds = if is_appended { MOST_OF_APPENDED } else { MOST_CHANGES };
    let comparison = compared(a, b, level, rounds, watch)?;
    let is_explained =
        matches!(comparison.verdict, Verdict::Explained | Verdict::ExplainedButForNoise);
    if is_explained {
        return Ok(comparison);
    }
    for (beyond, common_a, common_b) in common {
        let rounds = if beyond.rows > 0 { MOST_OF_APPENDED } else { MOST_CHANGES };
        let of_common = compared(&common_a, &common_b, level, rounds, watch)?;
        if !matches!(of_common.verdict, Verdict::NotExplained | Verdict::ExplainedInPart) {
            return Ok(Comparison {
                a: comparison.a,
                b: comparison.b,
                verdict: Verdict::ExplainedInPart,
                beyond: Some(beyond),
                ..of_common
            });
        }
    }
    Ok(comparison)
}

/// Returns both sides with the rows and columns that both have where the changed one has fewer of either, which leaves
/// those of the other that nothing makes. None where it has not.
fn common(a: &Side, b: &Side) -> Vec<(Beyond, Side, Side)> {
    let changed = changed(a, b);
    let (side, few, many) = match changed {
        Which::A => (Which::B, &a.matrix, &b.matrix),
        Which::B => (Which::A, &b.matrix, &a.matrix),
    };
    let (more_rows, more_columns) =
        (many.rows.saturating_sub(few.rows), many.columns.saturating_sub(few.columns));
    let (rows, columns, ends) = if more_columns > 0 {
        let ends = [RowsChange::FirstColumns(few.columns), RowsChange::LastColumns(few.columns)];
        (0, more_columns, ends)
    } else if more_rows > 0 && many.columns == few.columns {
        (more_rows, 0, [RowsChange::RowsAtEnd(few.rows), RowsChange::RowsAtBegin(few.rows)])
    } else {
        return Vec::new();
    };
    let of_end = |(cut, at): (RowsChange, End)| {
        let cut = Side::of_matrix(cut.made(many)?);
        let (a, b) = match changed {
            Which::A => (a.clone(), cut),
            Which::B => (cut, b.clone()),
        };
        Some((Beyond { side, rows, columns, at }, a, b))
    };
    ends.into_iter().zip([End::Back, End::Front]).filter_map(of_end).collect()
}

/// The side that is changed: the one that can be computed anew.
fn changed(a: &Side, b: &Side) -> Which {
    match (&a.origin, &b.origin) {
        (None, Some(_)) => Which::B,
        _ => Which::A,
    }
}

fn compared(
    a: &Side,
    b: &Side,
    level: Level,
    rounds: usize,
    watch: &mut dyn FnMut(usize),
) -> Result<Comparison, Error> {
    let difference = Difference::new(&a.matrix, &b.matrix);
    let changed = changed(a, b);
    let (from, to) = match changed {
        Which::A => (a, b),
        Which::B => (b, a),
    };
    let target = Target::new(&to.matrix);
    let maker = match &from.origin {
        Some(origin) => Maker::Recipe(Box::new(Laboratory::new(origin, level)?)),
        None => Maker::Rows(&from.matrix),
    };
    let same = is_same(&a.matrix, &b.matrix);
    let agree = same || agree_either_way(&target, &from.matrix);
    // A gain and a floor make one number everywhere of anything, which explains nothing.
    let is_searched = !same && constant(&to.matrix).is_none();
    let found = is_searched.then(|| search(&maker, from, to, &target, rounds, watch));
    let changes = match &found {
        Some(found) if found.how != How::InPart || !agree => {
            explained(&maker, from, &target, &found.node.changes)
        }
        _ => Vec::new(),
    };
    let relative = match &found {
        Some(found) => found.node.gap.raw,
        None if same => 0.0,
        None => f64::INFINITY,
    };
    let verdict = match &found {
        _ if agree => Verdict::Agree,
        None if same => Verdict::Agree,
        None => Verdict::NotExplained,
        Some(found) => verdict(found, changes.last().map(|last| last.left), difference.relative),
    };
    let changes = if verdict == Verdict::NotExplained { Vec::new() } else { changes };
    let noise_db = match found.map(|found| found.how) {
        Some(How::ButForNoise { level_db }) => Some(level_db),
        _ => None,
    };
    let shape = |of: &Matrix| Shape { rows: of.rows, columns: of.columns };
    let left = Left {
        relative: if relative.is_finite() { relative } else { difference.relative },
        noise_db,
        dither: noise_db.zip(from.origin.as_ref()).map(|(db, of)| dither(db, &of.samples)),
    };
    Ok(Comparison {
        a: shape(&a.matrix),
        b: shape(&b.matrix),
        difference,
        verdict,
        changed,
        changes,
        left,
        beyond: None,
    })
}

fn check(side: &'static str, matrix: &Matrix) -> Result<(), Error> {
    if matrix.rows == 0 || matrix.columns == 0 {
        return Err(Error::Empty { side, rows: matrix.rows, columns: matrix.columns });
    }
    match matrix.values.iter().position(|x| !x.is_finite()) {
        Some(at) => Err(Error::NotFinite { side, row: at / matrix.columns }),
        None => Ok(()),
    }
}

/// Returns the number that a matrix has everywhere, where it has one alone.
pub fn constant(matrix: &Matrix) -> Option<f32> {
    let first = *matrix.values.first()?;
    matrix.values.iter().all(|&x| x == first).then_some(first)
}

/// Returns whether a difference does not matter: it is as small as that of two programs that compute the same.
fn agrees(target: &Target<'_>, matrix: &Matrix) -> bool {
    if (matrix.rows, matrix.columns) != (target.matrix.rows, target.matrix.columns) {
        return false;
    }
    let gap = target.gap(matrix, None);
    gap.raw <= EQUAL.max(target.rounding() * 1.2)
}

/// The standard deviation of noise so many dB below a recording, full scale ±32768.
fn dither(noise_db: f64, samples: &[f32]) -> f64 {
    let energy: f64 = samples.iter().map(|&x| f64::from(x).powi(2)).sum();
    let rms = (energy / samples.len().max(1) as f64).sqrt();
    32768.0 * rms * libm::pow(10.0, noise_db / 20.0)
}

fn search(
    maker: &Maker<'_>,
    from: &Side,
    to: &Side,
    target: &Target<'_>,
    rounds: usize,
    watch: &mut dyn FnMut(usize),
) -> Found {
    let mut known = Vec::new();
    if let (Maker::Recipe(laboratory), Some(other)) = (maker, &to.origin) {
        let other = other.recipe.clone().finish();
        known.extend(other.ok().and_then(|other| between(laboratory.recipe(), &other)));
    }
    Search::new(maker, &from.matrix, target, watch).run(&from.matrix, &known, rounds)
}

fn verdict(found: &Found, left: Option<f64>, whole: f64) -> Verdict {
    match (found.how, left) {
        (How::Wholly, _) => Verdict::Explained,
        (How::ButForNoise { .. }, _) => Verdict::ExplainedButForNoise,
        // What is as far as the mean of each column is no explanation, however much farther it was.
        (How::InPart, Some(left)) if left < LITTLE && left < whole / 2.0 => {
            Verdict::ExplainedInPart
        }
        (How::InPart, _) => Verdict::NotExplained,
    }
}

/// Orders changes, the one that explains most first, and tells how much each does after those before it.
fn explained(
    maker: &Maker<'_>,
    from: &Side,
    target: &Target<'_>,
    changes: &[Change],
) -> Vec<Explanation> {
    let due = target.matrix.columns;
    let mut left: Vec<Change> = changes.to_vec();
    let mut made: Vec<Change> = Vec::new();
    let base = (from.matrix.columns == due).then(|| target.gap(&from.matrix, None));
    // Where rows are but missing, those that are there may agree, and nothing is a share of that.
    let base = base.filter(|gap| gap.missing_rows == 0 || gap.raw > EQUAL);
    let mut before_square = base.map(|gap| gap.raw.powi(2));
    let mut whole = before_square;
    let mut explanations = Vec::new();
    let mut bench = Bench::default();
    let mut num_rows = from.matrix.rows;
    while !left.is_empty() {
        let mut best: Option<(usize, f64, usize)> = None;
        for (place, change) in left.iter().enumerate() {
            let set: Vec<&Change> = made.iter().chain([change]).collect();
            let Some(rows) = maker.rows(&set, &|(_, columns)| columns == due, &mut bench) else {
                continue;
            };
            let gap = target.gap(&rows, None);
            let square = gap.raw.powi(2) + if gap.missing_rows > 0 { 1e6 } else { 0.0 };
            if best.is_none_or(|(_, least, _)| square < least) {
                best = Some((place, square, rows.rows));
            }
        }
        let (place, square, made_rows) = best.unwrap_or((0, f64::NAN, num_rows));
        let square = if square >= 1e6 { square - 1e6 } else { square };
        let change = left.remove(place);
        made.push(change.clone());
        // Of the least that was left before, so that all shares are parts of one whole.
        let share = |before: f64, whole: f64| (before - square).max(0.0) / whole.max(1e-30);
        explanations.push(Explanation {
            words: change.words_after(num_rows),
            keys: keys_of(maker, from, &change),
            explains: before_square.zip(whole).map(|(before, whole)| share(before, whole)),
            left: square.sqrt(),
            change,
        });
        num_rows = made_rows;
        let least = before_square.map_or(square, |before| before.min(square));
        before_square = Some(least).filter(|least| least.is_finite());
        whole = whole.or(before_square);
    }
    explanations
}

fn keys_of(maker: &Maker<'_>, from: &Side, change: &Change) -> Vec<KeyChange> {
    let (Maker::Recipe(laboratory), Some(origin), Change::Keys(keys)) =
        (maker, &from.origin, change)
    else {
        return Vec::new();
    };
    let key = |Assignment { key, value }: &Assignment| KeyChange {
        key: key.clone(),
        from: match key.contains('.') {
            true => before(&origin.recipe, laboratory.recipe(), key),
            // A whole table.
            false => Some(format!("[{key}]")),
        },
        to: (!value.is_empty()).then(|| in_toml(value)),
    };
    keys.iter().map(key).filter(|key| key.from != key.to).collect()
}

/// Returns whether two matrices agree: they differ by no more than programs do that compute the same.
pub fn agree(a: &Matrix, b: &Matrix) -> bool {
    let is_comparable =
        |of: &Matrix| of.rows > 0 && of.columns > 0 && of.values.iter().all(|x| x.is_finite());
    is_same(a, b) || is_comparable(a) && is_comparable(b) && agree_either_way(&Target::new(b), a)
}

fn is_same(a: &Matrix, b: &Matrix) -> bool {
    (a.rows, a.columns) == (b.rows, b.columns) && a.values == b.values
}

/// Returns whether two matrices of finite numbers agree; either may be what a compressed file has rounded.
fn agree_either_way(target: &Target<'_>, matrix: &Matrix) -> bool {
    agrees(target, matrix) || agrees(&Target::new(matrix), target.matrix)
}
