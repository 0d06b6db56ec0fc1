//! The context of an utterance while it is computed.

use std::cell::RefCell;
use std::error::Error as StdError;
use std::path::Path;

use ossicle_audio::Media;
use ossicle_corpus::Alignment;
use ossicle_files::is_too_many_files;

use crate::ahead::Ahead;
use crate::bounds::stop::Stop;
use crate::bounds::waiting::{patience, shortage};
use crate::notice::Notice;
use crate::progress::{Listener, Progress};
use crate::rows::failure::{Failure, UtteranceError};
use crate::rows::tables::Tables;

/// The context of an utterance while it is computed.
#[derive(Clone, Copy)]
pub(crate) struct Context<'a> {
    pub(crate) tables: &'a Tables,
    pub(crate) stop: &'a Stop,
    pub(crate) hear: &'a RefCell<Listener<'a>>,
    /// The folder that paths are relative to.
    pub(crate) root: &'a Path,
    pub(crate) ahead: &'a Ahead,
    /// The part's number, and the utterance's place in it.
    pub(crate) at: (usize, usize),
}

impl Context<'_> {
    /// Returns the recording's bytes, if they were read ahead.
    pub(crate) fn read_ahead(self) -> Option<Media> {
        self.ahead.take(self.at.0, self.at.1)
    }

    /// Returns the first part of the utterance's alignment, if it was read ahead, once.
    pub(crate) fn alignment_read_ahead(self) -> Option<Alignment> {
        self.ahead.take_alignment(self.at.0, self.at.1)
    }

    /// Opens something, and waits while the system has no file left: that is no recording's fault.
    ///
    /// - `failure`: what else goes wrong is the recording's, and this is how
    pub(crate) fn patiently<T, E: StdError + 'static>(
        self,
        open: impl FnMut() -> Result<T, E>,
        failure: impl FnOnce(E) -> Failure,
    ) -> Result<T, UtteranceError> {
        let should_stop = || self.stop.signal().is_some();
        let waiting = || {
            // Whoever cannot be told any more is not waited for: the next report fails.
            let _ = (self.hear.borrow_mut())(Progress::Notice(Notice::WaitingForFiles));
        };
        let opened = patience(&should_stop, &waiting).retry(open);
        opened.map_err(|error| match is_too_many_files(&error) {
            true => shortage(self.stop).into(),
            false => failure(error).into(),
        })
    }
}
