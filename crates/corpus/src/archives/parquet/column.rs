//! The values of a column, some rows at a time.

use std::{sync::Arc, vec};

use bytes::Bytes;
use parquet::{
    basic::Type,
    column::{
        page::{Page, PageMetadata, PageReader},
        reader::{ColumnReaderImpl, get_typed_column_reader},
    },
    data_type::{
        BoolType, ByteArray, ByteArrayType, DataType, DoubleType, FixedLenByteArray,
        FixedLenByteArrayType, FloatType, Int32Type, Int64Type, Int96, Int96Type,
    },
    errors::Result as CrateResult,
};

use super::{
    error::ParquetError,
    file::{PageAt, ParquetFile, guarded},
    header::PageKind,
};

/// A value as it is stored.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Stored {
    Bool(bool),
    Int32(i32),
    Int64(i64),
    Int96(Int96),
    Float(f32),
    Double(f64),
    Bytes(ByteArray),
}

/// What a row has in a column.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Cell {
    Null,
    One(Stored),
    /// The values of a list; `None` for a null among them.
    Several(Vec<Option<Stored>>),
}

/// A column's chunk in a row group, read from its first row to its last.
pub(crate) struct Column(Box<dyn Cells>);

impl Column {
    pub(crate) fn open(
        file: &ParquetFile,
        group: usize,
        leaf: usize,
    ) -> Result<Column, ParquetError> {
        let pages = file.pages(group, leaf)?.into_iter();
        let pages = ChunkPages { file: file.clone(), leaf, pages };
        Ok(Column(cells(file, leaf, Box::new(pages))))
    }

    /// Reads the next rows, and adds what they have.
    ///
    /// # Errors
    /// There are fewer of them; a page cannot be read.
    pub(crate) fn read(&mut self, rows: usize, into: &mut Vec<Cell>) -> Result<(), ParquetError> {
        let before = into.len();
        guarded(|| self.0.read(rows, into))?;
        match into.len() - before {
            found if found == rows => Ok(()),
            _ => Err(ParquetError::damaged(format!(
                "the column `{}` has fewer rows than its row group",
                self.0.name()
            ))),
        }
    }
}

/// Returns what a row has in a column of recordings; none where it is null.
///
/// - `pages`: its page, unpacked, behind that of the dictionary, if there is one
/// - `row`: counted from the page's first
pub(super) fn bytes_of_row(
    file: &ParquetFile,
    leaf: usize,
    pages: Arc<Vec<Page>>,
    row: usize,
) -> Result<Option<ByteArray>, ParquetError> {
    let pages = Box::new(HeldPages { pages, next: 0 });
    let mut cells = cells(file, leaf, pages);
    let mut found = Vec::new();
    guarded(|| {
        cells.skip(row)?;
        cells.read(1, &mut found)
    })?;
    match found.pop() {
        Some(Cell::One(Stored::Bytes(bytes))) => Ok(Some(bytes)),
        Some(Cell::Null) => Ok(None),
        _ => Err(ParquetError::damaged(format!(
            "the column `{}` has fewer rows than its row group",
            cells.name()
        ))),
    }
}

/// Makes a page of what is unpacked.
pub(super) fn page_of(kind: PageKind, bytes: Vec<u8>) -> Page {
    let buf = Bytes::from(bytes);
    match kind {
        PageKind::Dictionary { num_values, encoding, is_sorted } => {
            Page::DictionaryPage { buf, num_values, encoding, is_sorted }
        }
        PageKind::Data { num_values, encoding, definition, repetition } => Page::DataPage {
            buf,
            num_values,
            encoding,
            def_level_encoding: definition,
            rep_level_encoding: repetition,
            statistics: None,
        },
        PageKind::DataV2 {
            num_values,
            num_nulls,
            num_rows,
            encoding,
            definition_bytes,
            repetition_bytes,
            is_packed,
        } => Page::DataPageV2 {
            buf,
            num_values,
            encoding,
            num_nulls,
            num_rows,
            def_levels_byte_len: definition_bytes,
            rep_levels_byte_len: repetition_bytes,
            is_compressed: is_packed,
            statistics: None,
        },
    }
}

/// The pages of a chunk, read one after the other.
struct ChunkPages {
    file: ParquetFile,
    leaf: usize,
    pages: vec::IntoIter<PageAt>,
}

impl Iterator for ChunkPages {
    type Item = CrateResult<Page>;

    fn next(&mut self) -> Option<CrateResult<Page>> {
        let at = self.pages.next()?;
        let bytes = self.file.page(self.leaf, &at);
        let external = |error| parquet::errors::ParquetError::External(Box::new(error));
        Some(bytes.map(|bytes| page_of(at.kind, bytes)).map_err(external))
    }
}

impl PageReader for ChunkPages {
    fn get_next_page(&mut self) -> CrateResult<Option<Page>> {
        self.next().transpose()
    }

    fn peek_next_page(&mut self) -> CrateResult<Option<PageMetadata>> {
        Ok(self.pages.as_slice().first().map(|page| peeked(page.kind)))
    }

    fn skip_next_page(&mut self) -> CrateResult<()> {
        self.pages.next();
        Ok(())
    }
}

/// Pages that are unpacked already.
struct HeldPages {
    pages: Arc<Vec<Page>>,
    next: usize,
}

impl Iterator for HeldPages {
    type Item = CrateResult<Page>;

    fn next(&mut self) -> Option<CrateResult<Page>> {
        let page = self.pages.get(self.next)?.clone();
        self.next += 1;
        Some(Ok(page))
    }
}

impl PageReader for HeldPages {
    fn get_next_page(&mut self) -> CrateResult<Option<Page>> {
        self.next().transpose()
    }

    fn peek_next_page(&mut self) -> CrateResult<Option<PageMetadata>> {
        Ok(self.pages.get(self.next).map(|page| {
            let num_levels = page.num_values() as usize;
            metadata(num_levels, page.is_dictionary_page())
        }))
    }

    fn skip_next_page(&mut self) -> CrateResult<()> {
        self.next += 1;
        Ok(())
    }
}

fn peeked(kind: PageKind) -> PageMetadata {
    match kind {
        PageKind::Dictionary { .. } => metadata(0, true),
        PageKind::Data { num_values, .. } | PageKind::DataV2 { num_values, .. } => {
            metadata(num_values as usize, false)
        }
    }
}

fn metadata(num_levels: usize, is_dict: bool) -> PageMetadata {
    PageMetadata { num_rows: None, num_levels: Some(num_levels), is_dict }
}

/// A column's values of whatever type, as the rows have them.
trait Cells {
    fn name(&self) -> String;
    fn skip(&mut self, rows: usize) -> CrateResult<()>;
    fn read(&mut self, rows: usize, into: &mut Vec<Cell>) -> CrateResult<()>;
}

/// Makes a reader of a column from its pages.
fn cells(file: &ParquetFile, leaf: usize, pages: Box<dyn PageReader>) -> Box<dyn Cells> {
    let descriptor = file.footer.descriptor(leaf);
    let reader = parquet::column::reader::get_column_reader(descriptor.clone(), pages);
    macro_rules! typed {
        ($type:ty) => {
            Box::new(Typed::<$type> {
                reader: get_typed_column_reader(reader),
                name: file.footer.name(leaf),
                levels: Levels {
                    most: descriptor.max_def_level(),
                    is_list: descriptor.max_rep_level() > 0,
                    of_list: list_level(file, leaf),
                },
                values: Vec::new(),
                definitions: Vec::new(),
                repetitions: Vec::new(),
            })
        };
    }
    match descriptor.physical_type() {
        Type::BOOLEAN => typed!(BoolType),
        Type::INT32 => typed!(Int32Type),
        Type::INT64 => typed!(Int64Type),
        Type::INT96 => typed!(Int96Type),
        Type::FLOAT => typed!(FloatType),
        Type::DOUBLE => typed!(DoubleType),
        Type::BYTE_ARRAY => typed!(ByteArrayType),
        Type::FIXED_LEN_BYTE_ARRAY => typed!(FixedLenByteArrayType),
    }
}

/// The level of definition at which a list has something in it.
fn list_level(file: &ParquetFile, leaf: usize) -> i16 {
    file.footer.descriptor(leaf).repeated_ancestor_def_level()
}

/// What the levels of a column mean.
struct Levels {
    /// The level of definition of a value that is there.
    most: i16,
    is_list: bool,
    /// The level from which on a list has something in it.
    of_list: i16,
}

struct Typed<T: DataType> {
    reader: ColumnReaderImpl<T>,
    name: String,
    levels: Levels,
    values: Vec<T::T>,
    definitions: Vec<i16>,
    repetitions: Vec<i16>,
}

impl<T: DataType> Cells for Typed<T>
where
    T::T: Into<Wrapped>,
{
    fn name(&self) -> String {
        self.name.clone()
    }

    fn skip(&mut self, rows: usize) -> CrateResult<()> {
        self.reader.skip_records(rows).map(|_| ())
    }

    fn read(&mut self, rows: usize, into: &mut Vec<Cell>) -> CrateResult<()> {
        self.values.clear();
        self.definitions.clear();
        self.repetitions.clear();
        self.reader.read_records(
            rows,
            Some(&mut self.definitions),
            Some(&mut self.repetitions),
            &mut self.values,
        )?;
        let mut values = self.values.drain(..).map(|value| {
            let Wrapped(stored) = value.into();
            stored
        });
        if self.levels.most == 0 {
            into.extend(values.map(Cell::One));
            return Ok(());
        }
        if !self.levels.is_list {
            let cell = |definition| match definition == self.levels.most {
                true => values.next().map_or(Cell::Null, Cell::One),
                false => Cell::Null,
            };
            into.extend(self.definitions.drain(..).map(cell));
            return Ok(());
        }
        for (definition, repetition) in self.definitions.drain(..).zip(self.repetitions.drain(..)) {
            let is_empty = definition < self.levels.of_list;
            let value = if definition == self.levels.most { values.next() } else { None };
            match (repetition, into.last_mut()) {
                (1.., Some(Cell::Several(list))) => list.push(value),
                // A list that is empty has a level of its own, and one that is null has less.
                _ if is_empty && definition + 1 < self.levels.of_list => into.push(Cell::Null),
                _ if is_empty => into.push(Cell::Several(Vec::new())),
                _ => into.push(Cell::Several(vec![value])),
            }
        }
        Ok(())
    }
}

/// What is made of values of the crate's types.
struct Wrapped(Stored);

macro_rules! wrapped {
    ($($type:ty => $make:expr;)*) => {
        $(impl From<$type> for Wrapped {
            fn from(value: $type) -> Wrapped {
                Wrapped($make(value))
            }
        })*
    };
}

wrapped! {
    bool => Stored::Bool;
    i32 => Stored::Int32;
    i64 => Stored::Int64;
    Int96 => Stored::Int96;
    f32 => Stored::Float;
    f64 => Stored::Double;
    ByteArray => Stored::Bytes;
    FixedLenByteArray => |value: FixedLenByteArray| Stored::Bytes(value.into());
}
