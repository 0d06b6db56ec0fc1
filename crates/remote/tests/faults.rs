//! A server that fails in all the ways that networks do, and what becomes of it. It speaks as much HTTP as
//! that takes, over loopback.
#![cfg(feature = "cloud")]
#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

use std::collections::VecDeque;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use ossicle_remote::{Bytes, Client, Error, Location, Options, Put, Upload};

/// How a request goes; those that nothing is said of go well.
#[derive(Debug, Clone, Copy, PartialEq)]
enum Fault {
    /// It goes well.
    None,
    /// The server is busy.
    Busy,
    /// The body ends in its middle.
    Cut,
    /// The body stands still in its middle.
    Stall,
    /// The connection is closed instead of an answer.
    Closed,
    /// It is done, and the connection is closed then.
    Lost,
}

/// The one object of a server.
#[derive(Debug)]
struct Object {
    body: Vec<u8>,
    /// Counts puts: its tag.
    version: usize,
}

#[derive(Debug)]
struct Server {
    url: String,
    faults: Mutex<VecDeque<Fault>>,
    object: Mutex<Option<Object>>,
    /// Requests that are being answered, and how many of them there were at once at the most.
    active: AtomicUsize,
    most_active: AtomicUsize,
    /// Whether it knows neither ranges nor tags, and wants a name, a password and a permission.
    plain: AtomicBool,
    refusal: Mutex<Option<(u16, &'static str)>>,
}

impl Server {
    fn start(body: &[u8]) -> Arc<Server> {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let server = Arc::new(Server {
            url: format!("http://{}", listener.local_addr().unwrap()),
            faults: Mutex::default(),
            object: Mutex::new(Some(Object { body: body.to_vec(), version: 1 })),
            active: AtomicUsize::new(0),
            most_active: AtomicUsize::new(0),
            plain: AtomicBool::new(false),
            refusal: Mutex::new(None),
        });
        let shared = Arc::clone(&server);
        // It ends with the process.
        std::thread::spawn(move || {
            for stream in listener.incoming() {
                let shared = Arc::clone(&shared);
                std::thread::spawn(move || shared.serve(stream.unwrap()));
            }
        });
        server
    }

    fn fail(&self, faults: &[Fault]) {
        *self.faults.lock().unwrap() = faults.iter().copied().collect();
    }

    fn client(&self, settings: &[(&str, &str)]) -> Client {
        let defaults = [
            ("aws_endpoint", self.url.as_str()),
            ("aws_access_key_id", "me"),
            ("aws_secret_access_key", "hunter2"),
            ("read_timeout", "1s"),
            ("max_retries", "3"),
        ];
        let settings = defaults.iter().chain(settings);
        let settings = settings.map(|(a, b)| ((*a).to_owned(), (*b).to_owned())).collect();
        Client::new(&Options { settings, connections: 2 }).unwrap()
    }

    fn serve(&self, stream: TcpStream) {
        let mut reader = BufReader::new(stream);
        while let Some(request) = Request::read(&mut reader) {
            let active = self.active.fetch_add(1, Ordering::SeqCst) + 1;
            self.most_active.fetch_max(active, Ordering::SeqCst);
            if request.method == "HEAD" {
                std::thread::sleep(Duration::from_millis(5));
            }
            let fault = self.faults.lock().unwrap().pop_front().unwrap_or(Fault::None);
            // What comes next may be here before all of this answer is there.
            self.active.fetch_sub(1, Ordering::SeqCst);
            if fault == Fault::Closed || !self.answer(&request, fault, reader.get_mut()) {
                return;
            }
        }
    }

    /// Returns whether the connection stays open.
    fn answer(&self, request: &Request, fault: Fault, to: &mut TcpStream) -> bool {
        if fault == Fault::Busy {
            return to.write_all(b"HTTP/1.1 503 Busy\r\ncontent-length: 0\r\n\r\n").is_ok();
        }
        if let Some((status, code)) = *self.refusal.lock().unwrap() {
            let body = format!("<Error><Code>{code}</Code><Message>hunter2</Message></Error>");
            let length = body.len();
            let head = format!("HTTP/1.1 {status} No\r\ncontent-length: {length}\r\n\r\n");
            return to.write_all((head + &body).as_bytes()).is_ok();
        }
        let (head, body) = match request.method.as_str() {
            "PUT" => (self.put(request), Vec::new()),
            _ => self.get(request),
        };
        if fault == Fault::Lost {
            return false;
        }
        let body = if request.method == "HEAD" { &[] } else { body.as_slice() };
        to.write_all(head.as_bytes()).unwrap();
        match fault {
            Fault::Cut | Fault::Stall => {
                to.write_all(&body[..body.len() / 2]).unwrap();
                if fault == Fault::Stall {
                    std::thread::sleep(Duration::from_secs(5));
                }
                false
            }
            _ => to.write_all(body).is_ok(),
        }
    }

    fn put(&self, request: &Request) -> String {
        let mut object = self.object.lock().unwrap();
        let version = object.as_ref().map_or(1, |it| it.version + 1);
        let there = object.as_ref().map(|it| format!("\"{}\"", it.version));
        let holds = match (request.header("if-none-match"), request.header("if-match")) {
            (Some(_), _) => there.is_none(),
            (_, Some(tag)) => there.as_deref() == Some(tag),
            _ => true,
        };
        if !holds {
            return "HTTP/1.1 412 No\r\ncontent-length: 0\r\n\r\n".to_owned();
        }
        *object = Some(Object { body: request.body.clone(), version });
        format!("HTTP/1.1 200 OK\r\netag: \"{version}\"\r\ncontent-length: 0\r\n\r\n")
    }

    fn get(&self, request: &Request) -> (String, Vec<u8>) {
        let object = self.object.lock().unwrap();
        let Some(object) = object.as_ref() else {
            return ("HTTP/1.1 404 No\r\ncontent-length: 0\r\n\r\n".to_owned(), Vec::new());
        };
        let plain = self.plain.load(Ordering::SeqCst);
        // RFC 7617: "me:hunter2" in base64.
        let is_me = request.header("authorization") == Some("Basic bWU6aHVudGVyMg==");
        if plain && !(is_me && request.target == "/a%20b.wav?token=hunter2") {
            return ("HTTP/1.1 401 No\r\ncontent-length: 0\r\n\r\n".to_owned(), Vec::new());
        }
        let tag = format!("\"{}\"", object.version);
        if !plain && request.header("if-match").is_some_and(|it| it != tag) {
            return ("HTTP/1.1 412 No\r\ncontent-length: 0\r\n\r\n".to_owned(), Vec::new());
        }
        let all = object.body.len();
        let range = request.header("range").and_then(|it| {
            let (begin, end) = it.strip_prefix("bytes=")?.split_once('-')?;
            let range = begin.parse::<usize>().ok()?..end.parse::<usize>().ok()? + 1;
            Some(range.start..range.end.min(all))
        });
        let (status, range, line) = match range.filter(|_| !plain) {
            Some(range) => {
                let line =
                    format!("content-range: bytes {}-{}/{all}\r\n", range.start, range.end - 1);
                (206, range, line)
            }
            None => (200, 0..all, String::new()),
        };
        let time = "last-modified: Sat, 03 Oct 2026 10:00:00 GMT\r\n";
        let tag = if plain { String::new() } else { format!("etag: {tag}\r\n") };
        let length = range.len();
        let head =
            format!("HTTP/1.1 {status} OK\r\n{tag}{time}{line}content-length: {length}\r\n\r\n");
        (head, object.body[range].to_vec())
    }
}

struct Request {
    method: String,
    target: String,
    headers: Vec<(String, String)>,
    body: Vec<u8>,
}

impl Request {
    fn read(from: &mut BufReader<TcpStream>) -> Option<Request> {
        let mut line = String::new();
        from.read_line(&mut line).ok().filter(|&length| length > 0)?;
        let mut words = line.split(' ').map(str::to_owned);
        let (method, target) = (words.next()?, words.next()?);
        let mut headers = Vec::new();
        loop {
            let mut line = String::new();
            from.read_line(&mut line).ok()?;
            let Some((name, value)) = line.trim_end().split_once(':') else { break };
            headers.push((name.to_ascii_lowercase(), value.trim().to_owned()));
        }
        let mut request = Request { method, target, headers, body: Vec::new() };
        let length = request.header("content-length").map_or(0, |it| it.parse().unwrap());
        request.body.resize(length, 0);
        from.read_exact(&mut request.body).ok()?;
        Some(request)
    }

    fn header(&self, name: &str) -> Option<&str> {
        let found = self.headers.iter().find(|(it, _)| it == name);
        found.map(|(_, value)| value.as_str())
    }
}

fn object() -> Location {
    Location::parse("s3://speech/a.wav").unwrap()
}

fn text() -> Vec<u8> {
    (0..300_000_u32).map(|i| (i ^ (i >> 8)) as u8).collect()
}

#[test]
fn a_read_survives_every_fault_that_passes() {
    use Fault::{Busy, Closed, Cut, None, Stall};
    let text = text();
    let server = Server::start(&text);
    let client = server.client(&[]);
    let meta = client.head(&object()).unwrap().unwrap();
    for faults in [
        &[Busy][..],
        &[Busy, Busy, Busy],
        &[Cut],
        &[Cut, Busy, Cut],
        &[Stall],
        &[Closed, Cut],
        &[None],
    ] {
        for (begin, end) in [(0, text.len()), (1000, 200_001)] {
            server.fail(faults);
            let range = begin as u64..end as u64;
            let bytes = client.get_range(&object(), range, Some(&meta)).unwrap();
            assert!(bytes.as_ref() == &text[begin..end], "{faults:?}");
            assert!(server.faults.lock().unwrap().is_empty(), "{faults:?}");
        }
    }
}

#[test]
fn a_fault_that_stays_ends_in_a_sentence() {
    let server = Server::start(&text());
    let client = server.client(&[]);
    server.fail(&[Fault::Busy; 4]);
    let error = client.head(&object()).unwrap_err().to_string();
    assert_eq!(error, "cannot look at s3://speech/a.wav: the server answers 503");
    server.fail(&[Fault::Cut; 100]);
    let error = client.get_range(&object(), 0..300_000, None).unwrap_err();
    assert!(matches!(error, Error::Failed { .. } | Error::Unreachable { .. }), "{error}");
    drop(server);
    let closed = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let endpoint = format!("http://{closed}");
    let nobody = Server::start(b"").client(&[("aws_endpoint", &endpoint), ("max_retries", "1")]);
    let error = nobody.head(&object()).unwrap_err().to_string();
    assert!(error.starts_with("cannot look at s3://speech/a.wav: 127.0.0.1 cannot be"), "{error}");
    assert!(error.contains("refused"), "{error}");
}

#[test]
fn an_object_that_changes_while_its_body_breaks_off_is_a_changed_one() {
    let server = Server::start(&text());
    let client = server.client(&[]);
    let meta = client.head(&object()).unwrap().unwrap();
    server.object.lock().unwrap().as_mut().unwrap().version = 2;
    let error = client.get_range(&object(), 0..300_000, Some(&meta)).unwrap_err();
    assert!(matches!(error, Error::Changed { .. }), "{error}");
}

#[test]
fn a_put_whose_answer_is_lost_counts_and_one_of_somebody_else_does_not() {
    use Fault::{Busy, Lost, None};
    let server = Server::start(b"");
    let client = server.client(&[]);
    let bytes = Bytes::from_static(b"card");
    for faults in [&[None][..], &[Busy], &[Lost], &[Lost, Lost], &[Busy, Lost, Busy]] {
        *server.object.lock().unwrap() = Option::None;
        server.fail(faults);
        client.put(&object(), bytes.clone(), &Put::IfAbsent).unwrap();
        assert_eq!(server.object.lock().unwrap().as_ref().unwrap().body, b"card", "{faults:?}");
        server.fail(faults);
        let other = client.put(&object(), Bytes::from_static(b"mine"), &Put::IfAbsent);
        assert!(matches!(other, Err(Error::Present { .. })), "{other:?}");
        let was = client.head(&object()).unwrap().unwrap();
        server.fail(faults);
        let new = Bytes::from_static(b"next");
        let now = client.put(&object(), new.clone(), &Put::IfUnchanged(was.clone())).unwrap();
        let late = client.put(&object(), bytes.clone(), &Put::IfUnchanged(was));
        assert!(matches!(late, Err(Error::Changed { .. })), "{late:?}");
        assert!(client.head(&object()).unwrap().unwrap().is_same(&now));
    }
}

#[test]
fn a_refusal_is_told_by_its_kind_and_without_its_text() {
    let server = Server::start(b"x");
    let client = server.client(&[]);
    for (status, code, expected) in [
        (404, "NoSuchKey", "there is no such object"),
        (404, "NoSuchBucket", "there is no bucket speech"),
        (403, "AccessDenied", "that is not permitted"),
        (403, "InvalidAccessKeyId", "its credentials are not accepted (InvalidAccessKeyId)"),
        (403, "SignatureDoesNotMatch", "its credentials are not accepted (SignatureDoesNotMatch)"),
        (401, "Nobody", "there are no credentials for it"),
        (
            400,
            "AuthorizationHeaderMalformed",
            "the server answers 400 (AuthorizationHeaderMalformed)",
        ),
        (301, "PermanentRedirect", "the bucket is elsewhere; is its region right?"),
    ] {
        *server.refusal.lock().unwrap() = Some((status, code));
        let error = client.get(&object(), 10).unwrap_err();
        let shown = format!("{error} {error:?}");
        assert!(error.to_string().ends_with(expected), "{shown}");
        assert!(!shown.contains("hunter2"), "{shown}");
    }
}

#[test]
fn whoever_sends_what_another_has_given_up_is_told_so() {
    let server = Server::start(b"x");
    let client = server.client(&[]);
    let upload = Upload { id: "gone".to_owned() };
    *server.refusal.lock().unwrap() = Some((404, "NoSuchUpload"));
    let sent = client.put_piece(&object(), &upload, 0, Bytes::from_static(b"y"));
    let completed = client.complete(&object(), &upload, vec!["tag".to_owned()], 1);
    for error in [sent.unwrap_err(), completed.unwrap_err()] {
        assert!(matches!(error, Error::GivenUp { .. }), "{error}");
    }
}

#[test]
fn a_server_of_files_needs_neither_ranges_nor_tags() {
    let text = text();
    let server = Server::start(&text);
    server.plain.store(true, Ordering::SeqCst);
    let client = server.client(&[]);
    let url = server.url.replace("http://", "http://me:hunter2@");
    let there = Location::parse(&format!("{url}/a%20b.wav?token=hunter2")).unwrap();
    let meta = client.head(&there).unwrap();
    assert_eq!(meta.as_ref().map(|it| (it.bytes, it.tag.clone())), Some((300_000, None)));
    for (begin, end) in [(0, 300_000), (1000, 200_001)] {
        server.fail(&[Fault::Cut]);
        let range = begin as u64..end as u64;
        let bytes = client.get_range(&there, range, meta.as_ref()).unwrap();
        assert!(bytes.as_ref() == &text[begin..end]);
    }
}

#[test]
fn a_wait_for_a_server_that_stands_still_can_be_ended() {
    let server = Server::start(&text());
    let client = server.client(&[("read_timeout", "60s")]);
    server.fail(&[Fault::Stall]);
    let started = Instant::now();
    let stoppable = client.stopped_by(move || started.elapsed() > Duration::from_millis(300));
    let error = stoppable.get_range(&object(), 0..300_000, None).unwrap_err();
    assert!(matches!(error, Error::Stopped { .. }), "{error}");
    assert!(started.elapsed() < Duration::from_secs(3));
}

#[test]
fn no_more_requests_are_made_at_once_than_there_are_connections() {
    let server = Server::start(&text());
    let client = server.client(&[]);
    let keys: Vec<_> = (0..20).map(|_| object()).collect();
    std::thread::scope(|scope| {
        for _ in 0..4 {
            let looks = || assert!(client.heads(&keys).into_iter().all(|it| it.unwrap().is_some()));
            scope.spawn(looks);
        }
    });
    assert_eq!(server.most_active.load(Ordering::SeqCst), 2);
}
