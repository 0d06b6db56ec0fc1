//! A recipe on its way from text to a checked [`Recipe`].

use std::str::FromStr;

use toml::{Table, Value};

use super::hint::hint;
use super::unknown::Unknown;
use super::{Recipe, RecipeError};

/// A recipe on its way from text to [`Recipe`]: keys can still be changed.
#[derive(Debug, Clone)]
pub struct RecipeSource {
    table: Table,
    /// What it was before any key was changed, and the changes.
    original: Table,
    assignments: Vec<String>,
}

impl FromStr for RecipeSource {
    type Err = RecipeError;

    fn from_str(text: &str) -> Result<RecipeSource, RecipeError> {
        // Read whole first: those messages point at the line.
        let table = text.parse::<Table>().map_err(|error| toml_error(&error, None))?;
        let unknown = || Unknown::in_table(&table);
        toml::from_str::<Recipe>(text).map_err(|error| toml_error(&error, unknown()))?;
        Ok(RecipeSource { original: table.clone(), table, assignments: Vec::new() })
    }
}

impl RecipeSource {
    /// Changes one key: `feature.num_mel_bins=80`, `labels.at=walk-2019`, `normalize.stats_from=all`,
    /// or `NAME.KEY=VALUE` for the feature or labels of that name. What is no TOML value is taken as a
    /// string; an empty value removes the key.
    ///
    /// # Errors
    /// If it is not of that form, or names no table.
    pub fn set(&mut self, assignment: &str) -> Result<(), RecipeError> {
        self.assign(assignment)?;
        self.assignments.push(assignment.to_owned());
        Ok(())
    }

    fn assign(&mut self, assignment: &str) -> Result<(), RecipeError> {
        let error = |reason: String| RecipeError::Set { assignment: assignment.to_owned(), reason };
        let Some((path, text)) = assignment.split_once('=') else {
            return Err(error("it must be KEY=VALUE".to_owned()));
        };
        let Some((table, key)) = path.trim().split_once('.') else {
            return Err(error(format!(
                "{path:?} has no table; write for example feature.num_mel_bins=80"
            )));
        };
        let table = self.table_mut(table).map_err(error)?;
        let text = text.trim();
        if text.is_empty() {
            table.remove(key);
            return Ok(());
        }
        let value = format!("value = {text}").parse::<Table>().ok();
        let value = value.and_then(|mut table| table.remove("value"));
        table.insert(key.to_owned(), value.unwrap_or_else(|| Value::String(text.to_owned())));
        Ok(())
    }

    /// The table of this name, made if the recipe may have it.
    fn table_mut(&mut self, name: &str) -> Result<&mut Table, String> {
        const PLAIN: [&str; 7] =
            ["audio", "frames", "deltas", "splice", "vad", "normalize", "output"];
        const ARRAYS: [&str; 2] = ["feature", "labels"];
        if PLAIN.contains(&name) {
            let entry = self.table.entry(name).or_insert_with(|| Value::Table(Table::new()));
            return entry.as_table_mut().ok_or_else(|| format!("{name} is not a table"));
        }
        let wanted = |array: &str, table: &Value| {
            array == name
                || table.get("name").and_then(Value::as_str).unwrap_or(array_default(array)) == name
        };
        let found: Vec<(&str, usize)> = ARRAYS
            .iter()
            .filter_map(|&array| Some((array, self.table.get(array)?.as_array()?)))
            .flat_map(|(array, tables)| {
                let named = tables.iter().enumerate().filter(|(_, table)| wanted(array, table));
                named.map(|(i, _)| (array, i)).collect::<Vec<_>>()
            })
            .collect();
        match found[..] {
            [(array, i)] => {
                let table = self.table.get_mut(array).and_then(|tables| tables.get_mut(i));
                table.and_then(Value::as_table_mut).ok_or_else(|| format!("{name} is not a table"))
            }
            [] => {
                let known = PLAIN.into_iter().chain(ARRAYS);
                Err(format!("there is no table {name:?}{}", hint(name, known)))
            }
            _ => Err(format!("there are several {name} tables; write NAME.KEY=VALUE")),
        }
    }

    /// Removes a whole table, such as `normalize`.
    pub fn remove(&mut self, table: &str) {
        self.table.remove(table);
    }

    /// The checked recipe.
    ///
    /// # Errors
    /// If a key is unknown, missing or out of range. Where a single change is the reason, it is named.
    pub fn finish(self) -> Result<Recipe, RecipeError> {
        let error = match read(self.table) {
            Ok(recipe) => return Ok(recipe),
            Err(error) => error,
        };
        for (guilty, assignment) in self.assignments.iter().enumerate() {
            let table = self.original.clone();
            let mut without =
                RecipeSource { table, original: Table::new(), assignments: Vec::new() };
            let mut others = self.assignments.iter().enumerate().filter(|(i, _)| *i != guilty);
            if others.all(|(_, other)| without.assign(other).is_ok()) && read(without.table).is_ok()
            {
                let assignment = assignment.clone();
                return Err(RecipeError::Change { assignment, because: Box::new(error) });
            }
        }
        Err(error)
    }
}

fn read(table: Table) -> Result<Recipe, RecipeError> {
    let read = table.clone().try_into::<Recipe>();
    let recipe = read.map_err(|error| toml_error(&error, Unknown::in_table(&table)))?;
    recipe.check()?;
    Ok(recipe)
}

/// What a feature or labels table is called that has no name of its own.
fn array_default(array: &str) -> &'static str {
    if array == "feature" { "features" } else { "labels" }
}

/// As many known words are read with patience: serde's message lists them all.
const MOST_TO_READ: usize = 2;

/// What serde calls a type, and what people do.
const TYPES: [(&str, &str); 6] = [
    ("expected usize", "expected a whole number"),
    ("expected u64", "expected a whole number"),
    ("expected u32", "expected a whole number"),
    ("expected u16", "expected a whole number"),
    ("expected f64", "expected a number"),
    ("expected a boolean", "expected true or false"),
];

/// Adds to serde's message about an unknown key which known one was probably meant.
fn toml_error(error: &toml::de::Error, unknown: Option<Unknown>) -> RecipeError {
    let text = error.to_string();
    // Without a text to point at, the table comes on a line of its own at the end.
    let mut message = match text.trim_end().rsplit_once("\nin ") {
        Some((message, table)) => format!("in {table}: {message}"),
        None => text.trim_end().to_owned(),
    };
    for (of_rust, of_people) in TYPES {
        message = message.replace(of_rust, of_people);
    }
    if let Some(unknown @ Unknown::Word { found, known, .. }) = &unknown {
        let hint = hint(found, known.iter().copied());
        // With a likely one at hand, nobody wants to read fifty others.
        if !hint.is_empty() && known.len() > MOST_TO_READ {
            message = message.replace(error.message(), &unknown.to_string());
        }
        message.push_str(&hint);
    }
    RecipeError::Toml { message }
}
