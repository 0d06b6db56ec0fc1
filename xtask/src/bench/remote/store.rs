//! A server of objects on loopback that answers late: what of S3 it takes to list and to read a corpus.
//!
//! It has as many connections as are asked for, a thread each, and sleeps before each answer. So its own speed is the
//! number of connections over the latency, which is what a store far away has; [`super::gets`] measures that.
//! Path-style addresses, `ListObjectsV2` (Amazon S3 API reference), whole objects and ranges; signatures are not looked at.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::fs;
use std::io::{self, BufReader, Write as _};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::thread;
use std::time::Duration;

use anyhow::{Context, Result};

use super::http::{Request, read_request};

/// The bucket that all objects are in.
pub(super) const BUCKET: &str = "speech";

/// So many objects are on a page of a list.
const PAGE: usize = 1000;

/// When all objects were put, in the two ways in which S3 says it.
const PUT_AT: [&str; 2] = ["2026-01-01T00:00:00.000Z", "Thu, 01 Jan 2026 00:00:00 GMT"];

/// A bucket with all files below a folder.
pub(super) struct Store {
    pub(super) address: SocketAddr,
    shared: Arc<Shared>,
}

struct Shared {
    root: PathBuf,
    /// The sizes of all objects, by their keys.
    sizes: BTreeMap<String, u64>,
    late: Duration,
    requests: AtomicU64,
}

impl Store {
    /// Listens until the process ends.
    pub(super) fn start(root: &Path, late: Duration) -> Result<Store> {
        let mut sizes = BTreeMap::new();
        add_below(root, "", &mut sizes)?;
        let requests = AtomicU64::new(0);
        let shared = Arc::new(Shared { root: root.to_owned(), sizes, late, requests });
        let listener = TcpListener::bind("127.0.0.1:0").context("cannot listen on loopback")?;
        let store = Store { address: listener.local_addr()?, shared: Arc::clone(&shared) };
        thread::spawn(move || {
            for connection in listener.incoming().flatten() {
                let shared = Arc::clone(&shared);
                // Whoever hangs up has what he wanted.
                thread::spawn(move || shared.serve(connection));
            }
        });
        Ok(store)
    }

    /// Returns how many requests there were since this was asked last.
    pub(super) fn take_requests(&self) -> u64 {
        self.shared.requests.swap(0, Ordering::Relaxed)
    }
}

/// Adds the sizes of all files below a folder, by their names.
fn add_below(folder: &Path, prefix: &str, sizes: &mut BTreeMap<String, u64>) -> Result<()> {
    for entry in fs::read_dir(folder).with_context(|| folder.display().to_string())? {
        let entry = entry?;
        let name = format!("{prefix}{}", entry.file_name().to_str().context("a name is no text")?);
        let metadata = fs::metadata(entry.path())?;
        match metadata.is_dir() {
            true => add_below(&entry.path(), &format!("{name}/"), sizes)?,
            false => drop(sizes.insert(name, metadata.len())),
        }
    }
    Ok(())
}

impl Shared {
    fn serve(&self, connection: TcpStream) -> io::Result<()> {
        connection.set_nodelay(true)?;
        let mut reader = BufReader::new(connection.try_clone()?);
        let mut writer = connection;
        while let Some(request) = read_request(&mut reader)? {
            self.requests.fetch_add(1, Ordering::Relaxed);
            thread::sleep(self.late);
            writer.write_all(&self.answer(&request))?;
        }
        Ok(())
    }

    fn answer(&self, request: &Request) -> Vec<u8> {
        let key = request.path.strip_prefix(&format!("/{BUCKET}")).map(|it| it.trim_matches('/'));
        match key {
            Some("") if request.query.contains_key("list-type") => self.list(&request.query),
            Some(key) => match self.sizes.get(key) {
                Some(&bytes) => self.object(request, key, bytes),
                None => refusal("404 Not Found", "NoSuchKey"),
            },
            None => refusal("404 Not Found", "NoSuchBucket"),
        }
    }

    fn object(&self, request: &Request, key: &str, bytes: u64) -> Vec<u8> {
        let (begin, end) = match &request.range {
            Some(range) => (range.start.min(bytes), range.end.min(bytes)),
            None => (0, bytes),
        };
        let [_, modified] = PUT_AT;
        let mut answer = match request.range {
            Some(_) => format!(
                "HTTP/1.1 206 Partial Content\r\ncontent-range: bytes {begin}-{}/{bytes}\r\n",
                end.saturating_sub(1)
            ),
            None => "HTTP/1.1 200 OK\r\n".to_owned(),
        };
        let _ = write!(
            answer,
            "etag: {}\r\nlast-modified: {modified}\r\naccept-ranges: bytes\r\ncontent-length: {}\r\n\r\n",
            tag(key, bytes),
            end - begin
        );
        let mut answer = answer.into_bytes();
        if !request.is_head {
            match fs::read(self.root.join(key)) {
                Ok(whole) if whole.len() as u64 == bytes => {
                    answer.extend_from_slice(&whole[begin as usize..end as usize]);
                }
                _ => return refusal("500 Internal Server Error", "InternalError"),
            }
        }
        answer
    }

    /// A page of `ListObjectsV2`: objects, and with a delimiter the folders beside them.
    fn list(&self, query: &BTreeMap<String, String>) -> Vec<u8> {
        let of = |name: &str| query.get(name).map_or("", String::as_str);
        let (prefix, after) = (of("prefix"), of("continuation-token"));
        let is_level = of("delimiter") == "/";
        let mut folders = BTreeSet::new();
        let mut objects = String::new();
        let (mut count, mut next) = (0, None);
        for (key, bytes) in self.sizes.range(prefix.to_owned()..) {
            let Some(rest) = key.strip_prefix(prefix) else { break };
            if key.as_str() <= after {
                continue;
            }
            if let Some((folder, _)) = rest.split_once('/').filter(|_| is_level) {
                folders.insert(format!("{prefix}{folder}/"));
                continue;
            }
            if count == PAGE {
                break;
            }
            count += 1;
            next = Some(key);
            let [modified, _] = PUT_AT;
            let _ = write!(
                objects,
                "<Contents><Key>{}</Key><LastModified>{modified}</LastModified><ETag>{}</ETag><Size>{bytes}</Size>\
                 <StorageClass>STANDARD</StorageClass></Contents>",
                escaped(key),
                escaped(&tag(key, *bytes))
            );
        }
        let more = next.filter(|_| count == PAGE).map_or_else(String::new, |last| {
            format!("<NextContinuationToken>{}</NextContinuationToken>", escaped(last))
        });
        let folders = folders.iter().fold(String::new(), |text, folder| {
            text + &format!("<CommonPrefixes><Prefix>{}</Prefix></CommonPrefixes>", escaped(folder))
        });
        let page = format!(
            "<?xml version=\"1.0\" encoding=\"UTF-8\"?><ListBucketResult><Name>{BUCKET}</Name><KeyCount>{count}</KeyCount>\
             <IsTruncated>{}</IsTruncated>{more}{objects}{folders}</ListBucketResult>",
            !more.is_empty()
        );
        text("200 OK", &page)
    }
}

fn tag(key: &str, bytes: u64) -> String {
    format!("\"{bytes:x}-{:x}\"", key.len())
}

fn refusal(status: &str, code: &str) -> Vec<u8> {
    text(status, &format!("<Error><Code>{code}</Code></Error>"))
}

fn text(status: &str, body: &str) -> Vec<u8> {
    let length = body.len();
    let head = format!("HTTP/1.1 {status}\r\ncontent-type: application/xml\r\n");
    format!("{head}content-length: {length}\r\n\r\n{body}").into_bytes()
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('"', "&quot;")
}

#[cfg(test)]
mod tests {
    use std::ops::Range;

    use super::*;

    fn store(keys: &[&str]) -> Shared {
        let sizes = keys.iter().map(|key| ((*key).to_owned(), 3)).collect();
        let (late, requests) = (Duration::ZERO, AtomicU64::new(0));
        Shared { root: PathBuf::from("/nonexistent"), sizes, late, requests }
    }

    fn ask(
        store: &Shared,
        path: &str,
        query: &[(&str, &str)],
        range: Option<Range<u64>>,
    ) -> String {
        let query = query.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned()));
        let request = Request { path: path.into(), query: query.collect(), range, is_head: true };
        String::from_utf8(store.answer(&request)).unwrap()
    }

    #[test]
    fn a_level_has_objects_and_folders_and_a_list_has_all() {
        let store = store(&["a/1", "a/2", "b", "c&d"]);
        let level = ask(&store, "/speech", &[("list-type", "2"), ("delimiter", "/")], None);
        assert!(level.contains("<Prefix>a/</Prefix>") && level.contains("<Key>c&amp;d</Key>"));
        assert!(!level.contains("<Key>a/"), "{level}");
        let below = ask(&store, "/speech", &[("list-type", "2"), ("prefix", "a/")], None);
        assert!(below.contains("<KeyCount>2</KeyCount>"), "{below}");
    }

    #[test]
    fn pages_go_on_where_the_last_one_ended() {
        let keys: Vec<String> = (0..1500).map(|number| format!("{number:04}")).collect();
        let store = store(&keys.iter().map(String::as_str).collect::<Vec<_>>());
        let first = ask(&store, "/speech", &[("list-type", "2")], None);
        assert!(first.contains("<NextContinuationToken>0999<"), "{first}");
        let words = [("list-type", "2"), ("continuation-token", "0999")];
        let second = ask(&store, "/speech", &words, None);
        assert!(second.contains("<KeyCount>500</KeyCount>") && second.contains("<Key>1000</Key>"));
        assert!(second.contains("<IsTruncated>false<"));
    }

    #[test]
    fn a_range_ends_with_the_object_and_what_is_not_there_is_refused() {
        let store = store(&["a"]);
        let answer = ask(&store, "/speech/a", &[], Some(1..9));
        assert!(answer.contains("206") && answer.contains("bytes 1-2/3\r\n"), "{answer}");
        assert!(ask(&store, "/speech/b", &[], None).contains("NoSuchKey"));
        assert!(ask(&store, "/other/a", &[], None).contains("NoSuchBucket"));
    }
}
