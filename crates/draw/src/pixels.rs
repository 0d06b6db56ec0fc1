//! A heat map as an image.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;

use crate::color_map::ColorMap;
use crate::error::Error;
use crate::grid::Grid;

/// The number of colours; one more number of a byte means that there is no value.
const COLORS: usize = 255;
const MISSING: u8 = 255;

/// Returns an image of a pixel a cell as a data URL.
///
/// - `range`: the values of the first and the last colour
pub(crate) fn data_url(grid: &Grid, range: (f64, f64), colors: ColorMap) -> Result<String, Error> {
    let (across, up) = grid.cells();
    let share = |value: f64| (value - range.0) / (range.1 - range.0).max(f64::MIN_POSITIVE);
    let number = |value: f64| (share(value).clamp(0.0, 1.0) * (COLORS - 1) as f64).round() as u8;
    let mut pixels = Vec::with_capacity(across * up);
    for row in (0..up).rev() {
        pixels.extend((0..across).map(|x| grid.cell(x, row).map_or(MISSING, number)));
    }
    let palette = |n: usize| {
        let color = colors.color(n as f64 / (COLORS - 1) as f64);
        [color.r, color.g, color.b]
    };
    let palette: Vec<u8> = (0..COLORS).flat_map(palette).chain([0; 3]).collect();
    let mut opacity = vec![255; COLORS];
    opacity.push(0);
    let mut bytes = Vec::new();
    let mut encoder = png::Encoder::new(&mut bytes, across as u32, up as u32);
    encoder.set_color(png::ColorType::Indexed);
    encoder.set_depth(png::BitDepth::Eight);
    encoder.set_palette(palette);
    encoder.set_trns(opacity);
    encoder.set_compression(png::Compression::High);
    let written = encoder.write_header().and_then(|mut writer| {
        writer.write_image_data(&pixels)?;
        writer.finish()
    });
    written.map_err(Error::Png)?;
    Ok(format!("data:image/png;base64,{}", STANDARD.encode(&bytes)))
}
