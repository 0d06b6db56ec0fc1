//! What is asked of a corpus and cannot be.

/// The reason why utterances cannot be chosen, named or split as it is asked.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum SelectionError {
    /// A pattern that is no regular expression, or a larger one than any.
    #[error("the pattern `{pattern}` cannot be used: {why}")]
    Pattern {
        /// The pattern.
        pattern: String,
        /// What is wrong with it.
        why: String,
    },
    /// Paths that do not say what they should.
    #[error("no {noun} is found: `{path}` does not have {what}")]
    NoSuchNames {
        /// What was looked for: a speaker, an id.
        noun: &'static str,
        /// What would have said it.
        what: String,
        /// The first path that does not say it.
        path: String,
    },
    /// A file of ids without a single one.
    #[error("{file}: it names no id; it must hold one a line")]
    IdsEmpty {
        /// The file: a printable path.
        file: String,
    },
    /// A file of ids that names nothing of this corpus.
    #[error(
        "{file}: none of its {ids} ids is in the corpus; it says for example `{first}`, the corpus has \
         the id `{an_id}`"
    )]
    IdsMatchNothing {
        /// The file: a printable path.
        file: String,
        /// How many ids it has.
        ids: u64,
        /// The first of them.
        first: String,
        /// An id of the corpus.
        an_id: String,
    },
    /// A word that gives no split a share.
    #[error(
        "`{word}` is not of the form SPLIT=SHARE with a share above 0 and up to 1, as train=0.8 is"
    )]
    NotAShare {
        /// The word.
        word: String,
    },
    /// Shares that are not all there is.
    #[error("the shares of the splits must come to 1, and come to {sum}")]
    SharesOfNoWhole {
        /// What they come to.
        sum: f64,
    },
    /// Splits are to be made of a corpus whose splits are given.
    #[error(
        "the corpus' splits are given, as {by}, and cannot be made too; leave one of the two out"
    )]
    SplitsGiven {
        /// By what they are given.
        by: &'static str,
    },
}
