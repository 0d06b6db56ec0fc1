//! The connections to stores of objects, and what is read over them.

use ossicle_corpus::{Split, Utterance};
use ossicle_files::is_url;
use ossicle_remote::{Client, Options};

/// Returns the most connections that there are at once; none where nothing was asked of a store yet.
pub(crate) fn in_use() -> Option<usize> {
    Client::installed().filter(Client::is_running).map(|client| client.connections())
}

/// Makes the client of this process one of a coordinator's options; none where it has no client.
///
/// # Errors
/// If the options are wrong, or stores are in use here by others.
pub(crate) fn reach(stores: Option<Options>) -> Result<(), ossicle_remote::Error> {
    let Some(options) = stores else { return Ok(()) };
    Client::new(&options).and_then(Client::install)
}

/// Returns the options of this process' client, for others that work for it; none where it has none.
pub(crate) fn options() -> Option<Options> {
    Client::installed().and_then(|client| client.options().cloned())
}

/// Returns the number of connections that recordings are read over; none where all of them are files.
///
/// - `has_objects`: whether some are objects of a store
pub(crate) fn over(has_objects: bool) -> Option<usize> {
    has_objects.then(most)
}

/// Returns the number of connections that the recordings of these utterances are read over; none where all of them are
/// files.
pub(crate) fn of_utterances<'a>(
    mut utterances: impl Iterator<Item = (&'a Split, &'a Utterance)>,
) -> Option<usize> {
    over(utterances.any(|(split, of)| is_url(&split.root) || is_url(&of.source)))
}

/// Returns whether some of a split's recordings are objects of a store.
pub(crate) fn has_objects(split: &Split) -> bool {
    is_url(&split.root) || split.utterances.iter().any(|of| is_url(&of.source))
}

/// The most connections that there may be.
fn most() -> usize {
    Client::installed().map_or(Options::CONNECTIONS, |client| client.connections())
}
