//! The address of an object, which is printed without what is secret in it.

use std::fmt;

use ossicle_files::{StoreKind, schemes, store_kind, visible};
use url::Url;

use crate::error::Error;

/// Words in a query, in small letters, that say that it is a permission and not a part of a name.
const PERMISSIONS: [&str; 5] = ["sig=", "signature=", "credential=", "token=", "accesskeyid="];

/// The address of an object, or of all whose names begin with it and a slash.
///
/// Keys of S3, GCS and Azure stand as they are, as other programs have them: `s3://b/a b%20c.wav` is the key
/// `a b%20c.wav`. An address of HTTP is a URL, and its path is decoded.
///
/// Printed, it has neither a user's name and password nor a query.
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct Location {
    kind: StoreKind,
    scheme: String,
    /// The bucket, the container (with its account), or the server (with its port).
    place: String,
    user: Option<(String, Option<String>)>,
    key: String,
    query: Option<String>,
}

/// Returns whether a text begins as the address of an object does.
pub fn is_url(text: &str) -> bool {
    split_scheme(text).is_some()
}

fn split_scheme(text: &str) -> Option<(StoreKind, String, &str)> {
    let (scheme, rest) = text.split_once("://")?;
    Some((store_kind(scheme)?, scheme.to_ascii_lowercase(), rest))
}

impl Location {
    /// Reads an address.
    ///
    /// # Errors
    /// [`Error::BadUrl`] if it is none, or one of an object that cannot be asked for.
    pub fn parse(text: &str) -> Result<Location, Error> {
        let bad = |reason: String| Error::BadUrl { url: shown_of(text), reason };
        let Some((kind, scheme, rest)) = split_scheme(text) else {
            let schemes: Vec<_> = schemes().collect();
            return Err(bad(format!("it begins with none of {}", schemes.join("://, ") + "://")));
        };
        let location = match kind {
            StoreKind::Http => Location::of_http(text, scheme),
            _ => Location::of_bucket(kind, scheme, rest),
        };
        let location = location.map_err(bad)?;
        check_key(&location.key).map_err(bad)?;
        Ok(location)
    }

    fn of_bucket(kind: StoreKind, scheme: String, rest: &str) -> Result<Location, String> {
        let (place, key) = rest.split_once('/').unwrap_or((rest, ""));
        // A container stands before the account in Azure's long form, where others have a user.
        if place.contains('@') && kind != StoreKind::Azure || place.contains(':') {
            return Err("credentials belong in the options, not in an address".to_owned());
        }
        if place.is_empty() {
            return Err("it names no bucket".to_owned());
        }
        let lower = key.to_lowercase();
        if let Some((_, query)) = lower.split_once('?')
            && PERMISSIONS.iter().any(|word| query.contains(word))
        {
            return Err("a permission belongs in the options, not in an address".to_owned());
        }
        let key = key.strip_suffix('/').unwrap_or(key).to_owned();
        let place = place.to_owned();
        Ok(Location { kind, scheme, place, user: None, key, query: None })
    }

    fn of_http(text: &str, scheme: String) -> Result<Location, String> {
        let url = Url::parse(text).map_err(|error| error.to_string())?;
        let host = url.host_str().filter(|host| !host.is_empty()).ok_or("it names no server")?;
        let place = match url.port() {
            Some(port) => format!("{host}:{port}"),
            None => host.to_owned(),
        };
        let decoded = |text: &str| {
            percent_decoded(text).ok_or_else(|| "its path is not UTF-8 once decoded".to_owned())
        };
        let user = match (url.username(), url.password()) {
            ("", None) => None,
            (name, password) => Some((decoded(name)?, password.map(decoded).transpose()?)),
        };
        let path = url.path().trim_start_matches('/');
        let key = decoded(path.strip_suffix('/').unwrap_or(path))?;
        let query = url.query().map(str::to_owned);
        Ok(Location { kind: StoreKind::Http, scheme, place, user, key, query })
    }

    /// The kind of store that it is in.
    pub fn kind(&self) -> StoreKind {
        self.kind
    }

    /// The bucket, container or server.
    pub fn place(&self) -> &str {
        &self.place
    }

    /// The object's name in its bucket, or on its server, without a slash at either end. That of a whole
    /// bucket is empty.
    pub fn key(&self) -> &str {
        &self.key
    }

    /// The last word of the key.
    pub fn name(&self) -> &str {
        self.key.rsplit_once('/').map_or(&self.key, |(_, name)| name)
    }

    /// The address of what is below this one.
    ///
    /// - `name`: words with `/` between them; the empty name is the address itself
    #[must_use]
    pub fn join(&self, name: &str) -> Location {
        let key = match (self.key.as_str(), name) {
            (_, "") => self.key.clone(),
            ("", name) => name.to_owned(),
            (key, name) => format!("{key}/{name}"),
        };
        Location { key, ..self.clone() }
    }

    /// The address of what this one is in; `None` for a whole bucket.
    pub fn parent(&self) -> Option<Location> {
        if self.key.is_empty() {
            return None;
        }
        let key = self.key.rsplit_once('/').map_or("", |(parent, _)| parent).to_owned();
        Some(Location { key, ..self.clone() })
    }

    /// The whole address, with all that is secret in it: for programs, never for people.
    pub fn to_url(&self) -> String {
        if self.kind != StoreKind::Http {
            return self.to_string();
        }
        let Ok(mut url) = Url::parse(&self.base_url()) else {
            unreachable!("put together of what was parsed");
        };
        if let Ok(mut segments) = url.path_segments_mut() {
            segments.extend(self.key.split('/').filter(|word| !word.is_empty()));
        }
        if let Some((name, password)) = &self.user {
            let _ = url.set_username(name);
            let _ = url.set_password(password.as_deref());
        }
        url.into()
    }

    /// The address of the server or bucket, with its query, and without a user.
    pub(crate) fn base_url(&self) -> String {
        let query = self.query.as_ref().map_or_else(String::new, |query| format!("/?{query}"));
        format!("{}://{}{query}", self.scheme, self.place)
    }

    pub(crate) fn user(&self) -> Option<&(String, Option<String>)> {
        self.user.as_ref()
    }

    /// Returns whether it has a query, which is one object's and no other's.
    pub(crate) fn is_of_one(&self) -> bool {
        self.query.is_some()
    }
}

impl fmt::Display for Location {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "{}://{}", self.scheme, visible(&self.place))?;
        if !self.key.is_empty() {
            write!(out, "/{}", visible(&self.key))?;
        }
        Ok(())
    }
}

impl fmt::Debug for Location {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, out)
    }
}

/// What can be shown of an address that could not be read: nothing that may be secret.
fn shown_of(text: &str) -> String {
    let text = text.split_once('?').map_or(text, |(before, _)| before);
    let Some((scheme, rest)) = text.split_once("://") else {
        return visible(text);
    };
    let place = rest.split_once('/').map_or(rest, |(place, _)| place);
    let without_user = place.rsplit_once('@').map_or(0, |(user, _)| user.len() + 1);
    visible(&format!("{scheme}://{}", &rest[without_user..]))
}

/// Refuses the names that no request can be made of.
fn check_key(key: &str) -> Result<(), String> {
    for word in key.split('/') {
        match word {
            "" if key.is_empty() => {}
            "" => return Err("its name has two slashes in a row".to_owned()),
            "." | ".." => return Err(format!("its name has the part {word:?}")),
            _ => {}
        }
    }
    Ok(())
}

fn percent_decoded(text: &str) -> Option<String> {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let Some((&first, behind)) = rest.split_first() {
        let digits = behind.get(..2).and_then(|two| std::str::from_utf8(two).ok());
        let byte =
            digits.filter(|_| first == b'%').and_then(|two| u8::from_str_radix(two, 16).ok());
        bytes.push(byte.unwrap_or(first));
        rest = if byte.is_some() { &behind[2..] } else { behind };
    }
    String::from_utf8(bytes).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parsed(text: &str) -> Location {
        Location::parse(text).unwrap()
    }

    #[test]
    fn an_address_is_a_kind_a_place_and_a_key() {
        for (text, kind, place, key) in [
            ("s3://speech/a/b.wav", StoreKind::S3, "speech", "a/b.wav"),
            ("S3://speech", StoreKind::S3, "speech", ""),
            ("s3a://speech/a/", StoreKind::S3, "speech", "a"),
            // As other programs have it: nothing is decoded in a bucket.
            ("s3://speech/100%25 ä?.wav#1", StoreKind::S3, "speech", "100%25 ä?.wav#1"),
            ("gs://speech/a", StoreKind::Gcs, "speech", "a"),
            ("az://box/a", StoreKind::Azure, "box", "a"),
            (
                "abfss://box@me.dfs.core.windows.net/a",
                StoreKind::Azure,
                "box@me.dfs.core.windows.net",
                "a",
            ),
            (
                "http://[::1]:8000/a%20b/%C3%A4.wav?v=1#x",
                StoreKind::Http,
                "[::1]:8000",
                "a b/ä.wav",
            ),
            ("https://u:p%40@host/a", StoreKind::Http, "host", "a"),
        ] {
            let it = parsed(text);
            assert_eq!((it.kind(), it.place(), it.key()), (kind, place, key), "{text}");
            assert_eq!(parsed(&it.to_url()), it, "{text}");
            assert!(is_url(text), "{text}");
        }
    }

    #[test]
    fn what_no_object_can_be_called_is_refused_in_a_sentence() {
        for (text, reason) in [
            ("ftp://host/a", "begins with none of s3://"),
            ("a/b", "begins with none of s3://"),
            ("s3:///a", "names no bucket"),
            ("s3://speech/a//b", "two slashes"),
            ("s3://speech/a/../b", "the part \"..\""),
            ("http://host/a%2F..%2Fb", "the part \"..\""),
            ("http://host/%ff", "not UTF-8"),
            ("http:///", "empty host"),
        ] {
            let error = Location::parse(text).unwrap_err().to_string();
            assert!(error.contains(reason), "{text}: {error}");
        }
    }

    #[test]
    fn what_is_secret_is_never_shown() {
        let secret = "hunter2";
        for text in [
            "https://me:hunter2@host/a.wav",
            "https://hunter2@host/a.wav",
            "https://host/a.wav?X-Amz-Signature=hunter2&v=1",
            "https://host:1/a.wav?anything=hunter2",
        ] {
            let it = parsed(text);
            let shown = format!("{it} {it:?} {:?}", it.join("b").parent());
            assert!(!shown.contains(secret) && shown.contains("a.wav"), "{shown}");
            assert!(it.to_url().contains(secret));
        }
        for text in [
            "s3://key:hunter2@speech/a",
            "s3://hunter2@speech/a",
            "az://box/a?sv=1&sig=hunter2",
            "s3://speech/a?X-Amz-Signature=hunter2",
            "hdfs://me:hunter2@host/a",
            "https://me:hunter2@/a",
            "https://me:hunter2@host/a//b?x=hunter2",
        ] {
            let error = Location::parse(text).unwrap_err();
            assert!(!format!("{error} {error:?}").contains(secret), "{error}");
        }
    }

    #[test]
    fn locations_are_joined_by_words() {
        let bucket = parsed("s3://speech");
        let object = bucket.join("parts/1.part");
        assert_eq!(object, parsed("s3://speech/parts/1.part"));
        assert_eq!((object.join(""), object.name()), (object.clone(), "1.part"));
        assert_eq!(object.parent().and_then(|it| it.parent()), Some(bucket.clone()));
        assert_eq!(bucket.parent(), None);
    }
}
