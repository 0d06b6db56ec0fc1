//! The client as whoever reads the files of a corpus sees it: paths that are URLs.

use std::io;
use std::ops::Range;

use ossicle_files::{ObjectError, ObjectStat, Objects, StoreKind, stop_of_thread};

use crate::client::Client;
use crate::error::Error;
use crate::list::Depth;
use crate::location::Location;
use crate::meta::Meta;

impl Client {
    /// A clone whose calls end when this thread is not to wait any longer.
    fn of_thread(&self) -> Client {
        match stop_of_thread() {
            Some(should_stop) => self.stopped_by(move || should_stop()),
            None => self.clone(),
        }
    }
}

impl Objects for Client {
    fn stat(&self, url: &str) -> io::Result<ObjectStat> {
        let found = Location::parse(url).and_then(|location| self.of_thread().head(&location));
        answer(found)
    }

    fn stats(&self, urls: &[&str]) -> Vec<io::Result<ObjectStat>> {
        let parsed: Vec<_> = urls.iter().map(|url| Location::parse(url)).collect();
        let locations: Vec<_> = parsed.iter().flatten().cloned().collect();
        let mut found = self.of_thread().heads(&locations).into_iter();
        let of = |location| match (location, found.next()) {
            (Ok(_), Some(found)) => answer(found),
            (Ok(_), None) => Err(ObjectError::NotFound.into()),
            (Err(error), _) => Err(failed(error)),
        };
        parsed.into_iter().map(of).collect()
    }

    fn list(&self, url: &str, listed: &mut dyn FnMut(&str, ObjectStat)) -> io::Result<()> {
        let location = Location::parse(url).map_err(failed)?;
        let found = self.of_thread().list(&location, Depth::All).map_err(failed)?;
        found.objects.into_iter().for_each(|entry| listed(&entry.name, stat(entry.meta)));
        Ok(())
    }

    fn list_level(
        &self,
        url: &str,
        listed: &mut dyn FnMut(&str, Option<ObjectStat>),
    ) -> io::Result<()> {
        let location = Location::parse(url).map_err(failed)?;
        let found = self.of_thread().list(&location, Depth::Folder).map_err(failed)?;
        found.folders.iter().for_each(|name| listed(&format!("{name}/"), None));
        found.objects.into_iter().for_each(|entry| listed(&entry.name, Some(stat(entry.meta))));
        Ok(())
    }

    fn read(
        &self,
        url: &str,
        range: Range<u64>,
        tag: Option<&str>,
    ) -> io::Result<(Vec<u8>, ObjectStat)> {
        let location = Location::parse(url).map_err(failed)?;
        let (bytes, meta) = self.of_thread().get_up_to(&location, range, tag).map_err(failed)?;
        Ok((bytes.into(), stat(meta)))
    }
}

fn answer(found: Result<Option<Meta>, Error>) -> io::Result<ObjectStat> {
    let found = found.map_err(failed)?;
    found.map(stat).ok_or_else(|| ObjectError::NotFound.into())
}

fn stat(meta: Meta) -> ObjectStat {
    ObjectStat { bytes: meta.bytes, modified: meta.modified, tag: meta.tag.map(String::into) }
}

/// What an error means to those who know the URL.
fn failed(error: Error) -> io::Error {
    let refused = |sentence: &str| ObjectError::Refused(sentence.to_owned());
    let store = error.denied_by().unwrap_or(StoreKind::Http);
    let denied = |reason: String| ObjectError::Denied { store, reason };
    match error {
        Error::NotFound { .. } => ObjectError::NotFound,
        Error::Changed { .. } => ObjectError::Changed,
        Error::NoBucket { bucket, .. } => {
            ObjectError::Refused(format!("there is no bucket {bucket}"))
        }
        Error::NoCredentials { .. } => denied("there are no credentials for it".to_owned()),
        Error::BadCredentials { reason, .. } => {
            denied(format!("its credentials are not accepted ({reason})"))
        }
        Error::Forbidden { .. } => denied("that is not permitted".to_owned()),
        Error::Unsupported { .. } => refused("its store can not do that"),
        Error::NotBuilt { .. } => {
            refused("it is in an object store, and this program was built without them (cargo feature `cloud`)")
        }
        Error::BadUrl { reason, .. } => {
            ObjectError::Refused(format!("it is not the address of an object: {reason}"))
        }
        Error::BadSettings { reason, .. } => {
            ObjectError::Refused(format!("it cannot be reached with these settings: {reason}"))
        }
        Error::Unreachable { host, reason, .. } => {
            ObjectError::Failed(format!("{host} cannot be reached ({reason})"))
        }
        Error::Failed { reason, .. } => ObjectError::Failed(reason),
        other => ObjectError::Failed(other.to_string()),
    }
    .into()
}
