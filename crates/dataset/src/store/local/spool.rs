//! A draft in a folder.

use std::fs::File;
use std::io::{self, BufWriter, Seek, SeekFrom, Write};

use super::beneath::Root;
use super::close::close;
use crate::error::Error;
use crate::store::{Draft, Spool};

/// The bytes of a spool that wait in memory to be written together.
const SPOOL_BUFFER_BYTES: usize = 1 << 13;

#[derive(Debug)]
pub(super) struct LocalSpool {
    /// The draft that is open; `None` once it is finished.
    file: Option<BufWriter<File>>,
    draft: Draft,
    root: Root,
    /// True once the draft is to stay.
    finished: bool,
}

impl LocalSpool {
    pub(super) fn new(file: File, draft: Draft, root: Root) -> LocalSpool {
        let file = Some(BufWriter::with_capacity(SPOOL_BUFFER_BYTES, file));
        LocalSpool { file, draft, root, finished: false }
    }

    /// Hands the file on, which is there until it is finished.
    fn with_file<T>(
        &mut self,
        action: &'static str,
        work: impl FnOnce(&mut BufWriter<File>) -> io::Result<T>,
    ) -> Result<T, Error> {
        let Some(file) = &mut self.file else { unreachable!("only finish takes it, and itself") };
        work(file).map_err(Error::io(action, &self.root.path().join(&self.draft.name)))
    }
}

impl Spool for LocalSpool {
    fn append(&mut self, bytes: &[u8]) -> Result<(), Error> {
        self.with_file("write", |file| file.write_all(bytes))
    }

    fn cut(&mut self, bytes: u64) -> Result<(), Error> {
        self.with_file("cut", |file| {
            file.flush()?;
            file.get_mut().set_len(bytes)?;
            file.get_mut().seek(SeekFrom::Start(bytes)).map(drop)
        })
    }

    fn finish(mut self: Box<Self>, sync: bool) -> Result<Draft, Error> {
        self.with_file("write", BufWriter::flush)?;
        if sync {
            self.with_file("sync", |file| file.get_ref().sync_all())?;
        }
        if let Some(file) = self.file.take() {
            // Nothing waits in the buffer any more.
            let (file, _) = file.into_parts();
            let path = self.root.path().join(&self.draft.name);
            close(file).map_err(Error::io("close", &path))?;
        }
        self.finished = true;
        Ok(self.draft.clone())
    }
}

impl Drop for LocalSpool {
    fn drop(&mut self) {
        // What waits in the buffer is not written any more.
        let file = self.file.take().map(|file| file.into_parts().0);
        // Whoever cleaned up has removed it, and another may have its name by now.
        let name = &self.draft.name;
        let beneath = self.root.enter();
        let is_ours = file.is_none_or(|file| beneath.is_at(&file, name).unwrap_or(false));
        if is_ours && !self.finished {
            // Whatever stays is removed by the next run.
            let _ = beneath.remove(name);
        }
    }
}
