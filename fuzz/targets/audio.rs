//! Bytes for the check of this name.

#![no_main]
ossicle_fuzz::target!(audio, |bytes, folder| ossicle_fuzz::audio::check(bytes, folder));
