//! The names of a dataset's files, and of what is beside them while it is made.

/// The card's file name.
pub const CARD_FILE: &str = "dataset.json";
/// The file of a split's positions: (utterances, 3) int64 of shard, first_frame, num_frames.
pub const INDEX_FILE: &str = "index.npy";
/// The file of a split's utterances, a JSON object a line.
pub const UTTERANCES_FILE: &str = "utterances.jsonl";
/// The ledger of the utterances that are not in the dataset.
pub const FAILURES_FILE: &str = "failures.jsonl";
/// The file of what varies from run to run.
pub const RUN_FILE: &str = "run.json";
/// The file of what each utterance's files looked like when it was computed, which varies with their times: a
/// JSON object a line, [`SourceRow`](crate::SourceRow).
pub const SOURCES_FILE: &str = "sources.jsonl";

/// Everything but the dataset's own files is in this folder while a run is going on.
pub const WORK_DIR: &str = ".ossicle";
/// The file that a run locks, in [`WORK_DIR`].
pub(crate) const LOCK_FILE: &str = "lock";
/// The file that says which job a run has begun, in [`WORK_DIR`]: its parts can be gone on with.
pub const JOB_FILE: &str = ".ossicle/job.json";
/// The folder of the parts of a run.
pub const PARTS_DIR: &str = ".ossicle/parts";
/// The file that says of which dataset the parts are that stay beside it: they are to be kept.
pub const KEPT_FILE: &str = ".ossicle/kept.json";
/// The folder of the parts that are kept of the dataset in place, while parts of the next one are computed.
pub const KEPT_DIR: &str = ".ossicle/kept";
/// The folder in which the files of the new dataset are gathered.
pub const STAGE_DIR: &str = ".ossicle/stage";

/// Returns whether a file of this name is one that desktops and file systems leave wherever they look: no part of
/// a dataset, and no damage to one.
pub fn is_litter(name: &[u8]) -> bool {
    let named = |litter: &str| name.eq_ignore_ascii_case(litter.as_bytes());
    [".DS_Store", "Thumbs.db", "desktop.ini", ".directory"].into_iter().any(named)
        || [".nfs", "._", ".fuse_hidden", ".~lock."].iter().any(|x| name.starts_with(x.as_bytes()))
}

/// Returns whether a word is the name of a folder that a dataset in an object store has its files in: nothing else is
/// removed there.
pub(crate) fn is_folder(word: &str) -> bool {
    word.len() == FOLDER_DIGITS && word.bytes().all(|it| matches!(it, b'0'..=b'9' | b'a'..=b'f'))
}

/// The hexadecimal digits that the name of such a folder has.
pub const FOLDER_DIGITS: usize = 32;

/// The file of one shard of an array, relative to the dataset.
pub fn shard_file(split: &str, array: &str, shard: usize) -> String {
    format!("{split}/{array}-{shard:05}.npy")
}

/// The index of an array that is on another grid than the dataset's frames, in its split's folder.
pub fn index_file(array: &str) -> String {
    format!("index-{array}.npy")
}

/// Returns whether a split's folder has files of this name: `utterances.jsonl`, an index, or a shard of any array.
pub(crate) fn is_split_file(name: &str) -> bool {
    let is_index = |stem: &str| stem == "index" || stem.starts_with("index-");
    let is_shard = |stem: &str| {
        stem.rsplit_once('-').is_some_and(|(array, number)| {
            !array.is_empty() && number.len() >= 5 && number.bytes().all(|b| b.is_ascii_digit())
        })
    };
    name == UTTERANCES_FILE
        || name.strip_suffix(".npy").is_some_and(|stem| is_index(stem) || is_shard(stem))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_split_has_files_of_the_format_alone() {
        for name in ["utterances.jsonl", "index.npy", "index-pitch.npy", "features-00000.npy"] {
            assert!(is_split_file(name), "{name}");
        }
        assert!(is_split_file(shard_file("train", "a-b", 123_456).trim_start_matches("train/")));
        for name in [
            "",
            "notes.txt",
            "index",
            "index.json",
            "thesis.npy",
            "-00000.npy",
            "features-0000.npy",
            "features-00000.NPY",
            "features-0000x.npy",
            "features-00000.npy.draft",
        ] {
            assert!(!is_split_file(name), "{name}");
        }
    }
}
