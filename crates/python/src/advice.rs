//! What to do, in the words of this package: arguments, and never flags.

use ossicle_engine::Advice;

/// Tells what to do, in the words of this package.
pub(crate) fn words(advice: &Advice) -> String {
    match advice {
        Advice::Overwrite => "overwrite=True replaces it",
        Advice::PlanAnew => "ossicle.plan(overwrite=True) plans anew",
        Advice::PlanFirst => "ossicle.plan stores one, and so does the first share",
        Advice::Repair => "verify(repair=True) mends it, and extract(overwrite=True) makes it again",
        Advice::MakeAnew => "extract(overwrite=True) makes the dataset anew",
        Advice::OtherFolder => "write to a folder that is new or empty, or a dataset",
        Advice::FolderElsewhere => "write to a folder elsewhere",
        Advice::WaitOrOtherOutput => "wait for it to end, or write to another folder",
        Advice::NoLock => "no_lock=True does without, where no other run writes there",
        Advice::RemoveIt => "remove it, or write to another folder",
        Advice::RaiseOpenFiles => {
            "raise the limit: resource.setrlimit(resource.RLIMIT_NOFILE, (1024, hard))"
        }
        Advice::FewerConnections => "pass fewer connections, each of which is a file, or raise the limit",
        Advice::CloseFiles => "close files of other programs, or raise the limit, and call it again",
        Advice::MoreMemory => "raise that, or run where there is more",
        Advice::FewerWorkers => "pass smaller jobs, which take less memory, and call it again",
        Advice::MakeRoom { begun: false } => "make room, or write to another disk",
        Advice::MakeRoom { begun: true } => {
            "make room, and the same call goes on from there; or write to another disk"
        }
        Advice::RaiseFileSize => "raise the limit of file sizes, and the same call goes on from there",
        Advice::LookAtDisk => {
            "look at the disk; the same call goes on from there, or write to another disk"
        }
        Advice::WritableFolder => {
            "write to a folder that can be written, or change its permissions"
        }
        Advice::FolderIsGone => {
            "was the folder removed or renamed meanwhile? the same call makes it anew"
        }
        Advice::RunAgain => "the same call goes on from there",
        Advice::AllowMoreFailures => "a larger max_failures lets the same call go on from there",
        Advice::SameSplits => {
            "pass corpus_format, splits and what else chooses utterances as extract() had them"
        }
        Advice::Update => {
            "update=True brings it up to the corpus as it is now, and overwrite=True replaces it"
        }
        Advice::KeepGoing => "keep_going=True goes on all the same",
        Advice::Set { key, value } => return setting(key, value),
        Advice::DescribeRaw => {
            "for headerless samples, pass audio={\"raw_encoding\": \"s16le\", \
             \"raw_sample_rate_hz\": 16000}"
        }
        Advice::AllowOverlap => {
            "give each split recordings of its own, or pass allow_overlap=True if that is meant"
        }
        Advice::OneRate { sample_rate_hz } => {
            return format!(
                "pass audio={{\"sample_rate_hz\": {sample_rate_hz}}} to take one rate, with \
                 \"resample\": \"hq\" to resample the others to it, or audio={{\"mixed_rates\": True}} \
                 if several are meant"
            );
        }
    }
    .to_owned()
}

/// A key of a recipe as an argument.
///
/// - `key`: with its table, as `normalize.scope`
/// - `value`: as TOML, or a word
pub(crate) fn setting(key: &str, value: &str) -> String {
    let value = match value {
        "true" => "True".to_owned(),
        "false" => "False".to_owned(),
        // A unit stands for a number of it.
        "HZ" => "HZ".to_owned(),
        number if number.parse::<f64>().is_ok() => number.to_owned(),
        word => format!("{word:?}"),
    };
    match key.split_once('.') {
        // The keys of features are arguments of their own names.
        Some(("feature", key)) => format!("pass {key}={value}"),
        Some((table, key)) => format!("pass {table}={{{key:?}: {value}}}"),
        None => format!("pass {key}={value}"),
    }
}
