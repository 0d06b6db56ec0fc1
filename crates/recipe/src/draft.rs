//! A recipe's tables, read and not yet checked.

use serde::Serialize;

use crate::error::RecipeError;
use crate::feature::Feature;
use crate::fields::{Fields, Mistake, wrong_value};
use crate::keys::Keys;
use crate::misfit::Misfit;
use crate::node::{Node, Place, Table};
use crate::tables::{
    AudioTable, DeltasTable, FramesTable, LabelsTable, NormalizeTable, OutputTable, SpliceTable,
    VadTable, check_rate,
};
use crate::words::Words;

/// The tables that a recipe may have once.
pub(crate) const SINGLE_TABLES: [&str; 7] =
    ["audio", "frames", "deltas", "splice", "vad", "normalize", "output"];

/// The tables that it may have several times.
pub(crate) const LIST_TABLES: [&str; 2] = ["feature", "labels"];

/// A recipe's tables, read and not yet checked.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub(crate) struct Draft {
    pub(crate) audio: AudioTable,
    pub(crate) frames: FramesTable,
    pub(crate) feature: Vec<Feature>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) deltas: Option<DeltasTable>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) splice: Option<SpliceTable>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) vad: Option<VadTable>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(crate) labels: Vec<LabelsTable>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) normalize: Option<NormalizeTable>,
    pub(crate) output: OutputTable,
}

impl Draft {
    /// Reads the tables of a text.
    ///
    /// # Errors
    /// If a table or key is unknown or missing, or a value of another type.
    pub(crate) fn read(tables: &Table) -> Result<Draft, Mistake> {
        if let Some(entry) = tables.0.iter().find(|entry| !known().any(|name| name == entry.key)) {
            let (table, known) = (entry.key.clone(), known().collect());
            let error = RecipeError::UnknownTable { table, known };
            return Err(Mistake { place: entry.place, error });
        }
        let absent = Node::empty_table();
        let frames = plain::<FramesTable>(tables.get("frames").unwrap_or(&absent), "frames")?;
        Ok(Draft {
            audio: plain(tables.get("audio").unwrap_or(&absent), "audio")?,
            frames,
            feature: list(tables, "feature", Feature::read)?,
            deltas: optional(tables, "deltas")?,
            splice: optional(tables, "splice")?,
            vad: optional(tables, "vad")?,
            labels: list(tables, "labels", |node| table(Fields::of("labels", true, node)?))?,
            normalize: optional(tables, "normalize")?,
            output: plain(tables.get("output").unwrap_or(&absent), "output")?,
        })
    }

    /// Returns the names of the feature arrays, each once.
    pub(crate) fn feature_names(&self) -> Vec<&str> {
        let mut names: Vec<&str> = Vec::new();
        for feature in &self.feature {
            if !names.contains(&feature.name()) {
                names.push(feature.name());
            }
        }
        names
    }

    /// Checks what the tables alone can tell, before anything is made of them.
    pub(crate) fn check(&self) -> Result<(), Misfit> {
        if self.feature.is_empty() {
            let reason = "the recipe has no [[feature]] table".to_owned();
            return Err(Misfit::table("feature", RecipeError::Unsupported { reason }));
        }
        for (i, feature) in self.feature.iter().enumerate() {
            feature.check().map_err(|misfit| misfit.at(i))?;
            let of_feature =
                |misfit: Misfit| Misfit { table: "feature", key: Some("frames"), ..misfit }.at(i);
            feature.own_frames().map_or(Ok(()), FramesTable::check).map_err(of_feature)?;
            if let Some(hz) = feature.own_rate_hz() {
                check_rate("feature", "sample_rate_hz", hz).map_err(|misfit| misfit.at(i))?;
            }
        }
        for (i, labels) in self.labels.iter().enumerate() {
            labels.check().map_err(|misfit| misfit.at(i))?;
        }
        self.frames.check()?;
        self.check_names()?;
        self.audio.check()?;
        let has_own = self.feature.iter().any(|feature| feature.own_rate_hz().is_some());
        if self.audio.resample_mode().is_some() && self.audio.sample_rate_hz.is_none() && !has_own {
            let reason = "audio.resample resamples to audio.sample_rate_hz, and that is not set";
            return Err(Misfit::in_words("audio", "resample", reason.to_owned()));
        }
        self.normalize.as_ref().map_or(Ok(()), NormalizeTable::check)?;
        self.output.check()?;
        self.check_splice()
    }

    /// Checks what splicing goes with.
    fn check_splice(&self) -> Result<(), Misfit> {
        let Some(splice) = &self.splice else { return Ok(()) };
        if splice.at.is_some() && self.normalize.is_none() {
            return Err(Misfit::idle("splice", "at", "without [normalize]".to_owned()));
        }
        Ok(())
    }

    /// Checks that arrays have names that differ.
    fn check_names(&self) -> Result<(), Misfit> {
        let at = |table: &'static str| move |i: usize| (table, i);
        let features = self.feature_names().into_iter().map(|name| {
            let first = self.feature.iter().position(|feature| feature.name() == name);
            (name, at("feature")(first.unwrap_or(0)))
        });
        let labels = self.labels.iter().map(|labels| labels.name.as_str());
        let mut names: Vec<(&str, (&'static str, usize))> = features.collect();
        names.extend(labels.enumerate().map(|(i, name)| (name, at("labels")(i))));
        names.extend(self.vad.iter().map(|vad| (vad.name.as_str(), at("vad")(0))));
        let events = self.feature.iter().enumerate();
        let events = events.filter_map(|(i, feature)| Some((feature.events_name()?, i)));
        names.extend(events.map(|(name, i)| (name, at("feature")(i))));
        for (i, (name, (table, index))) in names.iter().enumerate() {
            let misfit = |reason| Misfit::in_words(table, "name", reason).at(*index);
            let plain = |c: char| c.is_ascii_alphanumeric() || c == '_';
            if name.is_empty() || !name.chars().all(plain) {
                let must = "must be made of letters, digits and _";
                return Err(misfit(format!("the array name {name:?} {must}")));
            }
            if names[..i].iter().any(|(before, _)| before == name) {
                return Err(misfit(format!("two arrays are named {name:?}")));
            }
        }
        Ok(())
    }

    /// Returns whether a feature of it is left out of deltas, splicing and normalisation.
    pub(crate) fn is_plain(&self, feature: &Feature) -> bool {
        feature.plain().unwrap_or(feature.is_waveform() && self.feature.len() > 1)
    }
}

/// Returns the names of all keys that a table of this name may have, of features of any kind; none where
/// there is no such table.
pub(crate) fn key_names(table: &str) -> Vec<&'static str> {
    match table {
        "audio" => AudioTable::names(),
        "frames" => FramesTable::names(),
        "deltas" => DeltasTable::names(),
        "splice" => SpliceTable::names(),
        "vad" => VadTable::names(),
        "normalize" => NormalizeTable::names(),
        "output" => OutputTable::names(),
        "labels" => LabelsTable::names(),
        "feature" => Feature::key_names(),
        _ => Vec::new(),
    }
}

/// Returns the names of all tables.
fn known() -> impl Iterator<Item = &'static str> {
    SINGLE_TABLES.into_iter().chain(LIST_TABLES)
}

/// Reads a table that a recipe may have once, if it is there.
fn optional<T: Keys>(tables: &Table, name: &'static str) -> Result<Option<T>, Mistake> {
    tables.get(name).map(|node| plain(node, name)).transpose()
}

/// Reads a table that a recipe may have once.
fn plain<T: Keys>(node: &Node, name: &'static str) -> Result<T, Mistake> {
    table(Fields::of(name, false, node)?)
}

/// Reads a table's keys, after refusing those that it may not have.
fn table<T: Keys>(fields: Fields<'_>) -> Result<T, Mistake> {
    fields.refuse_unknown(&T::names(), &|_| None)?;
    T::read(&fields)
}

/// Reads the tables of a list; none if it is not there.
fn list<T>(
    tables: &Table,
    name: &'static str,
    read: impl Fn(&Node) -> Result<T, Mistake>,
) -> Result<Vec<T>, Mistake> {
    let Some(node) = tables.get(name) else { return Ok(Vec::new()) };
    let Some(nodes) = node.as_list() else {
        let text = format!("a list of tables, each headed by [[{name}]]");
        return Err(wrong_value(name, node, Words { allowed: vec![], text }));
    };
    nodes.iter().map(read).collect()
}

/// Returns the place of what does not fit, or of the table that it is not in.
pub(crate) fn place_of(misfit: &Misfit, tables: &Table) -> Place {
    let Some(named) = tables.get(misfit.table) else { return Place::Nowhere };
    let node = named.as_list().map_or(Some(named), |list| list.get(misfit.index));
    let key = misfit.key.and_then(|key| node?.as_table()?.place_of(key));
    key.unwrap_or(node.unwrap_or(named).place)
}
