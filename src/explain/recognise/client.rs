//! Clients that are not listed, or are listed by another of their identifiers.

use std::borrow::Cow;

use super::advice::set_list;
use super::audience::application;
use super::caller::Caller;
use super::{Facts, Finding, FindingName, describe};
use crate::explain::report::CheckName;
use crate::rules::client;
use crate::token::{Claim, Claims};

const CHECKS: &[CheckName] = &[CheckName::Client];

/// `allowedClients` does not have the client, or has it by another of its identifiers.
pub(super) fn recognise(facts: &Facts<'_>, claims: &Claims<'_>) -> Option<Finding> {
    facts.failure(CheckName::Client)?;
    Some(wrong_client(facts, claims))
}

fn wrong_client(facts: &Facts<'_>, claims: &Claims<'_>) -> Finding {
    let allowed = &facts.policy().callers.clients;
    let Some(id) = client(claims, facts.kind) else {
        return Finding::new(
            FindingName::ClientNotListed,
            CHECKS,
            "a token that names no client",
            "get a token that names its client (azp, appid or client_id): without one, no client can be told from another",
        );
    };
    let has = |claim: &Claim<Cow<'_, str>>| {
        let value = claim.present()?;
        allowed.iter().find(|allowed| allowed.eq_ignore_ascii_case(value))
    };
    let of_text = |name: &str| {
        let value = facts.evidence.text(name)?;
        allowed.iter().find(|allowed| allowed.eq_ignore_ascii_case(value))
    };
    let object_id = || {
        let what = if facts.caller() == Caller::User {
            "the object id of the user"
        } else {
            "the object id of the client's service principal"
        };
        Some((has(&claims.oid).or_else(|| has(&claims.sub))?, what))
    };
    let of_api = || {
        let id = application(claims)?;
        let names = |allowed: &&String| allowed.to_ascii_lowercase().contains(&id.to_ascii_lowercase());
        Some((allowed.iter().find(names)?, "the id of the API itself"))
    };
    let blank = || {
        let is_same = |allowed: &&String| allowed.trim().eq_ignore_ascii_case(id);
        Some((
            allowed.iter().find(is_same)?,
            "the client's id in another spelling (case, blanks)",
        ))
    };
    let wrong = object_id()
        .or_else(|| Some((has(&claims.tid)?, "the tenant's id")))
        .or_else(|| Some((of_text("xms_par_app_azp")?, "the id of the agent's blueprint")))
        .or_else(|| Some((of_text("app_displayname")?, "the client's display name")))
        .or_else(of_api)
        .or_else(blank);
    let shown = describe::text(id);
    let set = |values: Vec<&str>| set_list("the option allowedClients (guard requireClient)", values);
    if let Some((wrong, what)) = wrong {
        let all = allowed
            .iter()
            .map(|it| if it == wrong { id } else { it.as_str() })
            .collect();
        return Finding::new(
            FindingName::ClientIdentifier,
            CHECKS,
            format!("a token of the client {shown}, which allowedClients names by another identifier"),
            format!(
                "{} (the Application (client) ID of the client; {} is {what})",
                set(all).unwrap_or_else(|| format!("name {shown} in the option allowedClients")),
                describe::configured(wrong)
            ),
        );
    }
    let all = allowed.iter().map(String::as_str).chain([id]).collect();
    Finding::new(
        FindingName::ClientNotListed,
        CHECKS,
        format!("a token of a client that is not listed, {shown}"),
        format!(
            "get the token with a client that is listed; or, if this client may call, {}",
            set(all).unwrap_or_else(|| format!("name {shown} in the option allowedClients"))
        ),
    )
}
