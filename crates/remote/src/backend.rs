//! A bucket, container or server, as `object_store` has it.

use std::fmt;
use std::sync::Arc;

use object_store::ObjectStore;
use object_store::multipart::MultipartStore;

#[cfg(feature = "cloud")]
pub(crate) use crate::transport::Connector;

/// The connections of a process, which has none without a network.
#[cfg(not(feature = "cloud"))]
#[derive(Debug, Default)]
pub(crate) struct Connector {}

/// A bucket, container or server.
#[derive(Clone)]
pub(crate) struct Backend {
    pub(crate) objects: Arc<dyn ObjectStore>,
    /// Absent where objects cannot be put in pieces.
    pub(crate) uploads: Option<Arc<dyn MultipartStore>>,
}

impl fmt::Debug for Backend {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        // The store itself has credentials.
        out.debug_struct("Backend").finish_non_exhaustive()
    }
}

impl Backend {
    pub(crate) fn of<T: ObjectStore + MultipartStore>(store: T) -> Backend {
        let store = Arc::new(store);
        Backend { objects: Arc::<T>::clone(&store), uploads: Some(store) }
    }
}
