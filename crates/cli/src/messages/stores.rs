//! What to check where an object store does not let whoever asks.

use std::error::Error as StdError;
use std::io;

use ossicle_files::{ObjectError, StoreKind, be};

/// The variables that credentials are read from, by the kind of store.
const S3: [&str; 6] = [
    "AWS_ACCESS_KEY_ID",
    "AWS_SECRET_ACCESS_KEY",
    "AWS_SESSION_TOKEN",
    "AWS_PROFILE",
    "AWS_ENDPOINT_URL",
    "AWS_REGION",
];
const GCS: [&str; 3] =
    ["GOOGLE_APPLICATION_CREDENTIALS", "GOOGLE_SERVICE_ACCOUNT", "GOOGLE_SERVICE_ACCOUNT_KEY"];
const AZURE: [&str; 5] = [
    "AZURE_STORAGE_ACCOUNT_NAME",
    "AZURE_STORAGE_ACCOUNT_KEY",
    "AZURE_CLIENT_ID",
    "AZURE_CLIENT_SECRET",
    "AZURE_TENANT_ID",
];

/// Tells where credentials were looked for and what to check; none where an error is about something else.
pub(super) fn way_in(error: &(dyn StdError + 'static)) -> Option<String> {
    let is_set = |name: &str| std::env::var_os(name).is_some_and(|value| !value.is_empty());
    Some(credentials(denied_by(error)?, &is_set))
}

fn denied_by(error: &(dyn StdError + 'static)) -> Option<StoreKind> {
    if let Some(error) = error.downcast_ref::<io::Error>() {
        return match ObjectError::of(error)? {
            ObjectError::Denied { store, .. } => Some(*store),
            _ => None,
        };
    }
    let of_dataset = |error: &ossicle_dataset::Error| match error {
        ossicle_dataset::Error::Remote(error) => error.denied_by(),
        _ => None,
    };
    if let Some(ossicle_engine::Error::Dataset(error)) = error.downcast_ref() {
        return of_dataset(error);
    }
    match error.downcast_ref() {
        Some(error) => of_dataset(error),
        None => error.downcast_ref::<ossicle_remote::Error>()?.denied_by(),
    }
}

/// - `is_set`: whether a variable has a value, which is not told
fn credentials(store: StoreKind, is_set: &dyn Fn(&str) -> bool) -> String {
    let (variables, setting, check) = match store {
        StoreKind::S3 => (
            &S3[..],
            "--store-option aws_…=…, and for keys the profile in ~/.aws/credentials",
            "that the keys are this store's (its address is AWS_ENDPOINT_URL, unless it is Amazon's, and its region \
             AWS_REGION), that they have not run out, and that they may do this with this bucket; \
             --store-option aws_skip_signature=true asks without keys, for public buckets",
        ),
        StoreKind::Gcs => (
            &GCS[..],
            "--store-option google_…=…",
            "that the account may do this with this bucket; --store-option google_skip_signature=true asks without \
             one, for public buckets",
        ),
        StoreKind::Azure => (
            &AZURE[..],
            "--store-option azure_…=…",
            "that the key is this account's, and may do this with this container; --store-option \
             azure_skip_signature=true asks without one, for public containers",
        ),
        StoreKind::Http => {
            return "check that the address is right, and the name and the password in it \
                    (https://NAME:PASSWORD@HOST/PATH) where the server wants them"
                .to_owned();
        }
    };
    let set: Vec<_> = variables.iter().copied().filter(|name| is_set(name)).collect();
    let set = match set.is_empty() {
        true => "none of these variables is set".to_owned(),
        false => format!("of these variables {} {} set", set.join(", "), be(set.len() as u64)),
    };
    let variables = variables.join(", ");
    format!("credentials are read from {variables}, then {setting}; {set}; check {check}")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn said(error: impl StdError + Send + Sync + 'static) -> Option<String> {
        let error = anyhow::Error::new(error);
        error.chain().find_map(way_in)
    }

    #[test]
    fn whoever_is_denied_is_told_where_keys_are_looked_for_wherever_the_error_comes_from() {
        let url = "s3://speech/out/dataset.json".to_owned();
        let denied = ossicle_remote::Error::BadCredentials {
            action: "read",
            url: url.clone(),
            reason: "InvalidAccessKeyId".to_owned(),
        };
        let in_dataset = || ossicle_dataset::Error::Remote(denied.clone());
        let of_object = ObjectError::Denied { store: StoreKind::Gcs, reason: "no".to_owned() };
        let of_corpus =
            ossicle_corpus::Error::Open { path: "gs://a/b".into(), source: of_object.into() };
        for (said, words) in [
            (said(denied.clone()), "AWS_ACCESS_KEY_ID"),
            (said(in_dataset()), "aws_skip_signature=true"),
            (said(ossicle_engine::Error::Dataset(in_dataset())), "AWS_ENDPOINT_URL"),
            (said(ossicle_engine::Error::Corpus(of_corpus)), "GOOGLE_SERVICE_ACCOUNT"),
        ] {
            let said = said.unwrap_or_default();
            assert!(said.contains(words), "{said}");
        }
        assert_eq!(said(ossicle_remote::Error::NotFound { action: "read", url }), None);
        assert_eq!(said(io::Error::from_raw_os_error(13)), None);
    }

    #[test]
    fn variables_that_are_set_are_named_and_no_value_is() {
        let said = credentials(StoreKind::S3, &|name| name.contains("KEY"));
        assert!(
            said.contains("of these variables AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY are set")
        );
        assert!(
            credentials(StoreKind::Azure, &|_| false).contains("none of these variables is set")
        );
    }
}
