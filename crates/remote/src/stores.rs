//! Where the stores of a client are: behind the network, or in memory.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

use object_store::memory::InMemory;

use crate::backend::{Backend, Connector};
use crate::error::Error;
use crate::location::Location;
use crate::options::Options;

/// Where a client's stores are.
#[derive(Debug)]
pub(crate) enum Stores {
    /// Behind the network.
    Network(Options),
    /// In memory: a bucket is there once it is named.
    Memory(Mutex<HashMap<String, Backend>>),
}

impl Stores {
    /// Makes the store of a location, in this process.
    ///
    /// - `connector`: the connections of the process
    pub(crate) fn open(
        &self,
        location: &Location,
        connector: &Connector,
    ) -> Result<Backend, Error> {
        match self {
            #[cfg(feature = "cloud")]
            Stores::Network(options) => crate::cloud::open(location, options, connector),
            #[cfg(not(feature = "cloud"))]
            Stores::Network(_) => {
                let Connector {} = connector;
                Err(Error::NotBuilt { url: location.to_string() })
            }
            Stores::Memory(buckets) => {
                let mut buckets = buckets.lock().unwrap_or_else(PoisonError::into_inner);
                let bucket = buckets.entry(location.place().to_owned());
                Ok(bucket.or_insert_with(|| Backend::of(InMemory::new())).clone())
            }
        }
    }
}
