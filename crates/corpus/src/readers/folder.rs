//! Any folder of recordings.

use std::io;

use ossicle_files::printable;

use crate::{
    corpus::CorpusKind,
    error::Error,
    format::{CorpusFormat, Given},
    found::Found,
    names::assign_ids,
    readers::{
        beside::Alignments,
        reader::{Description, Reader, Wanted},
    },
    tiers_sought::TiersSought,
    utterance::Utterance,
    walk::Walk,
};

/// Reads every recording below a folder. Its id is the path without extension; its alignment is
/// what lies beside it.
#[derive(Debug)]
pub(crate) struct Folder;

impl Reader for Folder {
    fn format(&self) -> CorpusFormat {
        CorpusFormat { name: "folder", what: "a folder of recordings", given: Given::Folder }
    }

    fn recognises(&self, description: &Description<'_>, _: &Wanted) -> io::Result<bool> {
        Ok(description.is_folder)
    }

    fn read(&self, description: &Description<'_>, wanted: &Wanted) -> Result<Found, Error> {
        let root = description.path;
        let mut walk = Walk::through(root, &[root], wanted.sought, wanted.tiers)?;
        if walk.recordings.is_empty() {
            // Texts and tables are no alignments of nothing.
            let all = walk.alignments.iter();
            let doubtful = all.filter(|path| TiersSought::is_often_another(path.as_os_str()));
            doubtful.for_each(|path| walk.ignored.add(path));
            return Err(Error::NoRecordings {
                path: root.to_path_buf(),
                unreadable_folders: walk.num_unreadable(),
                ignored: walk.ignored,
                sought: wanted.sought,
            });
        }
        let (notices, closed) = (walk.notices(), walk.unreadable_folders());
        let ids = assign_ids(&walk.recordings, wanted.sought).map_err(|(first, second)| {
            Error::DuplicateId {
                id: printable(&walk.recordings[first]),
                first: printable(&walk.recordings[first]),
                second: printable(&walk.recordings[second]),
            }
        })?;
        let mut alignments = Alignments::of_walk(root, wanted.tiers, walk.alignments, |stem| stem);
        let mut utterances = alignments.utterances(ids, walk.recordings, wanted.sought);
        let closed = closed.into_iter();
        utterances.extend(closed.map(|folder| Utterance::of_closed_folder(root, folder)));
        let mut ignored = walk.ignored;
        alignments.unused().for_each(|path| ignored.add(&path));
        Ok(Found {
            ignored,
            left_out: walk.left_out,
            walked: walk.walked,
            notices,
            ..Found::unsplit(CorpusKind::Folder, root, utterances)
        })
    }
}
