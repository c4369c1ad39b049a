//! Tokens of another tenant, another cloud, or of the other version.

use super::{Facts, Finding, describe};
use crate::error::{Error, IssuerProblem, KeyUnknown, TenantProblem};
use crate::explain::report::CheckName;
use crate::policy::clouds::{CLOUDS, Cloud};
use crate::policy::{AuthorityHost, IssuerRule, MICROSOFT_ACCOUNTS, Version};
use crate::rules::version;
use crate::token::Claims;

pub(super) fn recognise(facts: &Facts<'_>, claims: &Claims<'_>) -> Option<Finding> {
    other_tenant(facts, claims)
        .or_else(|| other_version(facts, claims))
        .or_else(|| other_cloud(facts, claims))
}

fn other_tenant(facts: &Facts<'_>, claims: &Claims<'_>) -> Option<Finding> {
    let is_other = facts.failure(CheckName::Tenant) == Some(&Error::TokenTenant(TenantProblem::NotAllowed));
    if !is_other {
        return None;
    }
    let tid = describe::text(claims.tid.present()?);
    let is_personal = tid.parse() == Ok(MICROSOFT_ACCOUNTS);
    let (message, hint) = if is_personal {
        (
            "a token of a personal Microsoft account".to_owned(),
            format!(
                "if personal accounts may call, add {tid} to the option allowedTenants; else sign in with a work or \
                     school account"
            ),
        )
    } else {
        (
            format!("a token of another tenant, {tid}"),
            format!(
                "the client has to get its token from the authority of the tenant that is configured, not from common or \
                 its own; if tenant {tid} is yours, set AZURE_TENANT_ID (option tenantId) to it, and if it may call \
                 besides, name it in the option allowedTenants"
            ),
        )
    };
    Some(Finding {
        name: "other-tenant",
        checks: &[CheckName::Tenant, CheckName::Key],
        message,
        hint,
    })
}

fn other_version(facts: &Facts<'_>, claims: &Claims<'_>) -> Option<Finding> {
    let found = match facts.failure(CheckName::Issuer)? {
        Error::TokenIssuer(IssuerProblem::OtherVersion) => version(claims)?,
        // An issuer that is written out and was meant for the other version.
        Error::TokenIssuer(IssuerProblem::Other) => {
            let IssuerRule::Exact(expected) = &facts.policy().issuer else {
                return None;
            };
            let (expected, found) = (
                EntraIssuer::parse(expected)?,
                EntraIssuer::parse(claims.iss.present()?)?,
            );
            if expected.tenant != found.tenant || expected.version == found.version {
                return None;
            }
            found.version
        }
        _ => return None,
    };
    let (found, wanted) = match found {
        Version::V1 => (1, 2),
        Version::V2 => (2, 1),
    };
    Some(Finding {
        name: "other-version",
        checks: &[CheckName::Issuer],
        message: format!("a v{found} token, where v{wanted} is expected"),
        hint: format!(
            "the API's registration decides: Entra admin center, App registrations, the API, Manifest, \
             requestedAccessTokenVersion {}; or leave the option issuer out, then both versions of the tenant pass",
            if wanted == 2 { "2" } else { "null or 1" }
        ),
    })
}

fn other_cloud(facts: &Facts<'_>, claims: &Claims<'_>) -> Option<Finding> {
    let of_key = facts.failure(CheckName::Key) == Some(&Error::TokenKeyUnknown(KeyUnknown::OtherCloud));
    let of_issuer = facts.failure(CheckName::Issuer) == Some(&Error::TokenIssuer(IssuerProblem::Other));
    let is_entra = facts.policy().issuer.is_entra();
    let cloud = match claims.iss.present().and_then(|iss| EntraIssuer::parse(iss)) {
        Some(issuer) if is_entra && of_issuer && EntraIssuer::says_its_version(claims) => Some(issuer.cloud),
        _ => None,
    };
    let (message, hint) = match cloud {
        Some(cloud) => (
            format!("a token of another cloud, the {} cloud", cloud.name),
            format!(
                "to accept it, set AZURE_AUTHORITY_HOST (option authorityHost) to {}; else get the token there",
                cloud.authority_host()
            ),
        ),
        None if of_key => (
            "a token that is signed with a key of another cloud".to_owned(),
            format!(
                "set AZURE_AUTHORITY_HOST (option authorityHost) to the cloud of the tenant: {}",
                every_cloud()
            ),
        ),
        None => return None,
    };
    Some(Finding {
        name: "other-cloud",
        checks: &[CheckName::Key, CheckName::Issuer],
        message,
        hint,
    })
}

/// The hosts to choose from.
fn every_cloud() -> String {
    CLOUDS
        .iter()
        .map(|cloud| format!("{} ({})", cloud.authority_host(), cloud.name))
        .collect::<Vec<_>>()
        .join(", ")
}

/// An issuer of Entra, read apart.
struct EntraIssuer<'i> {
    cloud: &'static Cloud,
    version: Version,
    tenant: &'i str,
}

impl<'i> EntraIssuer<'i> {
    fn parse(issuer: &'i str) -> Option<Self> {
        let versions = [Version::V1, Version::V2];
        CLOUDS
            .iter()
            .flat_map(|cloud| versions.map(|version| (cloud, version)))
            .find_map(|(cloud, version)| {
                let tenant = AuthorityHost::of_cloud(cloud)?.tenant_segment(issuer, version)?;
                Some(Self { cloud, version, tenant })
            })
    }

    /// An issuer of one version in a token of the other belongs to no cloud.
    fn says_its_version(claims: &Claims<'_>) -> bool {
        let issuer = claims.iss.present().and_then(|iss| EntraIssuer::parse(iss));
        issuer.is_some_and(|issuer| Some(issuer.version) == version(claims))
    }
}
