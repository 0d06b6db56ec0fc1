//! The errors of stores, by what can be done about them.

use ossicle_files::{StoreKind, store_kind};

/// A request to a store that failed, or could not be made.
///
/// Each is one sentence that says which object it was and what was to be done with it; nothing secret is in
/// it.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
#[expect(missing_docs, reason = "each variant's message says what its fields are")]
pub enum Error {
    #[error("{url} is not the address of an object: {reason}")]
    BadUrl { url: String, reason: String },
    #[error(
        "{url} is in an object store, and this program was built without them (cargo feature `cloud`)"
    )]
    NotBuilt { url: String },
    #[error("no store has a setting {name}")]
    UnknownSetting { name: String },
    #[error("{url} cannot be reached with these settings: {reason}")]
    BadSettings { url: String, reason: String },
    #[error("cannot {action} {url}: there is no such object")]
    NotFound { action: &'static str, url: String },
    #[error("cannot {action} {url}: there is no bucket {bucket}")]
    NoBucket { action: &'static str, url: String, bucket: String },
    #[error("cannot {action} {url}: there are no credentials for it")]
    NoCredentials { action: &'static str, url: String },
    #[error("cannot {action} {url}: its credentials are not accepted ({reason})")]
    BadCredentials { action: &'static str, url: String, reason: String },
    #[error("cannot {action} {url}: that is not permitted")]
    Forbidden { action: &'static str, url: String },
    #[error("{url} is there already")]
    Present { url: String },
    #[error("cannot put {url}: its upload was given up meanwhile; does another run write it?")]
    GivenUp { url: String },
    #[error("{url} was changed while it was in use")]
    Changed { url: String },
    #[error("cannot {action} {url}: {host} cannot be reached ({reason})")]
    Unreachable { action: &'static str, url: String, host: String, reason: String },
    #[error("cannot {action} {url}: its store can not do that")]
    Unsupported { action: &'static str, url: String },
    #[error("cannot {action} {url}: it has {bytes} bytes, more than the {most} that are expected")]
    TooLarge { action: &'static str, url: String, bytes: u64, most: u64 },
    #[error("cannot {action} {url}: {reason}")]
    Failed { action: &'static str, url: String, reason: String },
    #[error("objects are being read or written with other options; wait until that has ended")]
    InUse,
    #[error("stopped while waiting for {url}")]
    Stopped { url: String },
}

impl Error {
    /// Returns which kind of store does not let whoever asks, for want of the right credentials; none where that is not
    /// what is wrong.
    pub fn denied_by(&self) -> Option<StoreKind> {
        match self {
            Error::NoCredentials { url, .. }
            | Error::BadCredentials { url, .. }
            | Error::Forbidden { url, .. } => store_kind(url.split(':').next()?),
            _ => None,
        }
    }

    /// Returns whether there is no such object, nor a bucket that it could be in.
    pub fn is_not_found(&self) -> bool {
        matches!(self, Error::NotFound { .. } | Error::NoBucket { .. })
    }
}
