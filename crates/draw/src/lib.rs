//! Draws figures: a picture is a value first, then text of SVG, then pixels.
//!
//! A [`Figure`] is a page of [`Panel`]s, one below the other, whose horizontal axes line up. A panel has two
//! [`Axis`]es and [`Mark`]s: heat maps, envelopes of waveforms, dots, lines, bars, bands, strips of labels. Places
//! are in the units of the axes; what is on the page, in pixels, is this crate's alone.
//!
//! ```
//! use ossicle_draw::{Axis, Figure, Line, Mark, Panel, Theme};
//!
//! let points = vec![(1.0, 1.0), (2.0, 1.9), (4.0, 3.65)];
//! let line = Line::new("threads", points);
//! let panel = Panel::new(Axis::new("workers", 1.0, 4.0), Axis::new("speed-up", 0.0, 4.0))
//!     .with(Mark::Line(line));
//! let svg = Figure::new("Speed").with(panel).to_svg(Theme::Light);
//! assert!(svg.starts_with("<svg "));
//! # #[cfg(feature = "png")]
//! assert_eq!(&ossicle_draw::to_png(&svg)?[1..4], b"PNG");
//! # Ok::<(), ossicle_draw::Error>(())
//! ```
//!
//! What is long is made short while it comes: a [`Grid`] takes any number of rows, and an [`Envelope`] any number of
//! samples, and both keep what a page can show.
//!
//! The same figure gives the same bytes, everywhere: there is no clock, no random number and no font but the one in
//! `font/`. Text is escaped here; whoever has text from a file makes control characters visible before.

mod axis;
mod blocks;
mod color_map;
mod dots;
mod envelope;
mod error;
mod field;
mod figure;
mod grid;
mod heat_map;
mod lines;
mod mark;
mod number;
mod panel;
mod pixels;
#[cfg(feature = "png")]
mod raster;
mod strip;
mod svg;
mod text;
mod theme;

pub use axis::{Axis, Ticks};
pub use blocks::{half_blocks, plain_blocks};
pub use color_map::{ColorMap, Rgb};
pub use dots::{Dot, Dots};
pub use envelope::Envelope;
pub use error::Error;
pub use figure::Figure;
pub use grid::Grid;
pub use heat_map::HeatMap;
pub use lines::{Band, Bars, Line, Rule};
pub use mark::Mark;
pub use panel::Panel;
#[cfg(feature = "png")]
pub use raster::to_png;
pub use strip::{Interval, Strip};
pub use svg::entity;
pub use theme::Theme;
