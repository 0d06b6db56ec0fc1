//! SVG as pixels.

use std::sync::{Arc, OnceLock};

use resvg::tiny_skia::{Pixmap, Transform};
use resvg::usvg::{Options, Tree, fontdb::Database};

use crate::error::Error;

const FONT: &[u8] = include_bytes!("../font/DejaVuSans-subset.ttf");
const FAMILY: &str = "DejaVu Sans";

/// Pixels of the image for each of the figure's, so that it is sharp where screens are fine.
const SCALE: f32 = 2.0;
/// The most pixels on a side.
const MOST: f32 = 32_000.0;

/// Draws a figure of this crate as PNG, two pixels for each of its own. Text is in the font that comes with the crate,
/// whatever fonts there are.
///
/// # Errors
/// If it is no SVG, or too large.
pub fn to_png(svg: &str) -> Result<Vec<u8>, Error> {
    let options = Options { font_family: FAMILY.to_owned(), fontdb: fonts(), ..Options::default() };
    let bad = |error: &dyn std::fmt::Display| Error::Svg { reason: error.to_string() };
    // Cells with edges: browsers know the word of CSS, and resvg that of SVG 1.1. In text, quotes are escaped.
    let svg = svg.replace("image-rendering=\"pixelated\"", "image-rendering=\"optimizeSpeed\"");
    let tree = Tree::from_str(&svg, &options).map_err(|error| bad(&error))?;
    let size = tree.size();
    let scale = SCALE.min(MOST / size.width()).min(MOST / size.height());
    let side = |length: f32| (length * scale).round() as u32;
    let (width, height) = (side(size.width()), side(size.height()));
    let mut pixels = Pixmap::new(width, height).ok_or(Error::Size { width, height })?;
    resvg::render(&tree, Transform::from_scale(scale, scale), &mut pixels.as_mut());
    pixels.encode_png().map_err(|error| Error::Svg { reason: error.to_string() })
}

/// The font, read once in a process.
fn fonts() -> Arc<Database> {
    static FONTS: OnceLock<Arc<Database>> = OnceLock::new();
    let read = || {
        let mut fonts = Database::new();
        fonts.load_font_data(FONT.to_vec());
        fonts.set_sans_serif_family(FAMILY);
        Arc::new(fonts)
    };
    FONTS.get_or_init(read).clone()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The share of pixels that are not white, in a rectangle of an SVG of 100 × 100.
    fn ink(svg: &str) -> f64 {
        let svg = format!(
            "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"100\" height=\"100\"><rect width=\"100\" \
             height=\"100\" fill=\"#fff\"/>{svg}</svg>"
        );
        let pixels = Pixmap::decode_png(&to_png(&svg).unwrap()).unwrap();
        let dark = pixels.pixels().iter().filter(|pixel| pixel.red() < 128).count();
        dark as f64 / pixels.pixels().len() as f64
    }

    #[test]
    fn letters_of_the_font_and_strokes_of_no_length_are_drawn() {
        for text in ["M", "ə", "ش", "−"] {
            let text = format!(
                "<text x=\"10\" y=\"80\" font-size=\"80\" font-family=\"DejaVu Sans\">{text}</text>"
            );
            assert!(ink(&text) > 0.01, "{text}");
        }
        let dot =
            "<path d=\"M50 50h0\" stroke=\"#000\" stroke-width=\"50\" stroke-linecap=\"round\"/>";
        let area = std::f64::consts::PI * 0.25 * 0.25;
        assert!((ink(dot) - area).abs() < 0.01, "{}", ink(dot));
    }

    #[test]
    fn cells_that_are_larger_than_pixels_have_edges() {
        let grid = crate::Grid::of(&[0.0, 1.0], 1);
        let url = crate::pixels::data_url(&grid, (0.0, 1.0), crate::ColorMap::Grey).unwrap();
        let image = format!(
            "<image width=\"100\" height=\"100\" preserveAspectRatio=\"none\" image-rendering=\"pixelated\" \
             href=\"{url}\"/>"
        );
        assert!((ink(&image) - 0.5).abs() < 0.001, "{}", ink(&image));
        let svg = format!(
            "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"100\" height=\"100\">{image}</svg>"
        );
        let pixels = Pixmap::decode_png(&to_png(&svg).unwrap()).unwrap();
        assert!(pixels.pixels().iter().all(|pixel| [0, 255].contains(&pixel.red())));
    }

    #[test]
    fn what_is_no_svg_is_an_error() {
        assert!(to_png("<html/>").is_err());
        assert!(to_png("").is_err());
    }
}
