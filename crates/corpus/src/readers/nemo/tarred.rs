//! NeMo's tarred sets: a manifest that names members of `audio_0.tar`, `audio_1.tar` and so on.
//!
//! NeMo's page on tarred datasets has the layout. A recording that several lines have stretches of is in the
//! archive once, and named `-sub1`, `-sub2` in the others (NeMo's `convert_to_tarred_audio_dataset.py`).

use std::{
    collections::{BTreeMap, HashMap, hash_map::Entry},
    path::Path,
    sync::Arc,
};

use ossicle_files::{entries, join, percent_escaped, printable};

use crate::{
    error::Error,
    extra::Column,
    names::{folder_of, shown},
    readers::{
        faults::{At, Faults},
        members::Members,
        rows::Row,
    },
};

/// The archives beside a manifest by their numbers.
#[derive(Debug)]
pub(super) struct Archives(BTreeMap<u64, Arc<Path>>);

impl Archives {
    /// Looks for archives where NeMo puts them: in the manifest's folder, or in the one above where it is
    /// one of the manifests of a shard each. Paths are relative to the manifest's folder.
    pub(super) fn beside(manifest: &Path) -> Archives {
        let folder = folder_of(manifest);
        let mut found = BTreeMap::new();
        for below in ["", ".."] {
            let mut names: Vec<String> = entries(&join(folder, below))
                .into_iter()
                .flatten()
                .filter_map(|entry| entry.name().into_string().ok())
                .collect();
            // `audio_1.tar` before others of that number.
            names.sort_by_key(|name| (!name.starts_with("audio_"), name.clone()));
            for name in names {
                if let Some(number) = number_of(&name) {
                    found.entry(number).or_insert_with(|| Path::new(below).join(name).into());
                }
            }
            if !found.is_empty() || !folder.ends_with("sharded_manifests") {
                break;
            }
        }
        Archives(found)
    }

    /// Finds the recordings of rows in their archives.
    ///
    /// - `rows`: those of the manifest, whose column `shard_id` is the number of the archive
    pub(super) fn place(
        &self,
        manifest: &Path,
        rows: &mut [Row],
        faults: &mut Faults,
    ) -> Result<(), Error> {
        let file = printable(manifest);
        let mut read: HashMap<u64, Members> = HashMap::new();
        // Without archives it is a column as others are.
        let rows = rows.iter_mut().filter(|_| !self.0.is_empty());
        for row in rows {
            let Some(shard) = take_shard(row) else { continue };
            let at = At { file: &file, line: row.line, column: 0 };
            let Some(archive) = self.0.get(&shard) else {
                faults.add(at, "archives that are not there", || {
                    format!("expected the archive `audio_{shard}.tar` beside it, found none of this number")
                });
                continue;
            };
            let path = join(folder_of(manifest), archive);
            let members = match read.entry(shard) {
                Entry::Occupied(read) => read.into_mut(),
                Entry::Vacant(unread) => unread.insert(Members::read(&path, faults)?),
            };
            let name = percent_escaped(row.source.as_os_str().as_encoded_bytes());
            match members.get(&name).or_else(|| members.get(&whole(&name)?)) {
                Some(held) => {
                    let stem = name.rsplit_once('.').map_or(&*name, |(stem, _)| stem);
                    row.id.get_or_insert_with(|| stem.into());
                    row.source = archive.clone();
                    row.part().set_held(held);
                }
                None => faults.add(at, "members that are not there", || {
                    format!("`{}` is not in {}", shown(&name), printable(&path))
                }),
            }
        }
        Ok(())
    }
}

/// Takes the number of a row's archive.
fn take_shard(row: &mut Row) -> Option<u64> {
    let is_shard = |column: &Column| column.name() == "shard_id";
    let (shards, others): (Vec<_>, Vec<_>) = row.columns.unpacked().into_iter().partition(is_shard);
    let shard = shards.first()?.value().as_u64()?;
    row.columns = others.into();
    Some(shard)
}

/// The number of an archive: the digits at the end of its name.
fn number_of(name: &str) -> Option<u64> {
    let stem = name.trim_end_matches(".gz").strip_suffix(".tar")?;
    let digits = stem.len() - stem.trim_end_matches(|c: char| c.is_ascii_digit()).len();
    stem[stem.len() - digits..].parse().ok()
}

/// The name of the recording that `NAME-sub1.wav` is a stretch of.
fn whole(name: &str) -> Option<String> {
    let (stem, extension) = name.rsplit_once('.')?;
    let (stem, number) = stem.rsplit_once("-sub")?;
    let is_number = !number.is_empty() && number.bytes().all(|byte| byte.is_ascii_digit());
    is_number.then(|| format!("{stem}.{extension}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn archives_have_the_number_at_the_end_of_their_names() {
        assert_eq!(number_of("audio_12.tar"), Some(12));
        assert_eq!(number_of("shard-000003.tar.gz"), Some(3));
        for name in ["audio_.tar", "audio_1.zip", "audio_99999999999999999999.tar"] {
            assert_eq!(number_of(name), None, "{name}");
        }
        assert_eq!(whole("a-sub12.wav").as_deref(), Some("a.wav"));
        assert_eq!((whole("a-sub.wav"), whole("a.wav")), (None, None));
    }
}
