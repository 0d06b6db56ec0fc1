//! `[frames]`: the frames' length, shift and edges.

use ossicle_dsp::{Edges, FrameLayout, Pad};
use serde::{Deserialize, Serialize};

use super::duration::Duration;
use crate::keys::{keys, table};
use crate::misfit::Misfit;

keys! {
    /// `[frames]`: the frames' length, shift and edges.
    FramesTable {
        /// The length of a frame.
        length: Duration, needed;
        /// The distance from one frame's first sample to the next frame's first.
        shift: Duration, needed;
        /// The sample rate that lengths in samples were made for, in Hz; other rates are told, and
        /// computed all the same.
        made_for_hz: u32, none("lengths are meant as they stand at any rate");
        /// The treatment of the ends. `"snip"`: only whole frames; `"symmetric"`: the recording is
        /// mirrored, as Kaldi's `--snip-edges=false` does; `"center"`: frames are centred on every
        /// shift, as librosa, torchaudio and Whisper have them; `"pad-end"`: the last frame is
        /// completed with zeros, and times are the nearest whole number of samples, as
        /// python_speech_features has them; otherwise a part of a sample is dropped.
        edges: EdgesKey, always(EdgesKey::Snip);
        /// With `edges = "center"`: the samples past an end: zeros, the recording mirrored, or its
        /// outermost sample.
        pad: Pad, or(Pad::Zero);
        /// With `edges = "center"`: leaves the last frame out, as Whisper does.
        drop_last: bool, unless(false);
    }
}
table!(FramesTable);

/// A treatment of frames that would reach past the recording; see [`Edges`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
#[non_exhaustive]
pub enum EdgesKey {
    /// Only whole frames are produced.
    Snip,
    /// The recording is mirrored at its ends: Kaldi's `--snip-edges=false`.
    Symmetric,
    /// Frames are centred on every shift: librosa, torchaudio, Whisper.
    Center,
    /// The last frame is completed with zeros, and times are rounded to samples: python_speech_features.
    PadEnd,
}

impl FramesTable {
    /// Returns the layout of the frames of recordings of this sample rate.
    pub(crate) fn layout(&self, sample_rate_hz: u32) -> FrameLayout {
        let edges = match self.edges {
            EdgesKey::Snip => Edges::Snip,
            EdgesKey::Symmetric => Edges::Symmetric,
            EdgesKey::Center => Edges::Center { pad: self.pad(), drop_last: self.drop_last },
            EdgesKey::PadEnd => Edges::PadEnd,
        };
        // Each program's own rule; that of python_speech_features goes with its edges.
        let samples = |span: Duration| match self.edges {
            EdgesKey::PadEnd => span.nearest_samples(sample_rate_hz),
            _ => span.samples(sample_rate_hz),
        };
        FrameLayout { length: samples(self.length), shift: samples(self.shift), edges }
    }

    /// Refuses keys that mean nothing beside the others.
    pub(crate) fn check(&self) -> Result<(), Misfit> {
        if self.edges == EdgesKey::Center || (self.pad.is_none() && !self.drop_last) {
            return Ok(());
        }
        let key = if self.pad.is_some() { "pad" } else { "drop_last" };
        Err(Misfit::idle("frames", key, "without edges = \"center\"".to_owned()))
    }
}
