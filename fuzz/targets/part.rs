//! Bytes for the check of this name.

#![no_main]
ossicle_fuzz::target!(part, |bytes, folder| ossicle_fuzz::part::check(bytes, folder));
