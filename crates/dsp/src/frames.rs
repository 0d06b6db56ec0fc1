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
    /// ```
    pub fn num_frames(&self, num_samples: usize) -> usize {
        match self.edges {
            _ if num_samples == 0 => 0,
            Edges::Snip if num_samples < self.length => 0,
            Edges::Snip => 1 + (num_samples - self.length) / self.shift,
            Edges::Symmetric => (num_samples + self.shift / 2) / self.shift,
            Edges::Center { drop_last, .. } => num_samples / self.shift + usize::from(!drop_last),
            Edges::PadEnd => 1 + num_samples.saturating_sub(self.length).div_ceil(self.shift),
        }
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
        self.first_centre() as isize - self.half() as isize
    }

    /// Returns the sample at the centre of the first frame.
    pub fn first_centre(&self) -> usize {
        match self.edges {
            Edges::Snip | Edges::PadEnd => self.half(),
            Edges::Symmetric => self.shift / 2,
            Edges::Center { .. } => 0,
        }
    }

    fn half(&self) -> usize {
        self.length / 2
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
            Edges::Center { pad, .. } => pad,
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
        Ok(())
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
