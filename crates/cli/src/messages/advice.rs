//! What to do, in the words of this command.

use std::path::Path;

use ossicle_corpus::{ForeignKind, printable};
use ossicle_engine::Advice;

/// Tells what to do, in the words of this command.
pub(crate) fn advice(advice: &Advice) -> String {
    match advice {
        Advice::Overwrite => "--overwrite replaces it",
        Advice::Update => {
            "--update brings it up to the corpus as it is now, and --overwrite replaces it"
        }
        Advice::PlanAnew => {
            "`ossicle plan CORPUS --out DATASET --overwrite` plans anew, and drops the parts of the old plan"
        }
        Advice::PlanFirst => "`ossicle plan`, or the first --share, stores one",
        Advice::Repair => {
            "`ossicle verify --repair` mends it, and --overwrite makes the dataset again"
        }
        Advice::MakeAnew => "`ossicle extract --overwrite` makes the dataset anew",
        Advice::OtherFolder => "give --out a folder: a new or an empty one, or a dataset",
        Advice::FolderElsewhere => "give --out a folder elsewhere",
        Advice::WaitOrOtherOutput => "wait for it to end, or give another --out",
        Advice::RemoveIt => "remove it, or give --out another folder",
        Advice::NoLock => {
            "--no-lock does without, where you see to it that no other run writes there"
        }
        Advice::RaiseOpenFiles => {
            "type `ulimit -n 1024`, or where that is refused raise the hard limit (see `ossicle \
                 limits`)"
        }
        Advice::FewerConnections => {
            "give fewer --connections, each of which is a file, or type `ulimit -n 1024` (see `ossicle limits`)"
        }
        Advice::CloseFiles => {
            "close files of other programs, or raise the limit (see `ossicle limits`), and run \
                 the same command again"
        }
        Advice::MoreMemory => "raise that, or run where there is more",
        Advice::FewerWorkers => {
            "give fewer --jobs, which take less memory, and the same command goes on from there"
        }
        Advice::MakeRoom { begun: false } => "make room, or give --out another disk",
        Advice::MakeRoom { begun: true } => {
            "make room, and the same command goes on from there; or give --out another disk"
        }
        Advice::RaiseFileSize => {
            "raise the limit of file sizes (`ulimit -f unlimited`), and the same command goes on \
                 from there"
        }
        Advice::LookAtDisk => {
            "look at the disk; the same command goes on from there, or give --out another disk"
        }
        Advice::WritableFolder => {
            "give --out a folder that can be written, or change its permissions"
        }
        Advice::FolderIsGone => {
            "was the folder removed or renamed meanwhile? the same command makes it anew"
        }
        Advice::RunAgain => "the same command goes on from there",
        Advice::AllowMoreFailures => {
            "a larger --max-failures lets the same command go on from there"
        }
        Advice::SameSplits => "give --corpus, --splits and what else chooses utterances as `ossicle extract` had them",
        Advice::KeepGoing => "--keep-going goes on all the same",
        // A unit stands for a number of it.
        Advice::Set { key, value } if value == "HZ" => {
            return format!("write --set {key}={value}");
        }
        Advice::Set { key, value } => {
            return format!("write for example --set {key}={value}");
        }
        Advice::DescribeRaw => {
            "for headerless samples, pass `--raw-encoding s16le --sample-rate HZ`"
        }
        Advice::OneRate { sample_rate_hz } => {
            return format!(
                "write --set audio.sample_rate_hz={sample_rate_hz} to take one rate, with --set \
                 audio.resample=hq to resample the others to it, or --set audio.mixed_rates=true if \
                 several are meant"
            );
        }
        Advice::AllowOverlap => {
            "give each split recordings of its own, or --allow-overlap if that is meant"
        }
    }
    .to_owned()
}

/// Tells what to give instead of another program's description of a corpus.
pub(super) fn foreign(kind: ForeignKind) -> &'static str {
    match kind {
        ForeignKind::Arrow => {
            "write it as Parquet (Python: `datasets.load_from_disk(FOLDER).to_parquet(FILE)`) and give \
             that"
        }
        ForeignKind::Parquet => {
            "Parquet is read where the program was built with it: `cargo install --path crates/cli \
             --features arrow`"
        }
        ForeignKind::Yaml => {
            "write it as lines of JSON (lhotse: `lhotse copy FILE.yaml FILE.jsonl.gz`) and give that"
        }
        ForeignKind::Stm => {
            "write its lines as a table of CSV whose first line is `path,channel,speaker,start,end,text`, and give \
             that"
        }
        ForeignKind::Packed => {
            "unpack it (`unzip FILE -d FOLDER`, `tar xf FILE -C FOLDER`) and give the folder, or `gunzip`'s kind of \
             tar archive, `.tar.gz`"
        }
        ForeignKind::Hdf5 | ForeignKind::Sqlite => {
            "write its recordings to files, or to a table of Parquet, and give those"
        }
    }
}

/// A path as one word of a shell's command line.
pub(super) fn shell_word(path: &Path) -> String {
    let text = printable(path);
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"/._-+,:=@%".contains(&byte);
    if text.bytes().all(plain) { text } else { format!("'{}'", text.replace('\'', r"'\''")) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_advice_has_words_of_its_own() {
        let set = Advice::Set { key: "normalize.stats_from".into(), value: "all".into() };
        let all = [
            (Advice::Overwrite, "--overwrite"),
            (Advice::Update, "--update"),
            (Advice::Repair, "`ossicle verify --repair`"),
            (Advice::MakeAnew, "`ossicle extract --overwrite`"),
            (Advice::OtherFolder, "--out"),
            (Advice::FolderElsewhere, "--out"),
            (Advice::WaitOrOtherOutput, "wait for it"),
            (Advice::RemoveIt, "remove it"),
            (Advice::NoLock, "--no-lock"),
            (Advice::RaiseOpenFiles, "`ulimit -n 1024`"),
            (Advice::CloseFiles, "`ossicle limits`"),
            (Advice::MoreMemory, "raise"),
            (Advice::FewerWorkers, "--jobs"),
            (Advice::MakeRoom { begun: false }, "make room"),
            (Advice::MakeRoom { begun: true }, "the same command"),
            (Advice::RaiseFileSize, "`ulimit -f unlimited`"),
            (Advice::LookAtDisk, "disk"),
            (Advice::WritableFolder, "permissions"),
            (Advice::FolderIsGone, "the same command"),
            (Advice::RunAgain, "the same command"),
            (Advice::AllowMoreFailures, "--max-failures"),
            (Advice::SameSplits, "utterances as `ossicle extract`"),
            (Advice::KeepGoing, "--keep-going"),
            (set, "--set normalize.stats_from=all"),
            (Advice::DescribeRaw, "--raw-encoding s16le --sample-rate"),
            (Advice::AllowOverlap, "--allow-overlap"),
            (Advice::OneRate { sample_rate_hz: 8000 }, "--set audio.sample_rate_hz=8000"),
        ];
        for (kind, words) in &all {
            assert!(advice(kind).contains(words), "{kind:?}: {}", advice(kind));
            let same = all.iter().filter(|(other, _)| advice(other) == advice(kind)).count();
            assert_eq!(same, 1, "{kind:?}");
        }
    }

    #[test]
    fn paths_in_advice_survive_the_shell() {
        assert_eq!(shell_word(Path::new("/a/b-1.scp")), "/a/b-1.scp");
        assert_eq!(shell_word(Path::new("it's here")), r"'it'\''s here'");
    }
}
