//! Objects in memory, for tests.

use std::{
    collections::BTreeMap,
    io,
    ops::Range,
    path::Path,
    sync::{
        Arc, Mutex, MutexGuard, OnceLock, PoisonError,
        atomic::{AtomicU64, Ordering},
    },
    time::{Duration, UNIX_EPOCH},
};

use crate::{
    install_objects,
    objects::{ObjectError, ObjectStat, Objects},
};

/// The objects of all buckets, by their URLs.
#[derive(Debug, Default)]
pub struct MemoryObjects {
    all: Mutex<BTreeMap<String, (Vec<u8>, u64)>>,
    writes: AtomicU64,
    /// How often each URL was asked for, and how many bytes of it were given.
    requests: Mutex<BTreeMap<String, (u64, u64)>>,
    /// Whether it fails where there is no object of a name.
    fails: bool,
}

impl MemoryObjects {
    /// The one of this process, which is installed when it is first asked for.
    ///
    /// # Panics
    /// Another implementation is in use.
    pub fn installed() -> Arc<MemoryObjects> {
        static INSTALLED: OnceLock<Arc<MemoryObjects>> = OnceLock::new();
        let installed = INSTALLED.get_or_init(|| {
            let memory = Arc::new(MemoryObjects::default());
            match install_objects(memory.clone()) {
                Ok(()) => memory,
                Err(error) => panic!("{error}"),
            }
        });
        Arc::clone(installed)
    }

    /// One that answers that it failed where there is no object of a name, as some servers do at folders of theirs.
    #[cfg(test)]
    pub(crate) fn failing() -> MemoryObjects {
        MemoryObjects { fails: true, ..MemoryObjects::default() }
    }

    /// The URL of a bucket that nobody else has.
    pub fn bucket(&self) -> String {
        format!("s3://bucket-{}", self.writes.fetch_add(1, Ordering::Relaxed))
    }

    /// Puts an object.
    pub fn put(&self, url: impl AsRef<Path>, bytes: impl Into<Vec<u8>>) {
        let number = self.writes.fetch_add(1, Ordering::Relaxed);
        self.all().insert(url.as_ref().display().to_string(), (bytes.into(), number));
    }

    /// Removes whatever begins so.
    pub fn remove(&self, prefix: impl AsRef<Path>) {
        let prefix = prefix.as_ref().display().to_string();
        self.all().retain(|url, _| !url.starts_with(&prefix));
    }

    /// Puts every file below a folder, where its name is text, and returns the folder's URL. An empty folder is an
    /// object without bytes whose name ends with `/`, as tools make it.
    ///
    /// # Errors
    /// Those of reading files.
    pub fn put_folder(&self, folder: &Path) -> io::Result<String> {
        let bucket = self.bucket();
        let mut left = vec![folder.to_path_buf()];
        while let Some(inside) = left.pop() {
            let entries: Vec<_> = std::fs::read_dir(&inside)?.flatten().collect();
            let below = inside.strip_prefix(folder).ok().and_then(Path::to_str);
            if let (true, Some(below)) = (entries.is_empty(), below) {
                self.put(format!("{bucket}/{below}/"), []);
            }
            for entry in entries {
                let path = entry.path();
                let below = path.strip_prefix(folder).ok().and_then(Path::to_str);
                match (entry.file_type()?, below) {
                    (kind, _) if kind.is_dir() => left.push(path),
                    (kind, Some(below)) if kind.is_file() => {
                        self.put(format!("{bucket}/{below}"), std::fs::read(&path)?);
                    }
                    _ => {}
                }
            }
        }
        Ok(bucket)
    }

    /// Counts the requests that there were for what begins so.
    pub fn requests_of(&self, prefix: impl AsRef<Path>) -> u64 {
        self.given(prefix.as_ref()).0
    }

    /// Counts the bytes that were given of what begins so.
    pub fn bytes_of(&self, prefix: impl AsRef<Path>) -> u64 {
        self.given(prefix.as_ref()).1
    }

    fn given(&self, prefix: &Path) -> (u64, u64) {
        let prefix = prefix.display().to_string();
        let requests = self.requests.lock().unwrap_or_else(PoisonError::into_inner);
        let given = requests.iter().filter(|(url, _)| url.starts_with(&prefix));
        given.fold((0, 0), |all, (_, one)| (all.0 + one.0, all.1 + one.1))
    }

    fn count(&self, url: &str, requests: u64, bytes: usize) {
        let mut all = self.requests.lock().unwrap_or_else(PoisonError::into_inner);
        let given = all.entry(url.to_owned()).or_default();
        *given = (given.0 + requests, given.1 + bytes as u64);
    }

    fn all(&self) -> MutexGuard<'_, BTreeMap<String, (Vec<u8>, u64)>> {
        self.all.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn asked(&self, url: &str) -> MutexGuard<'_, BTreeMap<String, (Vec<u8>, u64)>> {
        self.count(url, 1, 0);
        self.all()
    }
}

fn stat((bytes, number): &(Vec<u8>, u64)) -> ObjectStat {
    ObjectStat {
        bytes: bytes.len() as u64,
        modified: Some(UNIX_EPOCH + Duration::from_secs(1_700_000_000)),
        tag: Some(format!("\"{number}\"").into()),
    }
}

impl Objects for MemoryObjects {
    fn stat(&self, url: &str) -> io::Result<ObjectStat> {
        let none = || match self.fails {
            true => ObjectError::Failed("the server answers 500".to_owned()),
            false => ObjectError::NotFound,
        };
        self.asked(url).get(url).map(stat).ok_or_else(|| none().into())
    }

    fn list(&self, url: &str, listed: &mut dyn FnMut(&str, ObjectStat)) -> io::Result<()> {
        let prefix = format!("{}/", url.trim_end_matches('/'));
        for (url, object) in &*self.asked(url) {
            if let Some(name) = url.strip_prefix(&prefix) {
                listed(name, stat(object));
            }
        }
        Ok(())
    }

    fn list_level(
        &self,
        url: &str,
        listed: &mut dyn FnMut(&str, Option<ObjectStat>),
    ) -> io::Result<()> {
        let mut last = String::new();
        self.list(url, &mut |name, stat| match name.split_once('/') {
            None => listed(name, Some(stat)),
            Some((folder, _)) if last != folder => {
                folder.clone_into(&mut last);
                listed(&format!("{folder}/"), None);
            }
            Some(_) => {}
        })
    }

    fn read(
        &self,
        url: &str,
        range: Range<u64>,
        tag: Option<&str>,
    ) -> io::Result<(Vec<u8>, ObjectStat)> {
        let all = self.asked(url);
        let object = all.get(url).ok_or(ObjectError::NotFound)?;
        let stat = stat(object);
        if tag.is_some() && tag != stat.tag.as_deref() {
            return Err(ObjectError::Changed.into());
        }
        if range.start >= stat.bytes {
            return Err(ObjectError::Failed("the range is not satisfiable".to_owned()).into());
        }
        let bytes = &object.0[range.start as usize..range.end.min(stat.bytes) as usize];
        self.count(url, 0, bytes.len());
        Ok((bytes.to_vec(), stat))
    }
}
