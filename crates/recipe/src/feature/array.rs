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
    }
}

impl ArrayKeys {
    /// The array's name where the recipe gives none.
    pub(crate) const NAME: &'static str = "features";
}
