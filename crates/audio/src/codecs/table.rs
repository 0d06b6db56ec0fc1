//! Packets whose sizes a table tells, as in CAF.

use symphonia::core::{
    errors::Error as SymphoniaError,
    packet::Packet,
    units::{Duration, Timestamp},
};

use crate::{Media, codecs::source};

/// Packets of a codec, one behind the other, and what their container says of them.
#[derive(Debug, Clone)]
pub(crate) struct PacketTable {
    /// What the decoder has to be told first.
    pub(crate) cookie: Box<[u8]>,
    pub(crate) sample_rate_hz: u32,
    pub(crate) channels: u16,
    /// The frames before the recording, and its own.
    pub(crate) skipped: u64,
    pub(crate) frames: u64,
    /// The size of each packet.
    pub(crate) sizes: Vec<u32>,
    /// The packets.
    pub(crate) data: Media,
}

/// A place among the packets of a table.
pub(super) struct TablePackets {
    table: PacketTable,
    next: usize,
    at: u64,
}

impl TablePackets {
    pub(super) fn new(table: PacketTable) -> TablePackets {
        TablePackets { table, next: 0, at: 0 }
    }

    /// Reads the next packet; none at the end.
    pub(super) fn next(&mut self) -> Result<Option<Packet>, SymphoniaError> {
        let Some(&size) = self.table.sizes.get(self.next) else { return Ok(None) };
        let end = self.at + u64::from(size);
        if end > self.table.data.len() {
            return Err(SymphoniaError::DecodeError("a packet is longer than the file"));
        }
        let mut bytes = vec![0; size as usize];
        self.table.data.fill_at(self.at, &mut bytes).map_err(source::io_error)?;
        (self.next, self.at) = (self.next + 1, end);
        // No decoder here asks for the time.
        Ok(Some(Packet::new(0, Timestamp::ZERO, Duration::ZERO, bytes)))
    }
}
