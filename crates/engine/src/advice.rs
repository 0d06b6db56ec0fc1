//! Advice about an error, as a value: each door to the engine has words of its own for it.

use rustix::io::Errno;
use serde::{Deserialize, Serialize};

/// A kind of remedy. The command line makes flags of it, a library in another language arguments. It is
/// matched exhaustively on purpose: a door without words for one of these does not compile.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum Advice {
    /// Allow the run to replace what is in the output folder.
    Overwrite,
    /// Bring the dataset up to its corpus as it is now, or allow the run to replace it.
    Update,
    /// Make the plan that shares are of anew, and drop the parts of the old one.
    PlanAnew,
    /// Store a plan, or compute a share, which stores it.
    PlanFirst,
    /// Mend the dataset with its recordings, or allow the run to replace it.
    Repair,
    /// Make the dataset anew: its recordings are others now.
    MakeAnew,
    /// Give a folder that is new, empty or a dataset.
    OtherFolder,
    /// Give an output folder that is outside the corpus.
    FolderElsewhere,
    /// Wait for the other run, or give another output folder.
    WaitOrOtherOutput,
    /// Do without a lock, after seeing to it that nobody else writes there.
    NoLock,
    /// Remove what is in the way, or give another output folder.
    RemoveIt,
    /// Let a process open more files.
    RaiseOpenFiles,
    /// Take fewer connections to object stores, or let a process open more files.
    FewerConnections,
    /// Close files of other programs, or let a process open more, and run again.
    CloseFiles,
    /// Raise the bound on memory, or run where there is more.
    MoreMemory,
    /// Take fewer workers, which need less memory, and run again.
    FewerWorkers,
    /// Make room on the disk, or give an output folder on another.
    MakeRoom {
        /// True where something was done already, which running again goes on with.
        begun: bool,
    },
    /// Let files be larger, and run again.
    RaiseFileSize,
    /// See whether the disk is well, and run again, or give an output folder on another.
    LookAtDisk,
    /// Give a folder that can be written, or change its permissions.
    WritableFolder,
    /// See who has removed or renamed the folder; running again makes it anew.
    FolderIsGone,
    /// Run again: it goes on from where it was.
    RunAgain,
    /// Let more utterances fail.
    AllowMoreFailures,
    /// Give the corpus and its splits as the dataset was made of them.
    SameSplits,
    /// Go on although everything fails so far.
    KeepGoing,
    /// Set a key of the recipe.
    Set {
        /// The key, as `normalize.stats_from`.
        key: String,
        /// A value that it may have, or, in capital letters, a word for one.
        value: String,
    },
    /// Say how headerless recordings are encoded, and their sample rate.
    DescribeRaw,
    /// Give splits that share nothing, or allow them to.
    AllowOverlap,
    /// Take the recordings of one sample rate, resample to it, or allow several.
    OneRate {
        /// The rate that most have.
        sample_rate_hz: u32,
    },
}

impl From<ossicle_recipe::Advice> for Advice {
    fn from(advice: ossicle_recipe::Advice) -> Advice {
        match advice {
            ossicle_recipe::Advice::DescribeRaw => Advice::DescribeRaw,
            ossicle_recipe::Advice::Set { table, key, value } => {
                Advice::Set { key: format!("{table}.{key}"), value: value.to_owned() }
            }
        }
    }
}

impl Advice {
    /// Returns advice about an error of the system while a dataset is written. What is done is never
    /// lost.
    pub(crate) fn of_system(os_error: i32) -> Option<Advice> {
        Some(match Errno::from_raw_os_error(os_error) {
            Errno::NOSPC | Errno::DQUOT => Advice::MakeRoom { begun: true },
            Errno::FBIG => Advice::RaiseFileSize,
            Errno::IO | Errno::STALE | Errno::NODEV | Errno::NXIO | Errno::TIMEDOUT => {
                Advice::LookAtDisk
            }
            Errno::ROFS | Errno::ACCESS | Errno::PERM => Advice::WritableFolder,
            Errno::NOENT | Errno::NOTDIR => Advice::FolderIsGone,
            Errno::EXIST => Advice::OtherFolder,
            Errno::NOMEM | Errno::AGAIN => Advice::FewerWorkers,
            Errno::MFILE | Errno::NFILE => Advice::CloseFiles,
            _ => return None,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_error_of_the_disk_is_told_from_one_of_the_folder() {
        assert_eq!(Advice::of_system(28), Some(Advice::MakeRoom { begun: true }), "ENOSPC");
        assert_eq!(Advice::of_system(2), Some(Advice::FolderIsGone), "ENOENT");
        assert_eq!(Advice::of_system(13), Some(Advice::WritableFolder), "EACCES");
        assert_eq!(Advice::of_system(9), None, "EBADF");
    }
}
