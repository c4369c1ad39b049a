//! Where the keys of a policy's issuers are.

use url::Url;

use super::ByVersion;
use crate::error::Error;
use crate::keys::{Discovery, KeyLocation, MetadataAuthority};
use crate::policy::{AuthorityHost, Policy, TenantName, TokenAuthority};

/// Where the keys of a policy's issuers are: at `jwks_uri` if it is given, else where Entra or the authority's metadata
/// have them. One location, or one for each version of tokens where several tenants are accepted: only the v2 key sets
/// of `common` and the like name the issuer of each key.
///
/// # Errors
///
/// [`Error::Config`] when only an issuer is configured, which does not say where its keys are.
pub fn key_locations(policy: &Policy, jwks_uri: Option<Url>) -> Result<ByVersion<KeyLocation>, Error> {
    let needs_discovery = policy.issuer.needs_discovery();
    let app_id = policy.app_id();
    Ok(match (&policy.authority, jwks_uri) {
        (TokenAuthority::Oidc(authority), keys) if needs_discovery || keys.is_none() => {
            ByVersion::one(KeyLocation::Discovery(oidc_discovery(authority, policy, keys)))
        }
        (TokenAuthority::Entra { host, tenant }, keys) if needs_discovery => ByVersion::one(KeyLocation::Discovery(
            domain_discovery(host, &tenant.segment(), keys, app_id),
        )),
        (_, Some(keys)) => ByVersion::one(KeyLocation::JwkSet(keys)),
        (TokenAuthority::Entra { host, tenant }, None) => entra_keys(host, tenant, policy),
        (TokenAuthority::IssuerOnly | TokenAuthority::Oidc(_), None) => {
            return Err(Error::config(
                "jwksUri",
                "with issuer alone it is not known where the keys are; give jwksUri, jwks, tenantId or authority",
            ));
        }
    })
}

/// The key sets of Entra: v1 and v2. Of one tenant either holds the keys of all its tokens, and a server that has only one of
/// the addresses works by it. Of several, the v2 set alone says whose a key is: nothing stands in for it.
fn entra_keys(host: &AuthorityHost, tenant: &TenantName, policy: &Policy) -> ByVersion<KeyLocation> {
    let (segment, app_id) = (tenant.segment(), policy.app_id());
    let v1 = host.url(&format!("{segment}/discovery/keys"), app_id);
    let v2 = host.url(&format!("{segment}/discovery/v2.0/keys"), app_id);
    let either = |first, second| KeyLocation::EitherJwkSet { first, second };
    let is_by_version = policy.issuer.has_keys_by_version() || matches!(tenant, TenantName::Several(_));
    // External ID is a v2 service.
    let is_v2 = !policy.issuer.accepts_v1() || host.is_external_id();
    match (is_by_version, is_v2) {
        (true, true) => ByVersion::one(KeyLocation::JwkSet(v2)),
        (true, false) => ByVersion::each(either(v1, v2.clone()), KeyLocation::JwkSet(v2)),
        (false, true) => ByVersion::one(either(v2, v1)),
        (false, false) => ByVersion::one(either(v1, v2)),
    }
}

/// The same for keys that the application gives: one set, or one for each version of tokens.
///
/// # Errors
///
/// [`Error::Config`] when the issuer is only known from the authority's metadata, which is not fetched either.
pub fn given_keys(policy: &Policy) -> Result<ByVersion<KeyLocation>, Error> {
    if policy.issuer.needs_discovery() {
        return Err(Error::config(
            "jwksUri",
            "with false nothing is fetched, so the issuer has to be known: give tenantId as a GUID, or issuer",
        ));
    }
    match &policy.authority {
        TokenAuthority::Entra { .. } => Ok(key_locations(policy, None)?.map(|_| KeyLocation::Given)),
        TokenAuthority::Oidc(_) | TokenAuthority::IssuerOnly => Ok(ByVersion::one(KeyLocation::Given)),
    }
}

/// Where the metadata of the policy's authority is, also where keys are found without it. `None` where only an issuer
/// is configured.
#[must_use]
pub fn authority_metadata(policy: &Policy) -> Option<Url> {
    match &policy.authority {
        TokenAuthority::Entra { host, tenant } => Some(entra_metadata(host, &tenant.segment(), None)),
        TokenAuthority::Oidc(authority) => Some(well_known(authority)),
        TokenAuthority::IssuerOnly => None,
    }
}

fn entra_metadata(host: &AuthorityHost, tenant: &str, app_id: Option<&str>) -> Url {
    host.url(&format!("{tenant}/v2.0/.well-known/openid-configuration"), app_id)
}

/// The keys are where the metadata has them: one document leads to the other, and both know the API's own id.
fn domain_discovery(host: &AuthorityHost, domain: &str, keys: Option<Url>, app_id: Option<&str>) -> Discovery {
    Discovery {
        metadata: entra_metadata(host, domain, app_id),
        authority: host
            .issuer_prefix_v2()
            .map_or(MetadataAuthority::ExternalId, |prefix| MetadataAuthority::Entra {
                issuer_prefix: prefix.to_owned(),
            }),
        keys,
        app_id: app_id.map(str::to_owned),
    }
}

fn oidc_discovery(authority: &Url, policy: &Policy, keys: Option<Url>) -> Discovery {
    // Microsoft's authorities have such paths; another provider is not told the API's id.
    let is_like_entra = authority.path().trim_end_matches('/').ends_with("/v2.0");
    let app_id = policy.app_id().filter(|_| is_like_entra);
    Discovery {
        // Asked without it: a server in between need not know the query of Entra's metadata.
        metadata: well_known(authority),
        authority: MetadataAuthority::Oidc {
            asked: authority.clone(),
            issuer: policy.named_issuer.clone(),
        },
        keys,
        app_id: app_id.map(str::to_owned),
    }
}

/// `OpenID` Connect Discovery 1.0, section 4: the path is appended, after a terminating slash was removed.
fn well_known(authority: &Url) -> Url {
    let mut url = authority.clone();
    url.set_path(&format!(
        "{}/.well-known/openid-configuration",
        authority.path().trim_end_matches('/')
    ));
    url
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::policy::{AllowedTenants, PolicyBuilder};

    const TENANT: &str = "7c0d5b1e-3f5a-4b0e-9a53-1f2f6f0c9a11";

    const API: &str = "4f0c2d36-9c1b-4e5e-8f7a-6a1d2b3c4d5e";

    fn policy(builder: PolicyBuilder) -> Policy {
        builder.client_id(API).build().unwrap()
    }

    fn one(builder: PolicyBuilder) -> KeyLocation {
        let locations = key_locations(&policy(builder), None).unwrap();
        let mut locations = locations.iter();
        let location = locations.next().cloned().unwrap();
        assert!(locations.next().is_none(), "two locations");
        location
    }

    fn discovery(builder: PolicyBuilder) -> Discovery {
        match one(builder) {
            KeyLocation::Discovery(discovery) => discovery,
            other => panic!("{other:?}"),
        }
    }

    fn key_set(location: &KeyLocation) -> &str {
        match location {
            KeyLocation::JwkSet(url) | KeyLocation::EitherJwkSet { first: url, .. } => url.as_str(),
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn the_keys_of_a_tenant_are_at_its_authority() {
        assert_eq!(
            key_set(&one(Policy::builder().tenant_id(TENANT))),
            format!("https://login.microsoftonline.com/{TENANT}/discovery/keys?appid={API}")
        );
    }

    #[test]
    fn several_tenants_have_keys_by_version() {
        let builder = Policy::builder()
            .tenant_id("organizations")
            .allowed_tenants(AllowedTenants::Any);
        let locations = key_locations(&policy(builder), None).unwrap();
        let host = "https://login.microsoftonline.com/organizations";
        assert_eq!(
            locations.iter().map(key_set).collect::<Vec<_>>(),
            [
                format!("{host}/discovery/v2.0/keys?appid={API}"),
                format!("{host}/discovery/keys?appid={API}")
            ]
        );
    }

    #[test]
    fn a_domain_is_resolved_through_metadata() {
        let discovery = discovery(Policy::builder().tenant_id("contoso.onmicrosoft.com"));
        let host = "https://login.microsoftonline.com/contoso.onmicrosoft.com";
        assert_eq!(
            discovery.metadata.as_str(),
            format!("{host}/v2.0/.well-known/openid-configuration?appid={API}")
        );
        assert_eq!((discovery.keys, discovery.app_id.as_deref()), (None, Some(API)));
    }

    #[test]
    fn an_oidc_authority_is_asked_where_its_keys_are() {
        let authority = "https://contoso.b2clogin.com/contoso.onmicrosoft.com/B2C_1_susi/v2.0";
        let discovery = discovery(Policy::builder().authority(format!("{authority}/")));
        assert_eq!(
            discovery.metadata.as_str(),
            format!("{authority}/.well-known/openid-configuration")
        );
        assert_eq!(discovery.app_id.as_deref(), Some(API));
        assert_eq!(discovery.keys, None);
    }

    #[test]
    fn a_key_url_replaces_the_location_but_not_the_discovery_of_the_issuer() {
        let url = || Some(Url::parse("https://keys.example/").unwrap());
        let locate = |builder| {
            key_locations(&policy(builder), url())
                .unwrap()
                .iter()
                .next()
                .cloned()
                .unwrap()
        };
        let location = locate(Policy::builder().tenant_id(TENANT));
        assert_eq!(key_set(&location), "https://keys.example/");
        for builder in [
            Policy::builder().tenant_id("contoso.onmicrosoft.com"),
            Policy::builder().authority("https://accounts.example.com"),
        ] {
            let KeyLocation::Discovery(discovery) = locate(builder) else {
                panic!("no discovery")
            };
            assert_eq!(discovery.keys, url());
        }
    }

    #[test]
    fn given_keys_are_by_version_where_fetched_ones_are() {
        let given = |builder| given_keys(&policy(builder)).map(|locations| locations.iter().count());
        let several = || {
            Policy::builder()
                .tenant_id("organizations")
                .allowed_tenants(AllowedTenants::Any)
        };
        assert_eq!(given(Policy::builder().tenant_id(TENANT)), Ok(1));
        assert_eq!(given(several()), Ok(2));
        assert_eq!(given(Policy::builder().issuer("https://accounts.example.com")), Ok(1));
        assert!(given(Policy::builder().tenant_id("contoso.onmicrosoft.com")).is_err());
    }

    #[test]
    fn an_issuer_alone_does_not_say_where_its_keys_are() {
        let policy = policy(Policy::builder().issuer("https://accounts.example.com"));
        assert!(matches!(
            key_locations(&policy, None),
            Err(Error::Config { option: "jwksUri", .. })
        ));
        assert!(key_locations(&policy, Url::parse("https://keys.example/").ok()).is_ok());
    }

    #[test]
    fn the_metadata_of_an_authority_is_at_the_authority() {
        for (builder, expected) in [
            (
                Policy::builder()
                    .tenant_id("organizations")
                    .allowed_tenants(AllowedTenants::Any),
                Some("https://login.microsoftonline.com/organizations/v2.0/.well-known/openid-configuration"),
            ),
            (
                Policy::builder().authority("https://accounts.example.com/a/"),
                Some("https://accounts.example.com/a/.well-known/openid-configuration"),
            ),
            (Policy::builder().issuer("https://accounts.example.com"), None),
        ] {
            let found = authority_metadata(&policy(builder));
            assert_eq!(found.as_ref().map(Url::as_str), expected);
        }
    }
}
