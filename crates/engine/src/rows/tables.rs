//! A job made ready: tables that are worked out once and shared by a process' workers.

use ossicle_corpus::{Archives, LabelMap};
use ossicle_dsp::{EnergyVad, SlidingNormalizer};

use crate::error::Error;
use crate::plan::arrays::Arrays;
use crate::plan::job::{Job, MapText};
use crate::rows::features::Features;
use crate::rows::resampling::Filters;
use ossicle_recipe::LabelsTable;

/// A job made ready: tables that are worked out once and shared by a process' workers.
#[derive(Debug)]
pub(crate) struct Tables {
    pub(crate) job: Job,
    pub(crate) arrays: Arrays,
    pub(crate) sliding: Option<SlidingNormalizer>,
    pub(crate) vad: Option<EnergyVad>,
    /// The label arrays; empty where the corpus has no alignments.
    pub(crate) labels: Vec<LabelArray>,
    pub(crate) features: Features,
    pub(crate) filters: Filters,
    pub(crate) archives: Archives,
}

/// A label array.
#[derive(Debug)]
pub(crate) struct LabelArray {
    pub(crate) table: LabelsTable,
    pub(crate) map: LabelMap,
}

impl Tables {
    pub(crate) fn new(job: Job) -> Result<Tables, Error> {
        let recipe = &job.recipe;
        Ok(Tables {
            arrays: Arrays::of(&job),
            sliding: recipe.sliding(),
            vad: recipe.vad().map(|(_, vad)| vad),
            labels: label_arrays(&job)?,
            features: Features::default(),
            filters: Filters::default(),
            archives: Archives::default(),
            job,
        })
    }
}

/// Makes the label arrays of a job.
pub(crate) fn label_arrays(job: &Job) -> Result<Vec<LabelArray>, Error> {
    let array = |(table, text): (&LabelsTable, &MapText)| {
        let map = match text {
            MapText::Text(text) => LabelMap::parse(text)?,
            MapText::Named => LabelMap::named(&table.map)
                .ok_or_else(|| Error::NoLabelMap { name: table.map.clone() })?,
        };
        Ok(LabelArray { table: table.clone(), map })
    };
    job.recipe.labels().iter().zip(&job.maps).map(array).collect()
}
