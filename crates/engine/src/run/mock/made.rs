//! Rows that look like chance, and are the same each time.

use ossicle_corpus::Utterance;
use ossicle_dataset::{UtteranceRow, event_rows};
use ossicle_dsp::Moments;
use ossicle_testing::Random;

use crate::error::Error;
use crate::part::PartWriter;
use crate::plan::arrays::Arrays;
use crate::rows::sink::{RowSink, SinkScratch};
use crate::rows::tables::Tables;

/// Rows that stand for an utterance's. Its id and size decide them, and nothing else.
pub(crate) struct MadeRows {
    /// The number of frames: as many as the utterance has bytes.
    pub(crate) num_frames: usize,
    /// Rows before deltas, of all features side by side: there is one stream.
    pub(crate) base: Vec<f32>,
    /// The rows of each array of whole numbers.
    pub(crate) tracks: Vec<Vec<i16>>,
    /// The events as they lie in files; nothing where there is no array of them.
    pub(crate) events: Vec<u8>,
}

impl MadeRows {
    pub(crate) fn of(utterance: &Utterance, arrays: &Arrays) -> MadeRows {
        let num_frames = utterance.size_bytes as usize;
        let mut random = random_of(&utterance.id);
        // Columns have means and ranges of their own, and so have utterances.
        let level: f32 = random.u8(..40).into();
        let mut number = |column: usize| {
            level + column as f32 * 0.75 + f32::from(random.u16(..4096)) / (64 + column) as f32
        };
        let dim = arrays.streams[0].dim;
        let base = (0..num_frames * dim).map(|i| number(i % dim)).collect();
        let has_events = arrays.events_of(0).is_some();
        let num_tracks = arrays.in_parts().len() - arrays.first_track() - usize::from(has_events);
        let mut track = || (0..num_frames).map(|_| random.i16(-1..61)).collect();
        let tracks = (0..num_tracks).map(|_| track()).collect();
        // Some utterances have none.
        let num_events = if has_events { random.u64(..6) } else { 0 };
        let mut event = |n| (random.u32(..32), n * 100, f32::from(random.u8(..100)) / 8.0);
        let events = event_rows((0..num_events).map(&mut event));
        MadeRows { num_frames, base, tracks, events }
    }

    /// Appends it to a part, arrays in turns and each in several chunks. Returns the moments of each
    /// feature array.
    pub(super) fn write(
        &self,
        tables: &Tables,
        writer: &mut PartWriter,
        scratch: &mut SinkScratch,
    ) -> Result<Vec<Moments>, Error> {
        let arrays = &tables.arrays;
        writer.begin();
        let (first, rest) = self.events.split_at(self.events.len().min(16));
        if let Some(array) = arrays.events_of(0) {
            writer.append(array, first)?;
        }
        let half = self.num_frames / 2 + 1;
        let mut sink = RowSink::new(tables, 0, self.num_frames, scratch);
        let rows = half * arrays.streams[0].dim;
        self.base.chunks(rows).try_for_each(|rows| sink.push(rows, writer))?;
        let moments = sink.finish(&[], writer)?.moments.into_values().collect();
        for begin in [0, half] {
            for (number, track) in self.tracks.iter().enumerate() {
                let end = (begin + half).min(track.len());
                let rows = track.get(begin..end).unwrap_or_default();
                writer.append(arrays.first_track() + number, bytemuck::cast_slice(rows))?;
            }
        }
        if let Some(array) = arrays.events_of(0) {
            writer.append(array, rest)?;
        }
        Ok(moments)
    }

    pub(super) fn row(&self, utterance: &Utterance) -> UtteranceRow {
        UtteranceRow {
            id: utterance.id.to_string(),
            source: utterance.source.display().to_string(),
            held: None,
            channel: "first".to_owned(),
            sample_rate_hz: 16_000,
            start_sample: 0,
            end_sample: 160 * self.num_frames as u64 + 240,
            num_frames: self.num_frames as u64,
            first_event: None,
            num_events: Some(self.events.len() as u64 / 16),
            truncated: None,
            levels: None,
            speaker: utterance.speaker.as_deref().map(str::to_owned),
            intervals: Default::default(),
            columns: Default::default(),
        }
    }
}

/// Numbers that an id gives again.
fn random_of(id: &str) -> Random {
    let hash = blake3::hash(id.as_bytes());
    Random::with_seed(hash.as_bytes().first_chunk().map_or(0, |&bytes| u64::from_le_bytes(bytes)))
}
