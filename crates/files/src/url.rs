//! The names of objects: URLs, which travel as paths do.
//!
//! `Path` knows only slashes. It takes `s3://bucket/key` for a relative path, forgets one of its slashes where it is
//! put together anew from its components, and finds a folder above the bucket. What it does wrong of a URL is done
//! here, of every path.

use std::path::{Component, Path, PathBuf};

use crate::scheme::{StoreKind, store_kind};

/// Returns whether a path is the URL of an object: `s3://bucket/key`, `https://host/a.wav`.
///
/// ```
/// use ossicle_files::is_url;
/// use std::path::Path;
///
/// assert!(is_url(Path::new("s3://bucket/corpus")));
/// assert!(!is_url(Path::new("corpus/s3:/a.wav")) && !is_url(Path::new("hdfs://host/a.wav")));
/// ```
pub fn is_url(path: &Path) -> bool {
    halves(path).is_some()
}

/// Returns whether what is at a URL is reached by plain HTTP, which has no folders.
pub fn is_http(url: &Path) -> bool {
    halves(url).is_some_and(|(scheme, _)| store_kind(scheme) == Some(StoreKind::Http))
}

/// Splits a URL behind its scheme.
fn halves(path: &Path) -> Option<(&str, &str)> {
    // What begins as one is looked at no further.
    let bytes = path.as_os_str().as_encoded_bytes();
    if !bytes.iter().take(8).any(|&byte| byte == b':') {
        return None;
    }
    let (scheme, rest) = path.to_str()?.split_once("://")?;
    (store_kind(scheme).is_some() && !rest.starts_with('/') && !rest.is_empty())
        .then_some((scheme, rest))
}

/// Returns whether a path says by itself where it leads: it begins at the root, or is a URL.
pub fn is_absolute(path: &Path) -> bool {
    path.is_absolute() || is_url(path)
}

/// Makes a path one that says by itself where it leads.
///
/// # Errors
/// Those of [`std::path::absolute`].
pub fn absolute(path: &Path) -> std::io::Result<PathBuf> {
    if is_url(path) { Ok(simple(path)) } else { std::path::absolute(path) }
}

/// The path of what is called so in a folder. In a store of objects nothing is called `..`: there it is the folder
/// above.
///
/// ```
/// use ossicle_files::join;
/// use std::path::Path;
///
/// let bucket = Path::new("s3://bucket/data");
/// assert_eq!(join(bucket, "train/../a.wav").to_str(), Some("s3://bucket/data/a.wav"));
/// assert_eq!(join(bucket, "../../../a.wav").to_str(), Some("s3://bucket/a.wav"));
/// assert_eq!(join("corpus", "s3://bucket/a.wav").to_str(), Some("s3://bucket/a.wav"));
/// ```
pub fn join(folder: impl AsRef<Path>, path: impl AsRef<Path>) -> PathBuf {
    let (folder, path) = (folder.as_ref(), path.as_ref());
    if is_url(path) {
        return path.to_path_buf();
    }
    let joined = folder.join(path);
    let has_dots = || path.components().any(|it| !matches!(it, Component::Normal(_)));
    if is_url(folder) && has_dots() { simple(&joined) } else { joined }
}

/// The folder that a path is in, as [`Path::parent`] has it; none above a bucket or a host. What stands behind the
/// `?` of a URL is no part of it.
pub fn parent(path: &Path) -> Option<&Path> {
    let Some((scheme, rest)) = halves(path) else { return path.parent() };
    let before = rest.split('?').next().unwrap_or_default().trim_end_matches('/');
    let end =
        if is_http(path) { before.rfind('/')? } else { rest.trim_end_matches('/').rfind('/')? };
    path.to_str().map(|text| Path::new(&text[..scheme.len() + 3 + end]))
}

/// The path without `.`. Of a URL, what stands before `..` goes with it; of other paths it stays, for past a link it
/// leads elsewhere.
pub fn simple(path: &Path) -> PathBuf {
    let Some((scheme, rest)) = halves(path) else {
        return path.components().filter(|part| !matches!(part, Component::CurDir)).collect();
    };
    let query = if is_http(path) { rest.find('?').unwrap_or(rest.len()) } else { rest.len() };
    let (rest, query) = rest.split_at(query);
    let (host, key) = rest.split_once('/').unwrap_or((rest, ""));
    let mut parts: Vec<&str> = Vec::new();
    for part in key.split('/') {
        match part {
            "." | "" => {}
            ".." => drop(parts.pop()),
            part => parts.push(part),
        }
    }
    let key = parts.join("/");
    format!("{scheme}://{host}{}{key}{query}", if key.is_empty() { "" } else { "/" }).into()
}

/// A URL of HTTP without what stands behind its `?`, which may be a signature that nobody else should have.
pub fn without_query(path: &Path) -> &Path {
    match path.to_str().and_then(|text| text.split_once('?')) {
        Some((before, _)) if is_http(path) => Path::new(before),
        _ => path,
    }
}

/// What a path is called below a folder; the path itself where it is elsewhere, or is a URL that would lose by it what
/// tells that its query is one.
pub fn below<'a>(path: &'a Path, folder: &Path) -> &'a Path {
    match path.strip_prefix(folder) {
        Ok(below) if without_query(path) == path => below,
        _ => path,
    }
}

/// A URL as it may be shown: without a user's name and password, and without its query; none of another path. So is that
/// of a word `name=URL`.
pub(crate) fn shown(path: &Path) -> Option<String> {
    let Some((scheme, rest)) = halves(path) else {
        let (name, url) = path.to_str()?.split_once('=')?;
        return Some(format!("{name}={}", shown(Path::new(url))?));
    };
    let rest = if is_http(path) { rest.split(['?', '#']).next().unwrap_or_default() } else { rest };
    let (host, key) = rest.split_once('/').map_or((rest, None), |(host, key)| (host, Some(key)));
    // Azure's container stands before its host, as a user would: `abfss://container@account.…`.
    let host = match host.rsplit_once('@') {
        Some((user, host)) if is_http(path) || user.contains(':') => host,
        _ => host,
    };
    Some(match key {
        Some(key) => format!("{scheme}://{host}/{key}"),
        None => format!("{scheme}://{host}"),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_urls_of_known_schemes_are_some() {
        for url in
            ["s3://b", "S3://b/k", "gs://b/a b", "az://c/x", "http://h:1/a?b=c", "abfss://c@h/x"]
        {
            assert!(is_url(Path::new(url)) && is_absolute(Path::new(url)), "{url}");
        }
        for path in
            ["s3:/b", "s3://", "s3:///b", "file:///b", "a/s3://b", "corpus", "/s3://b", "ftp://h/b"]
        {
            assert!(!is_url(Path::new(path)), "{path}");
        }
    }

    #[test]
    fn there_is_nothing_above_a_bucket() {
        let parents =
            |path: &str| parent(Path::new(path)).map(|path| path.to_str().unwrap().to_owned());
        assert_eq!(parents("s3://b/k/a.wav").as_deref(), Some("s3://b/k"));
        assert_eq!(parents("s3://b/k/").as_deref(), Some("s3://b"));
        assert_eq!(parents("s3://b/k?/a").as_deref(), Some("s3://b/k?"));
        assert_eq!(parents("s3://b/k").as_deref(), Some("s3://b"));
        assert_eq!(parents("s3://b"), None);
        assert_eq!(parents("s3://b/"), None);
        assert_eq!(parents("https://h/x/a.wav?sig=/y/z").as_deref(), Some("https://h/x"));
        assert_eq!(parents("a/b").as_deref(), Some("a"));
    }

    #[test]
    fn a_url_stays_one_whatever_is_done_to_it() {
        let simple = |path: &str| super::simple(Path::new(path)).to_str().unwrap().to_owned();
        assert_eq!(simple("s3://b/./k//x/../a.wav"), "s3://b/k/a.wav");
        assert_eq!(simple("s3://b/"), "s3://b");
        assert_eq!(simple("http://h/x/../a?sig=//../"), "http://h/a?sig=//../");
        assert_eq!(simple("./x/../a.wav"), "x/../a.wav");
        assert_eq!(absolute(Path::new("gs://b/a")).unwrap(), Path::new("gs://b/a"));
        let joined = |a: &str, b: &str| join(a, b).to_str().unwrap().to_owned();
        assert_eq!(joined("s3://b", "x/a.wav"), "s3://b/x/a.wav");
        assert_eq!(joined("s3://b/", "./a.wav"), "s3://b/a.wav");
        assert_eq!(joined("s3://b/x", "/data/a.wav"), "/data/a.wav");
        assert_eq!(joined("x", "y/../a.wav"), "x/y/../a.wav");
    }

    #[test]
    fn credentials_are_not_shown() {
        let shown = |path: &str| super::shown(Path::new(path));
        assert_eq!(shown("https://me:word@h/a.wav?X-Amz-Signature=1").unwrap(), "https://h/a.wav");
        assert_eq!(shown("https://me@h").unwrap(), "https://h");
        assert_eq!(shown("s3://key:word@b/a?b").unwrap(), "s3://b/a?b");
        assert_eq!(shown("abfss://c@account.example/a").unwrap(), "abfss://c@account.example/a");
        assert_eq!(shown("train=https://me:word@h/a?b=c").unwrap(), "train=https://h/a");
        assert_eq!((shown("a/b?c"), shown("a=b?c")), (None, None));
        assert_eq!(without_query(Path::new("http://h/a.wav?x=y")), Path::new("http://h/a.wav"));
        assert_eq!(without_query(Path::new("s3://b/a?x")), Path::new("s3://b/a?x"));
        let below = |path: &'static str| super::below(Path::new(path), Path::new("http://h/d"));
        assert_eq!(below("http://h/d/e/a.wav"), Path::new("e/a.wav"));
        assert_eq!(below("http://h/d/a.wav?x"), Path::new("http://h/d/a.wav?x"));
        assert_eq!(below("http://h/e/a.wav"), Path::new("http://h/e/a.wav"));
    }
}
