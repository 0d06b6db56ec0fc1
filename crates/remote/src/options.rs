//! What a person says of the stores.

use std::fmt;

use serde::{Deserialize, Serialize};

/// The way stores are reached: settings by their names, and how many connections there are at once.
///
/// The settings are those of the crate `object_store`: `aws_endpoint`, `aws_region`,
/// `aws_skip_signature`, `google_service_account`, `azure_storage_account_name`, `allow_http`, `timeout`
/// and so on; each store takes those that it knows. `max_retries` and `retry_timeout` (in seconds) say how
/// often and for how long a request is tried again.
///
/// Their values may be secret: they are not printed. The value travels to processes of the same job.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Options {
    /// Names and values. Of two of a name the last one counts.
    pub settings: Vec<(String, String)>,
    /// The number of connections at once, at least 1.
    pub connections: usize,
}

impl Options {
    /// The number of connections where nothing is said.
    pub const CONNECTIONS: usize = 32;

    /// Returns whether stores are asked to put on a condition: somebody may have said that his cannot.
    pub(crate) fn has_conditions(&self) -> bool {
        let named = ["aws_conditional_put", "conditional_put"];
        let is_named = |name: &str| named.iter().any(|it| name.eq_ignore_ascii_case(it));
        let said = self.settings.iter().rev().find(|(name, _)| is_named(name));
        said.is_none_or(|(_, value)| value != "disabled")
    }

    /// Splits what a person writes, `name=value`; `None` if it is nothing of the kind.
    pub fn setting(text: &str) -> Option<(String, String)> {
        let (name, value) = text.split_once('=')?;
        let name = name.trim();
        (!name.is_empty()).then(|| (name.to_owned(), value.to_owned()))
    }
}

impl Default for Options {
    fn default() -> Options {
        Options { settings: Vec::new(), connections: Options::CONNECTIONS }
    }
}

impl fmt::Debug for Options {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let names: Vec<_> = self.settings.iter().map(|(name, _)| name).collect();
        let mut out = out.debug_struct("Options");
        out.field("settings", &names).field("connections", &self.connections).finish()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_are_not_printed() {
        let settings = vec![Options::setting("aws_secret_access_key=hun=ter2").unwrap()];
        assert_eq!(settings[0].1, "hun=ter2");
        let shown = format!("{:?}", Options { settings, connections: 1 });
        assert!(shown.contains("aws_secret_access_key") && !shown.contains("ter2"), "{shown}");
        assert_eq!((Options::setting("=1"), Options::setting("a")), (None, None));
    }
}
