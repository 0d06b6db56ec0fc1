//! Times of descriptions: decimal seconds as whole nanoseconds.

use crate::span::Span;

/// Returns the nanoseconds of decimal seconds (`1.5`, `2`, `.25`, `1e-05`), the later of two where one
/// lies between; none where that is no such number, is negative, or is too large.
pub(crate) fn nanoseconds(text: &str) -> Option<u64> {
    /// More digits do not change a nanosecond of any time that fits.
    const MOST_DIGITS: u32 = 28;
    let (mantissa, exponent) = match text.split_once(['e', 'E']) {
        Some((mantissa, exponent)) => (mantissa, exponent.parse::<i32>().ok()?),
        None => (text, 0),
    };
    let mantissa = mantissa.strip_prefix('+').unwrap_or(mantissa);
    let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
    if whole.is_empty() && fraction.is_empty() {
        return None;
    }
    let (mut value, mut digits) = (0_u128, 0);
    // The power of ten that the digits are multiplied by for nanoseconds.
    let mut power = exponent.checked_add(9)?;
    let parts = whole.bytes().map(|digit| (digit, false));
    for (digit, is_fraction) in parts.chain(fraction.bytes().map(|digit| (digit, true))) {
        if !digit.is_ascii_digit() {
            return None;
        }
        if digits < MOST_DIGITS {
            value = value * 10 + u128::from(digit - b'0');
            digits += u32::from(value > 0);
            power = power.checked_sub(i32::from(is_fraction))?;
        } else {
            power = power.checked_add(i32::from(!is_fraction))?;
        }
    }
    let nanoseconds = match u32::try_from(power) {
        Ok(_) if value == 0 => 0,
        Ok(power) => value.checked_mul(10_u128.checked_pow(power)?)?,
        // Rounded once, half away from zero.
        Err(_) => match 10_u128.checked_pow(power.unsigned_abs()) {
            Some(divisor) => (value + divisor / 2) / divisor,
            None => 0,
        },
    };
    u64::try_from(nanoseconds).ok()
}

/// Writes a span's seconds as part of an id: `0.1-0.35`, `0.3-` to the end.
pub(crate) fn span_in_words(span: Span) -> String {
    let (start, end) = match span {
        Span::Samples { start, end } => {
            (start.to_string(), end.map_or(String::new(), |end| end.to_string()))
        }
        Span::Nanoseconds { start, end } => (seconds(start), end.map_or(String::new(), seconds)),
    };
    format!("{start}-{end}")
}

/// Writes nanoseconds as decimal seconds, without zeros that say nothing.
pub(crate) fn seconds(nanoseconds: u64) -> String {
    let (whole, rest) = (nanoseconds / 1_000_000_000, nanoseconds % 1_000_000_000);
    match rest {
        0 => whole.to_string(),
        _ => format!("{whole}.{rest:09}").trim_end_matches('0').to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn decimal_seconds_are_whole_nanoseconds() {
        for (text, expected) in [
            ("0", 0),
            ("0.0", 0),
            ("-0", u64::MAX),
            ("1.5", 1_500_000_000),
            (".25", 250_000_000),
            ("3.", 3_000_000_000),
            ("+2", 2_000_000_000),
            ("1e-05", 10_000),
            ("1.25E+1", 12_500_000_000),
            ("0.30000000000000004", 300_000_000),
            ("0.5076875", 507_687_500),
            ("0.0000000005", 1),
            ("0.00000000049999999999999999999999999999", 0),
            ("1e-400", 0),
            ("0e999999999", 0),
            ("18446744073.709551615", u64::MAX),
        ] {
            let expected = Some(expected).filter(|_| text != "-0");
            assert_eq!(nanoseconds(text), expected, "{text}");
        }
        for text in
            ["", ".", "-1", "1,5", "1 ", "nan", "inf", "0x1", "1e", "1e99", "18446744073.709551616"]
        {
            assert_eq!(nanoseconds(text), None, "{text}");
        }
        assert_eq!(nanoseconds(&"9".repeat(100)), None);
        assert_eq!(nanoseconds(&format!("1.{}", "0".repeat(100_000))), Some(1_000_000_000));
    }

    proptest! {
        #[test]
        fn what_is_written_is_read_again(time in any::<u64>()) {
            prop_assert_eq!(nanoseconds(&seconds(time)), Some(time));
        }

        #[test]
        fn any_text_is_a_time_or_none(text in "[-+0-9.eE]{0,60}") {
            nanoseconds(&text);
        }
    }

    #[test]
    fn spans_are_written_shortly() {
        let span = Span::Nanoseconds { start: 100_000_000, end: Some(350_000_000) };
        assert_eq!(span_in_words(span), "0.1-0.35");
        assert_eq!(span_in_words(Span::Samples { start: 5, end: None }), "5-");
    }
}
