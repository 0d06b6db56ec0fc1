//! Which file imports which, and the circles in it.

use std::collections::{BTreeMap, BTreeSet};

use crate::scope::{Scope, Target};
use crate::tree::{Name, Tree};

/// An arrow from one file to another that it imports.
pub(crate) type Edge = (String, String);

/// All edges of a crate, with the names that each imports.
#[derive(Default)]
pub(crate) struct Graph {
    pub(crate) edges: BTreeMap<Edge, BTreeSet<String>>,
}

impl Graph {
    /// Adds what the modules of a tree import of each other.
    pub(crate) fn add(&mut self, tree: &Tree) {
        let mut scope = Scope::new(tree);
        for (number, module) in tree.modules.iter().enumerate() {
            for import in &module.imports {
                for target in scope.resolve(number, &import.path) {
                    let (Target::Module(of) | Target::Item(of)) = target;
                    // A module's name is only a way to what is in it, which paths will show.
                    let names_things =
                        matches!(target, Target::Item(_)) || import.name == Name::Glob;
                    let hands_on = import.is_public && tree.is_below(of, number);
                    if names_things && !hands_on {
                        self.insert(tree, number, of, &import.path);
                    }
                }
            }
            for path in &module.paths {
                let mut targets = scope.resolve(number, &path.segments);
                if let [name] = path.segments.as_slice()
                    && targets.is_empty()
                {
                    targets.extend(macro_above(tree, number, name).map(Target::Item));
                }
                for target in targets {
                    match target {
                        Target::Module(of) if path.is_glob => {
                            self.insert(tree, number, of, &path.segments);
                        }
                        Target::Module(_) => {}
                        Target::Item(of) => self.insert(tree, number, of, &path.segments),
                    }
                }
            }
        }
    }

    fn insert(&mut self, tree: &Tree, from: usize, to: usize, path: &[String]) {
        let (from, to) = (&tree.modules[from].file, &tree.modules[to].file);
        if from != to {
            let names = self.edges.entry((from.clone(), to.clone())).or_default();
            // `b::B::new` says no more than the `use crate::b::B` before it.
            let is_said = |it: &String| it.rsplit("::").next() == path.first().map(String::as_str);
            if !names.iter().any(is_said) {
                names.insert(path.join("::"));
            }
        }
    }

    /// Sets of files that all reach each other, of two and more, with the edges among them.
    pub(crate) fn circles(&self) -> Vec<(BTreeSet<&str>, Vec<&Edge>)> {
        let mut circles: Vec<(BTreeSet<&str>, Vec<&Edge>)> = Vec::new();
        let files: BTreeSet<&str> = self.edges.keys().map(|(from, _)| from.as_str()).collect();
        let reached: BTreeMap<&str, BTreeSet<&str>> =
            files.iter().map(|&file| (file, self.reached_from(file))).collect();
        let reach_each_other = |a: &str, b: &str| {
            let reaches = |a, b| reached.get(a).is_some_and(|it| it.contains(b));
            reaches(a, b) && reaches(b, a)
        };
        for file in files {
            if circles.iter().any(|(files, _)| files.contains(file))
                || !reached[file].contains(file)
            {
                continue;
            }
            let circle: BTreeSet<&str> =
                reached[file].iter().copied().filter(|it| reach_each_other(file, it)).collect();
            let inside =
                |edge: &&Edge| circle.contains(edge.0.as_str()) && circle.contains(edge.1.as_str());
            let edges = self.edges.keys().filter(inside).collect();
            circles.push((circle, edges));
        }
        circles
    }

    /// Every file to which edges lead from this one; itself only by a circle.
    fn reached_from(&self, file: &str) -> BTreeSet<&str> {
        let mut reached = BTreeSet::new();
        let mut next = vec![file];
        while let Some(file) = next.pop() {
            for (_, to) in self.edges.keys().filter(|(from, _)| from == file) {
                if reached.insert(to.as_str()) {
                    next.push(to);
                }
            }
        }
        reached
    }
}

/// A `macro_rules!` of a module around this one: it needs no import.
fn macro_above(tree: &Tree, module: usize, name: &str) -> Option<usize> {
    let mut next = tree.modules[module].parent;
    while let Some(above) = next {
        if tree.modules[above].macros.contains(name) {
            return Some(above);
        }
        next = tree.modules[above].parent;
    }
    None
}
