//! The pair `X_spike.raw` and `X_num.raw`: the spikes of a recording that another program computed.
//!
//! The recording was coded block by block. `X_num.raw` has an int32 for each block, how many spikes it
//! has; `X_spike.raw` has four float64 for each spike: channel, amplitude, the sample in its block where
//! the kernel begins, and one that nobody reads. Both are little-endian and have no header, so whatever
//! can be counted is counted.

use std::ffi::OsString;
use std::io::{BufReader, Read, Seek};
use std::os::unix::ffi::OsStringExt;
use std::path::{Path, PathBuf};

use ossicle_files::{OpenError, SourceReader, open_source, printable};

use super::error::EventFileError;

/// The most bytes of an `X_num.raw`: it is held in memory, and these are the blocks of five weeks.
const MOST_COUNT_BYTES: u64 = 1 << 24;

const EVENT_BYTES: u64 = 32;

/// The most events that are read at a time.
const MAX_EVENTS_PER_READ: u32 = 1 << 14;

/// Something that happens in a recording, as a file has it.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Event {
    /// The kind of event, counted from 0.
    pub channel: u32,
    /// The sample where it begins, counted from the recording's first.
    pub sample: u64,
    /// The event's strength, with its sign.
    pub amplitude: f32,
}

/// The limits that an event of a file has to keep.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct EventBounds {
    /// The number of samples that were coded at a time; onsets are below it.
    pub block: u32,
    /// The number of channels; an event's is below it.
    pub num_channels: u32,
    /// The largest amplitude, without its sign.
    pub loudest: f32,
}

/// The events of a recording, on their way out of the file that stands for it.
///
/// ```
/// use ossicle_audio::events::{Event, EventBounds, EventFile};
///
/// # let folder = tempfile::tempdir()?;
/// # let path = folder.path().join("sx37_spike.raw");
/// // One event in the second block: channel 3, amplitude 0.5, at its sample 7.
/// std::fs::write(&path, [3.0, 0.5, 7.0, 0.0].map(f64::to_le_bytes).concat())?;
/// std::fs::write(EventFile::companion(&path), [0, 1].map(i32::to_le_bytes).concat())?;
///
/// let bounds = EventBounds { block: 100, num_channels: 4, loudest: 1e10 };
/// let mut file = EventFile::open(&path, bounds)?;
/// let mut events = Vec::new();
/// while file.read(|event| events.push(event))?.is_some() {}
/// assert_eq!(events, [Event { channel: 3, sample: 107, amplitude: 0.5 }]);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug)]
pub struct EventFile {
    input: BufReader<SourceReader>,
    name: String,
    /// The number of events of each block.
    counts: Vec<u32>,
    bounds: EventBounds,
    /// The block of the next event, counted from 0.
    block_index: usize,
    /// The number of events of that block that are still to come.
    left_in_block: u32,
    /// The number of events read so far, for messages.
    num_read: u64,
}

impl EventFile {
    /// The end of such a file's name, behind that of the recording; its letters may be large.
    pub const SUFFIX: &str = "_spike.raw";

    /// The word for such events in messages.
    pub const HOLDS: &str = "spikes";

    /// Opens the file and reads how many events each block has from its [companion](EventFile::companion).
    ///
    /// - `path`: of the file of events, `X_spike.raw`
    ///
    /// # Errors
    /// If one of the two cannot be read, or they contradict each other.
    pub fn open(path: &Path, bounds: EventBounds) -> Result<EventFile, EventFileError> {
        let counts_path = EventFile::companion(path);
        let counts_name = name_of(&counts_path);
        let (mut file, bytes) = open(&counts_path)?;
        if bytes > MOST_COUNT_BYTES {
            let (name, most) = (counts_name, MOST_COUNT_BYTES);
            return Err(EventFileError::TooLong { name, bytes, most });
        }
        let mut count_bytes = Vec::new();
        // The file may have grown since its size was asked for.
        (&mut file)
            .take(MOST_COUNT_BYTES)
            .read_to_end(&mut count_bytes)
            .map_err(|source| EventFileError::Read { name: counts_name.clone(), source })?;
        drop(file);
        let (numbers, ragged) = count_bytes.as_chunks();
        if !ragged.is_empty() {
            let (name, each) = (counts_name, "counts of 4");
            return Err(EventFileError::Ragged { name, bytes, each });
        }
        let mut counts = Vec::with_capacity(numbers.len());
        for (block, &number) in numbers.iter().enumerate() {
            let count = i32::from_le_bytes(number);
            let bad = |_| EventFileError::Count { name: counts_name.clone(), block, count };
            counts.push(u32::try_from(count).map_err(bad)?);
        }
        let name = name_of(path);
        let (file, bytes) = open(path)?;
        if !bytes.is_multiple_of(EVENT_BYTES) {
            return Err(EventFileError::Ragged { name, bytes, each: "spikes of 32" });
        }
        let counted = counts.iter().map(|&count| u64::from(count)).sum();
        let found = bytes / EVENT_BYTES;
        if counted != found {
            return Err(EventFileError::Counts { name: counts_name, counted, found });
        }
        let left_in_block = counts.first().copied().unwrap_or(0);
        let input = BufReader::with_capacity(1 << 16, file);
        Ok(EventFile { input, name, counts, bounds, block_index: 0, left_in_block, num_read: 0 })
    }

    /// Returns the file that belongs to a file of events and counts them: `X_num.raw` beside `X_spike.raw`,
    /// with its letters as large.
    pub fn companion(events: &Path) -> PathBuf {
        const TAIL: usize = "spike.raw".len();
        let name = events.file_name().unwrap_or_default().as_encoded_bytes();
        let (head, tail) = name.split_at(name.len().saturating_sub(TAIL));
        let num = match tail {
            [b'S', b'P', ..] => "NUM",
            [b'S', ..] => "Num",
            _ => "num",
        };
        let extension = tail.get(TAIL - 4..).unwrap_or(b".raw");
        let mut counts = events.as_os_str().as_encoded_bytes().to_vec();
        counts.truncate(counts.len() - name.len() + head.len());
        counts.extend_from_slice(num.as_bytes());
        counts.extend_from_slice(extension);
        PathBuf::from(OsString::from_vec(counts))
    }

    /// Begins again.
    ///
    /// # Errors
    /// If the system cannot.
    pub fn rewind(&mut self) -> Result<(), EventFileError> {
        let rewound = self.input.rewind();
        rewound.map_err(|source| EventFileError::Read { name: self.name.clone(), source })?;
        (self.block_index, self.num_read) = (0, 0);
        self.left_in_block = self.counts.first().copied().unwrap_or(0);
        Ok(())
    }

    /// Returns the most samples that the recording can have had: all blocks' samples.
    pub fn most_samples(&self) -> u64 {
        self.counts.len() as u64 * u64::from(self.bounds.block)
    }

    /// Reads some events and says before which sample there are no more; none where there were no more.
    ///
    /// # Errors
    /// If the file cannot be read, or has something that is no event within the bounds.
    pub fn read(&mut self, mut take: impl FnMut(Event)) -> Result<Option<u64>, EventFileError> {
        if self.block_index == self.counts.len() {
            return Ok(None);
        }
        let block_samples = u64::from(self.bounds.block);
        let begin = self.block_index as u64 * block_samples;
        let now = self.left_in_block.min(MAX_EVENTS_PER_READ);
        for _ in 0..now {
            let mut bytes = [0; EVENT_BYTES as usize];
            self.input
                .read_exact(&mut bytes)
                .map_err(|source| EventFileError::Read { name: self.name.clone(), source })?;
            take(self.event(&bytes, begin)?);
            self.num_read += 1;
        }
        self.left_in_block -= now;
        if self.left_in_block > 0 {
            return Ok(Some(begin));
        }
        self.block_index += 1;
        self.left_in_block = self.counts.get(self.block_index).copied().unwrap_or(0);
        Ok(Some(begin + block_samples))
    }

    fn event(
        &self,
        bytes: &[u8; EVENT_BYTES as usize],
        begin: u64,
    ) -> Result<Event, EventFileError> {
        let numbers = bytes.as_chunks().0;
        let [channel, amplitude, onset] = [0, 1, 2].map(|i| f64::from_le_bytes(numbers[i]));
        let EventBounds { block, num_channels, loudest } = self.bounds;
        let event = self.num_read;
        let whole = |x: f64, end: u32| x >= 0.0 && x < f64::from(end) && x.fract() == 0.0;
        if !whole(channel, num_channels) {
            return Err(EventFileError::Channel { event, channel, num_channels });
        }
        if !whole(onset, block) {
            return Err(EventFileError::Onset { event, onset, block });
        }
        if amplitude.is_nan() || amplitude.abs() > f64::from(loudest) {
            return Err(EventFileError::Amplitude { event, amplitude });
        }
        Ok(Event {
            channel: channel as u32,
            sample: begin + onset as u64,
            amplitude: amplitude as f32,
        })
    }
}

fn name_of(path: &Path) -> String {
    printable(Path::new(path.file_name().unwrap_or_default()))
}

fn open(path: &Path) -> Result<(SourceReader, u64), EventFileError> {
    let name = || name_of(path);
    match open_source(path) {
        Ok(source) => {
            let bytes = source.bytes;
            Ok((source.reader(), bytes))
        }
        Err(OpenError::Io(source)) => Err(EventFileError::Open { name: name(), source }),
        Err(OpenError::NotRegular { .. }) => Err(EventFileError::NotRegular { name: name() }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use std::fs;

    /// Writes the two files and reads all of it.
    fn read(events: &[u8], counts: &[u8]) -> Result<(Vec<Event>, Vec<u64>), EventFileError> {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a_spike.raw");
        fs::write(&path, events).unwrap();
        fs::write(folder.path().join("a_num.raw"), counts).unwrap();
        let bounds = EventBounds { block: 100, num_channels: 4, loudest: 1e10 };
        let mut file = EventFile::open(&path, bounds)?;
        let (mut all, mut ends) = (Vec::new(), Vec::new());
        while let Some(end) = file.read(|event| all.push(event))? {
            ends.push(end);
        }
        assert_eq!(ends.last().copied().unwrap_or(0), file.most_samples());
        file.rewind()?;
        let mut again = Vec::new();
        while file.read(|event| again.push(event))?.is_some() {}
        assert_eq!(again, all);
        Ok((all, ends))
    }

    fn bytes(events: &[[f64; 4]], counts: &[i32]) -> (Vec<u8>, Vec<u8>) {
        let events = events.iter().flatten().flat_map(|x| x.to_le_bytes()).collect();
        (events, counts.iter().flat_map(|x| x.to_le_bytes()).collect())
    }

    #[test]
    fn events_come_with_samples_of_the_recording() {
        let three = [[3.0, 0.5, 99.0, 7.0], [0.0, -2.0, 0.0, f64::NAN], [1.0, 1.0, 5.0, 0.0]];
        let (events, counts) = bytes(&three, &[2, 0, 1]);
        let (events, ends) = read(&events, &counts).unwrap();
        let event = |channel, sample, amplitude| Event { channel, sample, amplitude };
        assert_eq!(events, [event(3, 99, 0.5), event(0, 0, -2.0), event(1, 205, 1.0)]);
        assert_eq!(ends, [100, 200, 300]);
    }

    #[test]
    fn a_block_of_many_events_comes_in_several_turns() {
        let count = MAX_EVENTS_PER_READ as usize + 1;
        let (events, counts) = bytes(&vec![[0.0, 1.0, 0.0, 0.0]; 2 * count], &[count as i32; 2]);
        let (events, ends) = read(&events, &counts).unwrap();
        assert_eq!((events.len(), &ends[..]), (2 * count, &[0, 100, 100, 200][..]));
    }

    #[test]
    fn what_cannot_be_is_said() {
        let message = |events: &[u8], counts: &[u8]| read(events, counts).unwrap_err().to_string();
        let one = |numbers: [f64; 4]| {
            let (events, counts) = bytes(&[numbers], &[1]);
            message(&events, &counts)
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
        let (events, counts) = bytes(&[[0.0; 4]], &[2]);
        assert_eq!(
            message(&events, &counts),
            "a_num.raw counts 2 spikes, and the file of spikes has 1"
        );
        assert!(message(&events[..31], &counts).contains("a_spike.raw has 31 bytes"));
        assert!(message(&events, &counts[..3]).contains("a_num.raw has 3 bytes"));
        let (events, counts) = bytes(&[], &[1, -1]);
        assert_eq!(message(&events, &counts), "a_num.raw says that block 1 has -1 spikes");
    }

    #[test]
    fn counts_lie_beside_events() {
        let beside =
            |path: &str| EventFile::companion(Path::new(path)).to_string_lossy().into_owned();
        assert_eq!(beside("a/b_spike.raw"), "a/b_num.raw");
        assert_eq!(beside("SX37_SPIKE.RAW"), "SX37_NUM.RAW");
        assert_eq!(beside("SX37_Spike.raw"), "SX37_Num.raw");
        assert_eq!(beside("spike.raw"), "num.raw");
    }

    proptest! {
        #[test]
        fn any_bytes_are_events_or_an_error(
            events in prop::collection::vec(any::<u8>(), 0..200),
            counts in prop::collection::vec(any::<u8>(), 0..20),
            whole: bool,
        ) {
            let counts = match whole {
                true => ((events.len() / 32) as u32).to_le_bytes().to_vec(),
                false => counts,
            };
            let _ = read(&events, &counts);
        }
    }
}
