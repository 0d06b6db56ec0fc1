//! Bytes for the check of this name.

#![no_main]
ossicle_fuzz::target!(description, |bytes, folder| ossicle_fuzz::description::check(bytes, folder));
