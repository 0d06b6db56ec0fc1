//! Plain GETs of all objects, one connection a thread: one by one as simple programs read them, or many at once.

use std::io::{BufReader, Write};
use std::net::{SocketAddr, TcpStream};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;
use std::time::Instant;

use anyhow::{Context, Result, bail};

use super::http::read_answer;
use super::store::BUCKET;

/// Reads objects whole, and returns the seconds that it took.
///
/// - `connections`: how many requests are on their way at once
pub(super) fn get_all(address: SocketAddr, keys: &[String], connections: usize) -> Result<f64> {
    let (begin, next) = (Instant::now(), AtomicUsize::new(0));
    let read = || -> Result<()> {
        let mut connection = TcpStream::connect(address).context("the store is gone")?;
        connection.set_nodelay(true)?;
        let mut reader = BufReader::new(connection.try_clone()?);
        let mut body = Vec::new();
        while let Some(key) = keys.get(next.fetch_add(1, Ordering::Relaxed)) {
            let request =
                format!("GET /{BUCKET}/{} HTTP/1.1\r\nhost: {address}\r\n\r\n", encoded(key));
            connection.write_all(request.as_bytes())?;
            read_answer(&mut reader, &mut body).with_context(|| key.clone())?;
        }
        Ok(())
    };
    thread::scope(|scope| {
        let readers: Vec<_> = (0..connections).map(|_| scope.spawn(read)).collect();
        readers.into_iter().try_for_each(|reader| match reader.join() {
            Ok(done) => done,
            Err(_) => bail!("a thread that reads panicked"),
        })
    })?;
    Ok(begin.elapsed().as_secs_f64())
}

/// A key as a path of a URL (RFC 3986).
fn encoded(key: &str) -> String {
    let of = |byte: u8| match byte {
        b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'/' | b'-' | b'_' | b'.' | b'~' => {
            char::from(byte).to_string()
        }
        _ => format!("%{byte:02X}"),
    };
    key.bytes().map(of).collect()
}
