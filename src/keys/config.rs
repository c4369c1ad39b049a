//! Where the keys of one source are, and how they are fetched and kept.

use std::time::Duration;

use url::Url;

use super::{CacheSettings, Discovery, InitialKeys, Proxy};

/// The configuration of a key source. Sources with equal configurations share their keys.
///
/// ```
/// use std::time::Duration;
///
/// use entra_jwt_verify::keys::{KeyLocation, KeySourceConfig};
/// use url::Url;
///
/// let url = Url::parse("https://login.example/keys")?;
/// let mut config = KeySourceConfig::new(KeyLocation::JwkSet(url));
/// config.timeout = Duration::from_secs(2);
/// # Ok::<(), url::ParseError>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub struct KeySourceConfig {
    /// Where the keys are.
    pub location: KeyLocation,
    /// How long the keys are kept.
    pub cache: CacheSettings,
    /// Time limit of one fetch, including its retry.
    pub timeout: Duration,
    /// Certificates to trust in addition to those of the process, PEM.
    pub ca: Vec<String>,
    /// The forward proxy, if any.
    pub proxy: Option<Proxy>,
    /// Keys to start with.
    pub initial: Option<InitialKeys>,
}

impl KeySourceConfig {
    /// Limit for one fetch by default: 5 s.
    pub const DEFAULT_TIMEOUT: Duration = Duration::from_secs(5);

    /// A source with the default settings.
    #[must_use]
    pub fn new(location: KeyLocation) -> Self {
        Self {
            location,
            cache: CacheSettings::default(),
            timeout: Self::DEFAULT_TIMEOUT,
            ca: Vec::new(),
            proxy: None,
            initial: None,
        }
    }
}

/// Where the keys of a source are.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum KeyLocation {
    /// A JWK Set (RFC 7517, section 5).
    JwkSet(Url),
    /// A JWK Set at one of two URLs; the second is used if the first responds with 404.
    EitherJwkSet {
        /// Requested first.
        first: Url,
        /// Requested next.
        second: Url,
    },
    /// An authority's metadata (`OpenID` Connect Discovery 1.0), which has the URL of the JWK Set.
    Discovery(Discovery),
    /// The application provides the keys; no connection is ever opened.
    Given,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_proxy_is_never_printed() {
        let url = Url::parse("https://login.example/keys").unwrap();
        let mut config = KeySourceConfig::new(KeyLocation::JwkSet(url));
        config.proxy = Some(Proxy::new("http://user:hunter2@proxy.example:8080"));
        assert!(!format!("{config:?}").contains("hunter2"));
    }

    #[test]
    fn the_defaults() {
        let url = Url::parse("https://login.example/keys").unwrap();
        let config = KeySourceConfig::new(KeyLocation::JwkSet(url));
        assert_eq!(config.cache.refresh_interval.as_secs(), 3600);
        assert_eq!(config.cache.retention.as_secs(), 86_400);
        assert_eq!((config.cache.cooldown.as_secs(), config.timeout.as_secs()), (30, 5));
    }
}
