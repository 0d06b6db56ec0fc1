//! What an object store does besides what every store does: large files are sent in pieces, and what was
//! begun and not finished is found.

use ossicle_dataset::{
    Draft, HashingSpool, ObjectStore, Put, Spool, Store, read_whole, remove_drafts,
};
use ossicle_remote::{Client, Depth, Location, PIECE_BYTES};

fn root() -> Location {
    Location::parse("s3://speech/out").unwrap()
}

fn store(client: &Client) -> ObjectStore {
    ObjectStore::new(client.clone(), root())
}

/// All objects, whoever keeps them there.
fn objects(client: &Client) -> Vec<String> {
    let listing = client.list(&root(), Depth::All).unwrap();
    listing.objects.into_iter().map(|entry| entry.name).collect()
}

fn large() -> Vec<u8> {
    (0..2 * PIECE_BYTES + 1000).map(|i| (i ^ (i >> 8) ^ (i >> 16)) as u8).collect()
}

fn spooled(store: &dyn Store, name: &str, bytes: &[u8]) -> Draft {
    let mut spool: Box<dyn Spool> = store.spool(name).unwrap();
    spool.append(&[7; 100]).unwrap();
    spool.cut(0).unwrap();
    bytes.chunks(1 << 20).for_each(|chunk| spool.append(chunk).unwrap());
    spool.finish(false).unwrap()
}

/// As a draft comes from a worker's process to that of its coordinator.
fn travelled(draft: &Draft) -> Draft {
    serde_json::from_str(&serde_json::to_string(draft).unwrap()).unwrap()
}

#[test]
fn a_draft_of_another_process_becomes_a_file_whatever_its_size() {
    let client = Client::in_memory();
    for bytes in [large(), b"small".to_vec(), Vec::new()] {
        // The coordinator has a store of its own.
        let draft = travelled(&spooled(&store(&client), "parts/a.part", &bytes));
        let coordinator = store(&client);
        assert_eq!(coordinator.stat("parts/a.part").unwrap(), None);
        coordinator.put(draft, "parts/a.part", Put::Always).unwrap();
        assert!(read_whole(&coordinator, "parts/a.part").unwrap() == bytes);
        assert_eq!(objects(&client), ["parts/a.part"]);
        coordinator.remove("parts/a.part").unwrap();
    }
}

#[test]
fn what_a_killed_run_has_begun_to_send_is_given_up_by_the_next() {
    let client = Client::in_memory();
    let killed = store(&client);
    let draft = spooled(&killed, "parts/a.part", &large());
    killed.regions("train/features.npy", 3 * PIECE_BYTES as u64).unwrap();
    killed
        .region_writer("train/features.npy")
        .unwrap()
        .write_at(&large()[..PIECE_BYTES], 0)
        .unwrap();
    let left = objects(&client);
    assert_eq!(left.len(), 2, "{left:?}");
    assert!(left.iter().all(|name| name.ends_with(".draft")), "{left:?}");
    let next = store(&client);
    remove_drafts(&next, "parts/").unwrap();
    next.remove_all("train").unwrap();
    assert_eq!(objects(&client), [""; 0]);
    // Whoever was only slow has nothing to put any more.
    assert!(next.put(draft, "parts/a.part", Put::Always).is_err());
    assert_eq!(objects(&client), [""; 0]);
}

#[test]
fn a_large_draft_gets_only_the_name_it_was_begun_for() {
    let client = Client::in_memory();
    let store = store(&client);
    for (name, put) in [("b", Put::Always), ("a", Put::IfAbsent)] {
        let error = store.put(spooled(&store, "a", &large()), name, put).unwrap_err().to_string();
        assert!(error.contains("gets only the name it was begun for"), "{error}");
        assert_eq!(objects(&client), [""; 0]);
    }
}

#[test]
fn a_file_of_regions_is_there_once_all_of_them_are() {
    let client = Client::in_memory();
    let (store, bytes) = (store(&client), large());
    assert!(store.has_whole_files() && store.region_bytes() == PIECE_BYTES);
    store.regions("a", bytes.len() as u64).unwrap();
    let write = |number: usize| {
        let region = bytes.chunks(PIECE_BYTES).nth(number).unwrap();
        let writer = store.region_writer("a").unwrap();
        writer.write_at(region, (number * PIECE_BYTES) as u64).unwrap();
        writer
    };
    write(2);
    let error = write(0).commit().unwrap_err().to_string();
    assert!(error.contains("not all of its regions were written"), "{error}");
    assert_eq!(store.stat("a").unwrap(), None);
    let writer = write(1);
    assert!(writer.write_at(&bytes[..10], 0).is_err());
    assert!(writer.write_at(&bytes[..PIECE_BYTES], 1).is_err());
    writer.commit().unwrap();
    assert_eq!(objects(&client), ["a"]);
    assert!(read_whole(&store, "a").unwrap() == bytes);
    let mut hashed = HashingSpool::new(store.spool("b").unwrap());
    hashed.append(&bytes).unwrap();
    assert_eq!(hashed.finish(true).unwrap().2, blake3::hash(&bytes).to_hex().as_str());
}
