//! A request that is tried again where that may help, and what it is told as when it does not.

use std::time::{Duration, Instant};

use object_store::Error as StoreError;

use crate::client::Client;
use crate::error::Error;
use crate::location::Location;
use crate::trace::{NoAnswer, Seen, watched};
use crate::words::innermost;

/// Codes of errors that say that there is no such bucket or container.
const NO_BUCKET: [&str; 3] = ["NoSuchBucket", "ContainerNotFound", "ContainerBeingDeleted"];
/// Codes of errors that say that credentials are wrong, and not that they permit too little.
const BAD_CREDENTIALS: [&str; 8] = [
    "InvalidAccessKeyId",
    "SignatureDoesNotMatch",
    "InvalidToken",
    "ExpiredToken",
    "TokenRefreshRequired",
    "RequestTimeTooSkewed",
    "AuthenticationFailed",
    "InvalidSecurity",
];

/// `object_store` repeats a request that was not answered well. It does not where the answer began well
/// and then broke off, but for the bodies of objects: those are begun again here.
const MOST_ATTEMPTS: u32 = 4;
/// No attempt begins after this; a request's own repetitions may have taken as long.
const MOST_TIME: Duration = Duration::from_secs(180);
const FIRST_PAUSE: Duration = Duration::from_millis(200);

impl Client {
    /// Makes a request with one of the connections.
    ///
    /// - `action`: what is done with the location, for messages: `"read"`
    pub(crate) async fn attempt<T>(
        &self,
        action: &'static str,
        location: &Location,
        request: impl AsyncFn() -> Result<T, StoreError>,
    ) -> Result<T, Error> {
        let free = &self.running(location)?.free;
        let started = Instant::now();
        let mut pause = FIRST_PAUSE;
        for attempt in 1.. {
            let permit = free.acquire().await;
            let (done, seen) = watched(request()).await;
            drop(permit);
            let error = match done {
                Ok(done) => return Ok(done),
                Err(error) => error,
            };
            let late = attempt == MOST_ATTEMPTS || started.elapsed() > MOST_TIME;
            if late || !may_help(&error, &seen) {
                return Err(explain(action, location, &error, seen));
            }
            tokio::time::sleep(pause).await;
            pause *= 2;
        }
        unreachable!("the last attempt returns")
    }
}

/// Returns whether a request may succeed the next time.
fn may_help(error: &StoreError, seen: &Seen) -> bool {
    let unclear = matches!(error, StoreError::Generic { .. });
    unclear
        && match seen {
            Seen::Nothing => false,
            Seen::Answer { status, .. } => *status < 300,
            Seen::NoAnswer { why, .. } => *why == NoAnswer::Broken,
        }
}

fn explain(action: &'static str, location: &Location, error: &StoreError, seen: Seen) -> Error {
    let url = location.to_string();
    let code = match &seen {
        Seen::Answer { code: Some(code), .. } => code.as_str(),
        _ => "",
    };
    if NO_BUCKET.contains(&code) {
        return Error::NoBucket { action, url, bucket: location.place().to_owned() };
    }
    if BAD_CREDENTIALS.contains(&code) {
        return Error::BadCredentials { action, url, reason: code.to_owned() };
    }
    match error {
        StoreError::NotFound { .. } => Error::NotFound { action, url },
        StoreError::AlreadyExists { .. } => Error::Present { url },
        StoreError::Precondition { .. } | StoreError::NotModified { .. } => Error::Changed { url },
        StoreError::PermissionDenied { .. } => Error::Forbidden { action, url },
        StoreError::Unauthenticated { .. } => Error::NoCredentials { action, url },
        StoreError::NotImplemented { .. } | StoreError::NotSupported { .. } => {
            Error::Unsupported { action, url }
        }
        _ => unclear(action, location, error, seen),
    }
}

/// Says what was seen of a request that failed without a word of its own.
fn unclear(action: &'static str, location: &Location, error: &StoreError, seen: Seen) -> Error {
    let url = location.to_string();
    let reason = match seen {
        Seen::NoAnswer { why: NoAnswer::NoIdentity, .. } => {
            return Error::NoCredentials { action, url };
        }
        Seen::NoAnswer { host, reason, .. } => {
            return Error::Unreachable { action, url, host, reason };
        }
        // The methods of HTTP that a server of files does not have.
        Seen::Answer { status: 405 | 501, .. } => return Error::Unsupported { action, url },
        Seen::Answer { status: 301 | 307, .. } => {
            "the server answers that the bucket is elsewhere; is its region right?".to_owned()
        }
        Seen::Answer { status, code } if status >= 300 => {
            let code = code.map_or_else(String::new, |code| format!(" ({code})"));
            format!("the server answers {status}{code}")
        }
        Seen::Answer { .. } => format!("its answer cannot be read ({})", innermost(error)),
        Seen::Nothing => innermost(error),
    };
    Error::Failed { action, url, reason }
}
