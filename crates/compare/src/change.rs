//! The changes that a difference is explained by.

use std::fmt;

use ossicle_engine::{be, counted};

use crate::precision::Precision;

/// A change of what is computed.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub enum Change {
    /// Keys of the recipe have other values.
    Keys(Vec<Assignment>),
    /// The recording is another before anything is computed of it.
    Input(InputChange),
    /// The rows are changed after they were computed.
    Rows(RowsChange),
}

/// A key of a recipe and its value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Assignment {
    /// The key with its table, as `feature.window`.
    pub key: String,
    /// The value as TOML; empty where the key, or the table, is left out.
    pub value: String,
}

impl Assignment {
    /// Makes an assignment.
    pub fn new(key: impl Into<String>, value: impl Into<String>) -> Assignment {
        Assignment { key: key.into(), value: value.into() }
    }
}

impl fmt::Display for Assignment {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}={}", self.key, self.value)
    }
}

/// A change of the recording.
#[derive(Debug, Clone, Copy, PartialEq)]
#[non_exhaustive]
pub enum InputChange {
    /// It is divided by its largest sample and multiplied by this.
    PeakNormalized(f32),
    /// It is multiplied by this.
    Gain(f32),
    /// It is taken for a recording of another sample rate, in Hz.
    TakenFor(u32),
    /// Zeros are appended until it has so many samples.
    PaddedTo(usize),
    /// So many zeros are put before it; where negative, so many samples are left out at its beginning.
    Delayed(i64),
    /// White noise is added, so many dB below it.
    Noise {
        /// The noise relative to the recording, in dB.
        level_db: f64,
        /// The seed of the noise.
        seed: u64,
    },
}

/// A change of the rows.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub enum RowsChange {
    /// Rows and columns are exchanged.
    Transposed,
    /// The columns stand in reverse order.
    ColumnsReversed,
    /// The rows stand in reverse order.
    RowsReversed,
    /// The first column is the last.
    FirstColumnLast,
    /// The last column is the first.
    LastColumnFirst,
    /// Row t is what row t + n was.
    Shifted(i64, Past),
    /// Rows are left out at the end until there are so many, or zeros appended.
    RowsAtEnd(usize),
    /// Rows are left out at the beginning until there are so many, or zeros put there.
    RowsAtBegin(usize),
    /// Only some rows are there.
    Excerpt {
        /// The first of them.
        first: usize,
        /// Their number.
        rows: usize,
    },
    /// Only the first columns are there, so many.
    FirstColumns(usize),
    /// Only the last columns are there, so many.
    LastColumns(usize),
    /// So many rows stand side by side as one.
    Stacked(usize),
    /// Every number is multiplied by the first and the second is added.
    Affine(f64, f64),
    /// Column c is multiplied by the c-th factor, and the c-th offset is added.
    ColumnsAffine(Vec<f64>, Vec<f64>),
    /// A sinusoidal lifter of this strength is applied to the columns.
    Liftered(f64),
    /// Such a lifter is taken off.
    Unliftered(f64),
    /// Each column is shifted to mean 0, and scaled to standard deviation 1 where `variance` is set.
    Normalized {
        /// Divides by the standard deviation, too.
        variance: bool,
        /// The number that the count of rows is lessened by.
        ddof: u64,
    },
    /// Numbers below this are raised to it.
    Floored(f32),
    /// Numbers more than this below the largest are raised to it.
    TopFloored(f32),
    /// The natural logarithm is taken.
    Ln,
    /// The exponential function is taken.
    Exp,
    /// The square root is taken: magnitudes of powers.
    Root,
    /// Numbers are squared: powers of magnitudes.
    Squared,
    /// Numbers are rounded.
    Rounded(Precision),
}

/// The contents of rows for which there are none when rows are shifted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Past {
    /// The outermost row.
    Outermost,
    /// Zeros.
    Zeros,
    /// The rows of the other end.
    Wrapped,
}

impl Change {
    /// Returns what decides between changes that explain the same: how much has to be believed for it.
    pub(crate) fn cost(&self) -> f64 {
        match self {
            Change::Keys(keys) => {
                let of_key = |key: &Assignment| match &*key.value {
                    // What means nothing with another value is left out with it.
                    "" => 0.1,
                    value if has_many_digits(value) => 0.65,
                    _ => 0.45,
                };
                0.55 + keys.iter().map(of_key).sum::<f64>().max(0.45)
            }
            Change::Input(InputChange::Gain(_)) => 1.3,
            Change::Input(InputChange::PaddedTo(_) | InputChange::TakenFor(_)) => 1.2,
            Change::Input(InputChange::Delayed(_)) => 1.5,
            Change::Input(_) => 1.1,
            Change::Rows(RowsChange::Affine(1.0, _) | RowsChange::Affine(_, 0.0)) => 1.5,
            Change::Rows(RowsChange::Affine(_, _)) => 1.8,
            Change::Rows(RowsChange::ColumnsAffine(_, _)) => 3.0,
            Change::Rows(RowsChange::Shifted(..) | RowsChange::RowsAtEnd(_)) => 1.15,
            // Other edges of frames, which are two keys, do it too.
            Change::Rows(RowsChange::RowsAtBegin(_) | RowsChange::Excerpt { .. }) => 1.6,
            // So do numbers of cepstra, and what is left out of them.
            Change::Rows(RowsChange::FirstColumns(_) | RowsChange::LastColumns(_)) => 1.5,
            Change::Rows(_) => 1.2,
        }
    }

    /// Says it of so many rows: how many are left out or put there.
    pub(crate) fn words_after(&self, rows: usize) -> String {
        let (to, left_out, put) = match self {
            Change::Rows(RowsChange::RowsAtEnd(to)) => (*to, "last", "end"),
            Change::Rows(RowsChange::RowsAtBegin(to)) => (*to, "first", "beginning"),
            _ => return self.to_string(),
        };
        let by = to.abs_diff(rows) as u64;
        match to < rows {
            true => format!("{} left out", outermost(left_out, by, "row")),
            false => format!("{} of zeros {} put at the {put}", counted(by, "row"), be(by)),
        }
    }

    /// Returns whether its numbers are measured, and depend on what else is changed.
    pub(crate) fn is_fitted(&self) -> bool {
        let is_factor =
            |key: &Assignment| key.key.ends_with(".log_factor") || key.key.ends_with(".log_offset");
        match self {
            Change::Keys(keys) => keys.iter().all(|key| is_factor(key) && !key.value.is_empty()),
            Change::Input(change) => matches!(change, InputChange::Gain(_)),
            Change::Rows(change) => {
                matches!(change, RowsChange::Affine(..) | RowsChange::ColumnsAffine(..))
            }
        }
    }

    /// Returns whether it is of a number that people hardly choose.
    pub(crate) fn is_odd(&self) -> bool {
        let is_odd = |key: &Assignment| has_many_digits(&key.value);
        matches!(self, Change::Keys(keys) if keys.iter().any(is_odd))
    }

    /// Returns whether it adds energy to all that is quiet, as noise does.
    pub(crate) fn adds_energy(&self) -> bool {
        const KEYS: [&str; 5] =
            [".floor", ".floor_mode", ".magnitude_epsilon", ".dither", ".energy_floor"];
        let adds = |key: &Assignment| KEYS.iter().any(|name| key.key.ends_with(name));
        matches!(self, Change::Keys(keys) if keys.iter().all(adds))
    }

    /// Returns whether both say something of the same key, or of the same thing besides.
    pub(crate) fn excludes(&self, other: &Change) -> bool {
        match (self, other) {
            (Change::Keys(these), Change::Keys(those)) => these.iter().any(|this| {
                let is_within = |a: &str, b: &str| a == b || a.starts_with(&format!("{b}."));
                those
                    .iter()
                    .any(|that| is_within(&this.key, &that.key) || is_within(&that.key, &this.key))
            }),
            (Change::Input(this), Change::Input(that)) => {
                std::mem::discriminant(this) == std::mem::discriminant(that)
            }
            (Change::Rows(this), Change::Rows(that)) => {
                std::mem::discriminant(this) == std::mem::discriminant(that)
            }
            // Factors and offsets of columns take back whatever a normalisation has done.
            (Change::Rows(RowsChange::ColumnsAffine(..)), Change::Keys(keys))
            | (Change::Keys(keys), Change::Rows(RowsChange::ColumnsAffine(..))) => {
                keys.iter().any(|key| key.key.split('.').next() == Some("normalize"))
            }
            _ => false,
        }
    }
}

impl fmt::Display for Change {
    /// Writes it as `KEY = VALUE`, or in words.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Change::Keys(keys) => {
                let words: Vec<String> = keys.iter().map(words_of).collect();
                write!(f, "{}", words.join(", "))
            }
            Change::Input(change) => change.fmt(f),
            Change::Rows(change) => change.fmt(f),
        }
    }
}

/// Writes a value as TOML has it: a word alone is a text.
pub(crate) fn in_toml(value: &str) -> String {
    let is_word = value.starts_with(|c: char| c.is_ascii_alphabetic());
    match value {
        "true" | "false" | "inf" | "nan" => value.to_owned(),
        word if is_word => format!("{word:?}"),
        value => value.to_owned(),
    }
}

/// Returns whether a value is a number of more digits than people choose.
fn has_many_digits(value: &str) -> bool {
    const MOST: usize = 4;
    let mantissa = value.split(['e', 'E']).next().unwrap_or_default();
    let digits = mantissa.trim_start_matches(['-', '0', '.']).chars();
    value.parse::<f64>().is_ok() && digits.filter(char::is_ascii_digit).count() > MOST
}

/// So many at an end, and their verb: `the first row is`, `the last 3 rows are`.
fn outermost(which: &str, count: u64, noun: &str) -> String {
    match count {
        1 => format!("the {which} {noun} is"),
        _ => format!("the {which} {} are", counted(count, noun)),
    }
}

fn words_of(Assignment { key, value }: &Assignment) -> String {
    match (&**value, key.contains('.')) {
        ("", true) => format!("{key} is left out"),
        ("", false) => format!("[{key}] is left out"),
        (value, _) => format!("{key} = {}", in_toml(value)),
    }
}

impl fmt::Display for InputChange {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            InputChange::PeakNormalized(peak) => {
                write!(f, "the recording is scaled so that its peak is {peak}")
            }
            InputChange::Gain(gain) => {
                let db = 20.0 * libm::log10(f64::from(*gain));
                write!(f, "the recording is multiplied by {gain:.5} ({db:+.2} dB)")
            }
            InputChange::TakenFor(hz) => {
                write!(f, "the recording is taken for one of {hz} Hz, without resampling")
            }
            InputChange::PaddedTo(samples) => {
                write!(f, "the recording is padded with zeros to {samples} samples")
            }
            InputChange::Delayed(by) if *by < 0 => {
                write!(f, "{} left out", outermost("first", by.unsigned_abs(), "sample"))
            }
            InputChange::Delayed(by) => {
                let by = counted(by.unsigned_abs(), "sample");
                write!(f, "the recording begins {by} later, after zeros")
            }
            InputChange::Noise { level_db, .. } => {
                write!(f, "white noise {level_db:.0} dB below the recording is added")
            }
        }
    }
}

impl fmt::Display for RowsChange {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            RowsChange::Transposed => write!(f, "rows and columns are exchanged"),
            RowsChange::ColumnsReversed => write!(f, "the columns are in reverse order"),
            RowsChange::RowsReversed => write!(f, "the rows are in reverse order"),
            RowsChange::FirstColumnLast => write!(f, "the first column stands last"),
            RowsChange::LastColumnFirst => write!(f, "the last column stands first"),
            RowsChange::Shifted(frames, past) => {
                let way = if *frames > 0 { "earlier" } else { "later" };
                write!(f, "rows are {} {way}", counted(frames.unsigned_abs(), "frame"))?;
                match past {
                    Past::Outermost => Ok(()),
                    Past::Zeros => write!(f, ", with zeros where there is none"),
                    Past::Wrapped => write!(f, ", and those of one end stand at the other"),
                }
            }
            RowsChange::RowsAtEnd(rows) => {
                write!(f, "rows are cut off or zeros put at the end, which makes {rows}")
            }
            RowsChange::RowsAtBegin(rows) => {
                write!(f, "rows are cut off or zeros put at the beginning, which makes {rows}")
            }
            RowsChange::Excerpt { first, rows } => {
                let be = be(*rows as u64);
                write!(f, "only {} {be} there, from row {first} on", counted(*rows as u64, "row"))
            }
            RowsChange::FirstColumns(1) => f.write_str("only the first column is there"),
            RowsChange::FirstColumns(columns) => {
                write!(f, "only the first {columns} columns are there")
            }
            RowsChange::LastColumns(1) => f.write_str("only the last column is there"),
            RowsChange::LastColumns(columns) => {
                write!(f, "only the last {columns} columns are there")
            }
            RowsChange::Stacked(count) => write!(f, "{count} rows stand side by side as one"),
            RowsChange::Affine(factor, 0.0) => {
                write!(f, "all numbers are multiplied by {factor:.6}")
            }
            RowsChange::Affine(1.0, offset) => write!(f, "{offset:.6} is added to all numbers"),
            RowsChange::Affine(factor, offset) => {
                write!(f, "all numbers are multiplied by {factor:.6}, and {offset:.6} is added")
            }
            RowsChange::ColumnsAffine(_, _) => {
                write!(f, "each column is scaled and shifted by constants of its own")
            }
            RowsChange::Liftered(strength) => write!(f, "a lifter of {strength} is applied"),
            RowsChange::Unliftered(strength) => write!(f, "a lifter of {strength} is taken off"),
            RowsChange::Normalized { variance, ddof } => match variance {
                false => write!(f, "each column's mean over the rows is subtracted"),
                true => {
                    write!(f, "each column is normalised to mean 0 and variance 1 (ddof {ddof})")
                }
            },
            RowsChange::Floored(floor) => write!(f, "numbers below {floor} are raised to it"),
            RowsChange::TopFloored(range) => {
                write!(f, "numbers more than {range} below the largest are raised to that")
            }
            RowsChange::Ln => write!(f, "the natural logarithm is taken"),
            RowsChange::Exp => write!(f, "the exponential function is taken"),
            RowsChange::Root => write!(f, "the square root is taken"),
            RowsChange::Squared => write!(f, "numbers are squared"),
            RowsChange::Rounded(precision) => write!(f, "numbers are rounded to {precision}"),
        }
    }
}
