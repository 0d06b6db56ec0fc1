//! Sizes in words.

use ossicle_files::counted;

/// Writes a size for people: `628 MB`.
pub fn size(bytes: u64) -> String {
    const UNITS: [&str; 5] = ["kB", "MB", "GB", "TB", "PB"];
    if bytes < 1000 {
        return counted(bytes, "byte");
    }
    let mut value = bytes as f64 / 1000.0;
    let mut unit = 0;
    while value >= 999.5 && unit + 1 < UNITS.len() {
        value /= 1000.0;
        unit += 1;
    }
    let digits = if value < 9.95 { 1 } else { 0 };
    format!("{value:.digits$} {}", UNITS[unit])
}

#[cfg(test)]
mod tests {
    use super::size;

    #[test]
    fn sizes_have_two_or_three_digits() {
        let sizes = [0, 1, 999, 1000, 9_949, 9_950, 999_499, 999_500, 628_000_000, u64::MAX];
        let text = sizes.map(size).join(", ");
        assert_eq!(
            text,
            "0 bytes, 1 byte, 999 bytes, 1.0 kB, 9.9 kB, 10 kB, 999 kB, 1.0 MB, 628 MB, 18447 PB"
        );
    }
}
