//! Recipes from a model's own file: the configuration of another program, translated.
//!
//! A file is recognised by its content, each kind in a file of this folder: a [preset](crate::Recipe::preset) is
//! what it begins with, and its keys change that. A key that is not known is a mistake, and not passed over.

mod espnet;
mod front_end;
mod funasr;
mod gemma;
mod htk;
mod kaldi;
mod keys;
mod lhotse;
mod mvn;
mod nemo;
mod npz;
mod parakeet;
mod recognised;
mod recognisers;
mod shared;
mod transformers;
mod translation;
mod yaml;

pub use recognised::foreign_recipe;
pub use translation::{Beside, ForeignRecipe};
