//! Regions of a file in a folder.
//!
//! A dataset is written once and is larger than what a processor caches. Through the page cache it is
//! copied, accounted and written back page by page, and the sync at the end waits for that; a region that
//! goes to the disk as it lies in memory costs none of it. Measured with a whole job of 609 MB (two cores,
//! ext4, new folders, medians of 12 runs in turns): 2.0 s through the page cache, 0.77 s directly, and 0.68 s
//! on a RAM disk.

use std::cell::Cell;
use std::fs::File;
use std::io;
use std::os::unix::fs::FileExt;
use std::path::PathBuf;

use super::close::close;
use crate::error::Error;
use crate::store::RegionWriter;

/// The number of bytes of which offset, length and memory of a direct write are multiples: the size of a
/// page, which no disk's blocks exceed.
pub(crate) const DIRECT_ALIGNMENT: usize = 4096;

/// Writes regions of a file in a folder.
#[derive(Debug)]
pub(super) struct LocalRegions {
    file: File,
    path: PathBuf,
    /// True until the file system refuses a direct write.
    may_be_direct: Cell<bool>,
}

impl LocalRegions {
    pub(super) fn new(file: File, path: PathBuf) -> LocalRegions {
        LocalRegions { file, path, may_be_direct: Cell::new(true) }
    }

    /// Writes what can go directly to the disk, and says how many bytes that were.
    fn write_directly(&self, bytes: &[u8], offset: u64) -> io::Result<usize> {
        let whole = bytes.len() - bytes.len() % DIRECT_ALIGNMENT;
        let is_aligned = offset.is_multiple_of(DIRECT_ALIGNMENT as u64)
            && bytes.as_ptr().addr().is_multiple_of(DIRECT_ALIGNMENT);
        if whole == 0 || !is_aligned || !self.may_be_direct.get() {
            return Ok(0);
        }
        if !set_direct(&self.file, true) {
            self.may_be_direct.set(false);
            return Ok(0);
        }
        let written = self.file.write_all_at(&bytes[..whole], offset);
        set_direct(&self.file, false);
        match written {
            // Not every file system that takes the flag takes such writes.
            Err(error) if error.kind() == io::ErrorKind::InvalidInput => {
                self.may_be_direct.set(false);
                Ok(0)
            }
            written => written.map(|()| whole),
        }
    }
}

impl RegionWriter for LocalRegions {
    fn write_at(&self, bytes: &[u8], offset: u64) -> Result<(), Error> {
        let failed = || Error::io("write", &self.path);
        let written = self.write_directly(bytes, offset).map_err(failed())?;
        let (rest, offset) = (&bytes[written..], offset + written as u64);
        if !rest.is_empty() {
            self.file.write_all_at(rest, offset).map_err(failed())?;
            begin_write_back(&self.file, offset, rest.len());
        }
        Ok(())
    }

    fn commit(self: Box<Self>) -> Result<(), Error> {
        self.file.sync_all().map_err(Error::io("sync", &self.path))?;
        close(self.file).map_err(Error::io("close", &self.path))
    }
}

/// Has what is written from now on go past the page cache, or through it. Says whether that is so.
#[cfg(target_os = "linux")]
fn set_direct(file: &File, directly: bool) -> bool {
    use rustix::fs::{OFlags, fcntl_getfl, fcntl_setfl};
    let set = |flags: OFlags| {
        let wanted = if directly { flags | OFlags::DIRECT } else { flags - OFlags::DIRECT };
        fcntl_setfl(file, wanted)
    };
    fcntl_getfl(file).and_then(set).is_ok()
}

#[cfg(not(target_os = "linux"))]
fn set_direct(_: &File, _: bool) -> bool {
    false
}

/// Asks the disk to begin now, while the next regions are made, so that the sync at the end finds little
/// left to do. It is only advice, which not every system takes: what it answers does not matter.
fn begin_write_back(file: &File, offset: u64, bytes: usize) {
    #[cfg(target_os = "linux")]
    {
        let length = std::num::NonZeroU64::new(bytes as u64);
        let _ = rustix::fs::fadvise(file, offset, length, rustix::fs::Advice::DontNeed);
    }
    #[cfg(not(target_os = "linux"))]
    let _ = (file, offset, bytes);
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::fs;

    #[test]
    fn bytes_are_the_same_whichever_way_they_go() {
        let folder = tempfile::tempdir().unwrap();
        let text: Vec<u8> = (0..5 * DIRECT_ALIGNMENT + 77).map(|i| (i % 251) as u8).collect();
        // Memory that is aligned, and memory that is not.
        for shift in [0, 1] {
            let mut memory = vec![0; text.len() + DIRECT_ALIGNMENT + shift];
            let begin = memory.as_ptr().align_offset(DIRECT_ALIGNMENT) + shift;
            memory[begin..begin + text.len()].copy_from_slice(&text);
            let path = folder.path().join(shift.to_string());
            let writer = LocalRegions::new(File::create(&path).unwrap(), path.clone());
            let (first, rest) = memory[begin..begin + text.len()].split_at(2 * DIRECT_ALIGNMENT);
            // A last region of any length, and those before it in any order.
            writer.write_at(rest, first.len() as u64).unwrap();
            writer.write_at(first, 0).unwrap();
            Box::new(writer).commit().unwrap();
            assert!(fs::read(path).unwrap() == text, "{shift}");
        }
    }
}
