//! The first stage: which files there are, their sizes and their headers.

use std::collections::{BTreeSet, HashMap, HashSet};
use std::fs;
use std::io;
use std::path::Path;

use ossicle_files::percent_escaped;

use super::check::{Check, VerifyStage, what, wrong_size};
use crate::card::{Array, Unit};
use crate::error::Error;
use crate::format::names::{
    CARD_FILE, FAILURES_FILE, INDEX_FILE, JOB_FILE, KEPT_FILE, RUN_FILE, SOURCES_FILE, STAGE_DIR,
    UTTERANCES_FILE, WORK_DIR, index_file, is_litter, shard_file,
};
use crate::format::npy::NpyHeader;

/// The headers of the shards whose structure is sound, by file.
pub(super) type Shards = HashMap<String, NpyHeader>;

/// Looks at every file that the card names and at every file that is there, and reads headers only.
pub(super) fn check(check: &mut Check<'_>) -> Shards {
    check.sizes();
    check.strangers();
    check.headers()
}

impl Check<'_> {
    fn find_structure(&mut self, file: impl AsRef<[u8]>, what: impl AsRef<str>) {
        self.findings.add(VerifyStage::Structure, file, what);
    }

    /// Every file that the card names is there, with its size.
    fn sizes(&mut self) {
        let mut named = HashSet::with_capacity(self.card.files.len());
        for file in &self.card.files {
            if !named.insert(&file.path) {
                self.find_structure(CARD_FILE, format!("names {:?} twice", file.path));
            }
            let path = self.root.join(&file.path);
            match fs::metadata(&path).map_err(Error::io("open", &path)) {
                Ok(found) if !found.is_file() => {
                    self.find_structure(&file.path, "is not a regular file");
                }
                Ok(found) => {
                    if let Some(what) = wrong_size(found.len(), file.bytes) {
                        self.find_structure(&file.path, what);
                    }
                }
                Err(error) => self.find_structure(&file.path, what(error)),
            }
        }
    }

    /// Nothing is there that the card does not name.
    fn strangers(&mut self) {
        let mut named: HashSet<&str> = [CARD_FILE, RUN_FILE, SOURCES_FILE].into();
        named.extend(self.card.files.iter().map(|file| file.path.as_str()));
        let folders: BTreeSet<&str> =
            self.card.splits.iter().map(|split| split.name.as_str()).collect();
        for folder in [""].into_iter().chain(folders.iter().copied()) {
            let names = match names_in(&self.root.join(folder)) {
                Ok(names) => names,
                Err(error) if error.kind() == io::ErrorKind::NotFound => {
                    self.find_structure(folder, "is missing");
                    continue;
                }
                Err(error) => {
                    let file = if folder.is_empty() { "." } else { folder };
                    self.find_structure(file, format!("cannot read it: {error}"));
                    continue;
                }
            };
            for name in names {
                let is_litter = is_litter(&name);
                let name = match folder {
                    "" => name,
                    _ => [folder.as_bytes(), b"/", &name].concat(),
                };
                // No name in a card is other than UTF-8.
                let text = str::from_utf8(&name).unwrap_or_default();
                if text == WORK_DIR && self.has_kept_parts() {
                    continue;
                } else if text == WORK_DIR {
                    let what = "is left of a run that did not finish; run it again";
                    self.find_structure(&name, what);
                } else if is_litter && !named.contains(text) {
                    self.litter.push(percent_escaped(&name));
                } else if !named.contains(text) && !folders.contains(text) {
                    self.find_structure(&name, "is not a file of the dataset");
                }
            }
        }
    }

    /// Returns whether all that is beside the dataset are the parts that it was made of, which were to be kept.
    fn has_kept_parts(&self) -> bool {
        let is_there = |name: &str| self.root.join(name).exists();
        is_there(KEPT_FILE) && !is_there(JOB_FILE) && !is_there(STAGE_DIR)
    }

    /// The card names every file that its splits must have, and the headers of arrays are those of
    /// the card. Returns the headers of sound shards.
    fn headers(&mut self) -> Shards {
        let card = self.card;
        let named: HashSet<&str> = card.files.iter().map(|file| file.path.as_str()).collect();
        let mut shards = Shards::new();
        self.must_be_named(&named, FAILURES_FILE);
        for split in &card.splits {
            for file in [INDEX_FILE, UTTERANCES_FILE] {
                self.must_be_named(&named, &format!("{}/{file}", split.name));
            }
            for (name, array) in &card.arrays {
                if array.frame.is_some() {
                    self.must_be_named(&named, &format!("{}/{}", split.name, index_file(name)));
                }
                // No more than the card names, whatever number of shards it claims.
                for shard in 0..usize::try_from(split.shards).unwrap_or(usize::MAX) {
                    let file = shard_file(&split.name, name, shard);
                    if !self.must_be_named(&named, &file) {
                        break;
                    }
                    if self.findings.has(&file) {
                        continue;
                    }
                    let header = NpyHeader::read(&self.root.join(&file)).map_err(what);
                    match header.and_then(|header| is_of(header, array)) {
                        Ok(header) => drop(shards.insert(file, header)),
                        Err(what) => self.find_structure(&file, what),
                    }
                }
            }
        }
        shards
    }

    fn must_be_named(&mut self, named: &HashSet<&str>, file: &str) -> bool {
        let is_named = named.contains(file);
        if !is_named {
            self.find_structure(CARD_FILE, format!("does not name {file:?}"));
        }
        is_named
    }
}

/// The header, if it is that of a shard of this array.
fn is_of(header: NpyHeader, array: &Array) -> Result<NpyHeader, String> {
    let columns = (array.columns > 0).then_some(array.columns as u64);
    let mut shape = header.shape.iter().skip(1).copied();
    if header.dtype == array.dtype
        && !header.shape.is_empty()
        && (shape.next(), shape.next()) == (columns, None)
    {
        return Ok(header);
    }
    let columns = columns.map_or(String::new(), |columns| format!(" {columns}"));
    let rows = match array.unit {
        Unit::Frame => "frames",
        Unit::Sample => "samples",
        Unit::Event => "events",
    };
    Err(format!("is {header}; the card says {} ({rows},{columns})", array.dtype))
}

/// The names in a folder, in order.
fn names_in(folder: &Path) -> io::Result<Vec<Vec<u8>>> {
    let mut names = fs::read_dir(folder)?
        .map(|entry| Ok(entry?.file_name().into_encoded_bytes()))
        .collect::<io::Result<Vec<_>>>()?;
    names.sort_unstable();
    Ok(names)
}
