//! Bytes for the check of this name.

#![no_main]
ossicle_fuzz::target!(npy, |bytes, folder| ossicle_fuzz::npy::check(bytes, folder));
