//! Manifests of NeMo's: an object a line, with `audio_filepath`.
//!
//! The keys are those of NeMo's page on datasets; other toolkits write the same form with other names of
//! the path.

mod tarred;

use std::io;

use ossicle_files::printable;

use self::tarred::Archives;
use crate::{
    corpus::CorpusKind,
    error::Error,
    format::{CorpusFormat, Given},
    found::Found,
    names::folder_of,
    readers::{
        faults::Faults,
        manifest::{has_path, read_objects},
        objects::{Shape, first_object},
        reader::{Description, Reader, Wanted},
        rows::Rows,
        text::head,
    },
};

/// Reads a manifest of an object a line.
#[derive(Debug)]
pub(crate) struct Nemo;

impl Reader for Nemo {
    fn format(&self) -> CorpusFormat {
        let what = "a manifest of NeMo's: an object of JSON a line";
        CorpusFormat { name: "nemo", what, given: Given::File }
    }

    fn recognises(&self, description: &Description<'_>, wanted: &Wanted) -> io::Result<bool> {
        if description.is_folder {
            return Ok(false);
        }
        let first = first_object(&head(description.path)?, |it| has_path(it, wanted.columns));
        Ok(first.is_some_and(|(shape, _)| shape == Shape::Lines))
    }

    fn read(&self, description: &Description<'_>, wanted: &Wanted) -> Result<Found, Error> {
        let path = description.path;
        let mut rows = Rows::new(CorpusKind::Manifest, printable(path), folder_of(path));
        let mut faults = Faults::default();
        read_objects(path, Shape::Lines, &mut rows, wanted.columns, &mut faults)?;
        Archives::beside(path).place(path, &mut rows.rows, &mut faults)?;
        rows.into_found(wanted, faults)
    }
}
