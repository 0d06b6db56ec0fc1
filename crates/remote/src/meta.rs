//! What a store tells of an object without reading it.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use object_store::ObjectMeta;
use serde::{Deserialize, Serialize};

/// An object's size, and what a change of it shows in.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Meta {
    /// Its size.
    pub bytes: u64,
    /// Changes whenever the object does (its ETag); few servers of files have none.
    pub tag: Option<String>,
    /// When it was put, to the second.
    pub modified: Option<SystemTime>,
}

impl Meta {
    pub(crate) fn of(meta: &ObjectMeta) -> Meta {
        // Lists tell fractions of a second, where a request for one object does not.
        let seconds = u64::try_from(meta.last_modified.timestamp()).unwrap_or(0);
        let modified = (seconds > 0).then(|| UNIX_EPOCH + Duration::from_secs(seconds));
        Meta { bytes: meta.size, tag: meta.e_tag.clone(), modified }
    }

    /// Returns whether both are of an unchanged object: by their tags, and by size and time where one has
    /// no tag.
    pub fn is_same(&self, other: &Meta) -> bool {
        let same = match (&self.tag, &other.tag) {
            (Some(one), Some(other)) => bare(one) == bare(other),
            _ => self.modified == other.modified,
        };
        same && self.bytes == other.bytes
    }

    /// The tag as a condition of a request; a weak one fulfils none (RFC 9110, section 13.1.1).
    pub(crate) fn condition(&self) -> Option<String> {
        let tag = self.tag.as_ref().filter(|tag| !tag.starts_with("W/"))?;
        // Azure's lists leave out the quotes that a condition needs.
        Some(if tag.starts_with('"') { tag.clone() } else { format!("\"{tag}\"") })
    }
}

/// A tag without its quotes and its mark of weakness, which some stores leave out in lists.
fn bare(tag: &str) -> &str {
    tag.trim_start_matches("W/").trim_matches('"')
}
