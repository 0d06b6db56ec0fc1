//! Rows of Parquet files with recordings in a column.

mod column;
mod error;
mod file;
mod header;
mod unpack;

use std::{
    collections::{HashMap, VecDeque},
    path::{Path, PathBuf},
    sync::{Arc, Mutex, PoisonError},
    thread::{self, ThreadId},
};

use ossicle_files::Source;
use parquet::column::page::Page;

pub use self::error::ParquetError;
pub(crate) use self::{
    column::{Cell, Column, Stored},
    file::{Footer, ParquetFile},
};
use self::{
    column::{bytes_of_row, page_of},
    file::PageAt,
    header::PageKind,
};
use crate::{held::KEPT_PAGE_BYTES, utterance::Utterance};

/// How many row groups of files whose footers are kept, in all.
const KEPT_GROUPS: usize = 1 << 16;

/// Reads rows, and keeps what the next ones are likely to need.
#[derive(Debug, Default)]
pub(super) struct RowReader {
    footers: Mutex<HashMap<PathBuf, KeptFooter>>,
    /// The pages of each worker: parts go forward, and so there is mostly one that it is in.
    workers: Mutex<HashMap<ThreadId, Arc<Mutex<KeptPages>>>>,
}

#[derive(Debug)]
struct KeptFooter {
    /// The file's size and time when it was read.
    stamp: (u64, u64),
    footer: Arc<Footer>,
}

/// What a worker has read last.
#[derive(Debug, Default)]
struct KeptPages {
    chunk: Option<(ChunkKey, Arc<Vec<PageAt>>)>,
    pages: VecDeque<(PageKey, Arc<Vec<Page>>)>,
}

/// A column's chunk: the file with its size and time, the row group and the column.
#[derive(Debug, Clone, PartialEq, Eq)]
struct ChunkKey {
    path: PathBuf,
    stamp: (u64, u64),
    group: usize,
    leaf: usize,
}

/// A page of data of a chunk.
type PageKey = (ChunkKey, usize);

impl RowReader {
    /// Reads the recording of a row.
    ///
    /// - `opened`: the file, which is that of which the utterance was found
    /// - `column`: the number of the column, among those that have values
    pub(super) fn read(
        &self,
        path: &Path,
        opened: Source,
        utterance: &Utterance,
        column: u32,
        row: u64,
    ) -> Result<Vec<u8>, ParquetError> {
        let stamp = (utterance.size_bytes, utterance.modified_ns);
        let file = self.file(path, opened, stamp)?;
        let leaf = column as usize;
        let (group, row_of_group) = match file.footer.place(row) {
            Some(place) if leaf < file.footer.num_leaves() => place,
            _ => return Err(ParquetError::damaged(format!("it has no row {row}"))),
        };
        let kept = {
            let mut workers = self.workers.lock().unwrap_or_else(PoisonError::into_inner);
            Arc::clone(workers.entry(thread::current().id()).or_default())
        };
        let mut kept = kept.lock().unwrap_or_else(PoisonError::into_inner);
        let key = ChunkKey { path: path.to_owned(), stamp, group, leaf };
        let (pages, row_of_page) = kept.pages(&file, key, row_of_group)?;
        let bytes = bytes_of_row(&file, leaf, pages, row_of_page)?;
        Ok(bytes.ok_or(ParquetError::Empty { row })?.data().to_vec())
    }

    /// The file with its footer, which is read once.
    fn file(
        &self,
        path: &Path,
        opened: Source,
        stamp: (u64, u64),
    ) -> Result<ParquetFile, ParquetError> {
        let mut footers = self.footers.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(kept) = footers.get(path).filter(|kept| kept.stamp == stamp) {
            let footer = Arc::clone(&kept.footer);
            return Ok(ParquetFile { file: opened, footer });
        }
        let file = ParquetFile::read(opened)?;
        let groups: usize = footers.values().map(|kept| kept.footer.first_rows.len()).sum();
        if groups > KEPT_GROUPS {
            footers.clear();
        }
        let footer = Arc::clone(&file.footer);
        footers.insert(path.to_owned(), KeptFooter { stamp, footer });
        Ok(file)
    }
}

impl KeptPages {
    /// The page that a row of a chunk is in, behind that of the dictionary, and the row's place in it.
    fn pages(
        &mut self,
        file: &ParquetFile,
        chunk: ChunkKey,
        row: u64,
    ) -> Result<(Arc<Vec<Page>>, usize), ParquetError> {
        let places = match &self.chunk {
            Some((key, places)) if *key == chunk => Arc::clone(places),
            _ => {
                let places = Arc::new(file.pages(chunk.group, chunk.leaf)?);
                self.chunk = Some((chunk.clone(), Arc::clone(&places)));
                places
            }
        };
        let (page, row_of_page) = page_of_row(&places, row).ok_or_else(|| {
            let (group, column) = (chunk.group, file.footer.name(chunk.leaf));
            ParquetError::damaged(format!(
                "the column `{column}` of row group {group} has fewer rows than that"
            ))
        })?;
        let leaf = chunk.leaf;
        let key = (chunk, page);
        if let Some((_, pages)) = self.pages.iter().find(|(other, _)| *other == key) {
            return Ok((Arc::clone(pages), row_of_page));
        }
        let read = |at: &PageAt| Ok::<_, ParquetError>(page_of(at.kind, file.page(leaf, at)?));
        let first = &places[0];
        let dictionary = matches!(first.kind, PageKind::Dictionary { .. }).then(|| read(first));
        let pages: Vec<Page> =
            dictionary.into_iter().chain([read(&places[page])]).collect::<Result<_, _>>()?;
        let pages = Arc::new(pages);
        self.pages.push_back((key, Arc::clone(&pages)));
        while self.pages.len() > 1 && self.bytes() > KEPT_PAGE_BYTES {
            self.pages.pop_front();
        }
        Ok((pages, row_of_page))
    }

    fn bytes(&self) -> u64 {
        let pages = self.pages.iter().flat_map(|(_, pages)| pages.iter());
        pages.map(|page| page.buffer().len() as u64).sum()
    }
}

/// The page that a row is in, and its place there; none where they have fewer rows.
fn page_of_row(pages: &[PageAt], row: u64) -> Option<(usize, usize)> {
    let mut first = 0;
    pages.iter().enumerate().find_map(|(number, page)| {
        let rows = match page.kind {
            PageKind::Dictionary { .. } => 0,
            // A recording is one value: there is one for each row.
            PageKind::Data { num_values, .. } | PageKind::DataV2 { num_values, .. } => {
                u64::from(num_values)
            }
        };
        let found = (row - first < rows).then(|| (number, (row - first) as usize));
        first += rows;
        found
    })
}
