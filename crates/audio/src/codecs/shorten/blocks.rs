//! Blocks of samples, as a stream's commands make them.

use crate::{
    Error,
    codecs::shorten::bits::{Bits, damaged},
    pcm::companded::MU_LAW,
};

/// The first bytes of a stream.
pub(super) const MAGIC: &[u8] = b"ajkg";

/// The most samples of a channel in a block that are believed; the program's own blocks have 256.
const MOST_BLOCK: u64 = 1 << 16;

/// The most coefficients of a prediction, and the most blocks that a mean is taken over.
const MOST_ORDER: u64 = 1024;

/// Samples before a block that every prediction but the linear one may look at.
const HISTORY: usize = 3;

/// The fraction bits of a prediction's coefficients.
const COEFFICIENT_BITS: u32 = 5;

/// The lower bits of numbers, by what they are.
const COMMAND_BITS: u32 = 2;
const ENERGY_BITS: u32 = 3;
const SHIFT_BITS: u32 = 2;
const ORDER_BITS: u32 = 2;
const BYTE_BITS: u32 = 8;
const LENGTH_BITS: u32 = 5;

/// The way samples are stored, by the stream's header.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    S8,
    U8,
    S16,
    U16,
    /// Mu-law by rank, the negative zero behind all others.
    MuLawOld,
    /// Mu-law by rank.
    MuLaw,
}

/// A stream at the beginning of a block of every channel.
pub(super) struct Blocks {
    bits: Bits,
    version: u8,
    kind: Kind,
    channels: Vec<Channel>,
    /// The samples of a channel in the next block.
    length: usize,
    /// The low bits that all samples of the next blocks have as zero, and that are not stored.
    shift: u32,
    coefficients: Vec<i64>,
    /// Whether the mean of each block is kept.
    keeps_means: bool,
    is_over: bool,
}

/// What decoding a channel's next block takes from those before.
struct Channel {
    /// The last samples, and behind them the block.
    samples: Vec<i64>,
    /// The means of the last blocks, the latest last; a constant where none are kept.
    means: Vec<i64>,
}

impl Blocks {
    /// Reads a stream's header.
    pub(super) fn begin(mut bits: Bits, channels: u16) -> Result<Blocks, Error> {
        for &letter in MAGIC {
            if bits.number(8)? != u64::from(letter) {
                return Err(damaged("it does not begin as a shorten stream does"));
            }
        }
        let version = bits.number(8)? as u8;
        if !(1..=3).contains(&version) {
            return Err(damaged(&format!("version {version} of shorten is not known")));
        }
        let kind = kind(bits.sized()?)?;
        let found = bits.sized()?;
        if found != u64::from(channels) {
            let why = format!("the stream has {found} channel(s), and the header says {channels}");
            return Err(damaged(&why));
        }
        let length = block_length(bits.sized()?)?;
        let (order, num_means) = (bits.sized()?, bits.sized()?);
        if order > MOST_ORDER || num_means > MOST_ORDER {
            return Err(damaged("its header has an order that no program makes"));
        }
        // Bytes that were in front of the samples, for who wants to write the file again.
        for _ in 0..bits.sized()? {
            bits.unsigned(BYTE_BITS - 1)?;
        }
        let mean = match kind {
            Kind::U8 => 1 << 7,
            Kind::U16 => 1 << 15,
            _ => 0,
        };
        let channel = || Channel {
            samples: vec![0; HISTORY.max(order as usize)],
            means: vec![mean; (num_means as usize).max(1)],
        };
        Ok(Blocks {
            bits,
            version,
            kind,
            channels: (0..channels).map(|_| channel()).collect(),
            length,
            shift: 0,
            coefficients: Vec::with_capacity(order as usize),
            keeps_means: num_means > 0,
            is_over: false,
        })
    }

    /// Returns whether the stream has no bits left, and has not said that it ends.
    pub(super) fn are_cut_off(&self) -> bool {
        !self.is_over && self.bits.are_over()
    }

    /// Decodes the next block of every channel, one channel after the other, and returns how many samples
    /// of a channel there are; 0 at the end.
    pub(super) fn next(&mut self, block: &mut Vec<i64>) -> Result<usize, Error> {
        block.clear();
        let mut channel = 0;
        while channel < self.channels.len() {
            let command = if self.is_over { None } else { Command::read(&mut self.bits)? };
            match command {
                // A block of some channels alone is none.
                None if channel > 0 => return Err(damaged("the stream ends between channels")),
                None => {
                    self.is_over = true;
                    return Ok(0);
                }
                Some(Command::Length) => {
                    let length = block_length(self.bits.sized()?)?;
                    if channel > 0 && length != self.length {
                        return Err(damaged("channels have blocks of different lengths"));
                    }
                    self.length = length;
                }
                Some(Command::Shift) => {
                    self.shift = match self.bits.unsigned(SHIFT_BITS)? {
                        shift @ 0..=31 => shift as u32,
                        _ => return Err(damaged("it shifts samples by more than 31 bits")),
                    };
                    if self.shift > 0 && matches!(self.kind, Kind::MuLawOld | Kind::MuLaw) {
                        return Err(damaged("mu-law samples with bits left out are not read"));
                    }
                }
                Some(Command::Verbatim) => {
                    for _ in 0..self.bits.unsigned(LENGTH_BITS)? {
                        self.bits.unsigned(BYTE_BITS)?;
                    }
                }
                Some(Command::Block(prediction)) => {
                    self.decode(channel, prediction)?;
                    let samples = &self.channels[channel].samples;
                    block.extend(
                        samples[samples.len() - self.length..].iter().map(|s| s << self.shift),
                    );
                    channel += 1;
                }
            }
        }
        Ok(self.length)
    }

    /// Decodes a block of a channel.
    fn decode(&mut self, channel: usize, prediction: Prediction) -> Result<(), Error> {
        let Blocks { bits, version, channels, length, shift, coefficients, .. } = self;
        let (length, Channel { samples, means }) = (*length, &mut channels[channel]);
        let history = samples.len().min(HISTORY.max(coefficients.capacity()));
        samples.drain(..samples.len() - history);
        let energy = match prediction {
            Prediction::Zero => 0,
            _ => match bits.unsigned(ENERGY_BITS)? {
                energy @ 0..=31 => energy as u32,
                _ => return Err(damaged("differences have more than 31 bits")),
            },
        };
        let offset = offset(means, *version, *shift, self.keeps_means);
        match prediction {
            Prediction::Zero => samples.extend(std::iter::repeat_n(0, length)),
            Prediction::Difference(order) => {
                for _ in 0..length {
                    let [.., c, b, a] = samples[..] else { unreachable!("there is a history") };
                    let predicted = match order {
                        0 => offset,
                        1 => a,
                        2 => a.wrapping_mul(2).wrapping_sub(b),
                        _ => a.wrapping_sub(b).wrapping_mul(3).wrapping_add(c),
                    };
                    samples.push(bits.signed(energy)?.wrapping_add(predicted));
                }
            }
            Prediction::Linear => {
                let order = bits.unsigned(ORDER_BITS)?;
                if order > history as u64 {
                    return Err(damaged("a prediction looks further back than its header says"));
                }
                coefficients.clear();
                for _ in 0..order {
                    coefficients.push(bits.signed(COEFFICIENT_BITS)?);
                }
                let order = order as usize;
                for sample in &mut samples[history - order..] {
                    *sample = sample.wrapping_sub(offset);
                }
                // The first version rounds down.
                let rounding = if *version > 1 { 1 << COEFFICIENT_BITS } else { 0 };
                for _ in 0..length {
                    let past = samples.iter().rev().zip(&*coefficients);
                    let sum = past.fold(rounding, |sum: i64, (sample, coefficient)| {
                        sum.wrapping_add(sample.wrapping_mul(*coefficient))
                    });
                    let difference = bits.signed(energy)?;
                    samples.push(difference.wrapping_add(sum >> COEFFICIENT_BITS));
                }
                for sample in &mut samples[history..] {
                    *sample = sample.wrapping_add(offset);
                }
            }
        }
        if self.keeps_means {
            let sum = samples[history..].iter().fold(0_i64, |sum, &s| sum.wrapping_add(s));
            let length = length as i64;
            let mean = match self.version {
                1 => sum / length,
                _ => (sum.wrapping_add(length / 2) / length) << self.shift,
            };
            means.rotate_left(1);
            if let Some(last) = means.last_mut() {
                *last = mean;
            }
        }
        Ok(())
    }

    /// The number that is stored for a sample, as one of 16 bits.
    pub(super) fn stored(&self, sample: i64) -> u16 {
        self.clipped(sample) as u16
    }

    /// A sample as what is stored for it; what is out of range is at its end, as the program's own decoder
    /// has it of recordings whose low bits were thrown away.
    fn clipped(&self, sample: i64) -> i64 {
        match self.kind {
            Kind::S8 => sample.clamp(-128, 127),
            Kind::U8 => sample.clamp(0, 255),
            Kind::S16 => sample.clamp(-32_768, 32_767),
            Kind::U16 => sample.clamp(0, 65_535),
            Kind::MuLawOld | Kind::MuLaw => sample.clamp(-128, 127),
        }
    }

    /// A sample at full scale ±1.0.
    pub(super) fn to_f32(&self, sample: i64) -> f32 {
        let sample = self.clipped(sample);
        match self.kind {
            Kind::S8 => sample as f32 / 128.0,
            Kind::U8 => (sample - 128) as f32 / 128.0,
            Kind::S16 => sample as f32 / 32_768.0,
            Kind::U16 => (sample - 32_768) as f32 / 32_768.0,
            // From the loudest negative one, 128 before silence, to the loudest positive one.
            Kind::MuLaw if sample < 0 => MU_LAW[(sample + 128) as usize],
            Kind::MuLawOld if sample == -128 => MU_LAW[127],
            Kind::MuLawOld if sample < 0 => MU_LAW[(sample + 127) as usize],
            Kind::MuLaw | Kind::MuLawOld => MU_LAW[(255 - sample) as usize],
        }
    }
}

/// A command of a stream.
enum Command {
    Block(Prediction),
    Length,
    Shift,
    Verbatim,
}

/// How samples follow from those before.
#[derive(Debug, Clone, Copy)]
enum Prediction {
    /// All are zero.
    Zero,
    /// A polynomial of this many samples.
    Difference(u8),
    /// A sum of samples times coefficients.
    Linear,
}

impl Command {
    /// Reads the next command; none at the end.
    fn read(bits: &mut Bits) -> Result<Option<Command>, Error> {
        Ok(Some(match bits.unsigned(COMMAND_BITS)? {
            order @ 0..=3 => Command::Block(Prediction::Difference(order as u8)),
            4 => return Ok(None),
            5 => Command::Length,
            6 => Command::Shift,
            7 => Command::Block(Prediction::Linear),
            8 => Command::Block(Prediction::Zero),
            9 => Command::Verbatim,
            command => return Err(damaged(&format!("there is no command {command}"))),
        }))
    }
}

/// The constant that a prediction begins from: the mean of the last blocks' means.
fn offset(means: &[i64], version: u8, shift: u32, keeps_means: bool) -> i64 {
    if !keeps_means {
        return means[0];
    }
    let num = means.len() as i64;
    let sum = means.iter().fold(0_i64, |sum, &mean| sum.wrapping_add(mean));
    match (version, shift) {
        (1, _) => sum / num,
        (_, 0) => sum.wrapping_add(num / 2) / num,
        // Rounded down in two steps, as the program has it.
        (_, shift) => ((sum.wrapping_add(num / 2) / num) >> (shift - 1)) >> 1,
    }
}

fn block_length(length: u64) -> Result<usize, Error> {
    match length {
        1..=MOST_BLOCK => Ok(length as usize),
        _ => Err(damaged("a block has no length that a program makes")),
    }
}

fn kind(number: u64) -> Result<Kind, Error> {
    match number {
        0 => Ok(Kind::MuLawOld),
        1 => Ok(Kind::S8),
        2 => Ok(Kind::U8),
        // Whichever order the bytes had does not show in the numbers.
        3 | 5 => Ok(Kind::S16),
        4 | 6 => Ok(Kind::U16),
        8 => Ok(Kind::MuLaw),
        number => Err(damaged(&format!(
            "its samples are of type {number}; convert it first, for example with `sph2pipe`"
        ))),
    }
}
