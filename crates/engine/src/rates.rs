//! The sample rates of a corpus, and what they mean for a recipe: columns of two rates are not alike.

use std::collections::BTreeMap;

use ossicle_recipe::Duration;

use crate::bounds::waiting::Waiting;
use crate::error::Error;
use crate::merge::Layout;
use crate::notice::{Notice, Rate};
use crate::plan::Plan;
use crate::rows::input::Input;
use crate::rows::tables::Tables;

/// How many recordings are looked at before the work: enough to meet a second rate that is not rare, and
/// too few to take any time.
const MOST_LOOKS: usize = 256;

/// Looks at the headers of some recordings, from everywhere in the corpus, and returns how many have which
/// rate. What cannot be opened has none.
///
/// - `waiting`: for files that can be opened, where others have them all
pub(crate) fn look(plan: &Plan, waiting: &Waiting<'_>) -> Result<Vec<Rate>, Error> {
    if plan.recipe().event_files().is_some() {
        return Ok(Vec::new());
    }
    let tables = Tables::new(plan.job.clone())?;
    let splits = &plan.corpus.splits;
    let all = splits.iter().flat_map(|split| split.utterances.iter().map(move |u| (split, u)));
    let step = all.clone().count().div_ceil(MOST_LOOKS).max(1);
    let mut rates = Rates::default();
    let mut buffer = Vec::new();
    for (split, utterance) in all.step_by(step) {
        let open = || Input::open(&tables, &split.root, utterance, std::mem::take(&mut buffer));
        if let Ok(input) = waiting.retry(open) {
            rates.add(input.extent(plan.recipe()).0, &utterance.id);
            buffer = input.into_buffer();
        }
    }
    Ok(rates.into_list(plan))
}

/// Returns how many of a dataset's utterances have which rate.
pub(crate) fn stored(
    plan: &Plan,
    layout: &Layout,
    store: &dyn ossicle_dataset::Store,
) -> Result<Vec<Rate>, Error> {
    let mut rates = Rates::default();
    for part in &layout.parts {
        for row in part.utterances(store)? {
            rates.add(row.sample_rate_hz, &row.id);
        }
    }
    Ok(rates.into_list(plan))
}

/// Refuses what would make columns that mean several things.
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
    Ok(())
}

/// Tells what a recipe means at these rates that it may not have been meant to.
pub(crate) fn notices(plan: &Plan, rates: &[Rate]) -> Vec<Notice> {
    let recipe = plan.recipe();
    let frames = recipe.frames_table();
    let of_rate = |rate: &Rate| {
        let mut notices = Vec::new();
        if let (Duration::Samples(length), Some(made_for_hz)) = (frames.length, frames.made_for_hz)
            && rate.sample_rate_hz != made_for_hz
        {
            notices.push(Notice::FramesOfOtherRate { length, made_for_hz, rate: rate.clone() });
        }
        notices
    };
    rates.iter().flat_map(of_rate).collect()
}

/// For each rate how many recordings, and the first in order.
#[derive(Debug, Default)]
struct Rates(BTreeMap<u32, (u64, String)>);

impl Rates {
    fn add(&mut self, sample_rate_hz: u32, id: &str) {
        self.0.entry(sample_rate_hz).or_insert_with(|| (0, id.to_owned())).0 += 1;
    }

    /// Those that are not refused one by one.
    fn into_list(self, plan: &Plan) -> Vec<Rate> {
        let wanted = plan.recipe().audio().sample_rate_hz;
        let rate = |(sample_rate_hz, (count, first))| Rate { sample_rate_hz, count, first };
        let is_wanted = |rate: &Rate| wanted.is_none_or(|hz| hz == rate.sample_rate_hz);
        self.0.into_iter().map(rate).filter(is_wanted).collect()
    }
}
