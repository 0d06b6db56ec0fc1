//! A draft of an object.

use std::io::{Read, Seek, SeekFrom, Write};
use std::path::PathBuf;

use ossicle_remote::PIECE_BYTES;
use tempfile::SpooledTempFile;

use super::bucket::Bucket;
use crate::error::Error;
use crate::store::held::Held;
use crate::store::{Draft, Spool};

#[derive(Debug)]
pub(super) struct ObjectSpool {
    bucket: Bucket,
    name: String,
    draft: String,
    /// In memory up to a piece; then in a file that has no name, which is gone with the process.
    file: SpooledTempFile,
    bytes: u64,
}

impl ObjectSpool {
    pub(super) fn new(bucket: Bucket, name: &str) -> ObjectSpool {
        let draft = Bucket::draft_name(name);
        let file = SpooledTempFile::new(PIECE_BYTES);
        ObjectSpool { bucket, name: name.to_owned(), draft, file, bytes: 0 }
    }

    /// Makes an error of the file that holds what will be sent.
    fn spooling(action: &'static str) -> impl FnOnce(std::io::Error) -> Error {
        let place = PathBuf::from(format!("a file in {}", std::env::temp_dir().display()));
        Error::io(action, &place)
    }

    /// Sends the pieces, and returns their tags.
    fn send(&mut self, upload: &ossicle_remote::Upload) -> Result<Vec<String>, Error> {
        let at = self.bucket.at(&self.name);
        let mut tags = Vec::new();
        let mut left = self.bytes;
        while left > 0 {
            let mut piece = vec![0; left.min(PIECE_BYTES as u64) as usize];
            self.file.read_exact(&mut piece).map_err(ObjectSpool::spooling("read"))?;
            left -= piece.len() as u64;
            tags.push(self.bucket.client.put_piece(&at, upload, tags.len(), piece.into())?);
        }
        Ok(tags)
    }
}

impl Spool for ObjectSpool {
    fn append(&mut self, bytes: &[u8]) -> Result<(), Error> {
        self.file.write_all(bytes).map_err(ObjectSpool::spooling("write"))?;
        self.bytes += bytes.len() as u64;
        Ok(())
    }

    fn cut(&mut self, bytes: u64) -> Result<(), Error> {
        let cut = self.file.set_len(bytes).and_then(|()| self.file.seek(SeekFrom::Start(bytes)));
        cut.map_err(ObjectSpool::spooling("cut"))?;
        self.bytes = bytes;
        Ok(())
    }

    fn finish(mut self: Box<Self>, _sync: bool) -> Result<Draft, Error> {
        self.file.rewind().map_err(ObjectSpool::spooling("read"))?;
        if self.bytes <= PIECE_BYTES as u64 {
            let mut whole = Vec::with_capacity(self.bytes as usize);
            self.file.read_to_end(&mut whole).map_err(ObjectSpool::spooling("read"))?;
            return Ok(Draft { name: self.draft.clone(), held: Some(Held::Whole(whole)) });
        }
        let upload = self.bucket.begin(&self.name, &self.draft)?;
        match self.send(&upload) {
            Ok(tags) => {
                let (of, bytes) = (self.name.clone(), self.bytes);
                let held = Some(Held::Sent { of, upload, tags, bytes });
                Ok(Draft { name: self.draft.clone(), held })
            }
            Err(error) => {
                // Whatever stays is removed by the next run.
                let _ = self.bucket.give_up(&self.draft);
                Err(error)
            }
        }
    }
}
