//! Manifests of NeMo's: an object a line, with `audio_filepath`.
//!
//! The keys are those of NeMo's page on datasets; other toolkits write the same form with other names of
//! the path.

use std::io;

use ossicle_files::{percent_escaped, printable};
use serde_json::Value;

use crate::{
    corpus::CorpusKind,
    error::Error,
    extra::Column,
    found::Found,
    names::folder_of,
    readers::{
        faults::{At, Faults},
        objects::{Fields, Object, first_object, for_each_object, kind},
        reader::{Description, Reader, Wanted},
        rows::{Row, Rows},
        text::head,
    },
    span::Span,
};

/// The keys of the path of a recording.
const PATH: [&str; 4] = ["audio_filepath", "audio_file", "audio_path", "wav"];

/// Reads a manifest of an object a line.
#[derive(Debug)]
pub(crate) struct Nemo;

impl Reader for Nemo {
    fn recognises(&self, description: &Description<'_>, _: &Wanted) -> io::Result<bool> {
        if description.is_folder {
            return Ok(false);
        }
        let first = first_object(&head(description.path)?);
        Ok(first.is_some_and(|object| PATH.iter().any(|key| object.contains_key(*key))))
    }

    fn read(&self, description: &Description<'_>, wanted: &Wanted) -> Result<Found, Error> {
        let path = description.path;
        let file = printable(path);
        let mut rows = Rows::new(CorpusKind::Manifest, file.clone(), folder_of(path));
        let mut faults = Faults::default();
        for_each_object(path, &mut faults, |line, object, faults| {
            let at = At { file: &file, line, column: 0 };
            rows.rows.extend(row(object, at, faults));
        })?;
        rows.into_found(wanted, faults)
    }
}

/// Makes a row of an object; none where it names no recording, which is a fault.
fn row(object: Object, at: At<'_>, faults: &mut Faults) -> Option<Row> {
    let mut fields = Fields { object, at };
    let source = match fields.take(&PATH) {
        Some((_, Value::String(path))) => path,
        Some((key, Value::Array(files))) => {
            faults.add(at, "recordings of several files", || {
                format!("expected one path in `{key}`, found a list of {}", files.len())
            });
            return None;
        }
        other => {
            faults.add(at, "objects without a path", || {
                let found = other.map_or("nothing".into(), |(_, value)| kind(&value));
                format!("expected a path in `audio_filepath`, found {found}")
            });
            return None;
        }
    };
    let id = fields.text(&["id", "utt_id", "utt", "key"], faults);
    let speaker = fields.text(&["speaker", "speaker_id", "spk", "spk_id"], faults);
    let offset = fields.time(&["offset"], faults);
    let duration = fields.time(&["duration"], faults);
    let channel = fields.take(&["channel"]).and_then(|(key, value)| {
        let channel = value.as_u64().and_then(|channel| u16::try_from(channel).ok());
        if channel.is_none() {
            faults.add(at, "channels that are none", || {
                format!("expected a channel in `{key}`, counted from 0, found {}", kind(&value))
            });
        }
        channel
    });
    // NeMo reads so many seconds from the offset on, or the recording to its end.
    let start = offset.unwrap_or(0);
    let end = duration.and_then(|duration| start.checked_add(duration));
    let is_stretch = offset.is_some() || duration.is_some();
    let columns = match Column::all(fields.object) {
        Ok(columns) => columns,
        Err(error) => {
            faults.add(at, "keys that cannot be columns", || error.to_string());
            return None;
        }
    };
    Some(Row {
        line: at.line,
        id: id.map(|id| percent_escaped(id.as_bytes())),
        source: source.into(),
        speaker: speaker.map(Into::into),
        split: None,
        span: is_stretch.then_some(Span::Nanoseconds { start, end }),
        channel,
        columns,
    })
}
