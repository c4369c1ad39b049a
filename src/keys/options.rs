//! Options -> where the keys come from.

use std::time::Duration;

use rustls_pki_types::CertificateDer;
use rustls_pki_types::pem::PemObject;
use url::Url;

use super::{CacheSettings, Discovery, JwkSet, KeySet, MetadataAuthority};
use crate::error::Error;
use crate::options::{Options, config, refused};
use crate::policy::options::{client_id, issuer_rule};
use crate::policy::{AuthorityHost, TenantName, TokenAuthority};
use crate::secure_url::{has_no_credentials, is_secure};

/// Where keys come from.
#[derive(Debug)]
#[non_exhaustive]
pub enum KeyOrigin {
    /// Given once, never fetched.
    Static(KeySet),
    /// Fetched.
    Remote(Box<KeySourceConfig>),
    /// Fetched, from one place for v1 tokens and from another for v2 tokens: only the v2 sets of `common` and the
    /// like say which issuer a key is for.
    RemoteByVersion {
        /// For v1 tokens.
        v1: Box<KeySourceConfig>,
        /// For v2 tokens.
        v2: Box<KeySourceConfig>,
    },
}

/// A source of keys. Two verifiers for which these are equal share their keys.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct KeySourceConfig {
    /// Where.
    pub location: KeyLocation,
    /// How long they are good for.
    pub cache: CacheSettings,
    /// For one fetch, all in all.
    pub timeout: Duration,
    /// Certificates that are trusted besides those of Node, PEM.
    pub ca: Vec<String>,
    /// The proxy, if any.
    pub proxy: Option<Proxy>,
}

/// The address of keys.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum KeyLocation {
    /// A JWK Set.
    JwkSet(Url),
    /// An authority's metadata, and then what it points to.
    Discovery(Discovery),
}

/// A forward proxy for HTTPS. May hold a password: has no `Display`, and its `Debug` is silent.
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct Proxy {
    /// The address, with its credentials.
    pub url: String,
    /// Hosts that it is not for, in the form of `NO_PROXY`.
    pub except: Option<String>,
}

impl std::fmt::Debug for Proxy {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Proxy(…)")
    }
}

const DAY: f64 = 86_400.0;

impl KeyOrigin {
    /// Compiles the options; `no_proxy` belongs to `proxy` where that comes from the environment.
    ///
    /// # Errors
    ///
    /// [`Error::Config`] when an option cannot be used, or when it is not known where the keys are.
    pub fn from_options(options: &Options, no_proxy: Option<String>) -> Result<Self, Error> {
        if let Some(document) = options.value("jwks") {
            return static_keys(options, &document.to_string());
        }
        let keys = options.nested("keys", &["refreshInterval", "retention", "cooldown", "timeout"])?;
        let seconds = |name, least, most, default| -> Result<Duration, Error> {
            Ok(Duration::from_secs_f64(
                keys.number(name, least, most, "seconds")?.unwrap_or(default),
            ))
        };
        let cache = CacheSettings {
            refresh_interval: seconds("refreshInterval", 1.0, 30.0 * DAY, 3600.0)?,
            retention: seconds("retention", 0.0, 30.0 * DAY, DAY)?,
            cooldown: seconds("cooldown", 1.0, DAY, 30.0)?,
        };
        let timeout = seconds("timeout", 0.1, 60.0, 5.0)?;
        let ca = certificates(options)?;
        let proxy = proxy(options, no_proxy)?;
        let remote = |location| {
            Box::new(KeySourceConfig {
                location,
                cache: cache.clone(),
                timeout,
                ca: ca.clone(),
                proxy: proxy.clone(),
            })
        };
        Ok(match places(options)? {
            Places::One(location) => Self::Remote(remote(location)),
            Places::ByVersion { v1, v2 } => Self::RemoteByVersion {
                v1: remote(KeyLocation::JwkSet(v1)),
                v2: remote(KeyLocation::JwkSet(v2)),
            },
        })
    }
}

fn static_keys(options: &Options, document: &str) -> Result<KeyOrigin, Error> {
    if issuer_rule(options)?.needs_discovery() {
        let problem =
            "with static keys nothing is fetched, so the issuer has to be known: give tenantId as a GUID, or issuer";
        return Err(config("jwks", problem.to_owned()));
    }
    let set = JwkSet::parse(document.as_bytes()).map_err(|error| config("jwks", error.to_string()))?;
    Ok(KeyOrigin::Static(set.into()))
}

enum Places {
    One(KeyLocation),
    ByVersion { v1: Url, v2: Url },
}

fn places(options: &Options) -> Result<Places, Error> {
    let rule = issuer_rule(options)?;
    let client_id = client_id(options)?;
    let client_id = client_id.as_deref();
    Ok(match (TokenAuthority::from_options(options)?, jwks_uri(options)?) {
        (TokenAuthority::Oidc(authority), keys) if rule.needs_discovery() || keys.is_none() => {
            let metadata = well_known(&authority);
            Places::One(KeyLocation::Discovery(Discovery {
                metadata,
                authority: MetadataAuthority::Oidc(authority),
                keys,
            }))
        }
        (TokenAuthority::Entra { host, tenant }, keys) if rule.needs_discovery() => {
            let tenant = tenant.segment();
            let keys = keys.unwrap_or_else(|| tenant_keys(&host, &tenant, client_id));
            Places::One(KeyLocation::Discovery(domain_discovery(&host, &tenant, keys)))
        }
        (_, Some(keys)) => Places::One(KeyLocation::JwkSet(keys)),
        (TokenAuthority::Entra { host, tenant }, None) => {
            let v1 = tenant_keys(&host, &tenant.segment(), client_id);
            if rule.has_keys_by_version() || matches!(tenant, TenantName::Several(_)) {
                let v2 = host.url(&format!("{}/discovery/v2.0/keys", tenant.segment()), client_id);
                Places::ByVersion { v1, v2 }
            } else {
                Places::One(KeyLocation::JwkSet(v1))
            }
        }
        (TokenAuthority::IssuerOnly | TokenAuthority::Oidc(_), None) => {
            let problem =
                "with issuer alone it is not known where the keys are; give jwksUri, jwks, tenantId or authority";
            return Err(config("jwksUri", problem.to_owned()));
        }
    })
}

fn tenant_keys(host: &AuthorityHost, tenant: &str, client_id: Option<&str>) -> Url {
    host.url(&format!("{tenant}/discovery/keys"), client_id)
}

/// Where the metadata of the authority is, also where keys are found without it.
///
/// # Errors
///
/// [`Error::Config`] when it is not known whose tokens are accepted.
pub fn authority_metadata(options: &Options) -> Result<Option<Url>, Error> {
    Ok(match TokenAuthority::from_options(options)? {
        TokenAuthority::Entra { host, tenant } => Some(entra_metadata(&host, &tenant.segment())),
        TokenAuthority::Oidc(authority) => Some(well_known(&authority)),
        TokenAuthority::IssuerOnly => None,
    })
}

fn entra_metadata(host: &AuthorityHost, tenant: &str) -> Url {
    host.url(&format!("{tenant}/v2.0/.well-known/openid-configuration"), None)
}

fn domain_discovery(host: &AuthorityHost, domain: &str, keys: Url) -> Discovery {
    Discovery {
        metadata: entra_metadata(host, domain),
        authority: MetadataAuthority::Entra {
            issuer_prefix: host.issuer_prefix_v2().to_owned(),
        },
        keys: Some(keys),
    }
}

/// OpenID Connect Discovery 1.0, section 4: the path is appended, after a terminating slash was removed.
fn well_known(authority: &Url) -> Url {
    let mut url = authority.clone();
    url.set_path(&format!(
        "{}/.well-known/openid-configuration",
        authority.path().trim_end_matches('/')
    ));
    url
}

fn jwks_uri(options: &Options) -> Result<Option<Url>, Error> {
    let Some(text) = options.text("jwksUri")? else {
        return Ok(None);
    };
    let url = Url::parse(text)
        .ok()
        .filter(|url| is_secure(url) && has_no_credentials(url));
    url.map(Some).ok_or_else(|| {
        let accepted = "an https URL without credentials; http only for a loopback address";
        refused("jwksUri", &text.into(), accepted)
    })
}

/// PEM with at least one certificate in each text: a file's name is an easy mistake.
fn certificates(options: &Options) -> Result<Vec<String>, Error> {
    let texts = options.texts("ca")?.unwrap_or_default();
    let holds_certificates = |pem: &&str| {
        let mut certificates = CertificateDer::pem_slice_iter(pem.as_bytes()).peekable();
        certificates.peek().is_some() && certificates.all(|certificate| certificate.is_ok())
    };
    if !texts.iter().all(holds_certificates) {
        let problem = "what was given cannot be used; accepted are certificates as PEM, not the name of a file";
        return Err(config("ca", problem.to_owned()));
    }
    Ok(texts.into_iter().map(str::to_owned).collect())
}

fn proxy(options: &Options, except: Option<String>) -> Result<Option<Proxy>, Error> {
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
    // The client's own list takes a star for every name, but not for every address.
    if except
        .as_deref()
        .is_some_and(|list| list.split(',').any(|entry| entry.trim() == "*"))
    {
        return Ok(None);
    }
    Ok(Some(Proxy {
        url: text.to_owned(),
        except,
    }))
}

#[cfg(test)]
mod tests {
    use super::*;

    const TENANT: &str = "7c0d5b1e-3f5a-4b0e-9a53-1f2f6f0c9a11";

    fn origin(json: &str) -> Result<KeyOrigin, Error> {
        KeyOrigin::from_options(&Options::parse(json)?, None)
    }

    fn remote(json: &str) -> KeySourceConfig {
        match origin(json).unwrap() {
            KeyOrigin::Remote(remote) => *remote,
            other => panic!("{other:?}"),
        }
    }

    fn url(keys: &KeySourceConfig) -> &str {
        match &keys.location {
            KeyLocation::JwkSet(url) => url.as_str(),
            KeyLocation::Discovery(discovery) => discovery.metadata.as_str(),
        }
    }

    fn refused_option(json: &str) -> &'static str {
        match origin(json).unwrap_err() {
            Error::Config { option, .. } => option,
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn the_keys_of_a_tenant_are_at_its_authority() {
        let keys = remote(&format!(r#"{{"tenantId":"{TENANT}","clientId":"api"}}"#));
        assert_eq!(
            url(&keys),
            format!("https://login.microsoftonline.com/{TENANT}/discovery/keys?appid=api")
        );
        assert_eq!(keys.cache.refresh_interval.as_secs(), 3600);
        assert_eq!(keys.cache.retention.as_secs(), 86_400);
        assert_eq!((keys.cache.cooldown.as_secs(), keys.timeout.as_secs()), (30, 5));
    }

    #[test]
    fn several_tenants_have_keys_by_version() {
        let KeyOrigin::RemoteByVersion { v1, v2 } =
            origin(r#"{"tenantId":"organizations","allowedTenants":"*","clientId":"api"}"#).unwrap()
        else {
            panic!("one source");
        };
        assert_eq!(
            url(&v1),
            "https://login.microsoftonline.com/organizations/discovery/keys?appid=api"
        );
        assert_eq!(
            url(&v2),
            "https://login.microsoftonline.com/organizations/discovery/v2.0/keys?appid=api"
        );
    }

    #[test]
    fn a_domain_is_resolved_through_metadata() {
        let keys = remote(r#"{"tenantId":"contoso.onmicrosoft.com","clientId":"api"}"#);
        let KeyLocation::Discovery(discovery) = keys.location else {
            panic!("no discovery")
        };
        let host = "https://login.microsoftonline.com/contoso.onmicrosoft.com";
        assert_eq!(
            discovery.metadata.as_str(),
            format!("{host}/v2.0/.well-known/openid-configuration")
        );
        assert_eq!(
            discovery.keys.unwrap().as_str(),
            format!("{host}/discovery/keys?appid=api")
        );
    }

    #[test]
    fn a_foreign_authority_is_asked_where_its_keys_are() {
        let keys = remote(r#"{"authority":"https://contoso.b2clogin.com/contoso.onmicrosoft.com/B2C_1_susi/v2.0/"}"#);
        let KeyLocation::Discovery(discovery) = keys.location else {
            panic!("no discovery")
        };
        assert_eq!(
            discovery.metadata.as_str(),
            "https://contoso.b2clogin.com/contoso.onmicrosoft.com/B2C_1_susi/v2.0/.well-known/openid-configuration"
        );
        assert_eq!(discovery.keys, None);
    }

    #[test]
    fn the_metadata_of_an_authority_is_at_the_authority() {
        for (json, expected) in [
            (
                r#"{"tenantId":"organizations"}"#,
                Some("https://login.microsoftonline.com/organizations/v2.0/.well-known/openid-configuration"),
            ),
            (
                r#"{"authority":"https://accounts.example.com/a/"}"#,
                Some("https://accounts.example.com/a/.well-known/openid-configuration"),
            ),
            (r#"{"issuer":"https://accounts.example.com"}"#, None),
        ] {
            let found = authority_metadata(&Options::parse(json).unwrap()).unwrap();
            assert_eq!(found.as_ref().map(Url::as_str), expected, "{json}");
        }
    }

    #[test]
    fn static_keys_cannot_ask_for_the_issuer() {
        let jwks = r#""jwks":{"keys":[]}"#;
        for whose in [
            r#""authority":"https://accounts.example.com""#,
            r#""tenantId":"contoso.onmicrosoft.com""#,
        ] {
            assert_eq!(refused_option(&format!("{{{whose},{jwks}}}")), "jwks", "{whose}");
        }
    }

    #[test]
    fn a_key_url_must_be_secure() {
        assert_eq!(
            url(&remote(r#"{"issuer":"i","jwksUri":"http://127.0.0.1:1/keys"}"#)),
            "http://127.0.0.1:1/keys"
        );
        for url in [
            "http://example.com/keys",
            "https://user:secret@example.com/",
            "keys",
            "file:///keys",
        ] {
            assert_eq!(
                refused_option(&format!(r#"{{"issuer":"i","jwksUri":"{url}"}}"#)),
                "jwksUri",
                "{url}"
            );
        }
        assert_eq!(refused_option(r#"{"issuer":"https://issuer.example"}"#), "jwksUri");
    }

    #[test]
    fn static_keys_must_be_usable() {
        for jwks in [
            "[]",
            "{}",
            r#"{"keys":[]}"#,
            r#"{"keys":[{"kty":"oct","k":"AA","kid":"a"}]}"#,
        ] {
            assert_eq!(
                refused_option(&format!(r#"{{"issuer":"i","jwks":{jwks}}}"#)),
                "jwks",
                "{jwks}"
            );
        }
    }

    #[test]
    fn bounds_of_times() {
        for keys in [
            r#"{"timeout":0}"#,
            r#"{"cooldown":0}"#,
            r#"{"retention":-1}"#,
            r#"{"refreshInterval":"1"}"#,
        ] {
            let option = refused_option(&format!(r#"{{"tenantId":"{TENANT}","keys":{keys}}}"#));
            assert!(keys.contains(option), "{keys}: {option}");
        }
        assert_eq!(
            remote(&format!(r#"{{"tenantId":"{TENANT}","keys":{{"retention":0}}}}"#))
                .cache
                .retention,
            Duration::ZERO
        );
    }

    #[test]
    fn a_proxy_is_never_printed() {
        let keys = remote(&format!(
            r#"{{"tenantId":"{TENANT}","proxy":"http://user:hunter2@proxy.example:8080"}}"#
        ));
        assert!(!format!("{keys:?}").contains("hunter2"));
        for proxy in ["proxy:8080", "socks5://proxy", ""] {
            assert_eq!(
                refused_option(&format!(r#"{{"tenantId":"{TENANT}","proxy":"{proxy}"}}"#)),
                "proxy"
            );
        }
    }
}
