//! A recipe on its way from text to a checked [`Recipe`].

use std::str::FromStr;

use toml::Value;
use toml::de::DeTable;

use crate::draft::{Draft, LIST_TABLES, SINGLE_TABLES, key_names, place_of};
use crate::dropped::DroppedKey;
use crate::error::RecipeError;
use crate::feature::ArrayKeys;
use crate::fields::Mistake;
use crate::hint::hint;
use crate::node::{Entry, Node, NodeValue, Place, Table};
use crate::recipe::Recipe;
use crate::tables::LabelsTable;

/// A recipe on its way from text to [`Recipe`]: keys can still be changed. What is wrong in it is told by
/// [`RecipeSource::finish`], with the line of the text or the change that it is in.
#[derive(Debug, Clone)]
pub struct RecipeSource {
    text: String,
    tables: Table,
    /// The tables before any key was changed, and the changes.
    original: Table,
    assignments: Vec<String>,
}

impl FromStr for RecipeSource {
    type Err = RecipeError;

    /// Takes a recipe's text.
    ///
    /// # Errors
    /// If it is no TOML.
    fn from_str(text: &str) -> Result<RecipeSource, RecipeError> {
        let table = DeTable::parse(text).map_err(|error| {
            let offset = error.span().map_or(0, |span| span.start);
            let message = error.message().lines().collect::<Vec<_>>().join("; ");
            at_offset(text, offset, RecipeError::Syntax { message })
        })?;
        let tables = Table::parsed(table.into_inner(), &Place::Text).map_err(|large| {
            let offset = if let Place::Text(offset) = large.place { offset } else { 0 };
            let reason = format!("{} is too large a number", large.number);
            at_offset(text, offset, RecipeError::Unsupported { reason })
        })?;
        let (text, original) = (text.to_owned(), tables.clone());
        Ok(RecipeSource { text, tables, original, assignments: Vec::new() })
    }
}

impl RecipeSource {
    /// Changes one key: `feature.num_mel_bins=80`, `labels.at=walk-2019`, `normalize.stats_from=all`,
    /// or `NAME.KEY=VALUE` for the feature or labels of that name. What is no TOML value is taken as a
    /// string; an empty value removes the key, and `TABLE=` the table. A table that is not there appears,
    /// with its defaults.
    ///
    /// # Errors
    /// If it is not of that form, or names no table.
    pub fn set(&mut self, assignment: &str) -> Result<(), RecipeError> {
        assign(&mut self.tables, assignment, self.assignments.len())?;
        self.assignments.push(assignment.to_owned());
        Ok(())
    }

    /// Removes a whole table, such as `normalize`.
    pub fn remove(&mut self, table: &str) {
        self.tables.remove(table);
        self.original.remove(table);
    }

    /// Checks the recipe and returns it.
    ///
    /// # Errors
    /// If a key is unknown, missing or out of range. Where it stands in a change, or a single change is
    /// the reason, that is named, and else the line and column of the text.
    pub fn finish(mut self) -> Result<Recipe, RecipeError> {
        self.drop_idle();
        let mistake = match read_checked(&self.tables) {
            Ok(recipe) => return Ok(recipe),
            Err(mistake) => mistake,
        };
        // A change can turn a key of the text into a mistake, as one that means nothing any more beside
        // the new value. Its place is then in the text, but the change is what must be named.
        let change = match mistake.place {
            Place::Assignment(number) => Some(number),
            _ => self.change_at_fault(),
        };
        Err(match (change.and_then(|number| self.assignments.get(number)), mistake.place) {
            (Some(assignment), _) => {
                let assignment = assignment.clone();
                RecipeError::Change { assignment, because: Box::new(mistake.error) }
            }
            (None, Place::Text(offset)) => at_offset(&self.text, offset, mistake.error),
            (None, _) => mistake.error,
        })
    }

    /// Leaves out the keys of the text that mean nothing any more beside what was set since, which
    /// [`RecipeSource::finish`] does too, and tells which. One that was set itself stays, and so does one
    /// that the text alone makes nothing of: both are mistakes.
    pub fn drop_idle(&mut self) -> Vec<DroppedKey> {
        let mut dropped = Vec::new();
        loop {
            let Err(Mistake { place, error: RecipeError::Idle { why, .. } }) =
                read_checked(&self.tables)
            else {
                return dropped;
            };
            let is_of_the_text = matches!(place, Place::Text(_))
                && !read_checked(&self.original).is_err_and(|mistake| mistake.place == place);
            let removed = if is_of_the_text { remove_at(&mut self.tables, place) } else { None };
            let Some((table, key)) = removed else { return dropped };
            dropped.push(DroppedKey { table, key, why });
        }
    }

    /// Returns the tables as they are now.
    pub(crate) fn tables(&self) -> &Table {
        &self.tables
    }

    /// Finds the change without which there would be no mistake; returns its number.
    fn change_at_fault(&self) -> Option<usize> {
        let without = |left_out: usize| {
            let mut tables = self.original.clone();
            let mut others = self.assignments.iter().enumerate().filter(|(i, _)| *i != left_out);
            others.all(|(i, other)| assign(&mut tables, other, i).is_ok())
                && read_checked(&tables).is_ok()
        };
        (0..self.assignments.len()).find(|&left_out| without(left_out))
    }
}

/// Removes the key that stands at a place, and says which it was.
fn remove_at(tables: &mut Table, place: Place) -> Option<(String, String)> {
    for Entry { key: name, node, .. } in &mut tables.0 {
        let tables = match &mut node.value {
            NodeValue::List(list) => list.iter_mut().filter_map(Node::as_table_mut).collect(),
            NodeValue::Table(table) => vec![table],
            NodeValue::Leaf(_) => Vec::new(),
        };
        for table in tables {
            if let Some(at) = table.0.iter().position(|entry| entry.place == place) {
                return Some((name.clone(), table.0.remove(at).key));
            }
        }
    }
    None
}

/// Reads tables and checks what they say.
fn read_checked(tables: &Table) -> Result<Recipe, Mistake> {
    let checked = Recipe::checked(Draft::read(tables)?);
    // A dataset's own recipe is read without it: its mask is what it is.
    let checked = checked.and_then(|recipe| recipe.check_speech().map(|()| recipe));
    checked.map_err(|misfit| Mistake { place: place_of(&misfit, tables), error: misfit.error })
}

/// Gives a mistake the line and column of a byte of the text.
fn at_offset(text: &str, offset: usize, error: RecipeError) -> RecipeError {
    let before = text.get(..offset).unwrap_or(text);
    let line = before.matches('\n').count() + 1;
    let column = before.rsplit('\n').next().unwrap_or_default().chars().count() + 1;
    RecipeError::At { line, column, because: Box::new(error) }
}

/// Changes one key.
///
/// - `number`: of the assignment
fn assign(tables: &mut Table, assignment: &str, number: usize) -> Result<(), RecipeError> {
    let error = |reason: String| RecipeError::Set { assignment: assignment.to_owned(), reason };
    let Some((path, text)) = assignment.split_once('=') else {
        return Err(error("it must be KEY=VALUE".to_owned()));
    };
    let path = path.trim();
    if text.trim().is_empty()
        && SINGLE_TABLES.into_iter().chain(LIST_TABLES).any(|table| table == path)
    {
        tables.remove(path);
        return Ok(());
    }
    let Some((table, key)) = path.split_once('.') else {
        return Err(error(format!(
            "{path:?} has no table; write for example feature.num_mel_bins=80"
        )));
    };
    let place = Place::Assignment(number);
    let text = text.trim();
    if text.is_empty() {
        return remove_key(tables, table, key).map_err(|because| match because {
            Refusal::NoTable(reason) => error(reason),
            Refusal::NoKey(because) => {
                let assignment = assignment.to_owned();
                RecipeError::Change { assignment, because: Box::new(because) }
            }
        });
    }
    let table = table_mut(tables, table, place).map_err(error)?;
    let (table, key) = within(table, key, place).map_err(error)?;
    let node = toml_value(text, place)
        .unwrap_or_else(|| Node { place, value: NodeValue::Leaf(Value::String(text.to_owned())) });
    table.insert(key, node);
    Ok(())
}

/// Returns the table that a key is in, and the key there: `frames.shift` is in the table `frames` of a
/// feature, which is made if there is none.
fn within<'a, 'k>(
    table: &'a mut Table,
    key: &'k str,
    place: Place,
) -> Result<(&'a mut Table, &'k str), String> {
    let Some((inner, key)) = key.split_once('.') else { return Ok((table, key)) };
    if table.get(inner).is_none() {
        table.insert(inner, Node { place, ..Node::empty_table() });
    }
    let inner = table.get_mut(inner).and_then(Node::as_table_mut);
    Ok((inner.ok_or_else(|| format!("{key} is in no table"))?, key))
}

/// Why a key cannot be removed.
enum Refusal {
    NoTable(String),
    NoKey(RecipeError),
}

/// Removes a key. One that is not there may be removed too, but not one that there cannot be.
fn remove_key(tables: &mut Table, name: &str, key: &str) -> Result<(), Refusal> {
    // On a copy, as a table that is looked for may appear, and where nothing is set, none should.
    let mut looked = tables.clone();
    let place = Place::Nowhere;
    let there = table_mut(&mut looked, name, place).map_err(Refusal::NoTable)?.remove(key);
    if there.is_some() {
        let table = table_mut(tables, name, place).map_err(Refusal::NoTable)?;
        table.remove(key);
        return Ok(());
    }
    let list = LIST_TABLES.into_iter().find(|list| {
        let nodes = tables.get(list).and_then(Node::as_list).unwrap_or_default();
        *list == name || nodes.iter().any(|node| array_name(list, node) == name)
    });
    let known = key_names(list.unwrap_or(name));
    if known.contains(&key) {
        return Ok(());
    }
    let table = match list {
        Some(list) => format!("[[{list}]]"),
        None => format!("[{name}]"),
    };
    Err(Refusal::NoKey(RecipeError::UnknownKey { table, key: key.to_owned(), known }))
}

/// Reads a text as a value in TOML; none if it is none.
pub(crate) fn toml_value(text: &str, place: Place) -> Option<Node> {
    let text = format!("value = {text}");
    let table = DeTable::parse(&text).ok()?.into_inner();
    Table::parsed(table, &|_| place).ok()?.remove("value")
}

/// Returns the table of this name, made if the recipe may have it.
fn table_mut<'a>(tables: &'a mut Table, name: &str, place: Place) -> Result<&'a mut Table, String> {
    let is_no_table = || format!("{name} is not a table");
    if SINGLE_TABLES.contains(&name) {
        if tables.get(name).is_none() {
            tables.insert(name, Node { place, ..Node::empty_table() });
        }
        return tables.get_mut(name).and_then(Node::as_table_mut).ok_or_else(is_no_table);
    }
    let found: Vec<(&str, usize)> = LIST_TABLES
        .into_iter()
        .filter_map(|list| Some((list, tables.get(list)?.as_list()?)))
        .flat_map(|(list, nodes)| (0..nodes.len()).map(move |i| (list, i, &nodes[i])))
        .filter(|(list, _, node)| *list == name || array_name(list, node) == name)
        .map(|(list, i, _)| (list, i))
        .collect();
    match found[..] {
        [(list, i)] => {
            let node = tables.get_mut(list).and_then(|list| list.item_mut(i));
            node.and_then(Node::as_table_mut).ok_or_else(is_no_table)
        }
        [] if LIST_TABLES.contains(&name) && tables.get(name).is_none() => {
            let table = Node { place, ..Node::empty_table() };
            tables.insert(name, Node { place, value: NodeValue::List(vec![table]) });
            let node = tables.get_mut(name).and_then(|list| list.item_mut(0));
            node.and_then(Node::as_table_mut).ok_or_else(is_no_table)
        }
        [] => {
            let known = SINGLE_TABLES.into_iter().chain(LIST_TABLES);
            Err(format!("there is no table {name:?}{}", hint(name, known)))
        }
        _ => Err(format!("there are several {name} tables; write NAME.KEY=VALUE")),
    }
}

/// Returns the name of the array of a feature or labels table.
fn array_name<'a>(list: &str, table: &'a Node) -> &'a str {
    let usual = if list == "feature" { ArrayKeys::NAME } else { LabelsTable::NAME };
    table.as_table().and_then(|table| table.get("name")?.as_text()).unwrap_or(usual)
}
