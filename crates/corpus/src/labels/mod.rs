//! Alignments, the classes of their labels, and the frames that they label.

mod grid;
mod map;
mod phn;

pub use self::{
    grid::{FrameGrid, LabelAt, LabelError, interval_classes, labels_of_frames},
    map::{IGNORE, LabelMap},
    phn::{AlignmentError, Interval, parse_phn, read_phn},
};
