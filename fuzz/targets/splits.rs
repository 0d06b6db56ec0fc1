//! Bytes for the check of this name.

#![no_main]
ossicle_fuzz::target!(splits, |bytes, folder| ossicle_fuzz::splits::check(bytes, folder));
