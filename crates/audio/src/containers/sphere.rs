//! The headers of NIST SPHERE files.
//!
//! A header is text in a whole number of 1024-byte blocks: the line `NIST_1A`, a line with the
//! header's size in bytes, lines of a name, a type (`-i` integer, `-r` real, `-sN` text of N bytes)
//! and a value, and the line `end_head`; the rest is padding. Samples follow.
//!
//! ```text
//! NIST_1A
//!    1024
//! channel_count -i 1
//! sample_count -i 50074
//! sample_rate -i 16000
//! sample_n_bytes -i 2
//! sample_byte_format -s2 01
//! sample_coding -s3 pcm
//! end_head
//! ```
//!
//! Source: NIST, *SPeech HEader REsources (SPHERE) 2.6*, the file-format documentation.

use crate::{
    Container, Error, RawEncoding, Truncated,
    codecs::shorten::{self, Shorten},
    contents::Contents,
    error::excerpt,
    info::{Encoding, Info, Length, check_channels, check_sample_rate},
    pcm::layout::{Format, Layout},
    window::Window,
};

/// Headers are 1024 bytes, and a few times that in rare corpora. This bounds what is held of one.
const MAX_HEADER_BYTES: u64 = 1024 * 1024;

/// The two lines that every header begins with, of eight bytes each.
const FIXED_BYTES: usize = 16;

const ADVICE: &str = "convert it to WAVE first, for example with `ffmpeg -i IN OUT.wav`";

/// Reads the header of a file that begins with `NIST_1A`.
pub(crate) fn contents(window: &mut Window, truncated: Truncated) -> Result<Contents, Error> {
    let file_bytes = window.len();
    let data_start = header_bytes(window.bytes(0, FIXED_BYTES)?)?;
    if data_start > MAX_HEADER_BYTES {
        return Err(header(format!("it is {data_start} bytes long, over {MAX_HEADER_BYTES}")));
    }
    if data_start > file_bytes {
        return Err(header(format!(
            "it is {data_start} bytes long, but the file holds {file_bytes}"
        )));
    }

    // At most MAX_HEADER_BYTES, so it fits a usize; and the file has as many.
    let length = data_start as usize;
    let fields = Fields::parse(&window.bytes(0, length)?[FIXED_BYTES..length])?;
    let format = fields.format()?;
    let promised = fields.unsigned("sample_count")?;

    let (checksum, is_compressed) = (fields.checksum(format)?, fields.is_compressed());

    // Some headers do not mention that the samples behind them are compressed.
    if shorten::begins(window.bytes(data_start, 4)?) {
        let Format { container, sample_rate_hz, channels, .. } = format;
        let (encoding, length) = (Encoding::Coded("shorten"), promised.map(Length::Exact));
        let length = length.unwrap_or(Length::Unknown);
        let info = Info { container, encoding, sample_rate_hz, channels, length };
        let stream = window.media().stretch(data_start..file_bytes)?;
        return Ok(Contents::Coded(Box::new(Shorten::new(stream, info, checksum, truncated)?)));
    }
    if is_compressed {
        return Err(header(
            "its samples are said to be shorten-compressed, and are not".to_owned(),
        ));
    }
    let found = (file_bytes - data_start) / format.block_bytes() as u64;
    // A writer into a pipe leaves the count out: then everything up to the end is samples.
    let layout = Layout::new(format, data_start);
    let layout = layout.samples(promised.unwrap_or(found), found, truncated)?;
    // The sum is one of all samples.
    let checksum = checksum.filter(|_| layout.promised.is_none());
    let layout = Layout { checksum, ..layout };
    Ok(Contents::Pcm(layout))
}

/// Reads the header's size in bytes from its second line.
fn header_bytes(fixed: &[u8]) -> Result<u64, Error> {
    let second = fixed.split(|&byte| byte == b'\n').nth(1).unwrap_or_default();
    match number(second) {
        Some(bytes) if bytes >= FIXED_BYTES as u64 => Ok(bytes),
        _ => Err(header(format!("its size is given as \"{}\"", excerpt(second.trim_ascii())))),
    }
}

/// The lines between the fixed part and `end_head`. They need not be UTF-8.
struct Fields<'a> {
    lines: Vec<&'a [u8]>,
}

impl<'a> Fields<'a> {
    fn parse(text: &'a [u8]) -> Result<Self, Error> {
        let mut lines = Vec::new();
        for line in text.split(|&byte| byte == b'\n') {
            // The padding behind the last line is spaces, or zeros.
            let line = line.split(|&byte| byte == 0).next().unwrap_or_default().trim_ascii();
            if line == b"end_head" {
                return Ok(Self { lines });
            }
            lines.push(line);
        }
        Err(header("it has no end_head line".to_owned()))
    }

    /// Returns the value of a field, without the blanks around it.
    fn value(&self, name: &str) -> Option<&'a [u8]> {
        self.lines.iter().find_map(|line| {
            let (found, rest) = split_word(line);
            if found != name.as_bytes() {
                return None;
            }
            let (kind, value) = split_word(rest);
            // The size of a text says where it ends; a comment may follow.
            let length = kind.strip_prefix(b"-s").and_then(number);
            let length = length.and_then(|length| usize::try_from(length).ok());
            Some(match length {
                Some(length) => value[..length.min(value.len())].trim_ascii(),
                None => value.split(|&byte| byte == b';').next().unwrap_or_default().trim_ascii(),
            })
        })
    }

    /// Returns the value of a field that is a whole number from 0, if there is such a field.
    fn unsigned(&self, name: &str) -> Result<Option<u64>, Error> {
        let Some(value) = self.value(name) else { return Ok(None) };
        // Some writers give the sample rate as a real number: `sample_rate -r 16000.000000`.
        let whole = match value.iter().position(|&byte| byte == b'.') {
            Some(point) if value[point + 1..].iter().all(|&byte| byte == b'0') => &value[..point],
            _ => value,
        };
        match number(whole) {
            Some(number) => Ok(Some(number)),
            None => Err(header(format!("{name} is \"{}\", no whole number", excerpt(value)))),
        }
    }

    /// Returns the value of a whole number's field that must be there.
    fn required(&self, name: &str) -> Result<u64, Error> {
        self.unsigned(name)?.ok_or_else(|| header(format!("{name} is missing")))
    }

    /// Returns the word for the samples' coding; without the field, `pcm`.
    fn coding(&self) -> &'a [u8] {
        self.value("sample_coding").unwrap_or(b"pcm")
    }

    /// Returns whether the samples are said to be compressed with shorten, whatever its version.
    fn is_compressed(&self) -> bool {
        let (_, rest) = split_at_comma(self.coding());
        rest.starts_with(b"embedded-shorten-")
    }

    /// Returns the checksum of 16-bit samples, if there is one.
    fn checksum(&self, format: Format) -> Result<Option<u16>, Error> {
        let is_of_16_bits = matches!(format.encoding, RawEncoding::S16Le | RawEncoding::S16Be);
        let sum = self.unsigned("sample_checksum")?.filter(|_| is_of_16_bits);
        Ok(sum.map(|sum| sum as u16))
    }

    /// Collects the facts about the samples from the fields.
    fn format(&self) -> Result<Format, Error> {
        let format = Format {
            container: Container::Sphere,
            encoding: self.encoding()?,
            sample_rate_hz: check_sample_rate(self.required("sample_rate")?)?,
            channels: check_channels(self.required("channel_count")?)?,
        };
        let interleaved = self.value("channels_interleaved").unwrap_or(b"TRUE");
        if format.channels > 1 && interleaved.eq_ignore_ascii_case(b"false") {
            return Err(unsupported("one-channel-after-the-other".to_owned()));
        }
        Ok(format)
    }

    /// Returns the way a sample is stored, by its coding, its size and its byte order. The digits of
    /// `sample_byte_format` are the bytes' significance in the order in which they are stored.
    fn encoding(&self) -> Result<RawEncoding, Error> {
        let coding = self.coding();
        let coding = if self.is_compressed() { split_at_comma(coding).0 } else { coding };
        if coding.eq_ignore_ascii_case(b"ulaw") || coding.eq_ignore_ascii_case(b"mu-law") {
            return self.companded(RawEncoding::MuLaw);
        }
        if coding.eq_ignore_ascii_case(b"alaw") {
            return self.companded(RawEncoding::ALaw);
        }
        if !coding.eq_ignore_ascii_case(b"pcm") {
            return Err(unsupported(excerpt(coding)));
        }
        let order = self.value("sample_byte_format");
        let bytes = match (self.unsigned("sample_n_bytes")?, order) {
            (Some(bytes), _) => bytes,
            (None, Some(order)) => order.len() as u64,
            (None, None) => return Err(header("sample_n_bytes is missing".to_owned())),
        };
        match (bytes, order) {
            // A single byte has no order, whatever the header says.
            (1, _) => Ok(RawEncoding::S8),
            (2, Some(b"01")) => Ok(RawEncoding::S16Le),
            (2, Some(b"10")) => Ok(RawEncoding::S16Be),
            (3, Some(b"01" | b"012")) => Ok(RawEncoding::S24Le),
            (3, Some(b"10" | b"210")) => Ok(RawEncoding::S24Be),
            (4, Some(b"01" | b"0123")) => Ok(RawEncoding::S32Le),
            (4, Some(b"10" | b"3210")) => Ok(RawEncoding::S32Be),
            (2..=4, None) => Err(header("sample_byte_format is missing".to_owned())),
            (2..=4, Some(order)) => Err(header(format!(
                "sample_byte_format is \"{}\", no byte order of {bytes}-byte samples",
                excerpt(order)
            ))),
            _ => Err(header(format!("sample_n_bytes is {bytes}; it must be from 1 to 4"))),
        }
    }

    /// Checks that a telephone sample has one byte.
    fn companded(&self, encoding: RawEncoding) -> Result<RawEncoding, Error> {
        match self.unsigned("sample_n_bytes")? {
            None | Some(1) => Ok(encoding),
            Some(bytes) => Err(header(format!("sample_n_bytes of {encoding} is {bytes}, not 1"))),
        }
    }
}

/// Splits a coding into its first word, and what was done to it.
fn split_at_comma(coding: &[u8]) -> (&[u8], &[u8]) {
    match coding.iter().position(|&byte| byte == b',') {
        Some(comma) => (&coding[..comma], &coding[comma + 1..]),
        None => (coding, &[]),
    }
}

/// Splits a line into the bytes before the first blank, and those behind it without leading blanks.
fn split_word(line: &[u8]) -> (&[u8], &[u8]) {
    let end = line.iter().position(u8::is_ascii_whitespace).unwrap_or(line.len());
    (&line[..end], line[end..].trim_ascii_start())
}

/// Parses a whole number from 0 in ASCII digits, with blanks around it.
fn number(text: &[u8]) -> Option<u64> {
    std::str::from_utf8(text.trim_ascii()).ok()?.parse().ok()
}

fn header(why: String) -> Error {
    Error::Header { container: Container::Sphere, why }
}

fn unsupported(encoding: String) -> Error {
    Error::UnsupportedEncoding { container: Container::Sphere, encoding, advice: ADVICE }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_value_ends_where_its_type_says() {
        let text =
            b"a -s5 01 23 ; low first\nb -i 7 ; seven\nc -s3 x\n d  -i  9\ne\nend_head\nf -i 1";
        let fields = Fields::parse(text).unwrap();
        assert_eq!(fields.value("a"), Some(&b"01 23"[..]));
        assert_eq!(fields.value("b"), Some(&b"7"[..]));
        assert_eq!(fields.value("c"), Some(&b"x"[..]));
        assert_eq!(fields.value("d"), Some(&b"9"[..]));
        assert_eq!(fields.value("e"), Some(&b""[..]));
        assert_eq!(fields.value("f"), None);
    }

    #[test]
    fn the_end_is_found_before_padding_of_spaces_zeros_and_carriage_returns() {
        for end in ["end_head", "end_head\n", "end_head\r\n\r\n", "end_head   \n ", "end_head\0\0x"]
        {
            assert_eq!(Fields::parse(end.as_bytes()).unwrap().lines.len(), 0, "{end:?}");
        }
        assert!(Fields::parse(b"end_headed\n").is_err());
    }

    #[test]
    fn a_number_may_be_written_as_a_real_one_if_it_is_whole() {
        let text =
            b"a -r 16000.000\nb -r 0.5\nc -i -5\nd -i 16000.\ne -i 99999999999999999999\nend_head";
        let fields = Fields::parse(text).unwrap();
        assert_eq!(fields.unsigned("a").unwrap(), Some(16_000));
        assert_eq!(fields.unsigned("d").unwrap(), Some(16_000));
        assert_eq!(fields.unsigned("missing").unwrap(), None);
        for name in ["b", "c", "e"] {
            assert!(fields.unsigned(name).is_err(), "{name}");
        }
    }
}
