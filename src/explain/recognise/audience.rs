//! Tokens for another API, and audiences in another spelling.

use std::borrow::Cow;

use uuid::Uuid;

use super::{Facts, Finding, describe};
use crate::explain::report::CheckName;
use crate::policy::{AcceptedAudiences, Version, guid};
use crate::rules::{is_app_only, version};
use crate::token::Claims;

const CHECKS: &[CheckName] = &[CheckName::Audience];

/// A service of Microsoft's own, by every audience that its tokens can have.
struct Resource {
    application: Uuid,
    uris: &'static [&'static str],
}

/// Microsoft Graph in each cloud.
const GRAPH: Resource = Resource {
    application: guid::MICROSOFT_GRAPH,
    uris: &[
        "https://graph.microsoft.com",
        "https://graph.microsoft.us",
        "https://dod-graph.microsoft.us",
        "https://microsoftgraph.chinacloudapi.cn",
    ],
};

/// Azure Resource Manager, what `az account get-access-token` asks for by default.
const RESOURCE_MANAGER: Resource = Resource {
    application: guid::RESOURCE_MANAGER,
    uris: &["https://management.azure.com", "https://management.core.windows.net"],
};

/// Azure AD Graph, what the old token endpoint issues a token for that was asked without a resource.
const DIRECTORY_GRAPH: Resource = Resource {
    application: guid::DIRECTORY_GRAPH,
    uris: &["https://graph.windows.net"],
};

/// A token for a service of Microsoft's own.
pub(super) fn microsoft(facts: &Facts<'_>, claims: &Claims<'_>) -> Option<Finding> {
    if facts.failure(CheckName::Nonce).is_some() {
        return Some(graph(facts));
    }
    facts.failure(CheckName::Audience)?;
    if is_for(claims, &GRAPH) {
        return Some(graph(facts));
    }
    let scope = facts.scope();
    let resource = scope.trim_end_matches("/.default");
    let (message, hint) = if is_for(claims, &RESOURCE_MANAGER) {
        (
            "a token for Azure Resource Manager, what `az account get-access-token` gets by default",
            format!("name the API: az account get-access-token --resource {resource}"),
        )
    } else if is_for(claims, &DIRECTORY_GRAPH) {
        (
            "a token for Azure AD Graph, what a request without a resource gets",
            format!("name the API: resource={resource} at the v1.0 token endpoint, scope={scope} at the v2.0 one"),
        )
    } else {
        return None;
    };
    Some(Finding {
        name: "microsoft-token",
        checks: CHECKS,
        message: message.to_owned(),
        hint,
    })
}

fn is_for(claims: &Claims<'_>, resource: &Resource) -> bool {
    let is_v1 = version(claims) == Some(Version::V1);
    let application = resource.application.to_string();
    let accepted = AcceptedAudiences::new(resource.uris.iter().copied().chain([application.as_str()]));
    let found = claims.aud.present().map_or(&[] as &[_], Vec::as_slice);
    found.iter().any(|audience| accepted.accept(audience, is_v1))
}

pub(super) fn graph(facts: &Facts<'_>) -> Finding {
    Finding {
        name: "graph-token",
        checks: &[CheckName::Nonce, CheckName::Signature, CheckName::Audience],
        message: "a token for Microsoft Graph: only Graph can verify it".to_owned(),
        hint: format!(
            "ask for the scope {}; a scope without an App ID URI in front, such as User.Read or openid, means Graph",
            facts.scope()
        ),
    }
}

/// A token whose audience is not accepted, for the first reason that fits.
pub(super) fn recognise(facts: &Facts<'_>, claims: &Claims<'_>) -> Option<Finding> {
    facts.failure(CheckName::Audience)?;
    let found = claims.aud.present()?;
    let expected: Vec<_> = facts.policy().audiences.texts().collect();
    let pairs = || {
        expected
            .iter()
            .flat_map(|expected| found.iter().map(move |found| (expected.as_ref(), found.as_ref())))
    };
    pairs()
        .find_map(|(expected, found)| configured_scope(expected, found))
        .or_else(|| pairs().find_map(|(expected, found)| other_form(expected, found)))
        .or_else(|| found.iter().find_map(|found| own_id(facts, found)))
        .or_else(|| for_the_client(facts, claims))
        .or_else(|| {
            facts
                .policy()
                .issuer
                .is_entra()
                .then(|| other_resource(facts, claims, found))
        })
}

/// `ENTRA_AUDIENCE=api://…/.default`.
fn configured_scope(expected: &str, found: &str) -> Option<Finding> {
    let resource = found.strip_suffix('/').unwrap_or(found);
    let rest = expected.strip_prefix(resource)?.strip_prefix('/')?;
    (!rest.is_empty()).then(|| Finding {
        name: "audience-is-a-scope",
        checks: CHECKS,
        message: format!(
            "a token for this API, whose configured audience, {}, is a scope",
            describe::text(expected)
        ),
        hint: format!("set ENTRA_AUDIENCE (option audience) to {}", describe::text(resource)),
    })
}

/// One application by its id and by its App ID URI, or one URI in two spellings.
fn other_form(expected: &str, found: &str) -> Option<Finding> {
    let is_one_application = match (application_of(expected), application_of(found)) {
        (Some(expected), Some(found)) => expected.eq_ignore_ascii_case(found),
        _ => expected.eq_ignore_ascii_case(found),
    };
    is_one_application.then(|| form(expected, found))
}

/// The client id is not among the audiences that are configured, but it is the API's.
fn own_id(facts: &Facts<'_>, found: &str) -> Option<Finding> {
    let id = facts.policy().client_id.as_deref()?;
    application_of(found)?
        .eq_ignore_ascii_case(id)
        .then(|| form(&describe::audiences(&facts.policy().audiences), found))
}

fn form(expected: &str, found: &str) -> Finding {
    let shown = describe::text(found);
    let why = if guid::parse(found).is_some() {
        "v2 tokens always have the client id as aud, v1 tokens what the client asked for"
    } else {
        "v1 tokens have as aud what the client asked for, v2 tokens always the client id (Manifest, \
         requestedAccessTokenVersion)"
    };
    Finding {
        name: "audience-form",
        checks: CHECKS,
        message: format!("a token for this API under another name, {shown} in place of {expected}"),
        hint: format!("add {shown} to ENTRA_AUDIENCE (option audience; several are separated by commas): {why}"),
    }
}

/// A client that names no API but itself.
fn for_the_client(facts: &Facts<'_>, claims: &Claims<'_>) -> Option<Finding> {
    let client = claims.azp.present().or(claims.appid.present())?;
    let is_own = application(claims).is_some_and(|audience| audience.eq_ignore_ascii_case(client));
    is_own.then(|| Finding {
        name: "token-for-the-client",
        checks: CHECKS,
        message: "a token that the client got for itself, not for this API".to_owned(),
        hint: format!(
            "the client has to ask for the scope {}, not for one of its own",
            facts.scope()
        ),
    })
}

/// Client credentials name the resource in `scope`, with `/.default` behind it; others name one of its scopes.
fn other_resource(facts: &Facts<'_>, claims: &Claims<'_>, found: &[Cow<'_, str>]) -> Finding {
    let scope = facts.scope();
    let (message, ask) = if is_app_only(claims, facts.kind) {
        (
            "an app-only token for another API",
            format!("with scope={scope}: with client credentials, scope is the API and /.default"),
        )
    } else {
        (
            "a token for another API",
            format!("for a scope of this API, such as {scope}"),
        )
    };
    Finding {
        name: "other-resource",
        checks: CHECKS,
        message: message.to_owned(),
        hint: format!(
            "the client has to ask {ask}; or, if {} is this API (Entra admin center, App registrations, the API, Expose \
             an API), set ENTRA_AUDIENCE (option audience) to it",
            describe::list(found)
        ),
    }
}

/// The application id in the token's audience.
pub(super) fn application<'c>(claims: &'c Claims<'_>) -> Option<&'c str> {
    claims
        .aud
        .present()?
        .iter()
        .find_map(|audience| application_of(audience))
}

/// The application id in an audience: alone, after `spn:`, or as the first segment of an `api://` URI.
fn application_of(audience: &str) -> Option<&str> {
    let text = audience
        .strip_prefix("spn:")
        .or_else(|| audience.strip_prefix("api://"))
        .unwrap_or(audience);
    let id = text.split('/').next()?;
    guid::parse(id).map(|_| id)
}
