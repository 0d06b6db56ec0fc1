//! Sample rates that a recipe cannot be meant for: columns of two rates are not alike.

use crate::error::Error;
use crate::notice::Rate;
use crate::part::PartFile;
use crate::plan::Plan;
use crate::plan::rates::Rates;

/// Returns how many of the utterances of a dataset's parts have which rate.
pub(crate) fn stored(parts: &[PartFile]) -> Rates {
    let mut rates = Rates::default();
    for (&sample_rate_hz, of_rate) in parts.iter().flat_map(|part| &part.footer.rates) {
        rates.add(sample_rate_hz, of_rate.count, &of_rate.first);
    }
    rates
}

/// Refuses what would make columns that mean several things, and features that can be computed of none of
/// these recordings.
pub(crate) fn refuse(plan: &Plan, rates: &[Rate]) -> Result<(), Error> {
    if rates.len() > 1 && !plan.recipe().audio().mixed_rates {
        return Err(Error::MixedRates { rates: rates.to_vec() });
    }
    if let Some((folder, theirs)) = &plan.statistics_rate
        && let Some(other) = rates.iter().find(|rate| rate.sample_rate_hz != *theirs)
    {
        let (folder, theirs, other) = (folder.clone(), *theirs, other.clone());
        return Err(Error::OtherRate { folder, theirs, other });
    }
    let unfit =
        |rate: &Rate| Some((rate.clone(), plan.recipe().check_at(rate.sample_rate_hz).err()?));
    let mut unfit: Vec<_> = rates.iter().filter_map(unfit).collect();
    if !unfit.is_empty() && unfit.len() == rates.len() {
        let (rate, source) = unfit.swap_remove(0);
        return Err(Error::UnfitRate { rate, source });
    }
    Ok(())
}
