//! Runs parts: what is left of them, on any number of workers.

pub(crate) mod cluster;
pub(crate) mod executor;
pub(crate) mod in_flight;
mod message;
#[cfg(test)]
pub(crate) mod mock;
pub(crate) mod orders;
pub(crate) mod parts;
pub(crate) mod pool;
pub(crate) mod probe;
pub(crate) mod processes;
pub(crate) mod serve;
mod tally;
