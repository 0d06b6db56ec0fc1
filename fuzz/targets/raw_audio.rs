//! Bytes for the check of this name.

#![no_main]
ossicle_fuzz::target!(raw_audio, |bytes, folder| ossicle_fuzz::raw_audio::check(bytes, folder));
