//! Packets, as a decoder takes them.

use symphonia::core::{
    packet::Packet,
    units::{Duration, Timestamp},
};

use crate::{
    Error,
    codecs::matroska::{Matroska, blocks::Blocks},
};

/// A place among the packets of a sound.
pub(in crate::codecs) struct MatroskaPackets {
    sound: Matroska,
    blocks: Blocks,
}

impl MatroskaPackets {
    /// Begins with the first.
    pub(in crate::codecs) fn of(sound: &Matroska) -> Result<MatroskaPackets, Error> {
        Ok(MatroskaPackets { sound: sound.clone(), blocks: sound.blocks()? })
    }

    /// Reads the next packet; none at the end.
    pub(in crate::codecs) fn next(&mut self) -> Result<Option<Packet>, Error> {
        let Some(found) = self.blocks.next()? else { return Ok(None) };
        let bytes = self.blocks.bytes(&found, usize::MAX)?.to_vec();
        // No decoder here asks for the time.
        let mut packet = Packet::new(0, Timestamp::ZERO, Duration::ZERO, bytes);
        let discarded = self.sound.frames_of(found.discarded_ns.into());
        let trim = Duration::new(discarded.unsigned_abs());
        match discarded {
            0.. => packet.trim_end = trim,
            _ => packet.trim_start = trim,
        }
        Ok(Some(packet))
    }
}
