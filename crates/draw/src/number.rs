//! Numbers as text.

/// Writes a place on the page, to a hundredth of a pixel.
pub(crate) fn place(value: f64) -> String {
    let text = format!("{value:.2}");
    let text = text.trim_end_matches('0').trim_end_matches('.');
    if text == "-0" { "0".to_owned() } else { text.to_owned() }
}

/// Writes a value at a tick, with as many digits behind the point as its step has.
pub(crate) fn tick(value: f64, step: f64, digits: usize) -> String {
    // What rounding has left of zero.
    let value = if value.abs() < step * 1e-6 { 0.0 } else { value };
    if value == 0.0 && digits > 9 {
        return "0".to_owned();
    }
    match value == 0.0 || (1e-4..1e7).contains(&value.abs()) {
        true => format!("{value:.digits$}").replace('-', "−"),
        false => format!("{value:.1e}").replace('-', "−"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn places_have_no_more_digits_than_they_need() {
        for (value, text) in
            [(0.0, "0"), (-0.001, "0"), (12.0, "12"), (12.5, "12.5"), (-7.126, "-7.13")]
        {
            assert_eq!(place(value), text);
        }
    }

    #[test]
    fn ticks_have_a_minus_and_powers_where_digits_would_be_many() {
        for (value, step, digits, text) in [
            (-1.5, 0.5, 1, "−1.5"),
            (-1e-17, 0.5, 1, "0.0"),
            (2e9, 1e9, 0, "2.0e9"),
            (-3e-7, 1e-7, 7, "−3.0e−7"),
        ] {
            assert_eq!(tick(value, step, digits), text);
        }
    }
}
