//! The modules of a crate, in the files where they are.

use std::collections::{BTreeMap, BTreeSet};

use syn::{Attribute, Expr, Item, ItemMod, Lit, Meta};

use crate::uses::{self, Path};

/// Gives a file's text by its path in the folder of sources, if it is there.
pub(crate) type Read<'a> = dyn Fn(&str) -> Option<String> + 'a;

/// All modules of a crate; the first is its root.
#[derive(Default)]
pub(crate) struct Tree {
    pub(crate) modules: Vec<Module>,
}

/// A module: a file, or a block in one.
#[derive(Default)]
pub(crate) struct Module {
    /// The file's path in the folder of sources.
    pub(crate) file: String,
    pub(crate) parent: Option<usize>,
    /// More than one of a name where each is for another system.
    pub(crate) children: BTreeMap<String, Vec<usize>>,
    /// Names of what is defined here.
    pub(crate) items: BTreeSet<String>,
    /// Those of the items that are `macro_rules!`, which modules below see without an import.
    pub(crate) macros: BTreeSet<String>,
    pub(crate) imports: Vec<Import>,
    /// Paths in the code.
    pub(crate) paths: Vec<Path>,
}

/// A leaf of a `use`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Import {
    pub(crate) path: Vec<String>,
    pub(crate) name: Name,
    /// With a visibility of its own: it hands the name on.
    pub(crate) is_public: bool,
}

/// What an import is called in the module.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Name {
    As(String),
    /// `*`: everything by its own name.
    Glob,
}

/// Where a file's modules are looked for.
struct Place {
    file: String,
    /// The folder of the file itself, empty or with a slash at its end.
    folder: String,
    /// The folder of its modules' files, likewise.
    children: String,
}

impl Tree {
    /// Reads all files that `root`'s modules lead to.
    pub(crate) fn parse(root: &str, text: &str, read: &Read<'_>) -> Result<Self, String> {
        let mut tree = Self::default();
        let place = Place::of_root_or_mod_rs(root.to_owned());
        tree.add(None, &place, items_of(root, text)?, read)?;
        Ok(tree)
    }

    /// Whether `module` lies inside of `of`.
    pub(crate) fn is_below(&self, module: usize, of: usize) -> bool {
        let mut next = self.modules[module].parent;
        while let Some(parent) = next {
            if parent == of {
                return true;
            }
            next = self.modules[parent].parent;
        }
        false
    }

    fn add(
        &mut self,
        parent: Option<usize>,
        place: &Place,
        items: Vec<Item>,
        read: &Read<'_>,
    ) -> Result<usize, String> {
        let number = self.modules.len();
        let (modules, items): (Vec<_>, Vec<_>) =
            items.into_iter().partition(|it| matches!(it, Item::Mod(_)));
        let mut module = Module { file: place.file.clone(), parent, ..Module::default() };
        uses::read(&items, &mut module);
        self.modules.push(module);
        for module in modules {
            let Item::Mod(module) = module else { unreachable!("modules were sorted out") };
            if is_test(&module.attrs) {
                continue;
            }
            let name = module.ident.to_string();
            let (place, items) = place.of_child(module, read)?;
            let child = self.add(Some(number), &place, items, read)?;
            self.modules[number].children.entry(name).or_default().push(child);
        }
        Ok(number)
    }
}

impl Place {
    fn of_root_or_mod_rs(file: String) -> Self {
        let folder = file.rfind('/').map_or("", |slash| &file[..=slash]).to_owned();
        Self { children: folder.clone(), folder, file }
    }

    fn of_file(file: String) -> Self {
        let children = format!("{}/", file.strip_suffix(".rs").unwrap_or(&file));
        Self { children, ..Self::of_root_or_mod_rs(file) }
    }

    /// Where a module of this place is, and what is in it.
    fn of_child(&self, module: ItemMod, read: &Read<'_>) -> Result<(Self, Vec<Item>), String> {
        let name = module.ident.to_string();
        if let Some((_, items)) = module.content {
            let children = format!("{}{name}/", self.children);
            // From inside a block, #[path] counts from the block's own folder.
            let place = Self { file: self.file.clone(), folder: children.clone(), children };
            return Ok((place, items));
        }
        let places = match path_attribute(&module.attrs) {
            Some(path) => vec![Self::of_root_or_mod_rs(format!("{}{path}", self.folder))],
            None => vec![
                Self::of_file(format!("{}{name}.rs", self.children)),
                Self::of_root_or_mod_rs(format!("{}{name}/mod.rs", self.children)),
            ],
        };
        for place in places {
            if let Some(text) = read(&place.file) {
                let items = items_of(&place.file, &text)?;
                return Ok((place, items));
            }
        }
        Err(format!("{} declares the module {name}, which has no file", self.file))
    }
}

fn items_of(file: &str, text: &str) -> Result<Vec<Item>, String> {
    let parsed = syn::parse_file(text).map_err(|error| format!("{file}: {error}"))?;
    Ok(if is_test(&parsed.attrs) { Vec::new() } else { parsed.items })
}

/// Whether these attributes leave something to tests alone.
pub(crate) fn is_test(attributes: &[Attribute]) -> bool {
    attributes.iter().any(|it| match &it.meta {
        Meta::Path(path) => path.is_ident("test"),
        Meta::List(list) if list.path.is_ident("cfg") => {
            list.parse_args::<Meta>().is_ok_and(|meta| needs_test(&meta))
        }
        _ => false,
    })
}

/// Whether a condition holds in tests only: `test`, or `all(…)` with it.
fn needs_test(condition: &Meta) -> bool {
    let parts = syn::punctuated::Punctuated::<Meta, syn::Token![,]>::parse_terminated;
    match condition {
        Meta::Path(path) => path.is_ident("test"),
        Meta::List(list) if list.path.is_ident("all") => {
            list.parse_args_with(parts).is_ok_and(|parts| parts.iter().any(needs_test))
        }
        _ => false,
    }
}

/// The file that `#[path = "…"]` names.
fn path_attribute(attributes: &[Attribute]) -> Option<String> {
    attributes.iter().find_map(|it| match &it.meta {
        Meta::NameValue(pair) if pair.path.is_ident("path") => match &pair.value {
            Expr::Lit(literal) => match &literal.lit {
                Lit::Str(path) => Some(path.value()),
                _ => None,
            },
            _ => None,
        },
        _ => None,
    })
}
