//! Going ahead among packets without decoding all of them.
//!
//! Packets say how many frames they hold, so that those before a place are counted, and only the last few of
//! them are decoded: as many as the codec takes to give, from there on, the bits that decoding from the
//! beginning gives.

use symphonia::core::{errors::Error as SymphoniaError, packet::Packet};

use super::{
    Origin, Packets, Wrapping,
    decoder::{MOST_FRAMES_PER_PACKET, error},
    memory::LastPackets,
};
use crate::{Error, codecs::damaged::damaged};

impl Packets {
    /// The frames of the last packet that were not handed out.
    pub(super) fn left_of_packet(&self) -> u64 {
        ((self.decoded.len() - self.given) / usize::from(self.info.channels)) as u64
    }

    /// Goes to the packet that holds a frame behind those that were decoded, and decodes it, or to the end.
    /// Returns whether there is such a frame.
    ///
    /// # Errors
    /// Anything that is not as it should be. Where the decoder is then, nobody knows.
    pub(super) fn go_ahead(&mut self, frame: u64) -> Result<bool, Error> {
        let container = self.info.container;
        let frame = i64::try_from(frame).unwrap_or(i64::MAX);
        let mut last = LastPackets::new(self.memory);
        // The first frame of the next packet; what is to be thrown away lies before the first of all.
        let mut at = (self.position + self.left_of_packet()) as i64 - self.to_skip as i64;
        let found = loop {
            let packet = match self.reader.next() {
                Ok(Some(packet)) if packet.track_id != self.track => continue,
                Ok(Some(packet)) => packet,
                Ok(None) => break None,
                Err(SymphoniaError::ResetRequired) => {
                    self.begin_next_stream()?;
                    last = LastPackets::new(self.memory);
                    continue;
                }
                Err(other) => return Err(error(container, other)),
            };
            let end = at.saturating_add(self.frames_of(&packet)?);
            if end > frame {
                break Some(packet);
            }
            last.push(packet);
            at = end;
        };
        if last.has_gap() {
            self.decoder.reset();
            self.is_whole = false;
        }
        for packet in last.into_packets() {
            self.decoder.decode(&packet).map_err(|e| error(container, e))?;
        }
        self.decoded.clear();
        self.given = 0;
        (self.position, self.to_skip) = (at.max(0) as u64, at.min(0).unsigned_abs());
        let Some(packet) = found else { return Ok(false) };
        self.decoder.decode(&packet).map_err(|e| error(container, e))?;
        self.take_decoded()?;
        let decoded = self.decoded.len() / usize::from(self.info.channels);
        if i64::try_from(decoded) != Ok(self.frames_of(&packet)?) {
            return Err(damaged(container, "a packet has other frames than it says"));
        }
        Ok(true)
    }

    /// The frames that a packet gives.
    fn frames_of(&self, packet: &Packet) -> Result<i64, Error> {
        let all = packet.dur.get();
        // Symphonia 0.6.1 counts what is trimmed of MPEG audio in, and of other packets not.
        let frames = match self.origin {
            Origin::Wrapped(_, Wrapping::Mpeg) => {
                all.saturating_sub(packet.trim_start.get()).saturating_sub(packet.trim_end.get())
            }
            _ => all,
        };
        let frames = Some(frames).filter(|_| all <= MOST_FRAMES_PER_PACKET);
        let frames = frames.and_then(|frames| i64::try_from(frames).ok());
        frames.ok_or_else(|| damaged(self.info.container, "its packets are longer than any"))
    }
}
