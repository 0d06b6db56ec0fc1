//! What is in a store below a name, and what is being sent there.

use std::hash::{BuildHasher, RandomState};
use std::path::PathBuf;

use ossicle_remote::{Client, Location, Upload};
use serde::{Deserialize, Serialize};

use crate::error::Error;

/// What is below a name in a store, and the way there.
#[derive(Debug, Clone)]
pub(super) struct Bucket {
    pub(super) client: Client,
    pub(super) root: Location,
}

/// The content of the object that stands for what is being sent.
#[derive(Debug, Serialize, Deserialize)]
struct Sending {
    /// The name that it will have.
    name: String,
    upload: Upload,
}

/// More bytes than such an object has.
const MOST_SENDING_BYTES: u64 = 1 << 16;

impl Bucket {
    pub(super) fn at(&self, name: &str) -> Location {
        self.root.join(name)
    }

    /// A file's address as people may see it.
    pub(super) fn address(&self, name: &str) -> PathBuf {
        self.at(name).to_string().into()
    }

    /// A name for a draft of this file, which another process has hardly ever.
    pub(super) fn draft_name(name: &str) -> String {
        let file = name.rfind('/').map_or(0, |slash| slash + 1);
        let stem = match name[file..].rfind('.') {
            Some(dot) if dot > 0 => &name[..file + dot],
            _ => name,
        };
        // The keys of every hasher differ, and are the system's random numbers.
        let random = RandomState::new().hash_one(name);
        format!("{stem}.{}-{random:016x}.draft", std::process::id())
    }

    /// Begins to send a file in pieces.
    ///
    /// - `draft`: the name of the object that says so
    pub(super) fn begin(&self, name: &str, draft: &str) -> Result<Upload, Error> {
        let upload = self.client.begin_upload(&self.at(name))?;
        let sending = Sending { name: name.to_owned(), upload };
        let text = serde_json::to_vec(&sending).unwrap_or_default();
        self.client.put(&self.at(draft), text.into(), &ossicle_remote::Put::Always)?;
        Ok(sending.upload)
    }

    /// Makes a file of its pieces.
    pub(super) fn complete(
        &self,
        (name, draft): (&str, &str),
        upload: &Upload,
        tags: Vec<String>,
        bytes: u64,
    ) -> Result<(), Error> {
        self.client.complete(&self.at(name), upload, tags, bytes)?;
        Ok(self.client.remove(&self.at(draft))?)
    }

    /// Gives up what a draft's object stands for, and removes that.
    pub(super) fn give_up(&self, draft: &str) -> Result<(), Error> {
        let at = self.at(draft);
        let text = match self.client.get(&at, MOST_SENDING_BYTES) {
            Err(error) if error.is_not_found() => return Ok(()),
            text => text?.0,
        };
        if let Ok(Sending { name, upload }) = serde_json::from_slice(&text) {
            self.client.abort(&self.at(&name), &upload)?;
        }
        Ok(self.client.remove(&at)?)
    }
}
