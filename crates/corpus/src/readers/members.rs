//! The members of a tar archive by their names, for manifests that name them.

use std::{collections::HashMap, path::Path};

use ossicle_files::{OpenError, percent_escaped, printable};

use crate::{
    archives::{MemberKind, Shard},
    error::Error,
    held::Held,
    readers::{
        faults::{At, Faults},
        reader::not_opened,
    },
};

/// The files in an archive by their names.
#[derive(Debug)]
pub(crate) struct Members {
    by_name: HashMap<String, (u64, u64)>,
    is_packed: bool,
}

impl Members {
    /// Reads the headers of an archive. What is wrong with it is told to `faults`.
    ///
    /// # Errors
    /// It cannot be opened.
    pub(crate) fn read(path: &Path, faults: &mut Faults) -> Result<Members, Error> {
        let mut shard = Shard::open(path).map_err(|error| match error {
            OpenError::Io(source) => not_opened(path, source),
            OpenError::NotRegular { .. } => Error::NotACorpus { path: path.to_path_buf() },
        })?;
        let mut members = Members { by_name: HashMap::new(), is_packed: shard.is_packed };
        loop {
            match shard.members.next_member() {
                Ok(Some(member)) if member.kind == MemberKind::File => {
                    let name =
                        percent_escaped(member.name.strip_prefix(b"./").unwrap_or(&member.name));
                    // Of two that are called the same the last one counts, as it does to tar.
                    members.by_name.insert(name, (member.offset, member.bytes));
                }
                Ok(Some(_)) => {}
                Ok(None) => return Ok(members),
                Err(error) => {
                    let at = At { file: &printable(path), line: 0, column: 0 };
                    faults.add(at, "archives that cannot be read", || error.to_string());
                    return Ok(members);
                }
            }
        }
    }

    /// Finds a member.
    ///
    /// - `name`: spelled as ids are
    pub(crate) fn get(&self, name: &str) -> Option<Held> {
        let &(offset, bytes) = self.by_name.get(name)?;
        Some(Held::Member { name: name.into(), offset, bytes, is_packed: self.is_packed })
    }

    /// The names, in no order.
    pub(crate) fn names(&self) -> impl Iterator<Item = &str> {
        self.by_name.keys().map(String::as_str)
    }
}
