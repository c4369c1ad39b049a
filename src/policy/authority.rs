//! Who issues the tokens: `tenantId`, `authorityHost` and `authority`, read into one value.

use url::Url;

use super::clouds::PUBLIC;
use super::{AuthorityHost, PolicyBuilder, TenantName};
use crate::error::Error;
use crate::secure_url::{has_no_credentials, is_secure};

/// Who issues the tokens.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum TokenAuthority {
    /// Entra, on behalf of a tenant or of several.
    Entra {
        /// Which Entra.
        host: AuthorityHost,
        /// What stands in place of the tenant.
        tenant: TenantName,
    },
    /// An authority that is read through OIDC discovery: External ID, B2C, any other.
    Oidc(Url),
    /// Only the option `issuer` knows.
    IssuerOnly,
}

impl TokenAuthority {
    /// Reads tenant, host, authority and issuer.
    pub(super) fn new(builder: &PolicyBuilder) -> Result<Self, Error> {
        if let Some(text) = &builder.authority {
            if builder.tenant_id.is_some() || builder.authority_host.is_some() {
                let problem = "give either authority, or tenantId and authorityHost";
                return Err(Error::config("authority", problem));
            }
            return authority(text);
        }
        let host = builder.authority_host.as_deref().unwrap_or(PUBLIC.authority_host());
        let host = authority_host(host)?;
        match &builder.tenant_id {
            Some(text) => {
                let accepted = "the tenant's id (a GUID), a verified domain, common, organizations or consumers";
                let tenant = TenantName::parse(text).ok_or_else(|| Error::config_text("tenantId", text, accepted))?;
                Ok(Self::Entra { host, tenant })
            }
            None if builder.issuer.is_some() => Ok(Self::IssuerOnly),
            None => Err(Error::config(
                "tenantId",
                "not given; set AZURE_TENANT_ID or the option tenantId to the tenant whose tokens are accepted",
            )),
        }
    }
}

fn authority_host(text: &str) -> Result<AuthorityHost, Error> {
    AuthorityHost::parse(text).map_err(|accepted| Error::config("authorityHost", accepted))
}

/// Reads a whole authority: `https://login.microsoftonline.com/{tenant}` and the like are Entra, with all its rules;
/// any other URL is an OIDC provider.
fn authority(text: &str) -> Result<TokenAuthority, Error> {
    let url = Url::parse(text)
        .ok()
        .filter(|url| is_secure(url) && has_no_credentials(url) && url.query().is_none() && url.fragment().is_none())
        .ok_or_else(|| {
            Error::config(
                "authority",
                "accepted is an https URL without credentials, query or fragment; http only for a loopback address",
            )
        })?;
    let host = authority_host(&url.origin().ascii_serialization())?;
    if host.cloud_instance_name().is_none() {
        return Ok(TokenAuthority::Oidc(url));
    }
    let path = url.path().trim_matches('/');
    let tenant = path.strip_suffix("/v2.0").unwrap_or(path);
    let tenant = TenantName::parse(tenant).ok_or_else(|| {
        Error::config(
            "authority",
            "an authority of Entra is its host and a tenant, such as https://login.microsoftonline.com/<tenant id>",
        )
    })?;
    Ok(TokenAuthority::Entra { host, tenant })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::policy::Policy;

    fn read(authority: &str) -> Result<TokenAuthority, Error> {
        TokenAuthority::new(&Policy::builder().authority(authority))
    }

    #[test]
    fn an_authority_of_entra_is_entra() {
        for authority in [
            "https://login.microsoftonline.com/organizations",
            "https://login.microsoftonline.com/organizations/",
            "https://login.microsoftonline.com/organizations/v2.0",
            "https://login.windows.net/organizations",
        ] {
            let got = read(authority).unwrap();
            assert!(
                matches!(
                    got,
                    TokenAuthority::Entra {
                        tenant: TenantName::Several("organizations"),
                        ..
                    }
                ),
                "{authority}"
            );
        }
    }

    #[test]
    fn any_other_authority_is_read_through_discovery() {
        for authority in [
            "https://contoso.ciamlogin.com/contoso.onmicrosoft.com/v2.0",
            "https://contoso.b2clogin.com/contoso.onmicrosoft.com/B2C_1_susi/v2.0",
            "https://accounts.example.com",
            "http://127.0.0.1:8080/tenant",
        ] {
            let got = read(authority).unwrap();
            assert!(matches!(got, TokenAuthority::Oidc(_)), "{authority}");
        }
    }

    fn refused_option(result: Result<TokenAuthority, Error>) -> &'static str {
        match result.unwrap_err() {
            Error::Config { option, .. } => option,
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn authorities_that_cannot_be_used_are_refused() {
        for authority in [
            "https://login.microsoftonline.com",
            "https://login.microsoftonline.com/a/b",
            "http://accounts.example.com",
            "https://user:secret@accounts.example.com",
            "https://user@accounts.example.com",
            "https://accounts.example.com/?a=b",
            "https://accounts.example.com/#a",
            "https://accounts.example.com/a#",
            "https://login.microsoftonline.com/organizations?a=b",
            "https://login.microsoftonline.com/organizations#a",
        ] {
            assert_eq!(refused_option(read(authority)), "authority", "{authority}");
        }
    }

    #[test]
    fn an_authority_stands_in_place_of_tenant_and_host() {
        let authority = || Policy::builder().authority("https://accounts.example.com");
        for builder in [
            authority().tenant_id("organizations"),
            authority().authority_host("https://login.microsoftonline.us"),
        ] {
            assert_eq!(refused_option(TokenAuthority::new(&builder)), "authority");
        }
    }
}
