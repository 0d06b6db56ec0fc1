//! Bits of a stream, the highest of a byte first, and the numbers in them.

use crate::{Error, Media, codecs::damaged, window::Window};

/// A reader of bits.
pub(super) struct Bits {
    window: Window,
    /// The byte that is taken next.
    at: u64,
    /// Bits that were taken and not used, at the upper end.
    held: u64,
    num_held: u32,
}

impl Bits {
    pub(super) fn new(media: Media) -> Result<Bits, Error> {
        Ok(Bits { window: Window::over(media, Vec::new())?, at: 0, held: 0, num_held: 0 })
    }

    /// Returns whether all bits were taken.
    pub(super) fn are_over(&self) -> bool {
        self.num_held == 0 && self.at >= self.window.len()
    }

    /// Takes bytes until there are enough bits for any number, or the end.
    #[inline]
    fn fill(&mut self) -> Result<(), Error> {
        if self.num_held <= 32 {
            let bytes = self.window.bytes(self.at, 8)?;
            let taken = bytes.len().min((64 - self.num_held as usize) / 8);
            for &byte in &bytes[..taken] {
                self.held |= u64::from(byte) << (56 - self.num_held);
                self.num_held += 8;
            }
            self.at += taken as u64;
        }
        Ok(())
    }

    /// Takes a number of at most 32 bits.
    pub(super) fn number(&mut self, bits: u32) -> Result<u64, Error> {
        self.fill()?;
        if bits == 0 {
            return Ok(0);
        }
        if self.num_held < bits {
            self.num_held = 0;
            return Err(damaged("the stream ends within a block"));
        }
        let number = self.held >> (64 - bits);
        self.held <<= bits;
        self.num_held -= bits;
        Ok(number)
    }

    /// Takes a number from 0 in Rice's code: as many zeros as its upper part says, a one, and its lower
    /// `bits` bits.
    pub(super) fn unsigned(&mut self, bits: u32) -> Result<u64, Error> {
        let mut upper = 0_u64;
        loop {
            self.fill()?;
            let zeros = self.held.leading_zeros().min(self.num_held);
            upper += u64::from(zeros);
            if zeros < self.num_held {
                self.held = (self.held << zeros) << 1;
                self.num_held -= zeros + 1;
                break;
            }
            if self.num_held == 0 {
                return Err(damaged("the stream ends within a block"));
            }
            (self.held, self.num_held) = (0, 0);
        }
        Ok(upper << bits | self.number(bits)?)
    }

    /// Takes a number of either sign: the lowest bit says which.
    #[inline]
    pub(super) fn signed(&mut self, bits: u32) -> Result<i64, Error> {
        let number = self.unsigned(bits + 1)?;
        let half = (number >> 1) as i64;
        Ok(if number & 1 == 1 { !half } else { half })
    }

    /// Takes a number from 0 whose number of lower bits comes first.
    pub(super) fn sized(&mut self) -> Result<u64, Error> {
        match self.unsigned(2)? {
            bits @ 0..=31 => self.unsigned(bits as u32),
            _ => Err(damaged("a number has more than 31 bits")),
        }
    }
}

/// The error of a stream that no program makes.
pub(super) fn damaged(why: &str) -> Error {
    damaged::damaged("shorten", why)
}
