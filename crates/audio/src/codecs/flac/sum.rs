//! The MD5 of a stream's samples, computed in steps.
//!
//! Most steps of MD5 wait for the one before, and so do those of decoding; a processor that has both before it
//! does them in the time of one. A crate's MD5 takes all bytes at once, and then nothing runs beside it.
//!
//! Source: R. Rivest, *The MD5 Message-Digest Algorithm*, RFC 1321 (1992).

const BLOCK_BYTES: usize = 64;

/// A sum, and bytes that are still to go into it.
#[derive(Debug, Clone)]
pub(super) struct Sum {
    /// Of all blocks that are done.
    state: [u32; 4],
    /// Of the block in work, after so many rounds of four.
    pub(super) working: [u32; 4],
    next_round: usize,
    pub(super) block: [u32; BLOCK_BYTES / 4],
    /// Bytes, of which those up to `end` count, and those before `at` are done or in work.
    bytes: Vec<u8>,
    at: usize,
    end: usize,
    total_bytes: u64,
}

impl Sum {
    pub(super) fn new() -> Sum {
        let state = [0x6745_2301, 0xEFCD_AB89, 0x98BA_DCFE, 0x1032_5476];
        Sum {
            state,
            working: state,
            next_round: 0,
            block: [0; 16],
            bytes: Vec::new(),
            at: 0,
            end: 0,
            total_bytes: 0,
        }
    }

    /// Does all steps that are left, and then takes so many bytes, which the caller writes.
    pub(super) fn take(&mut self, count: usize, write: impl FnOnce(&mut [u8])) {
        while self.round() {}
        self.bytes.copy_within(self.at..self.end, 0);
        let before = self.end - self.at;
        (self.at, self.end) = (0, before + count);
        if self.bytes.len() < self.end {
            self.bytes.resize(self.end, 0);
        }
        write(&mut self.bytes[before..self.end]);
        self.total_bytes += count as u64;
    }

    /// Does a round, a quarter of a block; false where there is no whole block.
    fn round(&mut self) -> bool {
        macro_rules! round {
            ($round:literal) => {{
                let mut mixed = self.working;
                round!($round: 0 2 4 6 8 10 12 14; mixed);
                self.end::<$round>(mixed);
            }};
            ($round:literal: $($step:literal)*; $mixed:ident) => {
                $($mixed = steps::<$round, $step, { $step + 1 }>($mixed, &self.block);)*
            };
        }
        match self.begin() {
            Some(0) => round!(0),
            Some(1) => round!(1),
            Some(2) => round!(2),
            Some(_) => round!(3),
            None => return false,
        }
        true
    }

    /// Returns the round that is next, of a new block if the last is done; none where there is no whole block.
    #[inline(always)]
    pub(super) fn begin(&mut self) -> Option<usize> {
        if self.next_round == 0 {
            let block = self.bytes[..self.end].get(self.at..)?.first_chunk::<BLOCK_BYTES>()?;
            for (word, &bytes) in self.block.iter_mut().zip(block.as_chunks().0) {
                *word = u32::from_le_bytes(bytes);
            }
            self.at += BLOCK_BYTES;
            self.working = self.state;
        }
        Some(self.next_round)
    }

    /// Ends a round, which has made this of [`Sum::working`].
    #[inline(always)]
    pub(super) fn end<const ROUND: usize>(&mut self, mixed: [u32; 4]) {
        self.working = mixed;
        self.next_round = (ROUND + 1) % 4;
        if ROUND == 3 {
            for (state, mixed) in self.state.iter_mut().zip(mixed) {
                *state = state.wrapping_add(mixed);
            }
        }
    }

    /// Returns the sum of all bytes.
    pub(super) fn finish(mut self) -> [u8; 16] {
        let bits = self.total_bytes.wrapping_mul(8);
        let padded = (self.total_bytes + 9).next_multiple_of(BLOCK_BYTES as u64);
        self.take((padded - self.total_bytes) as usize, |bytes| {
            bytes.fill(0);
            bytes[0] = 0x80;
            if let Some(place) = bytes.last_chunk_mut() {
                *place = bits.to_le_bytes();
            }
        });
        while self.round() {}
        let mut sum = [0; 16];
        for (place, word) in sum.as_chunks_mut().0.iter_mut().zip(self.state) {
            *place = word.to_le_bytes();
        }
        sum
    }
}

/// Two steps of a round.
#[inline(always)]
pub(super) fn steps<const ROUND: usize, const FIRST: usize, const SECOND: usize>(
    words: [u32; 4],
    block: &[u32; 16],
) -> [u32; 4] {
    step::<ROUND, SECOND>(step::<ROUND, FIRST>(words, block), block)
}

/// A step: three of four words and a word of the block are mixed into the fourth.
#[inline(always)]
fn step<const ROUND: usize, const STEP: usize>(
    [a, b, c, d]: [u32; 4],
    block: &[u32; 16],
) -> [u32; 4] {
    let (mixed, word) = match ROUND {
        0 => ((b & c) | (!b & d), STEP),
        // The two parts have no bit in common, so that their sum is their union.
        1 => ((c & !d).wrapping_add(b & d), (5 * STEP + 1) % 16),
        2 => (b ^ c ^ d, (3 * STEP + 5) % 16),
        _ => (c ^ (b | !d), 7 * STEP % 16),
    };
    // What does not wait for the step before is added first.
    let known = a.wrapping_add(block[word]).wrapping_add(CONSTANTS[ROUND][STEP]);
    let sum = known.wrapping_add(mixed).rotate_left(SHIFTS[ROUND][STEP % 4]).wrapping_add(b);
    [d, sum, b, c]
}

const SHIFTS: [[u32; 4]; 4] = [[7, 12, 17, 22], [5, 9, 14, 20], [4, 11, 16, 23], [6, 10, 15, 21]];

#[rustfmt::skip]
const CONSTANTS: [[u32; 16]; 4] = [
    [
        0xD76A_A478, 0xE8C7_B756, 0x2420_70DB, 0xC1BD_CEEE, 0xF57C_0FAF, 0x4787_C62A, 0xA830_4613, 0xFD46_9501,
        0x6980_98D8, 0x8B44_F7AF, 0xFFFF_5BB1, 0x895C_D7BE, 0x6B90_1122, 0xFD98_7193, 0xA679_438E, 0x49B4_0821,
    ],
    [
        0xF61E_2562, 0xC040_B340, 0x265E_5A51, 0xE9B6_C7AA, 0xD62F_105D, 0x0244_1453, 0xD8A1_E681, 0xE7D3_FBC8,
        0x21E1_CDE6, 0xC337_07D6, 0xF4D5_0D87, 0x455A_14ED, 0xA9E3_E905, 0xFCEF_A3F8, 0x676F_02D9, 0x8D2A_4C8A,
    ],
    [
        0xFFFA_3942, 0x8771_F681, 0x6D9D_6122, 0xFDE5_380C, 0xA4BE_EA44, 0x4BDE_CFA9, 0xF6BB_4B60, 0xBEBF_BC70,
        0x289B_7EC6, 0xEAA1_27FA, 0xD4EF_3085, 0x0488_1D05, 0xD9D4_D039, 0xE6DB_99E5, 0x1FA2_7CF8, 0xC4AC_5665,
    ],
    [
        0xF429_2244, 0x432A_FF97, 0xAB94_23A7, 0xFC93_A039, 0x655B_59C3, 0x8F0C_CC92, 0xFFEF_F47D, 0x8584_5DD1,
        0x6FA8_7E4F, 0xFE2C_E6E0, 0xA301_4314, 0x4E08_11A1, 0xF753_7E82, 0xBD3A_F235, 0x2AD7_D2BB, 0xEB86_D391,
    ],
];

#[cfg(test)]
mod tests {
    use super::*;
    use md5::{Digest, Md5};
    use ossicle_testing::Random;

    #[test]
    fn sums_are_those_of_the_crate_however_bytes_come() {
        let mut random = Random::with_seed(11);
        for length in (0..200).chain([1000, 4096, 12_345]) {
            let bytes: Vec<u8> = (0..length).map(|_| random.u8(..)).collect();
            let mut sum = Sum::new();
            let mut rest = &bytes[..];
            while !rest.is_empty() {
                let (some, behind) = rest.split_at(random.usize(1..=rest.len()));
                sum.take(some.len(), |place| place.copy_from_slice(some));
                // Some of the steps are done in time, and some are not.
                for _ in 0..random.usize(0..9) {
                    sum.round();
                }
                rest = behind;
            }
            assert_eq!(sum.finish()[..], Md5::digest(&bytes)[..], "{length}");
        }
    }
}
