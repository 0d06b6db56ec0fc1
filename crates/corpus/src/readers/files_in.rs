//! Files of some name in a folder of them, or of folders of them.

use std::{
    ffi::OsStr,
    io,
    path::{Path, PathBuf},
};

use ossicle_files::entries;

use crate::{readable::if_readable, readers::reader::Wanted, recording::has_recording_name};

/// The files of such names at the top of a folder, or else in the folders there, and so on; in bytewise order.
/// None where recordings are on the way, too.
///
/// - `depth`: how many folders deep it is looked
pub(super) fn files_in(
    folder: &Path,
    depth: usize,
    wanted: &Wanted,
    has_name: impl Fn(&OsStr) -> bool,
) -> io::Result<Vec<PathBuf>> {
    let mut folders = vec![folder.to_path_buf()];
    for _ in 0..depth {
        let (mut files, mut inside) = (Vec::new(), Vec::new());
        for folder in &folders {
            for entry in if_readable(entries(folder))?.into_iter().flatten() {
                let name = entry.name();
                if has_recording_name(&name, wanted.sought) {
                    return Ok(Vec::new());
                }
                if has_name(&name) {
                    files.push(entry.path);
                } else if entry.is_folder() {
                    inside.push(entry.path);
                }
            }
        }
        if !files.is_empty() {
            files.sort_unstable();
            return Ok(files);
        }
        folders = inside;
    }
    Ok(Vec::new())
}
