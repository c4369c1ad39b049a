//! Options -> where the keys come from.

use std::time::Duration;

use url::Url;

use super::{CacheSettings, JwkSet, KeySet};
use crate::error::Error;
use crate::options::{Options, config, refused};
use crate::policy::authority::{has_no_credentials, is_secure};
use crate::policy::options::{authority_host, client_id, tenant};

/// Where keys come from.
#[derive(Debug)]
#[non_exhaustive]
pub enum KeyOrigin {
    /// Given once, never fetched.
    Static(KeySet),
    /// Fetched.
    Remote(RemoteKeys),
}

/// A source of keys. Two verifiers for which these are equal share their keys.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct RemoteKeys {
    /// Where.
    pub url: Url,
    /// How long they are good for.
    pub cache: CacheSettings,
    /// For one fetch, all in all.
    pub timeout: Duration,
    /// Certificates that are trusted besides those of Node, PEM.
    pub ca: Vec<String>,
    /// The proxy, if any.
    pub proxy: Option<Proxy>,
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
            let set =
                JwkSet::parse(document.to_string().as_bytes()).map_err(|error| config("jwks", error.to_string()))?;
            return Ok(Self::Static(set.into()));
        }
        let keys = options.nested("keys", &["refreshInterval", "retention", "cooldown", "timeout"])?;
        let seconds = |name, least, most, default| -> Result<Duration, Error> {
            Ok(Duration::from_secs_f64(
                keys.number(name, least, most, "seconds")?.unwrap_or(default),
            ))
        };
        Ok(Self::Remote(RemoteKeys {
            url: url(options)?,
            cache: CacheSettings {
                refresh_interval: seconds("refreshInterval", 1.0, 30.0 * DAY, 3600.0)?,
                retention: seconds("retention", 0.0, 30.0 * DAY, DAY)?,
                cooldown: seconds("cooldown", 1.0, DAY, 30.0)?,
            },
            timeout: seconds("timeout", 0.1, 60.0, 5.0)?,
            ca: options
                .texts("ca")?
                .unwrap_or_default()
                .into_iter()
                .map(str::to_owned)
                .collect(),
            proxy: proxy(options, no_proxy)?,
        }))
    }
}

fn url(options: &Options) -> Result<Url, Error> {
    if let Some(text) = options.text("jwksUri")? {
        return Url::parse(text)
            .ok()
            .filter(|url| is_secure(url) && has_no_credentials(url))
            .ok_or_else(|| {
                let accepted = "an https URL without credentials; http only for a loopback address";
                refused("jwksUri", &text.into(), accepted)
            });
    }
    let tenant = tenant(options)?.ok_or_else(|| {
        let problem = "with issuer alone it is not known where the keys are; give jwksUri, jwks or tenantId";
        config("jwksUri", problem.to_owned())
    })?;
    Ok(authority_host(options)?.keys_url(tenant, client_id(options)?.as_deref()))
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

    fn remote(json: &str) -> RemoteKeys {
        match origin(json).unwrap() {
            KeyOrigin::Remote(remote) => remote,
            KeyOrigin::Static(_) => panic!("static"),
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
            keys.url.as_str(),
            format!("https://login.microsoftonline.com/{TENANT}/discovery/keys?appid=api")
        );
        assert_eq!(keys.cache.refresh_interval.as_secs(), 3600);
        assert_eq!(keys.cache.retention.as_secs(), 86_400);
        assert_eq!((keys.cache.cooldown.as_secs(), keys.timeout.as_secs()), (30, 5));
    }

    #[test]
    fn a_key_url_must_be_secure() {
        assert_eq!(
            remote(r#"{"jwksUri":"http://127.0.0.1:1/keys"}"#).url.as_str(),
            "http://127.0.0.1:1/keys"
        );
        for url in [
            "http://example.com/keys",
            "https://user:secret@example.com/",
            "keys",
            "file:///keys",
        ] {
            assert_eq!(refused_option(&format!(r#"{{"jwksUri":"{url}"}}"#)), "jwksUri", "{url}");
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
            assert_eq!(refused_option(&format!(r#"{{"jwks":{jwks}}}"#)), "jwks", "{jwks}");
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
