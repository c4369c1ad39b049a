//! Options -> [`Policy`].

use super::audience::guid;
use super::authority::PUBLIC;
use super::issuer::Version;
use super::{Audiences, AuthorityHost, IssuerRule, Policy, TenantId};
use crate::algorithm::{Algorithm, AlgorithmSet};
use crate::error::Error;
use crate::options::{Options, config, refused};
use crate::token::NumericDate;

/// Seconds; more than that is not a tolerance but a broken clock.
const MOST_CLOCK_TOLERANCE: NumericDate = 300.0;

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
            issuer: issuer(options)?,
            audiences: audiences(options)?,
            algorithms: algorithms(options)?,
            clock_tolerance: options
                .number("clockTolerance", 0.0, MOST_CLOCK_TOLERANCE, "seconds")?
                .unwrap_or(0.0),
            max_token_length: max_token_length(options)?,
        })
    }
}

/// The tenant of `tenantId`, if it is given.
pub(crate) fn tenant(options: &Options) -> Result<Option<TenantId>, Error> {
    let Some(text) = options.text("tenantId")? else {
        return Ok(None);
    };
    guid(text).map(Some).ok_or_else(|| {
        let accepted = "the tenant's id, a GUID (Azure portal, Microsoft Entra ID, Overview, Tenant ID)";
        refused("tenantId", &text.into(), accepted)
    })
}

/// The authority of `authorityHost`, or the public cloud.
pub(crate) fn authority_host(options: &Options) -> Result<AuthorityHost, Error> {
    let text = options.text("authorityHost")?.unwrap_or(PUBLIC);
    AuthorityHost::parse(text).map_err(|accepted| config("authorityHost", accepted.to_owned()))
}

/// The application id of `clientId`, in lower case where it is a GUID, as Entra writes it.
pub(crate) fn client_id(options: &Options) -> Result<Option<String>, Error> {
    Ok(options
        .text("clientId")?
        .map(|text| guid(text).map_or_else(|| text.to_owned(), |id| id.to_string())))
}

fn issuer(options: &Options) -> Result<IssuerRule, Error> {
    let authority = authority_host(options)?;
    match (options.text("issuer")?, tenant(options)?) {
        (None, Some(tenant)) => Ok(IssuerRule::Entra {
            tenant,
            authority,
            only: None,
        }),
        // One of the tenant's own issuers narrows the rule instead of replacing it: what the tenant rules
        // know beyond the issuer is worth keeping.
        (Some(issuer), Some(tenant)) => {
            let is_of_tenant = |version| authority.tenant_segment(issuer, version).and_then(guid) == Some(tenant);
            match [Version::V1, Version::V2]
                .into_iter()
                .find(|&version| is_of_tenant(version))
            {
                Some(version) => Ok(IssuerRule::Entra {
                    tenant,
                    authority,
                    only: Some(version),
                }),
                None => Ok(IssuerRule::Exact(issuer.to_owned())),
            }
        }
        (Some(issuer), None) => Ok(IssuerRule::Exact(issuer.to_owned())),
        (None, None) => Err(config(
            "tenantId",
            "not given; set AZURE_TENANT_ID or the option tenantId to the id of the tenant whose tokens are accepted"
                .to_owned(),
        )),
    }
}

fn audiences(options: &Options) -> Result<Audiences, Error> {
    if let Some(audiences) = options.texts("audience")? {
        return Ok(Audiences::new(audiences));
    }
    match client_id(options)? {
        Some(id) => Ok(Audiences::new([id.as_str(), format!("api://{id}").as_str()])),
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
        assert!(policy.clock_tolerance == 0.0 && policy.max_token_length == 16_384);
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
