//! The compressions of pages, none of which gives more bytes than its page says.

use std::io::{self, Read};

use flate2::read::MultiGzDecoder;
use parquet::basic::Compression;

/// Unpacks what is stored behind what is in `out` already; none where it is compressed in a way that is not read.
///
/// - `bytes`: how many bytes it has unpacked
///
/// # Errors
/// What is there has other bytes, or more or fewer of them.
pub(super) fn unpack(
    codec: Compression,
    stored: &[u8],
    bytes: usize,
    out: &mut Vec<u8>,
) -> Option<io::Result<()>> {
    let begin = out.len();
    let unpacked = match codec {
        Compression::UNCOMPRESSED => {
            out.extend_from_slice(stored);
            Ok(())
        }
        // A page of nulls alone has nothing, which some writers do not even compress.
        _ if bytes == 0 => Ok(()),
        Compression::SNAPPY => into_place(out, bytes, |place| {
            snap::raw::Decoder::new().decompress(stored, place).map_err(io::Error::other)
        }),
        Compression::LZ4_RAW => into_place(out, bytes, |place| lz4(stored, place)),
        Compression::LZ4 => into_place(out, bytes, |place| {
            lz4_of_hadoop(stored, place).or_else(|_| lz4(stored, place))
        }),
        Compression::GZIP(_) => from_stream(MultiGzDecoder::new(stored), bytes, out),
        Compression::BROTLI(_) => {
            from_stream(brotli_decompressor::Decompressor::new(stored, 1 << 16), bytes, out)
        }
        Compression::ZSTD(_) => match ruzstd::decoding::StreamingDecoder::new(stored) {
            Ok(stream) => from_stream(stream, bytes, out),
            Err(error) => Err(io::Error::other(error)),
        },
        Compression::LZO => return None,
    };
    Some(unpacked.and_then(|()| match out.len() - begin {
        found if found == bytes => Ok(()),
        found => Err(io::Error::other(format!("it unpacks to {found} bytes instead of {bytes}"))),
    }))
}

/// Unpacks into a place of known size.
fn into_place(
    out: &mut Vec<u8>,
    bytes: usize,
    unpack: impl FnOnce(&mut [u8]) -> io::Result<usize>,
) -> io::Result<()> {
    let begin = out.len();
    out.resize(begin + bytes, 0);
    let found = unpack(&mut out[begin..])?;
    out.truncate(begin + found);
    Ok(())
}

/// Reads a stream up to one byte more than it should have.
fn from_stream(stream: impl Read, bytes: usize, out: &mut Vec<u8>) -> io::Result<()> {
    out.reserve(bytes);
    stream.take(bytes as u64 + 1).read_to_end(out)?;
    Ok(())
}

fn lz4(stored: &[u8], place: &mut [u8]) -> io::Result<usize> {
    lz4_flex::block::decompress_into(stored, place).map_err(io::Error::other)
}

/// Blocks of LZ4, each behind its sizes: unpacked, then stored, both of four bytes, big-endian. That is how
/// Hadoop's `Lz4Codec` frames them, whose files say "LZ4" (the format's page "Compression").
fn lz4_of_hadoop(mut stored: &[u8], place: &mut [u8]) -> io::Result<usize> {
    let mut at = 0;
    while !stored.is_empty() {
        let ends = || io::Error::from(io::ErrorKind::UnexpectedEof);
        let (unpacked, rest) = stored.split_first_chunk::<4>().ok_or_else(ends)?;
        let (packed, rest) = rest.split_first_chunk::<4>().ok_or_else(ends)?;
        let size = |bytes: &[u8; 4]| u32::from_be_bytes(*bytes) as usize;
        let (block, rest) = rest.split_at_checked(size(packed)).ok_or_else(ends)?;
        let place = place.get_mut(at..at + size(unpacked)).ok_or_else(ends)?;
        if lz4(block, place)? != place.len() {
            return Err(ends());
        }
        at += place.len();
        stored = rest;
    }
    Ok(at)
}

#[cfg(test)]
mod tests {
    use super::*;
    use flate2::{Compression as Level, write::GzEncoder};
    use std::io::Write as _;

    #[test]
    fn a_stream_that_goes_on_is_cut_off_and_refused() {
        let mut packed = GzEncoder::new(Vec::new(), Level::fast());
        packed.write_all(&vec![0; 1 << 24]).unwrap();
        let packed = packed.finish().unwrap();
        let codec = Compression::GZIP(Default::default());
        let mut out = vec![1];
        let error = unpack(codec, &packed, 100, &mut out).unwrap().unwrap_err();
        assert!(error.to_string().contains("101 bytes instead of 100"), "{error}");
        assert!(out.capacity() < 1 << 16);
        out.truncate(1);
        unpack(codec, &packed, 1 << 24, &mut out).unwrap().unwrap();
        assert_eq!(out.len(), 1 + (1 << 24));
    }

    #[test]
    fn hadoops_blocks_are_told_from_a_bare_one() {
        // A literal of three bytes, as LZ4's block format has it.
        let block = [0x30, b'a', b'b', b'c'];
        let framed = [&[0, 0, 0, 3, 0, 0, 0, 4][..], &block].concat();
        for (stored, text) in [(&[&*framed, &*framed].concat(), "abcabc"), (&block.to_vec(), "abc")]
        {
            let mut out = Vec::new();
            unpack(Compression::LZ4, stored, text.len(), &mut out).unwrap().unwrap();
            assert_eq!(out, text.as_bytes());
        }
        assert!(unpack(Compression::LZO, &block, 3, &mut Vec::new()).is_none());
    }
}
