//! Credentials out of the files that Amazon's own programs keep them in, which `object_store` does not read.

use std::collections::BTreeMap;
use std::path::PathBuf;

use ossicle_files::read_small;

/// The variables that name a profile and the two files (AWS SDKs and Tools Reference Guide, "Shared config and
/// credentials files").
const PROFILE: &str = "AWS_PROFILE";
const FILES: [(&str, &str); 2] =
    [("AWS_CONFIG_FILE", "config"), ("AWS_SHARED_CREDENTIALS_FILE", "credentials")];
/// The profile where none is named.
const DEFAULT: &str = "default";
/// More bytes than people have profiles.
const MOST_BYTES: u64 = 1 << 20;

/// What the files say of a profile. Its values are secret, so that it cannot be printed.
#[derive(Default)]
pub(crate) struct Profile(BTreeMap<String, String>);

impl Profile {
    /// Reads the profile that the environment names. Where a file is missing or cannot be read, it says nothing.
    ///
    /// # Errors
    /// The name of a profile that was asked for and is in neither file.
    pub(crate) fn of_environment() -> Result<Profile, String> {
        let named = std::env::var(PROFILE).ok().filter(|name| !name.is_empty());
        let texts = FILES.map(|(variable, file)| {
            let path = std::env::var_os(variable).filter(|path| !path.is_empty());
            let of_home = || Some(PathBuf::from(std::env::var_os("HOME")?).join(".aws").join(file));
            let path = path.map(PathBuf::from).or_else(of_home)?;
            read_small(&path, MOST_BYTES).ok()
        });
        let found = Profile::of(named.as_deref().unwrap_or(DEFAULT), texts);
        match (found, named) {
            (None, Some(name)) => Err(ossicle_files::visible(&name)),
            (found, _) => Ok(found.unwrap_or_default()),
        }
    }

    /// Finds a profile; none where neither file has it. What credentials say counts before what the configuration says.
    fn of(name: &str, [config, credentials]: [Option<String>; 2]) -> Option<Profile> {
        let in_config = match name {
            DEFAULT => DEFAULT.to_owned(),
            name => format!("profile {name}"),
        };
        let found = [section(config.as_deref(), &in_config), section(credentials.as_deref(), name)];
        let is_there = found.iter().any(Option::is_some);
        is_there.then(|| Profile(found.into_iter().flatten().flatten().collect()))
    }

    /// Returns what it says of a name: `aws_access_key_id`, `aws_secret_access_key`, `aws_session_token`, `region`.
    pub(crate) fn get(&self, name: &str) -> Option<&str> {
        self.0.get(name).map(String::as_str)
    }
}

/// The names and values of a section; none where there is none of that name.
fn section(text: Option<&str>, wanted: &str) -> Option<BTreeMap<String, String>> {
    let (mut found, mut is_inside) = (None, false);
    for line in text?.lines() {
        let is_nested = line.starts_with([' ', '\t']);
        let line = line.trim();
        if let Some(name) = line.strip_prefix('[').and_then(|rest| rest.split(']').next()) {
            is_inside = name.split_whitespace().eq(wanted.split_whitespace());
            if is_inside {
                found.get_or_insert_with(BTreeMap::new);
            }
        } else if let (true, Some((name, value)), Some(found)) = (
            is_inside && !is_nested && !line.starts_with(['#', ';']),
            line.split_once('='),
            &mut found,
        ) {
            found.insert(name.trim().to_ascii_lowercase(), value.trim().to_owned());
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    const CONFIG: &str = "[default]\nregion = eu-central-1\n# aws_access_key_id = none\n\
                          [profile lab]\nregion=us-west-2\ns3 =\n  region = nested\naws_access_key_id = of-config\n";
    const CREDENTIALS: &str = "[default]\naws_access_key_id=A\naws_secret_access_key = s=/+\n\n\
                               [ lab ]\r\nAWS_Access_Key_Id = B\r\naws_session_token = T\r\n";

    fn profile(name: &str) -> Option<Profile> {
        Profile::of(name, [Some(CONFIG.to_owned()), Some(CREDENTIALS.to_owned())])
    }

    #[test]
    fn a_profile_is_a_section_of_both_files_and_credentials_count_first() {
        let default = profile(DEFAULT).unwrap();
        assert_eq!(default.get("aws_access_key_id"), Some("A"));
        assert_eq!(default.get("aws_secret_access_key"), Some("s=/+"));
        assert_eq!(default.get("region"), Some("eu-central-1"));
        let lab = profile("lab").unwrap();
        assert_eq!(lab.get("aws_access_key_id"), Some("B"));
        assert_eq!(lab.get("aws_session_token"), Some("T"));
        assert_eq!(lab.get("region"), Some("us-west-2"));
        assert_eq!(lab.get("aws_secret_access_key"), None);
    }

    #[test]
    fn a_profile_that_neither_file_has_is_none() {
        assert!(profile("profile lab").is_none() && profile("other").is_none());
        assert!(Profile::of(DEFAULT, [None, None]).is_none());
        assert!(Profile::of("lab", [Some(CONFIG.to_owned()), None]).is_some());
    }

    #[test]
    fn any_text_is_read_without_panic() {
        for text in ["[", "[]", "]", "=", "[default]\n=\n==\n[", "\u{feff}[default]"] {
            let found = Profile::of(DEFAULT, [None, Some(text.to_owned())]);
            assert!(found.is_none_or(|found| found.get("region").is_none()), "{text}");
        }
    }
}
