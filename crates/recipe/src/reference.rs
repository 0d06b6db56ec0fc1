//! A list of all keys, as the tables of keys say them; and those that a recipe leaves to defaults.

use crate::draft::Draft;
use crate::feature::{Feature, Kind};
use crate::keys::{Absence, Key, Keys};
use crate::node::Place;
use crate::node::{Node, Table};
use crate::recipe::Recipe;
use crate::recipe_source::{RecipeSource, toml_value};
use crate::tables::{
    AudioTable, DeltasTable, FramesTable, LabelsTable, NormalizeTable, OutputTable, SpliceTable,
    VadTable,
};

/// The keys of a table.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TableKeys {
    /// The table's name.
    pub name: &'static str,
    /// The kind; only features have kinds.
    pub kind: Option<&'static str>,
    /// True where a recipe may have several of its name, headed by `[[…]]`.
    pub is_list: bool,
    /// The sentences about it.
    pub about: String,
    /// Its keys, in the order in which they are serialised.
    pub keys: Vec<Key>,
}

/// Lists all keys of all tables, in the order of a recipe.
pub fn reference() -> Vec<TableKeys> {
    fn of<T: Keys>(name: &'static str, is_list: bool) -> TableKeys {
        TableKeys { name, kind: None, is_list, about: T::about(), keys: T::reference() }
    }
    let feature = |kind: Kind| {
        let (about, keys) = kind.reference();
        TableKeys { name: "feature", kind: Some(kind.word()), is_list: true, about, keys }
    };
    let mut all = vec![of::<AudioTable>("audio", false), of::<FramesTable>("frames", false)];
    all.extend(Kind::ALL.map(feature));
    all.extend([
        of::<DeltasTable>("deltas", false),
        of::<SpliceTable>("splice", false),
        of::<VadTable>("vad", false),
        of::<LabelsTable>("labels", true),
        of::<NormalizeTable>("normalize", false),
        of::<OutputTable>("output", false),
    ]);
    all
}

/// A key that a recipe leaves to its default, and could say.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DefaultKey {
    /// The table that it belongs to.
    pub table: &'static str,
    /// True where a recipe may have several of the table's name.
    pub is_list: bool,
    /// The table's number among those of its name, from 0.
    pub index: usize,
    /// The key.
    pub key: &'static str,
    /// The value that it has, in TOML.
    pub value: String,
}

impl RecipeSource {
    /// Returns the keys that its tables do not say and that mean something beside those that they say,
    /// with the values that they have then. Nothing where it is no recipe.
    pub fn defaults(&self) -> Vec<DefaultKey> {
        let Ok(draft) = Draft::read(self.tables()) else { return Vec::new() };
        let mut defaults = Vec::new();
        for table in reference() {
            let is_kind = |feature: &Feature| table.kind == Some(feature.kind().word());
            let indices: Vec<usize> = match table.name {
                "feature" => {
                    (0..draft.feature.len()).filter(|&i| is_kind(&draft.feature[i])).collect()
                }
                "labels" => (0..draft.labels.len()).collect(),
                // A table that is not there is another matter than its keys, but for these two.
                "audio" | "output" => vec![0],
                name => self.tables().get(name).map_or(vec![], |_| vec![0]),
            };
            for index in indices {
                defaults
                    .extend(table.keys.iter().filter_map(|key| self.default(&table, index, key)));
            }
        }
        defaults
    }

    /// Returns the default of a key, if it is absent and could be said.
    fn default(&self, table: &TableKeys, index: usize, key: &Key) -> Option<DefaultKey> {
        let Absence::Is(value) = &key.default else { return None };
        let mut tables = self.tables().clone();
        let keys = keys_mut(&mut tables, table, index)?;
        if keys.get(key.name).is_some() {
            return None;
        }
        keys.insert(key.name, toml_value(value, Place::Nowhere)?);
        // A key that means nothing beside the others is refused when it is said, and is left out here.
        Recipe::checked(Draft::read(&tables).ok()?).ok()?;
        let (table, is_list) = (table.name, table.is_list);
        Some(DefaultKey { table, is_list, index, key: key.name, value: value.clone() })
    }
}

/// Returns the entries of a table, made if there are none.
fn keys_mut<'a>(tables: &'a mut Table, of: &TableKeys, index: usize) -> Option<&'a mut Table> {
    if of.is_list {
        return tables.get_mut(of.name)?.item_mut(index)?.as_table_mut();
    }
    if tables.get(of.name).is_none() {
        tables.insert(of.name, Node::empty_table());
    }
    tables.get_mut(of.name)?.as_table_mut()
}
