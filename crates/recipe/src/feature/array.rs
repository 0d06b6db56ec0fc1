//! The keys that every kind of feature has.

use ossicle_dsp::SampleScale;

use crate::keys::keys;

keys! {
    /// The keys that every kind of feature has.
    ArrayKeys {
        /// The array's name. Features of the same name stand side by side in one array.
        name: String, always(ArrayKeys::NAME.to_owned());
        /// The range of the samples, where it is another than `audio.scale`.
        scale: SampleScale, none("that of `[audio]`");
        /// The sample rate that its samples are resampled to, in Hz, where it is another than that of
        /// `[audio]`: a recording is decoded once, and resampled for each rate.
        sample_rate_hz: u32, none("that of `[audio]`");
        /// Leaves the array out of `[deltas]`, `[splice]` and `[normalize]`.
        plain: bool, none("`false`; `true` for a waveform beside other features");
    }
}

impl ArrayKeys {
    /// The array's name where the recipe gives none.
    pub(crate) const NAME: &'static str = "features";
}
