//! The objects of a manifest of JSON, of whatever shape, as rows.

use std::{
    path::{Path, PathBuf},
    sync::Arc,
};

use ossicle_files::{percent_escaped, printable};
use serde_json::Value;

use crate::{
    column_names::ColumnNames,
    error::Error,
    extra::{Column, Extra},
    readers::{
        document::for_each_object,
        faults::{At, Faults},
        objects::{Fields, Object, Shape, kind},
        roles::Role,
        rows::{Row, Rows},
    },
    span::Span,
};

/// Returns whether an object has the path of a recording.
pub(crate) fn has_path(object: &Object, columns: &ColumnNames) -> bool {
    let is_renamed = |key: &str| columns.renamed().any(|(_, column)| column == key);
    let mut names = Role::Path.names().iter();
    let mut given = columns.renamed().filter(|(name, _)| Role::Path.is_called(name));
    given.any(|(_, column)| object.contains_key(column))
        || names.any(|key| object.contains_key(*key) && !is_renamed(key))
}

/// Adds a row for each object of a manifest.
///
/// # Errors
/// The manifest cannot be read.
pub(crate) fn read_objects(
    path: &Path,
    shape: Shape,
    rows: &mut Rows,
    columns: &ColumnNames,
    faults: &mut Faults,
) -> Result<(), Error> {
    let file = printable(path);
    let mut roots = 0_u64;
    let mut has_splits = false;
    let mut unseen: Vec<(&str, &str)> = columns.renamed().collect();
    for_each_object(path, shape, faults, |line, name, object, faults| {
        let at = At { file: &file, line, column: 0 };
        unseen.retain(|(_, column)| !object.contains_key(*column));
        let Some(mut row) = row(object, at, columns, faults) else { return };
        if row.id.is_none() {
            row.id = name.map(|name| percent_escaped(name.as_bytes()).into());
        }
        if let Some(below) = below_placeholder(&row.source) {
            row.source = below.into();
            roots += 1;
        }
        has_splits |= row.split.is_some();
        rows.rows.push(row);
    })?;
    for (_, column) in unseen {
        faults.add(At { file: &file, line: 0, column: 0 }, "keys that no object has", || {
            format!("expected a key called `{column}`, and no object has it")
        });
    }
    rows.has_splits |= has_splits;
    if roots > 0 {
        rows.notices.push(format!(
            "{file}: {roots} paths begin with a placeholder for a folder, which is taken for the one that they \
             are found in"
        ));
    }
    Ok(())
}

/// The path behind a placeholder that a program puts a folder in for, as SpeechBrain's `{data_root}` and
/// `$data_root`.
fn below_placeholder(path: &Path) -> Option<PathBuf> {
    let (first, rest) = path.to_str()?.split_once('/')?;
    let name = match first.strip_prefix('{') {
        Some(rest) => rest.strip_suffix('}')?,
        None => first.strip_prefix('$')?,
    };
    let is_name = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'_';
    (!name.is_empty() && name.bytes().all(is_name)).then(|| rest.trim_start_matches('/').into())
}

/// Makes a row of an object; none where it names no recording, which is a fault.
fn row(object: Object, at: At<'_>, columns: &ColumnNames, faults: &mut Faults) -> Option<Row> {
    let mut fields = Fields { object, at };
    let (key, path) = match fields.take_role(Role::Path, columns) {
        Some(found) => found,
        None => {
            faults.add(at, "objects without a path", || {
                "expected a path in `audio_filepath`, found nothing".into()
            });
            return None;
        }
    };
    // NeMo reads so many seconds from the offset on, or the recording to its end. Elsewhere a duration alone
    // says, perhaps rounded, what the recording says.
    let ends_by_duration = key == "audio_filepath";
    let (source, span) = source(&key, path, at, faults)?;
    let recording = (source.into(), span);
    described(fields, recording, ends_by_duration, columns, faults)
}

/// Makes a row of what an object says of a recording; none where it cannot be one, which is a fault.
///
/// - `source`, `span`: the recording, and perhaps a stretch of it
/// - `ends_by_duration`: a duration without a start counts from the beginning
pub(crate) fn described(
    mut fields: Fields<'_>,
    (source, mut span): (Arc<Path>, Option<Span>),
    ends_by_duration: bool,
    columns: &ColumnNames,
    faults: &mut Faults,
) -> Option<Row> {
    let at = fields.at;
    let text = |fields: &mut Fields<'_>, role, faults: &mut Faults| {
        let (key, value) = fields.take_role(role, columns)?;
        fields.text_of(&key, value, faults)
    };
    let time = |fields: &mut Fields<'_>, role, faults: &mut Faults| {
        let (key, value) = fields.take_role(role, columns)?;
        fields.time_of(&key, value, faults)
    };
    let id = text(&mut fields, Role::Id, faults);
    let speaker = text(&mut fields, Role::Speaker, faults);
    let split = text(&mut fields, Role::Split, faults);
    let start = time(&mut fields, Role::Start, faults);
    if start.is_some() && fields.object.contains_key("stop") {
        faults.add(at, "stretches of an unknown unit", || {
            "`start` and `stop` may be seconds or samples; call them `start` and `end` where they are seconds".into()
        });
    }
    let mut end = time(&mut fields, Role::End, faults);
    if end.is_none() && (start.is_some() || ends_by_duration) {
        let duration = time(&mut fields, Role::Duration, faults);
        end = duration.and_then(|duration| start.unwrap_or(0).checked_add(duration));
    }
    if start.is_some() || end.is_some() {
        span = Some(Span::Nanoseconds { start: start.unwrap_or(0), end });
    }
    let channel = fields.take_role(Role::Channel, columns).and_then(|(key, value)| {
        let channel = value.as_u64().and_then(|channel| u16::try_from(channel).ok());
        if channel.is_none() {
            faults.add(at, "channels that are none", || {
                format!("expected a channel in `{key}`, counted from 0, found {}", kind(&value))
            });
        }
        channel
    });
    let others = fields.object.into_iter();
    let others = others.map(|(key, value)| (columns.name_of(&key).to_owned(), value));
    let columns = match Column::all(others) {
        Ok(columns) => columns,
        Err(error) => {
            faults.add(at, "keys that cannot be columns", || error.to_string());
            return None;
        }
    };
    Some(Row {
        line: at.line,
        id: id.map(|id| percent_escaped(id.as_bytes()).into()),
        source,
        speaker: speaker.map(Into::into),
        split: split.map(Into::into),
        extra: Extra::of(span, channel, None),
        columns,
        alignment: None,
    })
}

/// The recording that a value names, and perhaps a stretch of it.
///
/// Hugging Face's programs have an object with a `path`. SpeechBrain's `read_audio` takes one with a `file`,
/// and `start` and `stop` in samples.
fn source(
    key: &str,
    value: Value,
    at: At<'_>,
    faults: &mut Faults,
) -> Option<(PathBuf, Option<Span>)> {
    let object = match value {
        Value::String(path) => return Some((path.into(), None)),
        Value::Object(object) => object,
        Value::Array(files) => {
            faults.add(at, "recordings of several files", || {
                format!("expected one path in `{key}`, found a list of {}", files.len())
            });
            return None;
        }
        other => {
            faults.add(at, "objects without a path", || {
                format!("expected a path in `{key}`, found {}", kind(&other))
            });
            return None;
        }
    };
    let sample = |key: &str| object.get(key).and_then(Value::as_u64);
    let path = ["path", "file"].iter().find_map(|key| object.get(*key)?.as_str());
    let span = match (object.get("start"), object.get("stop")) {
        (None, None) => Some(None),
        (start, stop) => {
            let start = if start.is_some() { sample("start") } else { Some(0) };
            let end = if stop.is_some() { sample("stop").map(Some) } else { Some(None) };
            start.zip(end).map(|(start, end)| Some(Span::Samples { start, end }))
        }
    };
    match (path, span) {
        (Some(path), Some(span)) => Some((path.into(), span)),
        _ => {
            faults.add(at, "recordings of another form", || {
                format!(
                    "expected a path in `{key}`, or an object with a `path`, or with a `file` and \
                         perhaps `start` and `stop` in samples, found another object"
                )
            });
            None
        }
    }
}
