//! What every store can do, in memory.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

use std::io::ErrorKind;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use ossicle_files::{ObjectStat, Objects, is_changed, is_unanswered};
use ossicle_remote::{Bytes, Client, Depth, Error, Listing, Location, Options, PIECE_BYTES, Put};

fn at(key: &str) -> Location {
    Location::parse("s3://speech").unwrap().join(key)
}

fn put(client: &Client, key: &str, text: &str) {
    client.put(&at(key), Bytes::from(text.to_owned()), &Put::Always).unwrap();
}

fn names(listing: &Listing) -> Vec<&str> {
    listing.objects.iter().map(|entry| entry.name.as_str()).collect()
}

#[test]
fn a_range_is_read_of_what_was_looked_at_and_of_nothing_else() {
    let client = Client::in_memory();
    assert_eq!(client.head(&at("a")).unwrap(), None);
    assert!(client.get_range(&at("a"), 0..1, None).unwrap_err().is_not_found());
    put(&client, "a", "0123456789");
    let meta = client.head(&at("a")).unwrap().unwrap();
    assert_eq!(meta.bytes, 10);
    for begin in 0..=10 {
        for end in begin..=10 {
            let bytes = client.get_range(&at("a"), begin..end, Some(&meta)).unwrap();
            assert_eq!(bytes.as_ref(), &b"0123456789"[begin as usize..end as usize]);
        }
    }
    for expected in [Some(&meta), None] {
        let error = client.get_range(&at("a"), 8..11, expected).unwrap_err();
        assert_eq!(
            error.to_string(),
            "cannot read s3://speech/a: it ends after 10 bytes, before what was asked for"
        );
    }
    let error = client.get(&at("a"), 9).unwrap_err();
    assert!(matches!(error, Error::TooLarge { bytes: 10, most: 9, .. }), "{error}");
    put(&client, "a", "9876543210");
    for range in [0..10, 2..3] {
        let error = client.get_range(&at("a"), range, Some(&meta)).unwrap_err();
        assert_eq!(error.to_string(), "s3://speech/a was changed while it was in use");
    }
}

#[test]
fn everything_is_listed_in_bytewise_order_however_it_is_spread() {
    let client = Client::in_memory();
    let mut all = Vec::new();
    // More folders than connections, folders in folders, names that only a slash tells apart.
    for speaker in 0..40 {
        for file in 0..3 {
            all.push(format!("in/train/s{speaker}/{file}.wav"));
        }
    }
    all.extend(
        ["in/a", "in/a-b/c", "in/a/b", "in/a b/c", "in/train.txt", "in/ä"].map(str::to_owned),
    );
    for key in &all {
        put(&client, key, "x");
    }
    put(&client, "input/other", "x");
    let listing = client.list(&at("in"), Depth::All).unwrap();
    let mut expected: Vec<_> = all.iter().map(|key| key.strip_prefix("in/").unwrap()).collect();
    expected.sort_unstable();
    assert_eq!(names(&listing), expected);
    assert_eq!(listing.folders, Vec::<String>::new());
    for entry in &listing.objects {
        let looked = client.head(&at("in").join(&entry.name)).unwrap().unwrap();
        assert!(looked.is_same(&entry.meta), "{entry:?}, {looked:?}");
    }
    let top = client.list(&at("in"), Depth::Folder).unwrap();
    assert_eq!(names(&top), ["a", "train.txt", "ä"]);
    assert_eq!(top.folders, ["a", "a b", "a-b", "train"]);
    let bucket = client.list(&at(""), Depth::Folder).unwrap();
    assert_eq!((bucket.objects.len(), bucket.folders.join(" ")), (0, "in input".to_owned()));
    assert_eq!(client.list(&at("in/train.txt"), Depth::All).unwrap(), Listing::default());
    assert_eq!(client.list(&at("nothing"), Depth::Folder).unwrap(), Listing::default());
}

#[test]
fn many_are_looked_at_in_order() {
    let client = Client::in_memory();
    for number in 0..100 {
        put(&client, &format!("{number}"), &"x".repeat(number));
    }
    let keys: Vec<_> = (0..110).map(|number| at(&number.to_string())).collect();
    let found: Vec<_> = client.heads(&keys).into_iter().map(Result::unwrap).collect();
    let sizes: Vec<_> = found.iter().map(|meta| meta.as_ref().map(|meta| meta.bytes)).collect();
    let expected: Vec<_> = (0..110).map(|number| (number < 100).then_some(number)).collect();
    assert_eq!(sizes, expected);
}

#[test]
fn a_condition_decides_between_objects_that_differ() {
    let client = Client::in_memory();
    let text = |text: &'static str| Bytes::from_static(text.as_bytes());
    let first = client.put(&at("card"), text("one"), &Put::IfAbsent).unwrap();
    let error = client.put(&at("card"), text("two"), &Put::IfAbsent).unwrap_err();
    assert_eq!(error.to_string(), "s3://speech/card is there already");
    // As after an answer that was lost.
    let again = client.put(&at("card"), text("one"), &Put::IfAbsent).unwrap();
    assert!(again.is_same(&first));
    let second = client.put(&at("card"), text("two"), &Put::IfUnchanged(first.clone())).unwrap();
    let error = client.put(&at("card"), text("three"), &Put::IfUnchanged(first)).unwrap_err();
    assert!(matches!(error, Error::Changed { .. }), "{error}");
    client.remove(&at("card")).unwrap();
    client.remove(&at("card")).unwrap();
    let error = client.put(&at("card"), text("3"), &Put::IfUnchanged(second)).unwrap_err();
    assert!(matches!(error, Error::Changed { .. }), "{error}");
}

#[test]
fn an_object_of_pieces_is_there_at_once_when_it_is_complete() {
    let client = Client::in_memory();
    let object = at("shard");
    let piece = |byte: u8, length: usize| Bytes::from(vec![byte; length]);
    let upload = client.begin_upload(&object).unwrap();
    let last = client.put_piece(&object, &upload, 2, piece(3, 5)).unwrap();
    let others = std::thread::scope(|scope| {
        let send = |number: usize| {
            let (client, upload, object) = (client.clone(), &upload, &object);
            let bytes = piece(number as u8 + 1, PIECE_BYTES);
            scope.spawn(move || client.put_piece(object, upload, number, bytes).unwrap())
        };
        [0, 1].map(send).map(|thread| thread.join().unwrap())
    });
    assert_eq!(client.head(&object).unwrap(), None);
    let [first, second] = others;
    let bytes = 2 * PIECE_BYTES as u64 + 5;
    client.complete(&object, &upload, vec![first, second, last], bytes).unwrap();
    let (found, meta) = client.get(&object, bytes).unwrap();
    assert_eq!(meta.bytes, bytes);
    assert_eq!((found[0], found[PIECE_BYTES], found[2 * PIECE_BYTES]), (1, 2, 3));
    let other = client.begin_upload(&object).unwrap();
    client.put_piece(&object, &other, 0, piece(4, 1)).unwrap();
    client.abort(&object, &other).unwrap();
    assert_eq!(client.get(&object, bytes).unwrap().1, meta);
}

#[test]
fn a_file_is_put_as_it_is_read() {
    let client = Client::in_memory();
    for bytes in [0, 1, 2 * PIECE_BYTES, 2 * PIECE_BYTES + 1, 3 * PIECE_BYTES] {
        let text: Vec<u8> = (0..bytes).map(|i| (i ^ (i >> 8) ^ (i >> 16)) as u8).collect();
        client.put_file(&at("f"), &mut text.as_slice(), bytes as u64, &Put::Always).unwrap();
        assert!(client.get(&at("f"), u64::MAX).unwrap().0 == text, "{bytes}");
    }
    let error = client.put_file(&at("g"), &mut [1].as_slice(), 2, &Put::Always).unwrap_err();
    assert!(error.to_string().contains("what it is made of cannot be read"), "{error}");
    let large = 3 * PIECE_BYTES as u64;
    let error = client.put_file(&at("g"), &mut [1].as_slice(), large, &Put::Always).unwrap_err();
    assert!(error.to_string().contains("what it is made of cannot be read"), "{error}");
    assert_eq!(client.head(&at("g")).unwrap(), None);
}

#[test]
fn who_should_stop_does_not_wait() {
    let client = Client::in_memory();
    let stop = Arc::new(AtomicBool::new(false));
    let seen = Arc::clone(&stop);
    let stoppable = client.stopped_by(move || seen.load(Ordering::SeqCst));
    assert_eq!(stoppable.head(&at("a")).unwrap(), None);
    stop.store(true, Ordering::SeqCst);
    let error = stoppable.head(&at("a")).unwrap_err();
    assert_eq!(error.to_string(), "stopped while waiting for s3://speech/a");
    assert_eq!(client.head(&at("a")).unwrap(), None);
}

#[test]
fn a_server_of_files_is_neither_listed_nor_written_to() {
    let client = Client::in_memory();
    let there = Location::parse("https://host/a").unwrap();
    let listed = client.list(&there, Depth::All).unwrap_err();
    let put = client.put(&there, Bytes::new(), &Put::Always).unwrap_err();
    for (error, action) in [(listed, "list"), (put, "put")] {
        let expected = format!("cannot {action} https://host/a: its store can not do that");
        assert_eq!(error.to_string(), expected);
    }
}

#[cfg(not(feature = "cloud"))]
#[test]
fn without_a_network_a_url_is_refused_in_a_sentence() {
    let error = Client::new(&Options::default()).unwrap().head(&at("a")).unwrap_err();
    assert_eq!(
        error.to_string(),
        "s3://speech/a is in an object store, and this program was built without them \
         (cargo feature `cloud`)"
    );
}

#[cfg(feature = "cloud")]
#[test]
fn a_setting_that_no_store_knows_is_refused() {
    let settings = vec![("aws_endpint".to_owned(), "http://localhost".to_owned())];
    let error = Client::new(&Options { settings, connections: 1 }).unwrap_err();
    assert_eq!(error.to_string(), "no store has a setting aws_endpint");
}

#[test]
fn a_corpus_reads_its_files_by_urls() {
    let client = Client::in_memory();
    for (key, text) in
        [("in/a.wav", "0123456789"), ("in/b/c.wav", ""), ("in/b/d.wav", "d"), ("in/b", "")]
    {
        put(&client, key, text);
    }
    let url = "s3://speech/in";
    let a = "s3://speech/in/a.wav";
    let whole = client.stat(a).unwrap();
    assert_eq!(whole.bytes, 10);
    let (bytes, stat) = Objects::read(&client, a, 8..1 << 20, whole.tag.as_deref()).unwrap();
    assert_eq!((&*bytes, &stat), (b"89".as_slice(), &whole));
    let mut all = Vec::new();
    let mut add = |name: &str, stat: ObjectStat| all.push((name.to_owned(), stat.stamp()));
    Objects::list(&client, url, &mut add).unwrap();
    let found = client.stats(&[a, "s3://speech/no", "s3://speech/x//y"]);
    assert_eq!(all.iter().find(|(name, _)| name == "a.wav").unwrap().1, whole.stamp());
    assert_eq!(found[0].as_ref().unwrap(), &whole);
    assert_eq!(found[1].as_ref().unwrap_err().kind(), ErrorKind::NotFound);
    assert_eq!(found[2].as_ref().unwrap_err().kind(), ErrorKind::PermissionDenied);
    let mut level = Vec::new();
    client
        .list_level(url, &mut |name, stat| level.push((name.to_owned(), stat.is_some())))
        .unwrap();
    assert!(level.contains(&("b/".into(), false)) && level.contains(&("a.wav".into(), true)));
    put(&client, "in/a.wav", "9876543210");
    let changed = Objects::read(&client, a, 0..1, whole.tag.as_deref()).unwrap_err();
    assert!(is_changed(&changed), "{changed}");
    let behind = Objects::read(&client, a, 10..20, None).unwrap_err();
    assert!(is_unanswered(&behind), "{behind}");
}

#[test]
fn many_are_removed_at_once_whether_they_are_there_or_not() {
    let client = Client::in_memory();
    ["a", "b/c", "d"].iter().for_each(|key| put(&client, key, "x"));
    client.remove_many(&[at("a"), at("gone"), at("b/c")]).unwrap();
    client.remove_many(&[]).unwrap();
    assert_eq!(names(&client.list(&at(""), Depth::All).unwrap()), ["d"]);
}
