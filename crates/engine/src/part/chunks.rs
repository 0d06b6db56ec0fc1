//! The places of utterances' rows in a part's file.

use super::{PartArray, num_grids};

/// Consecutive rows of an utterance in an array.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Chunk {
    /// The utterance, by its place among the good ones.
    pub(crate) utterance: u32,
    /// The array, by its place.
    pub(crate) array: u32,
    pub(crate) first_row: u64,
    pub(crate) num_rows: u64,
}

/// The bytes that a chunk takes in the table.
pub(crate) const CHUNK_BYTES: usize = 4 + 4 + 8 + 8;

impl Chunk {
    /// Writes it as it stands in the table, little-endian.
    pub(crate) fn to_bytes(self) -> [u8; CHUNK_BYTES] {
        let mut bytes = [0; CHUNK_BYTES];
        bytes[..4].copy_from_slice(&self.utterance.to_le_bytes());
        bytes[4..8].copy_from_slice(&self.array.to_le_bytes());
        bytes[8..16].copy_from_slice(&self.first_row.to_le_bytes());
        bytes[16..].copy_from_slice(&self.num_rows.to_le_bytes());
        bytes
    }

    /// Reads it as it stands in the table.
    fn of_bytes(bytes: &[u8; CHUNK_BYTES]) -> Chunk {
        let u32_at = |at: usize| bytes[at..].first_chunk().map_or(0, |&b| u32::from_le_bytes(b));
        let u64_at = |at: usize| bytes[at..].first_chunk().map_or(0, |&b| u64::from_le_bytes(b));
        Chunk { utterance: u32_at(0), array: u32_at(4), first_row: u64_at(8), num_rows: u64_at(16) }
    }

    /// Returns the key that chunks are sorted and found by.
    fn place(&self) -> (u32, u32, u64) {
        (self.utterance, self.array, self.first_row)
    }
}

/// A chunk with its place in the file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct PlacedChunk {
    pub(crate) chunk: Chunk,
    pub(crate) offset: u64,
}

/// The chunks of a part, in order of utterance, array and row.
#[derive(Debug, Default)]
pub(crate) struct Chunks(Vec<PlacedChunk>);

impl Chunks {
    /// Reads the table of a part that is asked for these numbers of rows. None if it says anything but
    /// where each of these rows lies, once, in `bytes` bytes.
    ///
    /// - `rows`: for each grid, the rows of each good utterance
    pub(crate) fn of_table(
        table: &[u8],
        arrays: &[PartArray],
        rows: &[Vec<u64>],
        bytes: u64,
    ) -> Option<Chunks> {
        if rows.len() != num_grids(arrays) {
            return None;
        }
        let (table, rest) = table.as_chunks();
        if !rest.is_empty() {
            return None;
        }
        // Chunks lie one behind the other, in the order of the table.
        let mut offset = 0_u64;
        let mut chunks = Vec::with_capacity(table.len());
        for chunk in table.iter().map(Chunk::of_bytes) {
            chunks.push(PlacedChunk { chunk, offset });
            let row_bytes = arrays.get(chunk.array as usize)?.row_bytes;
            offset = offset.checked_add(chunk.num_rows.checked_mul(row_bytes)?)?;
        }
        if offset != bytes {
            return None;
        }
        // They were written as rows came, arrays in turns; they are found by utterance, array and row.
        chunks.sort_unstable_by_key(|placed| placed.chunk.place());
        let mut found = chunks.iter().map(|placed| placed.chunk).peekable();
        for utterance in 0..rows.first().map_or(0, Vec::len) {
            for (number, array) in arrays.iter().enumerate() {
                let mut next_row = 0_u64;
                while let Some(chunk) = found.next_if(|chunk| {
                    (chunk.utterance as usize, chunk.array as usize) == (utterance, number)
                }) {
                    if chunk.first_row != next_row || chunk.num_rows == 0 {
                        return None;
                    }
                    next_row = next_row.checked_add(chunk.num_rows)?;
                }
                if rows[array.grid].get(utterance) != Some(&next_row) {
                    return None;
                }
            }
        }
        found.next().is_none().then_some(Chunks(chunks))
    }

    /// Returns the chunk that a row is in.
    pub(crate) fn find(&self, utterance: usize, array: usize, row: u64) -> Option<PlacedChunk> {
        let key = (u32::try_from(utterance).ok()?, u32::try_from(array).ok()?, row);
        let behind = self.0.partition_point(|placed| placed.chunk.place() <= key);
        let placed = *self.0.get(behind.checked_sub(1)?)?;
        let chunk = placed.chunk;
        let is_in = (chunk.utterance, chunk.array) == (key.0, key.1)
            && row < chunk.first_row + chunk.num_rows;
        is_in.then_some(placed)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const ARRAYS: [PartArray; 3] = [
        PartArray { row_bytes: 8, grid: 0, wide_columns: 2 },
        PartArray { row_bytes: 2, grid: 0, wide_columns: 0 },
        PartArray { row_bytes: 16, grid: 1, wide_columns: 0 },
    ];

    fn table(chunks: &[Chunk]) -> Vec<u8> {
        chunks.iter().flat_map(|chunk| chunk.to_bytes()).collect()
    }

    fn bytes(chunks: &[Chunk]) -> u64 {
        chunks.iter().map(|chunk| ARRAYS[chunk.array as usize].row_bytes * chunk.num_rows).sum()
    }

    /// Chunks of utterances whose rows come `step` at a time, arrays in turns.
    fn interleaved(rows: &[Vec<u64>], step: u64) -> Vec<Chunk> {
        let mut chunks = Vec::new();
        for utterance in 0..rows[0].len() {
            let longest = rows.iter().map(|grid| grid[utterance]).max().unwrap();
            for first_row in (0..longest).step_by(step as usize) {
                for (array, of_array) in ARRAYS.iter().enumerate() {
                    let num_rows = rows[of_array.grid][utterance].saturating_sub(first_row);
                    let num_rows = num_rows.min(step);
                    if num_rows > 0 {
                        let (utterance, array) = (utterance as u32, array as u32);
                        chunks.push(Chunk { utterance, array, first_row, num_rows });
                    }
                }
            }
        }
        chunks
    }

    proptest! {
        #[test]
        fn every_row_is_found_where_it_was_put(
            utterances in prop::collection::vec((1_u64..20, 0_u64..9), 0..6), step in 1_u64..25,
        ) {
            let (frames, events): (Vec<u64>, Vec<u64>) = utterances.into_iter().unzip();
            let rows = vec![frames, events];
            let chunks = interleaved(&rows, step);
            let read = Chunks::of_table(&table(&chunks), &ARRAYS, &rows, bytes(&chunks)).unwrap();
            let mut offset = 0;
            for chunk in chunks {
                let (utterance, array) = (chunk.utterance as usize, chunk.array as usize);
                for row in chunk.first_row..chunk.first_row + chunk.num_rows {
                    let found = read.find(utterance, array, row).unwrap();
                    prop_assert_eq!(found, PlacedChunk { chunk, offset });
                }
                offset += chunk.num_rows * ARRAYS[array].row_bytes;
                let end = rows[ARRAYS[array].grid][utterance];
                prop_assert_eq!(read.find(utterance, array, end), None);
            }
        }

        #[test]
        fn a_table_that_says_anything_else_is_none(
            change in prop::sample::Index::arbitrary(), number in prop_oneof![Just(0), 1_u64..4, Just(u64::MAX)], field in 0..4,
        ) {
            let rows = vec![vec![7, 3], vec![2, 0]];
            let mut chunks = interleaved(&rows, 4);
            let good = chunks.clone();
            let at = change.index(chunks.len());
            let chunk = &mut chunks[at];
            match field {
                0 => chunk.utterance = number as u32,
                1 => chunk.array = number as u32,
                2 => chunk.first_row = number,
                _ => chunk.num_rows = number,
            }
            prop_assume!(chunks != good);
            let read = Chunks::of_table(&table(&chunks), &ARRAYS, &rows, bytes(&good));
            prop_assert!(read.is_none());
        }
    }

    #[test]
    fn a_table_that_is_cut_or_counts_other_rows_is_none() {
        let rows = vec![vec![7, 3], vec![2, 0]];
        let chunks = interleaved(&rows, 4);
        let (text, size) = (table(&chunks), bytes(&chunks));
        assert!(Chunks::of_table(&text, &ARRAYS, &rows, size).is_some());
        assert!(Chunks::of_table(&text[1..], &ARRAYS, &rows, size).is_none());
        assert!(Chunks::of_table(&text, &ARRAYS, &rows, size + 1).is_none());
        assert!(Chunks::of_table(&text, &ARRAYS, &rows[..1], size).is_none());
        let others = vec![vec![7, 3, 0], vec![2, 0, 1]];
        assert!(Chunks::of_table(&text, &ARRAYS, &others, size).is_none());
    }
}
