//! The largest numbers of a header that are believed.

/// The highest sample rate that is believed, in Hz. Ultrasound is recorded at a few megahertz;
/// above this a header is damaged.
pub(crate) const MAX_SAMPLE_RATE_HZ: u32 = 10_000_000;

/// The highest number of channels that is believed. The largest microphone arrays have about a
/// thousand; the 65,535 of a damaged header would make blocks of half a megabyte.
pub(crate) const MAX_CHANNELS: u16 = 1024;
