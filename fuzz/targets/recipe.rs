//! Bytes for the check of this name.

#![no_main]
ossicle_fuzz::target!(recipe, |bytes, _| ossicle_fuzz::recipe::check(bytes));
