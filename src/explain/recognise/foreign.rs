//! Tokens of other issuers than Entra, or of none.

use url::{Host, Url};

use super::advice::Advice;
use super::issuers::{IssuerType, known};
use super::whose::Whose;
use super::{Facts, Finding, FindingName, b2c, describe, imitation, resources};
use crate::explain::report::CheckName;
use crate::policy::{guid, is_at_entra};
use crate::token::Claims;

/// Whoever made the token, it fails these for that reason.
pub(super) const CHECKS: &[CheckName] = &[
    CheckName::Algorithm,
    CheckName::Key,
    CheckName::Signature,
    CheckName::EntraClaims,
    CheckName::Issuer,
    CheckName::Tenant,
    CheckName::Use,
    CheckName::KeyIssuer,
    CheckName::Audience,
];

pub(super) fn recognise(facts: &Facts<'_>, claims: &Claims<'_>) -> Option<Finding> {
    match facts.whose {
        Whose::Foreign(iss) => client_assertion(facts, claims, iss)
            .or_else(|| b2c::recognise(facts, claims, iss))
            .or_else(|| workload(facts, claims, iss))
            .or_else(|| app_service(facts, claims, iss))
            .or_else(|| test_authority(facts, iss))
            .or_else(|| of_table(facts, claims, iss))
            .or_else(|| at_entra(facts, iss))
            .or_else(|| Some(unknown(facts, claims, iss))),
        Whose::Unsaid if facts.evidence.has_claims() => Some(unsaid(facts, claims)),
        Whose::Ours | Whose::Entra(_) => imitation::recognise(facts).or_else(|| of_entra(facts, claims)),
        Whose::Unsaid => None,
    }
}

/// How the token is signed, where that is not with a published key.
fn secretly(facts: &Facts<'_>) -> &'static str {
    if facts.has_shared_secret() {
        ", signed with a shared secret"
    } else if facts.is_unsigned() {
        ", not signed"
    } else {
        ""
    }
}

/// A client's own assertion (RFC 7523), for the token endpoint.
fn client_assertion(facts: &Facts<'_>, claims: &Claims<'_>, iss: &str) -> Option<Finding> {
    let is_own = claims.sub.present().is_some_and(|sub| sub == iss) && guid::parse(iss).is_some();
    let audiences = claims.aud.present()?;
    let is_for_endpoint = audiences
        .iter()
        .any(|aud| aud.contains("/oauth2/") || aud.ends_with("/v2.0") || aud.ends_with("/token") || is_at_entra(aud));
    (is_own && is_for_endpoint).then(|| {
        let message = format!("the assertion by which the client {} proves itself to the token endpoint", describe::text(iss));
        let hint = format!(
            "send the assertion to the token endpoint alone, as client_assertion, and the access_token of the answer to this \
             API: {}",
            Advice::of(facts).ask()
        );
        Finding::new(FindingName::ClientAssertion, CHECKS, message, hint)
    })
}

/// An assertion of a workload: by whom it is for, by its claims, or by its issuer.
fn workload(facts: &Facts<'_>, claims: &Claims<'_>, iss: &str) -> Option<Finding> {
    let is_for_exchange = claims
        .aud
        .present()
        .is_some_and(|all| all.iter().any(|aud| aud.starts_with("api://AzureADTokenExchange")));
    let is_service_account = facts.evidence.has("kubernetes.io")
        || claims
            .sub
            .present()
            .is_some_and(|sub| sub.starts_with("system:serviceaccount:"));
    let has_spiffe_id = claims.sub.present().is_some_and(|sub| sub.starts_with("spiffe://"));
    let is_of_gitlab = facts.evidence.has("project_path") && facts.evidence.has("pipeline_id");
    let name = match known(iss) {
        Some((name, IssuerType::Workload)) => name,
        _ if is_service_account => "Kubernetes",
        _ if is_of_gitlab => "GitLab",
        _ if has_spiffe_id => "SPIFFE",
        Some((name, _)) if is_for_exchange => name,
        None if is_for_exchange => "",
        _ => return None,
    };
    let advice = Advice::of(facts);
    if iss.contains("app.vstoken.visualstudio.com") {
        return Some(Finding::new(
            FindingName::WorkloadToken,
            CHECKS,
            "System.AccessToken of an Azure DevOps pipeline, which is for Azure DevOps alone",
            format!(
                "run the step as task AzureCLI@2 with a service connection, and get the token there: az account \
                 get-access-token --resource {}",
                advice.resource()
            ),
        ));
    }
    Some(assertion(facts, name))
}

/// What is exchanged for a token of Entra's, and is issued by Entra itself: Azure DevOps does so, and managed identities.
fn of_entra(facts: &Facts<'_>, claims: &Claims<'_>) -> Option<Finding> {
    let service = resources::of_token(claims).and_then(|(_, service)| service);
    let is_for_exchange = service.is_some_and(resources::Resource::is_token_exchange);
    let is_of_devops = claims.sub.present().is_some_and(|sub| sub.starts_with("/eid1/"));
    (is_for_exchange && facts.failure(CheckName::Audience).is_some())
        .then(|| assertion(facts, if is_of_devops { "Azure DevOps" } else { "" }))
}

/// The assertion of a workload, by the name of who issued it, if that is known.
fn assertion(facts: &Facts<'_>, name: &str) -> Finding {
    let advice = Advice::of(facts);
    let how = match name {
        "GitHub Actions" => "in the workflow, use azure/login and then az account get-access-token",
        "Kubernetes" | "Azure Kubernetes Service" => "WorkloadIdentityCredential of @azure/identity does it",
        _ => "ClientAssertionCredential of @azure/identity does it",
    };
    let endpoint = advice.authority().trim_end_matches("/v2.0").to_owned();
    let of_name = if name.is_empty() {
        String::new()
    } else {
        format!(" of {name}")
    };
    Finding::new(
        FindingName::WorkloadToken,
        CHECKS,
        format!("a workload identity assertion{of_name}: it proves which workload runs, and is not for APIs"),
        format!(
            "exchange it for a token of Entra's ({how}): POST {endpoint}/oauth2/v2.0/token with \
             grant_type=client_credentials, client_id, \
             client_assertion_type=urn:ietf:params:oauth:client-assertion-type:jwt-bearer, client_assertion=<this token> and \
             scope={}; send the access_token of the answer",
            advice.scope()
        ),
    )
}

/// What the platform of a site makes: sessions, and the token that Static Web Apps puts in place of the client's.
fn app_service(facts: &Facts<'_>, claims: &Claims<'_>, iss: &str) -> Option<Finding> {
    let audiences = claims.aud.present().map_or(&[] as &[_], Vec::as_slice);
    let is_of_platform =
        iss.contains(".scm.azurewebsites.") || audiences.iter().any(|aud| aud.ends_with("/azurefunctions"));
    let is_session = facts.evidence.has("stable_sid") || matches!(known(iss), Some((_, IssuerType::AppService)));
    let found = |message: &str, hint: String| Some(Finding::new(FindingName::AppServiceToken, CHECKS, message, hint));
    if is_of_platform {
        found(
            "a token of the platform's own (Static Web Apps, Functions), which puts it into the header Authorization in place of \
             the client's",
            "send the access token in another header, such as X-Authorization, and read that with the option getToken"
                .to_owned(),
        )
    } else if is_session {
        found(
            "a session token of App Service authentication (Easy Auth, X-ZUMO-AUTH), which the site signs with a secret of its own",
            format!(
                "send an access token of Entra's in the header Authorization: {}",
                Advice::of(facts).ask()
            ),
        )
    } else {
        None
    }
}

/// An issuer at a loopback address is no service.
fn test_authority(facts: &Facts<'_>, iss: &str) -> Option<Finding> {
    let url = Url::parse(iss).ok().filter(is_loopback)?;
    let tenant = iss
        .strip_suffix("/v2.0")
        .and_then(|it| it.rsplit('/').next())
        .and_then(guid::parse);
    let configure = tenant.map_or_else(String::new, |tenant| {
        format!(
            "; in a test, set ENTRA_AUTHORITY_HOST (option authorityHost) to {} and ENTRA_TENANT_ID (option tenantId) to {tenant}",
            describe::text(url.origin().ascii_serialization().as_str())
        )
    });
    Some(Finding::new(
        FindingName::TestAuthority,
        CHECKS,
        format!("a token of a test authority on this machine, {}", describe::issuer(iss)),
        format!("get the token from Entra: {}{configure}", Advice::of(facts).ask()),
    ))
}

/// Whether a URL is one of this machine.
pub(super) fn is_loopback(url: &Url) -> bool {
    match url.host() {
        Some(Host::Ipv4(address)) => address.is_loopback(),
        Some(Host::Ipv6(address)) => address.is_loopback(),
        Some(Host::Domain(name)) => name == "localhost",
        None => false,
    }
}

fn of_table(facts: &Facts<'_>, claims: &Claims<'_>, iss: &str) -> Option<Finding> {
    // Add-ins of SharePoint and Exchange: an application of Microsoft's, and the tenant.
    let is_of_add_in = iss
        .split_once('@')
        .is_some_and(|(application, _)| guid::parse(application).is_some());
    let (name, kind) = if is_of_add_in {
        (
            "Access Control Service (add-ins of SharePoint and Exchange)",
            IssuerType::Microsoft,
        )
    } else {
        known(iss)?
    };
    let ask = Advice::of(facts).ask();
    Some(match kind {
        IssuerType::Bot => Finding::new(
            FindingName::BotToken,
            CHECKS,
            "a token of the Bot Framework (Bot Connector, Teams), not of an Entra tenant",
            format!(
                "verify requests of the Bot Connector with a verifier of their own: option issuer {}, jwksUri \
                 https://login.botframework.{}/v1/.well-known/keys, audience the bot's application id",
                describe::issuer(iss),
                if iss.contains("botframework.us") {
                    "azure.us"
                } else {
                    "com"
                }
            ),
        ),
        IssuerType::OwnProvider => Finding::new(
            FindingName::OtherIssuer,
            CHECKS,
            format!(
                "a token of {name}, another identity provider ({}){}",
                describe::issuer(iss),
                secretly(facts)
            ),
            format!(
                "get the token from {}: {ask}{}",
                issuer_of_ours(facts),
                accept(facts, claims, iss)
            ),
        ),
        IssuerType::Microsoft => Finding::new(
            FindingName::OtherIssuer,
            CHECKS,
            format!("a token of another service of Microsoft's, {name}{}", secretly(facts)),
            format!("get the token from {}: {ask}", issuer_of_ours(facts)),
        ),
        IssuerType::SharedProvider | IssuerType::Workload | IssuerType::AppService => Finding::new(
            FindingName::OtherIssuer,
            CHECKS,
            format!("a token of {name}, another identity provider{}", secretly(facts)),
            format!("get the token from {}: {ask}", issuer_of_ours(facts)),
        ),
    })
}

/// At a host of one of Entra's clouds, in a form that no issuer there has. Of External ID, names are also seen.
fn at_entra(facts: &Facts<'_>, iss: &str) -> Option<Finding> {
    (is_at_entra(iss) && !iss.contains(".ciamlogin.com")).then(|| {
        Finding::new(
            FindingName::NotEntra,
            CHECKS,
            format!(
                "a token that names Entra as its issuer in a form that Entra does not write, {}: it was made by somebody else, or \
                 by a test",
                describe::issuer(iss)
            ),
            format!("get the token from {}: {}", issuer_of_ours(facts), Advice::of(facts).ask()),
        )
    })
}

fn unknown(facts: &Facts<'_>, claims: &Claims<'_>, iss: &str) -> Finding {
    Finding::new(
        FindingName::OtherIssuer,
        CHECKS,
        format!(
            "a token of another issuer, {}, not made by {}{}",
            describe::issuer(iss),
            issuer_of_ours(facts),
            secretly(facts)
        ),
        format!(
            "get the token from {}: {}{}",
            issuer_of_ours(facts),
            Advice::of(facts).ask(),
            accept(facts, claims, iss)
        ),
    )
}

/// Who issues the tokens that are accepted.
fn issuer_of_ours(facts: &Facts<'_>) -> &'static str {
    if facts.policy().issuer.is_entra() {
        "Entra"
    } else {
        "the configured authority"
    }
}

/// How to accept the tokens of this issuer, for whom it belongs to. Whoever forged a token can write any issuer.
fn accept(facts: &Facts<'_>, claims: &Claims<'_>, iss: &str) -> String {
    let can_be_set = |value: &str| describe::is_plain(value) && value.len() <= 120;
    // Credentials, a query or a fragment are what an issuer does not have.
    let is_authority =
        can_be_set(iss) && !iss.contains(['@', '?', '#']) && Url::parse(iss).is_ok_and(|url| url.scheme() == "https");
    if !is_authority || facts.has_shared_secret() || facts.is_unsigned() {
        return String::new();
    }
    let audience = claims
        .aud
        .present()
        .and_then(|all| all.first())
        .filter(|aud| can_be_set(aud));
    let audience = audience.map_or_else(String::new, |aud| {
        format!(" and ENTRA_AUDIENCE (option audience) to {}", describe::text(aud))
    });
    let iss = describe::issuer(iss);
    format!(
        "; or, if {iss} is yours and this API is for its tokens, set ENTRA_AUTHORITY (option authority) to {iss}{audience} in \
         place of ENTRA_TENANT_ID (both: option authorities)"
    )
}

/// Claims without an issuer.
fn unsaid(facts: &Facts<'_>, claims: &Claims<'_>) -> Finding {
    let audiences = claims.aud.present().map_or(&[] as &[_], Vec::as_slice);
    let of_service = audiences.iter().find_map(|aud| match known(aud) {
        Some((name, IssuerType::Microsoft)) => Some(name),
        _ => None,
    });
    let (name, message) = if let Some(service) = of_service {
        (
            FindingName::OtherIssuer,
            format!("a token for the clients of {service}{}", secretly(facts)),
        )
    } else if facts.has_shared_secret() {
        (
            FindingName::SharedSecret,
            "a token that is signed with a shared secret, not made by Entra".to_owned(),
        )
    } else if facts.is_unsigned() {
        (
            FindingName::UnsignedToken,
            "a token that is not signed, not made by Entra".to_owned(),
        )
    } else {
        (
            FindingName::OtherIssuer,
            "a token without an issuer (iss), not made by Entra".to_owned(),
        )
    };
    Finding::new(
        name,
        CHECKS,
        message,
        format!(
            "get the token from {}: {}",
            issuer_of_ours(facts),
            Advice::of(facts).ask()
        ),
    )
}
