//! The errors that make a corpus unusable as a whole.

use std::{io, path::PathBuf};

use ossicle_files::{counted, printable};

use crate::{
    error_phrases::{by_kind, faults, unreadable},
    foreign_kind::ForeignKind,
    ignored::Ignored,
    recording::{self, Sought},
    select::SelectionError,
};

/// The reason why there is no list of utterances, or no label map.
///
/// A bad recording is not among these: it stays in the list.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// The command line names no corpus.
    #[error(
        "no corpus is given; give recordings or folders, a list of recordings, `-` for a list on \
         standard input, or several split=PATH"
    )]
    NoCorpus,
    /// Some of several words are `split=PATH`, and this one is not.
    #[error(
        "`{word}` is not of the form split=PATH, which other words here have; give all of them a \
         split, or none"
    )]
    NotAPair {
        /// The word, made printable.
        word: String,
    },
    /// One of several words is a file, and neither a recording nor a description.
    #[error(
        "{}: neither a recording, nor a folder, nor a description of a corpus, as each of several words \
         must be",
        printable(path)
    )]
    NotOneOfSeveral {
        /// The file.
        path: PathBuf,
    },
    /// A split cannot have this name.
    #[error(
        "`{name}` cannot name a split; a name has letters, digits, `_` and `-` and begins with a \
         letter or a digit"
    )]
    SplitName {
        /// The name, made printable.
        name: String,
    },
    /// Two `split=PATH` words name the same split.
    #[error("the split `{name}` is given twice; give each split one path")]
    SplitTwice {
        /// The split.
        name: String,
    },
    /// Both `split=PATH` words and a splits file were given.
    #[error(
        "{}: the corpus is given as split=PATH, so a splits file has nothing to say; leave one of \
         the two out",
        printable(file)
    )]
    SplitsAndPairs {
        /// The splits file.
        file: PathBuf,
    },
    /// No description has a format of this name.
    #[error("no format is called `{name}`; there are {}", known.join(", "))]
    NoSuchFormat {
        /// The name.
        name: String,
        /// The names that there are.
        known: Vec<&'static str>,
    },
    /// A description is to be read as two formats.
    #[error("`{word}` gives a second format; give every description one, or each split one")]
    FormatTwice {
        /// The word.
        word: String,
    },
    /// A format is given for a split that there is not.
    #[error("a format is given for the split `{name}`, and no split=PATH has that name")]
    FormatOfNoSplit {
        /// The split.
        name: String,
    },
    /// A file is to be read as what is a folder, or the other way around.
    #[error(
        "{}: it is a {}, and cannot be {what}",
        printable(path),
        if *is_folder { "folder" } else { "file" }
    )]
    NotOfFormat {
        /// The path.
        path: PathBuf,
        /// What it was to be read as, with its article.
        what: &'static str,
        /// It is a folder; else a file.
        is_folder: bool,
    },
    /// A column is given no name.
    #[error("`{words}` has a column without a name; `-` passes a column over")]
    ColumnUnnamed {
        /// The words.
        words: String,
    },
    /// A column has two names, or two columns have one.
    #[error("the column `{name}` is given twice; give each column one name")]
    ColumnTwice {
        /// The name.
        name: String,
    },
    /// A word that does not say what a column is called.
    #[error("`{word}` is not of the form NAME=COLUMN, as audio=wav_file is")]
    NotARename {
        /// The word.
        word: String,
    },
    /// What is asked of the corpus cannot be.
    #[error(transparent)]
    Selection(#[from] SelectionError),
    /// Nothing is at the path given.
    #[error("{}: no such file or folder", printable(path))]
    NotFound {
        /// The path, as given.
        path: PathBuf,
    },
    /// The path given exists but cannot be looked at.
    #[error("cannot open {}", printable(path))]
    Open {
        /// The path, as given.
        path: PathBuf,
        /// The system's error.
        source: io::Error,
    },
    /// The path given is a pipe, a socket or a device.
    #[error(
        "{}: neither a folder nor a regular file; a list that comes from a program is given as \
         `-`, on standard input",
        printable(path)
    )]
    NotACorpus {
        /// The path, as given.
        path: PathBuf,
    },
    /// Another program's description of a corpus, which this version does not read.
    #[error("{}: {what}, which this version does not read", printable(path))]
    NotReadYet {
        /// The file or folder that was recognised.
        path: PathBuf,
        /// The kind's name with its article, for messages ("a lhotse manifest of cuts").
        what: &'static str,
        /// The kind of description, on which the advice depends.
        kind: ForeignKind,
        /// The file that was recognised: `path` itself, or a file in it.
        file: PathBuf,
    },
    /// A description that says what cannot be, told in full.
    #[error("{}", faults(description, *count, lines))]
    Faults {
        /// The description: a printable path.
        description: String,
        /// The number of faults.
        count: u64,
        /// A sentence for each fault, of each kind as many as a person reads.
        lines: Vec<String>,
        /// Some are of commands, which would be none if those were allowed.
        has_commands: bool,
    },
    /// A description without a single utterance.
    #[error("{file}: it describes no utterance")]
    DescriptionEmpty {
        /// The description: a printable path.
        file: String,
    },
    /// A folder of descriptions that name the same recordings.
    #[error("{}: {files} both name {both}; name one of them", printable(folder))]
    SeveralDescriptions {
        /// The folder.
        folder: PathBuf,
        /// The descriptions: two printable paths in it.
        files: String,
        /// A recording that both name.
        both: String,
    },
    /// A text in another encoding.
    #[error(
        "{}: it is UTF-16, and descriptions are read as UTF-8; \
         `iconv -f UTF-16 -t UTF-8` makes it so",
        printable(path)
    )]
    Utf16 {
        /// The file.
        path: PathBuf,
    },
    /// A single headerless recording, without its format.
    #[error(
        "{}: headerless audio can only be read once its sample format is given",
        printable(path)
    )]
    Headerless {
        /// The recording.
        path: PathBuf,
    },
    /// A folder without a single recording.
    #[error(
        "{}: no recordings among {}{}{}; names of recordings end in {}",
        printable(path),
        counted(ignored.files(), "file"),
        by_kind(ignored),
        unreadable(*unreadable_folders),
        recording::extensions_in_words(*sought)
    )]
    NoRecordings {
        /// The folder.
        path: PathBuf,
        /// The files that are no recordings.
        ignored: Ignored,
        /// The number of folders that could not be read.
        unreadable_folders: u64,
        /// The files that would have counted.
        sought: Sought,
    },
    /// A file of another kind where a list belongs.
    #[error(
        "{list}: it is {found}, and no list of recordings; a list is text and has one path a line"
    )]
    NoList {
        /// The list: a printable path, or `standard input`.
        list: String,
        /// What it is, with its article.
        found: &'static str,
    },
    /// A list without a single path.
    #[error("{list}: the list is empty; it must hold one path a line")]
    ListEmpty {
        /// The list: a printable path, or `standard input`.
        list: String,
    },
    /// Reading a text failed.
    #[error("cannot read {file}")]
    Read {
        /// The file: a printable path, or `standard input`.
        file: String,
        /// The system's error.
        source: io::Error,
    },
    /// A line that is longer than any path.
    #[error("{file}: line {line} is longer than {limit_bytes} bytes; is this a text file?")]
    LineTooLong {
        /// The file: a printable path, or `standard input`.
        file: String,
        /// The line, from 1.
        line: u64,
        /// The most it may have.
        limit_bytes: usize,
    },
    /// A line with a zero byte.
    #[error("{file}: line {line} holds a zero byte; is this a text file? (for paths, one a line)")]
    LineNul {
        /// The file: a printable path, or `standard input`.
        file: String,
        /// The line, from 1.
        line: u64,
    },
    /// A line that must be UTF-8 and is not.
    #[error("{file}: line {line} is not UTF-8; write such bytes as %XX, as ids have them")]
    LineNotUtf8 {
        /// The file: a printable path, or `standard input`.
        file: String,
        /// The line, from 1.
        line: u64,
    },
    /// A line such as `..`, which cannot be a recording.
    #[error("{list}: line {line} names a folder, `{text}`; a list names one recording a line")]
    ListNamesFolder {
        /// The list: a printable path, or `standard input`.
        list: String,
        /// The line, from 1.
        line: u64,
        /// The line's text.
        text: String,
    },
    /// A line that ends in `|`, which is a command in a Kaldi list.
    #[error(
        "{list}: line {line} is a command, `{text}`, and commands are not executed; write its \
         output to a file and list that"
    )]
    ListCommand {
        /// The list: a printable path, or `standard input`.
        list: String,
        /// The line, from 1.
        line: u64,
        /// The line's text, cut to the length of a message.
        text: String,
    },
    /// A list that names no existing file.
    #[error(
        "{list}: {}; the first would be {}, as paths are relative to {base}",
        match paths {
            1 => "the only file that it names does not exist".to_owned(),
            _ => format!("none of its {paths} files exists"),
        },
        printable(first)
    )]
    NoneExists {
        /// The list: a printable path, or `standard input`.
        list: String,
        /// The number of paths it names.
        paths: u64,
        /// The first of them, resolved.
        first: PathBuf,
        /// The folder that its paths are relative to, in words.
        base: String,
    },
    /// A Parquet file that has recordings in several columns.
    #[error(
        "{}: the columns {} have recordings, and one of them is a corpus",
        printable(path),
        columns.iter().map(|name| format!("`{name}`")).collect::<Vec<_>>().join(", ")
    )]
    SeveralAudioColumns {
        /// The file.
        path: PathBuf,
        /// The columns.
        columns: Vec<String>,
    },
    /// Shards without a recording.
    #[error("{file}: there is no recording in it")]
    NoSamples {
        /// The shard, or the folder of shards: a printable path.
        file: String,
    },
    /// A word that stands for too many paths.
    #[error("{} stands for more than {most} paths", printable(word))]
    TooManyPaths {
        /// The word.
        word: PathBuf,
        /// The most that it may.
        most: usize,
    },
    /// Two recordings with one id.
    #[error("the id `{id}` is given twice, by {first} and by {second}; ids must differ")]
    DuplicateId {
        /// The id.
        id: String,
        /// The place where it is first.
        first: String,
        /// The place where it is again.
        second: String,
    },
    /// A splits file without a single name.
    #[error("{file}: the splits file is empty; it must hold lines of the form NAME SPLIT")]
    SplitsEmpty {
        /// The splits file.
        file: String,
    },
    /// A line of a splits file that is not `NAME SPLIT`.
    #[error(
        "{file}: line {line} is not of the form NAME SPLIT, with an id, a speaker or a folder \
         ending in `/` as NAME"
    )]
    SplitsLine {
        /// The splits file.
        file: String,
        /// The line, from 1.
        line: u64,
    },
    /// A line of a splits file with a split that cannot be one.
    #[error(
        "{file}: line {line}: `{name}` cannot name a split; a name has letters, digits, `_` and \
         `-` and begins with a letter or a digit"
    )]
    SplitsLineName {
        /// The splits file.
        file: String,
        /// The line, from 1.
        line: u64,
        /// The name of the split.
        name: String,
    },
    /// A splits file that puts one name into two splits.
    #[error(
        "{file}: `{name}` is in the split `{first_split}` by line {first_line} and in \
         `{second_split}` by line {second_line}; keep one"
    )]
    SplitsConflict {
        /// The splits file.
        file: String,
        /// The id, speaker or folder.
        name: String,
        /// Its split at first.
        first_split: String,
        /// The line that says so, from 1.
        first_line: u64,
        /// Its other split.
        second_split: String,
        /// The line that says so, from 1.
        second_line: u64,
    },
    /// A splits file that names nothing of this corpus.
    #[error(
        "{file}: {} in the corpus; it says for example `{first}`, the corpus has the id `{an_id}`",
        match names {
            1 => "its only name is not".to_owned(),
            _ => format!("none of its {names} names is"),
        }
    )]
    SplitsMatchNothing {
        /// The splits file.
        file: String,
        /// The number of names it has.
        names: u64,
        /// The first of them.
        first: String,
        /// An id of the corpus.
        an_id: String,
    },
    /// A line of a label map that is not `phone class`.
    #[error("label map, line {line}: `{text}` is not of the form `phone class`")]
    MapLine {
        /// The line, from 1.
        line: u64,
        /// The line's text.
        text: String,
    },
    /// A label map that gives one phone two classes.
    #[error(
        "label map: the phone `{phone}` has class `{first}` by line {first_line} and `{second}` \
         by line {second_line}; keep one"
    )]
    MapConflict {
        /// The phone.
        phone: String,
        /// Its class at first.
        first: String,
        /// The line that says so, from 1.
        first_line: u64,
        /// Its other class.
        second: String,
        /// The line that says so, from 1.
        second_line: u64,
    },
    /// A label map without a class.
    #[error("label map: it has no classes; it needs lines of the form `phone class`")]
    MapEmpty,
    /// A label map with more classes than a label can count.
    #[error("label map, line {line}: `{class}` would be class {number}, and the last is 1000000")]
    MapTooLarge {
        /// The line, from 1.
        line: u64,
        /// The class.
        class: String,
        /// The number it would have.
        number: u64,
    },
    /// No recording has a label that would be an utterance.
    #[error("no recording has a label in the tier `{tier}`, so that there are no segments")]
    NoSegments {
        /// The tier's pattern.
        tier: String,
    },
    /// A folder or a file of alignments that has one of no utterance.
    #[error(
        "{}: it has an alignment of none of the utterances, by path, id or name",
        printable(path)
    )]
    NoAlignmentsIn {
        /// The folder or file.
        path: PathBuf,
    },
    /// A file that should have the alignments of a corpus.
    #[error("{}: {reason}", printable(path))]
    NotAlignments {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        reason: String,
    },
    /// A word that does not say what counts where labels overlap.
    #[error("`{found}` does not say what counts of two labels; use error, first or last")]
    OverlapWord {
        /// The word.
        found: String,
    },
    /// A word that is not one of the ways to lay labels on frames.
    #[error("`{found}` is not a place for labels; use center, start or walk-2019")]
    LabelAt {
        /// The word.
        found: String,
    },
}
