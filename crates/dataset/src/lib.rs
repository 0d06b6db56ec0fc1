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
//!   sources.jsonl                what each utterance's files looked like; not checked
//! ```
//!
//! Rows are in bytewise order of utterance id. A *shard* is one `.npy` file; it holds whole
//! utterances. The card names every file with its size and BLAKE3, so that [`verify()`] finds a
//! single flipped bit.
//!
//! Who writes: a producer takes the folder's [`Lock`] and fills `.ossicle/stage/` inside it by a
//! [`Store`], region by region in any order ([`Regions`], from rows that a [`RowSource`] has) or front to
//! back ([`HashingSpool`]). It puts the card there last ([`stage_card`]) and calls [`publish()`], which
//! only ever rolls forward.
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
mod cached;
mod card;
mod card_text;
mod error;
mod format;
mod index;
mod jsonl;
mod lock;
mod open;
mod out_of_place;
mod own;
mod place;
mod possible;
mod publish;
mod store;
mod verify;
mod write;

pub use arrays::{read_events, read_labels, read_rows, read_wide_labels};
pub use cached::{Damage, local_copy};
pub use card::{
    Array, Card, CorpusCard, Dataset, FORMAT, FORMAT_OF_GRIDS, FileCard, FrameCard, IgnoredCard,
    LeftOutCard, Normalization, SplitCard, Unit, published_card,
};
pub use error::Error;
pub use format::events::event_rows;
pub use format::matrices::{Matrix, MatrixFile, MatrixFormat};
pub use format::names::{
    CARD_FILE, FAILURES_FILE, FOLDER_DIGITS, INDEX_FILE, JOB_FILE, KEPT_DIR, KEPT_FILE, PARTS_DIR,
    RUN_FILE, SOURCES_FILE, STAGE_DIR, UTTERANCES_FILE, WORK_DIR, index_file, is_litter,
    shard_file,
};
pub use format::npy::{Dtype, NPY_HEADER_BYTES, NpyHeader};
pub use format::npy_file::Npy;
pub use format::rows::{FailureRow, Intervals, Levels, SourceRow, Stage, Truncation, UtteranceRow};
pub use format::{Format, Located, Piece, Pieces};
pub use index::{IndexReader, IndexRow};
pub use jsonl::{FailureRows, Rows, UtteranceRows, line_at};
pub use lock::Lock;
pub use own::{require_own, require_owned};
pub use place::{Place, finish_publication, require_conditions};
pub use publish::{is_publishing, publish, remove_work, stage_card, staged_card};
pub use store::{
    Draft, HashingSpool, LocalStore, Mark, MemoryStore, ObjectStore, Opening, Put, ReadAt,
    RegionWriter, Spool, Stat, Store, hash_whole, read_whole, remove_drafts, write_whole,
};
pub use verify::{Finding, Verification, VerifyStage, verify};
pub use write::hash::{REGION_BYTES, RegionHash, merge_regions};
pub use write::layout::{ArrayFile, DatasetLayout, RegionOrder};
pub use write::lists::append_line;
pub use write::regions::{Regions, RowSource, RowsWanted};
pub use write::shards::Shard;
pub use write::split::{ArrayLayout, FRAMES, SplitLayout};
