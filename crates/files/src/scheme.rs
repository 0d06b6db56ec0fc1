//! The schemes of stores of objects.

/// The kinds of stores, by the protocol that they are spoken to in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum StoreKind {
    /// Amazon's S3, and all that speak as it does.
    S3,
    /// Google Cloud Storage.
    Gcs,
    /// Azure's blobs.
    Azure,
    /// A server of files, which can neither list nor keep any.
    Http,
}

/// The schemes of each kind, the one to write first.
const SCHEMES: [(StoreKind, &[&str]); 4] = [
    (StoreKind::S3, &["s3", "s3a"]),
    (StoreKind::Gcs, &["gs"]),
    (StoreKind::Azure, &["az", "azure", "adl", "abfs", "abfss"]),
    (StoreKind::Http, &["https", "http"]),
];

/// Returns the kind of store that a scheme stands for, in whatever letters it is written; none where it is of none.
///
/// ```
/// use ossicle_files::{StoreKind, store_kind};
///
/// assert_eq!(store_kind("S3a"), Some(StoreKind::S3));
/// assert_eq!(store_kind("ftp"), None);
/// ```
pub fn store_kind(scheme: &str) -> Option<StoreKind> {
    let has = |known: &[&str]| known.iter().any(|known| scheme.eq_ignore_ascii_case(known));
    SCHEMES.iter().find(|(_, known)| has(known)).map(|(kind, _)| *kind)
}

/// Returns all schemes that stand for a store, by kind.
pub fn schemes() -> impl Iterator<Item = &'static str> {
    SCHEMES.iter().flat_map(|(_, schemes)| schemes.iter().copied())
}
