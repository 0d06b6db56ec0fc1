//! Spikes that another program computed: `X_spike.raw` and `X_num.raw`.
//!
//! The recording was coded block by block. `X_num.raw` has an int32 for each block, how many spikes it
//! has; `X_spike.raw` has four float64 for each spike: channel, amplitude, the sample in its block where
//! the kernel begins, and one that nobody reads. Both are little-endian and have no header, so whatever
//! can be counted is counted.

use std::ffi::OsString;
use std::fs::File;
use std::io::{self, BufReader, Read};
use std::os::unix::ffi::OsStringExt;
use std::path::{Path, PathBuf};

use ossicle_dsp::LOUDEST;
use ossicle_dsp::spikes::Spike;
use ossicle_files::{OpenError, Opened, open_regular, printable};

/// The most bytes of an `X_num.raw`: it is held in memory, and these are the blocks of five weeks.
const MOST_COUNT_BYTES: u64 = 1 << 24;

const SPIKE_BYTES: u64 = 32;

/// How many spikes are read at a time.
const AT_ONCE: u32 = 1 << 14;

/// What can be wrong with such files. Messages leave out the path of the spikes, which the caller knows.
#[derive(Debug, thiserror::Error)]
pub(crate) enum SpikeFileError {
    #[error("cannot open {name}")]
    Open { name: String, source: io::Error },
    #[error("cannot read {name}")]
    Read { name: String, source: io::Error },
    #[error("{name} is not a regular file")]
    NotRegular { name: String },
    #[error("{name} has {bytes} bytes, which is not a whole number of {each}")]
    Ragged { name: String, bytes: u64, each: &'static str },
    #[error("{name} has {bytes} bytes; it may have {MOST_COUNT_BYTES}")]
    TooLong { name: String, bytes: u64 },
    #[error("{name} says that block {block} has {count} spikes")]
    Count { name: String, block: usize, count: i32 },
    #[error("{name} counts {counted} spikes, and the file of spikes has {found}")]
    Counts { name: String, counted: u64, found: u64 },
    #[error("spike {spike} is of channel {channel:?}; there are {num_channels}, counted from 0")]
    Channel { spike: u64, channel: f64, num_channels: u32 },
    #[error("spike {spike} has the amplitude {amplitude:?}, which is not one")]
    Amplitude { spike: u64, amplitude: f64 },
    #[error("spike {spike} begins at sample {onset:?} of its block; a block has {block}")]
    Onset { spike: u64, onset: f64, block: u32 },
}

/// The spikes of a recording, on their way out of their file.
#[derive(Debug)]
pub(crate) struct SpikeFiles {
    input: BufReader<File>,
    name: String,
    /// How many spikes each block has.
    counts: Vec<u32>,
    block: u32,
    num_channels: u32,
    /// The block of the next spike, and how many of its spikes are to come.
    number: usize,
    left: u32,
    /// How many spikes were read.
    read: u64,
}

impl SpikeFiles {
    /// Opens the file of spikes and reads their counts from the file beside it.
    ///
    /// - `path`: the file of spikes, `X_spike.raw`
    /// - `block`: how many samples were coded at a time
    pub(crate) fn open(
        path: &Path,
        block: usize,
        num_channels: usize,
    ) -> Result<SpikeFiles, SpikeFileError> {
        let counts_path = counts_beside(path);
        let counts_name = name_of(&counts_path);
        let (mut file, bytes) = open(&counts_path)?;
        if bytes > MOST_COUNT_BYTES {
            return Err(SpikeFileError::TooLong { name: counts_name, bytes });
        }
        let mut text = Vec::new();
        (&mut file)
            .take(MOST_COUNT_BYTES)
            .read_to_end(&mut text)
            .map_err(|source| SpikeFileError::Read { name: counts_name.clone(), source })?;
        drop(file);
        let (numbers, ragged) = text.as_chunks();
        if !ragged.is_empty() {
            let (name, each) = (counts_name, "counts of 4");
            return Err(SpikeFileError::Ragged { name, bytes, each });
        }
        let mut counts = Vec::with_capacity(numbers.len());
        for (block, &number) in numbers.iter().enumerate() {
            let count = i32::from_le_bytes(number);
            let bad = |_| SpikeFileError::Count { name: counts_name.clone(), block, count };
            counts.push(u32::try_from(count).map_err(bad)?);
        }
        let name = name_of(path);
        let (file, bytes) = open(path)?;
        if !bytes.is_multiple_of(SPIKE_BYTES) {
            return Err(SpikeFileError::Ragged { name, bytes, each: "spikes of 32" });
        }
        let counted = counts.iter().map(|&count| u64::from(count)).sum();
        let found = bytes / SPIKE_BYTES;
        if counted != found {
            return Err(SpikeFileError::Counts { name: counts_name, counted, found });
        }
        let left = counts.first().copied().unwrap_or(0);
        let input = BufReader::with_capacity(1 << 16, file);
        Ok(SpikeFiles {
            input,
            name,
            counts,
            // A recipe has at most 2^24 samples in a block, and 256 channels.
            block: block as u32,
            num_channels: num_channels as u32,
            number: 0,
            left,
            read: 0,
        })
    }

    /// The most samples that the recording can have had.
    pub(crate) fn most_samples(&self) -> u64 {
        self.counts.len() as u64 * u64::from(self.block)
    }

    /// Appends some spikes and says before which sample there are no more; none where there were no more.
    pub(crate) fn read(&mut self, spikes: &mut Vec<Spike>) -> Result<Option<u64>, SpikeFileError> {
        if self.number == self.counts.len() {
            return Ok(None);
        }
        let begin = self.number as u64 * u64::from(self.block);
        let now = self.left.min(AT_ONCE);
        for _ in 0..now {
            let mut bytes = [0; SPIKE_BYTES as usize];
            self.input
                .read_exact(&mut bytes)
                .map_err(|source| SpikeFileError::Read { name: self.name.clone(), source })?;
            spikes.push(self.spike(&bytes, begin)?);
            self.read += 1;
        }
        self.left -= now;
        if self.left > 0 {
            return Ok(Some(begin));
        }
        self.number += 1;
        self.left = self.counts.get(self.number).copied().unwrap_or(0);
        Ok(Some(begin + u64::from(self.block)))
    }

    fn spike(
        &self,
        bytes: &[u8; SPIKE_BYTES as usize],
        begin: u64,
    ) -> Result<Spike, SpikeFileError> {
        let numbers = bytes.as_chunks().0;
        let [channel, amplitude, onset] = [0, 1, 2].map(|i| f64::from_le_bytes(numbers[i]));
        let (spike, num_channels, block) = (self.read, self.num_channels, self.block);
        let whole = |x: f64, end: u32| x >= 0.0 && x < f64::from(end) && x.fract() == 0.0;
        if !whole(channel, num_channels) {
            return Err(SpikeFileError::Channel { spike, channel, num_channels });
        }
        if !whole(onset, block) {
            return Err(SpikeFileError::Onset { spike, onset, block });
        }
        if amplitude.is_nan() || amplitude.abs() > f64::from(LOUDEST) {
            return Err(SpikeFileError::Amplitude { spike, amplitude });
        }
        Ok(Spike {
            channel: channel as u32,
            sample: begin + onset as u64,
            amplitude: amplitude as f32,
        })
    }
}

/// The file of counts that belongs to a file of spikes: `X_num.raw` beside `X_spike.raw`, with its letters
/// as large.
pub(crate) fn counts_beside(spikes: &Path) -> PathBuf {
    const TAIL: usize = "spike.raw".len();
    let name = spikes.file_name().unwrap_or_default().as_encoded_bytes();
    let (head, tail) = name.split_at(name.len().saturating_sub(TAIL));
    let num = match tail {
        [b'S', b'P', ..] => "NUM",
        [b'S', ..] => "Num",
        _ => "num",
    };
    let extension = tail.get(TAIL - 4..).unwrap_or(b".raw");
    let mut counts = spikes.as_os_str().as_encoded_bytes().to_vec();
    counts.truncate(counts.len() - name.len() + head.len());
    counts.extend_from_slice(num.as_bytes());
    counts.extend_from_slice(extension);
    PathBuf::from(OsString::from_vec(counts))
}

fn name_of(path: &Path) -> String {
    printable(Path::new(path.file_name().unwrap_or_default()))
}

fn open(path: &Path) -> Result<(File, u64), SpikeFileError> {
    let name = || name_of(path);
    match open_regular(path) {
        Ok(Opened { file, bytes, .. }) => Ok((file, bytes)),
        Err(OpenError::Io(source)) => Err(SpikeFileError::Open { name: name(), source }),
        Err(OpenError::NotRegular { .. }) => Err(SpikeFileError::NotRegular { name: name() }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use std::fs;

    /// Writes the two files and reads all of it.
    fn read(spikes: &[u8], counts: &[u8]) -> Result<(Vec<Spike>, Vec<u64>), SpikeFileError> {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a_spike.raw");
        fs::write(&path, spikes).unwrap();
        fs::write(folder.path().join("a_num.raw"), counts).unwrap();
        let mut files = SpikeFiles::open(&path, 100, 4)?;
        let (mut all, mut ends) = (Vec::new(), Vec::new());
        while let Some(end) = files.read(&mut all)? {
            ends.push(end);
        }
        assert_eq!(ends.last().copied().unwrap_or(0), files.most_samples());
        files.rewind()?;
        let mut again = Vec::new();
        while files.read(&mut again)?.is_some() {}
        assert_eq!(again, all);
        Ok((all, ends))
    }

    fn bytes(spikes: &[[f64; 4]], counts: &[i32]) -> (Vec<u8>, Vec<u8>) {
        let spikes = spikes.iter().flatten().flat_map(|x| x.to_le_bytes()).collect();
        (spikes, counts.iter().flat_map(|x| x.to_le_bytes()).collect())
    }

    #[test]
    fn spikes_come_with_samples_of_the_recording() {
        let three = [[3.0, 0.5, 99.0, 7.0], [0.0, -2.0, 0.0, f64::NAN], [1.0, 1.0, 5.0, 0.0]];
        let (spikes, counts) = bytes(&three, &[2, 0, 1]);
        let (spikes, ends) = read(&spikes, &counts).unwrap();
        let spike = |channel, sample, amplitude| Spike { channel, sample, amplitude };
        assert_eq!(spikes, [spike(3, 99, 0.5), spike(0, 0, -2.0), spike(1, 205, 1.0)]);
        assert_eq!(ends, [100, 200, 300]);
    }

    #[test]
    fn a_block_of_many_spikes_comes_in_several_turns() {
        let count = AT_ONCE as usize + 1;
        let (spikes, counts) = bytes(&vec![[0.0, 1.0, 0.0, 0.0]; 2 * count], &[count as i32; 2]);
        let (spikes, ends) = read(&spikes, &counts).unwrap();
        assert_eq!((spikes.len(), &ends[..]), (2 * count, &[0, 100, 100, 200][..]));
    }

    #[test]
    fn what_cannot_be_is_said() {
        let message = |spikes: &[u8], counts: &[u8]| read(spikes, counts).unwrap_err().to_string();
        let one = |numbers: [f64; 4]| {
            let (spikes, counts) = bytes(&[numbers], &[1]);
            message(&spikes, &counts)
        };
        assert_eq!(
            one([4.0, 1.0, 0.0, 0.0]),
            "spike 0 is of channel 4.0; there are 4, counted from 0"
        );
        assert!(one([0.5, 1.0, 0.0, 0.0]).contains("channel 0.5"));
        assert!(one([f64::NAN, 1.0, 0.0, 0.0]).contains("channel NaN"));
        assert_eq!(
            one([0.0, 1.0, 100.0, 0.0]),
            "spike 0 begins at sample 100.0 of its block; a block has 100"
        );
        assert!(one([0.0, f64::NAN, 0.0, 0.0]).contains("amplitude NaN"));
        assert!(one([0.0, f64::INFINITY, 0.0, 0.0]).contains("amplitude inf"));
        let (spikes, counts) = bytes(&[[0.0; 4]], &[2]);
        assert_eq!(
            message(&spikes, &counts),
            "a_num.raw counts 2 spikes, and the file of spikes has 1"
        );
        assert!(message(&spikes[..31], &counts).contains("a_spike.raw has 31 bytes"));
        assert!(message(&spikes, &counts[..3]).contains("a_num.raw has 3 bytes"));
        let (spikes, counts) = bytes(&[], &[1, -1]);
        assert_eq!(message(&spikes, &counts), "a_num.raw says that block 1 has -1 spikes");
    }

    #[test]
    fn counts_lie_beside_spikes() {
        let beside = |path: &str| counts_beside(Path::new(path)).to_string_lossy().into_owned();
        assert_eq!(beside("a/b_spike.raw"), "a/b_num.raw");
        assert_eq!(beside("SX37_SPIKE.RAW"), "SX37_NUM.RAW");
        assert_eq!(beside("SX37_Spike.raw"), "SX37_Num.raw");
        assert_eq!(beside("spike.raw"), "num.raw");
    }

    proptest! {
        #[test]
        fn any_bytes_are_spikes_or_an_error(
            spikes in prop::collection::vec(any::<u8>(), 0..200),
            counts in prop::collection::vec(any::<u8>(), 0..20),
            whole: bool,
        ) {
            let counts = match whole {
                true => ((spikes.len() / 32) as u32).to_le_bytes().to_vec(),
                false => counts,
            };
            let _ = read(&spikes, &counts);
        }
    }
}
