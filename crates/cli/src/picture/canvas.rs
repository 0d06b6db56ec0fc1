//! A page of grey pixels to draw on.

use std::convert::Infallible;
use std::fs::File;
use std::io::{self, BufWriter, Write};

use embedded_graphics::Drawable;
use embedded_graphics::Pixel;
use embedded_graphics::draw_target::DrawTarget;
use embedded_graphics::geometry::{OriginDimensions, Point, Size};
use embedded_graphics::mono_font::MonoTextStyle;
use embedded_graphics::mono_font::ascii::FONT_8X13;
use embedded_graphics::pixelcolor::BinaryColor;
use embedded_graphics::text::{Alignment, Baseline, Text, TextStyleBuilder};

/// A page of grey pixels, white at first. Places are in pixels from the upper left corner.
#[derive(Debug)]
pub(crate) struct Canvas {
    width: usize,
    height: usize,
    /// The lightness of each pixel, from 0 to 1.
    pixels: Vec<f32>,
}

/// The side of a place on which a text stands.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Beside {
    Right,
    Left,
    Below,
}

impl Canvas {
    pub(crate) fn new(width: usize, height: usize) -> Canvas {
        Canvas { width, height, pixels: vec![1.0; width * height] }
    }

    #[cfg(test)]
    pub(crate) fn light(&self, x: usize, y: usize) -> f32 {
        self.pixels[y * self.width + x]
    }

    /// Darkens a pixel by a share of what light is left; outside of the page, nothing.
    fn darken(&mut self, x: i64, y: i64, share: f64) {
        let (Ok(x), Ok(y)) = (usize::try_from(x), usize::try_from(y)) else { return };
        if x < self.width && y < self.height {
            self.pixels[y * self.width + x] *= 1.0 - share.clamp(0.0, 1.0) as f32;
        }
    }

    /// Draws whatever is so far from each pixel's middle as `distance` says, with smooth edges.
    fn shape(&mut self, reach: [f64; 4], ink: f64, distance: impl Fn(f64, f64) -> f64) {
        let [left, top, right, bottom] = reach;
        for y in (top.floor() as i64 - 1)..=(bottom.ceil() as i64 + 1) {
            for x in (left.floor() as i64 - 1)..=(right.ceil() as i64 + 1) {
                let covered = 0.5 - distance(x as f64 + 0.5, y as f64 + 0.5);
                if covered > 0.0 {
                    self.darken(x, y, covered.min(1.0) * ink);
                }
            }
        }
    }

    /// A filled circle. One that is smaller than a pixel is as much lighter.
    pub(crate) fn dot(&mut self, x: f64, y: f64, radius: f64, ink: f64) {
        let (drawn, ink) = match radius < 0.5 {
            true => (0.5, ink * 4.0 * radius * radius),
            false => (radius, ink),
        };
        let reach = [x - drawn, y - drawn, x + drawn, y + drawn];
        self.shape(reach, ink, |px, py| ((px - x).powi(2) + (py - y).powi(2)).sqrt() - drawn);
    }

    /// A straight line.
    pub(crate) fn line(&mut self, from: (f64, f64), to: (f64, f64), width: f64, ink: f64) {
        let (dx, dy) = (to.0 - from.0, to.1 - from.1);
        let length = (dx * dx + dy * dy).max(1e-9);
        let half = width / 2.0;
        let reach = [
            from.0.min(to.0) - half,
            from.1.min(to.1) - half,
            from.0.max(to.0) + half,
            from.1.max(to.1) + half,
        ];
        self.shape(reach, ink, |px, py| {
            let along = ((px - from.0) * dx + (py - from.1) * dy) / length;
            let along = along.clamp(0.0, 1.0);
            let (x, y) = (from.0 + along * dx, from.1 + along * dy);
            ((px - x).powi(2) + (py - y).powi(2)).sqrt() - half
        });
    }

    /// Text of the printable ASCII; other characters become question marks.
    pub(crate) fn text(&mut self, text: &str, x: f64, y: f64, beside: Beside) {
        let style = MonoTextStyle::new(&FONT_8X13, BinaryColor::On);
        let (alignment, baseline) = match beside {
            Beside::Right => (Alignment::Left, Baseline::Middle),
            Beside::Left => (Alignment::Right, Baseline::Middle),
            Beside::Below => (Alignment::Center, Baseline::Top),
        };
        let place = TextStyleBuilder::new().alignment(alignment).baseline(baseline).build();
        let point = Point::new(x.round() as i32, y.round() as i32);
        let Ok(_) = Text::with_text_style(text, point, style, place).draw(self);
    }

    /// Writes it as a PNG.
    pub(crate) fn write(&self, file: &mut File) -> anyhow::Result<()> {
        let mut file = BufWriter::new(file);
        let size = |n: usize| u32::try_from(n).map_err(io::Error::other);
        let mut encoder = png::Encoder::new(&mut file, size(self.width)?, size(self.height)?);
        encoder.set_color(png::ColorType::Grayscale);
        encoder.set_depth(png::BitDepth::Eight);
        let bytes: Vec<u8> =
            self.pixels.iter().map(|light| (light * 255.0).round() as u8).collect();
        let mut writer = encoder.write_header()?;
        writer.write_image_data(&bytes)?;
        writer.finish()?;
        Ok(file.flush()?)
    }
}

impl OriginDimensions for Canvas {
    fn size(&self) -> Size {
        Size::new(self.width as u32, self.height as u32)
    }
}

impl DrawTarget for Canvas {
    type Color = BinaryColor;
    type Error = Infallible;

    fn draw_iter<I: IntoIterator<Item = Pixel<BinaryColor>>>(
        &mut self,
        pixels: I,
    ) -> Result<(), Infallible> {
        for Pixel(point, color) in pixels {
            if color.is_on() {
                self.darken(point.x.into(), point.y.into(), 1.0);
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ink(canvas: &Canvas) -> f32 {
        canvas.pixels.iter().map(|light| 1.0 - light).sum()
    }

    #[test]
    fn a_dot_has_its_area() {
        for radius in [0.1, 0.4, 0.5, 1.0, 2.5, 7.0] {
            let mut canvas = Canvas::new(40, 40);
            canvas.dot(20.3, 19.6, radius, 1.0);
            let area = (std::f64::consts::PI * radius * radius) as f32;
            assert!((ink(&canvas) - area).abs() < 0.35 * area, "{radius}: {}", ink(&canvas));
        }
    }

    #[test]
    fn what_lies_outside_is_left_out() {
        let mut canvas = Canvas::new(10, 10);
        canvas.dot(-50.0, 5.0, 3.0, 1.0);
        canvas.text("outside", 300.0, -20.0, Beside::Right);
        assert_eq!(ink(&canvas), 0.0);
        canvas.line((-5.0, 5.0), (15.0, 5.0), 1.0, 1.0);
        assert!((ink(&canvas) - 10.0).abs() < 0.1);
    }
}
