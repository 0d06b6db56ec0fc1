//! From made-up parts to files, against the obvious computation.

mod regions;
mod statistics;
mod whole;
