//! A feature's own grid of frames.

use serde::ser::SerializeMap;

use crate::fields::{Fields, Mistake};
use crate::keys::{Absence, Key, Keys, meaning};
use crate::tables::FramesTable;

/// The table `frames` of a feature: its own grid of frames.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct OwnFrames {
    /// The frames' length, shift and edges, where they are others than those of `[frames]`.
    pub frames: Option<FramesTable>,
}

/// The name of the key.
const NAME: &str = "frames";

impl Keys for OwnFrames {
    fn read(fields: &Fields<'_>) -> Result<OwnFrames, Mistake> {
        let Some(own) = fields.within(NAME)? else { return Ok(OwnFrames::default()) };
        own.refuse_unknown(&FramesTable::names(), &|_| None)?;
        Ok(OwnFrames { frames: Some(FramesTable::read(&own)?) })
    }

    fn write<M: SerializeMap>(&self, map: &mut M) -> Result<(), M::Error> {
        self.frames.iter().try_for_each(|frames| map.serialize_entry(NAME, frames))
    }

    fn names() -> Vec<&'static str> {
        vec![NAME]
    }

    fn about() -> String {
        String::new()
    }

    fn reference() -> Vec<Key> {
        let lines = [
            "A table of its own, with the keys of `[frames]`: arrays of other frames than the first have an",
            "index of their own, `index-NAME.npy`.",
        ];
        vec![Key {
            name: NAME,
            values: "a table".to_owned(),
            default: Absence::Says("those of `[frames]`"),
            meaning: meaning(&lines),
        }]
    }
}
