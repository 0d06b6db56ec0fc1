//! Numbers in Rice's code.

use crate::codecs::flac::{
    bits::Bits,
    sum::{Sum, steps},
};

/// Takes numbers in Rice's code: the upper part as so many zeros, a one, and the lower bits; of both signs in
/// turn.
///
/// - `width`: the number of lower bits
/// - `sum`: what is computed beside
pub(super) fn rice(bits: &mut Bits<'_>, width: u32, out: &mut [i32], sum: Option<&mut Sum>) {
    let mut word = Word::of(*bits);
    let done = sum.map_or(0, |sum| beside(sum, &mut word, width, out));
    for out in &mut out[done..] {
        *out = word.next(width);
    }
    *bits = word.bits;
}

/// Takes numbers, eight of them with each round of the sum, as long as there is work, and returns how many.
fn beside(sum: &mut Sum, from: &mut Word<'_>, width: u32, out: &mut [i32]) -> usize {
    let mut word = *from;
    let mut done = 0;
    for eight in out.as_chunks_mut::<8>().0 {
        let Some(round) = sum.begin() else { break };
        macro_rules! round {
            ($round:literal) => {{
                let mut mixed = sum.working;
                round!($round: 0 1 2 3 4 5 6 7; mixed);
                sum.end::<$round>(mixed);
            }};
            ($round:literal: $($part:literal)*; $mixed:ident) => {
                $(
                    eight[$part] = word.next(width);
                    $mixed = steps::<$round, { 2 * $part }, { 2 * $part + 1 }>($mixed, &sum.block);
                )*
            };
        }
        match round {
            0 => round!(0),
            1 => round!(1),
            2 => round!(2),
            _ => round!(3),
        }
        done += 8;
    }
    *from = word;
    done
}

const WORD_BITS: u32 = 57;

/// Bits that serve several numbers, so that none waits for memory.
#[derive(Clone, Copy)]
struct Word<'a> {
    bits: Bits<'a>,
    word: u64,
    left: u32,
}

impl<'a> Word<'a> {
    fn of(bits: Bits<'a>) -> Word<'a> {
        Word { bits, word: bits.peek(), left: WORD_BITS }
    }

    #[inline(always)]
    fn next(&mut self, width: u32) -> i32 {
        let mut zeros = self.word.leading_zeros();
        let mut length = zeros + 1 + width;
        if length > self.left {
            (self.word, self.left) = (self.bits.peek(), WORD_BITS);
            zeros = self.word.leading_zeros();
            length = zeros + 1 + width;
            if length > self.left {
                let upper = self.bits.zeros();
                let number = folded((upper << width) | self.bits.number(width));
                (self.word, self.left) = (self.bits.peek(), WORD_BITS);
                return number;
            }
        }
        // Shifted in two steps, as one of 64 would be none.
        let rest = self.word << zeros << 1;
        let number = folded((zeros << width) | (rest >> 1 >> (63 - width)) as u32);
        self.word = rest << width;
        self.left -= length;
        self.bits.skip(length);
        number
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
    use md5::{Digest, Md5};
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
        let work: Vec<u8> = (0..333).map(|_| random.u8(..)).collect();
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
            rice(&mut reader, parameter, &mut found, None);
            assert_eq!(found, numbers, "{parameter}");
            assert_eq!(reader.byte(), bytes.len());
            assert!(!reader.is_over());
            reader.number(9);
            assert!(reader.is_over());
            // With work beside them, they are the same, and so is the work.
            let mut sum = Sum::new();
            sum.take(work.len(), |place| place.copy_from_slice(&work));
            let (mut reader, mut again) = (Bits::new(&bytes), vec![0; numbers.len()]);
            reader.number(3);
            rice(&mut reader, parameter, &mut again, Some(&mut sum));
            assert_eq!(again, numbers, "{parameter}");
            assert_eq!(reader.byte(), bytes.len());
            assert_eq!(sum.finish()[..], Md5::digest(&work)[..]);
        }
    }
}
