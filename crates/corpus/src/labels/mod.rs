//! Alignments, the classes of their labels, and the frames that they label.
//!
//! An [`Alignment`] is what a file says, whatever its format; there is a file a format, and
//! `alignment_format` tells them apart. `interval` makes of a tier intervals of samples, `map` gives their
//! labels classes, and `grid` lays these on frames.

mod alignment;
mod alignment_error;
mod alignment_format;
mod alignment_text;
mod audacity;
mod csv;
mod ctm;
mod elan;
mod grid;
mod htk;
mod interval;
mod map;
mod pattern;
mod textgrid;
mod time_scale;
mod time_unit;
mod timit;
mod xlabel;

pub use self::{
    alignment::{Alignment, Mark, Tier},
    alignment_error::AlignmentError,
    alignment_format::{AlignmentFormat, Of, parse_alignment, read_alignment},
    grid::{FrameGrid, LabelAt, LabelError, interval_classes, labels_of_frames},
    interval::{Interval, LabelOverlap},
    map::{IGNORE, LabelMap},
    pattern::Pattern,
    time_scale::TimeScale,
    time_unit::TimeUnit,
};
pub(crate) use self::{
    alignment_format::{
        MAX_FILE_BYTES, begins_like_an_alignment, head_of, tier_of_extension, with_labels,
    },
    csv::CsvColumns,
    htk::{MASTER_HEAD, master_name},
};
