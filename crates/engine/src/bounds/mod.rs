//! Bounds on what a run takes, and the reasons for which it ends early.

pub(crate) mod addresses;
pub(crate) mod connections;
pub(crate) mod control_group;
pub(crate) mod cpu;
pub(crate) mod disk;
pub(crate) mod files;
pub(crate) mod memory;
pub(crate) mod readers;
pub(crate) mod room;
pub(crate) mod size;
pub(crate) mod stop;
pub(crate) mod tolerance;
pub(crate) mod waiting;
