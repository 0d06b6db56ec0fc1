//! The orders of a plan's parts, wherever their utterances are.

use crate::error::Error;
use crate::plan::Plan;
use crate::plan::order::PartOrder;
use crate::plan::parts::Part;

/// Makes the orders of a plan's parts: of utterances that the plan itself has, or that are stored and read when they
/// are asked for.
pub(crate) trait Orders: Sync {
    /// Makes the order of a part.
    ///
    /// # Errors
    /// If it cannot be read.
    fn order(&self, plan: &Plan, part: &Part) -> Result<PartOrder, Error>;

    /// Hashes the sizes and times of the files that a part is made of, as they are now: here, of a plan that has its
    /// utterances.
    ///
    /// # Errors
    /// If its order cannot be read, or a file cannot be looked at.
    fn sources(&self, plan: &Plan, part: &Part) -> Result<String, Error> {
        plan.sources_of(part)
    }
}

/// The orders of a plan that has its utterances.
#[derive(Debug)]
pub(crate) struct Planned;

impl Orders for Planned {
    fn order(&self, plan: &Plan, part: &Part) -> Result<PartOrder, Error> {
        Ok(plan.order(part))
    }
}
