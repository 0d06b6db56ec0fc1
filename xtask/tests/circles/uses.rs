//! What a module defines, imports and names in its code.

use std::collections::BTreeSet;

use proc_macro2::{TokenStream, TokenTree};
use syn::visit::{self, Visit};
use syn::{Attribute, Ident, ImplItem, Item, Meta, TraitItem, UseTree, Visibility};

use crate::tree::{Import, Module, Name, is_test};

/// A path in code.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Path {
    pub(crate) segments: Vec<String>,
    /// A `use` in a macro's tokens, of several names or of all: the module itself is meant.
    pub(crate) is_glob: bool,
}

/// Fills in what `items`, which are the module's without its own modules, define, import and name.
pub(crate) fn read(items: &[Item], module: &mut Module) {
    for item in items {
        if is_test(attributes_of_item(item)) {
            continue;
        }
        if let Some(name) = defined(item) {
            module.items.insert(name.to_string());
            if matches!(item, Item::Macro(_)) {
                module.macros.insert(name.to_string());
            }
        }
        let mut visitor = Visitor { module, paths: Vec::new(), bound: BTreeSet::new() };
        visitor.visit_item(item);
        let Visitor { paths, bound, .. } = visitor;
        // A name alone may be a variable, which hides whatever else has its name.
        let is_variable = |it: &Path| it.segments.len() == 1 && bound.contains(&it.segments[0]);
        module.paths.extend(paths.into_iter().filter(|it| !is_variable(it)));
    }
}

fn defined(item: &Item) -> Option<&Ident> {
    match item {
        Item::Const(it) => Some(&it.ident),
        Item::Enum(it) => Some(&it.ident),
        Item::Fn(it) => Some(&it.sig.ident),
        Item::Macro(it) => it.ident.as_ref(),
        Item::Static(it) => Some(&it.ident),
        Item::Struct(it) => Some(&it.ident),
        Item::Trait(it) => Some(&it.ident),
        Item::TraitAlias(it) => Some(&it.ident),
        Item::Type(it) => Some(&it.ident),
        Item::Union(it) => Some(&it.ident),
        _ => None,
    }
}

fn attributes_of_item(item: &Item) -> &[Attribute] {
    match item {
        Item::Const(it) => &it.attrs,
        Item::Enum(it) => &it.attrs,
        Item::ExternCrate(it) => &it.attrs,
        Item::Fn(it) => &it.attrs,
        Item::ForeignMod(it) => &it.attrs,
        Item::Impl(it) => &it.attrs,
        Item::Macro(it) => &it.attrs,
        Item::Mod(it) => &it.attrs,
        Item::Static(it) => &it.attrs,
        Item::Struct(it) => &it.attrs,
        Item::Trait(it) => &it.attrs,
        Item::TraitAlias(it) => &it.attrs,
        Item::Type(it) => &it.attrs,
        Item::Union(it) => &it.attrs,
        Item::Use(it) => &it.attrs,
        _ => &[],
    }
}

struct Visitor<'a> {
    module: &'a mut Module,
    paths: Vec<Path>,
    /// Names of variables and arguments.
    bound: BTreeSet<String>,
}

impl Visitor<'_> {
    fn add(&mut self, segments: Vec<String>) {
        self.paths.push(Path { segments, is_glob: false });
    }

    fn add_imports(&mut self, before: &[String], tree: &UseTree, is_public: bool) {
        let with = |ident: &Ident| {
            // `use a::{self}` is `use a`.
            let last = Some(ident.to_string()).filter(|it| before.is_empty() || it != "self");
            before.iter().cloned().chain(last).collect::<Vec<_>>()
        };
        let (path, name) = match tree {
            UseTree::Path(path) => {
                return self.add_imports(&with(&path.ident), &path.tree, is_public);
            }
            UseTree::Group(group) => {
                return group.items.iter().for_each(|it| self.add_imports(before, it, is_public));
            }
            UseTree::Name(name) => {
                let path = with(&name.ident);
                let name = path.last().cloned().unwrap_or_default();
                (path, Name::As(name))
            }
            UseTree::Rename(rename) => (with(&rename.ident), Name::As(rename.rename.to_string())),
            UseTree::Glob(_) => (before.to_vec(), Name::Glob),
        };
        self.module.imports.push(Import { path, name, is_public });
    }

    /// Every path in tokens that nobody parses: idents with `::` between them. One that stands alone
    /// counts where it can be a type, a constant, a call or a macro.
    fn scan(&mut self, tokens: TokenStream) {
        let tokens: Vec<_> = tokens.into_iter().collect();
        let punct = |at: usize, wanted: char| matches!(tokens.get(at), Some(TokenTree::Punct(it)) if it.as_char() == wanted);
        let colons = |at: usize| punct(at, ':') && punct(at + 1, ':');
        let mut at = 0;
        while at < tokens.len() {
            match &tokens[at] {
                TokenTree::Group(group) => self.scan(group.stream()),
                TokenTree::Ident(first) => {
                    let before = |back: usize, wanted| at >= back && punct(at - back, wanted);
                    let is_member = before(1, '.') && !before(2, '.');
                    let is_inside = before(1, ':') && before(2, ':');
                    let mut segments = vec![first.to_string()];
                    while colons(at + 1)
                        && let Some(TokenTree::Ident(next)) = tokens.get(at + 3)
                    {
                        segments.push(next.to_string());
                        at += 3;
                    }
                    let is_group = matches!(tokens.get(at + 3), Some(TokenTree::Group(_)));
                    let is_glob = colons(at + 1) && (is_group || punct(at + 3, '*'));
                    let is_called = punct(at + 1, '!')
                        || matches!(tokens.get(at + 1), Some(TokenTree::Group(it))
                            if it.delimiter() == proc_macro2::Delimiter::Parenthesis);
                    if !is_member
                        && !is_inside
                        && (segments.len() > 1 || is_glob || is_called || is_capital(&segments[0]))
                    {
                        self.paths.push(Path { segments, is_glob });
                    }
                }
                TokenTree::Punct(_) | TokenTree::Literal(_) => {}
            }
            at += 1;
        }
    }

    /// `serde` takes paths as strings.
    fn scan_strings(&mut self, tokens: TokenStream) {
        for token in tokens {
            match token {
                TokenTree::Group(group) => self.scan_strings(group.stream()),
                TokenTree::Literal(literal) => {
                    let text = literal.to_string();
                    let text = text.trim_matches('"');
                    if text.contains("::")
                        && let Ok(path) = syn::parse_str::<syn::Path>(text)
                    {
                        self.visit_path(&path);
                    }
                }
                _ => {}
            }
        }
    }
}

impl<'ast> Visit<'ast> for Visitor<'_> {
    fn visit_path(&mut self, path: &'ast syn::Path) {
        if path.leading_colon.is_none() {
            self.add(path.segments.iter().map(|it| it.ident.to_string()).collect());
        }
        visit::visit_path(self, path);
    }

    fn visit_pat_ident(&mut self, pattern: &'ast syn::PatIdent) {
        let name = pattern.ident.to_string();
        if is_capital(&name) {
            self.add(vec![name]);
        } else {
            self.bound.insert(name);
        }
        visit::visit_pat_ident(self, pattern);
    }

    fn visit_item_use(&mut self, item: &'ast syn::ItemUse) {
        if item.leading_colon.is_none() {
            let is_public = !matches!(item.vis, Visibility::Inherited);
            self.add_imports(&[], &item.tree, is_public);
        }
    }

    fn visit_macro(&mut self, invoked: &'ast syn::Macro) {
        self.visit_path(&invoked.path);
        self.scan(invoked.tokens.clone());
    }

    fn visit_attribute(&mut self, attribute: &'ast Attribute) {
        match &attribute.meta {
            Meta::List(list) => {
                self.scan(list.tokens.clone());
                self.scan_strings(list.tokens.clone());
            }
            Meta::NameValue(pair) if !pair.path.is_ident("doc") => self.visit_expr(&pair.value),
            _ => {}
        }
    }

    /// `pub(in crate::a)` uses nothing of `a`.
    fn visit_visibility(&mut self, _: &'ast Visibility) {}

    fn visit_item(&mut self, item: &'ast Item) {
        if !is_test(attributes_of_item(item)) {
            visit::visit_item(self, item);
        }
    }

    fn visit_impl_item(&mut self, item: &'ast ImplItem) {
        let attributes: &[Attribute] = match item {
            ImplItem::Const(it) => &it.attrs,
            ImplItem::Fn(it) => &it.attrs,
            ImplItem::Type(it) => &it.attrs,
            ImplItem::Macro(it) => &it.attrs,
            _ => &[],
        };
        if !is_test(attributes) {
            visit::visit_impl_item(self, item);
        }
    }

    fn visit_trait_item(&mut self, item: &'ast TraitItem) {
        let attributes: &[Attribute] = match item {
            TraitItem::Const(it) => &it.attrs,
            TraitItem::Fn(it) => &it.attrs,
            TraitItem::Type(it) => &it.attrs,
            TraitItem::Macro(it) => &it.attrs,
            _ => &[],
        };
        if !is_test(attributes) {
            visit::visit_trait_item(self, item);
        }
    }

    fn visit_field(&mut self, field: &'ast syn::Field) {
        if !is_test(&field.attrs) {
            visit::visit_field(self, field);
        }
    }

    fn visit_field_value(&mut self, field: &'ast syn::FieldValue) {
        if !is_test(&field.attrs) {
            visit::visit_field_value(self, field);
        }
    }

    fn visit_variant(&mut self, variant: &'ast syn::Variant) {
        if !is_test(&variant.attrs) {
            visit::visit_variant(self, variant);
        }
    }

    fn visit_arm(&mut self, arm: &'ast syn::Arm) {
        if !is_test(&arm.attrs) {
            visit::visit_arm(self, arm);
        }
    }

    fn visit_local(&mut self, local: &'ast syn::Local) {
        if !is_test(&local.attrs) {
            visit::visit_local(self, local);
        }
    }

    fn visit_stmt_macro(&mut self, statement: &'ast syn::StmtMacro) {
        if !is_test(&statement.attrs) {
            visit::visit_stmt_macro(self, statement);
        }
    }

    fn visit_expr_block(&mut self, block: &'ast syn::ExprBlock) {
        if !is_test(&block.attrs) {
            visit::visit_expr_block(self, block);
        }
    }
}

fn is_capital(name: &str) -> bool {
    name.starts_with(char::is_uppercase)
}
