//! Reads and writes objects behind URLs, with blocking calls.
//!
//! A [`Location`] is the address of an object, or of all that begin alike: `s3://bucket/key`, `gs://…`,
//! `az://…`, `https://…`. A [`Client`] is the way there: it opens at most so many connections at once,
//! whoever has a clone of it, tries again what may succeed the next time, and can be told to stop
//! waiting. The crate `object_store` speaks the protocols. Its calls are asynchronous; this crate
//! alone knows that, and whatever can be had of it returns when it is done, from any thread.
//!
//! ```
//! use ossicle_remote::{Client, Location, Put};
//!
//! let client = Client::in_memory();
//! let object = Location::parse("s3://speech/parts/000012.part")?;
//! assert_eq!(client.head(&object)?, None);
//! let meta = client.put(&object, b"rows".as_slice().into(), &Put::IfAbsent)?;
//! assert_eq!(client.get_range(&object, 1..3, Some(&meta))?.as_ref(), b"ow");
//! # Ok::<(), ossicle_remote::Error>(())
//! ```
//!
//! - [`Options`] are what a person says of the stores and how many connections there may be; what the
//!   environment says (`AWS_…`, `GOOGLE_…`, `AZURE_…`) goes before them. No credential is in a message,
//!   nor in what [`Debug`](std::fmt::Debug) prints.
//! - A client is [`Objects`](ossicle_files::Objects): installed, it reads whatever file of a corpus a URL names.
//! - [`Client::head`], [`Client::heads`], [`Client::get`] and [`Client::get_range`] read, [`Client::list`]
//!   tells what there is, in bytewise order.
//! - [`Client::put`] and [`Client::put_file`] write an object whole, on a condition if need be;
//!   [`Client::begin_upload`] one of many pieces, in any order, from any process.
//!
//! A process has one client, [`Client::of_process`], since connections count as open files do. It may be used on
//! both sides of a fork: each process has connections of its own.
//!
//! Stores behind a network are in the feature `cloud`. Without it a URL is refused in a sentence, and
//! [`Client::in_memory`] is all there is.

mod attempt;
mod backend;
mod client;
#[cfg(feature = "cloud")]
mod cloud;
mod error;
mod get;
mod inputs;
mod list;
mod location;
mod meta;
mod options;
mod process;
#[cfg(feature = "cloud")]
mod profile;
mod put;
mod running;
mod stores;
mod trace;
#[cfg(feature = "cloud")]
mod transport;
mod upload;
mod words;

pub use crate::{
    client::Client,
    error::Error,
    list::{Depth, Entry, Listing},
    location::{Location, is_url},
    meta::Meta,
    options::Options,
    put::Put,
    upload::{PIECE_BYTES, Upload},
};
pub use bytes::Bytes;
pub use ossicle_files::StoreKind;
