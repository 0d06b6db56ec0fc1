//! Features that are computed together, of samples of one rate and on one grid of frames.

use std::sync::Arc;

use ossicle_dsp::{Chunked, Extractor, FeatureConfig, FrameLayout, Level, SampleScale, Waveform};

use crate::columns;
use crate::draft::Draft;
use crate::error::RecipeError;
use crate::feature::{Feature, Planned, Recordings};
use crate::misfit::Misfit;
use crate::tables::{Duration, EdgesKey, FramesTable};

/// Features that are computed together: a decoded recording goes through each stream of its recipe, and the
/// columns of a stream's features stand side by side in each of its rows.
#[derive(Debug, Clone, PartialEq)]
pub struct Stream {
    features: Vec<Feature>,
    sample_rate_hz: Option<u32>,
    frames: FramesTable,
    scale: SampleScale,
    is_plain: bool,
}

impl Stream {
    /// Finds those of a recipe: first what has the recipe's own rate and frames, then the others in the order
    /// of its tables.
    pub(crate) fn all(draft: &Draft) -> Vec<Stream> {
        let is_alone = draft.feature.len() == 1;
        let new = |feature: &Feature| Stream {
            features: vec![feature.clone()],
            sample_rate_hz: feature.own_rate_hz().or(draft.audio.sample_rate_hz),
            frames: match feature.is_waveform() && !is_alone {
                true => every_sample(),
                false => feature.own_frames().unwrap_or(&draft.frames).clone(),
            },
            scale: draft.audio.scale,
            is_plain: draft.is_plain(feature),
        };
        let mut streams: Vec<Stream> = Vec::new();
        for stream in draft.feature.iter().map(new) {
            let feature = &stream.features[0];
            let joins = |other: &&mut Stream| {
                let is_alone = other.stands_alone() || feature.stands_alone();
                !is_alone && other.is_plain == stream.is_plain && other.is_on_grid_of(&stream)
            };
            match streams.iter_mut().find(joins) {
                Some(other) => other.features.push(feature.clone()),
                None => streams.push(stream),
            }
        }
        let is_other = |stream: &Stream| {
            let own_rate = stream.sample_rate_hz != draft.audio.sample_rate_hz;
            let own_frames = stream.frames != draft.frames;
            own_rate || own_frames
        };
        streams.sort_by_key(is_other);
        streams
    }

    /// Returns the features, whose columns stand side by side.
    pub fn features(&self) -> &[Feature] {
        &self.features
    }

    /// Returns the sample rate that it is computed at, in Hz; none where each recording has its own.
    pub fn sample_rate_hz(&self) -> Option<u32> {
        self.sample_rate_hz
    }

    /// Returns the frames' length, shift and edges.
    pub fn frames_table(&self) -> &FramesTable {
        &self.frames
    }

    /// Returns the layout of its frames, of samples of this rate.
    pub fn frames(&self, sample_rate_hz: u32) -> FrameLayout {
        self.frames.layout(sample_rate_hz)
    }

    /// Returns whether it is left out of deltas, splicing and normalisation.
    pub fn is_plain(&self) -> bool {
        self.is_plain
    }

    /// Returns whether both have the same frames, of samples of the same rate: as many rows, at the same times.
    pub fn is_on_grid_of(&self, other: &Stream) -> bool {
        self.sample_rate_hz == other.sample_rate_hz && self.frames == other.frames
    }

    /// Returns whether its rows are the samples themselves.
    pub fn is_waveform(&self) -> bool {
        self.features.iter().any(Feature::is_waveform)
    }

    /// Returns whether its only feature is no function of a spectrum.
    fn stands_alone(&self) -> bool {
        self.features.iter().any(Feature::stands_alone)
    }

    /// Describes recordings of this sample rate, for the features that are computed of them.
    pub fn recordings(&self, sample_rate_hz: u32) -> Recordings {
        Recordings { sample_rate_hz, scale: self.scale, frames: self.frames(sample_rate_hz) }
    }

    /// Returns the array and the name of each column of samples of this rate, before deltas.
    pub fn base_columns(&self, sample_rate_hz: u32) -> Vec<(String, String)> {
        columns::base_columns(&self.features, &self.recordings(sample_rate_hz))
    }

    /// Returns the frequency in Hz that each of these columns is of; none for those that are of none.
    pub fn base_freqs_hz(&self, sample_rate_hz: u32) -> Vec<Option<f64>> {
        columns::base_freqs_hz(&self.features, &self.recordings(sample_rate_hz))
    }

    /// Returns the feature that a column before deltas is of; none where there is no such column.
    ///
    /// - `column`: its place in a row of all its features side by side
    pub fn feature_of_column(&self, column: usize, sample_rate_hz: u32) -> Option<&Feature> {
        let mut end = 0;
        self.features.iter().find(|feature| {
            end += self.columns_of(feature, sample_rate_hz);
            column < end
        })
    }

    /// Returns how many columns a feature has before deltas.
    pub(crate) fn columns_of(&self, feature: &Feature, sample_rate_hz: u32) -> usize {
        let recordings = self.recordings(sample_rate_hz);
        columns::base_columns(std::slice::from_ref(feature), &recordings).len()
    }

    /// Returns the configurations of its features for samples of this rate; nothing where it is no function of
    /// a spectrum.
    pub fn feature_configs(&self, sample_rate_hz: u32) -> Vec<FeatureConfig> {
        let recordings = self.recordings(sample_rate_hz);
        self.features.iter().filter_map(|feature| feature.config(&recordings)).collect()
    }

    /// Checks whether it can be computed of samples of this rate.
    ///
    /// # Errors
    /// If a value is out of range at this rate.
    pub fn check_at(&self, sample_rate_hz: u32) -> Result<(), ossicle_dsp::Error> {
        // A feature that stands alone has a check of its own, since its plan takes long.
        let recordings = self.recordings(sample_rate_hz);
        let alone = self.features.iter().find_map(|feature| feature.check_alone(&recordings));
        alone.unwrap_or_else(|| Extractor::check(&self.feature_configs(sample_rate_hz)).map(drop))
    }

    /// Plans what is computed of samples of this rate.
    ///
    /// # Errors
    /// If a value is out of range at this rate.
    pub fn planned(&self, sample_rate_hz: u32, level: Level) -> Planned {
        let recordings = self.recordings(sample_rate_hz);
        let alone = self.features.iter().find_map(|feature| feature.plan_alone(&recordings, level));
        if let Some(alone) = alone {
            return alone;
        }
        let configs = self.feature_configs(sample_rate_hz);
        match Chunked::side_by_side(&configs, level) {
            Some(chunked) => Ok(Arc::new(chunked?)),
            None => Ok(Arc::new(Extractor::side_by_side(&configs, level)?)),
        }
    }

    /// Checks what frames of a feature that is no function of a spectrum may be.
    fn check_frames(&self, is_alone: bool) -> Result<(), Misfit> {
        if !self.stands_alone() {
            return Ok(());
        }
        let word = if self.is_waveform() { "waveform" } else { "spikegram" };
        let frames = &self.frames;
        for (key, given) in [("pad", frames.pad.is_some()), ("chunk", frames.chunk.is_some())] {
            if given {
                return Err(Misfit::idle("frames", key, format!("for a {word}")));
            }
        }
        if is_alone && self.is_waveform() && frames.layout(1) != Waveform::FRAMES {
            let reason =
                "in [frames]: a waveform that is alone has a row for each sample: length and shift must be \
                 \"1samples\", and edges \"snip\""
                    .to_owned();
            return Err(Misfit::table("frames", RecipeError::Unsupported { reason }));
        }
        Ok(())
    }
}

/// The frames of a waveform: each sample is one.
fn every_sample() -> FramesTable {
    let one = Duration::Samples(1);
    FramesTable {
        length: one,
        shift: one,
        made_for_hz: None,
        edges: EdgesKey::Snip,
        pad: None,
        pad_left: None,
        drop_last: false,
        chunk: None,
        rounding: None,
    }
}

/// Checks what a recipe's features go with.
pub(crate) fn check_company(draft: &Draft, streams: &[Stream]) -> Result<(), Misfit> {
    let is_alone = draft.feature.len() == 1;
    streams.iter().try_for_each(|stream| stream.check_frames(is_alone))?;
    let refused = |table, index, reason: String| {
        Err(Misfit::table(table, RecipeError::Unsupported { reason }).at(index))
    };
    for (at, feature) in draft.feature.iter().enumerate() {
        let name = feature.name();
        let has_it = |stream: &&Stream| stream.features.iter().any(|other| other.name() == name);
        if streams.iter().filter(has_it).count() > 1 {
            let reason = format!(
                "in [[feature]]: features of one array stand side by side, and those of {name:?} have other \
                 frames or sample rates, are plain or not, or are a spikegram or a waveform; give each a name"
            );
            return refused("feature", at, reason);
        }
        if feature.event_files().is_some() && !is_alone {
            let reason = "in [[feature]]: files of events stand for recordings, so that nothing else can be \
                          computed beside them; make two datasets of the same utterances";
            return refused("feature", at, reason.to_owned());
        }
        if feature.is_int16() && !draft.is_plain(feature) {
            let after = [
                ("deltas", draft.deltas.is_some()),
                ("splice", draft.splice.is_some()),
                ("normalize", draft.normalize.is_some()),
            ];
            if let Some((table, _)) = after.iter().find(|(_, given)| *given) {
                let reason = format!(
                    "in [[feature]]: dtype = \"int16\" keeps samples as they are, and [{table}] makes other \
                     numbers of them; leave it away, or set plain = true"
                );
                return refused("feature", at, reason);
            }
        }
    }
    let first = streams.first().filter(|stream| stream.stands_alone());
    if let (Some(first), Some(_)) = (first, &draft.vad) {
        let word = if first.is_waveform() { "waveform" } else { "spikegram" };
        let reason = format!(
            "[vad] goes by the log energy in the first column, which a {word} does not have"
        );
        return refused("vad", 0, reason);
    }
    Ok(())
}
