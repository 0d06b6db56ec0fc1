//! Bytes for the check of this name.

#![no_main]
ossicle_fuzz::target!(master, |bytes, folder| ossicle_fuzz::master::check(bytes, folder));
