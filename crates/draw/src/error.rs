//! What can go wrong with a picture.

/// The error of a picture.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// It is no SVG that can be drawn.
    #[error("the picture cannot be drawn: {reason}")]
    Svg {
        /// What is wrong with it.
        reason: String,
    },
    /// It has no pixel, or more than can be.
    #[error("a picture of {width} × {height} pixels cannot be drawn")]
    Size {
        /// Its width.
        width: u32,
        /// Its height.
        height: u32,
    },
    /// Its pixels cannot be written as PNG.
    #[error("the picture cannot be written as PNG")]
    Png(#[source] png::EncodingError),
}
