//! How wide text is, and text made to fit.

/// The widths of the printable characters of ASCII in DejaVu Sans 2.37, from the space on, in 1/2048 of the size.
const WIDTHS: [u16; 95] = [
    651, 821, 942, 1716, 1303, 1946, 1597, 563, 799, 799, 1024, 1716, 651, 739, 651, 690, 1303,
    1303, 1303, 1303, 1303, 1303, 1303, 1303, 1303, 1303, 690, 690, 1716, 1716, 1716, 1087, 2048,
    1401, 1405, 1430, 1577, 1294, 1178, 1587, 1540, 604, 604, 1343, 1141, 1767, 1532, 1612, 1235,
    1612, 1423, 1300, 1251, 1499, 1401, 2025, 1403, 1251, 1403, 799, 690, 799, 1716, 1024, 1024,
    1255, 1300, 1126, 1300, 1260, 721, 1300, 1298, 569, 569, 1186, 569, 1995, 1298, 1253, 1300,
    1300, 842, 1067, 803, 1298, 1212, 1675, 1212, 1212, 1075, 1303, 690, 1303, 1716,
];

/// Returns the width of text in pixels. Letters beyond ASCII count as wide ones, those of East Asia as squares.
pub(crate) fn width(text: &str, size: f64) -> f64 {
    let of = |c: char| match (c as u32).checked_sub(0x20).and_then(|n| WIDTHS.get(n as usize)) {
        Some(&width) => f64::from(width) / 2048.0,
        None if c as u32 >= 0x1100 => 1.0,
        None => 0.65,
    };
    size * text.chars().map(of).sum::<f64>()
}

/// Returns as much of a text as fits, with an ellipsis where that is not all; none where not even a letter fits.
pub(crate) fn fitted(text: &str, size: f64, room: f64) -> Option<String> {
    if width(text, size) <= room {
        return Some(text.to_owned());
    }
    let room = room - width("…", size);
    let mut used = 0.0;
    let fits = |c: &char| {
        used += width(c.encode_utf8(&mut [0; 4]), size);
        used <= room
    };
    let begin: String = text.chars().take_while(fits).collect();
    (!begin.is_empty()).then(|| format!("{}…", begin.trim_end()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_that_is_too_long_ends_in_an_ellipsis_and_fits() {
        assert_eq!(fitted("sil", 10.0, 50.0).unwrap(), "sil");
        let cut = fitted("a long label of an interval", 10.0, 60.0).unwrap();
        assert!(cut.ends_with('…') && cut.len() > 8 && width(&cut, 10.0) <= 60.0, "{cut}");
        assert_eq!(fitted("www", 10.0, 8.0), None);
        assert_eq!(fitted("", 10.0, 0.0).unwrap(), "");
    }
}
