//! Options -> where keys come from, and how they are fetched.

use std::time::Duration;

use rustls_pki_types::CertificateDer;
use rustls_pki_types::pem::PemObject;
use url::Url;

use crate::error::Error;
use crate::keys::{CacheSettings, InitialKeys, JwkSet, KeyLocation, KeySet, KeySourceConfig, Proxy, ProxyException};
use crate::node::options::{Options, refused};
use crate::policy::Policy;
use crate::secure_url::{has_no_credentials, is_secure};
use crate::verifier::{ByVersion, given_keys, key_locations};

const DAY: f64 = 86_400.0;

/// The keys in `jwks`, if it is given.
pub(super) fn static_keys(options: &Options) -> Result<Option<KeySet>, Error> {
    let Some(document) = options.value("jwks") else {
        return Ok(None);
    };
    let set = JwkSet::parse(document.to_string().as_bytes());
    let set = set.map_err(|error| Error::config("jwks", error.to_string()))?;
    Ok(Some(set.into()))
}

/// Where the keys are, where they are not given.
pub(in crate::node) fn locations(options: &Options, policy: &Policy) -> Result<ByVersion<KeyLocation>, Error> {
    if options.is_false("jwksUri") {
        given_keys(policy)
    } else {
        key_locations(policy, jwks_uri(options)?)
    }
}

/// How keys are fetched, from wherever they are.
struct Fetching {
    cache: CacheSettings,
    timeout: Duration,
    ca: Vec<String>,
    proxy: Option<Proxy>,
}

fn fetching(options: &Options, no_proxy: Option<&str>) -> Result<Fetching, Error> {
    let keys = options.nested("keys", &["refreshInterval", "retention", "cooldown", "timeout"])?;
    let mut cache = CacheSettings::default();
    if let Some(interval) = keys.duration("refreshInterval", 1.0, 30.0 * DAY)? {
        cache.refresh_interval = interval;
    }
    if let Some(retention) = keys.duration("retention", 0.0, 30.0 * DAY)? {
        cache.retention = retention;
    }
    if let Some(cooldown) = keys.duration("cooldown", 1.0, DAY)? {
        cache.cooldown = cooldown;
    }
    let timeout = keys
        .duration("timeout", 0.1, 60.0)?
        .unwrap_or(KeySourceConfig::DEFAULT_TIMEOUT);
    Ok(Fetching {
        cache,
        timeout,
        ca: certificates(options)?,
        proxy: proxy(options, no_proxy)?,
    })
}

/// Checks the options about fetching where `jwks` has the keys, so that a mistake in them does not wait for the day when it has not.
pub(super) fn check_unused(options: &Options, no_proxy: Option<&str>) -> Result<(), Error> {
    fetching(options, no_proxy)?;
    if !options.is_false("jwksUri") {
        jwks_uri(options)?;
    }
    Ok(())
}

/// What the keys are fetched with.
pub(super) fn sources(
    options: &Options,
    policy: &Policy,
    no_proxy: Option<&str>,
) -> Result<ByVersion<KeySourceConfig>, Error> {
    let Fetching {
        cache,
        timeout,
        ca,
        proxy,
    } = fetching(options, no_proxy)?;
    let locations = locations(options, policy)?;
    let initial = initial_keys(options, policy, &locations)?;
    Ok(locations.map(|location| KeySourceConfig {
        initial: initial.clone(),
        cache: cache.clone(),
        timeout,
        ca: ca.clone(),
        proxy: proxy.clone(),
        ..KeySourceConfig::new(location)
    }))
}

/// The keys to start with, checked as far as that can be done before they are used.
fn initial_keys(
    options: &Options,
    policy: &Policy,
    locations: &ByVersion<KeyLocation>,
) -> Result<Option<InitialKeys>, Error> {
    let Some(exported) = options.value("initialKeys") else {
        return Ok(None);
    };
    let document = match exported.get("authorities") {
        None => exported,
        Some(sets) => match sets.get(policy.authority_url()) {
            Some(set) => set,
            None => return Ok(None),
        },
    };
    let initial = InitialKeys::parse(&document.to_string()).map_err(|error| {
        Error::config(
            "initialKeys",
            format!("expected the return value of exportKeys(): {error}"),
        )
    })?;
    for location in locations.iter() {
        if !initial.is_for(location) {
            let problem = "expected the return value of exportKeys() with the member issuer of this authority, got one \
                           without it or with another issuer";
            return Err(Error::config("initialKeys", problem));
        }
    }
    Ok(Some(initial))
}

fn jwks_uri(options: &Options) -> Result<Option<Url>, Error> {
    let Some(text) = options.text("jwksUri")? else {
        return Ok(None);
    };
    let url = Url::parse(text)
        .ok()
        .filter(|url| is_secure(url) && has_no_credentials(url));
    url.map(Some).ok_or_else(|| {
        let expected = "an https URL without credentials (http only for a loopback address), or false";
        // The URL is not repeated: it may hold a password.
        match Url::parse(text) {
            Ok(url) if !has_no_credentials(&url) => {
                Error::config("jwksUri", format!("expected {expected}, got one with credentials"))
            }
            Ok(url) if url.scheme() == "http" => {
                Error::config("jwksUri", format!("expected {expected}, got an http URL"))
            }
            Ok(_) => refused("jwksUri", &text.into(), expected),
            Err(_) => Error::config(
                "jwksUri",
                format!("expected {expected}, got a string that is not a URL"),
            ),
        }
    })
}

/// PEM with at least one certificate in each text. Passing a file name is an easy mistake.
fn certificates(options: &Options) -> Result<Vec<String>, Error> {
    let texts = options.texts("ca")?.unwrap_or_default();
    let holds_certificates = |pem: &&str| {
        let mut certificates = CertificateDer::pem_slice_iter(pem.as_bytes()).peekable();
        certificates.peek().is_some() && certificates.all(|certificate| certificate.is_ok())
    };
    if !texts.iter().all(holds_certificates) {
        let problem =
            "expected the text of PEM certificates, got another value; pass the content of a file, not its name";
        return Err(Error::config("ca", problem));
    }
    Ok(texts.into_iter().map(str::to_owned).collect())
}

/// The proxy, and what it is not for.
pub(in crate::node) fn proxy(options: &Options, no_proxy: Option<&str>) -> Result<Option<Proxy>, Error> {
    let Some(text) = options.text("proxy")? else {
        return Ok(None);
    };
    let is_proxy = Url::parse(text).is_ok_and(|url| matches!(url.scheme(), "http" | "https") && url.has_host());
    if !is_proxy {
        return Err(refused(
            "proxy",
            &text.into(),
            "the http or https URL of a forward proxy",
        ));
    }
    let mut proxy = Proxy::new(text);
    if let Some(list) = no_proxy {
        proxy.except = ProxyException::list_from_json(list).ok_or(Error::Internal)?;
    }
    Ok(Some(proxy))
}
