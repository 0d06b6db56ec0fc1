//! The files that a command writes beside a dataset: arrays, sounds, pictures, logs. None of them takes
//! the place of something that was read, and none is left by halves.

use std::{
    fs::{self, File, OpenOptions},
    path::{Path, PathBuf},
};

use anyhow::{Context, Result, bail};
use ossicle_corpus::printable;
use ossicle_dataset::CARD_FILE;
use ossicle_files::{FileId, file_id, is_url};
use tempfile::Builder;

/// A result's option, such as `--plot`, and the file that it names.
pub(crate) type Target<'a> = (&'a str, &'a Path);

/// Refuses to write over what a command reads, over a part of a dataset, or two results into one file.
///
/// - `inputs`: what is read, each with a noun for it; folders of datasets mean all that is in them
pub(crate) fn check(targets: &[Target<'_>], inputs: &[(&str, &Path)]) -> Result<()> {
    for (number, &(option, target)) in targets.iter().enumerate() {
        if target == Path::new("-") {
            bail!("{option} -: this is written to a file and not to standard output; name one");
        }
        let other = targets[..number].iter().find(|(_, other)| is_same(other, target));
        if let Some((other, _)) = other {
            bail!("{other} and {option} name the same file, {}", printable(target));
        }
        let read = inputs.iter().find(|(_, input)| is_same(input, target) && !input.is_dir());
        if let Some((what, _)) = read {
            bail!("{option} {} would write over {what}; name another file", printable(target));
        }
        if target.is_dir() {
            bail!("{option} {} is a folder; name a file", printable(target));
        }
        if is_url(target) {
            bail!("{option} {} is in a store; name a file of this machine", printable(target));
        }
        if let Some(dataset) = dataset_of(target) {
            bail!(
                "{option} {} would write over a part of the dataset {}; name a file elsewhere",
                printable(target),
                printable(&dataset)
            );
        }
    }
    Ok(())
}

/// Returns whether two paths lead to one file, or would once it is there.
fn is_same(a: &Path, b: &Path) -> bool {
    match (file_id(a), file_id(b)) {
        // A device or a pipe keeps nothing that could be lost.
        (Some(first), Some(second)) => first == second && a.is_file(),
        (None, None) => {
            let folder = parent_id(a);
            a.file_name() == b.file_name() && folder.is_some() && folder == parent_id(b)
        }
        _ => false,
    }
}

fn parent_id(path: &Path) -> Option<FileId> {
    let parent = path.parent().filter(|parent| !parent.as_os_str().is_empty());
    file_id(parent.unwrap_or(Path::new(".")))
}

/// The dataset that an existing file belongs to: the innermost folder above it that has a card.
fn dataset_of(target: &Path) -> Option<PathBuf> {
    let real = fs::canonicalize(target).ok()?;
    let has_card = |folder: &&Path| folder.join(CARD_FILE).is_file();
    real.is_file().then(|| real.ancestors().skip(1).find(has_card).map(Path::to_path_buf))?
}

/// Writes a result under another name beside its own, which it gets once it is whole. A pipe or a
/// device is written as it is.
pub(crate) fn write(path: &Path, write: impl FnOnce(&mut File) -> Result<()>) -> Result<()> {
    let cannot = || format!("cannot write {}", printable(path));
    if fs::metadata(path).is_ok_and(|metadata| !metadata.is_file()) {
        let file = OpenOptions::new().write(true).open(path);
        return file.map_err(Into::into).and_then(|mut file| write(&mut file)).with_context(cannot);
    }
    // A link that stands there leads to the file that is meant.
    let path = fs::canonicalize(path).unwrap_or_else(|_| path.to_path_buf());
    write_whole(&path, write).with_context(cannot)
}

fn write_whole(path: &Path, write: impl FnOnce(&mut File) -> Result<()>) -> Result<()> {
    let folder = path.parent().filter(|parent| !parent.as_os_str().is_empty());
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    {
        use std::os::unix::fs::{OpenOptionsExt, PermissionsExt};
        // What any file gets, less the umask; and what stood there keeps who may read it.
        options.mode(fs::metadata(path).map_or(0o666, |found| found.permissions().mode() & 0o777));
    }
    // Opened here, as an error of its maker's would name the draft.
    let mut draft = Builder::new()
        .prefix(".ossicle-")
        .suffix(".draft")
        .make_in(folder.unwrap_or(Path::new(".")), |draft| options.open(draft))?;
    write(draft.as_file_mut())?;
    draft.as_file().sync_data()?;
    draft.persist(path)?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::Write;

    #[test]
    fn a_result_that_fails_leaves_the_old_file_and_nothing_else() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a.png");
        fs::write(&path, b"old").unwrap();
        let failed = write(&path, |file| {
            file.write_all(b"half")?;
            bail!("the disk is full")
        });
        let said = format!("{:#}", failed.unwrap_err());
        assert_eq!(said, format!("cannot write {}: the disk is full", path.display()));
        assert_eq!(fs::read(&path).unwrap(), b"old");
        let nowhere = folder.path().join("none/a.png");
        let said = format!("{:#}", write(&nowhere, |_| Ok(())).unwrap_err());
        assert!(said.starts_with("cannot write ") && !said.contains("draft"), "{said}");
        write(&path, |file| Ok(file.write_all(b"new")?)).unwrap();
        assert_eq!(fs::read(&path).unwrap(), b"new");
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1);
    }

    #[cfg(unix)]
    #[test]
    fn a_link_stays_and_a_result_may_be_read_by_whom_the_umask_allows() {
        use std::os::unix::fs::PermissionsExt;
        let folder = tempfile::tempdir().unwrap();
        let at = |name: &str| folder.path().join(name);
        std::os::unix::fs::symlink("file", at("link")).unwrap();
        fs::write(at("file"), b"").unwrap();
        fs::set_permissions(at("file"), fs::Permissions::from_mode(0o640)).unwrap();
        fs::write(at("plain"), b"").unwrap();
        let mode = |name: &str| fs::metadata(at(name)).unwrap().permissions().mode() & 0o777;
        for name in ["link", "fresh"] {
            write(&at(name), |file| Ok(file.write_all(b"new")?)).unwrap();
        }
        assert!(at("link").is_symlink());
        assert_eq!(fs::read(at("file")).unwrap(), b"new");
        assert_eq!((mode("file"), mode("fresh")), (0o640, mode("plain")));
        write(Path::new("/dev/null"), |file| Ok(file.write_all(b"new")?)).unwrap();
    }

    #[test]
    fn a_result_goes_to_no_store() {
        let refused = check(&[("--out", Path::new("s3://out/page.html"))], &[]).unwrap_err();
        let expected = "--out s3://out/page.html is in a store; name a file of this machine";
        assert_eq!(refused.to_string(), expected);
    }

    #[test]
    fn a_dash_is_no_files_name() {
        let refused = check(&[("--plot", Path::new("-"))], &[]).unwrap_err().to_string();
        assert!(refused.starts_with("--plot -: this is written to a file"), "{refused}");
        check(&[("--plot", Path::new("./-"))], &[]).unwrap();
    }

    #[test]
    fn what_is_read_or_written_otherwise_is_refused_by_which_file_it_is() {
        let folder = tempfile::tempdir().unwrap();
        let at = |name: &str| folder.path().join(name);
        fs::create_dir_all(at("data/train")).unwrap();
        for name in ["a.wav", "data/dataset.json", "data/train/index.npy"] {
            fs::write(at(name), b"1").unwrap();
        }
        fs::hard_link(at("a.wav"), at("hard.wav")).unwrap();
        let (wav, hard, new) = (at("a.wav"), at("hard.wav"), at("new"));
        let inputs = [("the recording", wav.as_path())];
        let said = |targets: &[Target<'_>]| match check(targets, &inputs) {
            Ok(()) => String::new(),
            Err(error) => error.to_string(),
        };
        assert_eq!(said(&[("--plot", &new), ("--out", &at("other"))]), "");
        assert_eq!(said(&[("--plot", &at("data/plot.png"))]), "", "nothing is there yet");
        assert!(said(&[("--plot", &hard)]).contains("would write over the recording"));
        let twice = said(&[("--plot", &new), ("--out", &folder.path().join("data/../new"))]);
        assert!(twice.starts_with("--plot and --out name the same file"), "{twice}");
        for name in ["data/dataset.json", "data/train/index.npy"] {
            let said = said(&[("--out", &at(name))]);
            assert!(said.contains("a part of the dataset"), "{said}");
        }
        assert!(said(&[("--out", &at("data"))]).ends_with("is a folder; name a file"));
        let null = [("--out", Path::new("/dev/null")), ("--plot", Path::new("/dev/null"))];
        assert_eq!(said(&null), "", "what keeps nothing may be named twice");
    }
}
