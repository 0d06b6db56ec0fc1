//! Reads parts that are done.

use std::ops::Range;

use ossicle_dataset::{ReadAt, Store, UtteranceRow};

use super::chunks::Chunks;
use super::footer::Block;
use super::writer::{HASHED_BEFORE, TRAILER_BYTES, has_magic};
use super::{Footer, PartArray, moments_bytes};
use crate::error::Error;
use crate::plan::arrays::Arrays;
use crate::plan::job::Job;

/// The bytes of a file's end that are read at once: they hold the footer of most parts.
const TAIL_BYTES: u64 = 1 << 14;

/// More bytes than any block has that is read at once: a part is of a few hundred utterances, or of one that
/// is long. A file may be anybody's, and as large as it likes without taking room on a disk.
const MOST_BLOCK_BYTES: u64 = 1 << 28;

/// A part that is done.
#[derive(Debug, Clone, PartialEq)]
pub struct PartFile {
    name: String,
    pub(crate) footer: Footer,
    /// The BLAKE3 of its bytes, as it says.
    pub(crate) hash: [u8; 32],
}

/// A reason why a file is no part of a job.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum BadPart {
    /// The store cannot read it.
    #[error(transparent)]
    Store(#[from] ossicle_dataset::Error),
    /// It is not as it was written.
    #[error("it is torn")]
    Torn,
    /// It is another job's.
    #[error("it is another job's")]
    OtherJob,
}

impl PartFile {
    /// Opens a part's file and reads what it says of itself.
    ///
    /// # Errors
    /// If the store does not give it, or if it is no part of this job.
    pub fn of_job(store: &dyn Store, name: &str, job: &Job) -> Result<PartFile, BadPart> {
        let arrays = Arrays::of(job);
        PartFile::open(store, name, arrays.in_parts(), &job.key)
    }

    /// Opens a part's file and reads its footer.
    ///
    /// - `job`: the key of the job that it has to be of
    pub(crate) fn open(
        store: &dyn Store,
        name: &str,
        arrays: &[PartArray],
        job: &str,
    ) -> Result<PartFile, BadPart> {
        let file = store.read(name)?;
        let (footer, hash) = read_footer(&*file)?;
        if footer.job != job {
            return Err(BadPart::OtherJob);
        }
        if !footer.fits(arrays) {
            return Err(BadPart::Torn);
        }
        let part = PartFile { name: name.to_owned(), footer, hash };
        part.chunks(&*file, arrays)?;
        Ok(part)
    }

    /// Returns whether its bytes are those that were written.
    ///
    /// # Errors
    /// If they cannot be read.
    pub fn is_sound(&self, store: &dyn Store) -> Result<bool, Error> {
        let file = store.read(&self.name)?;
        let Some(hashed) = file.bytes().checked_sub(HASHED_BEFORE as u64) else { return Ok(false) };
        let mut hasher = blake3::Hasher::new();
        let mut buffer = vec![0; 1 << 16];
        for at in (0..hashed).step_by(buffer.len()) {
            let length = (hashed - at).min(buffer.len() as u64) as usize;
            file.read_exact_at(&mut buffer[..length], at)?;
            hasher.update(&buffer[..length]);
        }
        let mut trailer = [0; HASHED_BEFORE];
        file.read_exact_at(&mut trailer, hashed)?;
        Ok(trailer.starts_with(hasher.finalize().as_bytes()) && has_magic(&trailer))
    }

    /// Reads the BLAKE3 of its bytes, in hexadecimal, as its end has it.
    pub(crate) fn hash(&self, store: &dyn Store) -> Result<String, Error> {
        let file = store.read(&self.name)?;
        let mut hash = [0; 32];
        file.read_exact_at(&mut hash, file.bytes().saturating_sub(HASHED_BEFORE as u64))?;
        Ok(blake3::Hash::from_bytes(hash).to_hex().to_string())
    }

    /// Reads all that it has, as a run that finishes does.
    ///
    /// # Errors
    /// If anything cannot be read, or is not what the part says that it is.
    pub fn read_all(&self, store: &dyn Store, job: &Job) -> Result<(), Error> {
        let arrays = Arrays::of(job);
        let arrays = arrays.in_parts();
        let utterances = 0..self.footer.utterances();
        let moments = self.moments(store, arrays, utterances.clone())?;
        let reader = self.reader(store, arrays)?;
        for utterance in utterances {
            for (number, array) in arrays.iter().enumerate() {
                moments.of(utterance, number);
                let rows = self.footer.rows[array.grid][utterance];
                for row in 0..rows {
                    let mut bytes = vec![0; array.row_bytes as usize];
                    reader.read(utterance, number, row..row + 1, array.row_bytes, &mut bytes)?;
                }
            }
        }
        self.failure_text(store)?;
        self.utterances(store)?;
        Ok(())
    }

    /// Returns its file, in the store.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Opens it to read its rows.
    pub(crate) fn reader(
        &self,
        store: &dyn Store,
        arrays: &[PartArray],
    ) -> Result<PartReader, Error> {
        let file = store.read(&self.name)?;
        let chunks = self.chunks(&*file, arrays).map_err(|source| self.lost(source))?;
        Ok(PartReader { file, chunks })
    }

    /// Reads the moments of some of its utterances.
    pub(crate) fn moments<'a>(
        &self,
        store: &dyn Store,
        arrays: &'a [PartArray],
        utterances: Range<usize>,
    ) -> Result<PartMoments<'a>, Error> {
        self.moments_in(&*store.read(&self.name)?, arrays, utterances)
    }

    /// Reads the moments of all of them.
    pub(crate) fn all_moments<'a>(
        &self,
        store: &dyn Store,
        arrays: &'a [PartArray],
    ) -> Result<PartMoments<'a>, Error> {
        self.moments(store, arrays, 0..self.footer.utterances())
    }

    fn moments_in<'a>(
        &self,
        file: &dyn ReadAt,
        arrays: &'a [PartArray],
        utterances: Range<usize>,
    ) -> Result<PartMoments<'a>, Error> {
        let each = moments_bytes(arrays);
        let begin = self.footer.block(Block::Moments).start;
        let block = begin + each * utterances.start as u64..begin + each * utterances.end as u64;
        Ok(PartMoments { arrays, bytes: self.read(file, block)?, each: each as usize })
    }

    /// Reads the rows of its utterances, as text.
    pub(crate) fn utterance_text(&self, store: &dyn Store) -> Result<Vec<u8>, Error> {
        self.read(&*store.read(&self.name)?, self.footer.block(Block::Utterances))
    }

    /// Reads the rows of its utterances: one for each that its footer counts.
    pub(crate) fn utterances(&self, store: &dyn Store) -> Result<Vec<UtteranceRow>, Error> {
        self.utterances_of(&self.utterance_text(store)?)
    }

    /// Reads the rows of its utterances from their text.
    pub(crate) fn utterances_of(&self, text: &[u8]) -> Result<Vec<UtteranceRow>, Error> {
        let rows = serde_json::Deserializer::from_slice(text).into_iter();
        let rows: Option<Vec<UtteranceRow>> = rows.collect::<Result<_, _>>().ok();
        let rows = rows.filter(|rows| rows.len() == self.footer.utterances());
        rows.ok_or_else(|| self.lost(BadPart::Torn))
    }

    /// Reads the rows of its failures, as text.
    pub(crate) fn failure_text(&self, store: &dyn Store) -> Result<Vec<u8>, Error> {
        self.read(&*store.read(&self.name)?, self.footer.block(Block::Failures))
    }

    /// Reads a block of the file.
    fn read(&self, file: &dyn ReadAt, block: Range<u64>) -> Result<Vec<u8>, Error> {
        // It is as long as it was when it was opened first, or the read fails before anything is held.
        if block.end > file.bytes() {
            return Err(self.lost(BadPart::Torn));
        }
        read_block(file, block).map_err(|source| match source {
            BadPart::Store(error) => error.into(),
            torn => self.lost(torn),
        })
    }

    /// Reads the table, and checks it against the footer.
    fn chunks(&self, file: &dyn ReadAt, arrays: &[PartArray]) -> Result<Chunks, BadPart> {
        let block = self.footer.block(Block::Table);
        if block.end > file.bytes() {
            return Err(BadPart::Torn);
        }
        let table = read_block(file, block)?;
        let Footer { rows, chunks_end, .. } = &self.footer;
        Chunks::of_table(&table, arrays, rows, *chunks_end).ok_or(BadPart::Torn)
    }

    /// Makes the error of a part that was written and cannot be read.
    fn lost(&self, source: BadPart) -> Error {
        Error::LostPart { path: self.name.clone().into(), source: source.into() }
    }
}

fn read_block(file: &dyn ReadAt, block: Range<u64>) -> Result<Vec<u8>, BadPart> {
    let bytes = block.end.checked_sub(block.start).filter(|&bytes| bytes <= MOST_BLOCK_BYTES);
    let mut bytes = vec![0; bytes.ok_or(BadPart::Torn)? as usize];
    file.read_exact_at(&mut bytes, block.start)?;
    Ok(bytes)
}

/// Reads the footer, which is found by the trailer at the end of the file, and the hash of the file.
fn read_footer(file: &dyn ReadAt) -> Result<(Footer, [u8; 32]), BadPart> {
    let size = file.bytes();
    let tail_begin = size - size.min(TAIL_BYTES);
    let tail = read_block(file, tail_begin..size)?;
    let trailer = tail.len().checked_sub(TRAILER_BYTES).ok_or(BadPart::Torn)?;
    let (length, rest) = tail[trailer..].split_first_chunk().ok_or(BadPart::Torn)?;
    let (&hash, _) = rest.split_first_chunk().ok_or(BadPart::Torn)?;
    if !has_magic(&tail[trailer..]) {
        return Err(BadPart::Torn);
    }
    let end = size - TRAILER_BYTES as u64;
    let begin = end.checked_sub(u64::from_le_bytes(*length)).ok_or(BadPart::Torn)?;
    let footer: Footer = match begin.checked_sub(tail_begin) {
        Some(at) => serde_json::from_slice(&tail[at as usize..trailer]),
        None => serde_json::from_slice(&read_block(file, begin..end)?),
    }
    .map_err(|_| BadPart::Torn)?;
    // The footer follows the table; whether the blocks before it fit one another, `fits` tells.
    match footer.table_end == begin {
        true => Ok((footer, hash)),
        false => Err(BadPart::Torn),
    }
}

/// Reads rows of a part, which stays open.
#[derive(Debug)]
pub(crate) struct PartReader {
    file: Box<dyn ReadAt>,
    chunks: Chunks,
}

impl PartReader {
    /// Reads rows of an utterance, of however many chunks, as they lie in the file.
    ///
    /// - `rows`: that the footer says there are
    /// - `out`: as long as the rows
    pub(crate) fn read(
        &self,
        utterance: usize,
        array: usize,
        rows: Range<u64>,
        row_bytes: u64,
        out: &mut [u8],
    ) -> Result<(), Error> {
        debug_assert_eq!(out.len() as u64, (rows.end - rows.start) * row_bytes);
        let mut row = rows.start;
        let mut done = 0;
        while row < rows.end {
            let Some(placed) = self.chunks.find(utterance, array, row) else {
                unreachable!("the table was checked to have every row of the footer")
            };
            let end = (placed.chunk.first_row + placed.chunk.num_rows).min(rows.end);
            let offset = placed.offset + (row - placed.chunk.first_row) * row_bytes;
            let bytes = ((end - row) * row_bytes) as usize;
            self.file.read_exact_at(&mut out[done..done + bytes], offset)?;
            (row, done) = (end, done + bytes);
        }
        Ok(())
    }

    /// Reads the moments of some utterances of the part that it reads.
    pub(crate) fn moments<'a>(
        &self,
        part: &PartFile,
        arrays: &'a [PartArray],
        utterances: Range<usize>,
    ) -> Result<PartMoments<'a>, Error> {
        part.moments_in(&*self.file, arrays, utterances)
    }
}

/// The moments of utterances, as a part has them.
#[derive(Debug)]
pub(crate) struct PartMoments<'a> {
    arrays: &'a [PartArray],
    bytes: Vec<u8>,
    /// The bytes that those of an utterance take.
    each: usize,
}

impl PartMoments<'_> {
    /// Returns mean and M2 of an utterance's wide columns in an array.
    ///
    /// - `utterance`: counted from the first that was read
    pub(crate) fn of(&self, utterance: usize, array: usize) -> (Vec<f64>, Vec<f64>) {
        let columns = self.arrays[array].wide_columns;
        let (mean, rest) = self.block(utterance, array).split_at(8 * columns);
        let numbers = |bytes: &[u8]| {
            bytes.as_chunks().0.iter().map(|&bytes| f64::from_le_bytes(bytes)).collect()
        };
        (numbers(mean), numbers(&rest[..8 * columns]))
    }

    /// Returns minimum and maximum likewise.
    pub(crate) fn range_of(&self, utterance: usize, array: usize) -> (Vec<f32>, Vec<f32>) {
        let columns = self.arrays[array].wide_columns;
        let (min, max) = self.block(utterance, array)[16 * columns..].split_at(4 * columns);
        let numbers = |bytes: &[u8]| {
            bytes.as_chunks().0.iter().map(|&bytes| f32::from_le_bytes(bytes)).collect()
        };
        (numbers(min), numbers(max))
    }

    /// Returns the bytes of an utterance's moments in an array.
    fn block(&self, utterance: usize, array: usize) -> &[u8] {
        let begin = utterance * self.each + moments_bytes(&self.arrays[..array]) as usize;
        &self.bytes[begin..begin + moments_bytes(&self.arrays[array..=array]) as usize]
    }
}
