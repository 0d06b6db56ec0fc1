//! Bits of a frame, the highest of a byte first.

/// The bits of some bytes, from a place on. What is behind the end reads as zeros: whoever is done asks
/// [`Bits::is_over`].
#[derive(Debug, Clone, Copy)]
pub(super) struct Bits<'a> {
    bytes: &'a [u8],
    at: usize,
}

impl<'a> Bits<'a> {
    pub(super) fn new(bytes: &'a [u8]) -> Bits<'a> {
        Bits { bytes, at: 0 }
    }

    /// The byte that the next bit is in, or the number of bytes there are.
    pub(super) fn byte(&self) -> usize {
        self.at.div_ceil(8)
    }

    /// Returns whether more was read than there is.
    pub(super) fn is_over(&self) -> bool {
        self.at > self.bytes.len() * 8
    }

    /// The next 57 bits at least, at the upper end.
    #[inline(always)]
    pub(super) fn peek(&self) -> u64 {
        let byte = self.at / 8;
        let word = match self.bytes.get(byte..byte + 8) {
            Some(&[a, b, c, d, e, f, g, h]) => u64::from_be_bytes([a, b, c, d, e, f, g, h]),
            _ => self.last_word(byte),
        };
        word << (self.at % 8)
    }

    #[cold]
    fn last_word(&self, byte: usize) -> u64 {
        let mut word = [0; 8];
        let rest = self.bytes.get(byte..).unwrap_or_default();
        word[..rest.len().min(8)].copy_from_slice(&rest[..rest.len().min(8)]);
        u64::from_be_bytes(word)
    }

    /// Passes over bits that [`Bits::peek`] showed.
    #[inline(always)]
    pub(super) fn skip(&mut self, bits: u32) {
        self.at += bits as usize;
    }

    /// Takes a number of at most 32 bits.
    #[inline]
    pub(super) fn number(&mut self, bits: u32) -> u32 {
        if bits == 0 {
            return 0;
        }
        let number = self.peek() >> (64 - bits);
        self.at += bits as usize;
        number as u32
    }

    /// Takes a number of either sign, of at most 33 bits.
    #[inline]
    pub(super) fn signed(&mut self, bits: u32) -> i64 {
        if bits == 0 {
            return 0;
        }
        let number = self.peek() as i64 >> (64 - bits);
        self.at += bits as usize;
        number
    }

    /// Takes zeros up to a one, and returns how many.
    #[inline]
    pub(super) fn zeros(&mut self) -> u32 {
        let mut zeros = 0;
        loop {
            let found = self.peek().leading_zeros();
            if found < 57 {
                self.at += found as usize + 1;
                return zeros + found;
            }
            zeros += 56;
            self.at += 56;
            if self.is_over() {
                return zeros;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn signs_are_kept() {
        let mut bits = Bits::new(&[0b1011_0100, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF]);
        assert_eq!([bits.signed(3), bits.signed(0), bits.signed(5)], [-3, 0, -12]);
        assert_eq!(bits.signed(33), -1);
    }
}
