//! A frame: its header, and the samples of every channel.

use crate::{
    Error,
    codecs::flac::{
        bits::Bits,
        checksums::{crc8, crc16},
        error::flac,
        metadata::StreamInfo,
        predict,
        rice::rice,
        sum::Sum,
    },
    window::Window,
};

/// The most bytes of a header: two of a mark, two of codes, seven of a number, four of what codes leave
/// out, and a checksum.
pub(super) const MOST_HEADER_BYTES: usize = 16;

/// A frame's header.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Header {
    /// The number of the frame, or of its first sample.
    number: u64,
    is_of_samples: bool,
    /// The samples of a channel.
    length: u32,
    assignment: Assignment,
    bytes: usize,
}

/// What the channels of a frame are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Assignment {
    Independent,
    LeftAndDifference,
    DifferenceAndRight,
    MeanAndDifference,
}

impl Header {
    /// The first sample of a channel that the frame has.
    pub(super) fn first_sample(&self, stream: &StreamInfo) -> u64 {
        match self.is_of_samples {
            true => self.number,
            false => self.number.saturating_mul(stream.block.into()),
        }
    }

    pub(super) fn length(&self) -> u32 {
        self.length
    }
}

/// Reads a frame's header; none where these bytes are no header of this stream.
pub(super) fn header(bytes: &[u8], stream: &StreamInfo) -> Option<Header> {
    let &[0xFF, second @ (0xF8 | 0xF9), codes, more, ..] = bytes else { return None };
    let mut at = 4;
    let (number, after) = coded_number(bytes, at)?;
    at = after;
    let mut further = |count: usize| {
        let taken = bytes.get(at..at + count)?;
        at += count;
        Some(taken.iter().fold(0_u32, |number, &byte| number << 8 | u32::from(byte)))
    };
    let length = match codes >> 4 {
        0 => return None,
        1 => 192,
        code @ 2..=5 => 576 << (code - 2),
        6 => further(1)? + 1,
        7 => further(2)? + 1,
        code => 256 << (code - 8),
    };
    let rate = match codes & 15 {
        0 => stream.sample_rate_hz,
        code @ 1..=11 => RATES[usize::from(code) - 1],
        12 => further(1)? * 1000,
        13 => further(2)?,
        14 => further(2)? * 10,
        _ => return None,
    };
    let (channels, assignment) = match more >> 4 {
        code @ 0..=7 => (u16::from(code) + 1, Assignment::Independent),
        8 => (2, Assignment::LeftAndDifference),
        9 => (2, Assignment::DifferenceAndRight),
        10 => (2, Assignment::MeanAndDifference),
        _ => return None,
    };
    let bits = match (more >> 1) & 7 {
        0 => stream.bits,
        1 => 8,
        2 => 12,
        4 => 16,
        5 => 20,
        6 => 24,
        7 => 32,
        _ => return None,
    };
    let is_of_stream =
        rate == stream.sample_rate_hz && channels == stream.channels && bits == stream.bits;
    let is_whole = *bytes.get(at)? == crc8(&bytes[..at]);
    let is_of_samples = second == 0xF9;
    // A frame's own number means nothing where frames have no one length.
    let has_place = is_of_samples || stream.block > 0;
    (is_of_stream && is_whole && has_place && more & 1 == 0).then_some(Header {
        number,
        is_of_samples,
        length,
        assignment,
        bytes: at + 1,
    })
}

/// The sample rates that have a code.
const RATES: [u32; 11] =
    [88_200, 176_400, 192_000, 8000, 16_000, 22_050, 24_000, 32_000, 44_100, 48_000, 96_000];

/// Reads a number as UTF-8 writes characters, but of up to 36 bits. Returns where it ends, too.
fn coded_number(bytes: &[u8], at: usize) -> Option<(u64, usize)> {
    let first = *bytes.get(at)?;
    let ones = first.leading_ones() as usize;
    let (mut number, more) = match ones {
        0 => (u64::from(first), 0),
        2..=7 => (u64::from(first) & ((1 << (7 - ones)) - 1), ones - 1),
        _ => return None,
    };
    for &byte in bytes.get(at + 1..at + 1 + more)? {
        if byte >> 6 != 0b10 {
            return None;
        }
        number = number << 6 | u64::from(byte & 0x3F);
    }
    Some((number, at + 1 + more))
}

/// The samples of a frame.
#[derive(Debug, Default)]
pub(super) struct Frame {
    /// Those of one channel after the other.
    samples: Vec<i32>,
    length: usize,
}

impl Frame {
    pub(super) fn len(&self) -> usize {
        self.length
    }

    pub(super) fn clear(&mut self) {
        self.length = 0;
    }

    pub(super) fn channel(&self, channel: usize) -> &[i32] {
        &self.samples[channel * self.length..][..self.length]
    }

    /// Writes the samples as the MD5 is of them: the channels alternating, little-endian, in whole bytes.
    ///
    /// - `each`: the bytes of a sample
    pub(super) fn store(&self, each: usize, bytes: &mut [u8]) {
        if self.length == 0 {
            return;
        }
        let channels = self.samples.len() / self.length;
        for channel in 0..channels {
            let samples = self.channel(channel).iter();
            // The common sizes apart, so that they become code without a loop over bytes.
            match each {
                2 if channels == 1 => {
                    for (place, &sample) in bytes.as_chunks_mut().0.iter_mut().zip(samples) {
                        *place = (sample as i16).to_le_bytes();
                    }
                }
                2 => {
                    let places = bytes.as_chunks_mut::<2>().0[channel..].iter_mut();
                    for (place, &sample) in places.step_by(channels).zip(samples) {
                        *place = (sample as i16).to_le_bytes();
                    }
                }
                3 => {
                    let places = bytes.as_chunks_mut::<3>().0[channel..].iter_mut();
                    for (place, &sample) in places.step_by(channels).zip(samples) {
                        let [a, b, c, _] = sample.to_le_bytes();
                        *place = [a, b, c];
                    }
                }
                _ => {
                    let places = bytes[channel * each..].chunks_mut(each).step_by(channels);
                    for (place, &sample) in places.zip(samples) {
                        place.copy_from_slice(&sample.to_le_bytes()[..each]);
                    }
                }
            }
        }
    }
}

/// Decodes the frame that begins at `at`, and returns its bytes; none where the file ends within it.
pub(super) fn decode(
    window: &mut Window,
    at: u64,
    header: &Header,
    stream: &StreamInfo,
    frame: &mut Frame,
    mut sum: Option<&mut Sum>,
) -> Result<Option<u64>, Error> {
    // What takes more than stored samples do is possible, but no encoder leaves it so.
    let stored = u64::from(header.length) * u64::from(stream.channels);
    let mut wanted = (stored * u64::from(stream.bits + 1)).div_ceil(8) as usize + 1024;
    loop {
        let there = window.len().saturating_sub(at);
        let bytes = window.bytes(at, wanted)?;
        let mut bits = Bits::new(&bytes[header.bytes..]);
        let made = subframes(&mut bits, header, stream, frame, sum.as_deref_mut());
        let end = header.bytes + bits.byte() + 2;
        if made.is_some() && !bits.is_over() && end <= bytes.len() {
            let (frame_bytes, sum) = bytes[..end].split_at(end - 2);
            if sum != crc16(frame_bytes).to_be_bytes() {
                return Err(flac("a frame is not what its checksum is of"));
            }
            undo(header.assignment, frame);
            return Ok(Some(end as u64));
        }
        if !bits.is_over() && end <= bytes.len() {
            return Err(flac("a frame is coded as no encoder codes one"));
        }
        if bytes.len() as u64 >= there {
            return Ok(None);
        }
        wanted = bytes.len() * 2;
    }
}

/// Decodes all channels of a frame; none where they are coded as cannot be.
fn subframes(
    bits: &mut Bits<'_>,
    header: &Header,
    stream: &StreamInfo,
    frame: &mut Frame,
    mut sum: Option<&mut Sum>,
) -> Option<()> {
    let (length, channels) = (header.length as usize, usize::from(stream.channels));
    frame.length = length;
    frame.samples.resize(length * channels, 0);
    for (channel, samples) in frame.samples.chunks_exact_mut(length).enumerate() {
        let is_difference = match header.assignment {
            Assignment::Independent => false,
            Assignment::DifferenceAndRight => channel == 0,
            Assignment::LeftAndDifference | Assignment::MeanAndDifference => channel == 1,
        };
        let width = stream.bits + u32::from(is_difference);
        // A difference of samples of 32 bits has 33, which nobody writes.
        if width > 32 {
            return None;
        }
        subframe(bits, width, samples, sum.as_deref_mut())?;
        if bits.is_over() {
            return Some(());
        }
    }
    Some(())
}

/// Decodes a channel of a frame.
fn subframe(
    bits: &mut Bits<'_>,
    width: u32,
    samples: &mut [i32],
    sum: Option<&mut Sum>,
) -> Option<()> {
    let code = bits.number(8);
    if code & 0x80 != 0 {
        return None;
    }
    let wasted = if code & 1 != 0 { bits.zeros() + 1 } else { 0 };
    let width = width.checked_sub(wasted).filter(|&width| width > 0)?;
    match code >> 1 {
        0 => samples.fill(bits.signed(width) as i32),
        1 => samples.fill_with(|| bits.signed(width) as i32),
        kind @ 8..=12 => {
            let order = kind as usize - 8;
            warm_up(bits, order, width, samples)?;
            differences(bits, order, samples, sum)?;
            predict::fixed(order, samples);
        }
        kind @ 32..=63 => {
            let order = kind as usize - 31;
            warm_up(bits, order, width, samples)?;
            let precision = bits.number(4) + 1;
            let shift = bits.signed(5);
            if precision == 16 || shift < 0 {
                return None;
            }
            let mut coefficients = [0; predict::MOST_ORDER];
            for coefficient in &mut coefficients[..order] {
                *coefficient = bits.signed(precision) as i32;
            }
            differences(bits, order, samples, sum)?;
            predict::linear(&coefficients[..order], shift as u32, width, samples);
        }
        _ => return None,
    }
    if wasted > 0 {
        samples.iter_mut().for_each(|sample| *sample <<= wasted);
    }
    Some(())
}

/// Reads the samples that a prediction begins with.
fn warm_up(bits: &mut Bits<'_>, order: usize, width: u32, samples: &mut [i32]) -> Option<()> {
    for sample in samples.get_mut(..order)? {
        *sample = bits.signed(width) as i32;
    }
    Some(())
}

/// Reads the differences of a channel, partition by partition.
fn differences(
    bits: &mut Bits<'_>,
    order: usize,
    samples: &mut [i32],
    mut sum: Option<&mut Sum>,
) -> Option<()> {
    let parameter_bits = match bits.number(2) {
        0 => 4,
        1 => 5,
        _ => return None,
    };
    let partitions = 1_usize << bits.number(4);
    if !samples.len().is_multiple_of(partitions) || samples.len() / partitions < order {
        return None;
    }
    let each = samples.len() / partitions;
    let escape = (1 << parameter_bits) - 1;
    for (number, partition) in samples.chunks_exact_mut(each).enumerate() {
        let partition = if number == 0 { &mut partition[order..] } else { partition };
        match bits.number(parameter_bits) {
            parameter if parameter == escape => {
                let width = bits.number(5);
                partition.fill_with(|| bits.signed(width) as i32);
            }
            parameter => rice(bits, parameter, partition, sum.as_deref_mut()),
        }
        if bits.is_over() {
            return Some(());
        }
    }
    Some(())
}

/// Makes left and right of what two channels were coded as.
fn undo(assignment: Assignment, frame: &mut Frame) {
    if assignment == Assignment::Independent {
        return;
    }
    let (first, second) = frame.samples.split_at_mut(frame.length);
    for (first, second) in first.iter_mut().zip(second) {
        let (a, b) = (*first, *second);
        (*first, *second) = match assignment {
            Assignment::Independent => (a, b),
            Assignment::LeftAndDifference => (a, a.wrapping_sub(b)),
            Assignment::DifferenceAndRight => (a.wrapping_add(b), b),
            Assignment::MeanAndDifference => {
                // The mean's lost bit is the difference's.
                let twice = a.wrapping_mul(2) | (b & 1);
                (twice.wrapping_add(b) >> 1, twice.wrapping_sub(b) >> 1)
            }
        };
    }
}
