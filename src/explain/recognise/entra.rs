//! Tokens of Entra's that are not of the tenant, the cloud or the version that is configured.

use url::Url;

use super::advice::{self, Advice, REGISTRATIONS};
use super::caller::Caller;
use super::foreign::is_loopback;
use super::whose::Whose;
use super::{Facts, Finding, FindingName, describe};
use crate::error::{Error, IssuerProblem, KeyUnknown, TenantProblem};
use crate::explain::report::CheckName;
use crate::policy::clouds::CLOUDS;
use crate::policy::{EntraService, IssuerRule, MICROSOFT_ACCOUNTS, Tenants, TokenAuthority, Version};
use crate::rules::version;
use crate::token::Claims;

/// The tenant in which the Bot Framework gets the tokens of multi-tenant bots (Microsoft's documentation of the Bot Connector's
/// authentication).
const BOT_FRAMEWORK: &str = "d6d49420-f39b-4df7-a1dc-d59a935871db";

pub(super) fn recognise(facts: &Facts<'_>, claims: &Claims<'_>) -> Option<Finding> {
    test_configuration(facts)
        .or_else(|| other_tenant(facts, claims))
        .or_else(|| other_version(facts, claims))
        .or_else(|| other_cloud(facts, claims))
        .or_else(|| key_of_another_issuer(facts, claims))
}

/// The keys are of one host, and the issuer is of another: each token of either fails.
pub(super) fn two_hosts(facts: &Facts<'_>) -> Option<Finding> {
    if facts.failure(CheckName::Key) != Some(&Error::TokenKeyUnknown(KeyUnknown::OtherCloud)) {
        return None;
    }
    let (
        IssuerRule::Entra {
            authority: of_issuer,
            only: Some(_),
            ..
        },
        TokenAuthority::Entra { host, .. },
    ) = (&facts.policy().issuer, &facts.policy().authority)
    else {
        return None;
    };
    if host.has_issuers_of(of_issuer) {
        return None;
    }
    let [of_issuer, host] =
        [of_issuer, host].map(|host| describe::text(&host.url("", None).origin().ascii_serialization()));
    Some(Finding::new(
        FindingName::OtherCloud,
        &[CheckName::Key, CheckName::Issuer],
        "a token whose key is of the configured host, where the option issuer names another host",
        format!(
            "name one host in the option issuer and in ENTRA_AUTHORITY_HOST (option authorityHost): issuer is of {of_issuer}, and \
             keys are fetched from {host}; or, to accept the tenant's tokens of that host, set ENTRA_TENANT_ID (option tenantId) in \
             place of issuer"
        ),
    ))
}

/// The demo's or a test's authority is still configured where tokens come from Entra.
fn test_configuration(facts: &Facts<'_>) -> Option<Finding> {
    let Whose::Entra(issuer) = facts.whose else { return None };
    let authority = Url::parse(&facts.policy().authority_url()).ok().filter(is_loopback)?;
    let tenant = describe::text(issuer.tenant);
    Some(Finding::new(
        FindingName::TestConfiguration,
        &[CheckName::Key, CheckName::Issuer],
        format!(
            "a token of Entra's, where a test authority on this machine is configured, {}",
            describe::text(&authority.origin().ascii_serialization())
        ),
        format!(
            "unset ENTRA_AUTHORITY_HOST (option authorityHost), and set ENTRA_TENANT_ID (option tenantId) to your tenant; the \
             token is of {tenant}"
        ),
    ))
}

fn other_tenant(facts: &Facts<'_>, claims: &Claims<'_>) -> Option<Finding> {
    let is_other = facts.failure(CheckName::Tenant) == Some(&Error::TokenTenant(TenantProblem::NotAllowed));
    if !is_other {
        return None;
    }
    let tid = describe::text(claims.tid.present()?);
    if tid.eq_ignore_ascii_case(BOT_FRAMEWORK) {
        return Some(Finding::new(
            FindingName::BotToken,
            &[CheckName::Tenant, CheckName::Key],
            "a token of the Bot Framework (Microsoft's tenant for bots), not of a tenant of yours",
            "have the caller get a token of its own tenant for this API. The Bot Framework's tokens are for bots, which verify them with \
             the SDK; never add this tenant to allowedTenants: every multi-tenant bot has tokens of it",
        ));
    }
    let (message, hint) = if tid.parse() == Ok(MICROSOFT_ACCOUNTS) {
        (
            "a token of a personal Microsoft account".to_owned(),
            format!(
                "sign in with a work or school account of the tenant; or, if personal accounts may call, {}",
                allow(facts, &tid)
            ),
        )
    } else if accepts_several(facts) {
        (
            format!("a token of another tenant, {tid}"),
            format!(
                "if tenant {tid} may call (it is that of a customer), {}; if not, it is refused as it should be",
                allow(facts, &tid)
            ),
        )
    } else {
        let get = match facts.caller() {
            Caller::AzureCli => format!(
                "run az login --tenant {} and then az account get-access-token --resource {}",
                advice::tenant(facts.policy()).unwrap_or_else(|| "<tenant>".to_owned()),
                Advice::of(facts).resource()
            ),
            _ => format!(
                "have the client get its token from the authority of the tenant that is configured, {}, not from common or \
                 organizations, and not from its own tenant's",
                Advice::of(facts).authority()
            ),
        };
        (
            format!("a token of another tenant, {tid}"),
            format!(
                "{get}; or, if tenant {tid} is yours, set ENTRA_TENANT_ID (option tenantId) to it; if it may call as well, {}",
                allow(facts, &tid)
            ),
        )
    };
    Some(Finding::new(
        FindingName::OtherTenant,
        &[CheckName::Tenant, CheckName::Key],
        message,
        hint,
    ))
}

/// Whether the API is for callers of several tenants.
fn accepts_several(facts: &Facts<'_>) -> bool {
    matches!(
        facts.policy().issuer,
        IssuerRule::Entra {
            tenants: Tenants::Of(_) | Tenants::Any { .. },
            ..
        }
    )
}

/// An order to accept a tenant beside those that are accepted.
fn allow(facts: &Facts<'_>, tid: &str) -> String {
    let IssuerRule::Entra { tenants, .. } = &facts.policy().issuer else {
        return String::new();
    };
    match tenants {
        Tenants::One(one) => format!("set the option allowedTenants to ['{one}', '{tid}']"),
        Tenants::Of(_) => format!("add '{tid}' to the option allowedTenants"),
        Tenants::Any { .. } => "set ENTRA_TENANT_ID (option tenantId) to common".to_owned(),
        Tenants::OfDomain => "give tenantId as a GUID, and name all tenants in the option allowedTenants".to_owned(),
    }
}

fn other_version(facts: &Facts<'_>, claims: &Claims<'_>) -> Option<Finding> {
    let found = match facts.failure(CheckName::Issuer)? {
        Error::TokenIssuer(IssuerProblem::OtherVersion) => version(claims)?,
        _ => return None,
    };
    let (message, hint) = match found {
        Version::V1 => (
            "a v1 token, where v2 is expected",
            format!(
                "set requestedAccessTokenVersion 2 in the manifest of the API ({REGISTRATIONS}, the API, Manifest), or leave \
                 the option issuer out: then both versions of the tenant pass"
            ),
        ),
        // Never the other way round: v2 is the version of today.
        Version::V2 => (
            "a v2 token, where v1 is expected",
            "leave the option issuer out: then both versions of the tenant pass".to_owned(),
        ),
    };
    Some(Finding::new(
        FindingName::OtherVersion,
        &[CheckName::Issuer],
        message,
        hint,
    ))
}

fn other_cloud(facts: &Facts<'_>, claims: &Claims<'_>) -> Option<Finding> {
    let of_key = facts.failure(CheckName::Key) == Some(&Error::TokenKeyUnknown(KeyUnknown::OtherCloud));
    let cloud = match facts.whose {
        Whose::Entra(issuer)
            if facts.failure(CheckName::Issuer).is_some() && Some(issuer.version) == version(claims) =>
        {
            match issuer.service {
                EntraService::Cloud(cloud) => Some(cloud),
                EntraService::ExternalId => return Some(external_id(facts, issuer.tenant)),
            }
        }
        _ => None,
    };
    let (message, hint) = match cloud {
        Some(cloud) if !facts.policy().issuer.is_entra() => (
            format!(
                "a token of an Entra tenant ({} cloud), where another authority is configured",
                cloud.name
            ),
            format!(
                "{}; or, if this API is for tokens of that tenant, set ENTRA_TENANT_ID (option tenantId) in place of the option \
                 authority or issuer (both: option authorities)",
                Advice::of(facts).ask()
            ),
        ),
        Some(cloud) => (
            format!("a token of another cloud, the {} cloud", cloud.name),
            format!(
                "get the token in the cloud that is configured, from {}; or, to accept this one, set ENTRA_AUTHORITY_HOST (option \
                 authorityHost) to {}",
                Advice::of(facts).authority(),
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
    Some(Finding::new(
        FindingName::OtherCloud,
        &[CheckName::Key, CheckName::Issuer],
        message,
        hint,
    ))
}

/// Such a tenant is also served at login.microsoftonline.com, with a part of its keys and another issuer.
fn external_id(facts: &Facts<'_>, tenant: &str) -> Finding {
    let tenant = describe::text(tenant);
    Finding::new(
        FindingName::ExternalId,
        &[CheckName::Key, CheckName::Issuer, CheckName::Audience],
        "a token of Microsoft Entra External ID, a tenant for customers",
        format!(
            "if tenant {tenant} is yours, set ENTRA_AUTHORITY_HOST (option authorityHost) to https://{tenant}.ciamlogin.com \
             and ENTRA_TENANT_ID (option tenantId) to {tenant}; else get the token from {}",
            Advice::of(facts).authority()
        ),
    )
}

/// The key set says that the key is for others.
fn key_of_another_issuer(facts: &Facts<'_>, claims: &Claims<'_>) -> Option<Finding> {
    facts.failure(CheckName::KeyIssuer)?;
    let of_key = facts.found_key()?.issuer()?;
    let is_external_id = facts.policy().authority_url().contains(".ciamlogin.com/");
    let whose = if is_external_id { "External ID" } else { "Entra" };
    Some(Finding::new(
        FindingName::KeyOfAnotherIssuer,
        &[CheckName::KeyIssuer],
        format!(
            "a token of {whose} that is signed with a key of another issuer, {}",
            describe::text(of_key)
        ),
        format!(
            "compare the issuer of the keys with that of the token, {}: check ENTRA_TENANT_ID (option tenantId) and \
             ENTRA_AUTHORITY_HOST (option authorityHost{})",
            claims
                .iss
                .present()
                .map_or_else(String::new, |iss| describe::issuer(iss)),
            if is_external_id {
                ": https://<tenant id>.ciamlogin.com"
            } else {
                ""
            }
        ),
    ))
}

/// The hosts to choose from.
fn every_cloud() -> String {
    CLOUDS
        .iter()
        .map(|cloud| format!("{} ({})", cloud.authority_host(), cloud.name))
        .collect::<Vec<_>>()
        .join(", ")
}
