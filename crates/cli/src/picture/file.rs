//! A picture as the file that its name says.

use std::path::Path;

use anyhow::{Result, bail};
use ossicle_draw::{Figure, Theme, to_png};

use crate::messages;

/// Draws a figure as what a file's name says: SVG or PNG.
pub(crate) fn picture_bytes(path: &Path, figure: &Figure, theme: Theme) -> Result<Vec<u8>> {
    let extension = path.extension().unwrap_or_default().to_ascii_lowercase();
    let svg = || figure.to_svg(theme);
    match extension.to_str() {
        Some("svg") => Ok(svg().into_bytes()),
        // A pipe or a device has no such name, and what has none is PNG as it always was.
        Some("png" | "") => Ok(to_png(&svg())?),
        _ => bail!(messages::no_picture_name(path)),
    }
}
