//! Who issues the tokens: `tenantId`, `authorityHost` and `authority`, read into one value.

use url::Url;

use super::clouds::PUBLIC;
use super::{AuthorityHost, TenantName};
use crate::error::Error;
use crate::options::{Options, config, refused};
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
    /// Reads the options.
    pub(crate) fn from_options(options: &Options) -> Result<Self, Error> {
        if let Some(text) = options.text("authority")? {
            if options.value("tenantId").is_some() || options.value("authorityHost").is_some() {
                let problem = "give either authority, or tenantId and authorityHost";
                return Err(config("authority", problem.to_owned()));
            }
            return authority(text);
        }
        let host = authority_host(options.text("authorityHost")?.unwrap_or(PUBLIC.authority_host()))?;
        match options.text("tenantId")? {
            Some(text) => {
                let accepted = "the tenant's id (a GUID), a verified domain, common, organizations or consumers";
                let tenant = TenantName::parse(text).ok_or_else(|| refused("tenantId", &text.into(), accepted))?;
                Ok(Self::Entra { host, tenant })
            }
            None if options.value("issuer").is_some() => Ok(Self::IssuerOnly),
            None => {
                let problem =
                    "not given; set AZURE_TENANT_ID or the option tenantId to the tenant whose tokens are accepted";
                Err(config("tenantId", problem.to_owned()))
            }
        }
    }
}

fn authority_host(text: &str) -> Result<AuthorityHost, Error> {
    AuthorityHost::parse(text).map_err(|accepted| config("authorityHost", accepted.to_owned()))
}

/// `https://login.microsoftonline.com/{tenant}` and the like are Entra, with all its rules; any other URL is foreign.
fn authority(text: &str) -> Result<TokenAuthority, Error> {
    let url = Url::parse(text)
        .ok()
        .filter(|url| is_secure(url) && has_no_credentials(url) && url.query().is_none() && url.fragment().is_none())
        .ok_or_else(|| {
            let accepted = "an https URL without credentials, query or fragment; http only for a loopback address";
            config("authority", format!("accepted is {accepted}"))
        })?;
    let host = authority_host(&url.origin().ascii_serialization())?;
    if host.cloud_instance_name().is_none() {
        return Ok(TokenAuthority::Oidc(url));
    }
    let path = url.path().trim_matches('/');
    let tenant = path.strip_suffix("/v2.0").unwrap_or(path);
    let tenant = TenantName::parse(tenant).ok_or_else(|| {
        let problem =
            "an authority of Entra is its host and a tenant, such as https://login.microsoftonline.com/<tenant id>";
        config("authority", problem.to_owned())
    })?;
    Ok(TokenAuthority::Entra { host, tenant })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn authority_of(json: &str) -> Result<TokenAuthority, Error> {
        TokenAuthority::from_options(&Options::parse(json).unwrap())
    }

    #[test]
    fn an_authority_of_entra_is_entra() {
        for authority in [
            "https://login.microsoftonline.com/organizations",
            "https://login.microsoftonline.com/organizations/",
            "https://login.microsoftonline.com/organizations/v2.0",
            "https://login.windows.net/organizations",
        ] {
            let got = authority_of(&format!(r#"{{"authority":"{authority}"}}"#)).unwrap();
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
            let got = authority_of(&format!(r#"{{"authority":"{authority}"}}"#)).unwrap();
            assert!(matches!(got, TokenAuthority::Oidc(_)), "{authority}");
        }
    }

    #[test]
    fn authorities_that_cannot_be_used_are_refused() {
        for json in [
            r#"{"authority":"https://login.microsoftonline.com"}"#,
            r#"{"authority":"https://login.microsoftonline.com/a/b"}"#,
            r#"{"authority":"http://accounts.example.com"}"#,
            r#"{"authority":"https://user:secret@accounts.example.com"}"#,
            r#"{"authority":"https://accounts.example.com/?a=b"}"#,
            r#"{"authority":"https://accounts.example.com","tenantId":"organizations"}"#,
            r#"{"authority":"https://accounts.example.com","authorityHost":"https://login.microsoftonline.us"}"#,
        ] {
            assert!(
                matches!(
                    authority_of(json),
                    Err(Error::Config {
                        option: "authority",
                        ..
                    })
                ),
                "{json}"
            );
        }
    }
}
