//! Events as JSON, for programs that watch a run.

use ossicle_engine::{Event, Notice};
use ossicle_files::printable;
use serde_json::{Value, json};

use crate::messages::notice_json;

/// An event as programs get it; none of kinds that they do not know.
///
/// - `notice`: the words of a notice
pub fn event_json(event: Event<'_>, notice: &dyn Fn(&Notice) -> String) -> Option<Value> {
    Some(match event {
        Event::Notice(of) => {
            let mut told = notice_json(of, &notice(of));
            told["event"] = "notice".into();
            told
        }
        Event::Start { utterances, resumed, workers, source_bytes, resumed_bytes } => json!({
            "event": "start",
            "utterances": utterances,
            "resumed": resumed,
            "workers": workers,
            "source_bytes": source_bytes,
            "resumed_bytes": resumed_bytes,
        }),
        Event::Begun { part, split, id } => {
            json!({"event": "begun", "part": part, "split": split, "id": id})
        }
        Event::PartEnded { part } => json!({"event": "part-ended", "part": part}),
        Event::Utterance { number, split, id, num_frames, audio, spent, source_bytes } => json!({
            "event": "utterance",
            "number": number,
            "split": split,
            "id": id,
            "num_frames": num_frames,
            "audio_s": audio.as_secs_f64(),
            "seconds": spent.took.as_secs_f64(),
            "reading_s": spent.reading.as_secs_f64(),
            "decoding_s": spent.decoding.as_secs_f64(),
            "features_s": spent.features.as_secs_f64(),
            "source_bytes": source_bytes,
        }),
        Event::Failure { row, path, source_bytes } => json!({
            "event": "failure",
            "id": row.id,
            "split": row.split,
            "source": row.source,
            "path": printable(path),
            "stage": row.stage,
            "cause": row.cause,
            "error": row.error,
            "source_bytes": source_bytes,
        }),
        Event::SplitDone { name, utterances, took } => json!({
            "event": "split-done",
            "split": name,
            "utterances": utterances,
            "seconds": took.as_secs_f64(),
        }),
        Event::Finishing { bytes } => json!({"event": "finishing", "bytes": bytes}),
        _ => return None,
    })
}
