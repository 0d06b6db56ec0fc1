//! The limits of another machine beside this one's.

use std::ffi::OsStr;
use std::path::Path;

use anyhow::{Context, Result};
use ossicle_corpus::printable;
use ossicle_files::read_small;
use serde::Deserialize;

use super::rows::{Limit, figure};
use super::system::System;

/// What `ossicle limits --json` has said on another machine.
#[derive(Debug, Deserialize)]
pub(super) struct Saved {
    limits: Vec<Limit>,
    system: System,
}

/// A limit that is another there: its name, and of each machine the limit in force and what it may be raised to.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Difference {
    pub(super) label: String,
    pub(super) here: [String; 2],
    pub(super) there: [String; 2],
}

/// A file of limits is small.
const MOST_BYTES: u64 = 1 << 20;

impl Saved {
    /// Reads what was saved.
    pub(super) fn read(path: &Path) -> Result<Saved> {
        let text = read_small(path, MOST_BYTES)
            .with_context(|| format!("cannot read {}", printable(path)))?;
        serde_json::from_str(&text).with_context(|| {
            format!("{} is not what `ossicle limits --json` prints", printable(path))
        })
    }

    /// Returns what is another there.
    pub(super) fn differences(&self, limits: &[Limit], system: &System) -> Vec<Difference> {
        let absent = || ["none such".to_owned(), "none such".to_owned()];
        let mut all = Vec::new();
        for limit in limits {
            let there = self.limits.iter().find(|there| there.letter == limit.letter);
            let there = there.map_or_else(absent, Limit::figures);
            all.push(Difference { label: limit.label(), here: limit.figures(), there });
        }
        for limit in &self.limits {
            if !limits.iter().any(|here| here.letter == limit.letter) {
                let there = limit.figures();
                all.push(Difference { label: limit.label(), here: absent(), there });
            }
        }
        for ((label, here), (_, there)) in system.figures().into_iter().zip(self.system.figures()) {
            let (here, there) = ([here, String::new()], [there, String::new()]);
            all.push(Difference { label: label.to_owned(), here, there });
        }
        all.retain(|it| it.here != it.there);
        all
    }
}

/// The most characters of a machine's name at the head of a column.
const MOST_NAME: usize = 24;

/// The rows of a table of differences, of which the two heads say whose each column is, and what.
///
/// - `there`: the file that the other machine's limits are in, which is called after it
pub(super) fn rows(differences: &[Difference], there: &Path) -> Vec<Vec<String>> {
    let there = name_of(there);
    let [soft, hard] = ["soft", "hard"].map(|of| format!("{there}: {of}"));
    // Where they are more than a line has room for, limits in force are beside each other, and the others below.
    let head = ["ulimit -a", "here: soft", &soft, "here: hard", &hard];
    let head = head.map(str::to_owned).to_vec();
    let row = |it: &Difference| {
        let [soft, hard] = it.here.clone();
        let [soft_there, hard_there] = it.there.clone();
        vec![it.label.clone(), soft, soft_there, hard, hard_there]
    };
    std::iter::once(head).chain(differences.iter().map(row)).collect()
}

/// What the other machine is called: as the file is, unless that would be this machine's name.
fn name_of(there: &Path) -> String {
    let of = |name: Option<&OsStr>| name.map(|name| printable(Path::new(name)));
    let mut names = [there.file_stem(), there.file_name()].map(of).into_iter().flatten();
    let name = names.find(|name| name != "here").unwrap_or_else(|| "there".to_owned());
    match name.char_indices().nth(MOST_NAME) {
        Some((end, _)) => format!("{}…", &name[..end]),
        None => name,
    }
}

impl System {
    /// What bounds more than this process, for people.
    pub(super) fn figures(&self) -> Vec<(&'static str, String)> {
        let processors =
            self.group_processors.map_or_else(|| "unlimited".to_owned(), |it| format!("{it:.2}"));
        vec![
            ("processors that it may use", self.cores.to_string()),
            ("processors of its control group", processors),
            ("memory of its control group (bytes)", figure(self.group_memory_bytes)),
            ("open files of the whole system", figure(self.file_max)),
        ]
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    #[test]
    fn no_two_columns_have_one_name() {
        for (file, soft) in [
            ("mac.json", "mac: soft"),
            ("/saved/here.json", "here.json: soft"),
            ("here", "there: soft"),
            ("/", "there: soft"),
            ("a-machine-with-a-very-long-name.json", "a-machine-with-a-very-lo…: soft"),
        ] {
            let rows = rows(&[], Path::new(file));
            assert_eq!(rows[0][2], soft);
            let names: BTreeSet<&String> = rows[0].iter().collect();
            assert_eq!(names.len(), 5, "{rows:?}");
        }
    }
}
