//! Gets at recordings that have no file of their own.
//!
//! A reader of descriptions finds out where a recording lies ([`Held`]), and [`Archives`] turns that into a
//! stretch of an open file or into bytes. Nothing here knows what a recording is made of.

mod ark;
#[cfg(unix)]
mod command;
mod error;
mod inflate;
#[cfg(feature = "arrow")]
mod parquet;
mod shard;
mod spool;
mod tar;
#[cfg(unix)]
mod watcher;

use std::{fs::File, ops::Range, path::Path, sync::Arc};

use ossicle_files::{Place, Source, join, open_listed};

pub use self::error::HeldError;
#[cfg(feature = "arrow")]
pub use self::parquet::ParquetError;
#[cfg(feature = "arrow")]
pub(crate) use self::parquet::{Cell, Column, ParquetFile, Stored};
use self::spool::Spool;
pub(crate) use self::{
    inflate::{GZIP, Inflated},
    shard::{Shard, is_tar},
    tar::{Member, MemberKind, TarError},
};
use crate::{held::Held, names::folder_of, utterance::Utterance};

/// Opens recordings that lie in files with others. The workers of a process share one.
#[derive(Debug, Default)]
pub struct Archives {
    spool: Spool,
    #[cfg(unix)]
    commands: command::Commands,
    #[cfg(feature = "arrow")]
    rows: parquet::RowReader,
}

/// The bytes of a recording that has no file of its own.
#[derive(Debug)]
pub enum HeldBytes {
    /// A stretch of a file or an object.
    Stretch {
        /// The file or object.
        source: Source,
        /// The stretch of it that is the recording.
        range: Range<u64>,
    },
    /// A stretch of a file that this process has written, and that nobody else changes.
    Spooled {
        /// The file.
        file: Arc<File>,
        /// The stretch of it that is the recording.
        range: Range<u64>,
    },
    /// Bytes in memory.
    Memory(Vec<u8>),
}

impl Archives {
    /// Opens the bytes of an utterance's recording.
    ///
    /// - `path`: the file that has it
    /// - `utterance`: its size and time are those that the file had when `held` was found
    /// - `held`: where in the file it is
    /// - `should_stop`: is asked now and then where that takes a while
    ///
    /// # Errors
    /// Each has its kind of [`HeldError`].
    pub fn open(
        &self,
        path: &Path,
        utterance: &Utterance,
        held: &Held,
        should_stop: &dyn Fn() -> bool,
    ) -> Result<HeldBytes, HeldError> {
        match held {
            Held::Output { command, folder } => {
                let folder = join(folder_of(path), folder);
                self.output(command, &folder, should_stop)
            }
            Held::Member { offset, bytes, is_packed: false, .. } => {
                let opened = open_unchanged(path, utterance)?;
                let range = within(0..opened.bytes, *offset, *bytes)?;
                Ok(stretch(opened, range))
            }
            Held::Member { offset, bytes, is_packed: true, .. } => {
                let opened = open_unchanged(path, utterance)?;
                let (file, place) = self.spool.unpack(path, opened, should_stop)?;
                let range = within(place, *offset, *bytes)?;
                Ok(HeldBytes::Spooled { file, range })
            }
            #[cfg(feature = "arrow")]
            Held::Row { row, column, .. } => {
                let opened = open_unchanged(path, utterance)?;
                let bytes = self.rows.read(path, opened, utterance, *column, *row)?;
                Ok(HeldBytes::Memory(bytes))
            }
            #[cfg(not(feature = "arrow"))]
            Held::Row { .. } => Err(HeldError::Read(std::io::ErrorKind::Unsupported.into())),
            Held::Entry { offset, most } => {
                let opened = open_unchanged(path, utterance)?;
                let range = ark::entry(&opened, *offset, *most)?;
                Ok(stretch(opened, range))
            }
        }
    }

    /// The output of a command, kept in a file.
    #[cfg(unix)]
    fn output(
        &self,
        command: &str,
        folder: &Path,
        should_stop: &dyn Fn() -> bool,
    ) -> Result<HeldBytes, HeldError> {
        let file = self.commands.output(command, folder, should_stop)?;
        let range = 0..file.metadata()?.len();
        Ok(HeldBytes::Spooled { file: Arc::new(file), range })
    }

    #[cfg(not(unix))]
    fn output(&self, _: &str, _: &Path, _: &dyn Fn() -> bool) -> Result<HeldBytes, HeldError> {
        Err(HeldError::Read(std::io::ErrorKind::Unsupported.into()))
    }
}

/// Opens an archive, if it is still the one in which places were found.
fn open_unchanged(path: &Path, utterance: &Utterance) -> Result<Source, HeldError> {
    let opened = open_listed(path, utterance.size_bytes, utterance.modified())?;
    match utterance.is_of(&opened) {
        true => Ok(opened),
        false => Err(HeldError::Changed),
    }
}

/// The bytes of a member of an archive.
///
/// - `archive`: those of the archive
fn within(archive: Range<u64>, offset: u64, bytes: u64) -> Result<Range<u64>, HeldError> {
    let end = offset.checked_add(bytes).and_then(|end| end.checked_add(archive.start));
    match end {
        Some(end) if end <= archive.end => Ok(archive.start + offset..end),
        _ => Err(HeldError::Behind { offset, bytes: archive.end - archive.start }),
    }
}

fn stretch(mut source: Source, range: Range<u64>) -> HeldBytes {
    if let Place::Object(object) = &mut source.place {
        *object = object.up_to(range.end);
    }
    HeldBytes::Stretch { source, range }
}
