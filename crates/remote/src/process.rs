//! The client of a process: whoever meets a URL, wherever it comes from, uses its connections.

use std::sync::{Arc, PoisonError, RwLock};

use ossicle_files::install_objects;

use crate::client::Client;
use crate::error::Error;
use crate::options::Options;

/// Connections are counted as open files are, of which a process has one table.
static INSTALLED: RwLock<Option<Client>> = RwLock::new(None);

impl Client {
    /// Makes this the client of the process, in the place of the one before, for datasets and for the files of
    /// corpora.
    ///
    /// # Errors
    /// [`Error::InUse`] if somebody has the one before, and it was made of other options.
    pub fn install(self) -> Result<(), Error> {
        let mut installed = INSTALLED.write().unwrap_or_else(PoisonError::into_inner);
        match &*installed {
            Some(before) if before.is_as(&self) => Ok(()),
            Some(before) if before.is_shared() => Err(Error::InUse),
            _ => {
                install_objects(Arc::new(self.clone())).map_err(|_| Error::InUse)?;
                *installed = Some(self);
                Ok(())
            }
        }
    }

    /// Returns the client of the process, if there is one yet.
    pub fn installed() -> Option<Client> {
        INSTALLED.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Returns the client of the process: where none was installed, one of what the environment says.
    ///
    /// # Errors
    /// Those of [`Client::new`].
    pub fn of_process() -> Result<Client, Error> {
        if let Some(client) = Client::installed() {
            return Ok(client);
        }
        // Whoever comes second finds that it is the same.
        Client::new(&Options::default())?.install()?;
        Client::of_process()
    }
}
