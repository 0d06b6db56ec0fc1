//! Turns a corpus on disk into an ordered list of utterances.
//!
//! A [`CorpusSource`] says where the corpus is, in the words of a command line. [`discover()`]
//! looks there and finds out what it is (a TIMIT tree, a folder of recordings, a list of paths) and
//! returns a [`Corpus`]: its [`Split`]s, and in each the [`Utterance`]s in bytewise order of id,
//! whatever order the file system names its files in. No recording is decoded, and only files whose
//! names do not say what they are are looked into: a file that is
//! missing, a pipe or a directory stays in the list with size 0, so that whoever opens it can
//! report it as the one bad file that it is.
//!
//! Where the recipe asks for labels, each utterance also names its alignment. [`read_alignment`] reads
//! that file, whatever its format, [`Alignment::intervals`] makes [`Interval`]s of a tier of it, a
//! [`LabelMap`] gives each label its class, and [`labels_of_frames`] lays the classes on the frame grid.
//!
//! ```
//! use ossicle_corpus::{CorpusSource, DiscoverOptions, discover};
//!
//! # let folder = tempfile::tempdir()?;
//! # let folder = folder.path();
//! std::fs::create_dir(folder.join("mary"))?;
//! std::fs::write(folder.join("mary/hello.wav"), b"RIFF")?;
//! std::fs::write(folder.join("mary/hello.txt"), b"not a recording")?;
//!
//! let source = CorpusSource::parse(&[folder.into()], &mut std::io::empty())?;
//! let corpus = discover(&source, &DiscoverOptions::default())?;
//!
//! assert_eq!(corpus.kind.to_string(), "folder");
//! assert_eq!(corpus.splits[0].name, "all");
//! assert_eq!(&*corpus.splits[0].utterances[0].id, "mary/hello");
//! assert_eq!(corpus.ignored.to_string(), "1 .txt");
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

mod alignment_source;
mod alignments_from;
mod archives;
mod braces;
mod column_names;
mod common_folder;
mod corpus;
mod corpus_source;
mod described;
mod discover;
mod error;
mod error_phrases;
mod extra;
mod foreign_kind;
mod format;
mod formats;
mod found;
mod from_back;
mod globs;
mod held;
mod ignored;
mod labels;
mod left_out;
mod lines;
mod look_alike;
mod master;
mod names;
mod options;
mod overlap;
pub mod paths;
mod readable;
mod readers;
mod recording;
mod segments_from;
mod select;
mod selection;
mod several;
mod span;
mod tiers_sought;
mod unknown;
mod utterance;
mod walk;

// Whoever prints an utterance's path spells it as its id is spelled.
pub use ossicle_files::printable;

#[cfg(feature = "arrow")]
pub use crate::archives::ParquetError;
pub use crate::{
    alignment_source::{
        AlignmentMember, AlignmentPart, AlignmentPath, AlignmentSource, Lines, Members,
    },
    archives::{Archives, HeldBytes, HeldError},
    column_names::ColumnNames,
    corpus::{Corpus, CorpusKind, Split},
    corpus_source::CorpusSource,
    discover::discover,
    error::Error,
    extra::{Column, ColumnError, Columns, Extra},
    foreign_kind::ForeignKind,
    format::CorpusFormat,
    formats::Formats,
    held::Held,
    ignored::{Ignored, IgnoredKind},
    labels::{
        Alignment, AlignmentError, AlignmentFormat, FrameGrid, IGNORE, Interval, LabelAt,
        LabelError, LabelMap, LabelOverlap, Mark, Of, Pattern, Tier, TimeScale, TimeUnit,
        interval_classes, labels_of_frames, parse_alignment, read_alignment,
    },
    left_out::{LeftOut, Reason},
    look_alike::{LookAlikes, look_alikes},
    options::DiscoverOptions,
    overlap::{Overlap, overlap},
    recording::{Sought, StandIns},
    select::{PathPattern, SelectionError, SpeakerFrom, SplitShares},
    selection::Selection,
    span::Span,
    utterance::Utterance,
};
