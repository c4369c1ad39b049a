//! What `entra-jwt-verify doctor` asks: where the configuration leads, and what of a key set can be used.

use napi::bindgen_prelude::{Buffer, Either};
use napi_derive::napi;
use url::Url;

use super::config;
use super::failure::Failure;
use super::options::Options;
use crate::error::Error;
use crate::explain::{issuers, service_of_microsoft};
use crate::keys::{JwkSet, KeyLocation, answer, refusal};
use crate::secret;
use crate::verifier::authority_metadata;

/// Where a configuration leads.
#[napi(object)]
pub struct NativePlaces {
    /// The authority's metadata, unless the configuration does without.
    pub metadata: Option<String>,
    /// The key sets, as far as they are known without the metadata.
    pub keys: Vec<String>,
    /// The key set that is fetched where the server does not know the first of `keys` (404).
    pub otherwise: Option<String>,
    /// Issuers of Entra that are accepted, with `{tenantid}` where the tenant is not one; none where Entra's rules do not
    /// hold.
    pub issuers: Vec<String>,
}

/// What can be used of a key set.
#[napi(object)]
pub struct NativeKeySet {
    /// Names of the keys that can be used.
    pub usable: Vec<String>,
    /// Why the others cannot.
    pub skipped: Vec<String>,
    /// Why none can.
    pub problem: Option<String>,
}

/// What metadata says, as far as the core believes it.
#[napi(object)]
pub struct NativeMetadata {
    /// Why it is not believed, where the configuration takes issuer or keys from it.
    pub problem: Option<String>,
    /// Where the keys are, where the configuration takes that from it.
    pub keys: Option<String>,
}

/// Why a proxy does not connect.
#[napi(object)]
pub struct NativeRefusal {
    /// What its answer means.
    pub cause: String,
    /// What to do.
    pub hint: String,
}

/// Where a configuration, JSON, leads.
#[napi(catch_unwind)]
#[allow(clippy::needless_pass_by_value, reason = "napi hands strings over by value")]
pub fn places(options: String) -> Either<NativePlaces, Failure> {
    match read(&options) {
        Ok(places) => Either::A(places),
        Err(error) => Either::B(error.into()),
    }
}

/// Reads a key set as a fetch would.
#[napi(catch_unwind)]
#[allow(clippy::needless_pass_by_value, reason = "napi hands strings over by value")]
pub fn read_key_set(document: String) -> NativeKeySet {
    match JwkSet::parse(document.as_bytes()) {
        Ok(set) => NativeKeySet {
            usable: set.keys.iter().map(|key| key.name().to_owned()).collect(),
            skipped: set.skipped.iter().map(ToString::to_string).collect(),
            problem: None,
        },
        Err(error) => NativeKeySet {
            usable: Vec::new(),
            skipped: Vec::new(),
            problem: Some(error.to_string()),
        },
    }
}

/// Reads metadata as a fetch would.
#[napi(catch_unwind)]
#[allow(clippy::needless_pass_by_value, reason = "napi hands strings over by value")]
pub fn read_metadata(options: String, document: String) -> Either<NativeMetadata, Failure> {
    match believed(&options, document.as_bytes()) {
        Ok(metadata) => Either::A(metadata),
        Err(error) => Either::B(error.into()),
    }
}

/// Whether a URL is fetched through the proxy of a configuration. `no_proxy` as with `compile`.
#[napi(catch_unwind)]
#[allow(clippy::needless_pass_by_value, reason = "napi hands strings over by value")]
pub fn uses_proxy(options: String, no_proxy: Option<String>, url: String) -> bool {
    let proxy = of_one(&options).and_then(|options| config::proxy(&options, no_proxy.as_deref()));
    proxy
        .ok()
        .flatten()
        .zip(Url::parse(&url).ok())
        .is_some_and(|(proxy, url)| proxy.is_for(&url))
}

/// What it means that a proxy answers CONNECT with such a status; `challenges` are the values of
/// `Proxy-Authenticate`.
#[napi(catch_unwind)]
#[allow(clippy::needless_pass_by_value, reason = "napi hands arrays over by value")]
pub fn proxy_refusal(status: u32, challenges: Vec<String>, has_credentials: bool) -> NativeRefusal {
    let refusal = refusal(u16::try_from(status).unwrap_or_default(), &challenges, has_credentials);
    NativeRefusal {
        cause: refusal.to_string(),
        hint: refusal.hint().to_owned(),
    }
}

/// Why an answer of the authority holds no document, where its status or its form says so.
#[napi(catch_unwind)]
#[allow(
    clippy::needless_pass_by_value,
    reason = "napi hands strings and buffers over by value"
)]
pub fn answer_problem(
    status: u32,
    content_encoding: Option<String>,
    content_type: Option<String>,
    body: Buffer,
) -> Option<NativeRefusal> {
    let status = u16::try_from(status).unwrap_or_default();
    let cause = if status == 200 {
        answer::coded(content_encoding.as_deref())
            .or_else(|| answer::zipped(&body))
            .or_else(|| answer::page(content_type.as_deref(), &body))?
    } else {
        answer::passing(status).unwrap_or_else(|| answer::error(status, &body))
    };
    Some(NativeRefusal {
        cause: cause.to_string(),
        hint: cause.hint().into_owned(),
    })
}

/// The service of Microsoft's that an audience is of; `null` for any other.
#[napi(catch_unwind)]
#[allow(clippy::needless_pass_by_value, reason = "napi hands strings over by value")]
pub fn microsoft_service(audience: String) -> Option<String> {
    service_of_microsoft(&audience).map(str::to_owned)
}

/// What looks like a secret.
#[napi(object)]
pub struct NativeSecret {
    /// Its first characters and its length.
    pub cut: String,
    /// Whether it has the form of the client secrets that Entra makes.
    pub is_client_secret: bool,
}

/// A text that looks like a secret; `null` for any other.
#[napi(catch_unwind)]
#[allow(clippy::needless_pass_by_value, reason = "napi hands strings over by value")]
pub fn secret(text: String) -> Option<NativeSecret> {
    Some(NativeSecret {
        cut: secret::cut(&text)?,
        is_client_secret: secret::is_client_secret(&text),
    })
}

/// The options of one authority; with `authorities`, of the first: each is examined by itself.
fn of_one(json: &str) -> Result<Options, Error> {
    let options = Options::parse(json)?;
    let authorities = options.authorities()?;
    Ok(authorities.and_then(|all| all.into_iter().next()).unwrap_or(options))
}

fn believed(options: &str, document: &[u8]) -> Result<NativeMetadata, Error> {
    let options = of_one(options)?;
    let locations = config::locations(&options, &config::policy(&options)?)?;
    let discovery = locations.iter().find_map(|location| match location {
        KeyLocation::Discovery(discovery) => Some(discovery),
        KeyLocation::JwkSet(_) | KeyLocation::EitherJwkSet { .. } | KeyLocation::Given => None,
    });
    let (problem, keys) = match discovery.map(|discovery| discovery.read(document)) {
        None => (None, None),
        Some(Ok(metadata)) => (None, Some(metadata.jwks_uri.into())),
        Some(Err(error)) => (Some(error.to_string()), None),
    };
    Ok(NativeMetadata { problem, keys })
}

fn read(json: &str) -> Result<NativePlaces, Error> {
    let options = of_one(json)?;
    let policy = config::policy(&options)?;
    // An error of any option is said here too, not only of those that say where the keys are.
    config::verifier(&options, None)?;
    let mut locations = Vec::new();
    if options.value("jwks").is_none() {
        locations.extend(config::locations(&options, &policy)?.iter().cloned());
        // v1 first, as doctor lists them.
        locations.reverse();
    }
    let is_given = options.value("jwks").is_some() || options.value("jwksUri").is_some();
    let needs_metadata = locations.iter().any(|it| matches!(it, KeyLocation::Discovery(_)));
    let metadata = if needs_metadata || !is_given {
        authority_metadata(&policy)
    } else {
        None
    };
    Ok(NativePlaces {
        metadata: metadata.map(String::from),
        keys: locations.iter().filter_map(key_set).map(ToString::to_string).collect(),
        otherwise: locations.iter().find_map(|location| match location {
            KeyLocation::EitherJwkSet { second, .. } => Some(second.to_string()),
            _ => None,
        }),
        issuers: if policy.issuer.is_entra() {
            issuers(&policy, None)
        } else {
            Vec::new()
        },
    })
}

const fn key_set(location: &KeyLocation) -> Option<&Url> {
    match location {
        KeyLocation::JwkSet(url) | KeyLocation::EitherJwkSet { first: url, .. } => Some(url),
        KeyLocation::Discovery(discovery) => discovery.keys.as_ref(),
        KeyLocation::Given => None,
    }
}
