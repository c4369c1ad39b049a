//! The authority host: the cloud, with its issuers and URLs.

use url::Url;

use super::clouds::{Cloud, ISSUER_PREFIX_V1, PUBLIC};
use super::{EntraService, TenantId, Version, external_id, guid};
use crate::secure_url::{has_no_credentials, is_secure};

/// The origin of an Entra authority, with the issuers of its tokens.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct AuthorityHost {
    origin: Url,
    issuers: Issuers,
}

/// The issuers of an authority host.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Issuers {
    /// Those of a cloud.
    Cloud(&'static Cloud),
    /// Those of External ID; v1 tokens have the issuer of the public cloud.
    ExternalId,
    /// Those of a host that is not in the table, such as a test authority: v2 issuers begin with its own origin.
    Own(String),
}

impl AuthorityHost {
    /// Reads an origin: scheme, host and perhaps a port.
    ///
    /// # Errors
    ///
    /// A message that says what is accepted, if the text is not an origin, or is plain HTTP to another machine.
    pub(crate) fn parse(text: &str) -> Result<Self, &'static str> {
        let url = Url::parse(text).map_err(|_| EXPECTED)?;
        let is_origin = url.path() == "/" && url.query().is_none() && url.fragment().is_none();
        if !is_origin || !has_no_credentials(&url) || !is_secure(&url) {
            return Err(EXPECTED);
        }
        if external_id::tenant_of_host(&url).is_some() {
            return Ok(Self {
                origin: url,
                issuers: Issuers::ExternalId,
            });
        }
        match url.host_str().and_then(Cloud::of_host).filter(|_| url.port().is_none()) {
            Some(cloud) => Self::of_cloud(cloud).ok_or(EXPECTED),
            None => Ok(Self {
                // The path of an origin is "/", so this ends with one.
                issuers: Issuers::Own(url.as_str().to_owned()),
                origin: url,
            }),
        }
    }

    /// The host of a cloud that issuers name. `None` cannot happen: the table holds URLs, as a test shows.
    pub(crate) fn of_cloud(cloud: &'static Cloud) -> Option<Self> {
        Some(Self {
            origin: Url::parse(cloud.issuer_prefix_v2).ok()?,
            issuers: Issuers::Cloud(cloud),
        })
    }

    /// The host that a tenant's issuer belongs to. `None` cannot happen, as above.
    pub(crate) fn of_service(service: EntraService, tenant: TenantId) -> Option<Self> {
        match service {
            EntraService::Cloud(cloud) => Self::of_cloud(cloud),
            EntraService::ExternalId => Some(Self {
                origin: Url::parse(&external_id::origin(&tenant.to_string())).ok()?,
                issuers: Issuers::ExternalId,
            }),
        }
    }

    /// Whether the host is known to be Entra's: a cloud or External ID.
    pub(crate) const fn is_entra(&self) -> bool {
        !matches!(self.issuers, Issuers::Own(_))
    }

    /// Whether the host is one of External ID.
    pub(crate) const fn is_external_id(&self) -> bool {
        matches!(self.issuers, Issuers::ExternalId)
    }

    /// Whether both have the same issuers.
    pub(crate) fn has_issuers_of(&self, other: &Self) -> bool {
        self.issuers == other.issuers
    }

    /// Whether v1 tokens are accepted: not if the cloud's v1 issuers are unknown.
    pub(crate) const fn has_v1(&self) -> bool {
        match &self.issuers {
            Issuers::Cloud(cloud) => cloud.issuer_prefix_v1.is_some(),
            Issuers::ExternalId | Issuers::Own(_) => true,
        }
    }

    /// The issuer of a tenant's tokens of a version, if such tokens exist.
    pub(crate) fn issuer(&self, version: Version, tenant: &str) -> Option<String> {
        Some(match (version, &self.issuers) {
            (Version::V1, Issuers::Cloud(cloud)) => format!("{}{tenant}/", cloud.issuer_prefix_v1?),
            (Version::V1, _) => format!("{ISSUER_PREFIX_V1}{tenant}/"),
            (Version::V2, Issuers::Cloud(cloud)) => format!("{}{tenant}/v2.0", cloud.issuer_prefix_v2),
            (Version::V2, Issuers::ExternalId) => external_id::issuer(tenant),
            (Version::V2, Issuers::Own(prefix)) => format!("{prefix}{tenant}/v2.0"),
        })
    }

    /// The prefix before the tenant in v2 issuers; `None` for External ID, whose issuers have the tenant in the host
    /// too.
    pub(crate) fn issuer_prefix_v2(&self) -> Option<&str> {
        match &self.issuers {
            Issuers::Cloud(cloud) => Some(cloud.issuer_prefix_v2),
            Issuers::ExternalId => None,
            Issuers::Own(prefix) => Some(prefix),
        }
    }

    /// The tenant of a v2 issuer of this authority.
    pub(crate) fn tenant(&self, issuer: &str) -> Option<TenantId> {
        self.tenant_segment(issuer, Version::V2).and_then(guid::parse)
    }

    /// The tenant in an issuer of this authority; `None` for another issuer.
    pub(crate) fn tenant_segment<'i>(&self, issuer: &'i str, version: Version) -> Option<&'i str> {
        match (version, &self.issuers) {
            (_, Issuers::Cloud(cloud)) => cloud.tenant_segment(issuer, version),
            (Version::V1, _) => issuer.strip_prefix(ISSUER_PREFIX_V1)?.strip_suffix('/'),
            (Version::V2, Issuers::ExternalId) => external_id::tenant_segment(issuer),
            (Version::V2, Issuers::Own(prefix)) => issuer.strip_prefix(prefix.as_str())?.strip_suffix("/v2.0"),
        }
    }

    /// Whether the `issuer` of a key, a template or an issuer, lets the key sign this tenant's tokens of both versions: it is
    /// the tenant's v2 issuer. Microsoft's own validator compares so, because only v2 key sets name issuers.
    pub(crate) fn is_v2_issuer_of(&self, tenant: &str, issuer_of_key: &str) -> bool {
        self.tenant_segment(issuer_of_key, Version::V2)
            .is_some_and(|segment| segment == "{tenantid}" || segment == tenant)
            || (self.is_external_id() && external_id::may_have_key_of(tenant, issuer_of_key))
    }

    /// Whether a key with this `cloud_instance_name` may verify this authority's tokens. The key sets of the public and the
    /// US Government cloud each hold keys of the other.
    pub(crate) fn may_have_key_of(&self, instance_name: &str) -> bool {
        match &self.issuers {
            Issuers::Cloud(cloud) => cloud.may_have_key_of(instance_name),
            Issuers::ExternalId => {
                PUBLIC.instance_name == Some(instance_name)
                    || super::clouds::CLOUDS
                        .iter()
                        .all(|cloud| cloud.instance_name != Some(instance_name))
            }
            Issuers::Own(_) => true,
        }
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

const EXPECTED: &str = "expected an https origin (http only for a loopback address) such as \
                        https://login.microsoftonline.com, without path, query or credentials";

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
            let host = AuthorityHost::parse(text).unwrap();
            assert_eq!(host.issuer(Version::V2, "t"), Some(format!("{v2}t/v2.0")), "{text}");
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
        assert_eq!(
            china.issuer(Version::V1, "t").as_deref(),
            Some("https://sts.chinacloudapi.cn/t/")
        );
        assert_eq!(
            china.issuer(Version::V2, "t").as_deref(),
            Some("https://login.partner.microsoftonline.cn/t/v2.0")
        );
        let government = AuthorityHost::parse("https://login.microsoftonline.us").unwrap();
        assert_eq!(
            government.issuer(Version::V1, "t").as_deref(),
            Some("https://sts.windows.net/t/")
        );
        assert!(government.may_have_key_of("microsoftonline.us") && !government.may_have_key_of("microsoftonline.com"));
        let unknown_v1 = AuthorityHost::parse("https://login.sovcloud-identity.fr").unwrap();
        assert!(unknown_v1.issuer(Version::V1, "t").is_none() && !unknown_v1.has_v1() && unknown_v1.is_entra());
        assert_eq!(
            unknown_v1.tenant_segment("https://sts.windows.net/t/", Version::V1),
            None
        );
        let external = AuthorityHost::parse("https://contoso.ciamlogin.com").unwrap();
        assert_eq!(
            external.issuer(Version::V2, "t").as_deref(),
            Some("https://t.ciamlogin.com/t/v2.0")
        );
    }

    #[test]
    fn external_id_has_keys_of_the_public_cloud_and_of_no_other() {
        let external = AuthorityHost::parse("https://contoso.ciamlogin.com").unwrap();
        let own = AuthorityHost::parse("http://localhost").unwrap();
        for cloud in &CLOUDS {
            let Some(name) = cloud.instance_name else { continue };
            let is_public = Some(name) == PUBLIC.instance_name;
            assert_eq!(external.may_have_key_of(name), is_public, "{name}");
            assert!(own.may_have_key_of(name), "{name}");
        }
        assert!(external.may_have_key_of("ciamlogin.com"), "the name of no cloud");
    }

    #[test]
    fn v2_issuers_begin_with_the_host_unless_the_tenant_is_in_it() {
        for (host, prefix) in [
            ("https://login.windows.net", Some("https://login.microsoftonline.com/")),
            ("http://localhost:8080", Some("http://localhost:8080/")),
            ("https://contoso.ciamlogin.com", None),
        ] {
            let host = AuthorityHost::parse(host).unwrap();
            assert_eq!(host.issuer_prefix_v2(), prefix, "{host:?}");
        }
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
