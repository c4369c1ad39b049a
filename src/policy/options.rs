//! Options -> [`Policy`].

use std::time::Duration;

use super::issuer::Version;
use super::{
    AcceptedAudiences, AuthorityHost, Callers, IssuerRule, MICROSOFT_ACCOUNTS, Policy, TenantId, TenantName, Tenants,
    TokenAuthority, guid,
};
use crate::algorithm::{Algorithm, AlgorithmSet};
use crate::error::Error;
use crate::options::{Options, config, refused};
use crate::time::ClockTolerance;

/// Bytes. Entra's tokens with 200 groups have about 9 000; Node refuses headers of more than 16 384 in all.
const DEFAULT_MAX_TOKEN_LENGTH: usize = 16_384;

impl Policy {
    /// Compiles the options.
    ///
    /// # Errors
    ///
    /// [`Error::Config`] when an option cannot be used, or when it is not known whose tokens are acceptable
    /// or for whom.
    pub fn from_options(options: &Options) -> Result<Self, Error> {
        Ok(Self {
            issuer: issuer_rule(options)?,
            audiences: audiences(options)?,
            callers: callers(options)?,
            algorithms: algorithms(options)?,
            clock_tolerance: clock_tolerance(options)?,
            max_token_length: max_token_length(options)?,
        })
    }
}

/// The application id of `clientId`, in lower case where it is a GUID, as Entra writes it.
pub(crate) fn client_id(options: &Options) -> Result<Option<String>, Error> {
    Ok(options
        .text("clientId")?
        .map(|text| guid::parse(text).map_or_else(|| text.to_owned(), |id| id.to_string())))
}

/// The rule for issuer and tenant.
pub(crate) fn issuer_rule(options: &Options) -> Result<IssuerRule, Error> {
    let rule = match (TokenAuthority::from_options(options)?, options.text("issuer")?) {
        (TokenAuthority::Entra { host, tenant }, None) => {
            let tenants = tenants(options, &tenant)?;
            return Ok(IssuerRule::Entra {
                tenants,
                authority: host,
                only: None,
            });
        }
        (TokenAuthority::Oidc(_), None) => IssuerRule::Discovered,
        (TokenAuthority::IssuerOnly, None) => return Err(Error::Internal),
        (
            TokenAuthority::Entra {
                host,
                tenant: TenantName::Id(tenant),
            },
            Some(issuer),
        ) => narrowed(host, tenant, issuer),
        (_, Some(issuer)) => IssuerRule::Exact(issuer.to_owned()),
    };
    if options.value("allowedTenants").is_some() {
        let problem = "has no meaning beside issuer or an authority that is not Entra's, whose tokens have one issuer";
        return Err(config("allowedTenants", problem.to_owned()));
    }
    Ok(rule)
}

/// One of the tenant's own issuers narrows the rule instead of replacing it: what the tenant rules know beyond the
/// issuer is worth keeping.
fn narrowed(host: AuthorityHost, tenant: TenantId, issuer: &str) -> IssuerRule {
    match version_of_issuer(&host, tenant, issuer) {
        only @ Some(_) => IssuerRule::Entra {
            tenants: Tenants::One(tenant),
            authority: host,
            only,
        },
        None => IssuerRule::Exact(issuer.to_owned()),
    }
}

fn version_of_issuer(host: &AuthorityHost, tenant: TenantId, issuer: &str) -> Option<Version> {
    let is_of = |version| host.tenant_segment(issuer, version).and_then(guid::parse) == Some(tenant);
    [Version::V1, Version::V2].into_iter().find(|&version| is_of(version))
}

fn tenants(options: &Options, name: &TenantName) -> Result<Tenants, Error> {
    let Some(allowed) = options.texts("allowedTenants")? else {
        return match name {
            TenantName::Id(id) => Ok(Tenants::One(*id)),
            TenantName::Domain(_) => Ok(Tenants::OfDomain),
            TenantName::Several(name) => {
                let accepted = "the ids (GUIDs) of the tenants whose tokens are accepted, or \"*\" for every tenant";
                Err(config(
                    "allowedTenants",
                    format!("not given, and tenantId is {name}; accepted are {accepted}"),
                ))
            }
        };
    };
    if allowed == ["*"] {
        return Ok(match name {
            TenantName::Several("consumers") => Tenants::One(MICROSOFT_ACCOUNTS),
            _ => Tenants::Any {
                microsoft_accounts: *name == TenantName::Several("common"),
            },
        });
    }
    let parse = |text: &&str| {
        guid::parse(text).ok_or_else(|| refused("allowedTenants", &(*text).into(), "GUIDs, or \"*\" alone"))
    };
    let allowed: Vec<_> = allowed.iter().map(parse).collect::<Result<_, _>>()?;
    Ok(match (name, allowed.as_slice()) {
        (TenantName::Id(id), [only]) if id == only => Tenants::One(*id),
        _ => Tenants::Of(allowed),
    })
}

fn callers(options: &Options) -> Result<Callers, Error> {
    let list = |name| -> Result<Vec<String>, Error> {
        Ok(options
            .texts(name)?
            .unwrap_or_default()
            .into_iter()
            .map(str::to_owned)
            .collect())
    };
    let scopes = list("requiredScopes")?;
    if let Some(several) = scopes.iter().find(|scope| scope.contains(' ')) {
        return Err(refused(
            "requiredScopes",
            &several.as_str().into(),
            "one scope in each string, without spaces",
        ));
    }
    Ok(Callers {
        clients: list("allowedClients")?,
        roles: list("requiredRoles")?,
        scopes,
    })
}

fn audiences(options: &Options) -> Result<AcceptedAudiences, Error> {
    if let Some(audiences) = options.texts("audience")? {
        return Ok(AcceptedAudiences::new(audiences));
    }
    match client_id(options)? {
        Some(id) => Ok(AcceptedAudiences::new([id.as_str(), format!("api://{id}").as_str()])),
        None => Err(config(
            "audience",
            "neither audience nor clientId is given; set AZURE_CLIENT_ID or AZURE_AUDIENCE, or the options of these names"
                .to_owned(),
        )),
    }
}

fn algorithms(options: &Options) -> Result<AlgorithmSet, Error> {
    let Some(names) = options.texts("algorithms")? else {
        return Ok([Algorithm::RS256].into_iter().collect());
    };
    names
        .into_iter()
        .map(|name| {
            Algorithm::from_name(name).ok_or_else(|| {
                let accepted = Algorithm::ALL.map(Algorithm::name).join(", ");
                refused("algorithms", &name.into(), &format!("any of {accepted}"))
            })
        })
        .collect()
}

fn clock_tolerance(options: &Options) -> Result<ClockTolerance, Error> {
    let most = ClockTolerance::MAX.as_secs_f64();
    let seconds = options.number("clockTolerance", 0.0, most, "seconds")?;
    // The bounds are checked, so that it is a duration and not too long.
    Duration::try_from_secs_f64(seconds.unwrap_or(0.0))
        .ok()
        .and_then(ClockTolerance::new)
        .ok_or(Error::Internal)
}

#[allow(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "the bounds are checked"
)]
fn max_token_length(options: &Options) -> Result<usize, Error> {
    let bytes = options.number("maxTokenLength", 256.0, 1_048_576.0, "bytes")?;
    Ok(bytes.map_or(DEFAULT_MAX_TOKEN_LENGTH, |bytes| bytes as usize))
}

#[cfg(test)]
mod tests {
    use super::*;

    const TENANT: &str = "7c0d5b1e-3f5a-4b0e-9a53-1f2f6f0c9a11";
    const CLIENT: &str = "4F0C2D36-9C1B-4E5E-8F7A-6A1D2B3C4D5E";

    fn policy(json: &str) -> Result<Policy, Error> {
        Policy::from_options(&Options::parse(json)?)
    }

    fn refused_option(json: &str) -> &'static str {
        match policy(json).unwrap_err() {
            Error::Config { option, .. } => option,
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn the_defaults_are_safe() {
        let policy = policy(&format!(r#"{{"tenantId":"{TENANT}","clientId":"{CLIENT}"}}"#)).unwrap();
        assert_eq!(policy.algorithms, [Algorithm::RS256].into_iter().collect());
        assert!(policy.clock_tolerance == ClockTolerance::ZERO && policy.max_token_length == 16_384);
        assert!(matches!(policy.issuer, IssuerRule::Entra { only: None, .. }));
        let lower = CLIENT.to_lowercase();
        assert!(policy.audiences.accept(&lower, false) && policy.audiences.accept(&format!("api://{lower}"), false));
        assert!(!policy.audiences.accept(&format!("api://{lower}/other"), false));
    }

    #[test]
    fn whose_tokens_and_for_whom_must_be_known() {
        assert_eq!(refused_option("{}"), "tenantId");
        assert_eq!(refused_option(&format!(r#"{{"clientId":"{CLIENT}"}}"#)), "tenantId");
        assert_eq!(refused_option(&format!(r#"{{"tenantId":"{TENANT}"}}"#)), "audience");
        assert_eq!(
            refused_option(&format!(r#"{{"tenantId":"{TENANT}","audience":[]}}"#)),
            "audience"
        );
        assert_eq!(
            refused_option(&format!(r#"{{"tenantId":"{TENANT}","audience":["a",""]}}"#)),
            "audience"
        );
        assert_eq!(refused_option(r#"{"tenantId":"contoso","audience":"a"}"#), "tenantId");
        assert!(policy(r#"{"tenantId":"contoso.onmicrosoft.com","audience":"a"}"#).is_ok());
    }

    #[test]
    fn several_tenants_are_never_guessed() {
        let rule = |tenant: &str, allowed: &str| {
            let policy = policy(&format!(
                r#"{{"tenantId":"{tenant}","allowedTenants":{allowed},"audience":"a"}}"#
            ))?;
            match policy.issuer {
                IssuerRule::Entra { tenants, .. } => Ok::<_, Error>(tenants),
                other => panic!("{other:?}"),
            }
        };
        for tenant in ["common", "organizations", "consumers"] {
            let options = format!(r#"{{"tenantId":"{tenant}","audience":"a"}}"#);
            assert_eq!(refused_option(&options), "allowedTenants");
        }
        assert_eq!(
            rule("common", r#""*""#),
            Ok(Tenants::Any {
                microsoft_accounts: true
            })
        );
        assert_eq!(
            rule("organizations", r#"["*"]"#),
            Ok(Tenants::Any {
                microsoft_accounts: false
            })
        );
        assert_eq!(rule("consumers", r#""*""#), Ok(Tenants::One(MICROSOFT_ACCOUNTS)));
        let one = format!(r#"["{TENANT}"]"#);
        assert_eq!(
            rule("organizations", &one),
            Ok(Tenants::Of(vec![TENANT.parse().unwrap()]))
        );
        for allowed in [r#"["*","a"]"#, r#""contoso.com""#, "[]", r#"[""]"#, "1"] {
            assert!(rule("organizations", allowed).is_err(), "{allowed}");
        }
    }

    #[test]
    fn a_foreign_authority_is_its_metadata() {
        let policy = policy(r#"{"authority":"https://contoso.ciamlogin.com/contoso","audience":"a"}"#).unwrap();
        assert_eq!(policy.issuer, IssuerRule::Discovered);
    }

    #[test]
    fn an_audience_replaces_the_derived_ones() {
        let policy = policy(&format!(
            r#"{{"tenantId":"{TENANT}","clientId":"{CLIENT}","audience":"a"}}"#
        ))
        .unwrap();
        assert!(policy.audiences.accept("a", false) && !policy.audiences.accept(CLIENT, false));
    }

    #[test]
    fn an_issuer_of_the_tenant_narrows_and_another_replaces() {
        let rule = |issuer: &str| {
            policy(&format!(
                r#"{{"tenantId":"{TENANT}","audience":"a","issuer":"{issuer}"}}"#
            ))
            .unwrap()
            .issuer
        };
        let v1 = rule(&format!("https://sts.windows.net/{TENANT}/"));
        assert!(matches!(
            v1,
            IssuerRule::Entra {
                only: Some(Version::V1),
                ..
            }
        ));
        let v2 = rule(&format!("https://login.microsoftonline.com/{TENANT}/v2.0"));
        assert!(matches!(
            v2,
            IssuerRule::Entra {
                only: Some(Version::V2),
                ..
            }
        ));
        assert!(matches!(rule("https://issuer.example"), IssuerRule::Exact(_)));
        assert!(policy(r#"{"issuer":"https://issuer.example","audience":"a"}"#).is_ok());
    }

    #[test]
    fn symmetric_and_unsigned_are_no_algorithms() {
        let with = |names: &str| format!(r#"{{"tenantId":"{TENANT}","audience":"a","algorithms":{names}}}"#);
        for names in [
            r#"["RS256","HS256"]"#,
            r#"["none"]"#,
            r#"["rs256"]"#,
            r#"[""]"#,
            "[]",
            "[null]",
            r#""EdDSA""#,
        ] {
            assert_eq!(refused_option(&with(names)), "algorithms", "{names}");
        }
        assert!(policy(&with(r#"["ES512","PS256"]"#)).is_ok());
    }

    #[test]
    fn bounds_of_numbers() {
        for (option, value) in [
            ("clockTolerance", "301"),
            ("clockTolerance", "-1"),
            ("clockTolerance", "\"5\""),
            ("maxTokenLength", "0"),
        ] {
            assert_eq!(
                refused_option(&format!(
                    r#"{{"tenantId":"{TENANT}","audience":"a","{option}":{value}}}"#
                )),
                option
            );
        }
        assert_eq!(
            refused_option(&format!(
                r#"{{"tenantId":"{TENANT}","audience":"a","authorityHost":"http://example.com"}}"#
            )),
            "authorityHost"
        );
    }
}
