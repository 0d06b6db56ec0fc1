//! The entries of a table while they are read.

use serde::de::DeserializeOwned;
use toml::Value;

use crate::error::{RecipeError, Wanted};
use crate::node::{Node, NodeValue, Place, Table};
use crate::words::Words;

/// A mistake, with its place.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Mistake {
    pub(crate) place: Place,
    pub(crate) error: RecipeError,
}

/// The entries of a table while they are read.
#[derive(Debug)]
pub(crate) struct Fields<'a> {
    /// The table's name: `audio`.
    name: &'static str,
    /// Its heading, for messages: `[audio]`.
    heading: String,
    place: Place,
    table: &'a Table,
}

impl<'a> Fields<'a> {
    /// Begins to read a table.
    ///
    /// - `is_list`: whether there may be several of its name
    ///
    /// # Errors
    /// If it is no table.
    pub(crate) fn of(
        name: &'static str,
        is_list: bool,
        node: &'a Node,
    ) -> Result<Fields<'a>, Mistake> {
        let Some(table) = node.as_table() else {
            return Err(wrong_value(name, node, Words { allowed: vec![], text: "a table".into() }));
        };
        let heading = if is_list { format!("[[{name}]]") } else { format!("[{name}]") };
        Ok(Fields { name, heading, place: node.place, table })
    }

    /// Reads a key's value; none if it is absent.
    ///
    /// # Errors
    /// If the value is of another type or out of its range.
    pub(crate) fn read<T: DeserializeOwned>(&self, key: &str) -> Result<Option<T>, Mistake> {
        let Some(node) = self.table.get(key) else { return Ok(None) };
        let value = match &node.value {
            // A card and a job are JSON, which has no such numbers.
            NodeValue::Leaf(Value::Float(number)) if !number.is_finite() => None,
            NodeValue::Leaf(value) => T::deserialize(value.clone()).ok(),
            NodeValue::List(list) => {
                let leaves: Option<Vec<Value>> = list.iter().map(Node::as_leaf).collect();
                leaves.and_then(|leaves| T::deserialize(Value::Array(leaves)).ok())
            }
            NodeValue::Table(_) => None,
        };
        let mistake = || wrong_value(&format!("{}.{key}", self.name), node, Words::of::<T>());
        value.map(Some).ok_or_else(mistake)
    }

    /// Reads a key's value that must be there.
    ///
    /// # Errors
    /// If it is absent, of another type or out of its range.
    pub(crate) fn need<T: DeserializeOwned>(&self, key: &'static str) -> Result<T, Mistake> {
        let value = self.read(key)?;
        value.ok_or_else(|| self.mistake(RecipeError::Missing { table: self.heading.clone(), key }))
    }

    /// Begins to read a table within the table; none if it is absent.
    ///
    /// # Errors
    /// If it is no table.
    pub(crate) fn within(&self, key: &'static str) -> Result<Option<Fields<'a>>, Mistake> {
        let Some(node) = self.table.get(key) else { return Ok(None) };
        let fields = Fields::of(key, false, node)?;
        Ok(Some(Fields { heading: format!("[{}.{key}]", self.name), ..fields }))
    }

    /// Refuses keys that the table may not have.
    ///
    /// - `known`: all keys that it may have
    /// - `elsewhere`: why a key that it may not have is known all the same
    ///
    /// # Errors
    /// If there is one; the first.
    pub(crate) fn refuse_unknown(
        &self,
        known: &[&'static str],
        elsewhere: &dyn Fn(&str) -> Option<RecipeError>,
    ) -> Result<(), Mistake> {
        let unknown = |key: &str| RecipeError::UnknownKey {
            table: self.heading.clone(),
            key: key.to_owned(),
            known: known.to_vec(),
        };
        match self.table.0.iter().find(|entry| !known.contains(&&*entry.key)) {
            Some(entry) => {
                let error = elsewhere(&entry.key).unwrap_or_else(|| unknown(&entry.key));
                Err(Mistake { place: entry.place, error })
            }
            None => Ok(()),
        }
    }

    /// Makes a mistake of the table as a whole.
    pub(crate) fn mistake(&self, error: RecipeError) -> Mistake {
        Mistake { place: self.place, error }
    }
}

/// Makes the mistake of a value that is not what it must be.
pub(crate) fn wrong_value(key: &str, node: &Node, words: Words) -> Mistake {
    let word = match &node.value {
        NodeValue::Leaf(value) => value.as_str().map(str::to_owned),
        _ => None,
    };
    let wanted = Box::new(Wanted::new(word, words));
    let error = RecipeError::Value { key: key.to_owned(), found: node.shown(), wanted };
    Mistake { place: node.place, error }
}
