//! The ids of rows that have none.

use std::{path::Path, sync::Arc};

use ossicle_files::{percent_escaped, printable};

use crate::{held::Held, names::collisions, readers::rows::Row, walk::Tally};

/// What rows without ids may be called, in their order.
#[derive(Debug, Default)]
pub(super) struct Stems(Vec<Stem>);

#[derive(Debug)]
struct Stem {
    /// The number of the row among all.
    number: usize,
    /// The name of its recording's file, without folders and extension.
    stem: Option<Box<str>>,
    /// How many rows its file has.
    rows: u64,
}

impl Stems {
    /// Adds a row without an id.
    ///
    /// - `path`: the path that its recording had
    /// - `rows`: how many rows its file has
    pub(super) fn add(&mut self, number: usize, path: Option<String>, rows: u64) {
        // It may be one of any system.
        let name = path.as_deref().and_then(|path| path.rsplit(['/', '\\']).next());
        let stem = name.map(|name| name.rsplit_once('.').map_or(name, |(stem, _)| stem));
        let stem = stem.filter(|stem| !stem.is_empty());
        let stem = stem.map(|stem| percent_escaped(stem.as_bytes()).into());
        self.0.push(Stem { number, stem, rows });
    }
}

/// Gives every row an id, and returns what people should know of that.
///
/// Rows without one are called as their recordings were, where all of these names differ; else as their file,
/// with their number. Ids that are those of rows of several files have the file's name in front.
pub(super) fn give_ids(rows: &mut [Row], stems: Stems) -> Option<String> {
    let stem = |stem: &Stem| stem.stem.as_deref().unwrap_or_default().to_owned();
    let names: Vec<String> = stems.0.iter().map(stem).collect();
    let are_names = names.iter().all(|name| !name.is_empty()) && collisions(&names).is_empty();
    for (Stem { number, rows: of_file, .. }, name) in stems.0.iter().zip(names) {
        let row = &mut rows[*number];
        row.id = Some(match are_names {
            true => name.into(),
            false => numbered(row, *of_file).into(),
        });
    }
    tell_apart(rows)
}

/// The name of a row by its file and its number: in order, they are in the order of rows.
fn numbered(row: &Row, rows_of_file: u64) -> String {
    let width = rows_of_file.saturating_sub(1).checked_ilog10().unwrap_or(0) as usize + 1;
    format!("{}-{:0width$}", file_stem(&row.source), row.line - 1)
}

/// Puts the file's name before the ids that rows of several files have.
fn tell_apart(rows: &mut [Row]) -> Option<String> {
    let held = |row: &Row| matches!(row.held(), Some(Held::Row { .. }));
    let numbers: Vec<usize> = (0..rows.len())
        .filter(|&number| rows[number].id.is_some() && held(&rows[number]))
        .collect();
    let ids: Vec<Box<str>> =
        numbers.iter().map(|&number| rows[number].id.clone().unwrap_or_default()).collect();
    let mut shared = Tally::default();
    let colliding = collisions(&ids);
    for alike in colliding.chunk_by(|&a, &b| ids[a] == ids[b]) {
        let mut sources: Vec<Arc<Path>> =
            alike.iter().map(|&at| rows[numbers[at]].source.clone()).collect();
        sources.sort_unstable();
        sources.dedup();
        if sources.len() < 2 {
            continue;
        }
        shared.add(&sources[0].join(&*ids[alike[0]]), "");
        for &at in alike {
            let row = &mut rows[numbers[at]];
            row.id = Some(format!("{}/{}", file_stem(&row.source), ids[at]).into());
        }
    }
    shared.notice(
        "another file has this id too; the file's name is put before both",
        "ids are those of rows of several files, whose names are put before them",
    )
}

fn file_stem(source: &Path) -> String {
    printable(&source.with_extension(""))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::extra::Extra;

    fn row(source: &str, number: u64, id: Option<&str>) -> Row {
        let held = Held::Row { row: number, column: 0, bytes: 1 };
        Row {
            line: number + 1,
            source: Path::new(source).into(),
            extra: Extra::of(None, None, Some(held)),
            id: id.map(Into::into),
            ..Row::default()
        }
    }

    fn ids(rows: &[(&str, u64, Option<&str>)], paths: &[&str]) -> (Vec<String>, Option<String>) {
        let mut rows: Vec<Row> =
            rows.iter().map(|&(source, number, id)| row(source, number, id)).collect();
        let mut stems = Stems::default();
        let without = (0..rows.len()).filter(|&number| rows[number].id.is_none());
        for (number, path) in without.collect::<Vec<_>>().into_iter().zip(paths) {
            stems.add(number, Some(path.to_string()).filter(|path| !path.is_empty()), 1001);
        }
        let said = give_ids(&mut rows, stems);
        (rows.into_iter().map(|row| row.id.unwrap().into()).collect(), said)
    }

    #[test]
    fn rows_are_called_as_their_recordings_were_or_by_their_numbers() {
        let rows = [("x/a.parquet", 0, None), ("x/a.parquet", 12, None)];
        assert_eq!(ids(&rows, &["c:\\d\\e.f.wav", "/d/g\n.mp3"]).0, ["e.f", "g%0A"]);
        for paths in [&["d/e.wav", "e.mp3"], &["e.wav", ""], &["e.wav", "d/"]] {
            assert_eq!(ids(&rows, paths).0, ["x/a-0000", "x/a-0012"], "{paths:?}");
        }
    }

    #[test]
    fn ids_of_several_files_have_the_files_names_in_front() {
        let rows = [("a.parquet", 0, Some("1")), ("b.parquet", 0, Some("1"))];
        let (found, said) = ids(&rows, &[]);
        assert_eq!(found, ["a/1", "b/1"]);
        assert!(said.unwrap().starts_with("a.parquet/1: another file has this id too"));
        // Those of one file are for whoever wrote it.
        let rows = [("a.parquet", 0, Some("1")), ("a.parquet", 1, Some("1"))];
        assert_eq!(ids(&rows, &[]), (vec!["1".into(), "1".into()], None));
    }
}
