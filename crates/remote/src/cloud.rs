//! Stores behind the network, made of a location and what is said of them.

use std::str::FromStr;
use std::sync::{Arc, Once};
use std::time::Duration;

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use object_store::aws::{AmazonS3Builder, AmazonS3ConfigKey};
use object_store::azure::{AzureConfigKey, MicrosoftAzureBuilder};
use object_store::gcp::{GoogleCloudStorageBuilder, GoogleConfigKey};
use object_store::http::HttpBuilder;
use object_store::{
    BackoffConfig, ClientConfigKey, ClientOptions, Error as StoreError, HeaderMap, HeaderValue,
    RetryConfig,
};

use crate::backend::Backend;
use crate::error::Error;
use crate::location::Location;
use crate::options::Options;
use crate::profile::Profile;
use crate::transport::Connector;
use crate::words::innermost;
use ossicle_files::StoreKind;

/// Settings of this crate, beside those of `object_store`.
const MAX_RETRIES: &str = "max_retries";
const RETRY_TIMEOUT: &str = "retry_timeout";

/// How often a request is tried again, with pauses that grow to a minute in all.
const RETRIES: usize = 8;
const RETRY_FOR: Duration = Duration::from_secs(180);
/// How long a connection may stand still. A piece that is sent has to be through by then too.
const STILL_FOR: Duration = Duration::from_secs(60);
const CONNECT_FOR: Duration = Duration::from_secs(10);

/// Refuses settings that no store knows.
pub(crate) fn check(options: &Options) -> Result<(), Error> {
    for (name, _) in &options.settings {
        let key = name.to_ascii_lowercase();
        let is_own = [MAX_RETRIES, RETRY_TIMEOUT].contains(&key.as_str());
        let is_known = AmazonS3ConfigKey::from_str(&key).is_ok()
            || GoogleConfigKey::from_str(&key).is_ok()
            || AzureConfigKey::from_str(&key).is_ok()
            || ClientConfigKey::from_str(&key).is_ok();
        if !is_own && !is_known {
            return Err(Error::UnknownSetting { name: ossicle_files::visible(name) });
        }
    }
    Ok(())
}

/// Makes the store of a location.
pub(crate) fn open(
    location: &Location,
    options: &Options,
    connector: &Connector,
) -> Result<Backend, Error> {
    // Twice is an error that means it is there.
    static TLS: Once = Once::new();
    TLS.call_once(|| {
        let _ = rustls::crypto::ring::default_provider().install_default();
    });
    let settings = Settings { location, options, connector, retry: retries(location, options)? };
    let made = match location.kind() {
        StoreKind::S3 => settings.s3(),
        StoreKind::Gcs => settings.gcs(),
        StoreKind::Azure => settings.azure(),
        StoreKind::Http => settings.http(),
    };
    made.map_err(|error| bad_settings(location, innermost(&error)))
}

fn bad_settings(location: &Location, reason: String) -> Error {
    Error::BadSettings { url: location.to_string(), reason }
}

fn retries(location: &Location, options: &Options) -> Result<RetryConfig, Error> {
    let last = |wanted: &str| {
        let found =
            options.settings.iter().rev().find(|(name, _)| name.eq_ignore_ascii_case(wanted));
        let number = found.map(|(_, value)| value.parse::<u32>()).transpose();
        number.map_err(|_| bad_settings(location, format!("{wanted} is no number")))
    };
    Ok(RetryConfig {
        max_retries: last(MAX_RETRIES)?.map_or(RETRIES, |it| it as usize),
        retry_timeout: last(RETRY_TIMEOUT)?.map_or(RETRY_FOR, |it| Duration::from_secs(it.into())),
        backoff: BackoffConfig {
            init_backoff: Duration::from_millis(100),
            max_backoff: Duration::from_secs(15),
            base: 2.0,
        },
    })
}

/// A store's builder: what the environment says, then how requests are made here, then what the environment
/// and the settings say of that, each in the keys that this store knows.
macro_rules! configured {
    ($settings:expr, $builder:ident, $key:ident, $prefix:literal) => {{
        let settings: &Settings<'_> = $settings;
        let mut builder = $builder::from_env()
            .with_client_options(settings.client())
            .with_retry(settings.retry.clone())
            .with_http_connector(settings.connector.clone())
            .with_url(settings.location.base_url());
        for (name, value) in std::env::vars_os() {
            let (Some(name), Some(value)) = (name.to_str(), value.to_str()) else {
                continue;
            };
            if name.starts_with($prefix)
                && let Ok(key) = $key::from_str(&name.to_ascii_lowercase())
                && matches!(key, $key::Client(_))
            {
                builder = builder.with_config(key, value);
            }
        }
        for (name, value) in &settings.options.settings {
            if let Ok(key) = $key::from_str(&name.to_ascii_lowercase()) {
                builder = builder.with_config(key, value);
            }
        }
        builder
    }};
}

struct Settings<'a> {
    location: &'a Location,
    options: &'a Options,
    connector: &'a Connector,
    retry: RetryConfig,
}

impl Settings<'_> {
    /// How requests are made, unless somebody says otherwise. No request has a limit as a whole: a large
    /// one takes its time.
    fn client(&self) -> ClientOptions {
        let agent = HeaderValue::from_static(concat!("ossicle/", env!("CARGO_PKG_VERSION")));
        ClientOptions::new()
            .with_user_agent(agent)
            .with_timeout_disabled()
            .with_connect_timeout(CONNECT_FOR)
            .with_read_timeout(STILL_FOR)
            .with_pool_max_idle_per_host(self.options.connections)
    }

    fn s3(&self) -> Result<Backend, StoreError> {
        let builder = configured!(self, AmazonS3Builder, AmazonS3ConfigKey, "AWS_");
        let builder = with_profile(builder)?;
        // Whoever names an endpoint without TLS means it.
        let named = [AmazonS3ConfigKey::S3Endpoint, AmazonS3ConfigKey::Endpoint];
        let endpoint = named.iter().find_map(|key| builder.get_config_value(key));
        let is_plain = endpoint.is_some_and(|endpoint| endpoint.starts_with("http://"));
        let builder = if is_plain { builder.with_allow_http(true) } else { builder };
        Ok(Backend::of(builder.build()?))
    }

    fn gcs(&self) -> Result<Backend, StoreError> {
        let builder = configured!(self, GoogleCloudStorageBuilder, GoogleConfigKey, "GOOGLE_");
        Ok(Backend::of(builder.build()?))
    }

    fn azure(&self) -> Result<Backend, StoreError> {
        let builder = configured!(self, MicrosoftAzureBuilder, AzureConfigKey, "AZURE_");
        Ok(Backend::of(builder.build()?))
    }

    fn http(&self) -> Result<Backend, StoreError> {
        let client = self.client().with_allow_http(true);
        let client = self.options.settings.iter().fold(client, |client, (name, value)| {
            match ClientConfigKey::from_str(&name.to_ascii_lowercase()) {
                Ok(key) => client.with_config(key, value),
                Err(_) => client,
            }
        });
        let client = match self.location.user() {
            Some((name, password)) => client.with_default_headers(authorization(name, password)?),
            None => client,
        };
        let builder = HttpBuilder::new()
            .with_url(self.location.base_url())
            .with_retry(self.retry.clone())
            .with_client_options(client);
        // Headers of its own are no other store's.
        let store = match self.location.user() {
            Some(_) => builder.with_http_connector(Connector::default()).build()?,
            None => builder.with_http_connector(self.connector.clone()).build()?,
        };
        Ok(Backend { objects: Arc::new(store), uploads: None })
    }
}

/// Completes what nobody has said by the profile of Amazon's own programs.
fn with_profile(mut builder: AmazonS3Builder) -> Result<AmazonS3Builder, StoreError> {
    use AmazonS3ConfigKey::{AccessKeyId, Region, SecretAccessKey, SkipSignature, Token};
    let is_said = |builder: &AmazonS3Builder, key| builder.get_config_value(&key).is_some();
    let is_signed = builder.get_config_value(&SkipSignature).is_none_or(|skips| skips != "true");
    let has_keys = is_said(&builder, AccessKeyId) || is_said(&builder, SecretAccessKey);
    let (wants_keys, wants_region) = (is_signed && !has_keys, !is_said(&builder, Region));
    if !wants_keys && !wants_region {
        return Ok(builder);
    }
    let profile = match Profile::of_environment() {
        Ok(profile) => profile,
        // Who has said the keys need not have it.
        Err(_) if !wants_keys => return Ok(builder),
        Err(name) => {
            let source = format!("there is no profile {name} in ~/.aws").into();
            return Err(StoreError::Generic { store: "S3", source });
        }
    };
    let keys = [
        (wants_keys, AccessKeyId, "aws_access_key_id"),
        (wants_keys, SecretAccessKey, "aws_secret_access_key"),
        (wants_keys, Token, "aws_session_token"),
        (wants_region, Region, "region"),
    ];
    for (_, key, name) in keys.into_iter().filter(|(is_wanted, ..)| *is_wanted) {
        if let Some(value) = profile.get(name) {
            builder = builder.with_config(key, value);
        }
    }
    Ok(builder)
}

/// The header of basic authentication (RFC 7617).
fn authorization(name: &str, password: &Option<String>) -> Result<HeaderMap, StoreError> {
    let password = password.as_deref().unwrap_or_default();
    let text = format!("Basic {}", BASE64_STANDARD.encode(format!("{name}:{password}")));
    let refused = |_| StoreError::Generic { store: "HTTP", source: "not a header".into() };
    let mut value = HeaderValue::try_from(text).map_err(refused)?;
    value.set_sensitive(true);
    let mut headers = HeaderMap::new();
    headers.insert("authorization", value);
    Ok(headers)
}
