//! Documents of JSON: a list of objects, or objects by their ids, with the path of a recording in each.
//!
//! The forms are SpeechBrain's (`{id: {"wav": …}}`, its page on data loading), and the lists that are
//! written by `json.dump`, bare or under a name (`{"data": [{"wav": …}]}`).

use std::{io, path::Path};

use ossicle_files::printable;

use crate::{
    corpus::CorpusKind,
    error::Error,
    format::{CorpusFormat, Given},
    found::Found,
    names::folder_of,
    readers::{
        faults::{At, Faults},
        manifest::{has_path, read_objects},
        objects::first_object,
        reader::{Description, Reader, Wanted},
        roles::listed,
        rows::Rows,
        text::head,
    },
    recording::has_extension,
};

/// Reads a document of objects.
#[derive(Debug)]
pub(crate) struct Json;

impl Reader for Json {
    fn format(&self) -> CorpusFormat {
        let what =
            "a document of JSON: a list of objects, or objects by their ids, as SpeechBrain's";
        CorpusFormat { name: "json", what, given: Given::File }
    }

    fn recognises(&self, description: &Description<'_>, wanted: &Wanted) -> io::Result<bool> {
        if description.is_folder {
            return Ok(false);
        }
        // What is called so is no list of paths, whatever it has: what it lacks is said.
        let name = description.path.file_name().unwrap_or_default();
        let name = if has_extension(name, &["gz"]) {
            Path::new(name).file_stem().unwrap_or_default()
        } else {
            name
        };
        if has_extension(name, &["json", "jsonl"]) {
            return Ok(true);
        }
        let first = first_object(&head(description.path)?, |it| has_path(it, wanted.columns));
        Ok(first.is_some())
    }

    fn read(&self, description: &Description<'_>, wanted: &Wanted) -> Result<Found, Error> {
        let path = description.path;
        let file = printable(path);
        let head = head(path).map_err(|source| Error::Open { path: path.into(), source })?;
        let mut rows = Rows::new(CorpusKind::Manifest, file.clone(), folder_of(path));
        let mut faults = Faults::default();
        match first_object(&head, |it| has_path(it, wanted.columns)) {
            Some((shape, _)) => {
                read_objects(path, shape, &mut rows, wanted.columns, &mut faults)?;
            }
            None => {
                let at = At { file: &file, line: 0, column: 0 };
                faults.add(at, "documents without paths", || {
                    let found = match first_object(&head, |_| true) {
                        Some((_, object)) => {
                            let keys: Vec<String> = object.keys().cloned().collect();
                            format!("found an object with {}", listed(&keys))
                        }
                        None => "found none".to_owned(),
                    };
                    format!(
                        "expected objects with the path of a recording (audio_filepath, path, audio, wav, \
                         file_name …), {found}"
                    )
                });
            }
        }
        rows.into_found(wanted, faults)
    }
}
