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
        /// python_speech_features has them; otherwise a part of a sample is dropped. `"same"`: half of what
        /// a frame is longer than the shift is padded at either end, as HiFi-GAN and BigVGAN do;
        /// `"left"`: only the beginning is padded, as causal models do.
        edges: EdgesKey, always(EdgesKey::Snip);
        /// With `edges = "center"`, `"same"` or `"left"`: the samples past an end: zeros, the recording
        /// mirrored, or its outermost sample.
        pad: Pad, or(Pad::Zero);
        /// With `edges = "left"`: the length of what is padded.
        pad_left: Duration, none("what a frame is longer than the shift");
        /// With `edges = "center"`: leaves the last frame out, as Whisper does.
        drop_last: bool, unless(false);
        /// With `edges = "center"` and `drop_last`: cuts the recording into chunks of this length, the last
        /// completed with zeros, each of which is padded for itself and has its own maximum: Whisper's
        /// windows of `"30s"`.
        chunk: Duration, none("the recording is one");
        /// The treatment of lengths that are no whole number of samples.
        rounding: Rounding, none("`\"nearest\"` with `edges = \"pad-end\"`, otherwise `\"down\"`");
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
    /// Half of what a frame is longer than the shift is padded at either end: HiFi-GAN, BigVGAN.
    Same,
    /// The beginning is padded, and only whole frames are produced.
    Left,
}

/// A treatment of lengths that are no whole number of samples.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Rounding {
    /// A part of a sample is dropped: Kaldi, HTK, NeMo.
    Down,
    /// The nearest whole number is taken, of two the higher: python_speech_features, SpeechBrain.
    Nearest,
}

impl FramesTable {
    /// Returns the layout of the frames of recordings of this sample rate.
    pub(crate) fn layout(&self, sample_rate_hz: u32) -> FrameLayout {
        // Each program's own rule; that of python_speech_features goes with its edges.
        let rounding = self.rounding.unwrap_or(match self.edges {
            EdgesKey::PadEnd => Rounding::Nearest,
            _ => Rounding::Down,
        });
        let samples = |span: Duration| match rounding {
            Rounding::Nearest => span.nearest_samples(sample_rate_hz),
            Rounding::Down => span.samples(sample_rate_hz),
        };
        let (length, shift, pad) = (samples(self.length), samples(self.shift), self.pad());
        let edges = match self.edges {
            EdgesKey::Snip => Edges::Snip,
            EdgesKey::Symmetric => Edges::Symmetric,
            EdgesKey::Center => match self.chunk {
                Some(chunk) => Edges::Chunks { samples: samples(chunk), pad },
                None => Edges::Center { pad, drop_last: self.drop_last },
            },
            EdgesKey::PadEnd => Edges::PadEnd,
            EdgesKey::Same => Edges::Same { pad },
            EdgesKey::Left => {
                let before = self.pad_left.map_or(length.saturating_sub(shift), samples);
                Edges::Left { before, pad }
            }
        };
        FrameLayout { length, shift, edges }
    }

    /// Refuses keys that mean nothing beside the others.
    pub(crate) fn check(&self) -> Result<(), Misfit> {
        let is_padded = matches!(self.edges, EdgesKey::Center | EdgesKey::Same | EdgesKey::Left);
        let (is_centred, is_left) = (self.edges == EdgesKey::Center, self.edges == EdgesKey::Left);
        let center = "without edges = \"center\"";
        let idle = [
            ("pad", self.pad.is_some() && !is_padded, center),
            ("drop_last", self.drop_last && !is_centred, center),
            ("chunk", self.chunk.is_some() && !is_centred, center),
            ("chunk", self.chunk.is_some() && !self.drop_last, "without drop_last = true"),
            ("pad_left", self.pad_left.is_some() && !is_left, "without edges = \"left\""),
        ];
        match idle.into_iter().find(|(_, idle, _)| *idle) {
            Some((key, _, why)) => Err(Misfit::idle("frames", key, why.to_owned())),
            None => Ok(()),
        }
    }
}
