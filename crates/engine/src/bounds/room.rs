//! The number of workers that there is room for.

use ossicle_dataset::Place;

use crate::bounds::readers::Readers;
use crate::bounds::{connections, files, memory};
use crate::error::Error;
use crate::notice::Notice;
use crate::options::{Isolation, RunOptions};
use crate::plan::Plan;

/// The number of workers that there is room for.
pub(crate) struct Room {
    pub(crate) workers: usize,
    pub(crate) readers: Readers,
    /// The reason why there are fewer than were asked for.
    pub(crate) notice: Option<Notice>,
}

/// Returns how many cores this process may use.
pub fn available_cores() -> usize {
    std::thread::available_parallelism().map_or(1, usize::from)
}

impl Room {
    /// Raises the limit of open files as far as needed, and looks at the other limits.
    ///
    /// # Errors
    /// If there is no room for even one worker.
    pub(crate) fn make(
        plan: &Plan,
        place: &Place<'_>,
        options: &RunOptions,
    ) -> Result<Room, Error> {
        let wanted = options.jobs.unwrap_or_else(available_cores).max(1);
        let threads = options.isolation == Isolation::Threads;
        // Whoever writes to the place holds some of what it wrote: one process for all threads, or each for itself.
        let held = place.most_held_bytes();
        let own = if threads { 0 } else { held };
        let worker_bytes = memory::worker_bytes(plan) + own;
        let bounds = memory::limits(worker_bytes, held, options.max_memory, threads);
        let (by_memory, narrowest) = memory::workers_that_fit(&bounds, wanted)?;
        let workers = files::make_room(by_memory, options.max_open_files)?;
        let notice = match narrowest {
            _ if workers == wanted => None,
            Some(limit) if workers == by_memory => {
                Some(Notice::Memory { limit: limit.bytes, by: limit.by, workers, wanted })
            }
            _ => Some(Notice::OpenFiles { workers, wanted }),
        };
        let readers = Readers::wanted(options.readers, connections::over(plan.needs.has_objects));
        let count = memory::readers_that_fit(&bounds, workers, readers, threads);
        let count = files::make_room_for_readers(workers, count, options.max_open_files)?;
        let readers = Readers { count, ..readers };
        let notice = notice.or(match options.readers {
            Some(wanted) if wanted > count => Some(Notice::Readers { readers: count, wanted }),
            _ => None,
        });
        Ok(Room { workers, readers, notice })
    }
}
