//! The headers of RIFF/WAVE files and their kin: RIFX, RF64 and BW64.
//!
//! A RIFF file is `RIFF`, a size and `WAVE`, and then chunks: an identifier of four bytes, a size,
//! that many bytes, and one more byte where the size is odd. `fmt ` says what the samples are, and
//! `data` holds them; the others do not matter here. Numbers are little-endian; in a RIFX file they, and
//! the samples, are big-endian. An RF64 or BW64 file has a `ds64` chunk first, with sizes of 64 bits for
//! those that are 0xFFFFFFFF.
//!
//! Sources: IBM and Microsoft, *Multimedia Programming Interface and Data Specifications 1.0*
//! (1991), chapter 2; EBU Tech 3306 (2009) for RF64; ITU-R BS.2088-1 (2019) for BW64.

use crate::{
    Container, Error, Truncated,
    containers::{
        order::Order,
        wave_format::{self, LOOKED_AT_BYTES, Units},
    },
    contents::Contents,
    window::Window,
};

/// The most chunks before the samples, and behind them; a file with more is no recording. It bounds the
/// time spent on a file that is nothing but chunk headers.
const MAX_CHUNKS: usize = 4096;

const CHUNK_HEADER_BYTES: usize = 8;

/// The part of a `ds64` chunk that every file has: the sizes of the file and of the samples, and the
/// number of samples.
const DS64_BYTES: usize = 24;

/// The most bytes of padding behind the samples: as much as a sector, a page or a cluster of a disk.
const MAX_PADDING_BYTES: u64 = 1 << 16;

/// Reads the header of a file that begins with `RIFF`, `RIFX`, `RF64` or `BW64`.
pub(crate) fn contents(window: &mut Window, truncated: Truncated) -> Result<Contents, Error> {
    let file_bytes = window.len();
    let head = window.bytes(0, 12)?;
    if file_bytes < 12 {
        let why = format!("the file ends after {file_bytes} of its first 12 bytes");
        return Err(header(Container::Riff, why));
    }
    let (container, order) = match &head[..4] {
        b"RIFX" => (Container::Rifx, Order::Big),
        b"RF64" | b"BW64" => (Container::Rf64, Order::Little),
        _ => (Container::Riff, Order::Little),
    };
    let mut chunks =
        Chunks { container, order, file_size: order.u32(head, 4).into(), data_size: None };
    let mut description = None;
    let mut at = 12;
    for _ in 0..MAX_CHUNKS {
        let Some((id, size)) = chunks.header(window, at)? else {
            let missing = if description.is_none() { "fmt" } else { "data" };
            let why = format!("the file ends without a {missing} chunk");
            return Err(header(container, why));
        };
        at += CHUNK_HEADER_BYTES as u64;
        match &id {
            b"fmt " => {
                let looked_at = LOOKED_AT_BYTES.min(size as usize);
                let bytes = window.bytes(at, looked_at)?;
                let bytes = &bytes[..bytes.len().min(looked_at)];
                description = Some(wave_format::parse(bytes, container, order)?);
            }
            b"ds64" if container == Container::Rf64 => chunks.read_large_sizes(window, at, size)?,
            b"data" => {
                let Some(description) = description else {
                    let why = "the data chunk comes before the fmt chunk".to_owned();
                    return Err(header(container, why));
                };
                let (promised, found) = chunks.units(window, description.unit_bytes(), size, at)?;
                let units = Units { promised, found, truncated };
                return description.contents(container, window.media(), at, units);
            }
            _ => {}
        }
        at += u64::from(size) + u64::from(size % 2);
    }
    let why = format!("there is no data chunk among its first {MAX_CHUNKS} chunks");
    Err(header(container, why))
}

/// A file's chunks, as far as they are known.
struct Chunks {
    container: Container,
    order: Order,
    /// The size of all that follows the file's first eight bytes.
    file_size: u64,
    /// The size of the samples, where a `ds64` chunk says it.
    data_size: Option<u64>,
}

impl Chunks {
    /// Reads the identifier and the size of the chunk at `at`; none where the file ends before.
    fn header(&self, window: &mut Window, at: u64) -> Result<Option<([u8; 4], u32)>, Error> {
        let bytes = window.bytes(at, CHUNK_HEADER_BYTES)?;
        let Some((&id, rest)) = bytes.split_first_chunk() else { return Ok(None) };
        Ok((rest.len() >= 4).then(|| (id, self.order.u32(rest, 0))))
    }

    /// Reads the sizes of a `ds64` chunk.
    fn read_large_sizes(&mut self, window: &mut Window, at: u64, size: u32) -> Result<(), Error> {
        let bytes = window.bytes(at, DS64_BYTES)?;
        if bytes.len() < DS64_BYTES || (size as usize) < DS64_BYTES {
            let why = format!("its ds64 chunk has {size} bytes, fewer than {DS64_BYTES}");
            return Err(header(self.container, why));
        }
        if self.file_size == u64::from(u32::MAX) {
            self.file_size = self.order.u64(bytes, 0);
        }
        self.data_size = Some(self.order.u64(bytes, 8));
        Ok(())
    }

    /// Counts what is behind a data chunk's header: what is promised, and what is there.
    ///
    /// - `unit_bytes`: the bytes that belong together; a last few that are fewer are left out
    /// - `size`: what the header says
    /// - `data_start`: where the samples begin, at most where the file ends
    fn units(
        &self,
        window: &mut Window,
        unit_bytes: u64,
        size: u32,
        data_start: u64,
    ) -> Result<(u64, u64), Error> {
        let there = window.len() - data_start;
        let found = there / unit_bytes;
        let data_size = match self.data_size {
            Some(large) if size == u32::MAX => large,
            _ if self.is_streamed(size, data_start, unit_bytes) => return Ok((found, found)),
            _ => size.into(),
        };
        if data_size == u64::MAX {
            return Ok((found, found));
        }
        let promised = data_size / unit_bytes;
        if promised > found {
            // Nothing can be behind it.
            return Ok((promised, found));
        }
        if self.container != Container::Rf64 && there >= 1 << 32 {
            let why = format!(
                "{there} bytes follow its data chunk's header, which says {data_size}: the sizes of such a \
                 file end at 4 GiB, and what is larger has to be RF64 or W64"
            );
            return Err(header(self.container, why));
        }
        self.check_behind(window, data_start + data_size, data_size % 2 == 1)?;
        Ok((promised, found))
    }

    /// Looks at what follows the samples: chunks, or padding. Whatever else it is, it may be samples that
    /// the header does not count.
    ///
    /// - `is_odd`: a byte may follow that is no chunk's
    fn check_behind(&self, window: &mut Window, data_end: u64, is_odd: bool) -> Result<(), Error> {
        let file_bytes = window.len();
        let mut at = data_end;
        if is_odd {
            // Some programs forget it.
            let is_padded = window.bytes(at, 1)?.first().is_some_and(|&byte| byte == 0);
            at += u64::from(is_padded);
        }
        for _ in 0..MAX_CHUNKS {
            if self.is_padding(window, at)? {
                return Ok(());
            }
            let Some((id, size)) = self.header(window, at)? else { break };
            if id == *b"data" {
                let why = "a second data chunk follows the first".to_owned();
                return Err(header(self.container, why));
            }
            let end = at + CHUNK_HEADER_BYTES as u64 + u64::from(size) + u64::from(size % 2);
            let is_chunk = id.iter().all(|byte| byte.is_ascii_graphic() || *byte == b' ');
            // A last chunk that is cut off tells of no samples.
            if !is_chunk || (end > file_bytes + u64::from(size % 2) && !is_known(&id)) {
                break;
            }
            at = end.min(file_bytes);
        }
        let why = format!(
            "{} bytes follow the samples that its data chunk counts, and they are no chunk",
            file_bytes - at
        );
        Err(header(self.container, why))
    }

    /// Returns whether nothing follows but a few zeros, or an end too short for anything.
    fn is_padding(&self, window: &mut Window, at: u64) -> Result<bool, Error> {
        let left = window.len().saturating_sub(at);
        if left < CHUNK_HEADER_BYTES as u64 {
            return Ok(true);
        }
        if left > MAX_PADDING_BYTES {
            return Ok(false);
        }
        Ok(window.bytes(at, left as usize)?.iter().all(|&byte| byte == 0))
    }

    /// Recognises the sizes of a writer that could not know how much would follow, so that everything
    /// to the end of the file is samples.
    ///
    /// A program that writes into a pipe, or that was killed, never comes back to fill in the sizes.
    /// Kaldi's `wave-reader.cc` reads such files to their end, and so is it done here. The sizes that
    /// stand for "unknown" are
    ///
    /// - 0xFFFFFFFF (ffmpeg), and the few below it that come of adding a header to it, or of taking one
    ///   away;
    /// - 0x7FFFF000, or as many whole blocks as fit into it (SoX), and what follows up to 0x80000000
    ///   (arecord). A real recording of just this length is read to the end of the file as well;
    /// - 2,000,000,000 (a placeholder of telephone servers), with or without a header's bytes;
    /// - 0, where the RIFF chunk's own size is 0 or 0xFFFFFFFF, or also ends at the data chunk. Where it
    ///   goes on, other chunks follow, and the recording is empty: Kaldi would read those as samples.
    fn is_streamed(&self, data_size: u32, data_start: u64, block_bytes: u64) -> bool {
        /// No header is longer that such writers make.
        const HEADER_BYTES: u32 = 256;
        const PLACEHOLDER: u32 = 2_000_000_000;
        let riff_end = CHUNK_HEADER_BYTES as u64 + self.file_size;
        match data_size {
            0 => self.file_size == u64::from(u32::MAX) || riff_end <= data_start,
            _ if data_size >= u32::MAX - HEADER_BYTES => true,
            _ if data_size.abs_diff(PLACEHOLDER) <= HEADER_BYTES => true,
            1..=0x8000_0000 => u64::from(data_size) > 0x7FFF_F000 - block_bytes,
            _ => false,
        }
    }
}

/// Returns whether this is a chunk that is known to follow samples.
fn is_known(id: &[u8; 4]) -> bool {
    const KNOWN: [&[u8; 4]; 14] = [
        b"LIST", b"id3 ", b"ID3 ", b"bext", b"iXML", b"JUNK", b"PAD ", b"FLLR", b"cue ", b"smpl",
        b"fact", b"PEAK", b"axml", b"afsp",
    ];
    KNOWN.contains(&id)
}

fn header(container: Container, why: String) -> Error {
    Error::Header { container, why }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_that_stand_for_unknown_are_told_from_real_ones() {
        // Data chunk's size, RIFF chunk's size, whether it is streamed; data at 44, blocks of 6.
        let cases = [
            (u32::MAX, u32::MAX, true),
            (u32::MAX, 36, true),
            (u32::MAX - 36, u32::MAX, true),
            (u32::MAX - 1, u32::MAX, true),
            (0x7FFF_F000, 0x7FFF_F024, true),
            (0x7FFF_F000 / 6 * 6, 0x7FFF_F022, true),
            (0x7FFF_FF00, 0x7FFF_FF24, true),
            (0x8000_0000, 0x8000_0024, true),
            (2_000_000_000, 2_000_000_036, true),
            (1_999_999_964, 2_000_000_000, true),
            (0, 0, true),
            (0, u32::MAX, true),
            (0, 36, true),
            (0, 36 + 26, false),
            (6, 0, false),
            (6, u32::MAX, false),
            (0x7FFF_F000 / 6 * 6 - 6, 0, false),
            (0x8000_0001, 0, false),
            (u32::MAX - 4096, u32::MAX, false),
            (2_000_001_000, 0, false),
        ];
        for (data_size, riff_size, streamed) in cases {
            let (container, order) = (Container::Riff, Order::Little);
            let chunks = Chunks { container, order, file_size: riff_size.into(), data_size: None };
            assert_eq!(
                chunks.is_streamed(data_size, 44, 6),
                streamed,
                "{data_size:#x}, {riff_size:#x}"
            );
        }
    }
}
