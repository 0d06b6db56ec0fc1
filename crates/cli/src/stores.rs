//! How object stores are reached: what the command line says of it.

use std::ffi::OsString;
use std::path::Path;

use anyhow::Result;
use ossicle_corpus::printable;
use ossicle_remote::{Client, Options};

use crate::args::StoreArgs;

/// Makes the client of this process, which opens nothing before something is asked of it. One that is there stays
/// where nothing else is said.
pub(crate) fn install(args: &StoreArgs) -> Result<()> {
    let is_said = !args.store_option.is_empty() || args.connections.is_some();
    if !is_said && Client::installed().is_some() {
        return Ok(());
    }
    let connections = args.connections.unwrap_or(Options::CONNECTIONS);
    let options = Options { settings: args.store_option.clone(), connections };
    Ok(Client::new(&options)?.install()?)
}

/// The words of a command as they may be kept: of settings of object stores, which may be secret, their names
/// alone.
pub(crate) fn without_secrets(words: &[OsString]) -> Vec<String> {
    const OPTION: &str = "--store-option";
    let name_of = |setting: &str| match setting.split_once('=') {
        Some((name, _)) => format!("{name}=…"),
        None => setting.to_owned(),
    };
    let mut is_setting = false;
    let shown = words.iter().map(|word| {
        let word = printable(Path::new(word));
        let was_option = std::mem::replace(&mut is_setting, word == OPTION);
        match word.strip_prefix(OPTION).and_then(|rest| rest.strip_prefix('=')) {
            Some(setting) => format!("{OPTION}={}", name_of(setting)),
            None if was_option => name_of(&word),
            None => word,
        }
    });
    shown.collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_secret_is_not_kept() {
        let words = "ossicle --store-option a=hunter2 extract c=d --store-option=b=hunter2=x e";
        let words: Vec<_> = words.split(' ').map(OsString::from).collect();
        let expected = "ossicle --store-option a=… extract c=d --store-option=b=… e";
        assert_eq!(without_secrets(&words).join(" "), expected);
    }
}
