//! The places of all rows, and of the pieces of files.

use std::ops::Range;

use proptest::prelude::*;

use super::{EVENTS, array, first_rows};
use crate::{
    DatasetLayout, Dtype, FRAMES, Format, HashingSpool, MemoryStore, Npy, NpyHeader, Piece, Put,
    REGION_BYTES, SplitLayout, Store, read_whole,
};

/// A split of utterances of so many frames and events.
fn split(name: &str, frames: &[u64], events: &[u64], shard_bytes: u64) -> SplitLayout {
    SplitLayout::new(name, vec![first_rows(frames), first_rows(events)], &[8], shard_bytes)
}

/// Numbers of frames and events of some utterances. None of either is possible.
fn utterances() -> impl Strategy<Value = (Vec<u64>, Vec<u64>)> {
    prop::collection::vec((0_u64..6, 0_u64..4), 0..9).prop_map(|all| all.into_iter().unzip())
}

/// The rows of an utterance, and where they begin.
type PlacedRows = (u64, usize, u64);

/// Everything behind the header of a file.
fn listed(counts: &[u64], shard: Range<usize>, header: u64, row_bytes: u64) -> Vec<PlacedRows> {
    let mut begin = header;
    let mut pieces = Vec::new();
    for utterance in shard {
        pieces.push((begin, utterance, counts[utterance]));
        begin += counts[utterance] * row_bytes;
    }
    pieces
}

proptest! {
    #[test]
    fn the_piece_of_every_byte_is_the_one_that_a_list_has(
        (frames, events) in utterances(), from: prop::sample::Index, to: prop::sample::Index,
    ) {
        let (from, to) = (from.index(frames.len() + 1), to.index(frames.len() + 1));
        let shard = from.min(to)..from.max(to);
        let split = split("a", &frames, &events, 1 << 20);
        for (array, counts, header) in [
            (array("f", Dtype::Float32, 3, FRAMES), &frames, 128),
            (array("l", Dtype::Int16, 0, FRAMES), &frames, 128),
            (array("e", Dtype::Event, 0, EVENTS), &events, 192),
        ] {
            let row_bytes = array.row_bytes();
            let file = Npy.lay_out(&array, &split, shard.clone());
            let pieces = listed(counts, shard.clone(), header, row_bytes);
            let rows = counts[shard.clone()].iter().sum::<u64>();
            prop_assert_eq!(file.bytes(), header + rows * row_bytes);
            for offset in 0..file.bytes() {
                let found = file.piece_at(offset, &split);
                if offset < header {
                    let mut shape = vec![rows];
                    shape.extend((array.columns > 0).then_some(array.columns as u64));
                    let expected = NpyHeader { dtype: array.dtype, shape }.to_bytes();
                    prop_assert_eq!((found.begin, found.piece), (0, Piece::Bytes(&expected)));
                    continue;
                }
                let is_in = |&&(begin, _, rows): &&PlacedRows| {
                    (begin..begin + rows * row_bytes).contains(&offset)
                };
                let &(begin, utterance, rows) = pieces.iter().find(is_in).unwrap();
                let expected = Piece::Rows { utterance, rows: 0..rows };
                prop_assert_eq!((found.begin, found.piece), (begin, expected));
            }
        }
    }

    #[test]
    fn a_split_knows_where_its_utterances_lie(
        (frames, events) in utterances(), most in 128_u64..250,
    ) {
        let split = split("a", &frames, &events, most);
        prop_assert_eq!(split.utterances(), frames.len());
        for (grid, counts) in [(FRAMES, &frames), (EVENTS, &events)] {
            for begin in 0..=counts.len() {
                for end in begin..=counts.len() {
                    let before = counts[..begin].iter().sum::<u64>();
                    let own = counts[begin..end].iter().sum::<u64>();
                    prop_assert_eq!(split.rows(grid, &(begin..end)), before..before + own);
                }
            }
            // In their shards: from 0 again in each.
            let places = split.shards.iter().flat_map(|shard| {
                let counts = &counts[shard.utterances.clone()];
                (0..counts.len()).map(|place| (counts[..place].iter().sum(), counts[place]))
            });
            prop_assert_eq!(split.places(grid).collect::<Vec<_>>(), places.collect::<Vec<_>>());
        }
        let num_frames = (0..frames.len()).map(|utterance| split.num_frames(utterance));
        prop_assert_eq!(num_frames.collect::<Vec<_>>(), frames);
    }

    #[test]
    fn an_index_says_shard_first_frame_and_number_of_frames(
        (frames, events) in utterances(), most in 128_u64..250,
    ) {
        let split = split("a", &frames, &events, most);
        let store = MemoryStore::default();
        let mut file = HashingSpool::new(store.spool("index.npy").unwrap());
        split.write_index(FRAMES, &mut file).unwrap();
        let (draft, ..) = file.finish(false).unwrap();
        store.put(draft, "index.npy", Put::Always).unwrap();
        let bytes = read_whole(&store, "index.npy").unwrap();
        let (header, begin) = NpyHeader::parse(&bytes).unwrap();
        let shape = vec![frames.len() as u64, 3];
        prop_assert_eq!(header, NpyHeader { dtype: Dtype::Int64, shape });
        let numbers = bytes[begin..].as_chunks().0.iter().map(|&bytes| u64::from_le_bytes(bytes));
        let numbers: Vec<u64> = numbers.collect();
        let mut expected = Vec::new();
        for (shard, of_shard) in split.shards.iter().enumerate() {
            for utterance in of_shard.utterances.clone() {
                let first = frames[of_shard.utterances.start..utterance].iter().sum();
                expected.extend([shard as u64, first, frames[utterance]]);
            }
        }
        prop_assert_eq!(numbers, expected);
    }
}

#[test]
#[should_panic(expected = "there is no byte")]
fn there_is_no_piece_behind_the_end() {
    let split = split("a", &[2], &[0], 1 << 20);
    let file = Npy.lay_out(&array("l", Dtype::Int16, 0, FRAMES), &split, 0..1);
    file.piece_at(file.bytes(), &split);
}

#[test]
#[should_panic(expected = "grids differ")]
fn grids_have_as_many_utterances() {
    SplitLayout::new("a", vec![vec![0, 1], vec![0]], &[4], 1 << 20);
}

#[test]
fn a_dataset_has_a_file_for_each_split_array_and_shard() {
    let arrays = vec![array("f", Dtype::Float32, 2, FRAMES), array("e", Dtype::Event, 0, EVENTS)];
    let splits = vec![split("a", &[5, 6, 7], &[1, 0, 2], 128 + 8 * 11), split("b", &[], &[], 200)];
    let layout = DatasetLayout::new(arrays, splits, &Npy, REGION_BYTES);
    let files = layout.files.iter().map(|file| (&*file.path, file.split, file.array, file.bytes));
    let expected = [
        ("a/f-00000.npy", 0, 0, 128 + 8 * 11),
        ("a/f-00001.npy", 0, 0, 128 + 8 * 7),
        ("a/e-00000.npy", 0, 1, 192 + 16),
        ("a/e-00001.npy", 0, 1, 192 + 32),
        ("b/f-00000.npy", 1, 0, 128),
        ("b/e-00000.npy", 1, 1, 192),
    ];
    assert_eq!(files.collect::<Vec<_>>(), expected);
    assert_eq!(layout.bytes(), expected.map(|file| file.3).iter().sum::<u64>());
    let regions: Vec<_> = layout.regions().map(|order| (order.file, order.region)).collect();
    assert_eq!(regions, [0, 1, 2, 3, 4, 5].map(|file| (file, 0)));
}
