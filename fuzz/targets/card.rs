//! Bytes for the check of this name.

#![no_main]
ossicle_fuzz::target!(card, |bytes, folder| ossicle_fuzz::card::check(bytes, folder));
