//! Bytes for the check of this name.

#![no_main]
ossicle_fuzz::target!(rows, |bytes, folder| ossicle_fuzz::rows::check(bytes, folder));
