//! Bytes are the same wherever they come from: one suite for a file, a stretch of an archive, memory, an object of a
//! store, and a source of another kind.

use std::{fs, ops::Range, path::PathBuf, sync::Arc, thread, time::Duration};

use ossicle_audio::{
    ByteSource, Channel, Error, Media, OpenOptions, RawEncoding, Recording, Stamp,
};

use ossicle_files::{MemoryObjects, open_listed};

use crate::{
    Folder,
    writer::{Wrapping, expected, known_values, stored},
};

/// What stands before and behind a stretch. It begins like a recording, so that one that is read from
/// the archive's first byte on shows.
const BEFORE: &[u8] = b"RIFF\x04\0\0\0WAVE";
const BEHIND: &[u8] = b"behind";

/// The same bytes, and where they are a file's: its path, and what is changed to change it.
struct Kind {
    name: &'static str,
    media: Media,
    file: Option<PathBuf>,
}

/// What changes as files do, but is none.
const OBJECT: &str = "an object";

/// A source that gives few bytes at a time.
#[derive(Debug)]
struct Sparing(Media);

impl ByteSource for Sparing {
    fn stamp(&self) -> Stamp {
        self.0.stamp()
    }

    fn read_at(&self, offset: u64, buffer: &mut [u8]) -> Result<usize, Error> {
        let most = buffer.len().min(1 + offset as usize % 997);
        self.0.read_at(offset, &mut buffer[..most])
    }

    fn check_unchanged(&self) -> Result<(), Error> {
        self.0.check_unchanged()
    }
}

fn kinds(folder: &Folder, content: &[u8]) -> [Kind; 6] {
    let around = [BEFORE, content, BEHIND].concat();
    let range = BEFORE.len() as u64..(BEFORE.len() + content.len()) as u64;
    let file = folder.file(content);
    let archive = file.with_file_name("archive.tar");
    fs::write(&archive, &around).expect("a temporary file");
    let open = |path: &PathBuf| Media::open(path).expect("a file that is there");
    let within = |media: Media| media.stretch(range.clone()).expect("a stretch that is there");
    let (media, stretch) = (open(&file), within(open(&archive)));
    let memory = within(Media::bytes(around));
    let given = file.with_file_name("given");
    fs::write(&given, content).expect("a temporary file");
    let source = Media::of_source(Arc::new(Sparing(open(&given))));
    let store = MemoryObjects::installed();
    let url = PathBuf::from(store.bucket()).join("x/a.wav");
    store.put(&url, content);
    let object = open(&url);
    [
        Kind { name: "a file", media, file: Some(file) },
        Kind { name: "a stretch of a file", media: stretch, file: Some(archive) },
        Kind { name: "memory", media: Media::bytes(content), file: None },
        Kind { name: "a stretch of memory", media: memory, file: None },
        Kind { name: "a source", media: source, file: Some(given) },
        Kind { name: OBJECT, media: object, file: None },
    ]
}

/// Every byte from `offset` on.
fn read_from(media: &Media, offset: u64) -> Result<Vec<u8>, Error> {
    let mut bytes = Vec::new();
    let mut block = [0xAA; 7];
    loop {
        match media.read_at(offset + bytes.len() as u64, &mut block)? {
            0 => return Ok(bytes),
            count => bytes.extend_from_slice(&block[..count]),
        }
    }
}

fn good_wave() -> (Vec<u8>, Vec<f32>) {
    let values = known_values(RawEncoding::S16Le, 200_000);
    let data = stored(RawEncoding::S16Le, &values);
    let file = Wrapping::Riff.file(RawEncoding::S16Le, 2, 16_000, &data).expect("a WAVE encoding");
    (file, expected(&values, 2, Channel::Mix))
}

#[test]
fn bytes_are_the_same_from_anywhere() {
    let folder = Folder::new();
    let content: Vec<u8> = (0..1000u32).map(|i| (i % 251) as u8).collect();
    for Kind { name, media, .. } in kinds(&folder, &content) {
        assert_eq!((media.len(), media.is_empty()), (1000, false), "{name}");
        for offset in [0, 1, 500, 993, 999, 1000] {
            assert_eq!(read_from(&media, offset as u64).unwrap(), content[offset..], "{name}");
        }
        assert_eq!(read_from(&media, u64::MAX - 7).unwrap(), b"", "{name}");
        assert_eq!(media.read_at(0, &mut []).unwrap(), 0, "{name}");
        let inner = media.stretch(10..20).unwrap().stretch(3..5).unwrap();
        assert_eq!(read_from(&inner, 0).unwrap(), content[13..15], "{name}");
    }
}

#[test]
fn a_recording_is_the_same_from_anywhere() {
    let folder = Folder::new();
    let (content, expected) = good_wave();
    for Kind { name, media, .. } in kinds(&folder, &content) {
        let mut recording =
            Recording::from_media(media, OpenOptions::of(Channel::Mix), Vec::new()).unwrap();
        let mut samples = Vec::new();
        recording.read_to_end(&mut samples).unwrap();
        assert!(samples == expected, "{name}");
        recording.seek(60_000).unwrap();
        recording.read_to_end(&mut samples).unwrap();
        assert!(samples == expected[60_000..], "{name}");
        recording.check_unchanged().unwrap();
    }
}

#[test]
fn what_cannot_be_read_is_the_same_error_from_anywhere() {
    let folder = Folder::new();
    let (content, _) = good_wave();
    let mut messages = Vec::new();
    for cut in [0, 4, 11, 30, 44, 1000, content.len() - 1] {
        for Kind { name, media, .. } in kinds(&folder, &content[..cut]) {
            let error =
                Recording::from_media(media, OpenOptions::default(), Vec::new()).unwrap_err();
            messages.push((cut, name, error.to_string()));
        }
    }
    for of_cut in messages.chunks(6) {
        assert!(of_cut.iter().all(|(_, _, message)| *message == of_cut[0].2), "{of_cut:?}");
    }
    assert!(messages[0].2.starts_with("holds 0 bytes"), "{messages:?}");
}

#[test]
fn a_stretch_that_is_not_there_is_refused_with_all_numbers() {
    let folder = Folder::new();
    for Kind { name, media, .. } in kinds(&folder, b"0123456789") {
        assert!(media.stretch(10..10).unwrap().is_empty(), "{name}");
        #[expect(clippy::reversed_empty_ranges, reason = "that is what is refused")]
        let refused: [Range<u64>; 3] = [0..11, 7..u64::MAX, 6..5];
        for Range { start, end } in refused {
            let error = media.stretch(start..end).unwrap_err();
            let expected = format!("bytes {start} to {end} were asked for, but there are 10");
            assert_eq!(error.to_string(), expected, "{name}");
        }
    }
}

#[test]
fn a_change_shows_in_the_stamp_of_whatever_can_change() {
    let folder = Folder::new();
    let (content, _) = good_wave();
    for Kind { name, media, file } in kinds(&folder, &content) {
        let stamp = media.stamp();
        let recording = Recording::from_media(media.clone(), OpenOptions::default(), Vec::new());
        let recording = recording.unwrap();
        media.check_unchanged().unwrap();
        recording.check_unchanged().unwrap();
        let Some(file) = file else {
            assert_eq!(stamp.modified.is_some(), name == OBJECT, "{name}");
            continue;
        };
        let metadata = fs::metadata(&file).unwrap();
        assert_eq!(stamp.bytes, metadata.len(), "{name}");
        assert_eq!(stamp.modified, Some(metadata.modified().unwrap()), "{name}");
        // The same size, another time: however coarse the system's clock is.
        let again = fs::read(&file).unwrap();
        while fs::metadata(&file).unwrap().modified().unwrap() == metadata.modified().unwrap() {
            thread::sleep(Duration::from_millis(2));
            fs::write(&file, &again).unwrap();
        }
        assert!(matches!(media.check_unchanged(), Err(Error::Changed { .. })), "{name}");
        assert!(matches!(recording.check_unchanged(), Err(Error::Changed { .. })), "{name}");
        assert_ne!(Media::open(&file).unwrap().stamp(), stamp, "{name}");
        // It became shorter.
        fs::OpenOptions::new().write(true).open(&file).unwrap().set_len(500).unwrap();
        let error = read_from(&media, 0).unwrap_err();
        let Error::Changed { opened_bytes, found_bytes } = error else { panic!("{error:?}") };
        assert_eq!((opened_bytes, found_bytes), (stamp.bytes, 500), "{name}");
    }
}

#[test]
fn an_object_that_is_another_one_is_never_read_as_the_one_that_was_opened() {
    let store = MemoryObjects::installed();
    let url = PathBuf::from(store.bucket()).join("a.wav");
    // Larger than what is asked for at once.
    let content: Vec<u8> = (0..9 << 20).map(|i: u32| (i % 251) as u8).collect();
    store.put(&url, &*content);
    let (opened, stamp) = (Media::open(&url).unwrap(), Media::open(&url).unwrap().stamp());
    let mut first = [0; 100];
    assert_eq!(opened.read_at(0, &mut first).unwrap(), 100);
    assert_eq!(first, content[..100]);
    let listed = |bytes| open_listed(&url, bytes, stamp.modified).map(Media::from).unwrap();
    assert_eq!(read_from(&listed(stamp.bytes), (9 << 20) - 50).unwrap(), content[(9 << 20) - 50..]);
    // Of the same size and time, with another tag.
    store.put(&url, &*content);
    for (media, offset) in [(&opened, 8 << 20), (&listed(stamp.bytes), 0)] {
        let error = media.read_at(offset, &mut first).unwrap_err();
        assert!(matches!(error, Error::Changed { .. }), "{error:?}");
        assert!(!error.to_string().contains("bytes"), "{error}");
    }
    store.remove(&url);
    let error = listed(stamp.bytes).read_at(0, &mut first).unwrap_err();
    assert!(matches!(error, Error::Read { .. }), "{error:?}");
    let Err(Error::Open { source }) = Media::open(&url) else { panic!("it is not there") };
    assert_eq!(source.to_string(), "there is no such object");
}

#[test]
fn an_object_is_read_with_few_requests() {
    let store = MemoryObjects::installed();
    let url = PathBuf::from(store.bucket()).join("a.wav");
    store.put(&url, vec![7; 9 << 20]);
    let media = Media::open(&url).unwrap();
    let mut buffer = vec![0; 256 << 10];
    let mut ranges = 0;
    let mut at = 0;
    while at < media.len() {
        at += media.read_at(at, &mut buffer).unwrap() as u64;
        ranges += 1;
    }
    // Of 1, 2 and 4 MiB, and the rest.
    assert!(ranges >= 36);
    assert_eq!(store.requests_of(&url), 4);
}
