//! ADPCM in WAVE files: differences of four bits, whose steps adapt.
//!
//! Samples come in blocks, each of which begins anew: so a seek is exact. A last block may be shorter.
//!
//! Sources: Microsoft, *New Multimedia Data Types and Data Techniques*, revision 3.0 (1994), for both; IMA
//! Digital Audio Technical Working Group, *Recommended Practices for Enhancing Digital Audio Compatibility
//! in Multimedia Systems*, revision 3.00 (1992), for the tables of IMA's. Microsoft's prediction is divided
//! by 256 towards zero, as its note has it and FFmpeg does; libsndfile and miniaudio round down.

use crate::{Decode, Error, Info, Media, codecs::damaged::damaged, window::Window};

/// The most channels: blocks of more are not laid out by any document.
const MOST_CHANNELS: usize = 8;

/// How differences are made.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Scheme {
    Ima,
    /// With the pairs of coefficients of predictions, of which each block takes one.
    Microsoft(Vec<[i32; 2]>),
}

impl Scheme {
    /// Its name.
    pub(crate) fn name(&self) -> &'static str {
        match self {
            Scheme::Ima => "IMA ADPCM",
            Scheme::Microsoft(_) => "Microsoft ADPCM",
        }
    }

    /// The bytes that a block of one channel begins with.
    fn header_bytes(&self) -> usize {
        match self {
            Scheme::Ima => 4,
            Scheme::Microsoft(_) => 7,
        }
    }

    /// The samples of a channel in a block of so many bytes.
    fn samples(&self, bytes: usize, channels: usize) -> usize {
        let Some(rest) = bytes.checked_sub(self.header_bytes() * channels) else { return 0 };
        match self {
            // Groups of eight samples of each channel, and the one of the header.
            Scheme::Ima => 1 + rest / (4 * channels) * 8,
            // Two of the header.
            Scheme::Microsoft(_) => 2 + rest * 2 / channels,
        }
    }
}

/// The place of blocks, and their size.
#[derive(Debug, Clone)]
pub(crate) struct Blocks {
    pub(crate) scheme: Scheme,
    /// All blocks.
    pub(crate) data: Media,
    /// The bytes of each but the last.
    pub(crate) block_bytes: usize,
}

impl Blocks {
    /// The samples of a channel in so many bytes of blocks.
    ///
    /// # Errors
    /// A block has no room for a sample, or there are more channels than blocks are laid out for.
    pub(crate) fn num_samples(&self, bytes: u64, channels: u16) -> Result<u64, Error> {
        let channels = usize::from(channels);
        let each = self.scheme.samples(self.block_bytes, channels);
        if channels > MOST_CHANNELS || each == 0 {
            return Err(damaged("ADPCM", "its blocks have no room for a sample"));
        }
        let (whole, last) = (bytes / self.block_bytes as u64, bytes % self.block_bytes as u64);
        let last = self.scheme.samples(last as usize, channels) as u64;
        Ok(whole.saturating_mul(each as u64).saturating_add(last))
    }
}

/// Decodes blocks.
pub(crate) struct Adpcm {
    info: Info,
    /// The samples of a channel that are there: fewer than promised of a file that was cut off.
    available: u64,
    blocks: Blocks,
    window: Window,
    /// The samples of the block that was decoded last, the channels alternating.
    decoded: Vec<i16>,
    /// Which block that is.
    block: Option<u64>,
    position: u64,
}

impl Adpcm {
    /// Begins at the first sample.
    ///
    /// - `info`: with the [number of samples](Blocks::num_samples) that is promised
    pub(crate) fn new(blocks: Blocks, info: Info) -> Result<Adpcm, Error> {
        let window = Window::over(blocks.data.clone(), Vec::new())?;
        let available = blocks.num_samples(blocks.data.len(), info.channels)?;
        Ok(Adpcm { info, available, blocks, window, decoded: Vec::new(), block: None, position: 0 })
    }

    fn channels(&self) -> usize {
        self.info.channels.into()
    }

    fn decode_block(&mut self, number: u64) -> Result<(), Error> {
        let (channels, size) = (self.channels(), self.blocks.block_bytes);
        let bytes = self.window.bytes(number * size as u64, size)?;
        let bytes = &bytes[..bytes.len().min(size)];
        let samples = self.blocks.scheme.samples(bytes.len(), channels);
        self.decoded.clear();
        self.decoded.resize(samples * channels, 0);
        match &self.blocks.scheme {
            Scheme::Ima => ima_block(bytes, channels, &mut self.decoded)?,
            Scheme::Microsoft(pairs) => microsoft_block(bytes, channels, pairs, &mut self.decoded)?,
        }
        self.block = Some(number);
        Ok(())
    }
}

impl Decode for Adpcm {
    fn info(&self) -> &Info {
        &self.info
    }

    fn seek(&mut self, frame: u64) -> Result<u64, Error> {
        self.position = frame;
        Ok(frame)
    }

    fn read(&mut self, interleaved: &mut [f32]) -> Result<usize, Error> {
        if self.position >= self.available {
            return Ok(0);
        }
        let channels = self.channels();
        let each = self.blocks.scheme.samples(self.blocks.block_bytes, channels) as u64;
        let (number, within) = (self.position / each, (self.position % each) as usize);
        if self.block != Some(number) {
            self.block = None;
            self.decode_block(number)?;
        }
        let left = &self.decoded[(within * channels).min(self.decoded.len())..];
        let count = left.len().min(interleaved.len()) / channels;
        for (out, &sample) in interleaved.iter_mut().zip(&left[..count * channels]) {
            *out = f32::from(sample) / 32_768.0;
        }
        self.position += count as u64;
        Ok(count)
    }

    fn check_unchanged(&self) -> Result<(), Error> {
        self.blocks.data.check_unchanged()
    }
}

/// Decodes a block of IMA's: of each channel a sample, a step's index and a byte of nothing; then of each
/// channel in turn four bytes of eight differences, the lower half of a byte first.
fn ima_block(bytes: &[u8], channels: usize, out: &mut [i16]) -> Result<(), Error> {
    let (headers, rest) = bytes.split_at(4 * channels);
    let (headers, groups) = (headers.as_chunks::<4>().0, rest.as_chunks::<4>().0);
    for (channel, &[low, high, index, _]) in headers.iter().enumerate() {
        let mut sample = i32::from(i16::from_le_bytes([low, high]));
        let mut index = usize::from(index);
        if index >= IMA_STEPS.len() {
            return Err(damaged("ADPCM", "a block begins with a step that there is not"));
        }
        out[channel] = sample as i16;
        let halves = groups.iter().skip(channel).step_by(channels).flatten();
        let halves = halves.flat_map(|&byte| [byte & 15, byte >> 4]);
        let places = out[channels..].iter_mut().skip(channel).step_by(channels);
        for (place, half) in places.zip(halves) {
            let step = IMA_STEPS[index];
            // As many shifts as there are bits, so that all programs round alike.
            let mut difference = step >> 3;
            for (bit, shift) in [(4, 0), (2, 1), (1, 2)] {
                if half & bit != 0 {
                    difference += step >> shift;
                }
            }
            sample += if half & 8 != 0 { -difference } else { difference };
            sample = sample.clamp(-32_768, 32_767);
            index = index.saturating_add_signed(IMA_INDICES[usize::from(half & 7)]);
            index = index.min(IMA_STEPS.len() - 1);
            *place = sample as i16;
        }
    }
    Ok(())
}

/// Decodes a block of Microsoft's: of all channels the numbers of predictions, then steps, then the second
/// sample, then the first; then differences, the upper half of a byte first, the channels alternating.
fn microsoft_block(
    bytes: &[u8],
    channels: usize,
    pairs: &[[i32; 2]],
    out: &mut [i16],
) -> Result<(), Error> {
    struct State {
        pair: [i32; 2],
        step: i32,
        last: i32,
        before: i32,
    }
    let word = |number: usize, channel: usize| {
        let at = channels + (number * channels + channel) * 2;
        i32::from(i16::from_le_bytes([bytes[at], bytes[at + 1]]))
    };
    let mut states = Vec::with_capacity(channels);
    for channel in 0..channels {
        let Some(&pair) = pairs.get(usize::from(bytes[channel])) else {
            return Err(damaged("ADPCM", "a block has a prediction that there is not"));
        };
        let [step, last, before] = [0, 1, 2].map(|number| word(number, channel));
        out[channel] = before as i16;
        out[channels + channel] = last as i16;
        states.push(State { pair, step, last, before });
    }
    let halves = bytes[7 * channels..].iter().flat_map(|&byte| [byte >> 4, byte & 15]);
    for (number, (place, half)) in out[2 * channels..].iter_mut().zip(halves).enumerate() {
        let state = &mut states[number % channels];
        let predicted = state
            .last
            .wrapping_mul(state.pair[0])
            .wrapping_add(state.before.wrapping_mul(state.pair[1]))
            / 256;
        let signed = i32::from(half) - if half >= 8 { 16 } else { 0 };
        let sample = predicted.saturating_add(signed.saturating_mul(state.step));
        let sample = sample.clamp(-32_768, 32_767);
        (state.before, state.last) = (state.last, sample);
        let step = i64::from(state.step) * i64::from(MICROSOFT_STEPS[usize::from(half)]) / 256;
        state.step = step.clamp(16, i32::MAX.into()) as i32;
        *place = sample as i16;
    }
    Ok(())
}

/// The pairs of coefficients that every encoder has.
pub(crate) const MICROSOFT_PAIRS: [[i32; 2]; 7] =
    [[256, 0], [512, -256], [0, 0], [192, 64], [240, 0], [460, -208], [392, -232]];

/// What a difference makes of the step, by 256.
const MICROSOFT_STEPS: [i32; 16] =
    [230, 230, 230, 230, 307, 409, 512, 614, 768, 614, 512, 409, 307, 230, 230, 230];

/// What a difference makes of the step's index.
const IMA_INDICES: [isize; 8] = [-1, -1, -1, -1, 2, 4, 6, 8];

const IMA_STEPS: [i32; 89] = [
    7, 8, 9, 10, 11, 12, 13, 14, 16, 17, 19, 21, 23, 25, 28, 31, 34, 37, 41, 45, 50, 55, 60, 66,
    73, 80, 88, 97, 107, 118, 130, 143, 157, 173, 190, 209, 230, 253, 279, 307, 337, 371, 408, 449,
    494, 544, 598, 658, 724, 796, 876, 963, 1060, 1166, 1282, 1411, 1552, 1707, 1878, 2066, 2272,
    2499, 2749, 3024, 3327, 3660, 4026, 4428, 4871, 5358, 5894, 6484, 7132, 7845, 8630, 9493,
    10442, 11487, 12635, 13899, 15289, 16818, 18500, 20350, 22385, 24623, 27086, 29794, 32767,
];
