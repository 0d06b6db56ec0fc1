//! Other programs' reasons, fit to be shown.

use std::error::Error;

/// The words of the innermost cause, which quotes no address: whatever looks like one is left out.
pub(crate) fn innermost(error: &(dyn Error + 'static)) -> String {
    let mut cause = error;
    while let Some(inner) = cause.source() {
        cause = inner;
    }
    without_addresses(&cause.to_string())
}

/// A text on one line, without what may be an address with something secret in it.
pub(crate) fn without_addresses(text: &str) -> String {
    let words = text.split_whitespace().map(|word| {
        let is_address = word.contains("://") || word.contains('?') && word.contains('=');
        if is_address { "…" } else { word }
    });
    ossicle_files::visible(&words.collect::<Vec<_>>().join(" "))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_is_left_out_of_a_reason() {
        let text = "error sending\nrequest for (https://u:p@h/a?sig=1) after a?b=c tries";
        assert_eq!(without_addresses(text), "error sending request for … after … tries");
    }
}
