//! The most failures that are tolerated.

/// The most failures that are tolerated.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Tolerance {
    /// So many utterances.
    Count(u64),
    /// So many of a hundred utterances.
    Percent(f64),
}

impl Tolerance {
    /// Returns whether `failures` of `utterances` are within it.
    pub fn allows(self, failures: u64, utterances: u64) -> bool {
        match self {
            Tolerance::Count(most) => failures <= most,
            Tolerance::Percent(most) => failures as f64 * 100.0 <= most * utterances as f64,
        }
    }
}

impl std::fmt::Display for Tolerance {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Tolerance::Count(most) => write!(f, "{most}"),
            Tolerance::Percent(most) => write!(f, "{most}%"),
        }
    }
}

impl std::str::FromStr for Tolerance {
    type Err = String;

    fn from_str(text: &str) -> Result<Tolerance, String> {
        let bad = || format!("{text:?} is neither a number nor a percentage like 5%");
        match text.strip_suffix('%') {
            Some(percent) => percent
                .parse()
                .ok()
                .filter(|percent| (0.0..=100.0).contains(percent))
                .map(Tolerance::Percent)
                .ok_or_else(bad),
            None => text.parse().map(Tolerance::Count).map_err(|_| bad()),
        }
    }
}
