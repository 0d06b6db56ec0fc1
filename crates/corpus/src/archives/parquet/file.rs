//! A Parquet file: its footer, and the pages of its columns.
//!
//! The format is that of Apache Parquet's `README.md` and `parquet.thrift` (format 2.11). The crate `parquet`
//! reads footers and the encodings of values; pages are found and unpacked here, within bounds.

use std::{
    panic::{AssertUnwindSafe, catch_unwind},
    sync::Arc,
};

use ossicle_files::{Source, percent_escaped};
use parquet::{
    basic::{Compression, Type},
    file::metadata::{ColumnChunkMetaData, ParquetMetaData, ParquetMetaDataReader},
    schema::types::{ColumnDescPtr, SchemaDescriptor},
};

use super::{
    error::ParquetError,
    header::{PageHeader, PageKind},
    unpack::unpack,
};
use crate::names::shown;

/// The longest footer. Read, it takes some ten times as much memory.
const MOST_FOOTER_BYTES: u64 = 64 << 20;

/// The most that a page may unpack to, and how much more than it takes in the file; see [`Shard`](super::super::Shard)
/// for the latter.
const MOST_PAGE_BYTES: u64 = 1 << 30;
const MOST_TIMES: u64 = 200;

/// What any page may unpack to, however little it takes.
const SMALL_PAGE_BYTES: u64 = 1 << 20;

/// The longest header of a page: statistics in it may have values of any length.
const MOST_HEADER_BYTES: usize = 16 << 20;

/// The footer of a file, which says where everything is.
#[derive(Debug)]
pub(crate) struct Footer {
    pub(crate) metadata: ParquetMetaData,
    /// The first row of each row group, and the number of rows.
    pub(crate) first_rows: Vec<u64>,
}

/// A file that is open.
#[derive(Debug, Clone)]
pub(crate) struct ParquetFile {
    pub(super) file: Source,
    pub(super) footer: Arc<Footer>,
}

/// A page, and where it is.
#[derive(Debug, Clone, Copy)]
pub(super) struct PageAt {
    /// The byte of the file at which its header begins.
    header_at: u64,
    /// The byte behind its header.
    at: u64,
    header: PageHeader,
    pub(super) kind: PageKind,
    codec: Compression,
}

impl ParquetFile {
    /// Reads the footer of a file.
    ///
    /// # Errors
    /// It is no Parquet file, is encrypted, or says what cannot be.
    pub(crate) fn read(file: Source) -> Result<ParquetFile, ParquetError> {
        let footer = Arc::new(Footer::read(&file)?);
        Ok(ParquetFile { file, footer })
    }

    pub(crate) fn footer(&self) -> &Footer {
        &self.footer
    }

    /// The pages of a column's chunk in a row group: that of its dictionary, if there is one, then those of data.
    pub(super) fn pages(&self, group: usize, leaf: usize) -> Result<Vec<PageAt>, ParquetError> {
        let chunk = self.chunk(group, leaf)?;
        let num_values = chunk.num_values().max(0) as u64;
        let (mut at, end) = chunk_range(chunk)?;
        let mut pages = Vec::new();
        let mut values = 0;
        while at < end && values < num_values {
            let header_at = at;
            let (header, length) = self.header(at, end, leaf)?;
            at = at + length as u64 + header.stored_bytes as u64;
            if at > end {
                return Err(self.damaged(leaf, header_at, "ends behind its column"));
            }
            let Some(kind) = header.kind else { continue };
            let codec = chunk.compression();
            let page = PageAt { header_at, at: header_at + length as u64, header, kind, codec };
            self.check(&page, leaf)?;
            match kind {
                // One would take the place of another.
                PageKind::Dictionary { .. } if pages.is_empty() => pages.push(page),
                PageKind::Dictionary { .. } => {
                    return Err(self.damaged(leaf, header_at, "is a second dictionary"));
                }
                PageKind::Data { num_values, .. } | PageKind::DataV2 { num_values, .. } => {
                    values += u64::from(num_values);
                    // Such a page says nothing, and there may be any number of them.
                    pages.extend((num_values > 0).then_some(page));
                }
            }
        }
        Ok(pages)
    }

    /// Reads and unpacks a page.
    pub(super) fn page(&self, leaf: usize, page: &PageAt) -> Result<Vec<u8>, ParquetError> {
        let mut stored = vec![0; page.header.stored_bytes];
        self.file.fill_at(page.at, &mut stored)?;
        let wrong = |what: String| self.damaged(leaf, page.header_at, &what);
        if let Some(crc) = page.header.crc {
            let mut found = flate2::Crc::new();
            found.update(&stored);
            if found.sum() != crc {
                return Err(wrong("has other bytes than its checksum says".to_owned()));
            }
        }
        // Levels of the second version stand in front as they are.
        let (levels, is_packed) = match page.kind {
            PageKind::DataV2 { definition_bytes, repetition_bytes, is_packed, .. } => {
                (definition_bytes as usize + repetition_bytes as usize, is_packed)
            }
            _ => (0, true),
        };
        let (levels, packed) =
            stored.split_at_checked(levels).ok_or_else(|| wrong("ends in its levels".into()))?;
        let bytes = page
            .header
            .bytes
            .checked_sub(levels.len())
            .ok_or_else(|| wrong("has more levels than bytes".into()))?;
        let mut out = levels.to_vec();
        let codec = match is_packed {
            true => page.codec,
            false => Compression::UNCOMPRESSED,
        };
        match unpack(codec, packed, bytes, &mut out) {
            Some(unpacked) => {
                unpacked.map_err(|error| wrong(format!("cannot be unpacked: {error}")))?
            }
            None => {
                let column = self.footer.name(leaf);
                return Err(ParquetError::Codec { column, codec: codec.to_string() });
            }
        }
        Ok(out)
    }

    /// The chunk of a column in a row group.
    fn chunk(&self, group: usize, leaf: usize) -> Result<&ColumnChunkMetaData, ParquetError> {
        let groups = self.footer.metadata.row_groups();
        let chunk = groups.get(group).and_then(|group| group.columns().get(leaf));
        chunk.ok_or_else(|| ParquetError::damaged(format!("row group {group} lacks a column")))
    }

    /// Reads the header of a page and returns its length, too.
    fn header(&self, at: u64, end: u64, leaf: usize) -> Result<(PageHeader, usize), ParquetError> {
        let mut length = 256;
        loop {
            let there = usize::try_from(end - at).unwrap_or(usize::MAX).min(length);
            let mut bytes = vec![0; there];
            self.file.fill_at(at, &mut bytes)?;
            match PageHeader::read(&bytes) {
                Some(found) => return Ok(found),
                None if there < length || length >= MOST_HEADER_BYTES => {
                    return Err(self.damaged(leaf, at, "has a header that is none"));
                }
                None => length *= 8,
            }
        }
    }

    /// Refuses a page that would take more memory than there is reason for.
    fn check(&self, page: &PageAt, leaf: usize) -> Result<(), ParquetError> {
        let PageHeader { stored_bytes, bytes, .. } = page.header;
        let (stored, bytes) = (stored_bytes as u64, bytes as u64);
        let most = (stored * MOST_TIMES).clamp(SMALL_PAGE_BYTES, MOST_PAGE_BYTES);
        let descriptor = self.footer.descriptor(leaf);
        if bytes > most || stored > MOST_PAGE_BYTES {
            let column = self.footer.name(leaf);
            let at = page.header_at;
            return Err(ParquetError::PageTooLarge { column, at, stored, bytes, most });
        }
        // Room is made for as many values as a dictionary says that it has.
        if let PageKind::Dictionary { num_values, .. } = page.kind {
            let least = match descriptor.physical_type() {
                Type::INT64 | Type::DOUBLE => 8,
                Type::INT96 => 12,
                Type::FIXED_LEN_BYTE_ARRAY => descriptor.type_length().max(1) as u64,
                _ => 4,
            };
            if u64::from(num_values).saturating_mul(least) > bytes {
                return Err(self.damaged(leaf, page.header_at, "has fewer bytes than values"));
            }
        }
        // A row may be a list of any length: all of one is held at once.
        if let PageKind::Data { num_values, .. } | PageKind::DataV2 { num_values, .. } = page.kind
            && descriptor.max_rep_level() > 0
            && u64::from(num_values) > 16 * bytes + 4096
        {
            return Err(self.damaged(leaf, page.header_at, "has more values than bytes"));
        }
        Ok(())
    }

    fn damaged(&self, leaf: usize, at: u64, what: &str) -> ParquetError {
        let column = self.footer.name(leaf);
        ParquetError::damaged(format!("the page of `{column}` at byte {at} {what}"))
    }
}

impl Footer {
    fn read(file: &Source) -> Result<Footer, ParquetError> {
        let bytes = file.bytes;
        // The word, a length of four bytes, the word again.
        let Some(most) = bytes.checked_sub(12) else { return Err(ParquetError::NotParquet) };
        let (mut head, mut tail) = ([0; 4], [0; 8]);
        file.fill_at(0, &mut head)?;
        file.fill_at(bytes - 8, &mut tail)?;
        let [length @ .., _, _, _, _] = tail;
        match (&head, &tail[4..]) {
            (b"PAR1", b"PAR1") => {}
            // Those of an encrypted footer; with a plain one, columns say that they are encrypted.
            (b"PARE", _) | (_, b"PARE") => return Err(ParquetError::Encrypted),
            _ => return Err(ParquetError::NotParquet),
        }
        let length = u64::from(u32::from_le_bytes(length));
        let most = most.min(MOST_FOOTER_BYTES);
        if length > most {
            return Err(ParquetError::Footer { bytes: length, most });
        }
        let mut footer = vec![0; length as usize];
        file.fill_at(bytes - 8 - length, &mut footer)?;
        let metadata = guarded(|| ParquetMetaDataReader::decode_metadata(&footer))?;
        Footer::checked(metadata, bytes)
    }

    /// Checks what the crate leaves to those who believe it.
    fn checked(metadata: ParquetMetaData, bytes: u64) -> Result<Footer, ParquetError> {
        let leaves = metadata.file_metadata().schema_descr().num_columns();
        let mut first_rows = vec![0];
        let mut rows = 0_u64;
        for (number, group) in metadata.row_groups().iter().enumerate() {
            let of_group = u64::try_from(group.num_rows()).unwrap_or(u64::MAX);
            rows = rows.saturating_add(of_group);
            first_rows.push(rows);
            if group.columns().len() != leaves {
                return Err(ParquetError::damaged(format!("row group {number} lacks a column")));
            }
            for chunk in group.columns() {
                if chunk.file_path().is_some() {
                    return Err(ParquetError::damaged("its columns are in other files"));
                }
                let (_, end) = chunk_range(chunk)?;
                if end > bytes {
                    let column = shown(&chunk.column_path().string());
                    return Err(ParquetError::damaged(format!(
                        "the column `{column}` of row group {number} would end at byte {end}, and it has {bytes}"
                    )));
                }
            }
        }
        // A row takes a bit at the least, and memory when it is listed.
        if rows > bytes.saturating_mul(8) {
            return Err(ParquetError::Rows { rows, bytes });
        }
        Ok(Footer { metadata, first_rows })
    }

    /// The number of rows.
    pub(crate) fn num_rows(&self) -> u64 {
        self.first_rows.last().copied().unwrap_or(0)
    }

    /// The row group that a row is in, and its place there.
    pub(super) fn place(&self, row: u64) -> Option<(usize, u64)> {
        let group = self.first_rows.partition_point(|&first| first <= row).checked_sub(1)?;
        (row < self.num_rows()).then(|| (group, row - self.first_rows[group]))
    }

    pub(crate) fn schema(&self) -> &SchemaDescriptor {
        self.metadata.file_metadata().schema_descr()
    }

    pub(super) fn num_leaves(&self) -> usize {
        self.schema().num_columns()
    }

    /// The name of a column, for messages.
    pub(super) fn name(&self, leaf: usize) -> String {
        shown(&self.descriptor(leaf).path().string())
    }

    /// A column of values.
    pub(crate) fn descriptor(&self, leaf: usize) -> ColumnDescPtr {
        self.schema().column(leaf)
    }
}

/// The bytes of the file that a chunk takes.
fn chunk_range(chunk: &ColumnChunkMetaData) -> Result<(u64, u64), ParquetError> {
    // Some writers say 0 where there is no dictionary.
    let dictionary = chunk.dictionary_page_offset().filter(|&at| at > 0);
    let begin = dictionary.unwrap_or(i64::MAX).min(chunk.data_page_offset());
    let begin = u64::try_from(begin).ok();
    let bytes = u64::try_from(chunk.compressed_size()).ok();
    let range =
        begin.zip(bytes).and_then(|(begin, bytes)| Some((begin, begin.checked_add(bytes)?)));
    range.ok_or_else(|| {
        let column = shown(&chunk.column_path().string());
        ParquetError::damaged(format!("the column `{column}` is nowhere"))
    })
}

/// Calls the crate `parquet`, whose panics are damage of a file.
pub(super) fn guarded<T>(
    run: impl FnOnce() -> parquet::errors::Result<T>,
) -> Result<T, ParquetError> {
    match catch_unwind(AssertUnwindSafe(run)) {
        Ok(Ok(value)) => Ok(value),
        // Those that came out of here, on their way through the crate.
        Ok(Err(parquet::errors::ParquetError::External(error))) => match error.downcast() {
            Ok(own) => Err(*own),
            Err(other) => Err(ParquetError::damaged(percent_escaped(other.to_string().as_bytes()))),
        },
        // What it says may have names of columns in it.
        Ok(Err(error)) => Err(ParquetError::damaged(percent_escaped(error.to_string().as_bytes()))),
        Err(_) => Err(ParquetError::damaged("what it says makes its reader panic")),
    }
}
