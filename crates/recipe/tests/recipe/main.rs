//! Recipes from the outside: presets, mistakes and the reference.
#![expect(clippy::unwrap_used, reason = "tests may")]

mod foreign;
mod mistakes;
mod presets;
mod rates;
mod reference;
mod streams;
