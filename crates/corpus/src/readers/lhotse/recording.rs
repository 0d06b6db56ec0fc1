//! A recording as lhotse's manifests have it.

use std::{path::Path, sync::Arc};

use serde_json::Value;

use super::shar::SHAR;
use crate::{
    names::shown,
    readers::{
        faults::{At, Faults},
        objects::{Fields, Object, kind},
    },
};

/// What is needed of a recording.
#[derive(Debug, Clone)]
pub(super) struct Recording {
    pub(super) id: String,
    /// The file; nothing where it is in the archive of its shard.
    pub(super) source: Arc<Path>,
    /// The names of its channels, in the order of the file.
    channels: Vec<u64>,
    pub(super) duration_ns: Option<u64>,
}

impl Recording {
    /// Reads one; none where it cannot be, which is a fault.
    pub(super) fn new(object: Object, at: At<'_>, faults: &mut Faults) -> Option<Recording> {
        let mut fields = Fields { object, at };
        refuse_transforms(&fields.object, at, faults);
        let id = fields.text(&["id"], faults);
        let duration_ns = fields.time(&["duration"], faults);
        let sources = fields.take(&["sources"]).map(|(_, sources)| sources);
        let source = match sources {
            Some(Value::Array(sources)) if sources.len() == 1 => sources.into_iter().next(),
            Some(Value::Array(sources)) => {
                faults.add(at, "recordings of several sources", || {
                    format!(
                        "expected a recording of one file, found one of {} sources; write its channels to \
                         one file",
                        sources.len()
                    )
                });
                return None;
            }
            other => {
                faults.add(at, "recordings without sources", || {
                    format!("expected a list in `sources`, found {}", found(other.as_ref()))
                });
                return None;
            }
        };
        let source = source.unwrap_or_default();
        let kind_of_source = source.get("type").and_then(Value::as_str).unwrap_or_default();
        let is_in_archive = kind_of_source == SHAR;
        if kind_of_source != "file" && !is_in_archive {
            let kind_of_source = shown(kind_of_source);
            faults.add(at, "sources of other kinds", || {
                format!(
                    "expected a source of the type `file`, found `{kind_of_source}`; write it to a file \
                     and name that"
                )
            });
            return None;
        }
        // That one is found by its cut.
        let path =
            if is_in_archive { Some("") } else { source.get("source").and_then(Value::as_str) };
        let Some(path) = path else {
            faults.add(at, "sources without a path", || {
                format!("expected a path in `source`, found {}", found(source.get("source")))
            });
            return None;
        };
        let channels = source.get("channels").and_then(Value::as_array);
        let channels = channels.map(|all| all.iter().filter_map(Value::as_u64).collect());
        let Some(id) = id else {
            faults.add(at, "recordings without an id", || "expected a text in `id`".into());
            return None;
        };
        Some(Recording {
            id,
            source: Path::new(path).into(),
            channels: channels.unwrap_or_default(),
            duration_ns,
        })
    }

    /// The place of a channel in the file; a fault where it has no such channel, or several are meant.
    pub(super) fn channel(
        &self,
        name: Option<&Value>,
        at: At<'_>,
        faults: &mut Faults,
    ) -> Option<u16> {
        let name = match name {
            None | Some(Value::Null) => return None,
            Some(Value::Array(names)) if names.len() == 1 => &names[0],
            Some(name) => name,
        };
        let place = name
            .as_u64()
            .and_then(|name| self.channels.iter().position(|channel| *channel == name))
            .and_then(|place| u16::try_from(place).ok());
        if place.is_none() {
            faults.add(at, "channels that are not one of the recording's", || match name {
                Value::Array(names) => {
                    format!(
                        "expected one channel, found {}; split it into cuts of one",
                        names.len()
                    )
                }
                name => format!("expected one of the recording's channels, found {}", kind(name)),
            });
        }
        place
    }
}

/// Adds a fault for what a recording or a cut would have to be put through before it is read.
pub(super) fn refuse_transforms(object: &Object, at: At<'_>, faults: &mut Faults) {
    let Some(Value::Array(transforms)) = object.get("transforms") else {
        if let Some(other) = object.get("transforms").filter(|other| !other.is_null()) {
            faults.add(at, "transforms", || format!("`transforms` is {}", kind(other)));
        }
        return;
    };
    if transforms.is_empty() {
        return;
    }
    faults.add(at, "transforms", || {
        let name = |it: &Value| it.get("name").and_then(Value::as_str).map_or("?".into(), shown);
        let names: Vec<String> = transforms.iter().take(4).map(name).collect();
        format!(
            "it has {} of lhotse's transforms (`{}`), which are not computed here; save the audio with \
             lhotse and name that",
            transforms.len(),
            names.join("`, `")
        )
    });
}

/// What is there, for messages.
fn found(value: Option<&Value>) -> String {
    value.map_or("nothing".into(), kind)
}
