//! Paths in messages between processes, for serde's `with`: as text where they are text, else as the
//! bytes that they are.

use std::path::{Path, PathBuf};

use serde::{Deserialize, Deserializer, Serialize, Serializer, de};

use ossicle_files::path_from_bytes;

/// Writes a path.
///
/// # Errors
/// Those of the serializer.
pub fn serialize<S: Serializer>(path: &impl AsRef<Path>, serializer: S) -> Result<S::Ok, S::Error> {
    match path.as_ref().to_str() {
        Some(text) => serializer.serialize_str(text),
        None => path.as_ref().as_os_str().as_encoded_bytes().serialize(serializer),
    }
}

/// Reads a path.
///
/// # Errors
/// Those of the deserializer, or if it is no path on this system.
pub fn deserialize<'de, D: Deserializer<'de>, P: From<PathBuf>>(
    deserializer: D,
) -> Result<P, D::Error> {
    let path = match Written::deserialize(deserializer)? {
        Written::Text(text) => PathBuf::from(text),
        Written::Bytes(bytes) => {
            path_from_bytes(&bytes).ok_or_else(|| de::Error::custom("not a path"))?
        }
    };
    Ok(path.into())
}

#[derive(Deserialize)]
#[serde(untagged)]
enum Written {
    Text(String),
    Bytes(Vec<u8>),
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::ffi::OsString;

    #[derive(Debug, PartialEq, Serialize, Deserialize)]
    struct Named {
        #[serde(with = "super")]
        path: PathBuf,
        beside: Option<Beside>,
    }

    #[derive(Debug, PartialEq, Serialize, Deserialize)]
    struct Beside(#[serde(with = "super")] Box<Path>);

    /// A name of these bytes.
    #[cfg(unix)]
    fn name(bytes: &[u8]) -> PathBuf {
        use std::os::unix::ffi::OsStringExt;
        OsString::from_vec(bytes.to_vec()).into()
    }

    fn there_and_back(named: &Named) -> String {
        let text = serde_json::to_string(named).unwrap();
        assert_eq!(&serde_json::from_str::<Named>(&text).unwrap(), named, "{text}");
        text
    }

    #[test]
    fn a_path_that_is_text_travels_as_text() {
        let named =
            Named { path: "a/é \"b\"\n.wav".into(), beside: Some(Beside(Path::new("").into())) };
        assert_eq!(there_and_back(&named), r#"{"path":"a/é \"b\"\n.wav","beside":""}"#);
    }

    #[test]
    fn a_path_that_is_absent_stays_absent() {
        let named = Named { path: "a".into(), beside: None };
        assert_eq!(there_and_back(&named), r#"{"path":"a","beside":null}"#);
    }

    #[cfg(unix)]
    #[test]
    fn a_path_that_is_no_text_travels_as_its_bytes() {
        let named =
            Named { path: name(b"caf\xe9"), beside: Some(Beside(name(b"/\xff\x01").into())) };
        assert_eq!(there_and_back(&named), r#"{"path":[99,97,102,233],"beside":[47,255,1]}"#);
        // Every byte that a name can have, alone and at the end of text.
        for byte in 1..=255 {
            let (path, beside) = (name(&[byte]), Some(Beside(name(&[b'a', byte]).into())));
            there_and_back(&Named { path, beside });
        }
    }

    #[test]
    fn what_is_neither_text_nor_bytes_is_no_path() {
        for path in ["7", "null", "[256]", "[-1]", "{}", "[\"a\"]", "true"] {
            let text = format!(r#"{{"path":{path},"beside":null}}"#);
            assert!(serde_json::from_str::<Named>(&text).is_err(), "{path}");
        }
    }
}
