//! The limits of another machine beside this one's.

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
    let there = there.file_stem().map_or_else(|| "there".into(), |name| printable(Path::new(name)));
    let there = match there.char_indices().nth(MOST_NAME) {
        Some((end, _)) => format!("{}…", &there[..end]),
        None => there,
    };
    let head = ["ulimit -a", "here: soft", "hard", &format!("{there}: soft"), "hard"];
    let head = head.map(str::to_owned).to_vec();
    let row = |it: &Difference| {
        let [soft, hard] = it.here.clone();
        let [soft_there, hard_there] = it.there.clone();
        vec![it.label.clone(), soft, hard, soft_there, hard_there]
    };
    std::iter::once(head).chain(differences.iter().map(row)).collect()
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
