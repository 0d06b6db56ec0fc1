//! The way to the stores: connections that clones share, and waiting that can be ended.

use std::fmt;
use std::pin::pin;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use futures_util::future::{Either, select};
use object_store::path::Path;

use crate::backend::Backend;
use crate::error::Error;
use crate::location::Location;
use crate::options::Options;
use crate::running::{EachProcess, Running};
use crate::stores::Stores;

/// How long a request goes on at most once it should stop.
const LOOK_EVERY: Duration = Duration::from_millis(50);

type Stop = Arc<dyn Fn() -> bool + Send + Sync>;

/// Speaks to stores. Clones share connections, and a process is meant to have one client with its clones.
///
/// Every call blocks until it is done, and may be made by any number of threads at once. What fails on the
/// way is tried again after a while: answers that the server is busy or has failed, connections that
/// cannot be had, end too early or stand still.
#[derive(Clone)]
pub struct Client {
    shared: Arc<Shared>,
    stop: Option<Stop>,
}

#[derive(Debug)]
struct Shared {
    stores: Stores,
    connections: usize,
    each: EachProcess,
}

impl fmt::Debug for Client {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut out = out.debug_struct("Client");
        out.field("connections", &self.shared.connections).finish_non_exhaustive()
    }
}

impl Client {
    /// Makes a client; it opens nothing before it is asked for something.
    ///
    /// # Errors
    /// [`Error::UnknownSetting`] for a name that no store knows.
    pub fn new(options: &Options) -> Result<Client, Error> {
        #[cfg(feature = "cloud")]
        crate::cloud::check(options)?;
        Ok(Client::of(Stores::Network(options.clone()), options.connections))
    }

    /// Makes a client whose stores are in memory, for tests: every bucket is there.
    pub fn in_memory() -> Client {
        Client::of(Stores::Memory(Mutex::default()), Options::CONNECTIONS)
    }

    fn of(stores: Stores, connections: usize) -> Client {
        let each = EachProcess::default();
        Client { shared: Arc::new(Shared { stores, connections, each }), stop: None }
    }

    /// Returns a clone whose calls end with [`Error::Stopped`] soon after this says so.
    #[must_use]
    pub fn stopped_by(&self, stop: impl Fn() -> bool + Send + Sync + 'static) -> Client {
        Client { stop: Some(Arc::new(stop)), ..self.clone() }
    }

    /// Returns what it was made of, which travels to other processes; `None` for one in memory.
    pub fn options(&self) -> Option<&Options> {
        match &self.shared.stores {
            Stores::Network(options) => Some(options),
            Stores::Memory(_) => None,
        }
    }

    /// Returns whether another is the same, or made of the same options.
    pub(crate) fn is_as(&self, other: &Client) -> bool {
        let same = Arc::ptr_eq(&self.shared, &other.shared);
        same || self.options().is_some_and(|own| other.options() == Some(own))
    }

    /// Returns whether somebody has a clone of it but the process, which has two: for datasets and for the files
    /// of corpora.
    pub(crate) fn is_shared(&self) -> bool {
        Arc::strong_count(&self.shared) > 2
    }

    /// Returns whether anything was asked of it in this process: it has opened no file before.
    pub fn is_running(&self) -> bool {
        self.shared.each.is_running()
    }

    /// The number of connections that there are at once, at most.
    pub fn connections(&self) -> usize {
        self.shared.connections
    }

    pub(crate) fn running(&self, location: &Location) -> Result<&Running, Error> {
        self.shared.each.running(self.shared.connections).map_err(|error| Error::Failed {
            action: "reach",
            url: location.to_string(),
            reason: format!("no thread can wait for it: {error}"),
        })
    }

    /// Returns the store that a location is in.
    pub(crate) fn backend(&self, location: &Location) -> Result<Arc<Backend>, Error> {
        let running = self.running(location)?;
        let open = || self.shared.stores.open(location, &running.connector);
        // What a permission for one object opens is of no use for another.
        if location.is_of_one() {
            return Ok(Arc::new(open()?));
        }
        let user = location.user().map_or("", |(user, _)| user);
        running.store(&format!("{user}@{}", location.base_url()), open)
    }

    /// Waits for work, unless it should stop.
    pub(crate) fn wait<T>(
        &self,
        location: &Location,
        work: impl Future<Output = Result<T, Error>>,
    ) -> Result<T, Error> {
        let runtime = self.running(location)?.runtime();
        let Some(stop) = &self.stop else {
            return runtime.block_on(work);
        };
        let stopped = async {
            while !stop() {
                tokio::time::sleep(LOOK_EVERY).await;
            }
        };
        runtime.block_on(async {
            match select(pin!(stopped), pin!(work)).await {
                Either::Left(((), _)) => Err(Error::Stopped { url: location.to_string() }),
                Either::Right((done, _)) => done,
            }
        })
    }
}

/// The name of an object in its store.
pub(crate) fn path(location: &Location) -> Result<Path, Error> {
    Path::parse(location.key()).map_err(|_| Error::BadUrl {
        url: location.to_string(),
        reason: "its name has characters that no request can have".to_owned(),
    })
}
