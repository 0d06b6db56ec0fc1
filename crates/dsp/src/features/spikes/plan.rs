//! Spikegrams as one kind of feature: recordings, or spikes that are known, in, and rows out.

use std::sync::OnceLock;

use super::columns::{SpikeColumns, SpikeSums};
use super::encoder::Encoder;
use super::gammatone::{Dictionary, GammatoneConfig};
use super::pursuit::{MatchingPursuit, PursuitConfig, Refine};
use crate::error::Error;
use crate::frames::FrameLayout;
use crate::kernels::simd::Level;
use crate::samples::SampleScale;
use crate::scratch::Scratch;
use crate::sink::Sink;
use crate::stream::{EventStream, Feature, Next, RowStream, Start};

/// The settings of a spikegram of recordings of one sample rate, and of its rows.
#[derive(Debug, Clone, PartialEq)]
pub struct SpikegramConfig {
    /// The range of the samples.
    pub scale: SampleScale,
    /// The dictionary.
    pub gammatones: GammatoneConfig,
    /// The end of the search for spikes.
    pub pursuit: PursuitConfig,
    /// The layout of the frames.
    pub frames: FrameLayout,
    /// The number of stretches of equal length that a frame is cut into.
    pub num_slots: usize,
}

impl SpikegramConfig {
    /// Checks the settings, without computing what takes long.
    ///
    /// # Errors
    /// If something is out of range.
    pub fn check(&self) -> Result<(), Error> {
        self.tables().map(drop)
    }

    /// Returns the names of a row's columns: a channel each, and then a slot each.
    ///
    /// ```
    /// use ossicle_dsp::spikes::{GammatoneConfig, PursuitConfig, SpikegramConfig};
    /// use ossicle_dsp::{Edges, FrameLayout, SampleScale};
    ///
    /// let config = SpikegramConfig {
    ///     scale: SampleScale::Unit,
    ///     gammatones: GammatoneConfig { num_channels: 2, ..GammatoneConfig::new(16_000) },
    ///     pursuit: PursuitConfig::snr_db(20.0),
    ///     frames: FrameLayout { length: 400, shift: 160, edges: Edges::Snip },
    ///     num_slots: 1,
    /// };
    /// assert_eq!(config.column_names(), ["channel0", "channel1", "slot0"]);
    /// ```
    pub fn column_names(&self) -> Vec<String> {
        let channels = (0..self.gammatones.num_channels).map(|at| format!("channel{at}"));
        channels.chain((0..self.num_slots).map(|at| format!("slot{at}"))).collect()
    }

    fn tables(&self) -> Result<(Dictionary, SpikeColumns), Error> {
        let dictionary = Dictionary::new(&self.gammatones)?;
        MatchingPursuit::check(&dictionary, &self.pursuit)?;
        let columns = SpikeColumns::new(&dictionary, self.frames, self.num_slots)?;
        Ok((dictionary, columns))
    }
}

/// A plan for the spikegrams of any recording, as rows of frames with the spikes as events.
///
/// It is immutable, so threads share it. Spikes are found in the whole recording, from the first sample
/// that is fed, in the same blocks whatever that is cut into; [`Start::origin`] says from which sample the
/// frames are laid out.
///
/// ```
/// use ossicle_dsp::spikes::{GammatoneConfig, PursuitConfig, SpikegramConfig, SpikegramPlan};
/// use ossicle_dsp::{Edges, Feature, FrameLayout, Level, Next, SampleScale, Scratch, Sink, Start};
///
/// let config = SpikegramConfig {
///     scale: SampleScale::Unit,
///     gammatones: GammatoneConfig::new(16_000),
///     pursuit: PursuitConfig::snr_db(20.0),
///     frames: FrameLayout { length: 400, shift: 160, edges: Edges::Snip },
///     num_slots: 10,
/// };
/// let plan = SpikegramPlan::new(config, Level::detect())?;
/// let click: Vec<f32> = (0..1600).map(|n| if n == 800 { 0.5 } else { 0.0 }).collect();
///
/// let (mut scratch, mut found) = (Scratch::default(), Sink::default());
/// let next = plan.begin(Start::default(), &mut scratch).finish(&click, &mut found)?;
/// assert_eq!(next, Next::Done);
/// assert_eq!(found.rows().len(), 8 * plan.dim());
///
/// // The spikes that were found, as if another program had: the same rows.
/// let mut again = Sink::default();
/// let mut known = plan.begin_events(Start::default()).expect("rows of spikes");
/// known.push(found.events(), 1600, &mut again)?;
/// let next = known.finish(1600, &mut again)?;
/// assert_eq!(next, Next::Done);
/// assert_eq!(again.rows(), found.rows());
/// # Ok::<(), ossicle_dsp::Error>(())
/// ```
#[derive(Debug)]
pub struct SpikegramPlan {
    config: SpikegramConfig,
    level: Level,
    dictionary: Dictionary,
    columns: SpikeColumns,
    /// Computed for the first recording: spikes that are known need none.
    pursuit: OnceLock<MatchingPursuit>,
}

impl SpikegramPlan {
    /// Computes the dictionary. The tables of the pursuit, some megabytes and a fraction of a second, are
    /// computed when the first recording begins, while others that begin wait.
    ///
    /// # Errors
    /// If something in the configuration is out of range.
    pub fn new(config: SpikegramConfig, level: Level) -> Result<SpikegramPlan, Error> {
        let (dictionary, columns) = config.tables()?;
        Ok(SpikegramPlan { config, level, dictionary, columns, pursuit: OnceLock::new() })
    }

    /// Returns the settings that it was made of.
    pub fn config(&self) -> &SpikegramConfig {
        &self.config
    }

    fn pursuit(&self) -> &MatchingPursuit {
        self.pursuit.get_or_init(|| {
            let config = self.config.pursuit.clone();
            MatchingPursuit::checked(self.dictionary.clone(), config, self.level)
        })
    }
}

impl Feature for SpikegramPlan {
    fn dim(&self) -> usize {
        self.columns.dim()
    }

    fn frames(&self) -> FrameLayout {
        self.columns.frames()
    }

    fn hears_around(&self) -> bool {
        true
    }

    /// Returns the bytes of a correlation a channel for each sample of a block, of the pursuit's
    /// other buffers, and of the spikes, where every third sample has one. Spikes that are known
    /// need none of it.
    fn scratch_bytes(&self) -> u64 {
        const CHANNEL_BYTES: u64 = 4;
        let of_refinement = match self.config.pursuit.refine {
            Refine::None => 0,
            Refine::Orthogonal => 24,
        };
        let of_sample =
            CHANNEL_BYTES * self.config.gammatones.num_channels as u64 + 60 + of_refinement;
        self.config.pursuit.block as u64 * of_sample
    }

    fn prepare(&self) {
        self.pursuit();
    }

    fn begin<'a>(&'a self, start: Start, scratch: &'a mut Scratch) -> Box<dyn RowStream + 'a> {
        let Scratch { pursuit, block, .. } = scratch;
        block.clear();
        Box::new(Search {
            scale: self.config.scale,
            block_len: self.config.pursuit.block,
            block,
            encoder: self.pursuit().begin(pursuit),
            sums: self.columns.begin(start.origin),
        })
    }

    fn begin_events(&self, start: Start) -> Option<Box<dyn EventStream + '_>> {
        Some(Box::new(self.columns.begin(start.origin)))
    }
}

/// The search for the spikes of a recording, block by block.
#[derive(Debug)]
struct Search<'a> {
    scale: SampleScale,
    /// The number of samples of a block.
    block_len: usize,
    /// The samples of the next block that have come, scaled.
    block: &'a mut Vec<f32>,
    encoder: Encoder<'a>,
    sums: SpikeSums<'a>,
}

impl Search<'_> {
    /// Codes what there is of a block.
    fn encode(&mut self, out: &mut Sink) -> Result<(), Error> {
        let before = out.events().len();
        self.encoder.push(self.block, out.events_mut())?;
        if self.encoder.ended_early() {
            out.end_early();
        }
        self.block.clear();
        self.sums.add(&out.events()[before..]);
        self.sums.rows_before(self.encoder.num_samples(), out);
        Ok(())
    }
}

impl RowStream for Search<'_> {
    fn push(&mut self, samples: &[f32], out: &mut Sink) -> Result<(), Error> {
        let mut left = samples;
        while !left.is_empty() {
            let (now, later) = left.split_at(left.len().min(self.block_len - self.block.len()));
            self.block.extend(now.iter().map(|&x| self.scale.of(x)));
            left = later;
            if self.block.len() == self.block_len {
                self.encode(out)?;
            }
        }
        Ok(())
    }

    fn finish(&mut self, last: &[f32], out: &mut Sink) -> Result<Next, Error> {
        self.push(last, out)?;
        self.encode(out)?;
        self.sums.rest(self.encoder.num_samples(), out);
        Ok(Next::Done)
    }
}
