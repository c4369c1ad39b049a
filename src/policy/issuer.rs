//! TokenAuthority tokens are acceptable.

use super::{AuthorityHost, TenantId, Tenants, guid};
use crate::error::{Error, IssuerProblem, TenantProblem};
use crate::token::{Claim, Claims};

/// The rule for `iss`, and with it for `tid`.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum IssuerRule {
    /// Entra's tokens.
    Entra {
        /// Of which tenants.
        tenants: Tenants,
        /// The authority, whose issuers count.
        authority: AuthorityHost,
        /// Whether only tokens of one version are acceptable.
        only: Option<Version>,
    },
    /// Exactly this issuer, and no rule of Entra's.
    Exact(String),
    /// Exactly the issuer of the authority's metadata, and no rule of Entra's.
    Discovered,
}

/// Version of an Entra access token, chosen by the API's registration (`requestedAccessTokenVersion`).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Version {
    /// `ver` is `1.0`.
    V1,
    /// `ver` is `2.0`.
    V2,
}

impl IssuerRule {
    /// Judges `iss`, `ver` and `tid`. `discovered` is the issuer of the authority's metadata, where a rule
    /// [needs](Self::needs_discovery) it.
    ///
    /// # Errors
    ///
    /// An issuer or tenant that is not the rule's, or that the token is not consistent about.
    pub fn check(&self, claims: &Claims<'_>, discovered: Option<&str>) -> Result<(), Error> {
        let segment = self.check_issuer(claims, discovered)?;
        self.check_tenant(claims, segment, discovered)
    }

    /// The first half, `iss` and `ver`: the tenant segment of the issuer, where the rules of Entra hold.
    pub(crate) fn check_issuer<'c>(
        &self,
        claims: &'c Claims<'_>,
        discovered: Option<&str>,
    ) -> Result<Option<&'c str>, Error> {
        let Claim::Present(iss) = &claims.iss else {
            return Err(Error::TokenIssuer(IssuerProblem::Missing));
        };
        let exactly = |expected: Option<&str>| match expected {
            Some(expected) if iss == expected => Ok(None),
            _ => Err(Error::TokenIssuer(IssuerProblem::Other)),
        };
        match self {
            Self::Exact(expected) => exactly(Some(expected)),
            Self::Discovered => exactly(discovered),
            Self::Entra { authority, only, .. } => {
                let version = version(claims).ok_or(Error::TokenIssuer(IssuerProblem::Version))?;
                if only.is_some_and(|only| only != version) {
                    return Err(Error::TokenIssuer(IssuerProblem::OtherVersion));
                }
                authority
                    .tenant_segment(iss, version)
                    .map(Some)
                    .ok_or(Error::TokenIssuer(IssuerProblem::Other))
            }
        }
    }

    /// The second half, `tid`, with what the first half found.
    pub(crate) fn check_tenant(
        &self,
        claims: &Claims<'_>,
        segment: Option<&str>,
        discovered: Option<&str>,
    ) -> Result<(), Error> {
        let Self::Entra { tenants, authority, .. } = self else {
            return Ok(());
        };
        let tenant = tenant_of(claims, segment.unwrap_or_default())?;
        let of_domain = discovered.and_then(|issuer| authority.tenant(issuer));
        if tenants.accept(tenant, of_domain) {
            Ok(())
        } else {
            Err(Error::TokenTenant(TenantProblem::NotAllowed))
        }
    }

    /// Whether the rules of Entra's access tokens hold, not just an issuer.
    #[must_use]
    pub const fn is_entra(&self) -> bool {
        matches!(self, Self::Entra { .. })
    }

    /// Whether v1 and v2 tokens take their keys from different sets: where several tenants are acceptable.
    #[must_use]
    pub const fn has_keys_by_version(&self) -> bool {
        matches!(
            self,
            Self::Entra {
                tenants: Tenants::Any { .. } | Tenants::Of(_),
                ..
            }
        )
    }

    /// Whether the rule depends on the issuer of the authority's metadata.
    #[must_use]
    pub const fn needs_discovery(&self) -> bool {
        matches!(
            self,
            Self::Discovered
                | Self::Entra {
                    tenants: Tenants::OfDomain,
                    ..
                }
        )
    }

    /// The `cloud_instance_name` that a key must have if it has one.
    #[must_use]
    pub const fn cloud_instance_name(&self) -> Option<&'static str> {
        match self {
            Self::Entra { authority, .. } => authority.cloud_instance_name(),
            Self::Exact(_) | Self::Discovered => None,
        }
    }
}

/// The tenant that a token is consistent about: `tid` is a GUID and the whole segment of `iss`, not a part of it.
/// `contains` would let one tenant pass for another.
fn tenant_of(claims: &Claims<'_>, segment: &str) -> Result<TenantId, Error> {
    if claims.has_other_tid {
        return Err(Error::TokenTenant(TenantProblem::Ambiguous));
    }
    let tid = claims.tid.present().ok_or(Error::TokenTenant(TenantProblem::Missing))?;
    let tenant = guid::parse(tid).ok_or(Error::TokenTenant(TenantProblem::NotAGuid))?;
    if segment == tid {
        Ok(tenant)
    } else {
        Err(Error::TokenTenant(TenantProblem::Mismatch))
    }
}

/// The version that a token says it has.
#[must_use]
pub(crate) fn version(claims: &Claims<'_>) -> Option<Version> {
    match claims.ver.present()?.as_ref() {
        "1.0" => Some(Version::V1),
        "2.0" => Some(Version::V2),
        _ => None,
    }
}

impl AuthorityHost {
    /// The tenant of a v2 issuer of this authority.
    fn tenant(&self, issuer: &str) -> Option<TenantId> {
        self.tenant_segment(issuer, Version::V2).and_then(guid::parse)
    }

    /// The tenant in an issuer of this authority; `None` when it is none.
    pub(crate) fn tenant_segment<'i>(&self, issuer: &'i str, version: Version) -> Option<&'i str> {
        match version {
            Version::V1 => issuer.strip_prefix(self.issuer_prefix_v1())?.strip_suffix('/'),
            Version::V2 => issuer.strip_prefix(self.issuer_prefix_v2())?.strip_suffix("/v2.0"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const TENANT: &str = "7c0d5b1e-3f5a-4b0e-9a53-1f2f6f0c9a11";
    const OTHER: &str = "8d1e6c2f-405b-4c1f-8b64-203070100b22";

    fn check(ver: &str, iss: &str, tid: &str) -> Result<(), Error> {
        check_with(None, &format!(r#"{{"ver":"{ver}","iss":"{iss}","tid":"{tid}"}}"#))
    }

    fn check_with(only: Option<Version>, claims: &str) -> Result<(), Error> {
        let authority = AuthorityHost::parse("https://login.microsoftonline.com").unwrap();
        let rule = IssuerRule::Entra {
            tenants: Tenants::One(TENANT.parse().unwrap()),
            authority,
            only,
        };
        rule.check(&Claims::parse(claims).unwrap(), None)
    }

    const OTHER_ISSUER: Result<(), Error> = Err(Error::TokenIssuer(IssuerProblem::Other));

    #[test]
    fn each_version_has_its_issuer() {
        let (v1, v2) = (
            format!("https://sts.windows.net/{TENANT}/"),
            format!("https://login.microsoftonline.com/{TENANT}/v2.0"),
        );
        assert_eq!(check("1.0", &v1, TENANT), Ok(()));
        assert_eq!(check("2.0", &v2, TENANT), Ok(()));
        assert_eq!(check("2.0", &v1, TENANT), OTHER_ISSUER);
        assert_eq!(check("1.0", &v2, TENANT), OTHER_ISSUER);
        assert_eq!(
            check("3.0", &v2, TENANT),
            Err(Error::TokenIssuer(IssuerProblem::Version))
        );
    }

    #[test]
    fn an_issuer_is_compared_whole() {
        for iss in [
            format!("https://login.microsoftonline.com/{TENANT}/v2.0/"),
            format!("https://login.microsoftonline.com/{TENANT}"),
            format!("http://login.microsoftonline.com/{TENANT}/v2.0"),
            format!("https://LOGIN.microsoftonline.com/{TENANT}/v2.0"),
            format!("https://login.microsoftonline.com:443/{TENANT}/v2.0"),
            format!("https://login.microsoftonline.com.attacker.example/{TENANT}/v2.0"),
            format!("https://login.microsoftonline.us/{TENANT}/v2.0"),
            String::new(),
        ] {
            assert_eq!(check("2.0", &iss, TENANT), OTHER_ISSUER, "{iss}");
        }
    }

    #[test]
    fn the_tenant_is_the_segment_of_the_issuer() {
        let mismatch = Err(Error::TokenTenant(TenantProblem::Mismatch));
        for segment in [
            OTHER.to_owned(),
            format!("{OTHER}/{TENANT}"),
            format!("{TENANT}{OTHER}"),
            "{tenantid}".to_owned(),
            String::new(),
        ] {
            let iss = format!("https://login.microsoftonline.com/{segment}/v2.0");
            assert_eq!(check("2.0", &iss, TENANT), mismatch, "{iss}");
        }
        let iss = format!("https://login.microsoftonline.com/{OTHER}/v2.0");
        assert_eq!(
            check("2.0", &iss, OTHER),
            Err(Error::TokenTenant(TenantProblem::NotAllowed))
        );
        let literal = "https://login.microsoftonline.com/{tenantid}/v2.0";
        assert_eq!(
            check("2.0", literal, "{tenantid}"),
            Err(Error::TokenTenant(TenantProblem::NotAGuid))
        );
    }

    #[test]
    fn claims_that_are_missing_are_refused() {
        let iss = format!("https://login.microsoftonline.com/{TENANT}/v2.0");
        let no_tid = format!(r#"{{"ver":"2.0","iss":"{iss}"}}"#);
        assert_eq!(
            check_with(None, &no_tid),
            Err(Error::TokenTenant(TenantProblem::Missing))
        );
        let no_ver = format!(r#"{{"tid":"{TENANT}","iss":"{iss}"}}"#);
        assert_eq!(
            check_with(None, &no_ver),
            Err(Error::TokenIssuer(IssuerProblem::Version))
        );
        let no_iss = format!(r#"{{"ver":"2.0","tid":"{TENANT}"}}"#);
        assert_eq!(
            check_with(None, &no_iss),
            Err(Error::TokenIssuer(IssuerProblem::Missing))
        );
    }

    #[test]
    fn a_rule_may_want_one_version() {
        let claims = format!(r#"{{"ver":"1.0","iss":"https://sts.windows.net/{TENANT}/","tid":"{TENANT}"}}"#);
        assert_eq!(check_with(Some(Version::V1), &claims), Ok(()));
        let other_version = Err(Error::TokenIssuer(IssuerProblem::OtherVersion));
        assert_eq!(check_with(Some(Version::V2), &claims), other_version);
    }

    #[test]
    fn an_exact_issuer_is_exact() {
        let rule = IssuerRule::Exact("https://issuer.example".to_owned());
        let check = |iss: &str| rule.check(&Claims::parse(&format!(r#"{{"iss":"{iss}"}}"#)).unwrap(), None);
        assert_eq!(check("https://issuer.example"), Ok(()));
        assert_eq!(check("https://issuer.example/"), OTHER_ISSUER);
        assert_eq!(
            rule.check(&Claims::default(), None),
            Err(Error::TokenIssuer(IssuerProblem::Missing))
        );
    }
}
