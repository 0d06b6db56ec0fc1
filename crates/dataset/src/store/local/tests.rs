//! Whether a store in a folder keeps to that folder, whatever lies in it.

use super::beneath::rename_without_links;
use super::*;
use std::fs;
use std::os::fd::AsFd;
use std::os::unix::fs::symlink;
use std::sync::atomic::{AtomicU32, Ordering};

fn store() -> (tempfile::TempDir, LocalStore<'static>) {
    let folder = tempfile::tempdir().unwrap();
    let store = LocalStore::new(folder.path());
    (folder, store)
}

#[test]
fn what_is_no_regular_file_is_an_error() {
    let (folder, store) = store();
    store.create_folder("a/folder").unwrap();
    symlink(folder.path().join("a"), folder.path().join("link")).unwrap();
    symlink("/dev/null", folder.path().join("device")).unwrap();
    for (name, what) in [
        ("a", "is a folder"),
        ("a/folder", "is a folder"),
        ("link", "is a symbolic link"),
        ("device", "is a symbolic link"),
        ("", "is a folder"),
    ] {
        let expected = format!("{} {what}, where a file belongs", store.path(name).display());
        assert_eq!(store.stat(name).unwrap_err().to_string(), expected);
        assert_eq!(store.read(name).unwrap_err().to_string(), expected);
    }
    assert_eq!(store.list("a").unwrap(), [""; 0]);
}

#[test]
fn a_store_whose_folder_was_removed_is_not_made_again() {
    let (folder, store) = store();
    folder.close().unwrap();
    assert!(store.spool("a/b").unwrap_err().is_not_found());
    assert!(store.regions("a/b", 1).unwrap_err().is_not_found());
    assert!(!store.exists("").unwrap());
    store.create_folder("").unwrap();
    store.regions("a/b", 1).unwrap();
    fs::remove_dir_all(store.root()).unwrap();
}

#[test]
fn all_that_opens_goes_through_the_hook() {
    let (_folder, store) = store();
    crate::store::write_whole(&store, "a/b", b"x", true).unwrap();
    let draft = |name: &str| store.spool(name).unwrap().finish(false).unwrap();
    let (first, second) = (draft("a/e"), draft("a/f"));
    let lock = store.open_to_lock("a/lock").unwrap();
    let counted = AtomicU32::new(0);
    let counting = |work: &mut dyn FnMut() -> io::Result<()>| {
        counted.fetch_add(1, Ordering::Relaxed);
        work()
    };
    let store = store.with_opening(&counting);
    let opens = |what: &str, done: bool| {
        assert!(done, "{what}");
        assert!(counted.swap(0, Ordering::Relaxed) > 0, "{what}");
    };
    opens("read", store.read("a/b").is_ok());
    opens("stat", store.stat("a/b").is_ok());
    opens("exists", store.exists("a/b").is_ok());
    opens("owner", store.owner("a/b").is_ok());
    opens("list", store.list("a").is_ok());
    opens("names_in", store.names_in("a").is_ok());
    opens("spool", store.spool("a/c").is_ok());
    // What the draft leaves is removed by whoever drops it.
    counted.store(0, Ordering::Relaxed);
    opens("put", store.put(first, "a/e", Put::Always).is_ok());
    opens("put if absent", store.put(second, "a/f", Put::IfAbsent).is_ok());
    opens("regions", store.regions("a/d", 1).is_ok());
    opens("region_writer", store.region_writer("a/d").is_ok());
    opens("create_folder", store.create_folder("a/folder").is_ok());
    opens("rename", store.rename("a/e", "a/g").is_ok());
    opens("remove", store.remove("a/g").is_ok());
    opens("sync_file", store.sync_file("a/d").is_ok());
    opens("sync_folder", store.sync_folder("a").is_ok());
    opens("open_to_lock", store.open_to_lock("a/lock").is_ok());
    opens("is_at", store.is_at(&lock, "a/lock").unwrap());
    opens("require_file", store.require_file("a/b").is_ok());
    opens("require_plain_folder", store.require_plain_folder("a", None).is_ok());
    opens("empty_folder", store.empty_folder("a", &["b"]).is_ok());
    opens("remove_folder_if_empty", store.remove_folder_if_empty("a").is_ok());
    opens("remove_folder_all", store.remove_folder_all("a").is_ok());
    let nothing = |_: &mut dyn FnMut() -> io::Result<()>| Ok(());
    let never = store.with_opening(&nothing);
    assert!(never.read("a/b").is_err());
}

#[test]
fn drafts_say_who_made_them_and_no_two_have_one_name() {
    let (_folder, store) = store();
    let who = format!("{}-{}", store.host, std::process::id());
    for (name, stem) in [
        ("parts/000012.part", "parts/000012"),
        ("000012", "000012"),
        (".hidden", ".hidden"),
        ("a.b/c", "a.b/c"),
        ("a/b.c.d", "a/b.c"),
    ] {
        let spools: Vec<_> = (0..3).map(|_| store.spool(name).unwrap()).collect();
        let mut drafts: Vec<_> =
            spools.into_iter().map(|spool| spool.finish(false).unwrap().name).collect();
        assert_eq!(drafts[0], format!("{stem}.{who}.draft"));
        for draft in &drafts[1..] {
            assert!(draft.starts_with(&format!("{stem}.{who}-")), "{draft}");
            assert!(draft.ends_with(".draft"), "{draft}");
        }
        drafts.dedup();
        assert_eq!(drafts.len(), 3);
    }
}

#[test]
fn a_draft_that_was_removed_does_not_take_another_of_its_name_with_it() {
    let (_folder, store) = store();
    let first = store.spool("a").unwrap();
    let name = store.list("").unwrap().remove(0);
    store.remove(&name).unwrap();
    let second = store.spool("a").unwrap();
    assert_eq!(store.list("").unwrap(), [name.as_str()]);
    drop(first);
    assert_eq!(store.list("").unwrap(), [name.as_str()]);
    drop(second);
    assert_eq!(store.list("").unwrap(), [""; 0]);
}

#[test]
fn hosts_have_a_name_that_fits_a_files() {
    let long = host_in_names(&format!("node-1.lab/über {}", "x".repeat(99)));
    assert_eq!(long, format!("node-1_lab__ber_{}", "x".repeat(16)));
    assert_eq!(host_in_names(""), "host");
}

#[cfg(target_os = "linux")]
#[test]
fn a_file_system_without_links_renames_to_a_new_name_too() {
    let folder = tempfile::tempdir().unwrap();
    let [a, b] = ["a", "b"].map(|name| folder.path().join(name));
    let open = File::open(folder.path()).unwrap();
    let rename = || rename_without_links(open.as_fd(), "a", open.as_fd(), "b");
    fs::write(&a, "a").unwrap();
    rename().unwrap();
    fs::write(&a, "another").unwrap();
    let error = rename().unwrap_err();
    assert_eq!(error.kind(), ErrorKind::AlreadyExists);
    assert_eq!(fs::read_to_string(&b).unwrap(), "a");
}

#[cfg(target_os = "linux")]
#[test]
fn a_full_disk_is_an_error_whenever_it_shows() {
    // Everything written there finds no room.
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("x.draft");
    let spool = || {
        let full = File::options().write(true).open("/dev/full").unwrap();
        let root = Root::new(folder.path().into());
        Box::new(LocalSpool::new(full, Draft::of("x.draft"), root))
    };
    let expected = format!("cannot write {}", path.display());
    let error = spool().append(&[0; 1 << 20]).unwrap_err();
    assert_eq!(error.to_string(), expected);
    // What fits the buffer shows at the end.
    let mut last = spool();
    last.append(&[0; 10]).unwrap();
    assert_eq!(last.finish(false).unwrap_err().to_string(), expected);
}

#[test]
fn a_folder_is_emptied_but_for_one_file() {
    let (folder, store) = store();
    store.empty_folder("work", &["lock"]).unwrap();
    for name in ["work/lock", "work/a", "work/stage/lock", "work/stage/b/c"] {
        crate::store::write_whole(&store, name, b"", false).unwrap();
    }
    // What a link leads to is not in the folder.
    fs::write(folder.path().join("mine"), "").unwrap();
    symlink(folder.path().join("mine"), folder.path().join("work/link")).unwrap();
    store.remove_folder_if_empty("work").unwrap();
    assert!(store.exists("work/stage/b/c").unwrap());
    store.empty_folder("work", &["lock"]).unwrap();
    let left: Vec<_> = fs::read_dir(store.path("work")).unwrap().collect();
    assert_eq!(left.len(), 1);
    assert!(store.exists("work/lock").unwrap() && store.exists("mine").unwrap());
    store.remove("work/lock").unwrap();
    for _ in 0..2 {
        store.remove_folder_if_empty("work").unwrap();
        store.remove_folder_all("work").unwrap();
    }
    assert!(!store.exists("work").unwrap());
}

/// A store whose folder `work` and file `file` are links to a folder and a file of somebody else, which
/// hold `mine`.
fn linked() -> (tempfile::TempDir, tempfile::TempDir, LocalStore<'static>) {
    let victim = tempfile::tempdir().unwrap();
    fs::create_dir(victim.path().join("stage")).unwrap();
    for file in ["file", "lock", "stage/file"] {
        fs::write(victim.path().join(file), "mine").unwrap();
    }
    let (folder, store) = store();
    symlink(victim.path(), folder.path().join("work")).unwrap();
    symlink(victim.path().join("file"), folder.path().join("file")).unwrap();
    symlink(victim.path().join("new"), folder.path().join("new")).unwrap();
    (victim, folder, store)
}

#[test]
fn nothing_is_done_over_a_link_below_the_folder() {
    let (victim, folder, store) = linked();
    fs::write(folder.path().join("own"), "own").unwrap();
    let draft = || Draft::of("own");
    let over = "work is a symbolic link, where a folder belongs";
    let at = "file is a symbolic link, where a file belongs";
    let failures: Vec<(&str, Result<(), Error>, &str)> = vec![
        ("read", store.read("work/file").map(drop), over),
        ("read", store.read("file").map(drop), at),
        ("stat", store.stat("work/file").map(drop), over),
        ("list", store.list("work").map(drop), over),
        ("spool", store.spool("work/x").map(drop), over),
        ("regions", store.regions("work/x", 1), over),
        ("region_writer", store.region_writer("work/file").map(drop), over),
        ("region_writer", store.region_writer("file").map(drop), at),
        ("remove", store.remove("work/file"), over),
        ("sync_file", store.sync_file("file"), at),
        ("sync_folder", store.sync_folder("work"), over),
        ("empty_folder", store.empty_folder("work", &["lock"]), over),
        ("put", store.put(draft(), "file", Put::IfUnchanged(Stat::default())), at),
        ("require_file", store.require_file("file"), at),
        ("require_plain_folder", store.require_plain_folder("work", None), over),
    ];
    for (call, done, words) in failures {
        let error = done.err().unwrap_or_else(|| panic!("{call} followed a link")).to_string();
        assert!(error.ends_with(words), "{call}: {error}");
    }
    fs::write(folder.path().join("own"), "own").unwrap();
    let failures: Vec<(&str, io::Result<()>)> = vec![
        ("exists", store.exists("work/file").map(drop)),
        ("create_folder", store.create_folder("work")),
        ("create_folder", store.create_folder("work/x")),
        ("rename", store.rename("work/file", "y")),
        ("rename", store.rename("own", "work/own")),
        ("names_in", store.names_in("work").map(drop)),
        ("remove_folder_all", store.remove_folder_all("work/stage")),
        ("remove_folder_if_empty", store.remove_folder_if_empty("work/stage")),
        ("open_to_lock", store.open_to_lock("work/lock").map(drop)),
        ("open_to_lock", store.open_to_lock("file").map(drop)),
        ("open_to_lock", store.open_to_lock("new").map(drop)),
    ];
    for (call, done) in failures {
        let error = done.err().unwrap_or_else(|| panic!("{call} followed a link")).to_string();
        assert!(error.contains("is a symbolic link, where a"), "{call}: {error}");
    }
    // A link that is in the way of a file is replaced or removed itself.
    store.regions("file", 1).unwrap();
    symlink(victim.path().join("file"), folder.path().join("other")).unwrap();
    store.rename("own", "other").unwrap();
    store.remove_folder_all("work").unwrap();
    let mut left: Vec<_> = fs::read_dir(victim.path()).unwrap().collect();
    left.retain(|entry| entry.as_ref().unwrap().file_name() != "stage");
    assert_eq!(left.len(), 2, "{left:?}");
    for file in ["file", "lock", "stage/file"] {
        assert_eq!(fs::read_to_string(victim.path().join(file)).unwrap(), "mine", "{file}");
    }
}

#[test]
fn the_folder_itself_may_be_a_link() {
    let (folder, _) = store();
    fs::create_dir(folder.path().join("there")).unwrap();
    symlink("there", folder.path().join("link")).unwrap();
    let store = LocalStore::new(folder.path().join("link"));
    crate::store::write_whole(&store, "a/b", b"x", true).unwrap();
    assert_eq!(fs::read_to_string(folder.path().join("there/a/b")).unwrap(), "x");
    store.sync_folder("").unwrap();
    store.require_plain_folder("a", None).unwrap();
    store.remove_folder_all("a").unwrap();
    assert_eq!(store.names_in("").unwrap().len(), 0);
}

#[test]
fn a_store_in_the_folder_of_a_run_follows_no_link_to_itself() {
    let (victim, folder, _) = linked();
    let repair = |name: &str| LocalStore::new(folder.path().join(name).join("repair"));
    fs::create_dir(folder.path().join("out")).unwrap();
    symlink(folder.path().join("out"), folder.path().join("way")).unwrap();
    let store = repair("way/.ossicle");
    store.create_folder("").unwrap();
    crate::store::write_whole(&store, "all/index.npy", b"x", false).unwrap();
    assert!(folder.path().join("out/.ossicle/repair/all/index.npy").exists());
    fs::rename(folder.path().join("out/.ossicle"), folder.path().join("out/kept")).unwrap();
    symlink(victim.path(), folder.path().join("out/.ossicle")).unwrap();
    for error in [
        store.create_folder("").unwrap_err().to_string(),
        store.create_folder("all").unwrap_err().to_string(),
        store.read("all/index.npy").unwrap_err().to_string(),
        store.remove_folder_all("all").unwrap_err().to_string(),
    ] {
        let words = "way/.ossicle is a symbolic link, where a folder belongs";
        assert!(error.ends_with(words), "{error}");
    }
    assert!(!victim.path().join("repair").exists());
}

#[test]
fn a_store_without_a_path_is_nowhere() {
    let store = LocalStore::new("");
    assert!(store.create_folder("").is_err());
    assert!(store.spool("a").is_err());
}

#[test]
fn a_file_with_another_name_elsewhere_is_not_written_to() {
    let (folder, store) = store();
    fs::write(folder.path().join("mine"), "mine").unwrap();
    fs::hard_link(folder.path().join("mine"), folder.path().join("shard")).unwrap();
    store.regions("shard", 4).unwrap();
    store.region_writer("shard").unwrap().write_at(b"ours", 0).unwrap();
    assert_eq!(fs::read_to_string(folder.path().join("mine")).unwrap(), "mine");
    assert_eq!(fs::read_to_string(folder.path().join("shard")).unwrap(), "ours");
}

#[test]
fn a_pipe_is_not_waited_for() {
    let (folder, store) = store();
    let made = std::process::Command::new("mkfifo").arg(folder.path().join("pipe")).status();
    assert!(made.unwrap().success());
    // On a thread of its own, so that a failure is a failure and not a test that never ends.
    let (done, opened) = std::sync::mpsc::channel();
    std::thread::spawn(move || {
        done.send(store.open_to_lock("pipe").unwrap_err().to_string()).unwrap();
        done.send(store.read("pipe").unwrap_err().to_string()).unwrap();
        done.send(store.region_writer("pipe").unwrap_err().to_string()).unwrap();
        done.send(store.create_folder("pipe/x").unwrap_err().to_string()).unwrap();
    });
    for due in ["a file", "a file", "a file", "a folder"] {
        let error = opened.recv_timeout(std::time::Duration::from_secs(10)).unwrap();
        assert!(error.ends_with(&format!("pipe is a FIFO, where {due} belongs")), "{error}");
    }
}

#[test]
fn folders_that_lie_too_deep_end_in_an_error() {
    let (folder, store) = store();
    let deep = |folders: usize| ["d"; 40][..folders].join("/");
    fs::create_dir_all(folder.path().join(deep(40))).unwrap();
    assert!(store.remove_folder_all("d").unwrap_err().to_string().contains("more than 16"));
    assert!(store.require_plain_folder("d", None).is_err());
    fs::remove_dir_all(folder.path().join(deep(10))).unwrap();
    store.require_plain_folder("d", None).unwrap();
    store.remove_folder_all("d").unwrap();
    assert!(!store.exists("d").unwrap());
}

#[test]
fn names_that_lead_out_of_the_folder_are_refused() {
    let (_folder, store) = store();
    for name in ["..", "../x", "a/../../x", ".", "/etc/passwd", "a//b"] {
        assert!(store.read(name).is_err(), "{name}");
        assert!(store.spool(&format!("{name}/x")).is_err(), "{name}");
        assert!(store.create_folder(name).is_err(), "{name}");
    }
}
