//! Tokens for another API, and audiences in another spelling.

use std::borrow::Cow;

use super::advice::{self, Advice, REGISTRATIONS, audiences_are_of_client_id, set_audience, set_list};
use super::caller::Caller;
use super::{Facts, Finding, FindingName, describe, resources};
use crate::explain::report::CheckName;
use crate::policy::guid;
use crate::token::Claims;

const CHECKS: &[CheckName] = &[CheckName::Audience];

/// A token for a service of Microsoft's own.
pub(super) fn microsoft(facts: &Facts<'_>, claims: &Claims<'_>) -> Option<Finding> {
    let service = resources::of_token(claims);
    if facts.failure(CheckName::Nonce).is_some() {
        // Only Graph and a few services beside it sign another header than they send.
        return Some(match service {
            Some((name, Some(resource))) if !resource.is_graph() => of_service(facts, name, false),
            _ => graph(facts),
        });
    }
    facts.failure(CheckName::Audience)?;
    let (name, resource) = service?;
    Some(if resource.is_some_and(resources::Resource::is_graph) {
        graph(facts)
    } else {
        of_service(
            facts,
            name,
            resource.is_some_and(resources::Resource::is_resource_manager),
        )
    })
}

fn of_service(facts: &Facts<'_>, name: &str, is_resource_manager: bool) -> Finding {
    let advice = Advice::of(facts);
    let caller = facts.caller();
    let default = if is_resource_manager && caller == Caller::AzureCli {
        ", what `az account get-access-token` gets by default"
    } else {
        ""
    };
    let whose = if caller == Caller::ManagedIdentity {
        " of a managed identity"
    } else {
        ""
    };
    Finding::new(
        FindingName::MicrosoftToken,
        &[CheckName::Nonce, CheckName::Signature, CheckName::Audience],
        format!("a token{whose} for {name}{default}, not for this API"),
        format!("{}{}", advice.ask(), authorize_tool(facts, caller)),
    )
}

/// Azure CLI and PowerShell are clients like any other: for a user they get tokens only for APIs that authorize them.
fn authorize_tool(facts: &Facts<'_>, caller: Caller) -> String {
    let is_user = facts
        .parts
        .claims
        .as_ref()
        .is_some_and(|claims| claims.scp.present().is_some());
    match caller.tool().filter(|_| is_user) {
        Some(id) => format!(
            " (once: {REGISTRATIONS}, {}, Expose an API, Add a client application, {id})",
            advice::api(facts.policy())
        ),
        None => String::new(),
    }
}

pub(super) fn graph(facts: &Facts<'_>) -> Finding {
    Finding::new(
        FindingName::GraphToken,
        &[CheckName::Nonce, CheckName::Signature, CheckName::Audience],
        "a token for Microsoft Graph, not for this API: only Graph can verify it",
        format!(
            "{}: a scope without the API in front, such as User.Read or openid, means Graph, and one token is for one API",
            Advice::of(facts).ask()
        ),
    )
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
        .find_map(|(expected, found)| configured_scope(facts, expected, found))
        .or_else(|| found.iter().find_map(|found| quoted_client_id(facts, found)))
        .or_else(|| pairs().find_map(|(expected, found)| quoted(facts, expected, found)))
        .or_else(|| pairs().find_map(|(expected, found)| other_form(facts, expected, found)))
        .or_else(|| found.iter().find_map(|found| own_id(facts, found)))
        .or_else(|| for_the_client(facts, claims))
        .or_else(|| Some(other_resource(facts, claims, found)))
}

/// `ENTRA_AUDIENCE=api://…/.default`.
fn configured_scope(facts: &Facts<'_>, expected: &str, found: &str) -> Option<Finding> {
    let resource = found.strip_suffix('/').unwrap_or(found);
    let rest = expected.strip_prefix(resource)?.strip_prefix('/')?;
    (!rest.is_empty()).then(|| {
        Finding::new(
            FindingName::AudienceIsAScope,
            CHECKS,
            format!(
                "a token for this API, whose configured audience, {}, is a scope",
                describe::configured(expected)
            ),
            format!("{} (an audience is the API alone)", replace(facts, expected, resource)),
        )
    })
}

/// The list of audiences with one of them replaced.
fn replace(facts: &Facts<'_>, wrong: &str, right: &str) -> String {
    let accepted: Vec<_> = facts.policy().audiences.texts().collect();
    let all = accepted
        .iter()
        .map(|audience| if audience == wrong { right } else { audience.as_ref() });
    set_list("ENTRA_AUDIENCE (option audience)", all)
        .unwrap_or_else(|| format!("write {} in ENTRA_AUDIENCE (option audience)", describe::text(right)))
}

/// Quotes or white space, which an `.env` file or a secret kept.
fn quoted(facts: &Facts<'_>, expected: &str, found: &str) -> Option<Finding> {
    let inner = expected.trim_matches(is_around);
    (inner.len() < expected.len() && inner == found).then(|| {
        Finding::new(
            FindingName::AudienceForm,
            CHECKS,
            format!(
                "a token for this API, whose configured audience, {}, has quotes or white space around it",
                describe::configured(expected)
            ),
            replace(facts, expected, found),
        )
    })
}

/// The same of the client id, from which the audiences follow.
fn quoted_client_id(facts: &Facts<'_>, found: &str) -> Option<Finding> {
    let id = facts.policy().client_id.as_deref()?;
    let inner = id.trim_matches(is_around);
    let is_same = application_of(found).is_some_and(|application| application.eq_ignore_ascii_case(inner));
    (inner.len() < id.len() && is_same && audiences_are_of_client_id(facts.policy())).then(|| {
        Finding::new(
            FindingName::AudienceForm,
            CHECKS,
            format!(
                "a token for this API, whose configured client id, {}, has quotes or white space around it",
                describe::configured(id)
            ),
            format!("set ENTRA_CLIENT_ID (option clientId) to {inner}"),
        )
    })
}

/// What an `.env` file or a secret keeps around a value.
fn is_around(it: char) -> bool {
    it.is_whitespace() || "\"'`".contains(it)
}

/// One application by its id and by its App ID URI, or one URI in two spellings.
fn other_form(facts: &Facts<'_>, expected: &str, found: &str) -> Option<Finding> {
    let is_one_application = match (application_of(expected), application_of(found)) {
        (Some(expected), Some(found)) => expected.eq_ignore_ascii_case(found),
        _ => spelling(expected) == spelling(found),
    };
    is_one_application.then(|| form(facts, &describe::configured(expected), found))
}

/// What two spellings of one URI have in common.
fn spelling(audience: &str) -> String {
    let text = audience.to_ascii_lowercase();
    let text = text.trim_end_matches('/');
    let of_web = text
        .strip_prefix("https://")
        .or_else(|| text.strip_prefix("http://"))
        .map(|rest| format!("web {rest}"));
    of_web.unwrap_or_else(|| text.to_owned())
}

/// The client id is not among the audiences that are configured, but it is the API's.
fn own_id(facts: &Facts<'_>, found: &str) -> Option<Finding> {
    let id = facts.policy().client_id.as_deref()?;
    application_of(found)?
        .eq_ignore_ascii_case(id)
        .then(|| form(facts, &describe::audiences(&facts.policy().audiences), found))
}

fn form(facts: &Facts<'_>, expected: &str, found: &str) -> Finding {
    let why = if guid::parse(found).is_some() {
        "v2 tokens always have the client id as aud, v1 tokens what the client asked for"
    } else {
        "v1 tokens have as aud what the client asked for, v2 tokens always the client id"
    };
    Finding::new(
        FindingName::AudienceForm,
        CHECKS,
        format!(
            "a token for this API under another name, {} in place of {expected}",
            describe::text(found)
        ),
        format!("{} ({why})", set_audience(facts.policy(), &[found])),
    )
}

/// A client that names no API but itself.
fn for_the_client(facts: &Facts<'_>, claims: &Claims<'_>) -> Option<Finding> {
    let client = claims.azp.present().or(claims.appid.present())?;
    let is_own = application(claims).is_some_and(|audience| audience.eq_ignore_ascii_case(client));
    is_own.then(|| {
        let advice = Advice::of(facts);
        Finding::new(
            FindingName::TokenForTheClient,
            CHECKS,
            "a token that the client got for itself, not for this API",
            format!(
                "have the client ask for the scope {}, not for one of its own registration, {}: roles and scopes are those of the \
                 API's registration",
                advice.scope(),
                describe::text(client)
            ),
        )
    })
}

/// Another API, or this one, by an id or URI that is not configured: both look alike.
fn other_resource(facts: &Facts<'_>, claims: &Claims<'_>, found: &[Cow<'_, str>]) -> Finding {
    let advice = Advice::of(facts);
    let whose = match facts.caller() {
        Caller::ManagedIdentity => "a token of a managed identity",
        Caller::Application => "an app-only token",
        _ => "a token",
    };
    Finding::new(
        FindingName::OtherResource,
        CHECKS,
        format!("{whose} for another API, or for this one by a name that is not configured"),
        format!("{}; or, if {}", advice.ask(), is_this_api(facts, claims, found)),
    )
}

/// What to set if the token's audience is this API's.
fn is_this_api(facts: &Facts<'_>, claims: &Claims<'_>, found: &[Cow<'_, str>]) -> String {
    let policy = facts.policy();
    let shown = describe::list(found);
    let client = claims.azp.present().or(claims.appid.present());
    let configured = policy.client_id.as_deref().filter(|id| guid::parse(id).is_some());
    if let (Some(id), Some(configured), true) = (application(claims), configured, audiences_are_of_client_id(policy)) {
        let configured_is = if client.is_some_and(|client| client.eq_ignore_ascii_case(configured)) {
            "is the id of the client that asked for this token"
        } else {
            "may be its Object ID, or the id of another registration"
        };
        return format!(
            "{shown} is this API, set ENTRA_CLIENT_ID (option clientId) to {id}, its Application (client) ID \
             ({REGISTRATIONS}, the API, Overview): {configured} {configured_is}"
        );
    }
    let further: Vec<&str> = found.iter().map(AsRef::as_ref).collect();
    format!(
        "{shown} is this API's Application ID URI or client id ({REGISTRATIONS}, the API, Expose an API), {}",
        set_audience(policy, &further)
    )
}

/// The application id in the token's audience.
pub(super) fn application<'c>(claims: &'c Claims<'_>) -> Option<&'c str> {
    claims
        .aud
        .present()?
        .iter()
        .find_map(|audience| application_of(audience))
}

/// The application id in an audience: alone, after `spn:`, or a segment of an `api://` URI, the last one of
/// `api://<host>/<id>`.
fn application_of(audience: &str) -> Option<&str> {
    if let Some(path) = audience.strip_prefix("api://") {
        return path.split('/').find(|segment| guid::parse(segment).is_some());
    }
    let id = audience.strip_prefix("spn:").unwrap_or(audience);
    guid::parse(id).map(|_| id)
}
