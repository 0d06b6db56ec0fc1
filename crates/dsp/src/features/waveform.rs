//! The samples themselves, a row each.

use crate::error::Error;
use crate::frames::{Edges, FrameLayout};
use crate::samples::SampleScale;
use crate::scratch::Scratch;
use crate::sink::Sink;
use crate::stream::{Feature, Next, RowStream, Start};

/// The samples themselves: a row of one column for each, for models that learn from the waveform.
///
/// ```
/// use ossicle_dsp::{Feature, SampleScale, Scratch, Sink, Start, Waveform};
///
/// let waveform = Waveform::new(SampleScale::Int16);
/// let (mut scratch, mut sink) = (Scratch::default(), Sink::default());
/// let mut stream = waveform.begin(Start::default(), &mut scratch);
/// let _done = stream.finish(&[0.5, -0.25], &mut sink)?;
/// assert_eq!(sink.rows(), [16_384.0, -8192.0]);
/// # Ok::<(), ossicle_dsp::Error>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Waveform {
    scale: SampleScale,
}

impl Waveform {
    /// The layout of rows: frames of one sample.
    pub const FRAMES: FrameLayout = FrameLayout { length: 1, shift: 1, edges: Edges::Snip };

    /// Plans rows of samples.
    ///
    /// - `scale`: the range that samples of ±1.0 are brought into
    pub fn new(scale: SampleScale) -> Waveform {
        Waveform { scale }
    }
}

impl Feature for Waveform {
    fn dim(&self) -> usize {
        1
    }

    fn frames(&self) -> FrameLayout {
        Waveform::FRAMES
    }

    fn begin<'a>(&'a self, start: Start, _scratch: &'a mut Scratch) -> Box<dyn RowStream + 'a> {
        Box::new(WaveformStream { scale: self.scale, left_out: start.origin })
    }
}

/// An utterance's samples on their way to rows.
#[derive(Debug)]
struct WaveformStream {
    scale: SampleScale,
    /// The number of samples that are still to come before the origin.
    left_out: u64,
}

impl RowStream for WaveformStream {
    fn push(&mut self, samples: &[f32], out: &mut Sink) -> Result<(), Error> {
        let before = usize::try_from(self.left_out).unwrap_or(usize::MAX).min(samples.len());
        self.left_out -= before as u64;
        let own = &samples[before..];
        for (row, &sample) in out.append_rows(own.len()).iter_mut().zip(own) {
            *row = self.scale.of(sample);
        }
        Ok(())
    }

    fn finish(&mut self, last: &[f32], out: &mut Sink) -> Result<Next, Error> {
        self.push(last, out)?;
        Ok(Next::Done)
    }
}
