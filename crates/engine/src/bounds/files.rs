//! The bound on open files, and the number of workers that it allows.

use std::fs;
use std::io;

use crate::bounds::connections;
use crate::error::Error;

/// The most files that a worker has open at once: a recording or an alignment or a part, and the part
/// or shard that it writes.
pub const FILES_A_WORKER: u64 = 2;

/// The most files that a run opens besides: the lock, the log, two folders on the way to a file (one thread
/// at a time), a sampler's look at `/proc`, or what it takes for a moment to start a worker process, what
/// archives are unpacked into, and a pipe to whom commands are left.
pub const FILES_OF_A_RUN: u64 = 8;

/// The files that waiting for connections takes, where objects are read or written.
const FILES_OF_CONNECTIONS: u64 = 4;

/// The limit of open files of this process.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct OpenFiles {
    /// The limit in force.
    pub soft: u64,
    /// The limit that it may be raised to.
    pub hard: u64,
    /// The number of files that are open now.
    pub in_use: u64,
}

impl OpenFiles {
    /// Reads the limits.
    ///
    /// # Errors
    /// If the operating system does not tell.
    pub fn now() -> io::Result<OpenFiles> {
        let (soft, hard) = rlimit::Resource::NOFILE.get()?;
        // Where the system does not tell, the three standard streams are taken to be open.
        Ok(OpenFiles { soft, hard, in_use: open_now().unwrap_or(3) })
    }

    /// Lowers the limits to what the user allows.
    pub fn at_most(self, most: Option<u64>) -> OpenFiles {
        let most = most.unwrap_or(u64::MAX);
        OpenFiles { soft: self.soft.min(most), hard: self.hard.min(most), ..self }
    }

    /// Returns the number of open files that a run with this many workers needs.
    pub fn needed(&self, workers: usize) -> u64 {
        self.in_use + FILES_OF_A_RUN + files_of_connections() + FILES_A_WORKER * workers as u64
    }

    /// Returns how many of the wanted workers fit, with the soft limit raised as far as it may be.
    pub fn workers_that_fit(&self, wanted: usize) -> usize {
        let limit = self.soft.max(self.needed(wanted).min(self.hard));
        let left = limit.saturating_sub(self.needed(0)) / FILES_A_WORKER;
        wanted.min(usize::try_from(left).unwrap_or(usize::MAX))
    }
}

/// The files that connections to object stores take, at most.
fn files_of_connections() -> u64 {
    connections::in_use().map_or(0, |count| count as u64 + FILES_OF_CONNECTIONS)
}

/// Raises the soft limit as far as `wanted` workers need and the hard limit allows, and says how many
/// of them fit.
///
/// - `most`: the most files that may be open, where the user says
///
/// # Errors
/// If not even one does.
pub fn make_room(wanted: usize, most: Option<u64>) -> Result<usize, Error> {
    // Where the operating system does not tell, there is no limit to keep but the user's.
    let unlimited = OpenFiles { soft: u64::MAX, hard: u64::MAX, in_use: 3 };
    let files = OpenFiles::now().unwrap_or(unlimited).at_most(most);
    let workers = files.workers_that_fit(wanted);
    if workers == 0 {
        let (limit, in_use) = (files.soft.max(files.hard), files.in_use);
        let needed = FILES_OF_A_RUN + files_of_connections() + FILES_A_WORKER;
        return Err(too_few(limit, in_use, needed));
    }
    raise(&files, files.needed(workers))?;
    Ok(workers)
}

/// Raises the soft limit as far as readers need beside so many workers, each a file, and says how many of them fit.
///
/// - `most`: the most files that may be open, where the user says
///
/// # Errors
/// If the workers alone are too many, or the limit cannot be raised.
pub(crate) fn make_room_for_readers(
    workers: usize,
    wanted: usize,
    most: Option<u64>,
) -> Result<usize, Error> {
    let Ok(files) = OpenFiles::now() else { return Ok(wanted) };
    let files = files.at_most(most);
    let needed = files.needed(workers);
    let limit = files.soft.max(files.hard);
    let Some(left) = limit.checked_sub(needed) else {
        let in_use = files.in_use;
        return Err(too_few(limit, in_use, needed - in_use));
    };
    let readers = wanted.min(usize::try_from(left).unwrap_or(usize::MAX));
    raise(&files, needed + readers as u64)?;
    Ok(readers)
}

fn too_few(limit: u64, in_use: u64, needed: u64) -> Error {
    let has_connections = connections::in_use().is_some();
    Error::TooFewFiles { limit, in_use, needed, has_connections }
}

/// Raises the soft limit to what is needed, where it is lower.
fn raise(files: &OpenFiles, needed: u64) -> Result<(), Error> {
    if needed <= files.soft {
        return Ok(());
    }
    // The system's hard limit stays as it is: that in `files` may be the user's, which is lower.
    let hard = rlimit::Resource::NOFILE.get_hard().unwrap_or(files.hard);
    let raised = rlimit::Resource::NOFILE.set(needed, hard);
    raised.map_err(|source| Error::Io {
        action: "raise the limit of open files for",
        path: "this process".into(),
        source,
    })
}

/// Counts the files that this process has open; `None` where the operating system does not tell.
pub(crate) fn open_now() -> Option<u64> {
    let folder = if cfg!(target_os = "linux") { "/proc/self/fd" } else { "/dev/fd" };
    // One of them is the folder itself.
    Some((fs::read_dir(folder).ok()?.count() as u64).saturating_sub(1))
}

/// Counts the files that another process has open; 0 where the operating system does not tell.
pub(crate) fn open_in(process: &str) -> u64 {
    fs::read_dir(format!("/proc/{process}/fd")).map_or(0, |files| files.count() as u64)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn workers_fit_within_the_hard_limit() {
        let files = |soft, hard| OpenFiles { soft, hard, in_use: 4 };
        assert_eq!(files(1024, 1024).workers_that_fit(8), 8);
        assert_eq!(files(16, 64).workers_that_fit(8), 8);
        assert_eq!(files(22, 22).workers_that_fit(8), 5);
        assert_eq!(files(14, 14).workers_that_fit(8), 1);
        assert_eq!(files(13, 13).workers_that_fit(8), 0);
        assert_eq!(files(0, 0).workers_that_fit(8), 0);
        assert_eq!(files(u64::MAX, u64::MAX).workers_that_fit(8), 8);
    }
}
