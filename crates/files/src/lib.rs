//! Opens regular files and objects of stores, waits while the system has no file left to open, and makes names safe
//! to print.
//!
//! Whatever path a corpus or a dataset names may lead anywhere: to a pipe that nobody writes into, to a
//! tape drive, to a file called `\x1b[2J`. The crates that read such paths share what is here:
//!
//! - [`open_regular`] opens a file only if it is a regular one, and tells its size and time
//! - [`open_source`] does the same of whatever a path names, which may be the URL of an object in a store;
//!   [`metadata()`] and [`entries`] look at what is there, and [`join`], [`parent`], [`simple`] and [`absolute`] do with
//!   URLs what the standard library does with paths. [`Objects`] is whoever can reach stores ([`install_objects`])
//! - [`Patience`] tries again while too many files are open, which is no file's fault
//!   ([`is_too_many_files`])
//! - [`printable`] and [`percent_escaped`] spell a name as it stands in files and messages, and
//!   [`visible`] makes any text one line of a terminal
//! - [`read_small`] reads a file that people write by hand, and no more than such a file has
//! - [`file_id`] tells whether two paths lead to one file
//!
//! ```
//! use ossicle_files::{OpenError, Opened, Patience, open_regular, printable};
//!
//! # let folder = tempfile::tempdir()?;
//! # let folder = folder.path();
//! let path = folder.join("100%.wav");
//! std::fs::write(&path, b"RIFF")?;
//!
//! let Opened { bytes, .. } = Patience::a_few_times().retry(|| open_regular(&path))?;
//! assert_eq!(bytes, 4);
//! assert!(printable(&path).ends_with("100%25.wav"));
//! assert!(matches!(open_regular(folder), Err(OpenError::NotRegular { what: "a directory" })));
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! No format and no other crate of ossicle is known here.

mod counted;
mod id;
mod known;
#[cfg(any(test, feature = "memory"))]
mod memory;
mod metadata;
mod names;
mod object;
mod objects;
mod open;
mod place;
mod scheme;
mod shortage;
mod small;
mod source;
mod stopping;
mod url;

#[cfg(any(test, feature = "memory"))]
#[doc(hidden)]
pub use crate::memory::MemoryObjects;
pub use crate::{
    counted::{be, counted, have},
    id::{FileId, file_id},
    known::{Remembering, list_objects, remember_objects, walk_objects},
    metadata::{Entry, Kind, Metadata},
    names::{is_unsafe, path_from_bytes, percent_escaped, printable, visible, visible_lines},
    object::Object,
    objects::{
        ObjectError, ObjectStat, Objects, ObjectsInUse, install_objects, is_changed, is_unanswered,
        objects,
    },
    open::{OpenError, Opened, open_regular},
    place::{entries, is_file, is_folder, is_there, look, metadata, metadata_of_files},
    scheme::{StoreKind, schemes, store_kind},
    shortage::{Patience, is_too_many_files},
    small::{SmallError, read_beside, read_small, read_small_bytes},
    source::{Place, Source, SourceReader, open_listed, open_source, open_stream, read_file_at},
    stopping::{ShouldStop, Stoppable, stop_of_thread, stop_waiting_if},
    url::{absolute, below, is_absolute, is_http, is_url, join, parent, simple, without_query},
};
