//! The tables of a recipe but `[[feature]]`.

mod audio;
mod channel;
mod deltas;
mod duration;
mod frames;
mod labels;
mod map;
mod normalize;
mod numbers;
mod output;
mod splice;
mod vad;

pub(crate) use audio::check_rate;
pub use audio::{AudioTable, Resample};
pub use channel::ChannelChoice;
pub use deltas::DeltasTable;
pub use duration::Duration;
pub use frames::{EdgesKey, FramesTable, Rounding};
pub use labels::{Gap, LabelsTable, Missing};
pub use map::MapChoice;
pub use normalize::{EpsOf, MeansAndStds, NormalizeTable, Scope, StatisticsOf};
pub use numbers::Numbers;
pub use output::{Format, OutputTable, ShardCut};
pub use splice::{SpliceAt, SpliceTable};
pub use vad::VadTable;
