//! Regions in any order, of rows that say whose they are.

use super::{EVENTS, array, first_rows};
use crate::{
    DatasetLayout, Dtype, Error, FRAMES, MemoryStore, Npy, NpyHeader, REGION_BYTES, RegionOrder,
    Regions, RowSource, RowsWanted, SplitLayout, Store, merge_regions, read_whole,
};

/// Rows whose bytes say whose they are.
struct Counting<'a> {
    layout: &'a DatasetLayout,
    /// The bytes that were asked for.
    asked: u64,
    /// The number of the call that fails.
    fails_at: Option<usize>,
    calls: usize,
}

impl Counting<'_> {
    fn row(&self, split: usize, array: usize, utterance: usize, row: u64) -> Vec<u8> {
        let row_bytes = self.layout.arrays[array].row_bytes();
        let number = row * 31 + (utterance * 7 + array * 5 + split * 3) as u64;
        (0..row_bytes).map(|byte| (number + byte * 13) as u8).collect()
    }
}

/// The error of a source of rows, or of the store.
#[derive(Debug)]
enum Wrong {
    Store(Error),
    Row,
}

impl From<Error> for Wrong {
    fn from(error: Error) -> Wrong {
        Wrong::Store(error)
    }
}

impl RowSource for Counting<'_> {
    type Error = Wrong;

    fn append(&mut self, wanted: &RowsWanted, out: &mut Vec<u8>) -> Result<(), Wrong> {
        let RowsWanted { split, array, utterance, ref rows } = *wanted;
        let grid = self.layout.arrays[array].grid;
        let own = self.layout.splits[split].rows(grid, &(utterance..utterance + 1));
        assert!(rows.start < rows.end && rows.end <= own.end - own.start, "{wanted:?} of {own:?}");
        if self.fails_at == Some(self.calls) {
            return Err(Wrong::Row);
        }
        self.calls += 1;
        let before = out.len();
        out.extend(rows.clone().flat_map(|row| self.row(split, array, utterance, row)));
        self.asked += (out.len() - before) as u64;
        Ok(())
    }
}

/// Files of none, one and three regions, whose rows do not end where regions do.
fn large() -> DatasetLayout {
    let arrays = vec![
        array("f", Dtype::Float32, 1001, FRAMES),
        array("l", Dtype::Int16, 0, FRAMES),
        array("e", Dtype::Event, 0, EVENTS),
    ];
    let of = |name, frames: &[u64], events: &[u64]| {
        SplitLayout::new(name, vec![first_rows(frames), first_rows(events)], &[4004], 10_000_000)
    };
    // The second utterance of the second shard has no frame, and the last is longer than a region.
    let splits = vec![
        of("a", &[1000, 47, 1, 1400, 1500, 0, 900], &[3, 0, 9, 300_000, 5, 6, 7]),
        of("b", &[], &[]),
    ];
    DatasetLayout::new(arrays, splits, &Npy, REGION_BYTES)
}

/// A file made whole.
fn whole(layout: &DatasetLayout, number: usize) -> Vec<u8> {
    let file = &layout.files[number];
    let (array, split) = (&layout.arrays[file.array], &layout.splits[file.split]);
    let files_before = layout.files[..number].iter();
    let same = files_before.filter(|other| (other.split, other.array) == (file.split, file.array));
    let shard = split.shards[same.count()].utterances.clone();
    let source = Counting { layout, asked: 0, fails_at: None, calls: 0 };
    let mut bytes = Vec::new();
    let mut rows = 0;
    for utterance in shard {
        let own = split.rows(array.grid, &(utterance..utterance + 1));
        for row in 0..own.end - own.start {
            bytes.extend(source.row(file.split, file.array, utterance, row));
            rows += 1;
        }
    }
    let mut shape = vec![rows];
    shape.extend((array.columns > 0).then_some(array.columns as u64));
    [NpyHeader { dtype: array.dtype, shape }.to_bytes(), bytes].concat()
}

#[test]
fn regions_written_in_any_order_are_the_file_and_its_hash() {
    let layout = large();
    let store = MemoryStore::default();
    for file in &layout.files {
        store.regions(&format!("stage/{}", file.path), file.bytes).unwrap();
    }
    let mut orders: Vec<RegionOrder> = layout.regions().collect();
    let most = orders.iter().map(|order| order.region).max();
    assert!(most >= Some(2) && orders.len() > layout.files.len() + 4, "{orders:?}");
    // Files in turns, and their regions backwards.
    orders.sort_by_key(|order| (std::cmp::Reverse(order.region), order.file % 3, order.file));
    let mut source = Counting { layout: &layout, asked: 0, fails_at: None, calls: 0 };
    let mut regions = Regions::new(&layout, &store, "stage/");
    let mut hashes = vec![Vec::new(); layout.files.len()];
    for &order in &orders {
        let hash = regions.write(order, &mut source).unwrap();
        hashes[order.file].insert(0, hash);
    }
    drop(regions);
    assert_eq!((store.num_open(), store.most_open()), (0, 1));
    for (number, file) in layout.files.iter().enumerate() {
        let found = read_whole(&store, &format!("stage/{}", file.path)).unwrap();
        assert!(found == whole(&layout, number), "{}", file.path);
        let hash = blake3::hash(&found).to_hex();
        assert_eq!(merge_regions(&hashes[number]), hash.as_str(), "{}", file.path);
    }
    // A row that two regions share is asked for twice, and nothing else.
    let data = layout.files.iter().enumerate().map(|(number, file)| {
        let (found, array) = (file.bytes, &layout.arrays[file.array]);
        let borders = found.div_ceil(REGION_BYTES as u64) - 1;
        let header = array.dtype.header_bytes() as u64;
        let shared = (1..=borders).filter(|border| {
            !(border * REGION_BYTES as u64 - header).is_multiple_of(array.row_bytes())
        });
        assert_eq!(whole(&layout, number).len() as u64, found);
        found - header + shared.count() as u64 * array.row_bytes()
    });
    assert_eq!(source.asked, data.sum::<u64>());
}

#[test]
fn what_goes_wrong_with_rows_or_the_store_is_returned_and_the_worker_can_go_on() {
    let layout = large();
    let store = MemoryStore::default();
    let mut source = Counting { layout: &layout, asked: 0, fails_at: Some(0), calls: 0 };
    let mut regions = Regions::new(&layout, &store, "");
    let order = RegionOrder { file: 0, region: 1 };
    assert!(matches!(regions.write(order, &mut source), Err(Wrong::Row)));
    source.fails_at = None;
    // The file was never created.
    let Err(Wrong::Store(error)) = regions.write(order, &mut source) else { panic!("no error") };
    assert!(error.is_not_found());
    let file = &layout.files[0];
    store.regions(&file.path, file.bytes).unwrap();
    regions.write(order, &mut source).unwrap();
    drop(regions);
    let found = read_whole(&store, &file.path).unwrap();
    let (begin, end) = (REGION_BYTES, (2 * REGION_BYTES).min(found.len()));
    assert!(found[begin..end] == whole(&layout, 0)[begin..end]);
}
