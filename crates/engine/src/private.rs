//! Whether a dataset can be read by people who cannot read its corpus.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;

use ossicle_corpus::printable;

use crate::notice::Notice;
use crate::plan::Plan;

/// What others than the owner may do, in a file's mode.
const OTHERS: u32 = 0o077;
/// What others need to go through a folder.
const GO_THROUGH: u32 = 0o011;

/// Returns what people should know of a dataset at `out`, a folder that is there, where it is made of a
/// corpus that is its owner's alone and can itself be read by others: what is written has the rights that
/// the user's own mask gives it.
pub(crate) fn notice(plan: &Plan, out: &Path) -> Option<Notice> {
    let splits = plan.corpus.splits.iter().map(|split| split.root.as_path());
    let walked = plan.corpus.walked.iter().map(|folder| folder.as_path());
    let corpus =
        splits.chain(walked).find(|folder| mode(folder).is_some_and(|m| m & OTHERS == 0))?;
    let out_is_open = mode(out)? & OTHERS != 0;
    let is_reached = || {
        let real = out.canonicalize().ok()?;
        let open = |above: &Path| mode(above).is_some_and(|mode| mode & GO_THROUGH != 0);
        Some(real.ancestors().skip(1).all(open))
    };
    (out_is_open && is_reached()?)
        .then(|| Notice::PrivateCorpus { corpus: printable(corpus), dataset: printable(out) })
}

fn mode(path: &Path) -> Option<u32> {
    Some(fs::metadata(path).ok()?.permissions().mode())
}
