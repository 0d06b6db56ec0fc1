//! The keys of another program's configuration, each of which is looked at.

use std::cell::RefCell;
use std::collections::BTreeSet;
use std::fmt::Display;

use serde_json::{Map, Value};

use crate::error::RecipeError;

/// The keys of a configuration, and those that were looked at.
#[derive(Debug)]
pub(super) struct Keys<'v> {
    /// The program, and what it calls its configuration.
    of: String,
    map: &'v Map<String, Value>,
    known: RefCell<BTreeSet<String>>,
}

impl<'v> Keys<'v> {
    /// - `of`: the program, and what it calls its configuration
    pub(super) fn new(of: impl Into<String>, map: &'v Map<String, Value>) -> Keys<'v> {
        Keys { of: of.into(), map, known: RefCell::default() }
    }

    /// Returns the program, and what it calls its configuration.
    pub(super) fn of(&self) -> &str {
        &self.of
    }

    /// Returns a key's value; none where it is absent or null.
    pub(super) fn get(&self, key: &str) -> Option<&'v Value> {
        self.known.borrow_mut().insert(key.to_owned());
        self.map.get(key).filter(|value| !value.is_null())
    }

    /// Returns whether a key is null, which is more than that it is absent.
    pub(super) fn is_null(&self, key: &str) -> bool {
        self.map.get(key).is_some_and(Value::is_null)
    }

    /// Passes over keys that no row depends on.
    pub(super) fn skip(&self, keys: &[&str]) {
        self.known.borrow_mut().extend(keys.iter().map(|&key| key.to_owned()));
    }

    /// Returns a key's number, or what stands for it.
    pub(super) fn number(&self, key: &str, absent: f64) -> Result<f64, RecipeError> {
        self.optional_number(key).map(|number| number.unwrap_or(absent))
    }

    /// Returns a key's number, if there is one.
    pub(super) fn optional_number(&self, key: &str) -> Result<Option<f64>, RecipeError> {
        let Some(value) = self.get(key) else { return Ok(None) };
        let number = value.as_f64().or_else(|| value.as_str()?.trim().parse().ok());
        match number.filter(|number| number.is_finite()) {
            Some(number) => Ok(Some(number)),
            None => Err(self.wrong(key, value, "it must be a number")),
        }
    }

    /// Returns a key's whole number, or what stands for it.
    pub(super) fn whole(&self, key: &str, absent: u64) -> Result<u64, RecipeError> {
        let number = self.number(key, absent as f64)?;
        if number.fract() == 0.0 && (0.0..=1e12).contains(&number) {
            return Ok(number as u64);
        }
        Err(self.wrong(key, number, "it must be a whole number"))
    }

    /// Returns whether a key is true, or what stands for it.
    pub(super) fn flag(&self, key: &str, absent: bool) -> Result<bool, RecipeError> {
        let Some(value) = self.get(key) else { return Ok(absent) };
        let word = value.as_str().map(str::to_ascii_lowercase);
        match (value.as_bool(), word.as_deref()) {
            (Some(flag), _) => Ok(flag),
            (None, Some("true" | "t" | "yes")) => Ok(true),
            (None, Some("false" | "f" | "no")) => Ok(false),
            _ => Err(self.wrong(key, value, "it must be true or false")),
        }
    }

    /// Returns a key's word, or what stands for it.
    pub(super) fn word(&self, key: &str, absent: &str) -> Result<String, RecipeError> {
        match self.get(key) {
            None => Ok(absent.to_owned()),
            Some(Value::String(word)) => Ok(word.clone()),
            Some(value) => Err(self.wrong(key, value, "it must be a word")),
        }
    }

    /// Returns what a key's word is translated to.
    ///
    /// - `words`: those that are known, each with what it means; the first stands for an absent key
    pub(super) fn choice<T: Copy>(&self, key: &str, words: &[(&str, T)]) -> Result<T, RecipeError> {
        let word = self.word(key, words[0].0)?;
        let found = words.iter().find(|(known, _)| *known == word);
        let known: Vec<String> = words.iter().map(|(word, _)| format!("{word:?}")).collect();
        let wrong =
            || self.wrong(key, format!("{word:?}"), &format!("it may be {}", known.join(", ")));
        found.map(|(_, meaning)| *meaning).ok_or_else(wrong)
    }

    /// Refuses a key that has another value than the only one that a recipe can have.
    pub(super) fn must_be(&self, key: &str, only: impl Into<Value>) -> Result<(), RecipeError> {
        let only = only.into();
        let Some(found) = self.get(key) else { return Ok(()) };
        let is_same = *found == only || found.as_f64().is_some_and(|x| Some(x) == only.as_f64());
        if is_same {
            Ok(())
        } else {
            Err(self.wrong(key, found, &format!("a recipe has only {only}")))
        }
    }

    /// Returns the list of numbers of a key, if there is one; lists around it are those of an array's axes.
    pub(super) fn numbers(&self, key: &str) -> Result<Option<Vec<f64>>, RecipeError> {
        let Some(mut value) = self.get(key) else { return Ok(None) };
        while let Some([inner @ Value::Array(_)]) = value.as_array().map(Vec::as_slice) {
            value = inner;
        }
        let list = value.as_array().and_then(|list| list.iter().map(Value::as_f64).collect());
        list.map(Some).ok_or_else(|| self.wrong(key, value, "it must be a list of numbers"))
    }

    /// Makes the mistake of a key's value.
    pub(super) fn wrong(&self, key: &str, found: impl Display, must: &str) -> RecipeError {
        let mut found = found.to_string();
        if found.chars().count() > 40 {
            found = found.chars().take(40).chain("…".chars()).collect();
        }
        RecipeError::Foreign { of: self.of.clone(), reason: format!("{key} is {found}; {must}") }
    }

    /// Refuses keys that were not looked at: what they mean is not known.
    pub(super) fn finish(&self) -> Result<(), RecipeError> {
        let known = self.known.borrow();
        let unknown: Vec<String> = self
            .map
            .keys()
            .filter(|key| !known.contains(*key))
            .map(|key| format!("`{key}`"))
            .collect();
        if unknown.is_empty() {
            return Ok(());
        }
        let keys = if unknown.len() == 1 { "unknown key" } else { "unknown keys" };
        let reason = format!("{keys} {}", unknown.join(", "));
        Err(RecipeError::Foreign { of: self.of.clone(), reason })
    }
}
