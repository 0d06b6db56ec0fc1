//! As much of HTTP/1.1 (RFC 9112) as both ends of the measurement speak.

use std::collections::BTreeMap;
use std::io::{self, BufRead, Read};
use std::ops::Range;

/// A request without a body.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Request {
    /// Decoded.
    pub(super) path: String,
    pub(super) query: BTreeMap<String, String>,
    pub(super) range: Option<Range<u64>>,
    pub(super) is_head: bool,
}

/// Reads a request; none where the connection has ended.
pub(super) fn read_request(from: &mut impl BufRead) -> io::Result<Option<Request>> {
    let Some((first, headers)) = read_head(from)? else { return Ok(None) };
    let mut words = first.split(' ');
    let (method, target) = (words.next().unwrap_or_default(), words.next().unwrap_or_default());
    let (path, query) = target.split_once('?').unwrap_or((target, ""));
    let pairs = query.split('&').filter(|pair| !pair.is_empty());
    let query = pairs.map(|pair| {
        let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
        (decoded(name), decoded(value))
    });
    let range = headers.get("range").and_then(|range| {
        let (begin, end) = range.strip_prefix("bytes=")?.split_once('-')?;
        Some(begin.parse().ok()?..end.parse::<u64>().ok()? + 1)
    });
    let (path, query) = (decoded(path), query.collect());
    Ok(Some(Request { path, query, range, is_head: method == "HEAD" }))
}

/// Reads an answer's body into a buffer.
///
/// # Errors
/// If it is not what was asked for.
pub(super) fn read_answer(from: &mut impl BufRead, body: &mut Vec<u8>) -> io::Result<()> {
    let refused = |why: String| io::Error::new(io::ErrorKind::InvalidData, why);
    let head = read_head(from)?;
    let (first, headers) = head.ok_or_else(|| refused("the connection has ended".to_owned()))?;
    if !first.contains(" 200 ") {
        return Err(refused(format!("the server answers {first}")));
    }
    let length = headers.get("content-length").and_then(|length| length.parse().ok());
    body.resize(length.ok_or_else(|| refused("the answer has no length".to_owned()))?, 0);
    from.read_exact(body)
}

/// The first line and the headers, by their names in small letters.
fn read_head(from: &mut impl BufRead) -> io::Result<Option<(String, BTreeMap<String, String>)>> {
    let (mut first, mut headers) = (String::new(), BTreeMap::new());
    if from.by_ref().take(1 << 14).read_line(&mut first)? == 0 {
        return Ok(None);
    }
    loop {
        let mut line = String::new();
        from.by_ref().take(1 << 14).read_line(&mut line)?;
        match line.trim_end().split_once(':') {
            Some((name, value)) => {
                headers.insert(name.to_ascii_lowercase(), value.trim().to_owned());
            }
            None => return Ok(Some((first.trim_end().to_owned(), headers))),
        }
    }
}

/// A part of a URL without its percent signs (RFC 3986).
fn decoded(text: &str) -> String {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let Some((&first, behind)) = rest.split_first() {
        let digits = behind.get(..2).filter(|_| first == b'%');
        let byte =
            digits.and_then(|two| u8::from_str_radix(std::str::from_utf8(two).ok()?, 16).ok());
        bytes.push(byte.unwrap_or(first));
        rest = if byte.is_some() { &behind[2..] } else { behind };
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_request_is_a_path_a_query_and_a_range() {
        let text = b"GET /b/a%20b?list-type=2&prefix=x%2F HTTP/1.1\r\nRange: bytes=3-4\r\n\r\nGET";
        let mut from = &text[..];
        let request = read_request(&mut from).unwrap().unwrap();
        assert_eq!((&*request.path, request.range, request.is_head), ("/b/a b", Some(3..5), false));
        assert_eq!(request.query["prefix"], "x/");
        assert_eq!(from, b"GET");
        assert_eq!(read_request(&mut &b""[..]).unwrap(), None);
    }

    #[test]
    fn an_answer_is_taken_as_long_as_it_says() {
        let mut body = Vec::new();
        read_answer(&mut &b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nabc"[..], &mut body)
            .unwrap();
        assert_eq!(body, b"ab");
        for answer in ["HTTP/1.1 404 Not Found\r\n\r\n", "HTTP/1.1 200 OK\r\n\r\n", ""] {
            assert!(read_answer(&mut answer.as_bytes(), &mut body).is_err(), "{answer}");
        }
    }
}
