//! The authority host: which Entra, and how its tokens and keys are addressed.

use url::Url;

use super::clouds::{Cloud, ISSUER_PREFIX_V1};
use super::{TenantId, Version, guid};
use crate::secure_url::{has_no_credentials, is_secure};

/// The origin of an Entra authority, with the issuers that its tokens name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct AuthorityHost {
    origin: Url,
    issuer_prefix_v1: &'static str,
    issuer_prefix_v2: String,
    cloud_instance_name: Option<&'static str>,
}

impl AuthorityHost {
    /// Reads an origin: scheme, host and perhaps a port.
    ///
    /// # Errors
    ///
    /// What is accepted, in words: not an origin, or plain HTTP to another machine.
    pub(crate) fn parse(text: &str) -> Result<Self, &'static str> {
        let url = Url::parse(text).map_err(|_| ACCEPTED)?;
        let is_origin = url.path() == "/" && url.query().is_none() && url.fragment().is_none();
        if !is_origin || !has_no_credentials(&url) || !is_secure(&url) {
            return Err(ACCEPTED);
        }
        match url.host_str().and_then(Cloud::of_host).filter(|_| url.port().is_none()) {
            Some(cloud) => Self::of_cloud(cloud).ok_or(ACCEPTED),
            None => Ok(Self {
                // The path of an origin is "/", so this ends with one.
                issuer_prefix_v2: url.as_str().to_owned(),
                issuer_prefix_v1: ISSUER_PREFIX_V1,
                cloud_instance_name: None,
                origin: url,
            }),
        }
    }

    /// The host of a cloud that issuers name. `None` cannot happen: the table holds URLs, as a test shows.
    pub(crate) fn of_cloud(cloud: &'static Cloud) -> Option<Self> {
        Some(Self {
            origin: Url::parse(cloud.issuer_prefix_v2).ok()?,
            issuer_prefix_v1: cloud.issuer_prefix_v1,
            issuer_prefix_v2: cloud.issuer_prefix_v2.to_owned(),
            cloud_instance_name: Some(cloud.instance_name),
        })
    }

    /// What comes before the tenant in the issuer of a v1 token; a slash follows it.
    pub(crate) const fn issuer_prefix_v1(&self) -> &'static str {
        self.issuer_prefix_v1
    }

    /// What comes before the tenant in the issuer of a v2 token; `/v2.0` follows it.
    pub(crate) fn issuer_prefix_v2(&self) -> &str {
        &self.issuer_prefix_v2
    }

    /// The tenant of a v2 issuer of this authority.
    pub(crate) fn tenant(&self, issuer: &str) -> Option<TenantId> {
        self.tenant_segment(issuer, Version::V2).and_then(guid::parse)
    }

    /// The tenant in an issuer of this authority; `None` when it is none.
    pub(crate) fn tenant_segment<'i>(&self, issuer: &'i str, version: Version) -> Option<&'i str> {
        match version {
            Version::V1 => issuer.strip_prefix(self.issuer_prefix_v1())?.strip_suffix('/'),
            Version::V2 => issuer.strip_prefix(self.issuer_prefix_v2())?.strip_suffix("/v2.0"),
        }
    }

    /// The `cloud_instance_name` of this cloud's keys, where the cloud is known. The key sets of the public
    /// and the US Government cloud each hold keys of the other.
    pub(crate) const fn cloud_instance_name(&self) -> Option<&'static str> {
        self.cloud_instance_name
    }

    /// A URL of this authority. With `client_id`, an application with custom signing keys gets its own.
    pub(crate) fn url(&self, path: &str, client_id: Option<&str>) -> Url {
        let mut url = self.origin.clone();
        url.set_path(path);
        if let Some(client_id) = client_id {
            url.query_pairs_mut().append_pair("appid", client_id);
        }
        url
    }
}

const ACCEPTED: &str = "accepted is an origin such as https://login.microsoftonline.com, without path, query or \
                        credentials; http only for a loopback address";

#[cfg(test)]
mod tests {
    use super::*;
    use crate::policy::clouds::{CLOUDS, PUBLIC};

    #[test]
    fn reads_origins() {
        for (text, v2) in [
            (PUBLIC.authority_host(), "https://login.microsoftonline.com/"),
            (
                "https://login.microsoftonline.com/",
                "https://login.microsoftonline.com/",
            ),
            (
                "https://LOGIN.microsoftonline.com:443",
                "https://login.microsoftonline.com/",
            ),
            ("http://127.0.0.1:8080", "http://127.0.0.1:8080/"),
            ("http://[::1]:8080", "http://[::1]:8080/"),
            ("http://localhost", "http://localhost/"),
        ] {
            assert_eq!(AuthorityHost::parse(text).unwrap().issuer_prefix_v2(), v2, "{text}");
        }
    }

    #[test]
    fn refuses_what_is_no_secure_origin() {
        for text in [
            "",
            "login.microsoftonline.com",
            "http://login.microsoftonline.com",
            "http://localhost.example",
            "http://128.0.0.1",
            "https://login.microsoftonline.com/tenant",
            "https://login.microsoftonline.com/?a",
            "https://login.microsoftonline.com/#a",
            "https://user@login.microsoftonline.com",
            "https://user:password@login.microsoftonline.com",
            "ftp://login.microsoftonline.com",
            "file:///etc/passwd",
        ] {
            assert!(AuthorityHost::parse(text).is_err(), "{text}");
        }
    }

    #[test]
    fn clouds_have_their_issuers() {
        let china = AuthorityHost::parse("https://login.partner.microsoftonline.cn").unwrap();
        assert_eq!(china.issuer_prefix_v1(), "https://sts.chinacloudapi.cn/");
        assert_eq!(china.issuer_prefix_v2(), "https://login.partner.microsoftonline.cn/");
        let government = AuthorityHost::parse("https://login.microsoftonline.us").unwrap();
        assert_eq!(government.issuer_prefix_v1(), "https://sts.windows.net/");
        assert_eq!(government.cloud_instance_name(), Some("microsoftonline.us"));
    }

    #[test]
    fn every_host_of_the_table_is_its_cloud() {
        for cloud in &CLOUDS {
            let expected = AuthorityHost::of_cloud(cloud).expect("the table holds URLs");
            for host in cloud.hosts {
                assert_eq!(
                    AuthorityHost::parse(&format!("https://{host}")),
                    Ok(expected.clone()),
                    "{host}"
                );
            }
        }
    }

    #[test]
    fn aliases_of_a_cloud_are_that_cloud() {
        let public = AuthorityHost::parse(PUBLIC.authority_host()).unwrap();
        for alias in [
            "https://login.windows.net",
            "https://login.microsoft.com/",
            "https://sts.windows.net",
        ] {
            assert_eq!(AuthorityHost::parse(alias).unwrap(), public, "{alias}");
        }
        assert_ne!(
            AuthorityHost::parse("https://login.microsoftonline.us").unwrap(),
            public
        );
        assert_ne!(AuthorityHost::parse("https://login.windows.net:8443").unwrap(), public);
    }

    #[test]
    fn the_client_id_is_a_query_parameter() {
        let host = AuthorityHost::parse(PUBLIC.authority_host()).unwrap();
        let url = host.url("tenant/discovery/keys", Some("a&b"));
        assert_eq!(
            url.as_str(),
            "https://login.microsoftonline.com/tenant/discovery/keys?appid=a%26b"
        );
        assert!(host.url("tenant/discovery/keys", None).query().is_none());
    }
}
