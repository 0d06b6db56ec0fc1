//! Writes the array files of a dataset, region by region, in any order.

use std::collections::BTreeSet;

use ossicle_dataset::{RegionHash, RegionOrder, Regions, Store};
use serde::{Deserialize, Serialize};

use super::layout::Layout;
use super::rows::PartRows;
use crate::error::Error;
use crate::plan::Plan;

/// A region that is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Written {
    /// The region.
    pub order: RegionOrder,
    /// The hash of its bytes.
    pub hash: RegionHash,
}

/// Writes regions of a dataset's array files, one after the other. It has two files open at the most: a
/// part, and the file that it writes.
#[derive(Debug)]
pub struct RegionWorker<'a> {
    regions: Regions<'a>,
    rows: PartRows<'a>,
}

impl<'a> RegionWorker<'a> {
    /// Makes a worker that has nothing open yet.
    ///
    /// - `from`: where parts are
    /// - `to`, `folder`: where the files go; the folder with `/` at its end, or nothing
    pub fn new(
        plan: &'a Plan,
        layout: &'a Layout,
        from: &'a dyn Store,
        to: &'a dyn Store,
        folder: &'a str,
    ) -> RegionWorker<'a> {
        RegionWorker {
            regions: Regions::new(&layout.dataset, to, folder),
            rows: PartRows::new(plan, layout, from),
        }
    }

    /// Makes and writes a region of a file that was created.
    ///
    /// # Errors
    /// If a part cannot be read, or the region cannot be written.
    pub fn write_region(&mut self, order: RegionOrder) -> Result<Written, Error> {
        let hash = self.regions.write(order, &mut self.rows)?;
        Ok(Written { order, hash })
    }
}

/// Writes regions of a dataset's array files, which are created first where they are not there.
///
/// - `from`: where parts are
/// - `to`, `folder`: where the files go; the folder with `/` at its end, or nothing
///
/// # Errors
/// If a part cannot be read, or a region cannot be written.
pub fn write_regions(
    plan: &Plan,
    layout: &Layout,
    orders: impl IntoIterator<Item = RegionOrder>,
    from: &dyn Store,
    to: &dyn Store,
    folder: &str,
) -> Result<Vec<Written>, Error> {
    let mut worker = RegionWorker::new(plan, layout, from, to, folder);
    let mut begun = BTreeSet::new();
    let write = |order: RegionOrder| {
        if begun.insert(order.file) {
            let file = &layout.dataset.files[order.file];
            let name = format!("{folder}{}", file.path);
            if to.stat(&name)?.is_none() {
                to.regions(&name, file.bytes)?;
            }
        }
        worker.write_region(order)
    };
    orders.into_iter().map(write).collect()
}
