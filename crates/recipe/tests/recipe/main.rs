//! Recipes from the outside: presets, mistakes, and the reading of before as the judge of today's.
#![expect(clippy::unwrap_used, reason = "tests may")]

mod mistakes;
mod old;
mod oracle;
mod presets;
mod reference;
