//! A place whose dataset was published while somebody was still at work on parts of it.

use ossicle_dataset::{
    Card, Dataset, JOB_FILE, Place, finish_publication, published_card, remove_work,
};

use super::folder;
use crate::error::Error;
use crate::share::PLAN_FILE;

/// Returns whether the dataset of a job is there and nobody works on it any more. What was put beside it meanwhile is
/// removed then.
///
/// - `key`: of the job
pub(crate) fn is_published(place: &Place<'_>, key: &str, no_lock: bool) -> Result<bool, Error> {
    let store = place.store();
    let is_over = || Ok::<_, Error>(store.stat(JOB_FILE)?.or(store.stat(PLAN_FILE)?).is_none());
    if !is_over()? {
        return Ok(false);
    }
    let Some(card) = card(place)?.filter(|card| card.job == key) else { return Ok(false) };
    match place {
        Place::Folder(store) => match folder::lock(store, no_lock) {
            // Whoever is at work there puts it in order.
            Err(Error::Dataset(ossicle_dataset::Error::Locked { .. })) => {}
            lock => {
                let _lock = lock?;
                if is_over()? {
                    remove_work(store)?;
                }
            }
        },
        Place::Objects(store) => finish_publication(store, &card)?,
    }
    Ok(true)
}

/// Reads the card that is there; none if there is none, or no whole one.
fn card(place: &Place<'_>) -> Result<Option<Card>, Error> {
    match place {
        Place::Folder(store) => Ok(Dataset::open_in(store).ok().map(|it| it.card().clone())),
        Place::Objects(store) => Ok(published_card(store)?),
    }
}
