//! Writes and reads back a dataset: features, labels, index, card and ledger.
//!
//! A dataset is a folder that NumPy reads without ossicle:
//!
//! ```text
//! DATASET/
//!   dataset.json                 the card, written last: a dataset is complete when it is there
//!   train/features-00000.npy     (frames, columns) float32, C order
//!   train/labels-00000.npy       (frames,) int16, -1 = ignore; absent without alignments
//!   train/index.npy              (utterances, 3) int64: shard, first_frame, num_frames
//!   train/utterances.jsonl       a row an utterance
//!   valid/…, test/…              a folder a split
//!   failures.jsonl               the ledger: a row an utterance that is not in the dataset
//!   run.json                     what varies from run to run; not checked
//! ```
//!
//! Rows are in bytewise order of utterance id. A *shard* is one `.npy` file; it holds whole
//! utterances. The card names every file with its size and BLAKE3, so that [`verify()`] finds a
//! single flipped bit.
//!
//! Who writes: a producer fills `.ossicle/stage/` inside the folder, region by region in any order
//! ([`hash_region`], [`merge_regions`]) or front to back ([`HashingFile`]), puts the card there
//! last ([`stage_card`]) and calls [`publish()`], which only ever rolls forward.
//!
//! Who reads: [`Dataset::open`] gives the card; [`Dataset::index`] and [`Dataset::utterances`] go
//! through a split in order, one utterance in memory at a time; [`read_rows`] and [`read_labels`]
//! read an utterance's rows out of the shard that [`Dataset::shard_path`] names.
//!
//! ```
//! use ossicle_dataset::{Dtype, NpyHeader};
//!
//! let header = NpyHeader { dtype: Dtype::Float32, shape: vec![98, 120] };
//! let bytes = header.to_bytes();
//! assert_eq!(bytes.len(), 128);
//! assert_eq!(NpyHeader::parse(&bytes)?, (header, 128));
//! # Ok::<(), ossicle_dataset::Error>(())
//! ```
//!
//! What a recipe means is not known here: the card carries it as a JSON value.

mod arrays;
mod card;
mod error;
mod hash;
mod index;
mod jsonl;
mod layout;
mod npy;
mod open;
mod publish;
mod rows;
mod verify;

pub use arrays::{read_labels, read_rows};
pub use card::{
    Array, CARD_FILE, Card, CorpusCard, Dataset, FORMAT, FileCard, FrameCard, Normalization,
    SplitCard, Unit,
};
pub use error::Error;
pub use hash::{HashingFile, Mark, REGION_BYTES, RegionHash, close, hash_region, merge_regions};
pub use index::{IndexReader, IndexRow};
pub use jsonl::{FailureRows, Rows, UtteranceRows};
pub use layout::{
    FAILURES_FILE, INDEX_FILE, RUN_FILE, Shard, UTTERANCES_FILE, cut_shards, shard_file,
};
pub use npy::{Dtype, NPY_HEADER_BYTES, NpyHeader};
pub use publish::{
    LOCK_FILE, STAGE_DIR, WORK_DIR, is_publishing, publish, remove_work, stage_card, sync_dir,
};
pub use rows::{FailureRow, Intervals, Stage, UtteranceRow};
pub use verify::{Finding, Verification, VerifyStage, verify};
