//! What the columns of a Parquet file say: which has the recordings, and which are carried.

use parquet::{
    basic::{ConvertedType, LogicalType},
    schema::types::{ColumnDescriptor, Type},
};
use serde_json::Value;

use super::values::Kind;
use crate::{
    archives::{Cell, Column as Values, ParquetError, ParquetFile, Stored},
    column_names::ColumnNames,
    extra::{Column, ColumnError},
    names::shown,
    readers::roles::{ROLES, Role, listed, place_of},
};

/// The columns of a file, by what they say.
#[derive(Debug)]
pub(super) struct Schema {
    pub(super) recordings: Recordings,
    pub(super) said: Vec<Said>,
    /// The columns that cannot be carried, with what they are.
    pub(super) passed_over: Vec<(String, &'static str)>,
    pub(super) has_splits: bool,
}

/// Where a row's recording is, by the numbers of columns of values.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Recordings {
    /// Its bytes are in the row, perhaps with the path that they had, or else that path is its file's.
    Bytes { bytes: usize, path: Option<usize> },
    /// The row has its path.
    Paths { path: usize },
}

/// A column that says something.
#[derive(Debug, PartialEq)]
pub(super) struct Said {
    /// The key that it is read under: a role's first name, or the column's.
    pub(super) key: String,
    pub(super) leaf: usize,
    pub(super) kind: Kind,
    /// It says something of an utterance that is known: it is not carried.
    pub(super) is_role: bool,
}

/// Why a file's columns are no corpus.
#[derive(Debug, thiserror::Error)]
pub(super) enum SchemaError {
    #[error("several columns have recordings")]
    Several(Vec<String>),
    #[error("{0}")]
    Wrong(String),
    #[error(transparent)]
    Column(#[from] ColumnError),
    #[error("it {0}")]
    File(#[from] ParquetError),
}

/// A column at the top of the schema.
struct Field<'a> {
    name: &'a str,
    shape: Shape,
}

/// What a column at the top is made of, by the numbers of columns of values.
enum Shape {
    /// A value a row.
    One(usize),
    /// A list of values a row.
    List(usize),
    /// Bytes with the path of a file: Hugging Face's `Audio`, and its `Image`.
    File {
        bytes: usize,
        path: Option<usize>,
    },
    Other(&'static str),
}

impl Schema {
    /// Finds out what the columns of a file say.
    ///
    /// # Errors
    /// None or several have recordings; a name is given to a column that is not there; a column cannot have its
    /// name.
    pub(super) fn of(file: &ParquetFile, columns: &ColumnNames) -> Result<Schema, SchemaError> {
        let fields = fields(file);
        let names: Vec<String> = fields.iter().map(|field| field.name.to_owned()).collect();
        let is_there = |column: &str| names.iter().any(|name| name == column);
        if let Some((_, column)) = columns.renamed().find(|(_, column)| !is_there(column)) {
            return Err(SchemaError::Wrong(format!(
                "expected a column called `{}`, found {}",
                shown(column),
                listed(&names)
            )));
        }
        let (of_recordings, recordings) = recordings(file, &fields, &names, columns)?;
        let mut roles = vec![Role::Other; fields.len()];
        for (role, _) in ROLES.iter().filter(|(role, _)| *role != Role::Path) {
            if let Some(at) = place_of(*role, &names, columns).filter(|&at| at != of_recordings) {
                roles[at] = *role;
            }
        }
        let classes = class_names(file);
        let mut schema = Schema {
            recordings,
            said: Vec::new(),
            passed_over: Vec::new(),
            has_splits: roles.contains(&Role::Split),
        };
        for (at, field) in fields.iter().enumerate().filter(|(at, _)| *at != of_recordings) {
            match field.carried(file) {
                Ok((leaf, kind)) => {
                    let kind = match (kind, classes(field.name)) {
                        (Kind::Plain, Some(names)) => Kind::Classes(names),
                        (kind, _) => kind,
                    };
                    let key = match roles[at] {
                        Role::Other => columns.name_of(field.name),
                        role => role.names()[0],
                    };
                    let is_role = roles[at] != Role::Other;
                    schema.said.push(Said { key: key.to_owned(), leaf, kind, is_role });
                }
                Err(what) => schema.passed_over.push((field.name.to_owned(), what)),
            }
        }
        let others = schema.said.iter().filter(|said| !said.is_role);
        Column::all(others.map(|said| (said.key.clone(), Value::Null)))?;
        Ok(schema)
    }
}

impl Field<'_> {
    /// The column of its values and what they are, or else what it is that cannot be carried.
    fn carried(&self, file: &ParquetFile) -> Result<(usize, Kind), &'static str> {
        let leaf = match self.shape {
            Shape::One(leaf) | Shape::List(leaf) => leaf,
            Shape::File { .. } => return Err("bytes of files"),
            Shape::Other(what) => return Err(what),
        };
        match Kind::of(&file.footer().descriptor(leaf)) {
            Some(Kind::Bytes) => Err("bytes"),
            Some(kind) => Ok((leaf, kind)),
            None => Err("values of a type that JSON has no word for"),
        }
    }

    /// Where recordings would be, if it has their bytes.
    fn with_bytes(&self, file: &ParquetFile) -> Option<Recordings> {
        match self.shape {
            Shape::One(bytes) => (Kind::of(&file.footer().descriptor(bytes)) == Some(Kind::Bytes))
                .then_some(Recordings::Bytes { bytes, path: None }),
            Shape::File { bytes, path } => Some(Recordings::Bytes { bytes, path }),
            _ => None,
        }
    }

    /// Where recordings would be, if it has their paths.
    fn with_paths(&self, file: &ParquetFile) -> Option<Recordings> {
        let Shape::One(path) = self.shape else { return None };
        let is_text = Kind::of(&file.footer().descriptor(path)) == Some(Kind::Text);
        is_text.then_some(Recordings::Paths { path })
    }
}

/// The columns at the top.
fn fields(file: &ParquetFile) -> Vec<Field<'_>> {
    let schema = file.footer().schema();
    let mut leaf = 0;
    let mut fields = Vec::new();
    for field in schema.root_schema().get_fields() {
        let begin = leaf;
        while leaf < schema.num_columns() && std::ptr::eq(schema.get_column_root(leaf), &**field) {
            leaf += 1;
        }
        let columns = &schema.columns()[begin..leaf];
        let columns: Vec<&ColumnDescriptor> = columns.iter().map(|column| &**column).collect();
        fields.push(Field { name: field.name(), shape: shape(field, begin, &columns) });
    }
    fields
}

/// What a column at the top is made of.
///
/// - `begin`: the number of the first of `columns`, which are those of its values
fn shape(field: &Type, begin: usize, columns: &[&ColumnDescriptor]) -> Shape {
    let is_map = field.get_basic_info().converted_type() == ConvertedType::MAP
        || matches!(field.get_basic_info().logical_type_ref(), Some(LogicalType::Map));
    let is_repeated = columns.iter().any(|column| column.max_rep_level() > 0);
    match columns {
        _ if is_map => Shape::Other("a map"),
        [one] if field.is_primitive() && !is_repeated => {
            debug_assert!(one.max_rep_level() == 0);
            Shape::One(begin)
        }
        // A list is a group with a repeated one in it, and old ones are just repeated.
        [one] if one.max_rep_level() == 1 && depth(field) <= 3 => Shape::List(begin),
        _ if is_repeated
            && field.get_basic_info().logical_type_ref() == Some(&LogicalType::List) =>
        {
            Shape::Other("a list of lists or structures")
        }
        _ => {
            let place = |name: &str| {
                let is_it = |column: &&ColumnDescriptor| {
                    matches!(column.path().parts(), [_, its] if its == name)
                        && column.max_rep_level() == 0
                };
                let at = columns.iter().position(is_it)?;
                Some((begin + at, Kind::of(columns[at])?))
            };
            match (place("bytes"), place("path")) {
                (Some((bytes, Kind::Bytes)), path) => {
                    let path = path.filter(|(_, kind)| *kind == Kind::Text).map(|(path, _)| path);
                    Shape::File { bytes, path }
                }
                _ => Shape::Other("a structure"),
            }
        }
    }
}

/// How many groups lie in one another, with what is in them.
fn depth(field: &Type) -> usize {
    match field {
        Type::GroupType { fields, .. } => {
            1 + fields.iter().map(|field| depth(field)).max().unwrap_or(0)
        }
        Type::PrimitiveType { .. } => 1,
    }
}

/// Finds the column of recordings, and its number among those at the top.
fn recordings(
    file: &ParquetFile,
    fields: &[Field<'_>],
    names: &[String],
    columns: &ColumnNames,
) -> Result<(usize, Recordings), SchemaError> {
    let given = columns.renamed().find(|(name, _)| Role::Path.is_called(name));
    if let Some((_, column)) = given {
        let at = names.iter().position(|name| name == column);
        let found = at.and_then(|at| {
            let field = &fields[at];
            Some((at, field.with_bytes(file).or_else(|| field.with_paths(file))?))
        });
        return found.ok_or_else(|| {
            SchemaError::Wrong(format!(
                "expected bytes of recordings or their paths in the column `{}`, found something else",
                shown(column)
            ))
        });
    }
    let mut with_bytes = Vec::new();
    for (at, field) in fields.iter().enumerate() {
        let is_called = Role::Path.is_called(field.name);
        if let Some(recordings @ Recordings::Bytes { bytes, .. }) = field.with_bytes(file) {
            let first = first_bytes(file, bytes)?;
            let is_sound = first.map(|head| ossicle_audio::looks_like_a_recording(&head));
            // What is empty may be anything, and what is called so may be headerless.
            if is_sound.unwrap_or(is_called) || is_called {
                with_bytes.push((is_sound == Some(true), is_called, (at, recordings)));
            }
        }
    }
    // Those that begin as recordings do, and of these one that is called so.
    let most = with_bytes.iter().map(|(is_sound, ..)| *is_sound).max();
    with_bytes.retain(|(is_sound, ..)| Some(*is_sound) == most);
    let called: Vec<_> = with_bytes.iter().filter(|(_, is_called, _)| *is_called).collect();
    match (&with_bytes[..], &called[..]) {
        ([], _) => {}
        ([(.., only)], _) | (_, [(.., only)]) => return Ok(*only),
        (several, _) => {
            let name = |(.., (at, _)): &(bool, bool, (usize, Recordings))| shown(&names[*at]);
            return Err(SchemaError::Several(several.iter().map(name).collect()));
        }
    }
    let at = place_of(Role::Path, names, columns);
    let paths = at.and_then(|at| Some((at, fields[at].with_paths(file)?)));
    paths.ok_or_else(|| {
        SchemaError::Wrong(format!(
            "expected a column of recordings or of their paths (audio, path, file, wav …), found {}",
            listed(names)
        ))
    })
}

/// How the first value of a column begins; none where it has none in the first rows.
fn first_bytes(file: &ParquetFile, leaf: usize) -> Result<Option<Vec<u8>>, ParquetError> {
    /// So many rows are looked at.
    const ROWS: u64 = 100;
    let groups = file.footer().first_rows.array_windows();
    for (group, [first, next]) in groups.enumerate().take_while(|(_, [first, _])| *first < ROWS) {
        let mut values = Values::open(file, group, leaf)?;
        let mut cells = Vec::new();
        for _ in *first..(*next).min(ROWS) {
            values.read(1, &mut cells)?;
            if let Some(Cell::One(Stored::Bytes(bytes))) = cells.pop() {
                let bytes = bytes.data();
                return Ok(Some(bytes[..bytes.len().min(12)].to_vec()));
            }
        }
    }
    Ok(None)
}

/// The names of classes that columns have numbers of, as Hugging Face's `datasets` writes them beside the
/// schema: features of the type `ClassLabel`.
fn class_names(file: &ParquetFile) -> impl Fn(&str) -> Option<Vec<String>> {
    let pairs = file.footer().metadata.file_metadata().key_value_metadata();
    let text = pairs.into_iter().flatten().find(|pair| pair.key == "huggingface");
    let said = text.and_then(|pair| serde_json::from_str::<Value>(pair.value.as_deref()?).ok());
    move |column| {
        let feature = said.as_ref()?.pointer("/info/features")?.get(column)?;
        let is_class = feature.get("_type").and_then(Value::as_str) == Some("ClassLabel");
        let names = feature.get("names").filter(|_| is_class)?.as_array()?;
        names.iter().map(|name| name.as_str().map(str::to_owned)).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use parquet::schema::{parser::parse_message_type, types::SchemaDescriptor};
    use std::sync::Arc;

    #[test]
    fn lists_and_files_are_told_from_other_groups() {
        let shapes = |field: &str| {
            let message = parse_message_type(&format!("message m {{ {field} }}")).unwrap();
            let schema = SchemaDescriptor::new(Arc::new(message));
            let columns: Vec<&ColumnDescriptor> = schema.columns().iter().map(|it| &**it).collect();
            let root = &schema.root_schema().get_fields()[0];
            match shape(root, 7, &columns) {
                Shape::One(leaf) => format!("one {leaf}"),
                Shape::List(leaf) => format!("list {leaf}"),
                Shape::File { bytes, path } => format!("file {bytes} {path:?}"),
                Shape::Other(what) => what.to_owned(),
            }
        };
        let list = |inside: &str| {
            format!("optional group a (LIST) {{ repeated group list {{ {inside} }} }}")
        };
        assert_eq!(shapes("required binary a;"), "one 7");
        assert_eq!(shapes("repeated int32 a;"), "list 7");
        assert_eq!(shapes(&list("optional int32 element;")), "list 7");
        let inner = list("optional int32 element;").replace("group a", "group element");
        assert_eq!(shapes(&list(&inner)), "a list of lists or structures");
        let audio = "optional group a { optional binary bytes; optional binary path (UTF8); }";
        assert_eq!(shapes(audio), "file 7 Some(8)");
        assert_eq!(shapes(&audio.replace("optional binary path (UTF8);", "")), "file 7 None");
        assert_eq!(shapes(&audio.replace("binary bytes", "binary array")), "a structure");
        let pair = list("required group element { required int32 x; required int32 y; }");
        assert_eq!(shapes(&pair), "a list of lists or structures");
        let map = "optional group a (MAP) { repeated group key_value { required binary key (UTF8); \
                   optional int32 value; } }";
        assert_eq!(shapes(map), "a map");
    }
}
