//! `[[feature]]`: what is computed of each frame. A struct a kind, each with the keys that it takes.

mod array;
mod cepstra;
mod compression;
mod energy;
mod events;
mod filters;
mod front;
mod mel;
mod mfcc;
mod n_fft;
mod own_frames;
mod plp;
mod recordings;
mod spectrogram;
mod spikegram;
mod waveform;

use std::sync::Arc;

use ossicle_dsp::spikes::SpikegramPlan;
use ossicle_dsp::{FeatureConfig, Level};
use serde::ser::SerializeMap;
use serde::{Deserialize, Serialize, Serializer};

use crate::error::RecipeError;
use crate::fields::{Fields, Mistake};
use crate::keys::{Key, Keys};
use crate::misfit::Misfit;
use crate::node::Node;
use crate::tables::FramesTable;

pub use array::ArrayKeys;
pub use cepstra::{CepstraKeys, LifterFromKey};
pub use compression::{CompressionKeys, FloorKey, LogKey, LogOfCepstra, LogOfColumns};
pub use energy::EnergyKeys;
pub use events::EventFiles;
pub use filters::FilterKeys;
pub use front::{FrontKeys, PreemphasisKey, WindowKey};
pub use mel::MelFeature;
pub use mfcc::MfccFeature;
pub use n_fft::NFft;
pub use own_frames::OwnFrames;
pub use plp::{FloorOfPlp, LinearPredictionKeys, PlpFeature};
pub use recordings::Recordings;
pub use spectrogram::{BinKeys, SpectrogramFeature};
pub use spikegram::{BandKeys, SpikeKeys, SpikegramFeature, SpikesFromKey};
pub use waveform::{SampleKeys, SampleType, WaveformFeature};

/// `[[feature]]`: what is computed of each frame. Keys are Kaldi's words where Kaldi has one.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub enum Feature {
    /// Cepstra of mel energies.
    Mfcc(MfccFeature),
    /// Mel energies.
    Mel(MelFeature),
    /// Cepstra of linear prediction.
    Plp(PlpFeature),
    /// Bins of the spectrum, or sums of neighbouring ones.
    Spectrogram(SpectrogramFeature),
    /// Sums of spikes: the recording's gammatones.
    Spikegram(SpikegramFeature),
    /// The samples themselves.
    Waveform(WaveformFeature),
}

/// A planned feature, or the reason why its configuration cannot be computed.
pub(crate) type Planned = Result<Arc<dyn ossicle_dsp::Feature>, ossicle_dsp::Error>;

/// A kind of feature: the value of the key `kind`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Kind {
    Mfcc,
    #[serde(alias = "fbank")]
    Mel,
    Plp,
    Spectrogram,
    Spikegram,
    Waveform,
}

/// Does the same with the struct of any kind.
macro_rules! each {
    ($feature:expr, $of:pat => $does:expr) => {
        match $feature {
            Feature::Mfcc($of) => $does,
            Feature::Mel($of) => $does,
            Feature::Plp($of) => $does,
            Feature::Spectrogram($of) => $does,
            Feature::Spikegram($of) => $does,
            Feature::Waveform($of) => $does,
        }
    };
}

impl Feature {
    /// Reads a table of any kind.
    pub(crate) fn read(node: &Node) -> Result<Feature, Mistake> {
        let fields = Fields::of("feature", true, node)?;
        let kind: Kind = fields.need("kind")?;
        fields.refuse_unknown(&kind.names(), &|key| kind.refusal(key))?;
        match kind {
            Kind::Mfcc => Keys::read(&fields).map(Feature::Mfcc),
            Kind::Mel => Keys::read(&fields).map(Feature::Mel),
            Kind::Plp => Keys::read(&fields).map(Feature::Plp),
            Kind::Spectrogram => Keys::read(&fields).map(Feature::Spectrogram),
            Kind::Spikegram => Keys::read(&fields).map(Feature::Spikegram),
            Kind::Waveform => Keys::read(&fields).map(Feature::Waveform),
        }
    }

    pub(crate) fn kind(&self) -> Kind {
        match self {
            Feature::Mfcc(_) => Kind::Mfcc,
            Feature::Mel(_) => Kind::Mel,
            Feature::Plp(_) => Kind::Plp,
            Feature::Spectrogram(_) => Kind::Spectrogram,
            Feature::Spikegram(_) => Kind::Spikegram,
            Feature::Waveform(_) => Kind::Waveform,
        }
    }

    /// Returns the word for its kind in a recipe.
    pub fn kind_word(&self) -> &'static str {
        self.kind().word()
    }

    /// Returns the names of the keys that features of any kind have, each once.
    pub(crate) fn key_names() -> Vec<&'static str> {
        let mut names = Vec::new();
        for name in Kind::ALL.into_iter().flat_map(Kind::names) {
            if !names.contains(&name) {
                names.push(name);
            }
        }
        names
    }

    /// Returns the array's name. Features of the same name stand side by side in one array.
    pub fn name(&self) -> &str {
        each!(self, of => &of.array.name)
    }

    /// Returns the sample rate that its samples are resampled to, in Hz, where it has one of its own.
    pub(crate) fn own_rate_hz(&self) -> Option<u32> {
        each!(self, of => of.array.sample_rate_hz)
    }

    /// Returns the frames of its own, where it has such.
    pub(crate) fn own_frames(&self) -> Option<&FramesTable> {
        each!(self, of => of.own.frames.as_ref())
    }

    /// Returns what the recipe says of whether it is left out of deltas, splicing and normalisation.
    pub(crate) fn plain(&self) -> Option<bool> {
        each!(self, of => of.array.plain)
    }

    /// Returns the configuration for such recordings; none where it is no function of a spectrum.
    pub(crate) fn config(&self, of: &Recordings) -> Option<FeatureConfig> {
        match self {
            Feature::Mfcc(feature) => Some(feature.config(of)),
            Feature::Mel(feature) => Some(feature.config(of)),
            Feature::Plp(feature) => Some(feature.config(of)),
            Feature::Spectrogram(feature) => Some(feature.config(of)),
            Feature::Spikegram(_) | Feature::Waveform(_) => None,
        }
    }

    /// Returns whether no other is computed with it, since it is no function of a spectrum.
    pub(crate) fn stands_alone(&self) -> bool {
        matches!(self, Feature::Spikegram(_) | Feature::Waveform(_))
    }

    /// Returns whether its rows are the samples themselves.
    pub fn is_waveform(&self) -> bool {
        matches!(self, Feature::Waveform(_))
    }

    /// Returns whether it is kept as whole numbers of 16 bits.
    pub fn is_int16(&self) -> bool {
        matches!(self, Feature::Waveform(of) if of.numbers.dtype() == SampleType::Int16)
    }

    /// Checks it by itself, without what takes long; none where it is a function of a spectrum.
    pub(crate) fn check_alone(&self, of: &Recordings) -> Option<Result<(), ossicle_dsp::Error>> {
        match self {
            Feature::Spikegram(feature) => Some(feature.config(of).check()),
            Feature::Waveform(_) => Some(Ok(())),
            _ => None,
        }
    }

    /// Plans it by itself; none where it is a function of a spectrum.
    pub(crate) fn plan_alone(&self, of: &Recordings, level: Level) -> Option<Planned> {
        match self {
            Feature::Spikegram(feature) => {
                let plan = SpikegramPlan::new(feature.config(of), level);
                Some(plan.map(|plan| Arc::new(plan) as Arc<dyn ossicle_dsp::Feature>))
            }
            Feature::Waveform(feature) => Some(Ok(Arc::new(feature.plan(of)))),
            _ => None,
        }
    }

    /// Names its columns; none where it is a function of a spectrum.
    pub(crate) fn own_column_names(&self, of: &Recordings) -> Option<Vec<String>> {
        match self {
            Feature::Spikegram(feature) => Some(feature.config(of).column_names()),
            Feature::Waveform(_) => Some(vec!["sample".to_owned()]),
            _ => None,
        }
    }

    /// Returns the files of events that stand for recordings, where they do.
    pub(crate) fn event_files(&self) -> Option<EventFiles> {
        self.spikegram()?.event_files()
    }

    /// Returns the spikegram; none if it is another kind.
    pub fn spikegram(&self) -> Option<&SpikegramFeature> {
        if let Feature::Spikegram(feature) = self { Some(feature) } else { None }
    }

    /// Names the array of events that is made beside it, where one is.
    pub(crate) fn events_name(&self) -> Option<&'static str> {
        self.spikegram()?.events_name()
    }

    /// Checks what only the whole table can tell: keys that do not fit each other.
    pub(crate) fn check(&self) -> Result<(), Misfit> {
        each!(self, of => of.check())
    }
}

impl Serialize for Feature {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        let mut map = to.serialize_map(None)?;
        map.serialize_entry("kind", &self.kind())?;
        each!(self, of => of.write(&mut map))?;
        map.end()
    }
}

impl Kind {
    /// All kinds.
    pub(crate) const ALL: [Kind; 6] =
        [Kind::Mfcc, Kind::Mel, Kind::Plp, Kind::Spectrogram, Kind::Spikegram, Kind::Waveform];

    /// Returns the word for it in a recipe.
    pub(crate) fn word(self) -> &'static str {
        match self {
            Kind::Mfcc => "mfcc",
            Kind::Mel => "mel",
            Kind::Plp => "plp",
            Kind::Spectrogram => "spectrogram",
            Kind::Spikegram => "spikegram",
            Kind::Waveform => "waveform",
        }
    }

    /// Returns the sentence about a table of this kind, and the keys that it may have.
    pub(crate) fn reference(self) -> (String, Vec<Key>) {
        fn of<T: Keys>() -> (String, Vec<Key>) {
            (T::about(), T::reference())
        }
        match self {
            Kind::Mfcc => of::<MfccFeature>(),
            Kind::Mel => of::<MelFeature>(),
            Kind::Plp => of::<PlpFeature>(),
            Kind::Spectrogram => of::<SpectrogramFeature>(),
            Kind::Spikegram => of::<SpikegramFeature>(),
            Kind::Waveform => of::<WaveformFeature>(),
        }
    }

    fn names(self) -> Vec<&'static str> {
        let names = match self {
            Kind::Mfcc => MfccFeature::names(),
            Kind::Mel => MelFeature::names(),
            Kind::Plp => PlpFeature::names(),
            Kind::Spectrogram => SpectrogramFeature::names(),
            Kind::Spikegram => SpikegramFeature::names(),
            Kind::Waveform => WaveformFeature::names(),
        };
        [vec!["kind"], names].concat()
    }

    /// Returns the reason why a key is refused that other kinds have; none if none has it.
    fn refusal(self, key: &str) -> Option<RecipeError> {
        let has = |kind: &Kind| kind.names().into_iter().find(|name| *name == key);
        let key = Kind::ALL.iter().find_map(has)?;
        let others = Kind::ALL.iter().filter(|kind| has(kind).is_some());
        let others: Vec<String> = others.map(|kind| format!("{:?}", kind.word())).collect();
        let why = format!("with kind = {:?}: it belongs to {}", self.word(), others.join(", "));
        Some(RecipeError::Idle { table: "[[feature]]", key, why })
    }
}
