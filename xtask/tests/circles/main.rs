//! No file of a crate imports another that imports it, directly or around several corners.
//!
//! Files that import each other in a circle are one noun torn apart, or a definition in the wrong room.
//! Every crate is parsed as the compiler would find its modules (`tree`), each file's imports and paths
//! are read (`uses`) and followed to the file where the name is defined (`scope`), and circles are the
//! strongly connected components of what comes out (`graph`). Circles that stand are in
//! `xtask/circles.txt` (`allowed`), a line an edge with its reason; a line that is not needed any more is
//! an error too, so that the list only shrinks.
//!
//! A node is a file, and tests (`#[cfg(test)]`) do not count. A parent does not import a child by
//! declaring it or by handing its names on, but it does by using them. Methods are not followed: to call
//! one, a file needs no import of the file that holds its `impl`.

mod allowed;
mod forms;
mod graph;
mod scope;
mod tree;
mod uses;

use std::fs;
use std::path::{Path, PathBuf};

use allowed::Allowed;
use graph::Graph;

/// The file with the circles that stand, from the project's folder.
const LIST: &str = "xtask/circles.txt";

#[test]
fn files_import_each_other_in_no_circle_that_is_not_listed() {
    let crates = crates_of_the_project();
    let allowed = fs::read_to_string(project().join(LIST)).expect("the list can be read");
    let allowed = Allowed::parse(&allowed).unwrap_or_else(|error| panic!("{LIST}: {error}"));
    let mut faults = Vec::new();
    for (name, sources) in &crates {
        let graph = graph_of(sources).unwrap_or_else(|error| panic!("{name}: {error}"));
        faults.extend(allowed.unlisted(name, &graph));
        faults.extend(allowed.not_needed(name, &graph));
    }
    let names: Vec<_> = crates.iter().map(|(name, _)| name.as_str()).collect();
    faults.extend(allowed.of_no_crate(&names));
    assert!(faults.is_empty(), "\n\n{}\n", faults.join("\n\n"));
}

/// Every crate's name and its folder of sources.
fn crates_of_the_project() -> Vec<(String, PathBuf)> {
    let mut crates = vec![("xtask".to_owned(), project().join("xtask/src"))];
    for entry in fs::read_dir(project().join("crates")).expect("there is a folder of crates") {
        let folder = entry.expect("the folder of crates can be listed").path();
        if folder.join("Cargo.toml").is_file() {
            let name = folder.file_name().expect("an entry has a name");
            crates.push((name.to_string_lossy().into_owned(), folder.join("src")));
        }
    }
    assert!(crates.len() > 1, "there are crates besides xtask");
    crates.sort();
    crates
}

fn graph_of(sources: &Path) -> Result<Graph, String> {
    let read = |path: &str| fs::read_to_string(sources.join(path)).ok();
    let mut graph = Graph::default();
    let mut roots = 0;
    for root in ["lib.rs", "main.rs"] {
        if let Some(text) = read(root) {
            graph.add(&tree::Tree::parse(root, &text, &read)?);
            roots += 1;
        }
    }
    if roots == 0 {
        return Err(format!("there is neither lib.rs nor main.rs in {}", sources.display()));
    }
    Ok(graph)
}

fn project() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().expect("xtask/ lies in the workspace")
}
