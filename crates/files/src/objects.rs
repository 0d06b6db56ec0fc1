//! The stores of objects that URLs lead to, as whoever can reach them gives them.
//!
//! This crate knows no protocol. A program installs one implementation, once: it holds the connections of the
//! process, which are counted as open files are, and paths that are URLs come from anywhere (a word of the command
//! line, a line of a manifest), far from whoever could hand it on. It is the one thing that a process has only one
//! of, as it has one table of open files.

use std::{
    fmt, io,
    ops::Range,
    path::Path,
    sync::{Arc, PoisonError, RwLock},
    time::{Duration, SystemTime, UNIX_EPOCH},
};

use crate::scheme::StoreKind;

/// The facts that a store tells of an object.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ObjectStat {
    /// The size in bytes.
    pub bytes: u64,
    /// When it was last written, where the store tells.
    pub modified: Option<SystemTime>,
    /// A text that is another one whenever the object is: its ETag. None where the store has none.
    pub tag: Option<Box<str>>,
}

impl ObjectStat {
    /// A time that stands for the object's time and its tag: whole seconds of the one, and the fraction made of the
    /// other.
    ///
    /// Stores tell a time to the millisecond in a list and to the second of one object, and the tag with quotes or
    /// without: the stamp is the same. It travels as the time of a file does, and an object that has another tag
    /// has another, but for one case in a thousand million.
    pub fn stamp(&self) -> Option<SystemTime> {
        let since = self.modified.and_then(|time| time.duration_since(UNIX_EPOCH).ok());
        let tag = self.tag.as_deref().map(|tag| tag.trim_start_matches("W/").trim_matches('"'));
        if since.is_none() && tag.is_none() {
            return None;
        }
        let seconds = since.map_or(0, |since| since.as_secs());
        let fraction = tag.map_or(0, |tag| (hash(tag.as_bytes()) % 1_000_000_000) as u32);
        UNIX_EPOCH.checked_add(Duration::new(seconds, fraction))
    }

    /// Returns whether a stamp may be of the same object: that of a list without tags tells the second alone, as
    /// s3s-fs 0.14 lists, and where no store tells a time, lists have that of 1970.
    pub(crate) fn is_of(&self, stamp: Option<SystemTime>) -> bool {
        let since = |stamp: Option<SystemTime>| {
            stamp.and_then(|time| time.duration_since(UNIX_EPOCH).ok()).unwrap_or_default()
        };
        let (known, now) = (since(stamp), since(self.stamp()));
        known == now || known.subsec_nanos() == 0 && known.as_secs() == now.as_secs()
    }
}

/// FNV-1a of 64 bits (Fowler, Noll and Vo; RFC 9923), which is the same for ever: stamps are written into parts.
fn hash(bytes: &[u8]) -> u64 {
    bytes.iter().fold(0xcbf2_9ce4_8422_2325, |hash, &byte| {
        (hash ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01b3)
    })
}

/// Reaches the objects of stores. Every call blocks until there is an answer; calls from several threads go on side
/// by side.
///
/// Errors are [`ObjectError`]s: one sentence without the URL, which the caller knows.
pub trait Objects: fmt::Debug + Send + Sync {
    /// Looks at an object.
    ///
    /// # Errors
    /// [`ErrorKind::NotFound`](io::ErrorKind::NotFound) where there is none of that name; whatever else is wrong.
    fn stat(&self, url: &str) -> io::Result<ObjectStat>;

    /// Looks at many objects, several at a time. Returns what there is of each, in their order.
    fn stats(&self, urls: &[&str]) -> Vec<io::Result<ObjectStat>> {
        urls.iter().map(|url| self.stat(url)).collect()
    }

    /// Lists all objects below a folder: their names relative to it, in bytewise order. Nothing where nothing is.
    ///
    /// - `listed`: is told each
    ///
    /// # Errors
    /// It cannot be listed.
    fn list(&self, url: &str, listed: &mut dyn FnMut(&str, ObjectStat)) -> io::Result<()>;

    /// Lists what is in a folder itself: objects, and folders, which have a `/` at the end of their names and no
    /// size. In no order.
    ///
    /// # Errors
    /// It cannot be listed.
    fn list_level(
        &self,
        url: &str,
        listed: &mut dyn FnMut(&str, Option<ObjectStat>),
    ) -> io::Result<()>;

    /// Reads bytes of an object, and tells what the object is of which they are. Bytes behind its end are missing,
    /// and nothing else is.
    ///
    /// - `range`: not empty
    /// - `tag`: the tag that it must have, if it matters
    ///
    /// # Errors
    /// [`ObjectError::Changed`] where it has another tag; [`ErrorKind::NotFound`](io::ErrorKind::NotFound) where
    /// there is none of that name; whatever else is wrong.
    fn read(
        &self,
        url: &str,
        range: Range<u64>,
        tag: Option<&str>,
    ) -> io::Result<(Vec<u8>, ObjectStat)>;
}

/// Why a store does not give what it was asked for.
///
/// It travels in an [`io::Error`], whose kind says what it means to those who do not know stores.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ObjectError {
    /// There is no object of that name.
    #[error("there is no such object")]
    NotFound,
    /// The object is not the one that it was.
    #[error("it was changed while it was read")]
    Changed,
    /// The store refuses.
    #[error("{0}")]
    Refused(String),
    /// The store does not let whoever asks: the credentials are missing, wrong, or those of somebody who may not.
    #[error("{reason}")]
    Denied {
        /// The kind of store, which says where credentials come from.
        store: StoreKind,
        /// The sentence that says what is wrong.
        reason: String,
    },
    /// The store does not answer, or not so that it can be understood.
    #[error("{0}")]
    Failed(String),
}

impl From<ObjectError> for io::Error {
    fn from(error: ObjectError) -> io::Error {
        let kind = match error {
            ObjectError::NotFound => io::ErrorKind::NotFound,
            ObjectError::Refused(_) | ObjectError::Denied { .. } => io::ErrorKind::PermissionDenied,
            ObjectError::Changed | ObjectError::Failed(_) => io::ErrorKind::Other,
        };
        io::Error::new(kind, error)
    }
}

/// Returns whether an error is that an object is not the one that it was.
pub fn is_changed(error: &io::Error) -> bool {
    matches!(ObjectError::of(error), Some(ObjectError::Changed))
}

/// Returns whether an error is that a store did not answer: what it has is not known.
pub fn is_unanswered(error: &io::Error) -> bool {
    matches!(ObjectError::of(error), Some(ObjectError::Failed(_)))
}

impl ObjectError {
    /// The error that travels in another; none where that is the system's.
    pub fn of(error: &io::Error) -> Option<&ObjectError> {
        error.get_ref()?.downcast_ref()
    }
}

static INSTALLED: RwLock<Option<Arc<dyn Objects>>> = RwLock::new(None);

/// Another implementation is installed, and in use.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("objects are being read with other options; wait until that has ended")]
pub struct ObjectsInUse;

/// Makes this the implementation of the process, in the place of the one before.
///
/// # Errors
/// The one before is in use: what it has open would be read with other credentials, or by more connections than
/// were counted.
pub fn install_objects(objects: Arc<dyn Objects>) -> Result<(), ObjectsInUse> {
    let mut installed = INSTALLED.write().unwrap_or_else(PoisonError::into_inner);
    // Whoever uses it has a count of its own, and nobody gets one while this is locked.
    match installed.as_ref().is_some_and(|before| Arc::strong_count(before) > 1) {
        true => Err(ObjectsInUse),
        false => {
            *installed = Some(objects);
            Ok(())
        }
    }
}

/// The implementation of the process.
///
/// # Errors
/// There is none.
pub fn objects() -> io::Result<Arc<dyn Objects>> {
    let installed = INSTALLED.read().unwrap_or_else(PoisonError::into_inner);
    installed.clone().ok_or_else(|| {
        ObjectError::Refused("this ossicle was built without stores of objects".to_owned()).into()
    })
}

/// The text of a URL.
pub(crate) fn text(url: &Path) -> io::Result<&str> {
    // What is no text is no URL either.
    url.to_str().ok_or_else(|| io::ErrorKind::InvalidInput.into())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_stamp_of_a_list_is_that_of_the_object_and_another_tag_has_another() {
        let at = |millis, tag: &str| ObjectStat {
            bytes: 1,
            modified: Some(UNIX_EPOCH + Duration::from_millis(millis)),
            tag: Some(tag.into()),
        };
        let listed = at(5_123, "\"abc\"").stamp().unwrap();
        assert_eq!(at(5_000, "abc").stamp(), Some(listed));
        assert_eq!(at(5_000, "W/\"abc\"").stamp(), Some(listed));
        assert_ne!(at(5_000, "abd").stamp(), Some(listed));
        assert_ne!(at(6_000, "abc").stamp(), Some(listed));
        assert!(at(5_000, "abc").is_of(Some(listed)));
        assert!(!at(5_000, "abd").is_of(Some(listed)));
        let without_tag = ObjectStat { tag: None, ..at(5_123, "abc") }.stamp();
        assert!(at(5_000, "abc").is_of(without_tag));
        assert!(!at(6_000, "abc").is_of(without_tag));
        let bare = ObjectStat { bytes: 1, modified: None, tag: None };
        assert_eq!(bare.stamp(), None);
        // The test vectors of RFC 9923.
        assert_eq!((hash(b""), hash(b"a")), (0xcbf2_9ce4_8422_2325, 0xaf63_dc4c_8601_ec8c));
        assert_eq!(hash(b"foobar"), 0x8594_4171_f739_67e8);
    }
}
