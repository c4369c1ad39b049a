//! `iss` and `ver`, and the issuer that a key is published for.

use std::sync::Arc;

use super::Keys;
use crate::error::{Error, IssuerProblem};
use crate::keys::VerifyingKey;
use crate::policy::{IssuerRule, Policy, Version, external_id};
use crate::token::{Claim, Claims};

/// The issuer is the policy's. Returns the tenant segment of the issuer, where Entra's rules hold.
///
/// `discovered` is the issuer in the authority's metadata, where the rule
/// [depends](IssuerRule::needs_discovery) on it.
pub(crate) fn check_issuer<'c>(
    claims: &'c Claims<'_>,
    rule: &IssuerRule,
    discovered: Option<&str>,
) -> Result<Option<&'c str>, Error> {
    let Claim::Present(iss) = &claims.iss else {
        return Err(Error::TokenIssuer(IssuerProblem::Missing));
    };
    let exactly = |expected: Option<&str>| match expected {
        Some(expected) if iss == expected => Ok(()),
        _ => Err(Error::TokenIssuer(IssuerProblem::Other)),
    };
    match rule {
        IssuerRule::Exact(expected) => exactly(Some(expected)).map(|()| None),
        IssuerRule::Discovered => {
            exactly(discovered)?;
            match external_id::tenant_segment(iss) {
                // External ID behind a domain of its own: its issuer is that of v2 tokens.
                Some(_) if version(claims) != Some(Version::V2) => Err(Error::TokenIssuer(IssuerProblem::Version)),
                segment => Ok(segment),
            }
        }
        IssuerRule::Entra { authority, only, .. } => {
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

/// A key with an `issuer` only verifies tokens of that issuer. The key sets of `common` hold keys for every
/// organization, whose `issuer` is a template, and keys for personal accounts only. The issuers in v2 key sets are v2
/// issuers; under Entra's rules they stand for both issuers of their tenant.
pub(crate) fn check_key_issuer(key: &VerifyingKey, claims: &Claims<'_>, rule: &IssuerRule) -> Result<(), Error> {
    let Some(of_key) = key.issuer() else { return Ok(()) };
    let tid = claims.tid.present().map_or("", |tid| tid);
    let is_of_token = claims.iss.present().is_some_and(|iss| is_instance(of_key, tid, iss));
    let is_of_tenant = match rule {
        IssuerRule::Entra { authority, .. } => authority.is_v2_issuer_of(tid, of_key),
        // External ID behind a domain of its own: as above.
        IssuerRule::Discovered => {
            let iss = claims.iss.present().map_or("", |iss| iss);
            external_id::tenant_segment(iss) == Some(tid) && external_id::may_have_key_of(tid, of_key)
        }
        IssuerRule::Exact(_) => false,
    };
    if is_of_token || is_of_tenant {
        Ok(())
    } else {
        Err(Error::TokenIssuer(IssuerProblem::OfKey))
    }
}

/// Whether an issuer is what a template becomes for a tenant.
fn is_instance(template: &str, tenant: &str, issuer: &str) -> bool {
    const PLACE: &str = "{tenantid}";
    match template.split_once(PLACE) {
        None => template == issuer,
        Some((before, after)) if !after.contains(PLACE) => issuer
            .strip_prefix(before)
            .and_then(|rest| rest.strip_prefix(tenant))
            .is_some_and(|rest| rest == after),
        Some(_) => template.replace(PLACE, tenant) == issuer,
    }
}

/// The issuer in the authority's metadata, where the policy depends on it and it has been read.
pub(crate) fn discovered_issuer(policy: &Policy, keys: &impl Keys) -> Option<Arc<str>> {
    if policy.issuer.needs_discovery() {
        keys.discovered_issuer()
    } else {
        None
    }
}

/// The version in `ver`.
pub(crate) fn version(claims: &Claims<'_>) -> Option<Version> {
    match claims.ver.present()?.as_ref() {
        "1.0" => Some(Version::V1),
        "2.0" => Some(Version::V2),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::super::check_tenant;
    use super::*;
    use crate::error::TenantProblem;
    use crate::policy::{AuthorityHost, Tenants};

    fn check_rule(rule: &IssuerRule, claims: &Claims<'_>) -> Result<(), Error> {
        let segment = check_issuer(claims, rule, None)?;
        check_tenant(claims, rule, segment, None)
    }

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
        check_rule(&rule, &Claims::parse(claims).unwrap())
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
        let check = |iss: &str| check_rule(&rule, &Claims::parse(&format!(r#"{{"iss":"{iss}"}}"#)).unwrap());
        assert_eq!(check("https://issuer.example"), Ok(()));
        assert_eq!(check("https://issuer.example/"), OTHER_ISSUER);
        assert_eq!(
            check_rule(&rule, &Claims::default()),
            Err(Error::TokenIssuer(IssuerProblem::Missing))
        );
    }
}
