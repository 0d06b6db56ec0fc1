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

    /// Whether more was read than there is.
    pub(super) fn is_over(&self) -> bool {
        self.at > self.bytes.len() * 8
    }

    /// The next 57 bits at least, at the upper end.
    #[inline(always)]
    fn peek(&self) -> u64 {
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

    /// Takes numbers in Rice's code: the upper part as so many zeros, a one, and the lower `bits` bits; of
    /// both signs in turn.
    #[inline]
    pub(super) fn rice(&mut self, bits: u32, out: &mut [i32]) {
        // A word serves several numbers, so that none waits for memory.
        let (mut word, mut left) = (self.peek(), 57);
        for out in out {
            let mut zeros = word.leading_zeros();
            let mut length = zeros + 1 + bits;
            if length > left {
                (word, left) = (self.peek(), 57);
                zeros = word.leading_zeros();
                length = zeros + 1 + bits;
                if length > left {
                    let upper = self.zeros();
                    *out = folded((upper << bits) | self.number(bits));
                    (word, left) = (self.peek(), 57);
                    continue;
                }
            }
            // Shifted in two steps, as one of 64 would be none.
            let rest = word << zeros << 1;
            *out = folded((zeros << bits) | (rest >> 1 >> (63 - bits)) as u32);
            word = rest << bits;
            left -= length;
            self.at += length as usize;
        }
    }
}

/// Numbers of both signs in turn: 0, -1, 1, -2, …
#[inline(always)]
fn folded(number: u32) -> i32 {
    (number >> 1) as i32 ^ -((number & 1) as i32)
}

#[cfg(test)]
mod tests {
    use super::*;
    use ossicle_testing::Random;

    /// Bits, written one by one.
    fn packed(bits: &[bool]) -> Vec<u8> {
        let byte = |bits: &[bool]| {
            bits.iter().enumerate().fold(0, |byte, (n, &bit)| byte | u8::from(bit) << (7 - n))
        };
        bits.chunks(8).map(byte).collect()
    }

    #[test]
    fn numbers_of_every_code_come_back() {
        let mut random = Random::with_seed(5);
        for parameter in 0..=30 {
            let numbers: Vec<i32> = (0..200)
                .map(|n| match n {
                    // A long run of zeros, where the lower bits let it be written.
                    0 => 70 << parameter.min(20),
                    _ => random.i32(-(3 << parameter.min(27))..3 << parameter.min(27)),
                })
                .collect();
            let mut bits = vec![true, false, true];
            for &number in &numbers {
                let folded = ((number << 1) ^ (number >> 31)) as u32;
                bits.extend(vec![false; (folded >> parameter) as usize]);
                bits.push(true);
                bits.extend((0..parameter).rev().map(|bit| folded >> bit & 1 == 1));
            }
            let bytes = packed(&bits);
            let mut reader = Bits::new(&bytes);
            assert_eq!(reader.number(3), 0b101);
            let mut found = vec![0; numbers.len()];
            reader.rice(parameter, &mut found);
            assert_eq!(found, numbers, "{parameter}");
            assert_eq!(reader.byte(), bytes.len());
            assert!(!reader.is_over());
            reader.number(9);
            assert!(reader.is_over());
        }
    }

    #[test]
    fn signs_are_kept() {
        let mut bits = Bits::new(&[0b1011_0100, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF]);
        assert_eq!([bits.signed(3), bits.signed(0), bits.signed(5)], [-3, 0, -12]);
        assert_eq!(bits.signed(33), -1);
    }
}
