//! Shar, lhotse's archives: the cuts of a shard in `cuts.000000.jsonl.gz`, and their recordings in
//! `recording.000000.tar`.
//!
//! A cut says that its recording is of the type `shar`; it is the member that is called as the cut is
//! (lhotse 1.33.0, `lhotse.shar.writers`, and its page on Shar).

use std::{
    collections::HashMap,
    path::{Path, PathBuf},
};

use ossicle_files::printable;

use crate::{
    error::Error,
    held::Held,
    names::shown,
    readers::{
        faults::{At, Faults},
        members::Members,
        rows::Row,
    },
};

/// The type of a source that is in the archive of its shard.
pub(super) const SHAR: &str = "shar";

/// Members beside a recording that are none: what is said of it, and that it has none.
const OTHERS: [&str; 2] = ["json", "nodata"];

/// Returns the name of the archive of recordings of a shard; none where the name is not that of cuts.
pub(super) fn archive_of(cuts: &str) -> Option<String> {
    let shard = cuts.strip_prefix("cuts.")?;
    let shard = shard.strip_suffix(".jsonl.gz").or_else(|| shard.strip_suffix(".jsonl"))?;
    Some(format!("recording.{shard}.tar"))
}

/// Finds the recordings of cuts in their archive.
///
/// - `rows`: those of a shard, whose source is nothing where it is in the archive
pub(super) fn place(cuts: &Path, rows: &mut [Row], faults: &mut Faults) -> Result<(), Error> {
    let file = printable(cuts);
    let is_held = |row: &&mut Row| row.source.as_os_str().is_empty();
    let name = cuts.file_name().and_then(|name| name.to_str()).and_then(archive_of);
    let mut recordings: Option<Recordings> = None;
    for row in rows.iter_mut().filter(is_held) {
        let at = At { file: &file, line: row.line, column: 0 };
        let Some(archive) = &name else {
            row.source = Path::new("recording.tar").into();
            faults.add(at, "recordings in archives that nothing names", || {
                "its recording is in the archive of its shard, but the file is not called \
                 `cuts.000000.jsonl.gz`"
                    .into()
            });
            continue;
        };
        let recordings = match &mut recordings {
            Some(recordings) => recordings,
            None => recordings.insert(Recordings::read(cuts.with_file_name(archive), faults)?),
        };
        let id = row.id.clone().unwrap_or_default();
        row.source = Path::new(archive).into();
        match recordings.of(&id) {
            Some(held) => row.part().set_held(held),
            None => faults.add(at, "recordings that are not there", || {
                format!(
                    "there is no recording of `{}` in {}",
                    shown(&id),
                    printable(&recordings.path)
                )
            }),
        }
    }
    Ok(())
}

/// The archive of a shard's recordings.
struct Recordings {
    path: PathBuf,
    members: Members,
    /// The names of the recordings by those of the cuts.
    by_cut: HashMap<String, String>,
}

impl Recordings {
    fn read(path: PathBuf, faults: &mut Faults) -> Result<Recordings, Error> {
        let members = Members::read(&path, faults)?;
        let halves = members.names().filter_map(|name| Some((name, name.rsplit_once('.')?)));
        let recordings = halves.filter(|(_, (_, extension))| !OTHERS.contains(extension));
        let by_cut = recordings.map(|(name, (stem, _))| (stem.to_owned(), name.to_owned()));
        let by_cut = by_cut.collect();
        Ok(Recordings { path, members, by_cut })
    }

    fn of(&self, cut: &str) -> Option<Held> {
        self.members.get(self.by_cut.get(cut)?)
    }
}
