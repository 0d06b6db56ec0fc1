//! Bytes for the check of this name.

#![no_main]
ossicle_fuzz::target!(list, |bytes, _| ossicle_fuzz::list::check(bytes));
