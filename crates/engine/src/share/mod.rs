//! Shares of a job: several processes, on any machines that see the same folders, compute the parts of one plan.
//!
//! The plan is stored in the output's folder, part by part, and each share reads its own parts of it. What a share
//! computes are parts as any run leaves them, which the run that publishes finds: they are the journal, and a share
//! that is killed, run twice or given to two machines does no harm. No share takes a lock.
//!
//! Where somebody else deals parts out, as a cluster does, a [`PartWorker`] computes those that it is asked for.

mod deal;
mod part_worker;
mod run;
mod stored_plan;

use std::fmt;
use std::str::FromStr;

pub(crate) use stored_plan::{PLAN_FILE, store_plan as store_for_cluster};

pub use part_worker::PartWorker;
pub use run::{ShareOutcome, SharesLeft, check_shares, compute_share, store_plan};

/// A share of a job: one of so many.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Share {
    /// Which, from 1.
    number: usize,
    of: usize,
}

/// The most shares that a job is dealt to.
const MOST: usize = 1 << 20;

/// A share that there is not.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{found:?} is no share: it must be I/N with I from 1 to N, as 3/7")]
pub struct NoShare {
    found: String,
}

impl Share {
    /// - `number`: which, from 1
    /// - `of`: how many there are
    ///
    /// # Errors
    /// If there is no such share.
    pub fn new(number: usize, of: usize) -> Result<Share, NoShare> {
        match (1..=of.min(MOST)).contains(&number) && of <= MOST {
            true => Ok(Share { number, of }),
            false => Err(NoShare { found: format!("{number}/{of}") }),
        }
    }

    /// Returns which it is, from 1.
    pub fn number(self) -> usize {
        self.number
    }

    /// Returns how many there are.
    pub fn of(self) -> usize {
        self.of
    }
}

impl fmt::Display for Share {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.number, self.of)
    }
}

impl FromStr for Share {
    type Err = NoShare;

    fn from_str(text: &str) -> Result<Share, NoShare> {
        let no = || NoShare { found: text.to_owned() };
        let (number, of) = text.split_once('/').ok_or_else(no)?;
        let digits = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
        let whole = |text: &str| digits(text).then(|| text.parse().ok())?;
        Share::new(whole(number).ok_or_else(no)?, whole(of).ok_or_else(no)?).map_err(|_| no())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_share_is_one_of_so_many() {
        assert_eq!("3/7".parse(), Share::new(3, 7));
        assert_eq!("1/1".parse::<Share>().unwrap().to_string(), "1/1");
        for text in [
            "",
            "3",
            "0/7",
            "8/7",
            "3/0",
            "-1/7",
            "+1/7",
            " 1/7",
            "1/7/2",
            "1/9999999999999999999999",
        ] {
            let error = text.parse::<Share>().unwrap_err().to_string();
            assert!(error.contains(&format!("{text:?} is no share")), "{error}");
        }
    }
}
