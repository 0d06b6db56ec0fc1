//! The rows of a file, some at once.

use std::{
    path::{Path, PathBuf},
    sync::Arc,
};

use ossicle_files::{join, printable};

use super::{
    ids::Stems,
    schema::{Recordings, Said, Schema},
    values::Kind,
};
use crate::{
    archives::{Cell, Column, ParquetError, ParquetFile},
    column_names::ColumnNames,
    held::Held,
    names::folder_of,
    readers::{
        faults::{At, Faults},
        manifest::described,
        objects::{Fields, Object},
        rows::Row,
        table::say_text,
    },
};

/// How many rows are read at once.
const AT_ONCE: u64 = 1024;

/// Adds a row for each row of a file.
///
/// - `path`, `source`: the file's path, as given, and as utterances have it
/// - `split`: the split that the file's name says it is
/// - `into`: the rows, and what those without ids may be called
///
/// # Errors
/// A column cannot be read.
pub(super) fn read_rows(
    file: &ParquetFile,
    schema: &Schema,
    (path, source): (&Path, &Arc<Path>),
    split: Option<&str>,
    (rows, stems): (&mut Vec<Row>, &mut Stems),
    faults: &mut Faults,
) -> Result<(), ParquetError> {
    let name = printable(path);
    let num_rows = file.footer().num_rows();
    let is_called = |known: &str| schema.said.iter().any(|said| said.key == known);
    let is_common_voice = is_called("sentence") && is_called("path");
    for (group, &[first, next]) in file.footer().first_rows.array_windows().enumerate() {
        let mut read = Group::open(file, group, schema)?;
        let mut row = first;
        while row < next {
            let count = AT_ONCE.min(next - row);
            read.next_rows(count as usize, &schema.said)?;
            for at in 0..count as usize {
                let line = row + at as u64 + 1;
                let place = At { file: &name, line, column: 0 };
                let fields = Fields { object: read.object(&schema.said, at), at: place };
                let Place { source: of, held, path } =
                    read.recording(source, row + at as u64, at)?;
                let names = &ColumnNames::NONE;
                let Some(mut made) = described(fields, (of, None), false, names, faults) else {
                    continue;
                };
                if let Some(held) = held {
                    made.part().set_held(held);
                }
                if made.split.is_none() {
                    made.split = split.map(Into::into);
                }
                if is_common_voice {
                    say_text(&mut made);
                }
                if made.id.is_none() && made.held().is_some() {
                    stems.add(rows.len(), path, num_rows);
                }
                rows.push(made);
            }
            row += count;
        }
    }
    Ok(())
}

/// The columns of a row group, read at the same pace.
struct Group {
    /// Those that say something, with the cells of some rows.
    said: Vec<(Column, Vec<Cell>)>,
    /// The paths of recordings.
    paths: Option<(Column, Vec<Cell>)>,
    bytes: Bytes,
    /// The column of recordings.
    leaf: usize,
    /// About how many bytes a recording has.
    recording_bytes: u64,
}

/// Where a row's recording is.
struct Place {
    source: Arc<Path>,
    held: Option<Held>,
    /// The path that it had, where it is in the row.
    path: Option<String>,
}

/// Which rows have the bytes of a recording.
enum Bytes {
    All,
    None,
    /// Nothing says it but the rows: they are looked at one by one.
    Some(Column),
}

impl Group {
    fn open(file: &ParquetFile, group: usize, schema: &Schema) -> Result<Group, ParquetError> {
        let open = |leaf| Ok::<_, ParquetError>((Column::open(file, group, leaf)?, Vec::new()));
        let said = schema.said.iter().map(|said| open(said.leaf)).collect::<Result<_, _>>()?;
        let (leaf, path, has_bytes) = match schema.recordings {
            Recordings::Bytes { bytes, path } => (bytes, path, true),
            Recordings::Paths { path } => (path, Some(path), false),
        };
        let metadata = file.footer().metadata.row_group(group);
        let chunk = metadata.column(leaf);
        let nulls = chunk.statistics().and_then(|statistics| statistics.null_count_opt());
        let rows = metadata.num_rows().unsigned_abs();
        let bytes = match nulls {
            _ if !has_bytes => Bytes::None,
            _ if file.footer().descriptor(leaf).max_def_level() == 0 => Bytes::All,
            Some(0) => Bytes::All,
            Some(nulls) if nulls == rows => Bytes::None,
            _ => Bytes::Some(Column::open(file, group, leaf)?),
        };
        let recording_bytes = chunk.uncompressed_size().unsigned_abs() / rows.max(1);
        Ok(Group { said, paths: path.map(open).transpose()?, bytes, leaf, recording_bytes })
    }

    /// Reads so many rows, in place of those before.
    fn next_rows(&mut self, rows: usize, said: &[Said]) -> Result<(), ParquetError> {
        debug_assert_eq!(said.len(), self.said.len());
        for (column, cells) in self.said.iter_mut().chain(&mut self.paths) {
            cells.clear();
            column.read(rows, cells)?;
        }
        Ok(())
    }

    /// What a row says.
    fn object(&self, said: &[Said], at: usize) -> Object {
        let value = |(said, (_, cells)): (&Said, &(Column, Vec<Cell>))| {
            let value = said.kind.value(&cells[at]);
            // What nothing is said of is not carried as nothing, either.
            (!said.is_role || !value.is_null()).then(|| (said.key.clone(), value))
        };
        said.iter().zip(&self.said).filter_map(value).collect()
    }

    /// Where a row's recording is.
    fn recording(
        &mut self,
        source: &Arc<Path>,
        row: u64,
        at: usize,
    ) -> Result<Place, ParquetError> {
        let path = self.paths.as_ref().map(|(_, cells)| Kind::Text.value(&cells[at]));
        let path = path.as_ref().and_then(|path| path.as_str()).filter(|path| !path.is_empty());
        let is_there = match &mut self.bytes {
            Bytes::All => true,
            Bytes::None => false,
            Bytes::Some(column) => {
                let mut cells = Vec::new();
                column.read(1, &mut cells)?;
                matches!(cells.pop(), Some(Cell::One(_)))
            }
        };
        Ok(match path {
            Some(path) if !is_there => {
                Place { source: beside(source, path).into(), held: None, path: None }
            }
            // Neither bytes nor a path: whoever opens it says so.
            _ => {
                let bytes = if is_there { self.recording_bytes } else { 0 };
                let held = Held::Row { row, column: self.leaf as u32, bytes };
                let (source, path) = (Arc::clone(source), path.map(str::to_owned));
                Place { source, held: Some(held), path }
            }
        })
    }
}

/// The path of a file that a row names: it is relative to the Parquet file's folder.
fn beside(source: &Path, path: &str) -> PathBuf {
    match folder_of(source) {
        folder if folder == Path::new(".") => path.into(),
        folder => join(folder, path),
    }
}
