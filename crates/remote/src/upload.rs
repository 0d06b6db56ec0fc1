//! Objects put in pieces, which any process may send in any order.

use bytes::Bytes;
use object_store::multipart::{MultipartStore, PartId};
use object_store::{Error as StoreError, PutPayload};
use serde::{Deserialize, Serialize};

use crate::backend::Backend;
use crate::client::{Client, path};
use crate::error::Error;
use crate::location::Location;

/// The size of a piece, but for the last of an object. All stores take pieces of this size; of those of
/// S3, an object has at most 10,000.
pub const PIECE_BYTES: usize = 8 << 20;

const PUT: &str = "put";

/// An object that is being put in pieces. Nobody sees it before it is [complete](Client::complete), and it
/// takes room until then or until it is [given up](Client::abort). The value travels.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Upload {
    /// Its name in the store.
    pub id: String,
}

impl Client {
    /// Begins an object that is put in pieces.
    ///
    /// # Errors
    /// [`Error::Unsupported`] if the store cannot do that; or if it fails.
    pub fn begin_upload(&self, location: &Location) -> Result<Upload, Error> {
        self.wait(location, async {
            let (store, path) = (self.backend(location)?, path(location)?);
            let uploads = uploads(&store, location)?;
            let request = async || uploads.create_multipart(&path).await;
            Ok(Upload { id: self.attempt(PUT, location, request).await? })
        })
    }

    /// Sends a piece, of [`PIECE_BYTES`] bytes unless it is the last, and returns its tag, which
    /// [`Client::complete`] takes. One that is sent again replaces the first.
    ///
    /// - `number`: its place, from 0
    ///
    /// # Errors
    /// [`Error::GivenUp`]; or if it cannot be sent.
    pub fn put_piece(
        &self,
        location: &Location,
        upload: &Upload,
        number: usize,
        bytes: Bytes,
    ) -> Result<String, Error> {
        self.wait(location, self.send_piece(location, upload, number, &bytes))
    }

    pub(crate) async fn send_piece(
        &self,
        location: &Location,
        upload: &Upload,
        number: usize,
        bytes: &Bytes,
    ) -> Result<String, Error> {
        let (store, path) = (self.backend(location)?, path(location)?);
        let uploads = uploads(&store, location)?;
        let request = async || {
            let payload = PutPayload::from(bytes.clone());
            uploads.put_part(&path, &upload.id, number, payload).await
        };
        let sent = self.attempt(PUT, location, request).await;
        Ok(sent.map_err(|error| given_up(location, error))?.content_id)
    }

    /// Makes an object of its pieces.
    ///
    /// - `tags`: those of all pieces, in order
    /// - `bytes`: how many the object has
    ///
    /// # Errors
    /// [`Error::GivenUp`]; or if a piece is missing, or the store fails.
    pub fn complete(
        &self,
        location: &Location,
        upload: &Upload,
        tags: Vec<String>,
        bytes: u64,
    ) -> Result<(), Error> {
        self.wait(location, async {
            let (store, path) = (self.backend(location)?, path(location)?);
            let uploads = uploads(&store, location)?;
            let part = |content_id: &String| PartId { content_id: content_id.clone() };
            let request = async || {
                let parts = tags.iter().map(part).collect();
                uploads.complete_multipart(&path, &upload.id, parts).await.map(drop)
            };
            match self.attempt(PUT, location, request).await {
                // Complete by an earlier request, whose answer was lost?
                Err(error) => match self.look(location).await {
                    Ok(Some(meta)) if error.is_not_found() && meta.bytes == bytes => Ok(()),
                    _ => Err(given_up(location, error)),
                },
                done => done,
            }
        })
    }

    /// Gives up an object that is being put. That nobody is putting it is fine.
    ///
    /// # Errors
    /// If the store fails.
    pub fn abort(&self, location: &Location, upload: &Upload) -> Result<(), Error> {
        self.wait(location, async {
            let (store, path) = (self.backend(location)?, path(location)?);
            let uploads = uploads(&store, location)?;
            let request = async || match uploads.abort_multipart(&path, &upload.id).await {
                Err(StoreError::NotFound { .. }) => Ok(()),
                done => done,
            };
            self.attempt("give up", location, request).await
        })
    }
}

/// What it means that there is no such upload: who begins a run gives up those of the one before.
fn given_up(location: &Location, error: Error) -> Error {
    match error {
        Error::NotFound { .. } => Error::GivenUp { url: location.to_string() },
        error => error,
    }
}

fn uploads<'a>(store: &'a Backend, location: &Location) -> Result<&'a dyn MultipartStore, Error> {
    let unsupported = || Error::Unsupported { action: PUT, url: location.to_string() };
    store.uploads.as_deref().ok_or_else(unsupported)
}
