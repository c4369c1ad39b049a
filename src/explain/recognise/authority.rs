//! Tokens of another tenant, another cloud, or of the other version.

use super::{Facts, Finding, describe};
use crate::error::{Error, IssuerProblem, KeyUnknown, TenantProblem};
use crate::explain::report::CheckName;
use crate::policy::clouds::CLOUDS;
use crate::policy::{EntraIssuer, EntraService, MICROSOFT_ACCOUNTS, Version};
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
                 its own; if tenant {tid} is yours, set ENTRA_TENANT_ID (option tenantId) to it, and if it may call \
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
        Some(issuer) if is_entra && of_issuer && says_its_version(claims, &issuer) => match issuer.service {
            EntraService::Cloud(cloud) => Some(cloud),
            EntraService::ExternalId => return Some(external_id(issuer.tenant)),
        },
        _ => None,
    };
    let (message, hint) = match cloud {
        Some(cloud) => (
            format!("a token of another cloud, the {} cloud", cloud.name),
            format!(
                "to accept it, set ENTRA_AUTHORITY_HOST (option authorityHost) to {}; else get the token there",
                cloud.authority_host()
            ),
        ),
        None if of_key => (
            "a token that is signed with a key of another cloud".to_owned(),
            format!(
                "set ENTRA_AUTHORITY_HOST (option authorityHost) to the cloud of the tenant: {}",
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

/// Such a tenant is also served at login.microsoftonline.com, with a part of its keys and another issuer.
fn external_id(tenant: &str) -> Finding {
    let tenant = describe::text(tenant);
    Finding {
        name: "external-id",
        checks: &[CheckName::Key, CheckName::Issuer],
        message: "a token of Microsoft Entra External ID, a tenant for customers".to_owned(),
        hint: format!(
            "if tenant {tenant} is yours, set ENTRA_AUTHORITY_HOST (option authorityHost) to \
             https://{tenant}.ciamlogin.com, or the option authority to https://<tenant name>.ciamlogin.com/{tenant}/v2.0"
        ),
    }
}

/// The hosts to choose from.
fn every_cloud() -> String {
    CLOUDS
        .iter()
        .map(|cloud| format!("{} ({})", cloud.authority_host(), cloud.name))
        .collect::<Vec<_>>()
        .join(", ")
}

/// An issuer of one version in a token of the other belongs to no cloud.
fn says_its_version(claims: &Claims<'_>, issuer: &EntraIssuer<'_>) -> bool {
    Some(issuer.version) == version(claims)
}
