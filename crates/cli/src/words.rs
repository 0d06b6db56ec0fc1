//! Numbers with the words that fit them.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use ossicle_engine::counted;

/// `1 worker`, `2 workers`.
pub(crate) fn workers(count: usize) -> String {
    counted(count as u64, "worker")
}

/// A duration in the unit that fits: `38 ms`, `3.2 s`, `12.5 minutes`, `3.68 hours`.
pub(crate) fn duration(seconds: f64) -> String {
    match seconds {
        s if s > 0.0 && s < 0.0995 => format!("{:.0} ms", 1000.0 * s),
        s if s < 99.95 => format!("{s:.1} s"),
        s if s < 99.95 * 60.0 => format!("{:.1} minutes", s / 60.0),
        s => format!("{:.2} hours", s / 3600.0),
    }
}

/// How many times as fast, with the digits that fit: `0.45`, `5.2`, `551`.
pub(crate) fn times(factor: f64) -> String {
    match factor {
        f if f < 0.995 => format!("{f:.2}"),
        f if f < 9.95 => format!("{f:.1}"),
        f => format!("{f:.0}"),
    }
}

/// A count with its thousands apart, and the noun that fits: `1,000,000 utterances`. Without a noun, the count.
pub(crate) fn counted_round(count: u64, noun: &str) -> String {
    let digits = count.to_string();
    let mut text = String::new();
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    match (noun.is_empty(), count) {
        (true, _) => text,
        (false, 1) => format!("{text} {noun}"),
        (false, _) => format!("{text} {noun}s"),
    }
}

/// A number in four digits.
pub(crate) fn short(value: f64) -> String {
    let digits = match value.abs() {
        0.0 => return "0".to_owned(),
        v if !(1e-4..1e6).contains(&v) => return format!("{value:.2e}").replace('-', "−"),
        v if v >= 1000.0 => 0,
        v if v >= 100.0 => 1,
        v if v >= 1.0 => 2,
        _ => 4,
    };
    format!("{value:.digits$}").replace('-', "−")
}

/// A number with its sign: `+1.69`, `−0.49`.
pub(crate) fn signed(value: f64, digits: usize) -> String {
    format!("{value:+.digits$}").replace('-', "−")
}

/// The last second that a date is written of: the end of the year 9999.
const LAST_SECOND: Duration = Duration::from_secs(253_402_300_799);

/// A date. A clock may be set to anything: what is before 1970 or after 9999 is told as the nearest that is
/// not.
pub(crate) fn date(time: SystemTime) -> String {
    let since = time.duration_since(UNIX_EPOCH).unwrap_or_default().min(LAST_SECOND);
    humantime::format_rfc3339_seconds(UNIX_EPOCH + since).to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn whatever_a_clock_shows_is_a_date() {
        assert_eq!(date(UNIX_EPOCH), "1970-01-01T00:00:00Z");
        assert_eq!(date(UNIX_EPOCH - Duration::from_secs(1)), "1970-01-01T00:00:00Z");
        assert_eq!(date(UNIX_EPOCH + LAST_SECOND), "9999-12-31T23:59:59Z");
        let late = UNIX_EPOCH + LAST_SECOND + Duration::from_secs(1 << 33);
        assert_eq!(date(late), "9999-12-31T23:59:59Z");
    }

    #[test]
    fn durations_and_factors_have_the_digits_that_fit() {
        let durations = [0.0, 0.0384, 3.24, 99.9, 100.0, 5990.0, 6000.0, 13_248.0].map(duration);
        let expected =
            ["0.0 s", "38 ms", "3.2 s", "99.9 s", "1.7 minutes", "99.8 minutes", "1.67 hours"];
        assert_eq!(durations[..7], expected);
        assert_eq!(durations[7], "3.68 hours");
        assert_eq!(
            [0.004, 0.45, 5.23, 9.96, 551.4].map(times),
            ["0.00", "0.45", "5.2", "10", "551"]
        );
    }
}
