//! A job made ready: tables that are worked out once and shared by a process' workers.

use ossicle_corpus::{Archives, LabelMap, LabelOverlap, Pattern, TimeScale};
use ossicle_dsp::{EnergyVad, SlidingNormalizer};

use crate::cause::Cause;
use crate::error::Error;
use crate::input_kind::InputKind;
use crate::plan::arrays::Arrays;
use crate::plan::job::{Job, MapText};
use crate::rows::features::Features;
use crate::rows::resampling::Filters;
use ossicle_recipe::{Gap, LabelsTable, Missing};

/// A job made ready: tables that are worked out once and shared by a process' workers.
#[derive(Debug)]
pub(crate) struct Tables {
    pub(crate) job: Job,
    pub(crate) arrays: Arrays,
    pub(crate) sliding: Option<SlidingNormalizer>,
    pub(crate) vad: Option<EnergyVad>,
    /// The label arrays; empty where the corpus has no alignments.
    pub(crate) labels: Vec<LabelArray>,
    /// The tiers that are read of each alignment.
    pub(crate) tiers: Vec<WantedTier>,
    pub(crate) features: Features,
    pub(crate) filters: Filters,
    pub(crate) archives: Archives,
}

/// A label array.
#[derive(Debug)]
pub(crate) struct LabelArray {
    pub(crate) table: LabelsTable,
    pub(crate) map: LabelMap,
    /// The place of its tier among those that are wanted.
    pub(crate) tier: usize,
    /// The class of frames between labels, if they have one.
    pub(crate) silence: Option<i32>,
}

/// A tier that is read of each alignment, and how.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct WantedTier {
    pub(crate) pattern: Pattern,
    pub(crate) scale: TimeScale,
    /// The recipe says the scale, so that none is guessed.
    pub(crate) is_scale_meant: bool,
    pub(crate) overlap: LabelOverlap,
    pub(crate) missing: Missing,
}

impl WantedTier {
    /// The tier that a label array is made of.
    fn of(table: &LabelsTable) -> WantedTier {
        WantedTier {
            pattern: table.tier.clone(),
            scale: table.scale(),
            is_scale_meant: table.time_scale.is_some(),
            overlap: table.overlap,
            missing: table.missing,
        }
    }

    /// The tier that says where a recording ends, where the recipe makes no labels of any.
    fn of_the_end() -> WantedTier {
        WantedTier {
            pattern: Pattern::new("phones"),
            scale: TimeScale::ONE,
            is_scale_meant: false,
            overlap: LabelOverlap::Error,
            missing: Missing::Row,
        }
    }

    /// Returns whether an utterance that lacks the tier for this cause is stored without it.
    pub(crate) fn may_be_missing(&self, cause: Cause) -> bool {
        let is_missing = matches!(cause, Cause::MissingAlignment | Cause::MissingTier);
        is_missing && self.missing == Missing::Ignore
    }
}

impl Tables {
    pub(crate) fn new(job: Job) -> Result<Tables, Error> {
        let recipe = &job.recipe;
        let labels = label_arrays(&job)?;
        let mut tiers = wanted_tiers(&labels);
        if tiers.is_empty() && !InputKind::of(recipe).says_where_it_ends() {
            tiers.push(WantedTier::of_the_end());
        }
        let features = Features::new(recipe.streams().len());
        Ok(Tables {
            arrays: Arrays::of(&job),
            sliding: recipe.sliding(),
            vad: recipe.vad().map(|(_, vad)| vad),
            labels,
            tiers,
            features,
            filters: Filters::default(),
            archives: Archives::default(),
            job,
        })
    }
}

/// Makes the label arrays of a job.
pub(crate) fn label_arrays(job: &Job) -> Result<Vec<LabelArray>, Error> {
    let array = |(table, text): (&LabelsTable, &MapText)| {
        let map = text.map(&table.map)?;
        let array = LabelArray { table: table.clone(), map, tier: 0, silence: None };
        let silence = silence_of(&array).map_err(|reason| Error::Labels { reason })?;
        Ok(LabelArray { silence, ..array })
    };
    let arrays = job.recipe.labels().iter().zip(&job.maps).map(array);
    let mut arrays: Vec<LabelArray> = arrays.collect::<Result<_, Error>>()?;
    let tiers = wanted_tiers(&arrays);
    for array in &mut arrays {
        let own = WantedTier::of(&array.table);
        array.tier = tiers.iter().position(|tier| *tier == own).unwrap_or(0);
    }
    Ok(arrays)
}

/// Returns the tiers that arrays are made of, each once.
fn wanted_tiers(arrays: &[LabelArray]) -> Vec<WantedTier> {
    let mut tiers: Vec<WantedTier> = Vec::new();
    for tier in arrays.iter().map(|array| WantedTier::of(&array.table)) {
        if !tiers.contains(&tier) {
            tiers.push(tier);
        }
    }
    tiers
}

/// Returns the class of silence that gaps get, where they get one.
///
/// # Errors
/// The map has no class that is called so.
fn silence_of(array: &LabelArray) -> Result<Option<i32>, String> {
    const NAMES: [&str; 5] = ["sil", "silence", "sp", "pau", "h#"];
    if array.table.gap == Gap::Ignore {
        return Ok(None);
    }
    let names = array.map.class_names();
    let place = |known: &&str| names.iter().position(|name| name.eq_ignore_ascii_case(known));
    let class = NAMES.iter().find_map(place);
    let class = class.and_then(|class| i32::try_from(class).ok());
    class.map(Some).ok_or_else(|| {
        format!(
            "labels.gap is \"silence\", and the map {:?} has no class called {}",
            array.table.map.to_string(),
            NAMES.join(", ")
        )
    })
}
