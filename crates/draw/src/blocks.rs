//! Heat maps as characters, for terminals.

use std::fmt::Write;

use crate::color_map::ColorMap;
use crate::grid::Grid;

/// Characters from light to heavy.
const SHADES: &[u8] = b" .:-=+*#%@";

/// Draws a grid as lines of half blocks in 24-bit colours: each character is two cells, one above the other. The
/// escape sequences are of colours alone, and each line ends with the terminal's own.
///
/// - `range`: the numbers of the first and the last colour
/// - `width`, `height`: characters across, and lines
pub fn half_blocks(
    grid: &Grid,
    range: (f64, f64),
    colors: ColorMap,
    (width, height): (usize, usize),
) -> Vec<String> {
    let color = |across: usize, up: usize| {
        let value = grid.field((across, up), (width, 2 * height))?;
        Some(colors.color(share(value, range)))
    };
    let line = |row: usize| {
        let mut line = String::new();
        for across in 0..width {
            let (upper, lower) = (color(across, 2 * row + 1), color(across, 2 * row));
            // Writing to a string cannot fail.
            if let Some(color) = upper {
                let _ = write!(line, "\x1b[38;2;{};{};{}m", color.r, color.g, color.b);
            }
            if let Some(color) = lower {
                let _ = write!(line, "\x1b[48;2;{};{};{}m", color.r, color.g, color.b);
            }
            line.push_str(if upper.is_some() { "▀\x1b[0m" } else { " \x1b[0m" });
        }
        line
    };
    (0..height).rev().map(line).collect()
}

/// Draws a grid as lines of plain characters, heavier for larger numbers.
///
/// - `range`: the numbers of the lightest and the heaviest
/// - `width`, `height`: characters across, and lines
pub fn plain_blocks(
    grid: &Grid,
    range: (f64, f64),
    (width, height): (usize, usize),
) -> Vec<String> {
    let character = |across: usize, up: usize| match grid.field((across, up), (width, height)) {
        Some(value) => {
            char::from(SHADES[(share(value, range) * (SHADES.len() - 1) as f64).round() as usize])
        }
        None => ' ',
    };
    let line = |row: usize| (0..width).map(|across| character(across, row)).collect();
    (0..height).rev().map(line).collect()
}

fn share(value: f64, (low, high): (f64, f64)) -> f64 {
    ((value - low) / (high - low).max(f64::MIN_POSITIVE)).clamp(0.0, 1.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_grid_of_a_cell_a_character_is_that_grid() {
        // Two frames of two columns; the first column is below.
        let grid = Grid::of(&[0.0, 9.0, 3.0, f32::NAN], 2);
        assert_eq!(plain_blocks(&grid, (0.0, 9.0), (2, 2)), ["@ ", " -"]);
        assert_eq!(plain_blocks(&grid, (0.0, 9.0), (4, 2)), ["@@  ", "  --"]);
        let lines = half_blocks(&grid, (0.0, 9.0), ColorMap::Grey, (2, 1));
        let first = "\x1b[38;2;255;255;255m\x1b[48;2;0;0;0m▀\x1b[0m";
        assert_eq!(lines, [format!("{first}\x1b[48;2;85;85;85m \x1b[0m")]);
    }

    #[test]
    fn grids_of_nothing_are_blank() {
        for grid in [Grid::new(0, 0), Grid::new(3, 0), Grid::new(0, 2)] {
            assert_eq!(plain_blocks(&grid, (0.0, 1.0), (3, 1)), ["   "]);
        }
    }
}
