//! Bytes for the check of this name.

#![no_main]
ossicle_fuzz::target!(parquet, |bytes, folder| {
    ossicle_fuzz::let_panics_be_caught();
    ossicle_fuzz::parquet::check(bytes, folder)
});
