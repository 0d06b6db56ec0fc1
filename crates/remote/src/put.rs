//! Writing objects whole, and removing them.

use std::io::Read;

use bytes::Bytes;
use futures_util::stream::{self, StreamExt, TryStreamExt};
use object_store::{
    Error as StoreError, ObjectStoreExt, PutMode, PutOptions, PutPayload, UpdateVersion,
};

use crate::client::{Client, path};
use crate::error::Error;
use crate::location::Location;
use crate::meta::Meta;
use crate::upload::PIECE_BYTES;
use ossicle_files::StoreKind;

const PUT: &str = "put";
const REMOVE: &str = "remove";

/// The condition on which an object is put.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Put {
    /// No condition: an object of that name is replaced.
    Always,
    /// There is no object of that name.
    IfAbsent,
    /// The object is what it was when it was looked at.
    IfUnchanged(Meta),
}

impl Client {
    /// Puts an object: whoever looks finds all of it, or what was there before.
    ///
    /// An answer may be lost after the object was put. So one of these very bytes counts as put, whoever
    /// has put it: a condition decides between objects that differ.
    ///
    /// # Errors
    /// [`Error::Present`] or [`Error::Changed`] if the condition does not hold; [`Error::Unsupported`] if the
    /// store has no conditions, or is a server of files; or if it cannot be put.
    pub fn put(&self, location: &Location, bytes: Bytes, put: &Put) -> Result<Meta, Error> {
        if location.kind() == StoreKind::Http {
            return Err(Error::Unsupported { action: PUT, url: location.to_string() });
        }
        self.wait(location, self.put_on_condition(location, &bytes, put))
    }

    /// Puts an object whose bytes are read as they are sent; a large one in pieces, and then at once.
    ///
    /// - `bytes`: how many there are
    ///
    /// # Errors
    /// Those of [`Client::put`]; or if they cannot be read.
    pub fn put_file(
        &self,
        location: &Location,
        file: &mut dyn Read,
        bytes: u64,
        put: &Put,
    ) -> Result<(), Error> {
        let mut next = |most: u64| {
            let length = most.min(PIECE_BYTES as u64 * 2) as usize;
            let mut piece = vec![0; length];
            let read = file.read_exact(&mut piece);
            read.map(|()| Bytes::from(piece)).map_err(|error| Error::Failed {
                action: PUT,
                url: location.to_string(),
                reason: format!("what it is made of cannot be read: {error}"),
            })
        };
        if bytes <= PIECE_BYTES as u64 * 2 {
            return self.put(location, next(bytes)?, put).map(drop);
        }
        if *put != Put::Always {
            // No store completes an upload on a condition.
            return Err(Error::Unsupported { action: PUT, url: location.to_string() });
        }
        let upload = self.begin_upload(location)?;
        let pieces = bytes.div_ceil(PIECE_BYTES as u64);
        let mut left = bytes;
        let pieces = stream::iter(0..pieces).map(|number| {
            let piece = next(left.min(PIECE_BYTES as u64));
            left = left.saturating_sub(PIECE_BYTES as u64);
            let upload = &upload;
            async move { self.send_piece(location, upload, number as usize, &piece?).await }
        });
        let sent = self.wait(location, pieces.buffered(AT_ONCE).try_collect::<Vec<_>>());
        let put = sent.and_then(|tags| self.complete(location, &upload, tags, bytes));
        if put.is_err() {
            // The first error is told; what is left of it costs room, until the store tidies up.
            let _ = self.abort(location, &upload);
        }
        put
    }

    async fn put_on_condition(
        &self,
        location: &Location,
        bytes: &Bytes,
        put: &Put,
    ) -> Result<Meta, Error> {
        if *put != Put::Always && self.options().is_some_and(|it| !it.has_conditions()) {
            self.check_first(location, put).await?;
            return self.put_as(location, bytes, PutMode::Overwrite).await;
        }
        let error = match self.put_as(location, bytes, mode(put)).await {
            Err(error @ (Error::Present { .. } | Error::Changed { .. })) => error,
            done => return done,
        };
        // Is it there by an earlier request of this call, whose answer was lost?
        match self.look(location).await? {
            Some(meta) if meta.bytes == bytes.len() as u64 => {
                let there = self.fetch(location, 0..meta.bytes, Some(&meta)).await?;
                if there == *bytes { Ok(meta) } else { Err(error) }
            }
            _ => Err(error),
        }
    }

    /// What a condition comes to in a store that has none, if its user has said so.
    async fn check_first(&self, location: &Location, put: &Put) -> Result<(), Error> {
        let url = location.to_string();
        match (put, self.look(location).await?) {
            (Put::IfAbsent, Some(_)) => Err(Error::Present { url }),
            (Put::IfUnchanged(was), ref there)
                if !there.as_ref().is_some_and(|it| it.is_same(was)) =>
            {
                Err(Error::Changed { url })
            }
            _ => Ok(()),
        }
    }

    async fn put_as(
        &self,
        location: &Location,
        bytes: &Bytes,
        mode: PutMode,
    ) -> Result<Meta, Error> {
        let (store, path) = (self.backend(location)?, path(location)?);
        let options = PutOptions { mode, ..PutOptions::default() };
        let request = async || {
            let payload = PutPayload::from(bytes.clone());
            store.objects.put_opts(&path, payload, options.clone()).await
        };
        let done = self.attempt(PUT, location, request).await?;
        Ok(Meta { bytes: bytes.len() as u64, tag: done.e_tag, modified: None })
    }

    /// Removes an object. That there is none is fine.
    ///
    /// # Errors
    /// If it cannot be removed.
    pub fn remove(&self, location: &Location) -> Result<(), Error> {
        self.wait(location, async {
            let (store, path) = (self.backend(location)?, path(location)?);
            let request = async || match store.objects.delete(&path).await {
                Err(StoreError::NotFound { .. }) => Ok(()),
                done => done,
            };
            self.attempt(REMOVE, location, request).await
        })
    }
}

impl Client {
    /// Removes many objects of one bucket, as many with a request as the store takes. That some are not there is
    /// fine.
    ///
    /// # Errors
    /// If one cannot be removed; others may be removed by then.
    pub fn remove_many(&self, locations: &[Location]) -> Result<(), Error> {
        let Some(first) = locations.first() else {
            return Ok(());
        };
        self.wait(first, async {
            let store = self.backend(first)?;
            let paths: Vec<_> = locations.iter().map(path).collect::<Result<_, _>>()?;
            let request = async || {
                let paths = stream::iter(paths.clone()).map(Ok).boxed();
                let mut removed = store.objects.delete_stream(paths);
                while let Some(done) = removed.next().await {
                    match done {
                        Ok(_) | Err(StoreError::NotFound { .. }) => {}
                        Err(error) => return Err(error),
                    }
                }
                Ok(())
            };
            self.attempt(REMOVE, first, request).await
        })
    }
}

/// Pieces of one object that are sent side by side.
const AT_ONCE: usize = 4;

fn mode(put: &Put) -> PutMode {
    match put {
        Put::Always => PutMode::Overwrite,
        Put::IfAbsent => PutMode::Create,
        Put::IfUnchanged(was) => {
            PutMode::Update(UpdateVersion { e_tag: was.tag.clone(), version: None })
        }
    }
}
