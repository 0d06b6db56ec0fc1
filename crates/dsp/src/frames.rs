//! The layout of frames over samples.

use std::ops::Range;

use crate::error::Error;

/// The treatment of frames that would reach past the recording.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Edges {
    /// Whole frames alone: Kaldi's `--snip-edges=true`, librosa's `center=False`.
    Snip,
    /// Frame t is centred on the middle of the t-th shift, and samples past an end are mirrored, the
    /// outermost one included: Kaldi's `--snip-edges=false`.
    Symmetric,
    /// Frame t is centred on sample t·shift: librosa's and torch's `center=True`. (Where the
    /// transform's size is odd and the shift divides the recording, they have one frame less.)
    Center {
        /// The values of samples past an end.
        pad: Pad,
        /// Leaves out the last frame, as Whisper does.
        drop_last: bool,
    },
    /// Frames begin with the recording, and the last is completed with zeros: python_speech_features.
    PadEnd,
    /// Half of what a frame is longer than the shift lies before the first sample, and as much behind the
    /// last, so that there is a frame for every whole shift: HiFi-GAN's and BigVGAN's mels, and
    /// `padding="same"` of Vocos.
    Same {
        /// The values of samples past an end.
        pad: Pad,
    },
    /// So many samples stand before the first one, and only whole frames are produced: the front ends of
    /// causal models, which see nothing of what follows.
    Left {
        /// The number of samples before the first.
        before: usize,
        /// Their values.
        pad: Pad,
    },
    /// The recording is cut into chunks, the last completed with zeros, and frame t is centred on sample
    /// t·shift, but sees nothing of the other chunks: Whisper, which takes 30 s at a time. See
    /// [`Chunked`](crate::Chunked).
    Chunks {
        /// The number of samples in a chunk, a multiple of the shift.
        samples: usize,
        /// The values of samples past a chunk's ends.
        pad: Pad,
    },
}

/// The values of samples past an end of the recording.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(rename_all = "kebab-case"))]
#[non_exhaustive]
pub enum Pad {
    /// Zeros: librosa's default.
    Zero,
    /// The recording mirrored, without its outermost sample: torchaudio, Whisper.
    Reflect,
    /// The outermost sample, repeated.
    Edge,
}

/// The positions of frames in a recording.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct FrameLayout {
    /// Samples in a frame.
    pub length: usize,
    /// Samples from one frame's first to the next frame's first.
    pub shift: usize,
    /// The treatment of frames that would reach past an end.
    pub edges: Edges,
}

/// The most samples that a chunk may have: 17 minutes of speech.
const MOST_IN_CHUNK: usize = 1 << 24;

impl FrameLayout {
    /// Returns the number of frames in a recording of `num_samples` samples; none where there are
    /// no samples.
    ///
    /// ```
    /// use ossicle_dsp::{Edges, FrameLayout, Pad};
    ///
    /// let layout = FrameLayout { length: 400, shift: 160, edges: Edges::Snip };
    /// assert_eq!(layout.num_frames(399), 0);
    /// assert_eq!(layout.num_frames(400), 1);
    /// assert_eq!(layout.num_frames(16_000), 98);
    ///
    /// let count = |edges| FrameLayout { edges, ..layout }.num_frames(16_000);
    /// assert_eq!(count(Edges::Symmetric), 100);
    /// assert_eq!(count(Edges::Center { pad: Pad::Zero, drop_last: false }), 101);
    /// assert_eq!(count(Edges::Center { pad: Pad::Reflect, drop_last: true }), 100);
    /// assert_eq!(count(Edges::PadEnd), 99);
    /// assert_eq!(count(Edges::Same { pad: Pad::Reflect }), 100);
    /// assert_eq!(count(Edges::Left { before: 240, pad: Pad::Zero }), 100);
    /// ```
    pub fn num_frames(&self, num_samples: usize) -> usize {
        match self.edges {
            _ if num_samples == 0 => 0,
            Edges::Snip => self.num_whole(num_samples),
            Edges::Symmetric => (num_samples + self.shift / 2) / self.shift,
            Edges::Center { drop_last, .. } => num_samples / self.shift + usize::from(!drop_last),
            Edges::PadEnd => 1 + num_samples.saturating_sub(self.length).div_ceil(self.shift),
            Edges::Same { .. } => self.num_whole(num_samples.saturating_add(2 * self.overhang())),
            Edges::Left { before, .. } => self.num_whole(num_samples.saturating_add(before)),
            Edges::Chunks { samples, .. } => {
                num_samples.div_ceil(samples).saturating_mul(samples / self.shift)
            }
        }
    }

    /// Returns the number of whole frames in so many samples.
    fn num_whole(&self, num_samples: usize) -> usize {
        num_samples.checked_sub(self.length).map_or(0, |after_first| 1 + after_first / self.shift)
    }

    /// Returns half of what a frame is longer than the shift, in whole samples.
    fn overhang(&self) -> usize {
        self.length.saturating_sub(self.shift) / 2
    }

    /// Returns the number of frames that are final, however many samples follow the first `seen`.
    pub(crate) fn num_final(&self, seen: usize) -> usize {
        let first = self.first_sample();
        let Ok(after_first) = usize::try_from(seen as isize - first - self.length as isize) else {
            return 0;
        };
        // Where samples stand for those before the first, as many as that must be there.
        if first < 0 && first.unsigned_abs() >= seen {
            return 0;
        }
        (after_first / self.shift + 1).min(self.num_frames(seen))
    }

    /// Returns the sample before the first that the frames from `next` on are made of, or an
    /// earlier one, once `seen` have come. Values past the end are of samples at most a frame from
    /// the last: the last frame is centred on the sample after that, at the most.
    pub(crate) fn needed_from(&self, next: usize, seen: usize) -> usize {
        let begin = self.first_sample() + (next * self.shift) as isize;
        let begin = usize::try_from(begin).unwrap_or(0).min(seen.saturating_sub(self.length + 1));
        begin.saturating_sub(1)
    }

    /// Returns the first frame that begins at a sample or after it.
    pub(crate) fn first_frame_from(&self, sample: usize) -> usize {
        let after_first = sample as isize - self.first_sample();
        usize::try_from(after_first).unwrap_or(0).div_ceil(self.shift)
    }

    /// Returns the first sample of the first frame, which may lie before the recording's.
    pub fn first_sample(&self) -> isize {
        self.first_centre() - self.half()
    }

    /// Returns the sample at the centre of the first frame, which lies before the recording's where more
    /// than half a frame is padded.
    pub fn first_centre(&self) -> isize {
        match self.edges {
            Edges::Snip | Edges::PadEnd => self.half(),
            Edges::Symmetric => self.shift as isize / 2,
            Edges::Center { .. } | Edges::Chunks { .. } => 0,
            Edges::Same { .. } => self.half() - self.overhang() as isize,
            Edges::Left { before, .. } => self.half() - before as isize,
        }
    }

    fn half(&self) -> isize {
        self.length as isize / 2
    }

    /// Returns the sample that stands at `place`, which may lie outside; none is a zero.
    pub(crate) fn source(&self, place: isize, num_samples: usize) -> Option<usize> {
        if let Ok(place) = usize::try_from(place)
            && place < num_samples
        {
            return Some(place);
        }
        let pad = match self.edges {
            Edges::Snip | Edges::PadEnd => Pad::Zero,
            Edges::Symmetric => return Some(mirror(2 * place + 1, num_samples)),
            Edges::Center { pad, .. }
            | Edges::Same { pad }
            | Edges::Left { pad, .. }
            | Edges::Chunks { pad, .. } => pad,
        };
        match pad {
            Pad::Zero => None,
            Pad::Reflect if num_samples == 1 => Some(0),
            // Mirrored about samples, and not about their edges.
            Pad::Reflect => {
                let period = 2 * (num_samples - 1);
                let at = place.rem_euclid(period as isize) as usize;
                Some(at.min(period - at))
            }
            Pad::Edge => Some(place.clamp(0, num_samples as isize - 1) as usize),
        }
    }

    /// Returns whether a frame holds a sample of a kind, also where it stands for one past an end.
    ///
    /// - `samples`: the whole recording
    pub fn any_of(&self, frame: usize, samples: &[f32], kind: impl Fn(f32) -> bool) -> bool {
        let begin = self.first_sample() + (frame * self.shift) as isize;
        let places = begin..begin + self.length as isize;
        let mut sources = places.filter_map(|place| self.source(place, samples.len()));
        sources.any(|at| kind(samples[at]))
    }

    /// Returns the samples from the first to the last of those that stand at the places of
    /// `frames`, padding included, and at the places between them.
    pub(crate) fn sources(&self, frames: &Range<usize>, num_samples: usize) -> Range<usize> {
        let place = |t: usize| self.first_sample() + (t * self.shift) as isize;
        let begin = place(frames.start);
        let end = match frames.is_empty() {
            true => begin,
            false => place(frames.end - 1) + self.length as isize,
        };
        let within = |place: isize| usize::try_from(place).unwrap_or(0).min(num_samples);
        let inside = within(begin)..within(end);
        // Less than a frame and a shift lie outside.
        let before = begin..end.min(0);
        let after = begin.max(num_samples as isize)..end;
        let outside = before.chain(after).filter_map(|place| self.source(place, num_samples));
        outside.fold(inside, |all, at| match all.is_empty() {
            true => at..at + 1,
            false => all.start.min(at)..all.end.max(at + 1),
        })
    }

    pub(crate) fn check(&self, n_fft: usize) -> Result<(), Error> {
        if self.length == 0 || self.length > n_fft {
            return Err(Error::FrameLength { length: self.length, n_fft });
        }
        if self.shift == 0 {
            return Err(Error::FrameShift);
        }
        match self.edges {
            // A frame of nothing but what stands for samples says nothing.
            Edges::Left { before, .. } if before >= self.length => {
                Err(Error::FramePadding { before, length: self.length })
            }
            Edges::Chunks { samples, .. }
                if !(1..=MOST_IN_CHUNK).contains(&samples)
                    || !samples.is_multiple_of(self.shift) =>
            {
                Err(Error::FrameChunk { samples, shift: self.shift, most: MOST_IN_CHUNK })
            }
            _ => Ok(()),
        }
    }
}

/// Returns the sample in whose cell a position lies, given in half samples, of a recording mirrored
/// about the outer edges of its outermost samples' cells.
fn mirror(half_samples: isize, num_samples: usize) -> usize {
    let period = 4 * num_samples;
    let at = half_samples.rem_euclid(period as isize) as usize;
    at.min(period - at) / 2
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn num_frames_counts_the_frames_that_fit() {
        for length in 1..12 {
            for shift in 1..12 {
                for num_samples in 0..64 {
                    let layout = FrameLayout { length, shift, edges: Edges::Snip };
                    let fitting = (0..).take_while(|t| t * shift + length <= num_samples).count();
                    assert_eq!(
                        layout.num_frames(num_samples),
                        fitting,
                        "{layout:?}, {num_samples}"
                    );
                }
            }
        }
    }

    #[test]
    fn every_sample_is_in_a_frame_where_the_end_is_padded() {
        for length in 1..12 {
            for shift in 1..=length {
                for num_samples in 1..64 {
                    let layout = FrameLayout { length, shift, edges: Edges::PadEnd };
                    let last = layout.num_frames(num_samples) - 1;
                    assert!(last * shift + length >= num_samples, "{layout:?}, {num_samples}");
                    assert!(last == 0 || (last - 1) * shift + length < num_samples);
                }
            }
        }
    }

    #[test]
    fn padded_frames_are_the_whole_frames_of_a_padded_recording() {
        for (length, shift) in (1..12).flat_map(|length| (1..12).map(move |shift| (length, shift)))
        {
            for num_samples in 1..40 {
                let count = |edges| FrameLayout { length, shift, edges }.num_frames(num_samples);
                let whole = |padding: usize| {
                    let fits = |t: &usize| t * shift + length <= num_samples + padding;
                    (0..).take_while(fits).count()
                };
                let overhang = length.saturating_sub(shift) / 2;
                let (same, before) = (Edges::Same { pad: Pad::Reflect }, length - 1);
                assert_eq!(count(same), whole(2 * overhang), "{length} {shift} {num_samples}");
                assert_eq!(count(Edges::Left { before, pad: Pad::Zero }), whole(before));
                if length >= shift && (length - shift).is_multiple_of(2) {
                    assert_eq!(count(same), num_samples / shift);
                }
            }
        }
    }

    #[test]
    fn samples_past_the_ends_are_mirrored_zeros_or_the_outermost() {
        let sources = |edges, num_samples: usize| -> Vec<Option<usize>> {
            let layout = FrameLayout { length: 4, shift: 1, edges };
            (-7..8).map(|place| layout.source(place, num_samples)).collect()
        };
        let all = |places: [usize; 15]| places.map(Some).to_vec();
        let center = |pad| Edges::Center { pad, drop_last: false };
        // numpy.pad of [0, 1, 2], 7 to the left and 5 to the right.
        let symmetric = all([0, 0, 1, 2, 2, 1, 0, 0, 1, 2, 2, 1, 0, 0, 1]);
        assert_eq!(sources(Edges::Symmetric, 3), symmetric);
        let reflect = all([1, 2, 1, 0, 1, 2, 1, 0, 1, 2, 1, 0, 1, 2, 1]);
        assert_eq!(sources(center(Pad::Reflect), 3), reflect);
        let edge = all([0, 0, 0, 0, 0, 0, 0, 0, 1, 2, 2, 2, 2, 2, 2]);
        assert_eq!(sources(center(Pad::Edge), 3), edge);
        let zero = sources(center(Pad::Zero), 3);
        assert_eq!(zero.iter().flatten().copied().collect::<Vec<_>>(), [0, 1, 2]);
        for edges in [Edges::Symmetric, center(Pad::Reflect), center(Pad::Edge)] {
            assert_eq!(sources(edges, 1), all([0; 15]), "{edges:?}");
        }
    }
}
