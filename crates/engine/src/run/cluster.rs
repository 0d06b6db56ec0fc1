//! Parts that a cluster computes: machines that see the output, and give their parts their names themselves.

use std::collections::BTreeMap;
use std::path::{self, Path, PathBuf};

use ossicle_dataset::Store;
use ossicle_files::is_url;
use serde::{Deserialize, Serialize};

use crate::bounds::readers::Readers;
use crate::bounds::stop::Stop;
use crate::bounds::{connections, memory};
use crate::error::Error;
use crate::plan::Plan;
use crate::plan::parts::Part;
use crate::progress::Progress;
use crate::run::orders::Orders;
use crate::run::tally::Tally;
use crate::share;

/// A cluster, which computes parts of a stored plan by [`PartWorker`](crate::PartWorker)s, wherever they are.
/// Parts that are there are its journal: one that is computed twice does no harm.
pub trait Cluster: Sync {
    /// Looks whether it can begin, and returns how many workers it has.
    ///
    /// # Errors
    /// If one of its machines cannot compute, or does not see what it has to.
    fn begin(&self, order: &ClusterOrder, stop: &Stop) -> Result<usize, Error>;

    /// Has parts computed, as far as it can: what it leaves, the run computes.
    ///
    /// - `hear`: is told of each part that is done; where it says so, the run ends
    ///
    /// # Errors
    /// If the cluster is gone, or `hear` says so.
    fn run_parts(
        &self,
        order: &ClusterOrder,
        stop: &Stop,
        hear: &mut dyn FnMut(PartDone) -> Result<(), Error>,
    ) -> Result<(), Error>;
}

/// Parts that a cluster is to compute.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ClusterOrder {
    /// The folder of the output, from the root of the file system on, or its address in an object store.
    pub out: PathBuf,
    /// The way that this process reaches object stores, secrets included; none where it has asked none.
    pub stores: Option<ossicle_remote::Options>,
    /// The BLAKE3 of the plan that is stored there.
    pub plan: String,
    /// The parts by their numbers, the largest first.
    pub parts: Vec<usize>,
    /// The most that a worker takes, with what is read ahead of it, in bytes.
    pub worker_bytes: u64,
    /// True where parts with failures that are there are computed again.
    pub retry_failed: bool,
}

/// A part that is done, and how it went.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct PartDone {
    /// Its number.
    pub number: usize,
    /// The progress that its worker told.
    pub progress: Vec<Progress>,
}

/// A path as every machine has it. An address is one already.
fn absolute(out: &Path) -> Result<PathBuf, Error> {
    match is_url(out) {
        true => Ok(out.to_owned()),
        false => path::absolute(out).map_err(Error::io("find the folder", out)),
    }
}

/// A run on a cluster.
#[derive(Clone, Copy)]
pub(crate) struct OnCluster<'a> {
    pub(crate) cluster: &'a dyn Cluster,
    /// The folder of the output.
    pub(crate) out: &'a Path,
    pub(crate) stop: &'a Stop,
}

impl OnCluster<'_> {
    /// Stores the plan, and looks whether the cluster can begin. Returns its order and how many workers it has.
    ///
    /// - `orders`: makes the orders of the plan's parts
    /// - `todo`: the parts that are not there, the largest first
    pub(crate) fn begin(
        &self,
        (plan, orders): (&Plan, &dyn Orders),
        store: &dyn Store,
        todo: &[&Part],
        retry_failed: bool,
    ) -> Result<(ClusterOrder, usize), Error> {
        let readers = Readers::wanted(None, connections::over(plan.needs.has_objects));
        let order = ClusterOrder {
            out: absolute(self.out)?,
            stores: connections::options(),
            plan: share::store_for_cluster(plan, orders, store)?,
            parts: todo.iter().map(|part| part.number).collect(),
            worker_bytes: memory::worker_bytes(plan) + readers.bytes(),
            retry_failed,
        };
        let workers = self.cluster.begin(&order, self.stop)?;
        Ok((order, workers))
    }

    /// Has the parts computed, and tells of each.
    pub(crate) fn run_parts(
        &self,
        plan: &Plan,
        todo: &[&Part],
        order: &ClusterOrder,
        tally: &Tally<'_>,
    ) -> Result<(), Error> {
        let mut left: BTreeMap<usize, &Part> =
            todo.iter().map(|part| (part.number, *part)).collect();
        self.cluster.run_parts(order, self.stop, &mut |PartDone { number, progress }| {
            // One that was computed twice is told of once.
            let Some(part) = left.remove(&number) else { return Ok(()) };
            let order = plan.order(part);
            let mut hear = tally.begin_part(part.split, &order);
            progress.into_iter().try_for_each(&mut hear)?;
            tally.end_part(plan, part)
        })
    }
}
