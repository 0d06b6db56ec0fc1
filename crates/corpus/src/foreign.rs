//! Other programs' descriptions of corpora: recognised, named, and not read in this version.

use std::{ffi::OsStr, fs, path::Path};

use ossicle_files::printable;

use crate::{error::Error, recording::has_extension};

/// Refuses a folder that holds another program's description of a corpus at its top. What is
/// described there (segments, cuts) is not what a search for recordings would find.
pub(crate) fn refuse_folder(folder: &Path) -> Result<(), Error> {
    let Ok(entries) = fs::read_dir(folder) else { return Ok(()) };
    let mut files: Vec<_> = entries.flatten().map(|entry| entry.file_name()).collect();
    files.sort();
    let is_dataset = files.iter().any(|file| file == "dataset_info.json");
    let kinds = files.iter().filter_map(|file| Some((file, Kind::of(file)?)));
    // The first in order counts, but recordings describe a corpus better than cuts do.
    let described = kinds.filter(|(file, kind)| match kind {
        // Only this one: other `.scp` files may list anything.
        Kind::Kaldi => *file == "wav.scp",
        Kind::LhotseRecordings | Kind::LhotseCuts => true,
        Kind::Columns => is_dataset,
        Kind::Json | Kind::Table => false,
    });
    match described.min_by_key(|(_, kind)| *kind) {
        None => Ok(()),
        Some((file, kind)) => Err(Error::NotReadYet {
            path: folder.to_path_buf(),
            what: match kind {
                Kind::Kaldi => "a data folder of Kaldi or ESPnet",
                Kind::LhotseRecordings | Kind::LhotseCuts => "a folder of lhotse manifests",
                _ => "a Hugging Face dataset",
            },
            advice: kind.advice(&folder.join(file)),
        }),
    }
}

/// Refuses a file that is another program's description of a corpus, given as if it were a list.
pub(crate) fn refuse_file(file: &Path) -> Result<(), Error> {
    match file.file_name().and_then(Kind::of) {
        None => Ok(()),
        Some(kind) => Err(Error::NotReadYet {
            path: file.to_path_buf(),
            what: kind.in_words(),
            advice: kind.advice(file),
        }),
    }
}

/// Descriptions of corpora, by the name of the file.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Kind {
    Kaldi,
    LhotseRecordings,
    LhotseCuts,
    Columns,
    Json,
    Table,
}

impl Kind {
    fn of(file: &OsStr) -> Option<Kind> {
        let name = Path::new(file);
        let bare = if has_extension(file, &["gz"]) { name.file_stem()? } else { file };
        let begins = |word: &str| bare.as_encoded_bytes().starts_with(word.as_bytes());
        match () {
            () if has_extension(bare, &["scp"]) => Some(Kind::Kaldi),
            () if has_extension(bare, &["jsonl"]) && begins("recordings") => {
                Some(Kind::LhotseRecordings)
            }
            () if has_extension(bare, &["jsonl"]) && begins("cuts") => Some(Kind::LhotseCuts),
            () if has_extension(bare, &["parquet", "arrow"]) => Some(Kind::Columns),
            () if has_extension(bare, &["json", "jsonl"]) => Some(Kind::Json),
            () if has_extension(bare, &["csv", "tsv"]) => Some(Kind::Table),
            () => None,
        }
    }

    fn in_words(self) -> &'static str {
        match self {
            Kind::Kaldi => "a Kaldi list of recordings with their ids",
            Kind::LhotseRecordings => "a lhotse manifest of recordings",
            Kind::LhotseCuts => "a lhotse manifest of cuts",
            Kind::Columns => "a table of columns",
            Kind::Json => "a JSON manifest",
            Kind::Table => "a table",
        }
    }

    /// What to do with `file` instead.
    fn advice(self, file: &Path) -> String {
        let word = shell_word(file);
        let cat = if has_extension(file.as_os_str(), &["gz"]) { "gzip -dc" } else { "cat" };
        match self {
            Kind::Kaldi => format!(
                "if its entries are plain paths, run `cut -d' ' -f2- {word} | ossicle extract - \
                     …` in the folder that Kaldi runs in"
            ),
            Kind::LhotseRecordings => format!(
                "give the paths of its recordings: `{cat} {word} | jq -r '.sources[].source' | \
                     ossicle extract - …`"
            ),
            Kind::LhotseCuts => format!(
                "give the paths of whole recordings: `{cat} {word} | jq -r \
                     '.recording.sources[].source' | sort -u | ossicle extract - …`"
            ),
            Kind::Columns => "write the bytes of its audio column to files (Python: \
                 `datasets.Audio(decode=False)`) and give their folder"
                .into(),
            Kind::Json => format!(
                "give the paths of its recordings, one a line: `{cat} {word} | jq -r \
                     .audio_filepath | ossicle extract - …` (with its own key)"
            ),
            Kind::Table => {
                let comma = if word.contains(".csv") { " -d," } else { "" };
                format!(
                    "give its column of paths, one a line: `{cat} {word} | tail -n +2 | \
                         cut{comma} -f1 | ossicle extract - …` (with its own column)"
                )
            }
        }
    }
}

/// A path as one word of a shell's command line.
fn shell_word(path: &Path) -> String {
    let text = printable(path);
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"/._-+,:=@%".contains(&byte);
    if text.bytes().all(plain) { text } else { format!("'{}'", text.replace('\'', r"'\''")) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn descriptions_are_recognised_by_name() {
        let kinds = [
            ("wav.scp", Some(Kind::Kaldi)),
            ("recordings.jsonl", Some(Kind::LhotseRecordings)),
            ("recordings_train.jsonl.gz", Some(Kind::LhotseRecordings)),
            ("cuts-dev.jsonl.gz", Some(Kind::LhotseCuts)),
            ("train-00000-of-00001.parquet", Some(Kind::Columns)),
            ("manifest.JSON", Some(Kind::Json)),
            ("train.jsonl", Some(Kind::Json)),
            ("metadata.csv", Some(Kind::Table)),
            ("metadata.tsv.gz", Some(Kind::Table)),
            ("list.txt", None),
            ("files", None),
        ];
        for (name, kind) in kinds {
            assert_eq!(Kind::of(name.as_ref()), kind, "{name}");
        }
    }

    #[test]
    fn paths_in_advice_survive_the_shell() {
        assert_eq!(shell_word(Path::new("/a/b-1.scp")), "/a/b-1.scp");
        assert_eq!(shell_word(Path::new("it's here")), r"'it'\''s here'");
    }
}
