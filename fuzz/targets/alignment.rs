//! Bytes for the check of this name.

#![no_main]
ossicle_fuzz::target!(alignment, |bytes, _| ossicle_fuzz::alignment::check(bytes));
