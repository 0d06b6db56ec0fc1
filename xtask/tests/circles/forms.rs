//! Every form of an import in small crates, and what comes of it.

use crate::allowed::Allowed;
use crate::graph::Graph;
use crate::tree::Tree;

/// A crate's files by their paths, the root first.
type Files<'a> = [(&'a str, &'a str)];

fn graph(files: &Files<'_>) -> Graph {
    let read = |path: &str| {
        files.iter().find(|(file, _)| *file == path).map(|(_, text)| (*text).to_owned())
    };
    let (root, text) = files[0];
    let mut graph = Graph::default();
    graph.add(&Tree::parse(root, text, &read).expect("the files are Rust"));
    graph
}

fn edges(files: &Files<'_>) -> Vec<String> {
    graph(files).edges.keys().map(|(from, to)| format!("{from} -> {to}")).collect()
}

/// The edges of a crate with `b` and `c` beside `a.rs`, which has this text.
fn edges_of_a(text: &str) -> Vec<String> {
    edges(&[
        ("lib.rs", "mod a; mod b; mod c; pub use b::Shared; pub use crate::{c::Other as Renamed};"),
        ("a.rs", text),
        ("b.rs", "pub struct Shared; pub fn call() {} pub const WIDTH: usize = 1; made! { Made }"),
        ("c.rs", "pub struct Other; pub enum Kind { One }"),
    ])
}

#[test]
fn a_file_imports_what_its_uses_name() {
    for text in [
        "use crate::b::Shared;",
        "use crate::{b::{Shared as S}};",
        "use crate::b::*;",
        "use super::b::call;",
        "use super::{b::{call}};",
        "use crate::b::{self}; fn f() { b::call() }",
        "use crate::b as other; fn f() { other::call() }",
        "pub use crate::b::Shared;",
        "fn f() { use crate::b::call; call() }",
        "use self::super::b::call;",
        // Through what the root hands on.
        "use crate::Shared;",
        "use super::Shared;",
        "use crate::*; fn f(_: Shared) {}",
    ] {
        let wanted: &[&str] = if text.contains("::*; fn") {
            &["a.rs -> b.rs", "a.rs -> lib.rs"]
        } else {
            &["a.rs -> b.rs"]
        };
        assert_eq!(edges_of_a(text), wanted, "{text}");
    }
    assert_eq!(edges_of_a("use crate::Renamed;"), ["a.rs -> c.rs"]);
    assert_eq!(edges_of_a("use crate::{Shared, c::Kind};"), ["a.rs -> b.rs", "a.rs -> c.rs"]);
}

#[test]
fn a_file_imports_what_paths_in_its_code_name() {
    for text in [
        "fn f() { crate::b::call() }",
        "fn f() { super::b::call() }",
        "fn f() { crate::Shared; }",
        "fn f(_: crate::b::Shared) {}",
        "fn f(_: Vec<Option<&crate::b::Shared>>) {}",
        "impl crate::b::Shared {}",
        "impl From<crate::b::Shared> for u8 { fn from(_: crate::b::Shared) -> u8 { 0 } }",
        "struct A { b: crate::b::Shared }",
        "fn f(x: usize) { match x { crate::b::WIDTH => {}, _ => {} } }",
        "const A: [u8; crate::b::WIDTH] = [0; 1];",
        "fn f() { let _ = <crate::b::Shared as Default>::default(); }",
        "fn f() { |x: crate::b::Shared| x; }",
        "mod inner { fn f() { crate::b::call() } }",
        "mod inner { fn f() { super::super::b::call() } }",
        // What a macro makes cannot be seen, but its module can.
        "use crate::b::Made;",
    ] {
        assert_eq!(edges_of_a(text), ["a.rs -> b.rs"], "{text}");
    }
    assert_eq!(edges_of_a("fn f() { crate::c::Kind::One; }"), ["a.rs -> c.rs"]);
}

#[test]
fn a_file_imports_what_macros_and_attributes_name() {
    for text in [
        "fn f() { println!(\"{}\", crate::b::WIDTH) }",
        "fn f() { assert!(matches!(1, x if x == super::b::WIDTH)) }",
        "fn f() { vec![crate::b::call(); 3]; }",
        "macro_rules! m { () => { $crate::b::call() } }",
        "make! { use crate::b::{call}; }",
        "make! { use crate::b::*; }",
        "#[error(\"{}\", crate::b::call())] struct A;",
        "struct A { #[serde(with = \"crate::b\", default = \"crate::b::call\")] x: u8 }",
    ] {
        assert_eq!(edges_of_a(text), ["a.rs -> b.rs"], "{text}");
    }
}

#[test]
fn nothing_is_imported_by_tests_comments_visibilities_and_other_crates() {
    for text in [
        "#[cfg(test)] mod tests { use crate::b::Shared; }",
        "#[cfg(test)] use crate::b::Shared;",
        "#[cfg(all(test, unix))] fn f() { crate::b::call() }",
        "#[test] fn f() { crate::b::call() }",
        "impl A { #[cfg(test)] fn f() { crate::b::call() } }",
        "#![cfg(test)] use crate::b::Shared;",
        "/// Of `crate::b::Shared`, [`crate::b::call`].\nstruct A;",
        "pub(in crate::b) struct A;",
        "use b::Shared;",
        "use std::b::Shared; fn f(_: Shared) {}",
        "use ::b::Shared;",
        "struct Shared; fn f(_: Shared) {}",
        "struct Shared; fn f(_: self::Shared) {}",
        "use crate::b;",
        "fn f(x: A) { x.call(); println!(\"crate::b::call\") }",
    ] {
        assert_eq!(edges_of_a(text), Vec::<String>::new(), "{text}");
    }
    assert_eq!(edges_of_a("#[cfg(not(test))] use crate::b::Shared;"), ["a.rs -> b.rs"]);
}

#[test]
fn a_parent_does_not_import_a_child_by_declaring_it_and_handing_its_names_on() {
    let child = ("p/child.rs", "pub struct X; pub fn make() {} pub fn child() {}");
    let of_parent = |text| edges(&[("lib.rs", "mod p; pub use p::X;"), ("p/mod.rs", text), child]);
    for text in [
        "mod child; pub use child::X;",
        "mod child; pub(crate) use self::child::{X, make};",
        "mod child; pub use child::*;",
        "mod child; pub use child::child;",
        "mod child; pub use child::X; fn f() { let make = 1; make; }",
    ] {
        assert_eq!(of_parent(text), Vec::<String>::new(), "{text}");
    }
    for text in [
        "mod child; use child::X;",
        "mod child; pub use child::X; fn f(_: X) {}",
        "mod child; pub use child::*; fn f(_: X) {}",
        "mod child; pub use child::make; fn f() { make() }",
        "mod child; pub use child::make; fn f() { assert!(make()) }",
        "mod child; pub use child::child; fn f() { child() }",
        "mod child; fn f() { child::make() }",
        "mod child; fn f() { self::child::make() }",
    ] {
        assert_eq!(of_parent(text), ["p/mod.rs -> p/child.rs"], "{text}");
    }
}

#[test]
fn a_child_imports_its_parent_where_the_name_is_defined_there() {
    let of_child = |text| {
        edges(&[
            (
                "lib.rs",
                "mod p; mod other; pub(crate) fn of_root() {} macro_rules! made { () => {} }",
            ),
            ("p.rs", "mod child; use crate::other::Foreign; pub struct Own;"),
            ("p/child.rs", text),
            ("other.rs", "pub struct Foreign;"),
        ])
    };
    let above = ["p.rs -> other.rs"];
    assert_eq!(of_child(""), above);
    assert_eq!(of_child("use super::Own;"), ["p.rs -> other.rs", "p/child.rs -> p.rs"]);
    assert_eq!(of_child("use super::Foreign;"), ["p.rs -> other.rs", "p/child.rs -> other.rs"]);
    assert_eq!(of_child("use crate::of_root;"), ["p.rs -> other.rs", "p/child.rs -> lib.rs"]);
    assert_eq!(of_child("made! {}"), ["p.rs -> other.rs", "p/child.rs -> lib.rs"]);
}

#[test]
fn modules_are_found_where_the_compiler_finds_them() {
    let files = [
        ("main.rs", "mod a; mod block { mod c; } #[path = \"odd/name.rs\"] mod d; fn of_root() {}"),
        ("a.rs", "mod b;"),
        ("a/b.rs", "use crate::of_root;"),
        ("block/c.rs", "use crate::of_root;"),
        ("odd/name.rs", "mod e; use crate::of_root;"),
        ("odd/e.rs", "use crate::of_root;"),
    ];
    let wanted = ["a/b.rs", "block/c.rs", "odd/e.rs", "odd/name.rs"];
    assert_eq!(edges(&files), wanted.map(|it| format!("{it} -> main.rs")));
}

#[test]
fn a_module_without_a_file_is_an_error() {
    let error = Tree::parse("lib.rs", "mod a;", &|_| None).err();
    assert_eq!(error.as_deref(), Some("lib.rs declares the module a, which has no file"));
}

#[test]
fn imports_that_lead_back_to_themselves_come_to_an_end() {
    let files = [
        ("lib.rs", "mod a; mod b;"),
        ("a.rs", "pub use crate::b::*; pub use crate::b::X; fn f(_: X, _: Y) {}"),
        ("b.rs", "pub use crate::a::*; pub use crate::a::X;"),
    ];
    assert_eq!(edges(&files), ["a.rs -> b.rs", "b.rs -> a.rs"]);
}

/// `a`, `b` and `c` in a circle, which `d` and `e` are not in.
fn circle() -> Graph {
    graph(&[
        ("lib.rs", "mod a; mod b; mod c; mod d; mod e;"),
        ("a.rs", "use crate::b::B; pub struct A;"),
        ("b.rs", "use crate::{c::C, e::E}; pub struct B;"),
        ("c.rs", "use crate::{a::A, b::B}; pub struct C;"),
        ("d.rs", "use crate::a::A;"),
        ("e.rs", "pub struct E;"),
    ])
}

#[test]
fn a_circle_is_told_with_its_edges_and_names_unless_it_is_listed() {
    let circle = circle();
    let [message] = &Allowed::default().unlisted("k", &circle)[..] else { panic!("one circle") };
    for wanted in [
        "k: these 3 files",
        "move the definition",
        "a.rs, b.rs, c.rs\n",
        "\n  k: a.rs -> b.rs  (crate::b::B)",
        "\n  k: b.rs -> c.rs  (crate::c::C)",
        "\n  k: c.rs -> a.rs  (crate::a::A)",
        "\n  k: c.rs -> b.rs  (crate::b::B)",
    ] {
        assert!(message.contains(wanted), "{wanted} in {message}");
    }
    assert!(!message.contains("d.rs") && !message.contains("e.rs"), "{message}");

    let three = "k: a.rs -> b.rs  # x\nk: b.rs -> c.rs  # x\nk: c.rs -> a.rs  # x\n";
    let [message] = &Allowed::parse(three).unwrap().unlisted("k", &circle)[..] else {
        panic!("an edge is missing")
    };
    assert!(message.ends_with("\n  k: c.rs -> b.rs  (crate::b::B)"), "{message}");
    let of_another_crate = Allowed::parse(&three.replace("k:", "l:")).unwrap();
    assert_eq!(of_another_crate.unlisted("k", &circle).len(), 1);

    let all = Allowed::parse(&format!("# why\n\n{three}k: c.rs -> b.rs # x")).unwrap();
    assert!(all.unlisted("k", &circle).is_empty());
    assert!(all.not_needed("k", &circle).is_empty() && all.of_no_crate(&["k"]).is_empty());
}

#[test]
fn a_line_of_the_list_that_no_circle_needs_is_told() {
    // The first is an edge outside the circle, the second is none at all.
    let list =
        "k: d.rs -> a.rs  # x\nk: a.rs -> c.rs  # x\nk: c.rs -> a.rs  # x\nl: a.rs -> b.rs  # x";
    let allowed = Allowed::parse(list).unwrap();
    let told = allowed.not_needed("k", &circle());
    assert_eq!(told.len(), 2, "{told:?}");
    assert!(told[0].contains("\"k: a.rs -> c.rs\" is in no circle any more"), "{told:?}");
    assert!(told[1].contains("\"k: d.rs -> a.rs\" is in no circle any more"), "{told:?}");
    assert!(allowed.of_no_crate(&["k"])[0].contains("\"l: a.rs -> b.rs\" is of no crate"));
}

#[test]
fn two_circles_are_told_apart() {
    let graph = graph(&[
        ("lib.rs", "mod a; mod b; mod c; mod d;"),
        ("a.rs", "use crate::b::B; pub struct A;"),
        ("b.rs", "use crate::{a::A, c::C}; pub struct B;"),
        ("c.rs", "use crate::d::D; pub struct C;"),
        ("d.rs", "use crate::c::C; pub struct D;"),
    ]);
    let circles = graph.circles();
    let files: Vec<Vec<_>> =
        circles.iter().map(|(files, _)| files.iter().copied().collect()).collect();
    assert_eq!(files, [["a.rs", "b.rs"], ["c.rs", "d.rs"]]);
    assert!(circles.iter().all(|(_, edges)| edges.len() == 2));
}

#[test]
fn a_line_that_cannot_be_meant_is_an_error_that_shows_it() {
    for (text, message) in [
        ("k a.rs", "\"k a.rs\" is not of the form crate: a.rs -> b.rs  # reason"),
        ("k: a.rs -> b.rs", "\"k: a.rs -> b.rs\" has no reason"),
        ("k: a.rs -> b.rs #", "\"k: a.rs -> b.rs #\" has no reason"),
        ("k: a -> b # x\nk:a -> b # y", "\"k:a -> b # y\" stands there twice"),
    ] {
        assert_eq!(Allowed::parse(text).unwrap_err(), message);
    }
}
