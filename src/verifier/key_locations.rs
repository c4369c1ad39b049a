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
    let client_id = policy.client_id.as_deref();
    Ok(match (&policy.authority, jwks_uri) {
        (TokenAuthority::Oidc(authority), keys) if needs_discovery || keys.is_none() => {
            ByVersion::one(KeyLocation::Discovery(Discovery {
                metadata: well_known(authority),
                authority: MetadataAuthority::Oidc(authority.clone()),
                keys,
            }))
        }
        (TokenAuthority::Entra { host, tenant }, keys) if needs_discovery => {
            let tenant = tenant.segment();
            let keys = keys.unwrap_or_else(|| tenant_keys(host, &tenant, client_id));
            ByVersion::one(KeyLocation::Discovery(domain_discovery(host, &tenant, keys)))
        }
        (_, Some(keys)) => ByVersion::one(KeyLocation::JwkSet(keys)),
        (TokenAuthority::Entra { host, tenant }, None) => {
            let v1 = KeyLocation::JwkSet(tenant_keys(host, &tenant.segment(), client_id));
            if policy.issuer.has_keys_by_version() || matches!(tenant, TenantName::Several(_)) {
                let v2 = host.url(&format!("{}/discovery/v2.0/keys", tenant.segment()), client_id);
                ByVersion::each(v1, KeyLocation::JwkSet(v2))
            } else {
                ByVersion::one(v1)
            }
        }
        (TokenAuthority::IssuerOnly | TokenAuthority::Oidc(_), None) => {
            return Err(Error::config(
                "jwksUri",
                "with issuer alone it is not known where the keys are; give jwksUri, jwks, tenantId or authority",
            ));
        }
    })
}

/// Where the metadata of the policy's authority is, also where keys are found without it. `None` where only an issuer
/// is configured.
#[must_use]
pub fn authority_metadata(policy: &Policy) -> Option<Url> {
    match &policy.authority {
        TokenAuthority::Entra { host, tenant } => Some(entra_metadata(host, &tenant.segment())),
        TokenAuthority::Oidc(authority) => Some(well_known(authority)),
        TokenAuthority::IssuerOnly => None,
    }
}

fn tenant_keys(host: &AuthorityHost, tenant: &str, client_id: Option<&str>) -> Url {
    host.url(&format!("{tenant}/discovery/keys"), client_id)
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

    fn policy(builder: PolicyBuilder) -> Policy {
        builder.client_id("api").build().unwrap()
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
            other @ KeyLocation::JwkSet(_) => panic!("{other:?}"),
        }
    }

    fn key_set(location: &KeyLocation) -> &str {
        match location {
            KeyLocation::JwkSet(url) => url.as_str(),
            other @ KeyLocation::Discovery(_) => panic!("{other:?}"),
        }
    }

    #[test]
    fn the_keys_of_a_tenant_are_at_its_authority() {
        assert_eq!(
            key_set(&one(Policy::builder().tenant_id(TENANT))),
            format!("https://login.microsoftonline.com/{TENANT}/discovery/keys?appid=api")
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
                format!("{host}/discovery/v2.0/keys?appid=api"),
                format!("{host}/discovery/keys?appid=api")
            ]
        );
    }

    #[test]
    fn a_domain_is_resolved_through_metadata() {
        let discovery = discovery(Policy::builder().tenant_id("contoso.onmicrosoft.com"));
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
    fn an_oidc_authority_is_asked_where_its_keys_are() {
        let authority = "https://contoso.b2clogin.com/contoso.onmicrosoft.com/B2C_1_susi/v2.0";
        let discovery = discovery(Policy::builder().authority(format!("{authority}/")));
        assert_eq!(
            discovery.metadata.as_str(),
            format!("{authority}/.well-known/openid-configuration")
        );
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
