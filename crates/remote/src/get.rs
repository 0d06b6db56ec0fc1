//! Looking at objects, and reading them.

use std::ops::Range;

use bytes::{Bytes, BytesMut};
use futures_util::StreamExt;
use futures_util::stream::{self, BoxStream};
use object_store::{Error as StoreError, GetOptions, GetRange, GetResult, ObjectStoreExt};

use crate::client::{Client, path};
use crate::error::Error;
use crate::location::Location;
use crate::meta::Meta;
use ossicle_files::StoreKind;

const LOOK: &str = "look at";
const READ: &str = "read";

impl Client {
    /// Returns an object's size and tag; `None` where there is none.
    ///
    /// S3 does not tell here whether there is no such bucket: a [list](Client::list) does.
    ///
    /// # Errors
    /// If that cannot be told.
    pub fn head(&self, location: &Location) -> Result<Option<Meta>, Error> {
        self.wait(location, self.look(location))
    }

    /// Looks at many objects side by side, as many as there are connections. The results are in order.
    pub fn heads(&self, locations: &[Location]) -> Vec<Result<Option<Meta>, Error>> {
        let Some(first) = locations.first() else {
            return Vec::new();
        };
        let looks = stream::iter(locations).map(|location| self.look(location));
        let all = async { Ok(looks.buffered(self.connections()).collect::<Vec<_>>().await) };
        self.wait(first, all)
            .unwrap_or_else(|stopped| locations.iter().map(|_| Err(stopped.clone())).collect())
    }

    pub(crate) async fn look(&self, location: &Location) -> Result<Option<Meta>, Error> {
        let (store, path) = (self.backend(location)?, path(location)?);
        // A permission to read is none to look: an answer to who reads has it all before its body.
        let read = async |range: Option<GetRange>| {
            let options = GetOptions { range, ..GetOptions::default() };
            store.objects.get_opts(&path, options).await.map(|got| got.meta)
        };
        let looked = if location.is_of_one() {
            let first = Some(GetRange::Bounded(0..1));
            let request = async || read(first.clone()).await;
            match self.attempt(LOOK, location, request).await {
                // An empty object has no first byte, and a server may know no ranges.
                Err(Error::Failed { .. } | Error::Unsupported { .. }) => {
                    self.attempt(LOOK, location, async || read(None).await).await
                }
                looked => looked,
            }
        } else {
            self.attempt(LOOK, location, async || store.objects.head(&path).await).await
        };
        match looked {
            Ok(meta) => Ok(Some(Meta::of(&meta))),
            Err(Error::NotFound { .. }) => Ok(None),
            Err(error) => Err(error),
        }
    }

    /// Reads a range of an object.
    ///
    /// - `expected`: what the object was when it was looked at, which it must still be
    ///
    /// # Errors
    /// [`Error::Changed`] if it is not what is expected any more; if it ends before the range does; or if it
    /// cannot be read.
    pub fn get_range(
        &self,
        location: &Location,
        range: Range<u64>,
        expected: Option<&Meta>,
    ) -> Result<Bytes, Error> {
        if range.is_empty() {
            return Ok(Bytes::new());
        }
        if expected.is_some_and(|expected| expected.bytes < range.end) {
            return Err(ends_early(location, expected.map_or(0, |expected| expected.bytes)));
        }
        self.wait(location, self.fetch(location, range, expected))
    }

    /// Reads a range of an object, as far as the object goes, and tells what it is that was read.
    ///
    /// - `tag`: what the object's tag must be, where that matters
    ///
    /// # Errors
    /// [`Error::Changed`] if it has another tag; if it ends before the range begins; or if it cannot be read.
    pub fn get_up_to(
        &self,
        location: &Location,
        range: Range<u64>,
        tag: Option<&str>,
    ) -> Result<(Bytes, Meta), Error> {
        let expected = tag.map(|tag| Meta { bytes: 0, tag: Some(tag.to_owned()), modified: None });
        let condition = expected.as_ref().and_then(Meta::condition);
        self.wait(location, self.fetch_known(location, Some(&range), &range, condition))
    }

    /// Reads a whole object, which has no more than so many bytes.
    ///
    /// # Errors
    /// [`Error::TooLarge`] if it has more; or if it cannot be read.
    pub fn get(&self, location: &Location, most_bytes: u64) -> Result<(Bytes, Meta), Error> {
        let (store, path) = (self.backend(location)?, path(location)?);
        let request = async || {
            let got = store.objects.get(&path).await?;
            let meta = Meta::of(&got.meta);
            if meta.bytes > most_bytes {
                return Ok((None, meta));
            }
            let whole = 0..meta.bytes;
            Ok((Some(collect(got, &whole).await?), meta))
        };
        match self.wait(location, self.attempt(READ, location, request))? {
            (Some(bytes), meta) => Ok((bytes, meta)),
            (None, Meta { bytes, .. }) => {
                let url = location.to_string();
                Err(Error::TooLarge { action: READ, url, bytes, most: most_bytes })
            }
        }
    }

    pub(crate) async fn fetch(
        &self,
        location: &Location,
        range: Range<u64>,
        expected: Option<&Meta>,
    ) -> Result<Bytes, Error> {
        let is_whole = range.start == 0 && expected.is_some_and(|it| it.bytes == range.end);
        let ranged = (!is_whole).then_some(&range);
        let condition = expected.and_then(Meta::condition);
        let (bytes, meta) = self.fetch_known(location, ranged, &range, condition).await?;
        if expected.is_some_and(|expected| !expected.is_same(&meta)) {
            return Err(Error::Changed { url: location.to_string() });
        }
        if bytes.len() as u64 != range.end - range.start {
            return Err(ends_early(location, meta.bytes));
        }
        Ok(bytes)
    }

    /// - `asked`: the range that the store is asked for; all of it if none
    async fn fetch_known(
        &self,
        location: &Location,
        asked: Option<&Range<u64>>,
        range: &Range<u64>,
        condition: Option<String>,
    ) -> Result<(Bytes, Meta), Error> {
        match self.fetch_as(location, asked, range, condition.clone()).await {
            // A server of files may know no ranges, and answers with everything.
            Err(Error::Failed { .. } | Error::Unsupported { .. })
                if asked.is_some() && location.kind() == StoreKind::Http =>
            {
                self.fetch_as(location, None, range, condition).await
            }
            got => got,
        }
    }

    async fn fetch_as(
        &self,
        location: &Location,
        asked: Option<&Range<u64>>,
        range: &Range<u64>,
        if_match: Option<String>,
    ) -> Result<(Bytes, Meta), Error> {
        let (store, path) = (self.backend(location)?, path(location)?);
        let options = GetOptions {
            range: asked.cloned().map(GetRange::Bounded),
            if_match,
            ..GetOptions::default()
        };
        let request = async || {
            let got = store.objects.get_opts(&path, options.clone()).await?;
            let meta = Meta::of(&got.meta);
            Ok((collect(got, range).await?, meta))
        };
        self.attempt(READ, location, request).await
    }
}

fn ends_early(location: &Location, bytes: u64) -> Error {
    let reason = format!("it ends after {bytes} bytes, before what was asked for");
    Error::Failed { action: READ, url: location.to_string(), reason }
}

/// Takes a range out of an answer, which may have more before and behind it. It is shorter if the object
/// ends within the range.
async fn collect(got: GetResult, range: &Range<u64>) -> Result<Bytes, StoreError> {
    let mut at = got.range.start;
    let promised = range.end.min(got.range.end).saturating_sub(range.start.max(at));
    let mut body: BoxStream<'static, Result<Bytes, StoreError>> = got.into_stream();
    let mut whole = BytesMut::new();
    while let Some(chunk) = body.next().await {
        let chunk = chunk?;
        let length = chunk.len() as u64;
        let begin = range.start.saturating_sub(at).min(length) as usize;
        let end = range.end.saturating_sub(at).min(length) as usize;
        if whole.is_empty() && end - begin == chunk.len() && chunk.len() as u64 == promised {
            // One chunk is all there is: nothing is copied.
            return Ok(chunk);
        }
        whole.extend_from_slice(&chunk[begin..end]);
        at += length;
        if at >= range.end {
            break;
        }
    }
    if (whole.len() as u64) < promised {
        // A server that closes early without a word.
        let source = format!("it broke off after {} of {promised} bytes", whole.len()).into();
        return Err(StoreError::Generic { store: "answer", source });
    }
    Ok(whole.freeze())
}
