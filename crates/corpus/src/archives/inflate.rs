//! What gzip has compressed, inflated within a bound.

use std::io::{self, BufRead, Read};

use flate2::bufread::MultiGzDecoder;

use super::tar::Forward;

/// How a file in gzip's format begins.
pub(crate) const GZIP: &[u8] = b"\x1f\x8b";

/// Inflates, up to 200 times what there is and 16 MiB: manifests shrink to a tenth or a thirtieth, and
/// speech to a half. A thousandth is a bomb.
pub(crate) struct Inflated<R> {
    input: MultiGzDecoder<R>,
    left: u64,
}

impl<R: BufRead> Inflated<R> {
    /// - `bytes`: how many compressed ones there are
    pub(crate) fn new(input: R, bytes: u64) -> Inflated<R> {
        let left = bytes.saturating_mul(200).saturating_add(16 << 20);
        Inflated { input: MultiGzDecoder::new(input), left }
    }
}

impl<R: BufRead> Read for Inflated<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let read = self.input.read(buffer)?;
        self.left = self.left.checked_sub(read as u64).ok_or_else(|| {
            io::Error::other("it inflates to more than 200 times its size, as only a bomb does")
        })?;
        Ok(read)
    }
}

impl<R: BufRead> Forward for Inflated<R> {
    fn skip(&mut self, bytes: u64) -> io::Result<u64> {
        io::copy(&mut self.take(bytes), &mut io::sink())
    }
}
