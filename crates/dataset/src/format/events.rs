//! An array of events: what happens in recordings, each of a channel and a sample.

/// What version 1 of the format calls an event, whatever it is: as a type of number, and in the keys of
/// `utterances.jsonl` (`first_spike`, `num_spikes`). The array itself is called what the recipe says.
pub(crate) const EVENT: &str = "spike";

/// The names of an event's numbers.
pub(crate) const COLUMNS: [&str; 3] = ["channel", "sample", "amplitude"];

/// Makes rows of an array of events: int32 channel, int64 sample, float32 amplitude.
pub fn event_rows(events: impl IntoIterator<Item = (u32, u64, f32)>) -> Vec<u8> {
    let mut rows = Vec::new();
    for (channel, sample, amplitude) in events {
        rows.extend_from_slice(&channel.to_le_bytes());
        rows.extend_from_slice(&sample.to_le_bytes());
        rows.extend_from_slice(&amplitude.to_le_bytes());
    }
    rows
}

/// Returns the channel, the sample and the amplitude of a row.
pub(crate) fn event_of(row: [u8; 16]) -> (i32, i64, f32) {
    let ([channel, sample_low, sample_high, amplitude], _) = row.as_chunks::<4>() else {
        unreachable!("sixteen bytes are four times four")
    };
    let mut sample = [0; 8];
    sample[..4].copy_from_slice(sample_low);
    sample[4..].copy_from_slice(sample_high);
    (i32::from_le_bytes(*channel), i64::from_le_bytes(sample), f32::from_le_bytes(*amplitude))
}
