//! Colours for numbers.

mod cividis;
mod magma;
mod viridis;

use cividis::CIVIDIS;
use magma::MAGMA;
use viridis::VIRIDIS;

/// A colour of a screen (sRGB).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Rgb {
    /// Red.
    pub r: u8,
    /// Green.
    pub g: u8,
    /// Blue.
    pub b: u8,
}

/// Colours for numbers, from the least to the largest. Each rises evenly in lightness, so that it can be read in
/// grey and by the colour-blind; that for differences does so to both sides of its middle.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum ColorMap {
    /// From violet over green to yellow.
    #[default]
    Viridis,
    /// From blue over grey to yellow.
    Cividis,
    /// From black over purple to cream.
    Magma,
    /// From black to white.
    Grey,
    /// For differences: blue below, white in the middle, red above.
    Difference,
}

/// ColorBrewer's RdBu of 11 classes, from blue to red (Cynthia Brewer, Mark Harrower and The Pennsylvania State
/// University; Apache-2.0).
const BLUE_TO_RED: [u32; 11] = [
    0x053061, 0x2166ac, 0x4393c3, 0x92c5de, 0xd1e5f0, 0xf7f7f7, 0xfddbc7, 0xf4a582, 0xd6604d,
    0xb2182b, 0x67001f,
];

impl ColorMap {
    /// The maps for numbers of one kind.
    pub const SEQUENTIAL: [ColorMap; 4] =
        [ColorMap::Viridis, ColorMap::Cividis, ColorMap::Magma, ColorMap::Grey];

    /// Returns the map's name.
    pub fn name(self) -> &'static str {
        match self {
            ColorMap::Viridis => "viridis",
            ColorMap::Cividis => "cividis",
            ColorMap::Magma => "magma",
            ColorMap::Grey => "grey",
            ColorMap::Difference => "difference",
        }
    }

    /// Returns the colour of a value.
    ///
    /// - `share`: where it is, from 0 for the least to 1 for the largest; beyond these, the colour of the end
    pub fn color(self, share: f64) -> Rgb {
        // NaN becomes 0.
        let share = if share > 0.0 { share.min(1.0) } else { 0.0 };
        let of = |table: &[u32; 256]| rgb(table[(share * 255.0).round() as usize]);
        match self {
            ColorMap::Viridis => of(&VIRIDIS),
            ColorMap::Cividis => of(&CIVIDIS),
            ColorMap::Magma => of(&MAGMA),
            ColorMap::Grey => {
                let light = (share * 255.0).round() as u8;
                Rgb { r: light, g: light, b: light }
            }
            ColorMap::Difference => {
                let place = share * (BLUE_TO_RED.len() - 1) as f64;
                let below = (place as usize).min(BLUE_TO_RED.len() - 2);
                between(rgb(BLUE_TO_RED[below]), rgb(BLUE_TO_RED[below + 1]), place - below as f64)
            }
        }
    }
}

fn rgb(color: u32) -> Rgb {
    let [_, r, g, b] = color.to_be_bytes();
    Rgb { r, g, b }
}

fn between(a: Rgb, b: Rgb, share: f64) -> Rgb {
    let mix = |a: u8, b: u8| (f64::from(a) + share * (f64::from(b) - f64::from(a))).round() as u8;
    Rgb { r: mix(a.r, b.r), g: mix(a.g, b.g), b: mix(a.b, b.b) }
}

/// The light of a channel, from 0 to 1 (IEC 61966-2-1).
#[cfg(test)]
pub(crate) fn linear(channel: u8) -> f64 {
    let value = f64::from(channel) / 255.0;
    if value <= 0.04045 { value / 12.92 } else { libm::pow((value + 0.055) / 1.055, 2.4) }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// CIE 1976 L*, from 0 to 100.
    fn lightness(color: Rgb) -> f64 {
        let y = 0.2126 * linear(color.r) + 0.7152 * linear(color.g) + 0.0722 * linear(color.b);
        if y <= 216.0 / 24389.0 { y * 24389.0 / 27.0 } else { 116.0 * libm::cbrt(y) - 16.0 }
    }

    #[test]
    fn colours_rise_evenly_in_lightness() {
        for map in ColorMap::SEQUENTIAL {
            let light: Vec<f64> =
                (0..=32).map(|n| lightness(map.color(f64::from(n) / 32.0))).collect();
            let mean = (light[32] - light[0]) / 32.0;
            for [a, b] in light.array_windows() {
                assert!(b > a, "{map:?} {light:?}");
                assert!(
                    (b - a) < 2.0 * mean && (b - a) > 0.3 * mean,
                    "{map:?}: {a} {b}, mean {mean}"
                );
            }
            assert!(light[32] - light[0] > 70.0, "{map:?}");
        }
    }

    #[test]
    fn differences_are_as_light_on_both_sides_and_lightest_where_there_is_none() {
        let light = |share: f64| lightness(ColorMap::Difference.color(share));
        assert_eq!(ColorMap::Difference.color(0.5), Rgb { r: 0xf7, g: 0xf7, b: 0xf7 });
        for n in 1..=5 {
            let away = f64::from(n) / 10.0;
            assert!(light(0.5 + away) < light(0.5 + away - 0.1));
            assert!(light(0.5 - away) < light(0.5 - away + 0.1));
            assert!((light(0.5 + away) - light(0.5 - away)).abs() < 8.0, "{away}");
        }
    }

    #[test]
    fn what_is_no_share_has_the_colour_of_an_end() {
        for map in ColorMap::SEQUENTIAL {
            assert_eq!(map.color(-3.0), map.color(0.0));
            assert_eq!(map.color(f64::NAN), map.color(0.0));
            assert_eq!(map.color(f64::INFINITY), map.color(1.0));
        }
    }
}
