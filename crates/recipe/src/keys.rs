//! Tables of keys, each said once: its name, its type, what its absence means, and what it is for.
//!
//! [`keys!`] makes of that the struct, how it is read and written, and its rows of the reference.

use serde::ser::SerializeMap;

use crate::fields::{Fields, Mistake};

/// A key of a table, for the reference.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Key {
    /// The key.
    pub name: &'static str,
    /// The values that it may have, as a noun.
    pub values: String,
    /// The meaning of its absence.
    pub default: Absence,
    /// The sentences about it.
    pub meaning: String,
}

/// The meaning of a key's absence.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Absence {
    /// A mistake.
    Refused,
    /// This value, in TOML.
    Is(String),
    /// These words.
    Says(&'static str),
}

/// A table, or the part of one that several kinds of table have.
pub(crate) trait Keys: Sized {
    /// Reads the keys of a table that are its own.
    fn read(fields: &Fields<'_>) -> Result<Self, Mistake>;

    /// Writes the keys that are given, and those that are always written.
    fn write<M: SerializeMap>(&self, map: &mut M) -> Result<(), M::Error>;

    /// Returns the names of all its keys.
    fn names() -> Vec<&'static str>;

    /// Returns the sentences about the table.
    fn about() -> String;

    /// Returns the rows of the reference.
    fn reference() -> Vec<Key>;
}

/// Joins the lines of a doc comment.
pub(crate) fn meaning(lines: &[&str]) -> String {
    lines.iter().map(|line| line.trim()).collect::<Vec<_>>().join(" ")
}

/// Returns the number as people write it: the shortest decimal that is read as this number.
pub(crate) fn decimal(number: f32) -> f64 {
    let exact = f64::from(number);
    if exact.fract() == 0.0 { exact } else { number.to_string().parse().unwrap_or(exact) }
}

/// Returns a value's TOML.
pub(crate) fn shown<T: serde::Serialize>(value: &T) -> String {
    match toml::Value::try_from(value) {
        // In full, the smallest have forty digits.
        Ok(toml::Value::Float(x)) if x != 0.0 && x.abs() < 1e-3 => format!("{x:e}"),
        Ok(value) => value.to_string(),
        Err(_) => String::new(),
    }
}

/// Makes a struct of keys. What the absence of a key means stands behind its type:
///
/// - `needed`: it is a mistake
/// - `always(VALUE)`: it is this value, and is written as this
/// - `unless(VALUE)`: it is this value, and neither is written
/// - `or(VALUE)`: it is this value, which a method of the key's name gives; what was absent is not
///   written
/// - `none("WORDS")`: what the words say
///
/// Structs are equal if they mean the same: a key that is absent equals one that has its default.
macro_rules! keys {
    ($(#[doc = $about:expr])* $name:ident {
        $($(#[doc = $meaning:expr])+ $key:ident: $type:ty, $form:ident $(($default:expr))?;)+
    }) => {
        $(#[doc = $about])*
        #[derive(Debug, Clone)]
        pub struct $name {
            $($(#[doc = $meaning])+ pub $key: $crate::keys::field!($form, $type),)+
        }

        impl $name {
            $($crate::keys::getter!($form, $key, $type $(, $default)?);)+
        }

        impl PartialEq for $name {
            fn eq(&self, other: &$name) -> bool {
                $($crate::keys::value!($form, self, $key) == $crate::keys::value!($form, other, $key))&&+
            }
        }

        impl $crate::keys::Keys for $name {
            fn read(
                fields: &$crate::fields::Fields<'_>,
            ) -> Result<$name, $crate::fields::Mistake> {
                Ok($name {
                    $($key: $crate::keys::read!($form, fields, stringify!($key) $(, $default)?),)+
                })
            }

            fn write<M: serde::ser::SerializeMap>(&self, map: &mut M) -> Result<(), M::Error> {
                $($crate::keys::write!($form, map, self, $key $(, $default)?);)+
                Ok(())
            }

            fn names() -> Vec<&'static str> {
                vec![$(stringify!($key)),+]
            }

            fn about() -> String {
                $crate::keys::meaning(&[$($about),*])
            }

            fn reference() -> Vec<$crate::keys::Key> {
                vec![$($crate::keys::Key {
                    name: stringify!($key),
                    values: $crate::words::Words::of::<$type>().text,
                    default: $crate::keys::absence!($form, $type $(, $default)?),
                    meaning: $crate::keys::meaning(&[$($meaning),+]),
                }),+]
            }
        }
    };
}

/// Gives the type of a field.
macro_rules! field {
    (or, $type:ty) => { Option<$type> };
    (none, $type:ty) => { Option<$type> };
    ($form:ident, $type:ty) => { $type };
}

/// Makes the method that gives a key's value where it may be absent.
macro_rules! getter {
    (or, $key:ident, $type:ty, $default:expr) => {
        #[doc = concat!("The value of `", stringify!($key), "`, or its default.")]
        pub fn $key(&self) -> $type {
            self.$key.unwrap_or($default)
        }
    };
    ($form:ident, $key:ident, $type:ty $(, $default:expr)?) => {};
}

/// Gives the value that two keys are compared by.
macro_rules! value {
    (or, $keys:ident, $key:ident) => {
        $keys.$key()
    };
    ($form:ident, $keys:ident, $key:ident) => {
        $keys.$key
    };
}

/// Reads a field.
macro_rules! read {
    (needed, $fields:ident, $key:expr) => {
        $fields.need($key)?
    };
    (always, $fields:ident, $key:expr, $default:expr) => {
        $fields.read($key)?.unwrap_or_else(|| $default)
    };
    (unless, $fields:ident, $key:expr, $default:expr) => {
        $fields.read($key)?.unwrap_or_else(|| $default)
    };
    ($form:ident, $fields:ident, $key:expr, $default:expr) => {
        $fields.read($key)?
    };
}

/// Writes a field.
macro_rules! write {
    (or, $map:ident, $keys:ident, $key:ident, $default:expr) => {
        if let Some(value) = &$keys.$key {
            $map.serialize_entry(stringify!($key), value)?;
        }
    };
    (none, $map:ident, $keys:ident, $key:ident, $default:expr) => {
        if let Some(value) = &$keys.$key {
            $map.serialize_entry(stringify!($key), value)?;
        }
    };
    (unless, $map:ident, $keys:ident, $key:ident, $default:expr) => {
        if $keys.$key != $default {
            $map.serialize_entry(stringify!($key), &$keys.$key)?;
        }
    };
    ($form:ident, $map:ident, $keys:ident, $key:ident $(, $default:expr)?) => {
        $map.serialize_entry(stringify!($key), &$keys.$key)?;
    };
}

/// Gives the meaning of a field's absence.
macro_rules! absence {
    (needed, $type:ty) => {
        $crate::keys::Absence::Refused
    };
    (none, $type:ty, $words:expr) => {
        $crate::keys::Absence::Says($words)
    };
    ($form:ident, $type:ty, $default:expr) => {{
        let default: $type = $default;
        $crate::keys::Absence::Is($crate::keys::shown(&default))
    }};
}

/// Makes a struct that has the keys of several, in this order.
macro_rules! groups {
    ($(#[doc = $about:expr])* $name:ident {
        $($(#[doc = $meaning:expr])+ $group:ident: $type:ty,)+
    }) => {
        $(#[doc = $about])*
        #[derive(Debug, Clone, PartialEq)]
        pub struct $name {
            $($(#[doc = $meaning])+ pub $group: $type,)+
        }

        impl $crate::keys::Keys for $name {
            fn read(
                fields: &$crate::fields::Fields<'_>,
            ) -> Result<$name, $crate::fields::Mistake> {
                Ok($name { $($group: <$type as $crate::keys::Keys>::read(fields)?,)+ })
            }

            fn write<M: serde::ser::SerializeMap>(&self, map: &mut M) -> Result<(), M::Error> {
                $($crate::keys::Keys::write(&self.$group, map)?;)+
                Ok(())
            }

            fn names() -> Vec<&'static str> {
                [$(<$type as $crate::keys::Keys>::names()),+].concat()
            }

            fn about() -> String {
                $crate::keys::meaning(&[$($about),*])
            }

            fn reference() -> Vec<$crate::keys::Key> {
                [$(<$type as $crate::keys::Keys>::reference()),+].concat()
            }
        }
    };
}

/// Serialises a table of its own.
macro_rules! table {
    ($($name:ident),+) => {
        $(impl serde::Serialize for $name {
            fn serialize<S: serde::Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
                use serde::ser::SerializeMap as _;
                let mut map = to.serialize_map(None)?;
                $crate::keys::Keys::write(self, &mut map)?;
                map.end()
            }
        })+
    };
}

pub(crate) use {absence, field, getter, groups, keys, read, table, value, write};
