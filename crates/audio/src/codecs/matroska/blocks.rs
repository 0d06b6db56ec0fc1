//! The packets of a track, in blocks that hold one or several.

use std::collections::VecDeque;

use crate::{
    Error, Media,
    codecs::matroska::{
        ebml::{self, EBML, Element, Head, Number},
        error::error,
    },
    window::Window,
};

const SEGMENT: u32 = 0x1853_8067;
const CLUSTER: u32 = 0x1F43_B675;
const BLOCK_GROUP: u32 = 0xA0;
const SIMPLE_BLOCK: u32 = 0xA3;
const BLOCK: u32 = 0xA1;
const DISCARD_PADDING: u32 = 0x75A2;

/// The elements of a file in their order, of segments and clusters what is in them.
#[derive(Debug)]
pub(super) struct Elements {
    window: Window,
    at: u64,
    /// The farthest end that any element has.
    end: u64,
}

impl Elements {
    pub(super) fn new(window: Window) -> Elements {
        Elements { window, at: 0, end: 0 }
    }

    pub(super) fn window(&mut self) -> &mut Window {
        &mut self.window
    }

    /// Returns the next that is all there; none at the end.
    pub(super) fn next(&mut self) -> Result<Option<Element>, Error> {
        while self.at < self.window.len() {
            let Head::Element(element) = ebml::head(&mut self.window, self.at)? else {
                self.end = u64::MAX;
                break;
            };
            if element.id == EBML && self.at > 0 {
                return Err(error("a second file follows, which is not read"));
            }
            self.end = self.end.max(element.end().unwrap_or(0));
            match (element.id, element.end()) {
                (SEGMENT | CLUSTER, _) => self.at = element.body,
                (_, None) => return Err(error("an element has no size")),
                (_, Some(end)) if end > self.window.len() => break,
                (_, Some(end)) => {
                    self.at = end;
                    return Ok(Some(element));
                }
            }
        }
        Ok(None)
    }

    /// Returns whether the file ends before the elements that it has begun with so far.
    fn are_cut_off(&self) -> bool {
        self.end > self.window.len()
    }
}

/// A packet of a codec.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Packet {
    at: u64,
    bytes: usize,
    /// How much of what it gives is to be thrown away, in nanoseconds: of its end, or, below 0, of its beginning.
    pub(super) discarded_ns: i64,
}

/// A place among the packets of a track.
#[derive(Debug)]
pub(super) struct Blocks {
    elements: Elements,
    track: u64,
    /// What is left of the last block.
    packets: VecDeque<Packet>,
}

impl Blocks {
    pub(super) fn new(media: Media, track: u64) -> Result<Blocks, Error> {
        let elements = Elements::new(Window::over(media, Vec::new())?);
        Ok(Blocks { elements, track, packets: VecDeque::new() })
    }

    /// Returns the next packet that is all there; none at the end.
    pub(super) fn next(&mut self) -> Result<Option<Packet>, Error> {
        while self.packets.is_empty() {
            let Some(element) = self.elements.next()? else { return Ok(None) };
            match element.id {
                SIMPLE_BLOCK => self.take(&element, 0)?,
                BLOCK_GROUP => {
                    let (mut block, mut discarded_ns) = (None, 0);
                    for child in element.children(self.elements.window())? {
                        match child.id {
                            BLOCK => block = Some(child),
                            DISCARD_PADDING => {
                                discarded_ns = child.signed(self.elements.window())?;
                            }
                            _ => {}
                        }
                    }
                    if let Some(block) = block {
                        self.take(&block, discarded_ns)?;
                    }
                }
                _ => {}
            }
        }
        Ok(self.packets.pop_front())
    }

    /// Reads the bytes of a packet, so many of its first at the most.
    pub(super) fn bytes(&mut self, packet: &Packet, most: usize) -> Result<&[u8], Error> {
        let wanted = packet.bytes.min(most);
        let bytes = self.elements.window().bytes(packet.at, wanted)?;
        Ok(&bytes[..wanted.min(bytes.len())])
    }

    /// Returns whether, at the end, the file was cut off.
    pub(super) fn is_cut_off(&self) -> bool {
        self.elements.are_cut_off()
    }

    /// Takes the packets of a block, if it is one of the track.
    fn take(&mut self, block: &Element, discarded_ns: i64) -> Result<(), Error> {
        const MOST_HEAD_BYTES: usize = 8 + 3;
        let short = || error("a block is shorter than its header");
        let window = self.elements.window();
        let size = block.bytes.ok_or_else(short)?;
        let head = window.bytes(block.body, MOST_HEAD_BYTES)?;
        let head = &head[..head.len().min(usize::try_from(size).unwrap_or(usize::MAX))];
        let Number { value: track, bytes: number, .. } = ebml::number(head).ok_or_else(short)?;
        if track != self.track {
            return Ok(());
        }
        // A time and a byte of flags.
        let flags = *head.get(number + 2).ok_or_else(short)?;
        let all = block.read(window)?;
        let (sizes, begin) = sizes(all, number + 3, flags)
            .ok_or_else(|| error("a block has other packets than it says"))?;
        let mut at = block.body + begin as u64;
        let last = sizes.len() - 1;
        for (n, bytes) in sizes.into_iter().enumerate() {
            let discarded_ns = if n == last { discarded_ns } else { 0 };
            self.packets.push_back(Packet { at, bytes, discarded_ns });
            at += bytes as u64;
        }
        Ok(())
    }
}

/// Returns the sizes of a block's packets, one at least, and where the first begins; none where they are not
/// those of the block, or a packet is empty.
///
/// - `at`: the place behind the flags
fn sizes(block: &[u8], mut at: usize, flags: u8) -> Option<(Vec<usize>, usize)> {
    let lacing = (flags >> 1) & 3;
    let mut count = 1;
    if lacing != 0 {
        count = usize::from(*block.get(at)?) + 1;
        at += 1;
    }
    let mut sizes = Vec::with_capacity(count);
    match lacing {
        // All are of one size.
        2 => sizes.resize(count - 1, block.len().checked_sub(at)? / count),
        // Bytes that add up, the last of them below 255.
        1 => {
            for _ in 1..count {
                let mut size = 0;
                loop {
                    let byte = *block.get(at)?;
                    at += 1;
                    size += usize::from(byte);
                    if byte < 255 {
                        break;
                    }
                }
                sizes.push(size);
            }
        }
        // The first, and then differences.
        3 => {
            let mut size = 0_i64;
            for n in 1..count {
                let Number { value, bytes, .. } = ebml::number(block.get(at..)?)?;
                at += bytes;
                let middle = if n == 1 { 0 } else { (1_i64 << (7 * bytes - 1)) - 1 };
                size = size.checked_add(value as i64 - middle)?;
                sizes.push(usize::try_from(size).ok()?);
            }
        }
        _ => {}
    }
    let before = sizes.iter().try_fold(0_usize, |sum, &size| sum.checked_add(size))?;
    let last = block.len().checked_sub(at)?.checked_sub(before)?;
    if lacing == 2 && sizes.first().is_some_and(|&size| size != last) {
        return None;
    }
    sizes.push(last);
    (!sizes.contains(&0)).then_some((sizes, at))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn blocks_of_every_lacing_have_their_packets() {
        // RFC 9559, section 10.3: three packets of 800, 500 and 1000 bytes.
        let xiph = [&[2, 255, 255, 255, 35, 255, 245][..], &[7; 2300]].concat();
        assert_eq!(sizes(&xiph, 0, 0b010), Some((vec![800, 500, 1000], 7)));
        let ebml = [&[2, 0x43, 0x20, 0x5E, 0xD3][..], &[7; 2300]].concat();
        assert_eq!(sizes(&ebml, 0, 0b110), Some((vec![800, 500, 1000], 5)));
        let fixed = [&[2][..], &[7; 2400]].concat();
        assert_eq!(sizes(&fixed, 0, 0b100), Some((vec![800; 3], 1)));
        assert_eq!(sizes(&[7; 20], 0, 0), Some((vec![20], 0)));
        // Those of other sizes, and empty ones, are none.
        assert_eq!(sizes(&fixed[..2400], 0, 0b100), None);
        assert_eq!(sizes(&xiph[..1000], 0, 0b010), None);
        assert_eq!(sizes(&ebml[..1305], 0, 0b110), None);
        assert_eq!(sizes(&[], 0, 0), None);
    }
}
