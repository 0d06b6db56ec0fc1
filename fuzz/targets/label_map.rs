//! Bytes for the check of this name.

#![no_main]
ossicle_fuzz::target!(label_map, |bytes, _| ossicle_fuzz::label_map::check(bytes));
