//! How much of a recording a decoder remembers, and the packets that it has to see again for that.

use std::collections::VecDeque;

use symphonia::core::{formats::Track, packet::Packet, units::TimeBase};

/// The packets that a decoder has to have seen for its samples to be those of decoding from the beginning.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Memory {
    /// Each packet is decoded by itself.
    None,
    /// So many packets before.
    Packets(usize),
    /// Those of MPEG audio of layer III. A frame begins up to 511 bytes before its packet, in the main data of
    /// packets before (`main_data_begin`, of 9 bits: ISO/IEC 11172-3, section 2.4.1.7; of 8 in ISO/IEC
    /// 13818-3), and what it gives overlaps that of the two before: the inverse transform's and the
    /// filterbank's halves.
    BitReservoir,
    /// All of them, and so nothing is left out. AAC's noise comes from a generator that goes on from packet to
    /// packet (perceptual noise substitution: ISO/IEC 14496-3, section 4.6.13), Opus' filters never forget
    /// entirely, and of FLAC in Ogg there is a sum over all.
    All,
}

/// The most bytes in front of a packet's main data: header, sum and side information of layer III.
const MOST_SIDE_BYTES: usize = 4 + 2 + 32;

const MOST_RESERVOIR_BYTES: usize = 511;

/// The packets whose halves a frame of layer III overlaps.
const OVERLAPPING: usize = 3;

/// The most packets that are kept, whatever they hold.
const MOST_PACKETS: usize = 1024;

impl Memory {
    /// The memory of a codec, if the clock of its packets is that of its samples.
    pub(super) fn of_track(codec: &str, track: &Track, sample_rate_hz: u32) -> Memory {
        let is_of_samples =
            |base: TimeBase| base.numer.get() == 1 && base.denom.get() == sample_rate_hz;
        match track.time_base.is_some_and(is_of_samples) {
            true => Memory::of(codec),
            false => Memory::All,
        }
    }

    /// The memory of a codec, by its name.
    fn of(codec: &str) -> Memory {
        match codec {
            "MP3" => Memory::BitReservoir,
            // The filterbank of layers I and II is as long as 16 of its steps, of which a packet has 12 or 36.
            "MPEG" => Memory::Packets(OVERLAPPING),
            // A block overlaps the one before (Vorbis I, section 4.3.8), whose own first half is not needed.
            "Vorbis" => Memory::Packets(2),
            "ALAC" => Memory::None,
            _ => Memory::All,
        }
    }
}

/// The last packets before a place.
pub(super) struct LastPackets {
    memory: Memory,
    packets: VecDeque<Packet>,
    /// Whether some were left out.
    has_gap: bool,
}

impl LastPackets {
    pub(super) fn new(memory: Memory) -> LastPackets {
        LastPackets { memory, packets: VecDeque::new(), has_gap: false }
    }

    /// Takes the next packet, and forgets those that are not needed any more.
    pub(super) fn push(&mut self, packet: Packet) {
        self.packets.push_back(packet);
        while self.packets.len() > MOST_PACKETS || self.are_enough_without_the_first() {
            self.packets.pop_front();
            self.has_gap = true;
        }
    }

    fn are_enough_without_the_first(&self) -> bool {
        let Some(left) = self.packets.len().checked_sub(1) else { return false };
        match self.memory {
            Memory::None => true,
            Memory::Packets(needed) => left >= needed,
            Memory::All => false,
            Memory::BitReservoir => {
                let reservoir = left.saturating_sub(OVERLAPPING);
                let main_data = |packet: &Packet| packet.data.len().saturating_sub(MOST_SIDE_BYTES);
                let bytes: usize = self.packets.iter().skip(1).take(reservoir).map(main_data).sum();
                bytes >= MOST_RESERVOIR_BYTES
            }
        }
    }

    /// Returns whether packets were left out since those that the decoder has seen.
    pub(super) fn has_gap(&self) -> bool {
        self.has_gap
    }

    pub(super) fn into_packets(self) -> VecDeque<Packet> {
        self.packets
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use symphonia::core::units::{Duration, Timestamp};

    /// The sizes of the packets that are left of these.
    fn kept(memory: Memory, sizes: &[usize]) -> Vec<usize> {
        let mut last = LastPackets::new(memory);
        for &size in sizes {
            last.push(Packet::new(0, Timestamp::ZERO, Duration::ZERO, vec![0; size]));
        }
        assert_eq!(last.has_gap(), last.packets.len() < sizes.len());
        last.into_packets().iter().map(|packet| packet.data.len()).collect()
    }

    #[test]
    fn just_those_packets_are_kept_that_a_decoder_needs() {
        assert_eq!(kept(Memory::None, &[1, 2]), []);
        assert_eq!(kept(Memory::Packets(2), &[1, 2, 3]), [2, 3]);
        assert_eq!(kept(Memory::All, &[1, 2, 3]), [1, 2, 3]);
        // 38 bytes of each are no main data: of two of 300 there are 524 bytes, of one 262.
        assert_eq!(kept(Memory::BitReservoir, &[300; 9]), [300; 5]);
        assert_eq!(kept(Memory::BitReservoir, &[9, 549, 3, 2, 1]), [549, 3, 2, 1]);
        assert_eq!(kept(Memory::BitReservoir, &[9, 548, 3, 2, 1]), [9, 548, 3, 2, 1]);
    }
}
