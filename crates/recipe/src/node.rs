//! A recipe's tables as they were written, each key and value with its place.

use toml::Value;
use toml::de::{DeTable, DeValue};

/// The place of a key or a value.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Place {
    /// At this byte of the text.
    Text(usize),
    /// In the assignment of this number.
    Assignment(usize),
    /// In no text: it was made of values.
    Nowhere,
}

/// A value with its place.
#[derive(Debug, Clone)]
pub(crate) struct Node {
    pub(crate) place: Place,
    pub(crate) value: NodeValue,
}

/// A value that may hold others, which have places of their own.
#[derive(Debug, Clone)]
pub(crate) enum NodeValue {
    Leaf(Value),
    List(Vec<Node>),
    Table(Table),
}

/// The entries of a table, in the order in which they were written.
#[derive(Debug, Clone, Default)]
pub(crate) struct Table(pub(crate) Vec<Entry>);

/// A key with its place, and its value.
#[derive(Debug, Clone)]
pub(crate) struct Entry {
    pub(crate) key: String,
    pub(crate) place: Place,
    pub(crate) node: Node,
}

/// A number that is too large to be one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct TooLarge {
    pub(crate) place: Place,
    pub(crate) number: String,
}

impl Node {
    /// Makes a table without entries, in no text.
    pub(crate) fn empty_table() -> Node {
        Node { place: Place::Nowhere, value: NodeValue::Table(Table::default()) }
    }

    /// Returns its name in messages: its TOML, where that is short.
    pub(crate) fn shown(&self) -> String {
        match &self.value {
            NodeValue::Leaf(value) => value.to_string(),
            NodeValue::List(_) => "a list".to_owned(),
            NodeValue::Table(_) => "a table".to_owned(),
        }
    }

    /// Returns a table's entries; none if it is something else.
    pub(crate) fn as_table(&self) -> Option<&Table> {
        if let NodeValue::Table(table) = &self.value { Some(table) } else { None }
    }

    /// Returns a list's values; none if it is something else.
    pub(crate) fn as_list(&self) -> Option<&[Node]> {
        if let NodeValue::List(list) = &self.value { Some(list) } else { None }
    }

    /// Returns a value that holds no others; none if it is something else.
    pub(crate) fn as_leaf(&self) -> Option<Value> {
        if let NodeValue::Leaf(value) = &self.value { Some(value.clone()) } else { None }
    }

    /// Returns a text; none if it is something else.
    pub(crate) fn as_text(&self) -> Option<&str> {
        if let NodeValue::Leaf(value) = &self.value { value.as_str() } else { None }
    }

    /// Returns a table's entries, to be changed.
    pub(crate) fn as_table_mut(&mut self) -> Option<&mut Table> {
        if let NodeValue::Table(table) = &mut self.value { Some(table) } else { None }
    }

    /// Returns a value of a list, to be changed.
    pub(crate) fn item_mut(&mut self, i: usize) -> Option<&mut Node> {
        if let NodeValue::List(list) = &mut self.value { list.get_mut(i) } else { None }
    }

    fn of(value: Value) -> Node {
        let value = match value {
            Value::Array(values) => NodeValue::List(values.into_iter().map(Node::of).collect()),
            Value::Table(table) => NodeValue::Table(table.into()),
            leaf => NodeValue::Leaf(leaf),
        };
        Node { place: Place::Nowhere, value }
    }
}

impl From<toml::Table> for Table {
    fn from(table: toml::Table) -> Table {
        let entry = |(key, value)| Entry { key, place: Place::Nowhere, node: Node::of(value) };
        Table(table.into_iter().map(entry).collect())
    }
}

impl Table {
    /// Takes over a parsed table.
    ///
    /// - `place`: of the byte of this number
    ///
    /// # Errors
    /// If a number does not fit into 64 bits.
    pub(crate) fn parsed(
        table: DeTable<'_>,
        place: &dyn Fn(usize) -> Place,
    ) -> Result<Table, TooLarge> {
        let entry = |(key, value): (toml::Spanned<_>, toml::Spanned<DeValue<'_>>)| {
            let at = place(key.span().start);
            let key: std::borrow::Cow<'_, str> = key.into_inner();
            let node = parsed(value, place)?;
            Ok(Entry { key: key.into_owned(), place: at, node })
        };
        table.into_iter().map(entry).collect::<Result<_, _>>().map(Table)
    }

    /// Returns the value of a key.
    pub(crate) fn get(&self, key: &str) -> Option<&Node> {
        self.0.iter().find(|entry| entry.key == key).map(|entry| &entry.node)
    }

    /// Returns the place of a key.
    pub(crate) fn place_of(&self, key: &str) -> Option<Place> {
        self.0.iter().find(|entry| entry.key == key).map(|entry| entry.place)
    }

    /// Returns the value of a key, to be changed.
    pub(crate) fn get_mut(&mut self, key: &str) -> Option<&mut Node> {
        self.0.iter_mut().find(|entry| entry.key == key).map(|entry| &mut entry.node)
    }

    /// Gives a key a value, in the place of the one it had, or else after all others.
    pub(crate) fn insert(&mut self, key: &str, node: Node) {
        let place = node.place;
        match self.0.iter_mut().find(|entry| entry.key == key) {
            Some(entry) => *entry = Entry { key: key.to_owned(), place, node },
            None => self.0.push(Entry { key: key.to_owned(), place, node }),
        }
    }

    /// Removes a key and its value, if there is one, and returns the value.
    pub(crate) fn remove(&mut self, key: &str) -> Option<Node> {
        let at = self.0.iter().position(|entry| entry.key == key)?;
        Some(self.0.remove(at).node)
    }
}

/// Takes over a parsed value, with its place.
fn parsed(
    value: toml::Spanned<DeValue<'_>>,
    place: &dyn Fn(usize) -> Place,
) -> Result<Node, TooLarge> {
    let at = place(value.span().start);
    let too_large = |number: &dyn ToString| TooLarge { place: at, number: number.to_string() };
    let value = match value.into_inner() {
        DeValue::String(text) => NodeValue::Leaf(Value::String(text.into_owned())),
        DeValue::Integer(number) => {
            let whole = i64::from_str_radix(number.as_str(), number.radix());
            NodeValue::Leaf(Value::Integer(whole.map_err(|_| too_large(&number))?))
        }
        DeValue::Float(number) => {
            let float = number.as_str().parse::<f64>().ok();
            // "inf" is written as such; 1e999 is only too large.
            let float = float.filter(|x| !x.is_infinite() || number.as_str().contains("inf"));
            NodeValue::Leaf(Value::Float(float.ok_or_else(|| too_large(&number))?))
        }
        DeValue::Boolean(truth) => NodeValue::Leaf(Value::Boolean(truth)),
        DeValue::Datetime(time) => NodeValue::Leaf(Value::Datetime(time)),
        DeValue::Array(values) => {
            let values = values.into_iter().map(|value| parsed(value, place));
            NodeValue::List(values.collect::<Result<_, _>>()?)
        }
        DeValue::Table(table) => NodeValue::Table(Table::parsed(table, place)?),
    };
    Ok(Node { place: at, value })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_and_values_know_where_they_stand_and_numbers_what_they_are() {
        let text = "[a]\nb = 1_000\n c = [0x10, 1e-3, -inf]\n[[d]]\ne = { f = true }\n";
        let table = DeTable::parse(text).unwrap().into_inner();
        let table = Table::parsed(table, &Place::Text).unwrap();
        let at = |word: &str| Place::Text(text.find(word).unwrap());
        let a = table.get("a").unwrap().as_table().unwrap();
        assert_eq!(a.0[0].place, at("b ="));
        assert_eq!(a.0[0].node.place, at("1_000"));
        assert_eq!(a.0[0].node.shown(), "1000");
        assert_eq!(a.place_of("c"), Some(at("c =")));
        let shown = a.get("c").unwrap().as_list().unwrap().iter().map(Node::shown);
        assert_eq!(shown.collect::<Vec<_>>(), ["16", "0.001", "-inf"]);
        let d = &table.get("d").unwrap().as_list().unwrap()[0];
        assert_eq!(d.place, at("[[d]]"));
        let f = d.as_table().unwrap().get("e").unwrap().as_table().unwrap().get("f").unwrap();
        assert_eq!((f.place, f.shown()), (at("true"), "true".to_owned()));
    }

    #[test]
    fn numbers_of_more_than_64_bits_are_refused_where_they_stand() {
        for number in ["9223372036854775808", "1e999", "-0x1"] {
            let text = format!("a = {number}");
            let Ok(table) = DeTable::parse(&text) else { continue };
            let refused = Table::parsed(table.into_inner(), &Place::Text).unwrap_err();
            assert_eq!((refused.place, refused.number.as_str()), (Place::Text(4), number));
        }
    }
}
