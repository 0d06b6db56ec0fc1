//! The format of a description.

use std::fmt;

/// A format that a description of a corpus can have.
///
/// ```
/// use ossicle_corpus::CorpusFormat;
///
/// let format: CorpusFormat = "kaldi".parse()?;
/// assert_eq!(format.name(), "kaldi");
/// assert!(CorpusFormat::all().any(|it| it == format));
/// assert!("caldi".parse::<CorpusFormat>().is_err());
/// # Ok::<(), ossicle_corpus::Error>(())
/// ```
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct CorpusFormat {
    /// The name by which people ask for it.
    pub(crate) name: &'static str,
    /// What such a description is, with its article.
    pub(crate) what: &'static str,
    /// What it is given as.
    pub(crate) given: Given,
}

/// What a description of a format is on disk.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Given {
    Folder,
    File,
    Either,
}

impl CorpusFormat {
    /// Its name: `kaldi`.
    pub fn name(self) -> &'static str {
        self.name
    }

    /// Returns the name of such a description with its article: `a data folder of Kaldi's, or its list of recordings`.
    pub fn what(self) -> &'static str {
        self.what
    }
}

impl fmt::Debug for CorpusFormat {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name)
    }
}

impl fmt::Display for CorpusFormat {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name)
    }
}
