//! Who issues the tokens: `tenantId`, `authorityHost` and `authority`, read into one value.

use url::Url;

use super::clouds::PUBLIC;
use super::entra_issuer::is_at_entra;
use super::{
    AuthorityHost, EntraIssuer, PolicyBuilder, TenantId, TenantName, Version, external_id, guid, is_user_flow,
};
use crate::error::{Error, quoted};
use crate::secure_url::{has_no_credentials, is_secure};

/// Who issues the tokens.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum TokenAuthority {
    /// Entra, for one tenant or several.
    Entra {
        /// The authority host.
        host: AuthorityHost,
        /// The tenant segment of the URL.
        tenant: TenantName,
    },
    /// An authority with OIDC discovery: B2C, External ID behind its own domain, any other.
    Oidc(Url),
    /// Only the option `issuer` is set.
    IssuerOnly,
}

/// The option `issuer`, if it is an issuer of Entra.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct NamedIssuer {
    /// The authority host of the issuer.
    pub(super) host: AuthorityHost,
    /// The version of its tokens.
    pub(super) version: Version,
    /// Its tenant.
    pub(super) tenant: TenantId,
}

impl TokenAuthority {
    /// Whether both have the same metadata. A trailing slash is ignored, and B2C compares the names of tenants and user
    /// flows without case.
    pub(super) fn is_same(&self, other: &Self) -> bool {
        let (Self::Oidc(one), Self::Oidc(other)) = (self, other) else {
            return self == other;
        };
        let (path, other_path) = [one, other].map(|url| url.path().trim_end_matches('/')).into();
        let is_same_path = if one.path_segments().is_some_and(|mut path| path.any(is_user_flow)) {
            path.eq_ignore_ascii_case(other_path)
        } else {
            path == other_path
        };
        one.origin() == other.origin() && is_same_path
    }

    /// Reads tenant, host, authority and issuer.
    pub(super) fn new(builder: &PolicyBuilder) -> Result<(Self, Option<NamedIssuer>), Error> {
        let authority = match &builder.authority {
            Some(_) if builder.tenant_id.is_some() || builder.authority_host.is_some() => {
                let problem = "expected either authority or tenantId and authorityHost, got both";
                return Err(Error::config("authority", problem));
            }
            Some(text) => Some(authority(text)?),
            None => None,
        };
        let host = match (&authority, &builder.authority_host) {
            (Some(Self::Entra { host, .. }), _) => Some(host.clone()),
            (_, Some(text)) => Some(not_of_b2c(text).and_then(authority_host)?),
            _ => None,
        };
        let issuer = match &builder.issuer {
            Some(issuer) => named_issuer(issuer, host.as_ref())?,
            None => None,
        };
        let authority = match authority {
            Some(authority) => authority,
            None => Self::of_tenant(builder, host, issuer.as_ref())?,
        };
        if let (
            Self::Entra {
                tenant: TenantName::Id(tenant),
                ..
            },
            Some(issuer),
        ) = (&authority, &issuer)
            && *tenant != issuer.tenant
        {
            let given = builder.issuer.as_deref().unwrap_or_default();
            return Err(Error::config_text(
                "issuer",
                given,
                &format!("an issuer of the tenant {tenant}"),
            ));
        }
        Ok((authority, issuer))
    }

    fn of_tenant(
        builder: &PolicyBuilder,
        host: Option<AuthorityHost>,
        issuer: Option<&NamedIssuer>,
    ) -> Result<Self, Error> {
        let host = match (host, issuer) {
            (Some(host), _) => host,
            (None, Some(issuer)) => issuer.host.clone(),
            (None, None) => authority_host(PUBLIC.authority_host())?,
        };
        match (&builder.tenant_id, issuer) {
            (Some(text), _) => {
                let expected = "the tenant's id (a GUID), a verified domain, common, organizations or consumers";
                let tenant = TenantName::parse(text).ok_or_else(|| no_tenant(text, expected))?;
                if host.is_external_id() && matches!(tenant, TenantName::Several(_)) {
                    let expected = "the id of the External ID tenant in authorityHost";
                    return Err(Error::config_text("tenantId", text, expected));
                }
                Ok(Self::Entra { host, tenant })
            }
            (None, Some(issuer)) => Ok(Self::Entra {
                host,
                tenant: TenantName::Id(issuer.tenant),
            }),
            (None, None) if builder.issuer.is_some() => Ok(Self::IssuerOnly),
            (None, None) => Err(Error::config(
                "tenantId",
                "not set; set ENTRA_TENANT_ID or the option tenantId to the accepted tenant",
            )),
        }
    }
}

/// A host of B2C has no tenants, but policies, which only `authority` can name.
fn not_of_b2c(text: &str) -> Result<&str, Error> {
    match Url::parse(text).ok().filter(is_b2c).as_ref().and_then(Url::host_str) {
        Some(host) => Err(Error::config(
            "authorityHost",
            format!(
                "expected a host of Entra's, got one of Azure AD B2C: set ENTRA_AUTHORITY (option authority) to \
                 https://{host}/<tenant>/<policy>/v2.0, in place of ENTRA_AUTHORITY_HOST and ENTRA_TENANT_ID (options authorityHost and tenantId)"
            ),
        )),
        None => Ok(text),
    }
}

/// What to do with several tenants in `tenantId`.
pub(crate) const SEVERAL_TENANTS: &str = "set ENTRA_TENANT_ID (option tenantId) to organizations, and the option allowedTenants in \
                                          the code to an array of these ids";

/// What is wrong with a text that names no tenant.
fn no_tenant(text: &str, expected: &str) -> Error {
    let parts: Vec<_> = text.split([',', ';', ' ']).filter(|part| !part.is_empty()).collect();
    if parts.len() > 1 && parts.iter().all(|part| guid::parse(part).is_some()) {
        let problem = format!("expected one tenant, got {} ids", parts.len());
        return Error::config("tenantId", problem).with_advice(SEVERAL_TENANTS);
    }
    if let Some(slip) = guid::slip(text) {
        return Error::config("tenantId", format!("expected a GUID, got {} with {slip}", quoted(text)));
    }
    Error::config_text("tenantId", text, expected)
}

fn is_b2c(url: &Url) -> bool {
    url.host_str().is_some_and(|host| host.ends_with(".b2clogin.com"))
}

fn authority_host(text: &str) -> Result<AuthorityHost, Error> {
    AuthorityHost::parse(text).map_err(|expected| Error::config("authorityHost", expected))
}

/// Reads an `issuer` of Entra, of any cloud; `None` for other issuers. A setting copied from a library that only compares the
/// text must not disable the checks of tenant, client and token use.
fn named_issuer(issuer: &str, host: Option<&AuthorityHost>) -> Result<Option<NamedIssuer>, Error> {
    let of_host = host.and_then(|host| {
        let segment = |version| {
            host.tenant_segment(issuer, version)
                .map(|it| (host.clone(), version, it))
        };
        [Version::V1, Version::V2].into_iter().find_map(segment)
    });
    let (of_issuer, version, segment) = match (of_host, EntraIssuer::parse(issuer)) {
        (Some(found), _) => found,
        (None, Some(found)) => {
            let tenant = guid::parse(found.tenant).unwrap_or_default();
            let of_issuer = AuthorityHost::of_service(found.service, tenant).ok_or(Error::Internal)?;
            if host.is_some_and(|host| host.is_entra() && !host.has_issuers_of(&of_issuer)) {
                let expected = "an issuer of the host in authorityHost or authority";
                return Err(Error::config_text("issuer", issuer, expected));
            }
            (of_issuer, found.version, found.tenant)
        }
        (None, None) if is_at_entra(issuer) => return Err(no_issuer_of_entra(issuer)),
        (None, None) => return Ok(None),
    };
    let tenant = guid::parse(segment).ok_or_else(|| no_issuer_of_entra(issuer))?;
    Ok(Some(NamedIssuer {
        host: of_issuer,
        version,
        tenant,
    }))
}

/// Entra issues no token with such an issuer: compared exactly, it would reject every token.
fn no_issuer_of_entra(issuer: &str) -> Error {
    if let Some((meant, action)) = issuer_meant(issuer) {
        let problem = format!("expected {meant}, as in the claim iss: {action}");
        return Error::config("issuer", problem).with_advice(format!("{action} of the option issuer"));
    }
    let expected = "an issuer in the form of the claim iss: https://login.microsoftonline.com/<tenant id>/v2.0 (v2 tokens), \
                    https://sts.windows.net/<tenant id>/ (v1 tokens), https://<tenant id>.ciamlogin.com/<tenant id>/v2.0 \
                    (External ID); for several tenants, remove issuer and set allowedTenants";
    Error::config_text("issuer", issuer, expected)
}

/// The issuer that was probably meant, and how to make it of the text: only its end is wrong.
fn issuer_meant(issuer: &str) -> Option<(String, String)> {
    let bare = issuer.strip_suffix(WELL_KNOWN).unwrap_or(issuer).trim_end_matches('/');
    let wrong = issuer.strip_prefix(bare)?;
    ["", "/", "/v2.0"].into_iter().find_map(|right| {
        let meant = format!("{bare}{right}");
        EntraIssuer::parse(&meant).filter(|found| guid::parse(found.tenant).is_some())?;
        let what = |end: &str| {
            if end == "/" {
                "the slash".to_owned()
            } else {
                end.to_owned()
            }
        };
        let action = match wrong.strip_prefix(right) {
            Some(more) => format!("remove {} at the end", what(more)),
            None if wrong.is_empty() => format!("add {} at the end", what(right)),
            None => format!("replace {wrong} by {right} at the end"),
        };
        let of_v2 = if right == "/v2.0" { " for v2 tokens" } else { "" };
        Some((format!("{meant}{of_v2}"), action))
    })
}

/// The path of metadata below an authority (`OpenID` Connect Discovery 1.0, section 4).
const WELL_KNOWN: &str = "/.well-known/openid-configuration";

/// Reads a complete authority URL: `https://login.microsoftonline.com/{tenant}` and other Entra hosts get the Entra-specific
/// checks; any other URL is an OIDC provider. The forms that portals show are accepted too: the metadata URL, and B2C's policy
/// in the query.
fn authority(text: &str) -> Result<TokenAuthority, Error> {
    let url = Url::parse(text)
        .ok()
        .filter(|url| is_secure(url) && has_no_credentials(url) && url.fragment().is_none())
        .and_then(without_metadata_path)
        .ok_or_else(|| {
            Error::config(
                "authority",
                "expected an https URL (http only for a loopback address) without credentials, fragment or query, except \
                 B2C's ?p=<policy>",
            )
        })?;
    let host = authority_host(&url.origin().ascii_serialization())?;
    if host.is_entra() {
        return entra(&url, host);
    }
    if is_b2c(&url) {
        return b2c(url);
    }
    Ok(TokenAuthority::Oidc(url))
}

/// The authority that a metadata URL belongs to. `?p=<policy>` moves into the path, where it means the same.
fn without_metadata_path(mut url: Url) -> Option<Url> {
    let path = url.path().strip_suffix(WELL_KNOWN).unwrap_or(url.path()).to_owned();
    let path = match url.query() {
        None => path,
        Some(query) => {
            let policy = query.strip_prefix("p=").filter(|policy| is_name(policy))?;
            let tenant = path.trim_matches('/');
            let tenant = tenant.strip_suffix("v2.0").unwrap_or(tenant).trim_end_matches('/');
            (!tenant.is_empty() && !tenant.contains('/')).then(|| format!("/{tenant}/{policy}/v2.0"))?
        }
    };
    url.set_query(None);
    url.set_path(&path);
    Some(url)
}

/// A policy name: only characters that need no escape in a path.
fn is_name(text: &str) -> bool {
    !text.is_empty()
        && text
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-'))
}

fn entra(url: &Url, host: AuthorityHost) -> Result<TokenAuthority, Error> {
    let path = url.path().trim_matches('/');
    let segment = path.strip_suffix("/v2.0").unwrap_or(path);
    // MSAL reads `https://contoso.ciamlogin.com/` as the tenant contoso.onmicrosoft.com.
    let of_host = external_id::tenant_of_host(url)
        .filter(|_| segment.is_empty())
        .map(|name| {
            guid::parse(name).map_or_else(|| TenantName::Domain(format!("{name}.onmicrosoft.com")), TenantName::Id)
        });
    let tenant = of_host
        .or_else(|| TenantName::parse(segment))
        .filter(|tenant| !(host.is_external_id() && matches!(tenant, TenantName::Several(_))))
        .ok_or_else(|| {
            Error::config(
                "authority",
                "expected the host and the tenant of an Entra authority: https://login.microsoftonline.com/<tenant id> or \
                 https://<tenant name>.ciamlogin.com/<tenant id>",
            )
        })?;
    Ok(TokenAuthority::Entra { host, tenant })
}

/// An authority of B2C, in the forms that MSAL takes: with `tfp`, and without the version.
fn b2c(mut url: Url) -> Result<TokenAuthority, Error> {
    let path = url.path().trim_matches('/');
    let path = path.strip_prefix("tfp/").unwrap_or(path);
    let path = path.strip_suffix("/v2.0").unwrap_or(path);
    if path.split('/').filter(|segment| !segment.is_empty()).count() != 2 {
        let problem = "expected a B2C authority with the tenant and the policy (user flow): \
                       https://<name>.b2clogin.com/<tenant>/<policy>/v2.0";
        return Err(Error::config("authority", problem));
    }
    let path = format!("/{path}/v2.0");
    url.set_path(&path);
    Ok(TokenAuthority::Oidc(url))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::policy::Policy;

    fn read(authority: &str) -> Result<TokenAuthority, Error> {
        TokenAuthority::new(&Policy::builder().authority(authority)).map(|(authority, _)| authority)
    }

    #[test]
    fn a_user_flow_in_the_query_is_one_of_a_single_tenant() {
        for host in ["https://contoso.b2clogin.com", "https://login.contoso.com"] {
            let at = |path: &str| read(&format!("{host}/{path}.well-known/openid-configuration?p=B2C_1_a"));
            let in_path = read(&format!("{host}/contoso.onmicrosoft.com/B2C_1_a/v2.0")).unwrap();
            assert_eq!(at("contoso.onmicrosoft.com/v2.0/"), Ok(in_path));
            for path in ["", "v2.0/", "contoso.onmicrosoft.com/other/v2.0/"] {
                assert!(at(path).is_err(), "{host}/{path}");
            }
        }
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
    fn a_host_of_b2c_is_no_authority_host() {
        for text in [
            "https://contoso.b2clogin.com",
            "https://user:secret@contoso.b2clogin.com/a",
        ] {
            let builder = Policy::builder()
                .tenant_id("organizations")
                .client_id("a")
                .authority_host(text);
            let Err(Error::Config { option, problem, .. }) = builder.build() else {
                panic!("{text}");
            };
            assert_eq!(option, "authorityHost");
            assert!(
                problem.contains("(option authority) to https://contoso.b2clogin.com/<tenant>/<policy>/v2.0"),
                "{problem}"
            );
            assert!(!problem.contains("secret"));
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
    fn an_issuer_whose_end_is_wrong_is_told_how_it_has_to_end() {
        const TENANT: &str = "7c0d5b1e-3f5a-4b0e-9a53-1f2f6f0c9a11";
        let v2 = format!("https://login.microsoftonline.com/{TENANT}/v2.0");
        let v1 = format!("https://sts.windows.net/{TENANT}/");
        for (issuer, meant, action) in [
            (format!("{v2}/"), &v2, "remove the slash at the end"),
            (
                format!("{v2}/.well-known/openid-configuration"),
                &v2,
                "remove /.well-known/openid-configuration at the end",
            ),
            (
                format!("https://login.microsoftonline.com/{TENANT}"),
                &v2,
                "add /v2.0 at the end",
            ),
            (
                format!("https://login.microsoftonline.com/{TENANT}/"),
                &v2,
                "replace / by /v2.0 at the end",
            ),
            (
                format!("https://sts.windows.net/{TENANT}"),
                &v1,
                "add the slash at the end",
            ),
        ] {
            let error = Policy::builder()
                .issuer(&issuer)
                .audience(["api://tasks"])
                .build()
                .unwrap_err();
            let text = error.to_string();
            assert!(
                text.contains(&format!("expected {meant}")) && text.contains(action),
                "{text}"
            );
            assert!(
                error.hint().starts_with(&format!("{action} of the option issuer")),
                "{issuer}"
            );
        }
        let other = Policy::builder().issuer("https://login.microsoftonline.com/common/v2.0");
        let text = other.audience(["api://tasks"]).build().unwrap_err().to_string();
        assert!(text.contains("an issuer in the form of the claim iss"), "{text}");
    }

    #[test]
    fn an_authority_stands_in_place_of_tenant_and_host() {
        let authority = || Policy::builder().authority("https://accounts.example.com");
        for builder in [
            authority().tenant_id("organizations"),
            authority().authority_host("https://login.microsoftonline.us"),
        ] {
            assert_eq!(
                refused_option(TokenAuthority::new(&builder).map(|(authority, _)| authority)),
                "authority"
            );
        }
    }
}
