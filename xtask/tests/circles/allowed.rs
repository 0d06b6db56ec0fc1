//! The circles that stand, each edge with its reason.

use std::collections::BTreeMap;

use crate::graph::{Edge, Graph};

/// Edges that may be part of a circle: a line each, `crate: a.rs -> b.rs  # reason`.
#[derive(Debug, Default)]
pub(crate) struct Allowed(BTreeMap<(String, Edge), String>);

impl Allowed {
    pub(crate) fn parse(text: &str) -> Result<Self, String> {
        let mut allowed = Self::default();
        for line in text.lines().map(str::trim) {
            if line.is_empty() || line.starts_with('#') {
                continue;
            }
            let (edge, reason) = line.split_once('#').unwrap_or((line, ""));
            let parts = edge.split_once(':').and_then(|(name, edge)| {
                let (from, to) = edge.split_once("->")?;
                Some((name.trim().to_owned(), (from.trim().to_owned(), to.trim().to_owned())))
            });
            let Some(entry) = parts else {
                return Err(format!("{line:?} is not of the form crate: a.rs -> b.rs  # reason"));
            };
            if reason.trim().is_empty() {
                return Err(format!("{line:?} has no reason"));
            }
            if allowed.0.insert(entry, reason.trim().to_owned()).is_some() {
                return Err(format!("{line:?} stands there twice"));
            }
        }
        Ok(allowed)
    }

    /// A message for each circle with edges that are not on the list.
    pub(crate) fn unlisted(&self, name: &str, graph: &Graph) -> Vec<String> {
        let mut messages = Vec::new();
        for (files, edges) in graph.circles() {
            let is_unlisted =
                |edge: &&&Edge| !self.0.contains_key(&(name.to_owned(), (**edge).clone()));
            let unlisted: Vec<_> = edges.iter().filter(is_unlisted).collect();
            if unlisted.is_empty() {
                continue;
            }
            let files: Vec<_> = files.into_iter().collect();
            let mut message = format!(
                "{name}: these {} files import each other in a circle; move the definition to the file \
                 that needs nothing of the others:\n  {}\nimports of the circle that are not in {}:",
                files.len(),
                files.join(", "),
                crate::LIST,
            );
            for edge in unlisted {
                let names: Vec<_> = graph.edges[*edge].iter().map(String::as_str).collect();
                let (from, to) = edge;
                message += &format!("\n  {name}: {from} -> {to}  ({})", names.join(", "));
            }
            messages.push(message);
        }
        messages
    }

    /// A message for each line of this crate's that no circle needs.
    pub(crate) fn not_needed(&self, name: &str, graph: &Graph) -> Vec<String> {
        let circles = graph.circles();
        let of_crate = self.0.keys().filter(|(of, _)| of == name);
        let not_needed = of_crate
            .filter(|(_, edge)| !circles.iter().any(|(_, edges)| edges.contains(&edge)))
            .map(|(_, (from, to))| {
                format!(
                    "{}: \"{name}: {from} -> {to}\" is in no circle any more; remove the line",
                    crate::LIST
                )
            });
        not_needed.collect()
    }

    /// A message for each line of a crate that is not there.
    pub(crate) fn of_no_crate(&self, crates: &[&str]) -> Vec<String> {
        let unknown = self.0.keys().filter(|(name, _)| !crates.contains(&name.as_str()));
        unknown
            .map(|(name, (from, to))| {
                format!("{}: \"{name}: {from} -> {to}\" is of no crate here", crate::LIST)
            })
            .collect()
    }
}
