//! Steps after the features: derivatives, neighbours, normalisation, speech and silence.

pub(crate) mod deltas;
pub(crate) mod moments;
pub(crate) mod sliding;
pub(crate) mod splice;
pub(crate) mod vad;
pub(crate) mod wide;
pub(crate) mod widen;
