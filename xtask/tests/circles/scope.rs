//! Follows a path from the module where it stands to where its name is defined.

use crate::tree::{Name, Tree};

/// What a path leads to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Target {
    /// A module as such.
    Module(usize),
    /// Something that a module defines.
    Item(usize),
}

/// Follows names through a crate's modules.
pub(crate) struct Scope<'a> {
    tree: &'a Tree,
    /// Imports that are being followed, by module and number: `use a::a` may lead back to itself.
    open: Vec<(usize, usize)>,
}

impl<'a> Scope<'a> {
    pub(crate) fn new(tree: &'a Tree) -> Self {
        Self { tree, open: Vec::new() }
    }

    /// Everything that a path can mean, as a module, a type, a value or a macro; nothing if it leads
    /// out of the crate.
    pub(crate) fn resolve(&mut self, module: usize, path: &[String]) -> Vec<Target> {
        let Some((first, rest)) = path.split_first() else { return Vec::new() };
        let start = match first.as_str() {
            "crate" => vec![Target::Module(0)],
            "self" => vec![Target::Module(module)],
            "super" => self.tree.modules[module].parent.map(Target::Module).into_iter().collect(),
            name => self.lookup(module, name),
        };
        rest.iter().fold(start, |targets, name| self.step(&targets, name))
    }

    fn step(&mut self, targets: &[Target], name: &str) -> Vec<Target> {
        let mut found = Vec::new();
        let mut has_module = false;
        for target in targets {
            let Target::Module(module) = *target else { continue };
            has_module = true;
            if name == "super" {
                found.extend(self.tree.modules[module].parent.map(Target::Module));
                continue;
            }
            let in_module = self.lookup(module, name);
            // A name that cannot be seen, as one that a macro makes, is the module's own.
            let is_unseen = in_module.is_empty() && !self.is_imported(module, name);
            found.extend(in_module);
            found.extend(is_unseen.then_some(Target::Item(module)));
        }
        // Past a type come its variants and functions, which are where the type is.
        if has_module { found } else { targets.to_vec() }
    }

    fn lookup(&mut self, module: usize, name: &str) -> Vec<Target> {
        let here = &self.tree.modules[module];
        let mut found = Vec::new();
        for child in here.children.get(name).into_iter().flatten() {
            found.push(Target::Module(*child));
        }
        if here.items.contains(name) {
            found.push(Target::Item(module));
        }
        for (number, import) in here.imports.iter().enumerate() {
            if matches!(&import.name, Name::As(it) if it == name) {
                found.extend(self.follow(module, number, &import.path));
            }
        }
        if !found.is_empty() {
            return found;
        }
        for (number, import) in here.imports.iter().enumerate() {
            if import.name != Name::Glob || self.open.contains(&(module, number)) {
                continue;
            }
            for target in self.follow(module, number, &import.path) {
                if let Target::Module(of) = target {
                    self.open.push((module, number));
                    found.extend(self.lookup(of, name));
                    self.open.pop();
                }
            }
        }
        found
    }

    fn follow(&mut self, module: usize, number: usize, path: &[String]) -> Vec<Target> {
        if self.open.contains(&(module, number)) {
            return Vec::new();
        }
        self.open.push((module, number));
        let targets = self.resolve(module, path);
        self.open.pop();
        targets
    }

    /// Whether the module has the name from outside the crate.
    fn is_imported(&self, module: usize, name: &str) -> bool {
        let imports = &self.tree.modules[module].imports;
        imports.iter().any(|it| matches!(&it.name, Name::As(it) if it == name))
    }
}
