//! Frames of every form, written from the RFC, against symphonia's decoder and the samples themselves.

use md5::{Digest, Md5};
use ossicle_testing::Random;
use symphonia::{
    core::{
        codecs::audio::{AudioDecoder, AudioDecoderOptions},
        formats::{FormatOptions, FormatReader},
        io::{MediaSourceStream, MediaSourceStreamOptions},
    },
    default::{codecs::FlacDecoder, formats::FlacReader},
};

use super::checksums::{crc8, crc16};
use crate::{Channel, Media, OpenOptions, Recording};

/// A writer of bits, the highest of a byte first.
#[derive(Default)]
struct Writer {
    bytes: Vec<u8>,
    bits: u32,
}

impl Writer {
    fn number(&mut self, number: i64, bits: u32) {
        for bit in (0..bits).rev() {
            if self.bits.is_multiple_of(8) {
                self.bytes.push(0);
            }
            let last = self.bytes.len() - 1;
            self.bytes[last] |= ((number >> bit & 1) as u8) << (7 - self.bits % 8);
            self.bits += 1;
        }
    }

    fn unary(&mut self, zeros: u32) {
        (0..zeros).for_each(|_| self.number(0, 1));
        self.number(1, 1);
    }
}

/// Samples of every channel, and how they are written.
struct Made {
    bits: u32,
    rate: u32,
    channels: Vec<Vec<i32>>,
    /// The samples of each frame, and whether all have as many.
    lengths: Vec<usize>,
    is_of_samples: bool,
}

impl Made {
    fn file(&self, random: &mut Random) -> Vec<u8> {
        let total = self.channels[0].len();
        let mut md5 = Md5::new();
        for at in 0..total {
            for channel in &self.channels {
                md5.update(&channel[at].to_le_bytes()[..self.bits.div_ceil(8) as usize]);
            }
        }
        let mut info = Writer::default();
        let (smallest, largest) = match self.is_of_samples {
            true => (16, 4096),
            false => (self.lengths[0], self.lengths[0]),
        };
        info.number(smallest as i64, 16);
        info.number(largest as i64, 16);
        info.number(0, 48);
        info.number(self.rate.into(), 20);
        info.number(self.channels.len() as i64 - 1, 3);
        info.number(i64::from(self.bits) - 1, 5);
        info.number(total as i64, 36);
        let mut file = b"fLaC\x04\0\0\x05hello\x80\0\0\x22".to_vec();
        // The block that says what samples are comes first.
        file.splice(4..13, []);
        file.extend(&info.bytes);
        file.extend(md5.finalize());
        let mut first = 0;
        for (number, &length) in self.lengths.iter().enumerate() {
            let number = if self.is_of_samples { first } else { number };
            file.extend(self.frame(number, first..first + length, random));
            first += length;
        }
        file
    }

    fn frame(&self, number: usize, range: std::ops::Range<usize>, random: &mut Random) -> Vec<u8> {
        let mut channels: Vec<Vec<i64>> = self
            .channels
            .iter()
            .map(|channel| channel[range.clone()].iter().map(|&s| s.into()).collect())
            .collect();
        let code = if channels.len() == 2 { random.i64(7..=10) } else { 0 };
        let code = if code == 7 || channels.len() != 2 { channels.len() as i64 - 1 } else { code };
        let mut widths = vec![self.bits; channels.len()];
        if code >= 8 {
            let (left, right) = (channels[0].clone(), channels[1].clone());
            let difference: Vec<i64> = left.iter().zip(&right).map(|(l, r)| l - r).collect();
            let mean = left.iter().zip(&right).map(|(l, r)| (l + r) >> 1).collect();
            match code {
                8 => (channels[1], widths[1]) = (difference, self.bits + 1),
                9 => (channels[0], widths[0]) = (difference, self.bits + 1),
                _ => {
                    (channels[0], channels[1], widths[1]) = (mean, difference, self.bits + 1);
                }
            }
        }
        let mut frame = Writer::default();
        frame.number(if self.is_of_samples { 0xFFF9 } else { 0xFFF8 }, 16);
        frame.number(7, 4);
        frame.number(0, 4);
        frame.number(code, 4);
        frame.number(0, 4);
        coded_number(&mut frame, number as u64);
        frame.number(range.len() as i64 - 1, 16);
        let sum = crc8(&frame.bytes);
        frame.number(sum.into(), 8);
        for (samples, width) in channels.iter().zip(widths) {
            subframe(&mut frame, samples, width, random);
        }
        frame.bits = frame.bits.next_multiple_of(8);
        let sum = crc16(&frame.bytes);
        frame.number(sum.into(), 16);
        frame.bytes
    }
}

/// A number as UTF-8 writes characters.
fn coded_number(frame: &mut Writer, number: u64) {
    let more = match number {
        0..0x80 => return frame.number(number as i64, 8),
        0x80..0x800 => 1,
        0x800..0x1_0000 => 2,
        0x1_0000..0x20_0000 => 3,
        _ => 4,
    };
    frame.number((0xFF << (7 - more) & 0xFF) | (number >> (6 * more)) as i64, 8);
    for part in (0..more).rev() {
        frame.number(0x80 | (number >> (6 * part) & 0x3F) as i64, 8);
    }
}

fn subframe(frame: &mut Writer, samples: &[i64], width: u32, random: &mut Random) {
    let wasted = samples.iter().map(|s| if *s == 0 { width } else { s.trailing_zeros() }).min();
    let wasted = wasted.unwrap_or(0).min(width - 1);
    let head = |frame: &mut Writer, kind: i64| {
        frame.number(kind << 1 | i64::from(wasted > 0), 8);
        if wasted > 0 {
            frame.unary(wasted - 1);
        }
    };
    let samples: Vec<i64> = samples.iter().map(|sample| sample >> wasted).collect();
    let width = width - wasted;
    if samples.iter().all(|sample| *sample == samples[0]) {
        head(frame, 0);
        return frame.number(samples[0], width);
    }
    match random.u8(..3) {
        0 => {
            head(frame, 1);
            samples.iter().for_each(|&sample| frame.number(sample, width));
        }
        1 => {
            let order = random.usize(..=4.min(samples.len() - 1));
            let polynomials = [&[][..], &[1], &[2, -1], &[3, -3, 1], &[4, -6, 4, -1]];
            head(frame, 8 + order as i64);
            samples[..order].iter().for_each(|&sample| frame.number(sample, width));
            differences(frame, &predicted(&samples, polynomials[order], 0), order, random);
        }
        _ => {
            let order = random.usize(1..=32.min(samples.len() - 1));
            let shift = random.u32(0..=9);
            let coefficients: Vec<i64> = (0..order)
                .map(|n| (random.i64(-40..40) >> (n / 4)) + if n == 0 { 1 << shift } else { 0 })
                .collect();
            head(frame, 31 + order as i64);
            samples[..order].iter().for_each(|&sample| frame.number(sample, width));
            frame.number(14, 4);
            frame.number(shift.into(), 5);
            coefficients.iter().for_each(|&coefficient| frame.number(coefficient, 15));
            differences(frame, &predicted(&samples, &coefficients, shift), order, random);
        }
    }
}

/// The differences from what is predicted, for all samples but the first few.
fn predicted(samples: &[i64], coefficients: &[i64], shift: u32) -> Vec<i64> {
    let difference = |end: usize| {
        let past = samples[..end].iter().rev().zip(coefficients);
        samples[end] - (past.map(|(sample, c)| sample * c).sum::<i64>() >> shift)
    };
    (coefficients.len()..samples.len()).map(difference).collect()
}

fn differences(frame: &mut Writer, differences: &[i64], order: usize, random: &mut Random) {
    let length = differences.len() + order;
    let mut partition_order = random.u32(0..=4);
    while !length.is_multiple_of(1 << partition_order) || length >> partition_order < order {
        partition_order -= 1;
    }
    let is_wide = random.bool();
    frame.number(is_wide.into(), 2);
    frame.number(partition_order.into(), 4);
    let mut rest = differences;
    for number in 0..1 << partition_order {
        let each = (length >> partition_order) - if number == 0 { order } else { 0 };
        let (partition, after) = rest.split_at(each);
        rest = after;
        let bits = partition.iter().map(|d| 65 - d.abs().leading_zeros()).max().unwrap_or(0);
        let parameter_bits = if is_wide { 5 } else { 4 };
        let escape = (1 << parameter_bits) - 1;
        // Rather some bits too many than a run of zeros that never ends.
        let parameter = bits.saturating_sub(random.u32(1..=5)).min(escape - 1);
        let longest = partition.iter().map(|d| folded(*d) >> parameter).max().unwrap_or(0);
        if bits < 32 && (random.u8(..4) == 0 || longest > 2000) {
            frame.number(escape.into(), parameter_bits);
            let bits = if partition.iter().all(|d| *d == 0) { 0 } else { bits };
            frame.number(bits.into(), 5);
            partition.iter().for_each(|&difference| frame.number(difference, bits));
            continue;
        }
        frame.number(parameter.into(), parameter_bits);
        for &difference in partition {
            let folded = folded(difference);
            frame.unary((folded >> parameter) as u32);
            frame.number(folded as i64, parameter);
        }
    }
}

fn folded(difference: i64) -> u64 {
    ((difference << 1) ^ (difference >> 63)) as u64
}

/// What symphonia makes of a file, at full scale ±1.0, the channels alternating.
fn by_symphonia(file: &[u8]) -> Vec<f32> {
    let source = std::io::Cursor::new(file.to_vec());
    let stream = MediaSourceStream::new(Box::new(source), MediaSourceStreamOptions::default());
    let mut reader = FlacReader::try_new(stream, FormatOptions::default()).unwrap();
    let parameters = reader.tracks()[0].codec_params.as_ref().unwrap().audio().unwrap().clone();
    let options = AudioDecoderOptions::default();
    let mut decoder = FlacDecoder::try_new(&parameters, &options).unwrap();
    let mut all = Vec::new();
    let mut some: Vec<f32> = Vec::new();
    while let Some(packet) = reader.next_packet().unwrap() {
        decoder.decode(&packet).unwrap().copy_to_vec_interleaved(&mut some);
        all.extend_from_slice(&some);
    }
    all
}

/// Samples that wander, with some low bits that are all zero, and stretches of one value.
fn wandering(random: &mut Random, bits: u32, length: usize) -> Vec<i32> {
    let most = (1_i64 << (bits - 1)) - 1;
    let step = (most / 64).max(2);
    let mut sample = 0_i64;
    let mut samples = Vec::with_capacity(length);
    while samples.len() < length {
        let low = random.u32(..3);
        let is_still = random.u8(..5) == 0;
        for _ in 0..random.usize(100..2000) {
            if !is_still {
                sample = (sample + random.i64(-step..=step)).clamp(-most - 1, most);
            }
            samples.push((sample >> low << low) as i32);
        }
    }
    samples.truncate(length);
    samples
}

#[test]
fn frames_of_every_form_give_the_samples_that_were_written() {
    let mut random = Random::with_seed(11);
    for round in 0..120 {
        let bits = [8, 12, 16, 16, 20, 24][random.usize(..6)];
        let is_of_samples = random.bool();
        let count = [1, 2, 2, 5][random.usize(..4)];
        let lengths: Vec<usize> = match is_of_samples {
            true => (0..random.usize(1..8)).map(|_| random.usize(16..4000)).collect(),
            false => {
                let each = [192, 1000, 4096][random.usize(..3)];
                let mut lengths = vec![each; random.usize(1..6)];
                lengths.push(random.usize(16..=each));
                lengths
            }
        };
        let total: usize = lengths.iter().sum();
        let channels = (0..count).map(|_| wandering(&mut random, bits, total)).collect();
        let made = Made { bits, rate: 16_000, channels, lengths, is_of_samples };
        let file = made.file(&mut random);
        let full_scale = (1_i64 << (bits - 1)) as f32;
        let judged = by_symphonia(&file);
        for (channel, samples) in made.channels.iter().enumerate() {
            let expected: Vec<f32> = samples.iter().map(|&s| s as f32 / full_scale).collect();
            let theirs: Vec<f32> = judged.iter().skip(channel).step_by(count).copied().collect();
            assert!(theirs == expected, "{round}: the writer is wrong");
            let media = Media::bytes(file.clone());
            let options = OpenOptions::of(Channel::Index(channel as u16));
            let mut recording = Recording::from_media(media, options, Vec::new()).unwrap();
            let mut found = Vec::new();
            recording.read_to_end(&mut found).unwrap_or_else(|e| panic!("{round}: {e:?}"));
            assert!(found == expected, "{round}, channel {channel} of {bits} bits");
            for _ in 0..5 {
                let at = random.usize(..total);
                recording.seek(at as u64).unwrap();
                let mut some = vec![0.0; 500.min(total - at)];
                assert_eq!(recording.read(&mut some).unwrap(), some.len());
                assert!(some == expected[at..at + some.len()], "{round}, from {at}");
            }
        }
    }
}
