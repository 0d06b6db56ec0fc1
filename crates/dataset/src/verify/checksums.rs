//! The third stage: whether all bytes are those that were written, and all numbers finite.

use std::collections::{HashMap, HashSet};
use std::fs;
use std::path::Path;

use super::check::{Check, OTHER_BYTES, VerifyStage, what};
use super::structure::Shards;
use crate::error::Error;
use crate::format::npy::{Dtype, NpyHeader};
use crate::open::{fill, open_file};

/// The part of a file that is in memory at once.
pub(super) const BUFFER_BYTES: usize = 4 << 20;

/// Reads every file that the card names to its end, unless it was found wrong before. Returns how many
/// files were read, and how many bytes they have.
pub(super) fn check(check: &mut Check<'_>, shards: &Shards) -> (u64, u64) {
    let card = check.card;
    let owners = Owners::new(check);
    let mut buffer = vec![0; BUFFER_BYTES];
    let (mut files, mut bytes) = (0, 0);
    let mut done = HashSet::with_capacity(card.files.len());
    for file in &card.files {
        if !done.insert(&file.path) {
            continue;
        }
        let path = check.root.join(&file.path);
        let was_wrong = check.findings.has(&file.path);
        if was_wrong && !owners.may_be_another(&path) {
            continue;
        }
        let digest = match Digest::of(&path, shards.get(&file.path), &mut buffer) {
            Ok(digest) => digest,
            Err(error) => {
                check.find_checksums(&file.path, what(error));
                continue;
            }
        };
        files += 1;
        bytes += digest.bytes;
        let is_right = digest.hash == file.blake3;
        let owner = owners.by_hash.get(digest.hash.as_str()).filter(|_| !is_right);
        let swapped = owner.map(|owner| format!("its bytes are those of {owner}"));
        match swapped {
            Some(swapped) if was_wrong => check.findings.explain(&file.path, &swapped),
            Some(swapped) => check.find_checksums(&file.path, swapped),
            None if !is_right => {
                check.find_checksums(&file.path, OTHER_BYTES);
            }
            None => {
                if let Some(what) = digest.not_finite {
                    check.find_checksums(&file.path, what);
                }
            }
        }
    }
    (files, bytes)
}

impl Check<'_> {
    fn find_checksums(&mut self, file: &str, what: impl AsRef<str>) {
        self.findings.add(VerifyStage::Checksums, file, what);
    }
}

/// The files that the card names by size and hash, to tell files that were swapped.
struct Owners<'a> {
    by_hash: HashMap<&'a str, &'a str>,
    sizes: HashSet<u64>,
}

impl<'a> Owners<'a> {
    fn new(check: &Check<'a>) -> Owners<'a> {
        let files = &check.card.files;
        Owners {
            // Of several files with the same bytes, the first.
            by_hash: files.iter().rev().map(|f| (f.blake3.as_str(), f.path.as_str())).collect(),
            sizes: files.iter().map(|file| file.bytes).collect(),
        }
    }

    /// Returns whether the size speaks for this being another file of the dataset.
    fn may_be_another(&self, path: &Path) -> bool {
        fs::metadata(path).is_ok_and(|found| found.is_file() && self.sizes.contains(&found.len()))
    }
}

/// What a file's bytes come to.
pub(super) struct Digest {
    bytes: u64,
    /// Its BLAKE3, in hexadecimal.
    pub(super) hash: String,
    /// The place of the first number that is not finite, in words.
    not_finite: Option<String>,
}

impl Digest {
    /// - `header`: that of an array; its numbers are looked at if they can be infinite
    pub(super) fn of(
        path: &Path,
        header: Option<&NpyHeader>,
        buffer: &mut [u8],
    ) -> Result<Digest, Error> {
        let (mut file, _) = open_file(path)?;
        let floats = header.and_then(|header| Some((header, Floats::of(header.dtype)?)));
        let mut hasher = blake3::Hasher::new();
        let (mut bytes, mut not_finite) = (0, None);
        loop {
            let filled = fill(&mut file, buffer).map_err(Error::io("read", path))?;
            hasher.update(&buffer[..filled]);
            if let (Some((header, floats)), None) = (floats, &not_finite) {
                // Whole rows lie in whole buffers: the sizes of both, and of the header, are multiples
                // of their size.
                let header_bytes = header.dtype.header_bytes();
                let skip = if bytes == 0 { header_bytes.min(filled) } else { 0 };
                if let Some(at) = floats.first_not_finite(&buffer[skip..filled]) {
                    let before = (bytes + skip as u64 - header_bytes as u64) / floats.each();
                    not_finite = Some(place_in_words(before + at as u64, header));
                }
            }
            bytes += filled as u64;
            if filled < buffer.len() {
                break;
            }
        }
        Ok(Digest { bytes, hash: hasher.finalize().to_hex().to_string(), not_finite })
    }
}

/// The bytes of an array that are floating-point numbers.
#[derive(Clone, Copy)]
enum Floats {
    All,
    /// The last four of every sixteen.
    Amplitudes,
}

impl Floats {
    fn of(dtype: Dtype) -> Option<Floats> {
        match dtype {
            Dtype::Float32 => Some(Floats::All),
            Dtype::Event => Some(Floats::Amplitudes),
            _ => None,
        }
    }

    /// Returns the distance from one to the next, in bytes.
    fn each(self) -> u64 {
        match self {
            Floats::All => 4,
            Floats::Amplitudes => 16,
        }
    }

    /// The first that is not finite.
    fn first_not_finite(self, bytes: &[u8]) -> Option<usize> {
        let is_finite = |x: &[u8; 4]| f32::from_le_bytes(*x).is_finite();
        match self {
            Floats::All => {
                let numbers = bytes.as_chunks().0;
                // Looking at all of them first, without leaving early, is vector code.
                match numbers.iter().fold(true, |all, x| all & is_finite(x)) {
                    true => None,
                    false => numbers.iter().position(|x| !is_finite(x)),
                }
            }
            Floats::Amplitudes => {
                let events: &[[u8; 16]] = bytes.as_chunks().0;
                let amplitude = |event: &[u8; 16]| event.last_chunk().copied().unwrap_or_default();
                events.iter().position(|event| !is_finite(&amplitude(event)))
            }
        }
    }
}

fn place_in_words(number: u64, header: &NpyHeader) -> String {
    if header.dtype == Dtype::Event {
        return format!("row {number}: the amplitude is not a finite number");
    }
    let columns = header.shape.get(1).copied().unwrap_or(1).max(1);
    format!("row {}, column {} is not a finite number", number / columns, number % columns)
}
