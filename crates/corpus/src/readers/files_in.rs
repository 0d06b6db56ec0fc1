//! Files of some name in a folder of them, or of folders of them.

use std::{
    ffi::OsStr,
    fs, io,
    path::{Path, PathBuf},
};

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
            for entry in if_readable(fs::read_dir(folder))?.into_iter().flatten().flatten() {
                let path = entry.path();
                let name = path.file_name().unwrap_or_default();
                if has_recording_name(name, wanted.sought) {
                    return Ok(Vec::new());
                }
                if has_name(name) {
                    files.push(path);
                } else if path.is_dir() {
                    inside.push(path);
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
