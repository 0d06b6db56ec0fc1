//! Readers give what workers would have read, whatever they do and do not come to.

use std::sync::Arc;
use std::time::Duration;

use ossicle_audio::{ByteSource, Error, Media, Stamp};
use ossicle_corpus::{Extra, Held, Span, Utterance};
use proptest::prelude::*;

use super::shelf::{Read, Shelf, Taken};
use super::*;
use crate::plan::job::Job;
use crate::plan::order::PartOrder;
use crate::run::mock::{one_feature, plan, utterance};

fn reaching(id: &str, size_bytes: u64, extra: Option<Box<Extra>>) -> Utterance {
    Utterance { extra, ..utterance(id, id, size_bytes) }
}

fn holding(bytes: &[u8]) -> Read {
    Read { media: Media::bytes(bytes), alignment: None }
}

fn job() -> Job {
    plan(one_feature(&[]), &[("all", &[1])]).job
}

fn order(number: usize, root: &std::path::Path, utterances: Vec<Utterance>) -> PartOrder {
    PartOrder {
        number,
        split: "train".to_owned(),
        root: root.to_owned(),
        utterances,
        lost: Default::default(),
        only: None,
        earlier: Default::default(),
    }
}

/// Parts of files of which each holds its own name, so many times.
fn files(folder: &std::path::Path, parts: &[usize]) -> Vec<PartOrder> {
    let part = |(number, count): (usize, &usize)| {
        let utterances = (0..*count).map(|place| {
            let id = format!("{number}-{place}");
            let bytes = id.repeat(1 + place * 1000);
            std::fs::write(folder.join(&id), &bytes).unwrap();
            reaching(&id, bytes.len() as u64, None)
        });
        // Numbers need not be those of the order in which parts are begun.
        order(100 - number, folder, utterances.collect())
    };
    parts.iter().enumerate().map(part).collect()
}

fn content(media: &Media) -> Vec<u8> {
    let mut bytes = vec![0; media.len() as usize];
    media.read_exact_at(0, &mut bytes).unwrap();
    bytes
}

#[test]
fn what_was_read_ahead_is_the_recordings_and_most_of_them_are() {
    let folder = tempfile::tempdir().unwrap();
    let orders = files(folder.path(), &[7, 1, 5, 9, 2]);
    for count in [1, 3, 8] {
        let readers = Readers { count, at_once: true };
        let give = |number: usize| orders.get(number).cloned();
        let mut taken = 0;
        Ahead::over(readers, &job(), &give, &Stop::default(), |ahead| {
            for order in &orders {
                for (place, utterance) in order.utterances.iter().enumerate() {
                    // Time enough for them, this once.
                    thread::sleep(Duration::from_millis(2));
                    if let Some(media) = ahead.take(order.number, place) {
                        taken += 1;
                        let path = folder.path().join(&utterance.source);
                        assert!(content(&media) == std::fs::read(path).unwrap());
                        media.check_unchanged().unwrap();
                    }
                }
                ahead.end_part(order.number);
            }
        });
        assert!(taken > 12, "{taken} of 24 with {count}");
    }
}

#[test]
fn without_readers_and_while_reading_is_quick_workers_read_by_themselves() {
    let folder = tempfile::tempdir().unwrap();
    let orders = files(folder.path(), &[4]);
    let give = |number: usize| orders.get(number).cloned();
    for readers in [Readers::default(), Readers { count: 4, at_once: false }] {
        Ahead::over(readers, &job(), &give, &Stop::default(), |ahead| {
            thread::sleep(Duration::from_millis(20));
            assert!((0..4).all(|place| ahead.take(100, place).is_none()));
        });
    }
}

#[test]
fn readers_begin_once_reading_shows_to_be_slow() {
    let folder = tempfile::tempdir().unwrap();
    let orders = files(folder.path(), &[60]);
    let give = |number: usize| orders.get(number).cloned();
    let readers = Readers { count: 2, at_once: false };
    let taken = Ahead::over(readers, &job(), &give, &Stop::default(), |ahead| {
        let mut taken = 0;
        for place in 0..60 {
            thread::sleep(Duration::from_millis(1));
            taken += usize::from(ahead.take(100, place).is_some());
            ahead.hear(Duration::from_millis(5), Duration::from_millis(6));
        }
        taken
    });
    assert!((20..=44).contains(&taken), "{taken} of the 44 after the 16th");
}

#[test]
fn recordings_that_cannot_be_read_are_left_to_the_worker() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("good"), "good").unwrap();
    let missing = reaching("missing", 4, None);
    let member = Held::Member { name: "x".into(), offset: 2, bytes: 900, is_packed: false };
    let behind = reaching("good", 4, Extra::of(None, None, Some(member)));
    let orders = [order(0, folder.path(), vec![missing, behind, reaching("good", 4, None)])];
    let give = |number: usize| orders.get(number).cloned();
    let readers = Readers { count: 1, at_once: true };
    Ahead::over(readers, &job(), &give, &Stop::default(), |ahead| {
        thread::sleep(Duration::from_millis(20));
        assert!(ahead.take(0, 0).is_none() && ahead.take(0, 1).is_none());
        assert!(ahead.take(0, 2).is_some_and(|media| content(&media) == b"good"));
    });
}

#[test]
fn what_comes_for_a_part_that_has_ended_is_dropped() {
    let mut shelf = Shelf::default();
    let orders = [order(3, "".as_ref(), vec![reaching("a", 1, None), reaching("b", 1, None)])];
    let give = |number: usize| orders.get(number).cloned();
    let next = shelf.next(&give, 1 << 20).unwrap();
    assert!(matches!(shelf.take(3, 0), Taken::BeingRead));
    // It has gone on: what comes is dropped with its part.
    shelf.end_part(3);
    shelf.put((3, next.place), Some(holding(b"x")), next.bytes);
    assert!(shelf.next(&give, 1 << 20).is_none(), "the part has ended");
    assert!(matches!(shelf.take(3, 0), Taken::Nothing));
    assert_eq!(shelf.bytes(), 0);
}

#[test]
fn what_takes_more_than_opening_a_file_and_what_is_open_is_not_read_ahead() {
    let extra = |held| Extra::of(None, None, Some(held));
    let packed = Held::Member { name: "x".into(), offset: 2, bytes: 900, is_packed: true };
    let row = Held::Row { row: 3, column: 0, bytes: 900 };
    let span = |start| {
        let span = Span::Samples { start, end: Some(start + 100) };
        Extra::of(Some(span), None, None)
    };
    let utterances = vec![
        reaching("packed", 900, extra(packed)),
        reaching("row", 900, extra(row)),
        reaching("long", WHOLE_BYTES + 1, None),
        reaching("short", 1000, span(0)),
        reaching("short", 1000, span(50)),
        reaching("lost", 1000, None),
        reaching("last", 1000, None),
    ];
    let mut part = order(0, "".as_ref(), utterances);
    part.lost.insert(5, "died".to_owned());
    let give = |number: usize| (number == 0).then(|| part.clone());
    let mut shelf = Shelf::default();
    let mut places = Vec::new();
    while let Some(next) = shelf.next(&give, 1 << 20) {
        places.push(next.place);
    }
    assert_eq!(places, [3, 6]);
}

proptest! {
    /// Readers and workers take turns at random: nothing is read twice or given to another, and the count of bytes
    /// is that of what is there, which stays below the bound.
    #[test]
    fn the_shelf_is_right_whoever_is_faster(
        parts in prop::collection::vec(0_usize..6, 1..6),
        turns in prop::collection::vec(0_u8..4, 0..200),
    ) {
        let orders: Vec<PartOrder> = parts.iter().enumerate().map(|(number, count)| {
            let utterances = (0..*count).map(|place| reaching(&format!("{number}-{place}"), 5000, None));
            order(number, "".as_ref(), utterances.collect())
        }).collect();
        let give = |number: usize| orders.get(number).cloned();
        let bound = 40_000;
        let mut shelf = Shelf::default();
        let mut reading = Vec::new();
        let mut read = std::collections::BTreeSet::new();
        let (mut part, mut place) = (0, 0);
        for turn in turns {
            match turn {
                0 => if let Some(next) = shelf.next(&give, bound) {
                    let at = (next.part.order.number, next.place);
                    prop_assert!(read.insert(at), "{at:?} twice");
                    prop_assert!(at >= (part, place), "{at:?} is behind the worker");
                    reading.push((at, next.bytes));
                },
                1 => if let Some((at, bytes)) = reading.pop() {
                    shelf.put(at, Some(holding(format!("{}-{}", at.0, at.1).as_bytes())), bytes);
                },
                _ if part < orders.len() && place >= parts[part] => {
                    shelf.end_part(part);
                    (part, place) = (part + 1, 0);
                }
                _ if part < orders.len() => {
                    match shelf.take(part, place) {
                        Taken::Recording(media) => {
                            prop_assert_eq!(content(&media), format!("{part}-{place}").into_bytes());
                        }
                        Taken::BeingRead => prop_assert!(reading.iter().any(|(at, _)| *at == (part, place))),
                        Taken::Nothing => {}
                    }
                    place += 1;
                }
                _ => {}
            }
            prop_assert!(shelf.bytes() < bound + 5000);
        }
        for (at, bytes) in reading {
            shelf.put(at, None, bytes);
        }
        (0..orders.len()).for_each(|part| shelf.end_part(part));
        prop_assert_eq!(shelf.bytes(), 0);
    }

    /// Whatever is read in whatever order, a streamed recording's bytes are the recording's.
    #[test]
    fn a_streamed_recording_is_the_recording(
        reads in prop::collection::vec((0_u64..3 * (1 << 20), 1_usize..400_000, 0_usize..6), 1..20),
    ) {
        let bytes: Vec<u8> = (0..3_u32 << 20).map(|i| (i ^ (i >> 11)) as u8).collect();
        let source = Media::of_source(Arc::new(Sparing(Media::bytes(bytes.clone()))));
        let readers = Readers { count: 2, at_once: true };
        Ahead::over(readers, &job(), &|_| None, &Stop::default(), |ahead| {
            // Of its own making, since it is not long enough for the other.
            let Some(shared) = &ahead.0 else { panic!("there are readers") };
            let media = Media::of_source(Arc::new(Streamed::new(source, Arc::<Shared>::clone(shared))));
            for (offset, length, times) in reads {
                let mut at = offset as usize;
                for _ in 0..=times {
                    let end = bytes.len().min(at + length);
                    let mut found = vec![0; end.saturating_sub(at)];
                    media.read_exact_at(at as u64, &mut found).unwrap();
                    assert!(found == bytes[at..end]);
                    at = end;
                }
            }
        });
    }
}

/// A source that gives less than it is asked for.
#[derive(Debug)]
struct Sparing(Media);

impl ByteSource for Sparing {
    fn stamp(&self) -> Stamp {
        self.0.stamp()
    }

    fn read_at(&self, offset: u64, buffer: &mut [u8]) -> Result<usize, Error> {
        let most = buffer.len().min(100_000);
        self.0.read_at(offset, &mut buffer[..most])
    }

    fn check_unchanged(&self) -> Result<(), Error> {
        self.0.check_unchanged()
    }
}
