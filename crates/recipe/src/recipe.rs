//! Everything that can change the bytes of a dataset, checked.

use ossicle_audio::RawFormat;
use ossicle_dsp::{
    Deltas, EnergyVad, FeatureConfig, FrameLayout, SlidingNormalizer, Splice, Wide, Widen,
};
use serde::de::Error as _;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::draft::Draft;
use crate::error::RecipeError;
use crate::feature::{EventFiles, Feature};
use crate::misfit::Misfit;
use crate::node::Table;
use crate::presets;
use crate::stream::{self, Stream};
use crate::tables::{
    AudioTable, FramesTable, LabelsTable, NormalizeTable, OutputTable, SpliceAt, SpliceTable,
    VadTable,
};

/// Everything that can change the bytes of a dataset, checked.
///
/// It is made of a text by a [`RecipeSource`](crate::RecipeSource), or of what it was serialised to,
/// which is checked as well. Two are equal if they mean the same: one may say what is the default of
/// the other.
#[derive(Debug, Clone, PartialEq)]
pub struct Recipe {
    draft: Draft,
    streams: Vec<Stream>,
    deltas: Deltas,
    splice: Splice,
    vad: Option<EnergyVad>,
    sliding: Option<SlidingNormalizer>,
    example_rate_hz: u32,
}

/// The rates that a recipe which says none is tried at: it has to be computable at one of them.
const USUAL_RATES_HZ: [u32; 10] =
    [16_000, 8000, 11_025, 22_050, 24_000, 32_000, 44_100, 48_000, 96_000, 192_000];

impl Recipe {
    /// Returns the names of the presets.
    pub fn preset_names() -> impl Iterator<Item = &'static str> {
        presets::names()
    }

    /// Returns the further names of presets, each with the preset's own.
    pub fn preset_aliases() -> impl Iterator<Item = (&'static str, &'static str)> {
        presets::aliases()
    }

    /// Returns the preset's TOML, with comments.
    ///
    /// - `name`: its own, or a further one
    ///
    /// # Errors
    /// If there is none of this name; the error lists those there are.
    pub fn preset(name: &str) -> Result<&'static str, RecipeError> {
        presets::text(name).ok_or_else(|| RecipeError::NoPreset { name: name.to_owned() })
    }

    /// Checks what was read.
    ///
    /// # Errors
    /// If it cannot be computed.
    pub(crate) fn checked(mut draft: Draft) -> Result<Recipe, Misfit> {
        // Always written, so that a card without it is known to be of a version that had none.
        draft.audio.levels.get_or_insert(true);
        draft.check()?;
        let streams = Stream::all(&draft);
        stream::check_company(&draft, &streams)?;
        let mut recipe = Recipe {
            streams,
            deltas: draft.deltas.as_ref().map_or(Ok(Deltas::NONE), |table| table.deltas())?,
            splice: draft.splice.as_ref().map_or(Ok(Splice::NONE), SpliceTable::splice)?,
            vad: draft.vad.as_ref().map(VadTable::vad).transpose()?,
            sliding: draft.normalize.as_ref().map_or(Ok(None), NormalizeTable::sliding)?,
            example_rate_hz: draft.audio.sample_rate_hz.unwrap_or(USUAL_RATES_HZ[0]),
            draft,
        };
        if let Err(error) = recipe.check_at(recipe.example_rate_hz) {
            // Where recordings have their own rates, only theirs can tell.
            let any = || USUAL_RATES_HZ.into_iter().find(|&hz| recipe.check_at(hz).is_ok());
            let other = if recipe.draft.audio.sample_rate_hz.is_none() { any() } else { None };
            recipe.example_rate_hz =
                other.ok_or_else(|| Misfit::table("feature", RecipeError::Feature(error)))?;
        }
        recipe.check_columns()?;
        recipe.check_constants()?;
        let has_own = recipe.streams.iter().any(|stream| recipe.has_own_rate(stream));
        let is_resampled = recipe.audio().resampling().is_some() || has_own;
        if is_resampled && recipe.events_name().is_some() {
            let reason = "audio.resample: spikes that are kept have their places in samples of the recording, \
                          and those of resampled ones are not; resample the recordings before";
            return Err(Misfit::in_words("audio", "resample", reason.to_owned()));
        }
        Ok(recipe)
    }

    /// Checks whether the features of recordings of this sample rate can be computed.
    ///
    /// # Errors
    /// If a value is out of range at this rate.
    pub fn check_at(&self, sample_rate_hz: u32) -> Result<(), ossicle_dsp::Error> {
        let check = |stream: &Stream| stream.check_at(self.rate_of(stream, sample_rate_hz));
        self.streams.iter().try_for_each(check)
    }

    /// Returns its features as they are computed: those of one sample rate and one grid of frames together.
    /// There is at least one; the first is on the grid that labels are on.
    pub fn streams(&self) -> &[Stream] {
        &self.streams
    }

    /// Returns the sample rate in Hz that a stream is computed at, where one without a rate of its own is
    /// computed at this one.
    pub fn rate_of(&self, stream: &Stream, sample_rate_hz: u32) -> u32 {
        let own = stream.sample_rate_hz().filter(|_| self.has_own_rate(stream));
        own.unwrap_or(sample_rate_hz)
    }

    fn has_own_rate(&self, stream: &Stream) -> bool {
        stream.sample_rate_hz() != self.audio().sample_rate_hz
    }

    /// `[audio]`: how samples are taken from recordings.
    pub fn audio(&self) -> &AudioTable {
        &self.draft.audio
    }

    /// `[frames]`: the frames' length, shift and edges.
    pub fn frames_table(&self) -> &FramesTable {
        &self.draft.frames
    }

    /// `[[feature]]`: what is computed of each frame. There is at least one.
    pub fn features(&self) -> &[Feature] {
        &self.draft.feature
    }

    /// `[[labels]]`: labels of each frame; none if empty.
    pub fn labels(&self) -> &[LabelsTable] {
        &self.draft.labels
    }

    /// `[normalize]`: how columns are normalised; not at all if absent.
    pub fn normalize(&self) -> Option<&NormalizeTable> {
        self.draft.normalize.as_ref()
    }

    /// `[output]`: how the dataset is written.
    pub fn output(&self) -> &OutputTable {
        &self.draft.output
    }

    /// Makes a recipe that normalises by a corpus or another dataset normalise by all splits.
    pub fn normalized_by_all(mut self) -> Recipe {
        if let Some(normalize) = &mut self.draft.normalize
            && normalize.stats_from.is_some()
        {
            normalize.stats_from = Some("all".to_owned());
        }
        self
    }

    /// Returns the names of the feature arrays.
    pub fn feature_names(&self) -> Vec<&str> {
        self.draft.feature_names()
    }

    /// Returns whether an array is left out of deltas, splicing and normalisation.
    pub fn is_plain(&self, array: &str) -> bool {
        let has_it = |stream: &Stream| stream.features().iter().any(|of| of.name() == array);
        self.streams.iter().any(|stream| has_it(stream) && stream.is_plain())
    }

    /// Returns the array and the name of each column of all features, before deltas.
    ///
    /// - `sample_rate_hz`: the rate of streams that have none of their own
    pub fn base_columns(&self, sample_rate_hz: u32) -> Vec<(String, String)> {
        let of = |stream: &Stream| stream.base_columns(self.rate_of(stream, sample_rate_hz));
        self.streams.iter().flat_map(of).collect()
    }

    /// Returns the frequency in Hz that each of these columns is of: the peak of a mel filter, the middle of a bin, the
    /// centre of a gammatone; none for those that are of none.
    ///
    /// - `sample_rate_hz`: the rate of streams that have none of their own
    pub fn base_freqs_hz(&self, sample_rate_hz: u32) -> Vec<Option<f64>> {
        let of = |stream: &Stream| stream.base_freqs_hz(self.rate_of(stream, sample_rate_hz));
        self.streams.iter().flat_map(of).collect()
    }

    /// Refuses a feature that has no column: its array would hold nothing.
    fn check_columns(&self) -> Result<(), Misfit> {
        let empty = self.streams.iter().find_map(|stream| {
            let rate = self.rate_of(stream, self.example_rate_hz);
            stream.features().iter().find(|feature| stream.columns_of(feature, rate) == 0)
        });
        match empty.and_then(|empty| self.features().iter().position(|of| of == empty)) {
            Some(at) => {
                let reason =
                    "in [[feature]]: it has no column; leave the table out, or let it have one";
                let error = RecipeError::Unsupported { reason: reason.to_owned() };
                Err(Misfit::table("feature", error).at(at))
            }
            None => Ok(()),
        }
    }

    /// Refuses constants of another number of columns than there are.
    fn check_constants(&self) -> Result<(), Misfit> {
        let Some(normalize) = self.normalize() else { return Ok(()) };
        let columns = self.base_columns(self.example_rate_hz);
        for name in self.feature_names().into_iter().filter(|name| !self.is_plain(name)) {
            let own = columns.iter().filter(|(array, _)| array == name).count();
            if let Some(Err(error)) = normalize.constants(self.wide().wide_dim(own)) {
                return Err(Misfit::table("normalize", error));
            }
        }
        Ok(())
    }

    /// Returns a sample rate in Hz at which it can be computed: that of `audio.sample_rate_hz`, or where
    /// recordings may have any, a usual one. It says nothing about the recordings that there are.
    pub fn example_rate_hz(&self) -> u32 {
        self.example_rate_hz
    }

    /// Returns the format of headerless recordings, if the recipe says it.
    pub fn raw_format(&self) -> Option<RawFormat> {
        self.draft.audio.raw_format()
    }

    /// Returns the layout of the frames that labels are of: those of the first stream.
    ///
    /// - `sample_rate_hz`: the rate of streams that have none of their own
    pub fn frames(&self, sample_rate_hz: u32) -> FrameLayout {
        let first = self.streams.first();
        let layout = |stream: &Stream| stream.frames(self.rate_of(stream, sample_rate_hz));
        first.map_or_else(|| self.draft.frames.layout(sample_rate_hz), layout)
    }

    /// Returns the files of events that stand for recordings, where they do.
    pub fn event_files(&self) -> Option<EventFiles> {
        self.features().iter().find_map(Feature::event_files)
    }

    /// Returns the name of the array of events; none where there is none.
    pub fn events_name(&self) -> Option<&'static str> {
        self.features().iter().find_map(Feature::events_name)
    }

    /// Returns the configurations of all features that are functions of a spectrum.
    ///
    /// - `sample_rate_hz`: the rate of streams that have none of their own
    pub fn feature_configs(&self, sample_rate_hz: u32) -> Vec<FeatureConfig> {
        let of = |stream: &Stream| stream.feature_configs(self.rate_of(stream, sample_rate_hz));
        self.streams.iter().flat_map(of).collect()
    }

    /// Returns the derivatives over time.
    pub fn deltas(&self) -> Deltas {
        self.deltas
    }

    /// Returns what is made of rows before they are normalised: derivatives, and neighbouring frames where
    /// those come before.
    pub fn wide(&self) -> Wide {
        let splice = if self.splices_before() { self.splice } else { Splice::NONE };
        Wide { deltas: self.deltas, splice }
    }

    /// Returns the neighbouring frames that stand beside each after normalisation.
    pub fn splice(&self) -> Splice {
        if self.splices_before() { Splice::NONE } else { self.splice }
    }

    fn splices_before(&self) -> bool {
        self.draft.splice.as_ref().is_some_and(|table| table.at() == SpliceAt::Before)
    }

    /// Returns how many frames it is from one row to the next.
    pub fn frames_per_row(&self) -> usize {
        self.splice.step()
    }

    /// Returns the number of frames before and after each that stand beside it.
    pub fn spliced_frames(&self) -> (usize, usize) {
        self.draft.splice.as_ref().map_or((0, 0), |table| (table.left, table.right))
    }

    /// Returns the name of the array that says which frames are speech, and what says it, if that is
    /// asked.
    pub fn vad(&self) -> Option<(&str, EnergyVad)> {
        Some((&self.draft.vad.as_ref()?.name, self.vad?))
    }

    /// Returns the normalisation by a moving window, if that is wanted.
    pub fn sliding(&self) -> Option<SlidingNormalizer> {
        self.sliding
    }

    /// Writes the recipe as TOML that reads back as the same.
    pub fn to_toml(&self) -> String {
        toml::to_string(&self.draft).unwrap_or_else(|error| format!("# {error}\n"))
    }

    /// Writes the recipe as TOML, without the keys that no byte of a dataset depends on: what they allow and tell.
    pub fn deciding_toml(&self) -> String {
        let mut draft = self.draft.clone();
        draft.audio.mixed_rates = false;
        draft.frames.made_for_hz = None;
        // A recipe without them is known by what it was known by before there were any.
        draft.audio.levels = draft.audio.levels.filter(|&levels| levels);
        toml::to_string(&draft).unwrap_or_else(|error| format!("# {error}\n"))
    }

    /// Refuses to judge speech by a column that is no energy.
    pub(crate) fn check_speech(&self) -> Result<(), Misfit> {
        let first = self.base_columns(self.example_rate_hz).into_iter().next();
        let Some((_, first)) = first.filter(|_| self.vad.is_some()) else { return Ok(()) };
        if ["energy", "c0"].contains(&first.as_str()) {
            return Ok(());
        }
        let reason = format!(
            "[vad] goes by the log energy in the first column, and that is {first}; feature.use_energy = \
             true puts the energy there"
        );
        Err(Misfit::table("vad", RecipeError::Unsupported { reason }))
    }
}

impl Serialize for Recipe {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        self.draft.serialize(to)
    }
}

impl<'de> Deserialize<'de> for Recipe {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Recipe, D::Error> {
        let tables = Table::from(toml::Table::deserialize(from)?);
        let mut draft = Draft::read(&tables).map_err(|mistake| D::Error::custom(mistake.error))?;
        // Written by a version that had none.
        draft.audio.levels.get_or_insert(false);
        Recipe::checked(draft).map_err(|misfit| D::Error::custom(misfit.error))
    }
}
