//! What is worth knowing about a token that is valid.

use super::advice::{ENTERPRISE_APPLICATIONS, REGISTRATIONS, api};
use super::{Facts, Finding, FindingName, date, describe, resources};
use crate::policy::{IssuerRule, Tenants};
use crate::rules::{client, is_app_only, scopes};
use crate::token::{Claim, Claims};

/// Seconds. A token that lives no longer may be gone before it is used.
const SOON: f64 = 300.0;

pub(super) fn recognise(facts: &Facts<'_>, claims: &Claims<'_>) -> Vec<Finding> {
    if !facts.is_valid {
        return Vec::new();
    }
    [
        microsoft_audience(facts, claims),
        without_object_id(facts, claims),
        without_permission(facts, claims),
        public_client(facts, claims),
        groups_overage(facts),
        expires_soon(facts, claims),
    ]
    .into_iter()
    .flatten()
    .collect()
}

fn warning(name: FindingName, message: impl Into<String>, hint: impl Into<String>) -> Finding {
    Finding::new(name, &[], message, hint)
}

/// Everybody who may call that service has such a token, and the service itself is given it.
fn microsoft_audience(facts: &Facts<'_>, claims: &Claims<'_>) -> Option<Finding> {
    let (service, _) = resources::of_token(claims).filter(|_| facts.policy().issuer.is_entra())?;
    Some(warning(
        FindingName::MicrosoftAudience,
        format!(
            "a token for {service}, not for this API: the configuration accepts the audience of a service of Microsoft's"
        ),
        format!(
            "set ENTRA_AUDIENCE (option audience) to the App ID URI or the client id of this API ({REGISTRATIONS}, {}, Expose an \
             API), and have clients ask for that",
            api(facts.policy())
        ),
    ))
}

/// By default every application of the tenant can get a token for every API, without any role, and every user can for a
/// scope that needs no consent.
fn without_permission(facts: &Facts<'_>, claims: &Claims<'_>) -> Option<Finding> {
    let has_role = claims.roles.present().is_some_and(|roles| !roles.is_empty());
    let is_open = facts.policy().issuer.is_entra() && !describe::names_callers(&facts.policy().callers);
    if !is_open || has_role {
        return None;
    }
    let assignment = format!(
        "require assignment ({ENTERPRISE_APPLICATIONS}, {}, Properties, Assignment required)",
        api(facts.policy())
    );
    if is_app_only(claims, facts.kind) {
        return Some(warning(
            FindingName::NoRole,
            format!(
                "an app-only token without a role: {} can get one for this API",
                any_application(facts)
            ),
            format!("say who may call: set the option requiredRoles or allowedClients, or {assignment}"),
        ));
    }
    let has_scope = !scopes(claims, facts.kind).is_empty() || !facts.policy().callers.scopes.is_empty();
    let is_without_object = claims.oid == Claim::Absent;
    if has_scope || is_without_object {
        return None;
    }
    Some(warning(
        FindingName::NoPermission,
        "a token with neither a role nor a scope: it says who calls, not what for",
        format!("say who may call: set the option requiredScopes, requiredRoles or allowedClients, or {assignment}"),
    ))
}

/// Who can get a token without a role: with `"*"`, the applications of every tenant.
fn any_application(facts: &Facts<'_>) -> &'static str {
    match &facts.policy().issuer {
        IssuerRule::Entra {
            tenants: Tenants::Any { .. },
            ..
        } => "any application of any tenant",
        IssuerRule::Entra {
            tenants: Tenants::Of(_),
            ..
        } => "any application of the accepted tenants",
        _ => "any application of the tenant",
    }
}

/// Entra issues such tokens to applications that have no service principal in the tenant.
fn without_object_id(facts: &Facts<'_>, claims: &Claims<'_>) -> Option<Finding> {
    let proven = [&claims.azpacr, &claims.appidacr]
        .into_iter()
        .any(|method| method.present().is_some_and(|it| it == "1" || it == "2"));
    let has_no_user = claims.scp == Claim::Absent && claims.idtyp.present().is_none_or(|idtyp| idtyp == "app");
    let is_one = facts.policy().issuer.is_entra() && claims.oid == Claim::Absent && proven && has_no_user;
    if !is_one {
        return None;
    }
    Some(warning(
        FindingName::NoObjectId,
        "an app-only token without an object id (oid): the client has no service principal in this tenant, and no role can be \
         assigned to it",
        format!(
            "require assignment of {} ({ENTERPRISE_APPLICATIONS}, {}, Properties, Assignment required), which keeps such clients \
             out, or name clients in the option allowedClients",
            api(facts.policy()),
            api(facts.policy())
        ),
    ))
}

/// Any program can use the id of a public client, and then gets tokens with it.
fn public_client(facts: &Facts<'_>, claims: &Claims<'_>) -> Option<Finding> {
    let method = claims.azpacr.present().or(claims.appidacr.present());
    let is_public = method.is_some_and(|method| method == "0");
    let client = client(claims, facts.kind)?;
    if !is_public || facts.policy().callers.clients.is_empty() {
        return None;
    }
    Some(warning(
        FindingName::PublicClient,
        format!(
            "a token of a public client, {}: it has no secret, so that any program can ask for tokens in its name",
            describe::text(client)
        ),
        "restrict the users as well, with requiredScopes or with app roles that are assigned to them (requiredRoles): \
         allowedClients does not keep other programs out",
    ))
}

/// The groups of a user who is in more than a token holds.
fn groups_overage(facts: &Facts<'_>) -> Option<Finding> {
    let is_left_out = facts.evidence.member("_claim_names", "groups").is_some()
        || facts.evidence.has("hasgroups")
        || facts.evidence.has("groups:src1");
    if !is_left_out {
        return None;
    }
    Some(warning(
        FindingName::GroupsOverage,
        "a token without the user's groups (overage): there are more than a token holds",
        format!(
            "emit only groups that are assigned to the application ({REGISTRATIONS}, {}, Token configuration, Edit groups claim), \
             use app roles in place of groups, or ask Microsoft Graph (requireGroup, onOverage)",
            api(facts.policy())
        ),
    ))
}

fn expires_soon(facts: &Facts<'_>, claims: &Claims<'_>) -> Option<Finding> {
    let left = claims.exp.present()?.as_secs_f64() - facts.question.now.as_secs_f64();
    if !(0.0..SOON).contains(&left) {
        return None;
    }
    Some(warning(
        FindingName::ExpiresSoon,
        format!("a token that expires in {}", date::span(left)),
        "get a new token before each use (acquireTokenSilent, getToken), not one from a file or a variable",
    ))
}
