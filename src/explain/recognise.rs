//! Recognises the usual mistakes. Each is a finding whose hint replaces those of the checks that it explains. Nothing
//! here decides whether a token is valid.

mod audience;
mod authority;
mod shape;

use super::checks::Parts;
use super::report::{Check, CheckName, Outcome, Report};
use super::{Question, date, describe};
use crate::error::{Error, KeyUnknown};
use crate::policy::{IssuerKind, Policy};
use crate::rules;
use crate::token::Claims;

/// Seconds by which clocks that are not synchronised commonly differ.
const CLOCK_SKEW: f64 = 300.0;

/// Something that a token was recognised as.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Finding {
    /// Stable name, for programs.
    pub name: &'static str,
    /// The checks that it explains, whichever of them failed.
    pub checks: &'static [CheckName],
    /// What it is.
    pub message: String,
    /// What to do.
    pub hint: String,
}

impl Finding {
    /// Whether the check failed, and this is why.
    pub(super) fn explains(&self, check: &Check) -> bool {
        matches!(check.outcome, Outcome::Failed(_)) && self.checks.contains(&check.name)
    }
}

/// What there is to recognise a token by.
pub(super) struct Facts<'f> {
    pub(super) token: &'f [u8],
    pub(super) parts: &'f Parts<'f>,
    pub(super) question: Question<'f>,
    pub(super) report: &'f Report,
    pub(super) is_valid: bool,
    /// By whose rules the token is judged.
    pub(super) kind: IssuerKind,
}

impl Facts<'_> {
    fn policy(&self) -> &Policy {
        self.question.policy
    }

    fn failure(&self, name: CheckName) -> Option<&Error> {
        self.report.failure(name)
    }

    /// The scope that a client asks for to get a token for this API.
    fn scope(&self) -> String {
        describe::scope(self.policy())
    }
}

/// What a token is recognised as; the first finding for a check is the best.
pub(super) fn recognise(facts: &Facts<'_>) -> Vec<Finding> {
    let mut findings: Vec<Finding> = shape::recognise(facts).into_iter().collect();
    if let Some(claims) = &facts.parts.claims {
        findings.extend(audience::microsoft(facts, claims));
        findings.extend(id_token(facts));
        findings.extend(authority::recognise(facts, claims));
        findings.extend(custom_signing_keys(facts, claims));
        findings.extend(clock_skew(facts, claims));
        // A token of the wrong kind has a wrong audience for that reason.
        if !findings
            .iter()
            .any(|finding| finding.checks.contains(&CheckName::Audience))
        {
            findings.extend(audience::recognise(facts, claims));
        }
        findings.extend(without_role(facts, claims));
        findings.extend(public_client(facts, claims));
    } else if facts.failure(CheckName::Nonce).is_some() {
        findings.push(audience::graph(facts));
    }
    findings
}

fn id_token(facts: &Facts<'_>) -> Option<Finding> {
    use crate::error::UseProblem::NoClient;
    (facts.failure(CheckName::Use) == Some(&Error::TokenUse(NoClient))).then(|| Finding {
        name: "id-token",
        checks: &[CheckName::Use, CheckName::Audience],
        message: "an id token: it tells the client who signed in, and is not for APIs".to_owned(),
        hint: format!(
            "send the access_token of the token response, not the id_token; the client asks for it with the scope {}",
            facts.scope()
        ),
    })
}

/// Entra shows the key of an application that has its own only to those who ask for it by the application's id.
fn custom_signing_keys(facts: &Facts<'_>, claims: &Claims<'_>) -> Option<Finding> {
    let is_unknown = facts.failure(CheckName::Key) == Some(&Error::TokenKeyUnknown(KeyUnknown::NotFound));
    let is_ours = facts.report.passed(CheckName::Issuer) && facts.report.passed(CheckName::Tenant);
    if !is_unknown || !is_ours {
        return None;
    }
    let own = "the API's own application id (Entra admin center, App registrations, the API, Overview)";
    let hint = match (facts.policy().client_id.as_deref(), audience::application(claims)) {
        (None, _) => format!("clientId is not configured: set ENTRA_CLIENT_ID (option clientId) to {own}"),
        // Then its own keys were asked for.
        (Some(id), Some(of_token)) if of_token.eq_ignore_ascii_case(id) => return None,
        (Some(id), Some(of_token)) => format!(
            "the token is for the application {of_token}, and keys are asked for with the clientId {}: set \
             ENTRA_CLIENT_ID (option clientId) to {own}",
            describe::text(id)
        ),
        (Some(id), None) => format!(
            "check that {} is {own}; if it is, the token was signed with a key that is gone or was never the tenant's",
            describe::text(id)
        ),
    };
    Some(Finding {
        name: "custom-signing-keys",
        checks: &[CheckName::Key],
        message:
            "a token of an application with custom signing keys (claims mapping): issuer and tenant are right, and the \
                  key is unknown"
                .to_owned(),
        hint,
    })
}

fn clock_skew(facts: &Facts<'_>, claims: &Claims<'_>) -> Option<Finding> {
    let now = facts.question.now.as_secs_f64();
    let expired_by = match facts.failure(CheckName::Expiry) {
        Some(_) => claims.exp.present().map(|exp| now - exp.as_secs_f64()),
        None => None,
    };
    let early_by = match facts.failure(CheckName::NotBefore) {
        Some(_) => claims.nbf.present().map(|nbf| nbf.as_secs_f64() - now),
        None => None,
    };
    let is_small = |seconds: &f64| (0.0..=CLOCK_SKEW).contains(seconds);
    let (by, message) = match (expired_by.filter(is_small), early_by.filter(is_small)) {
        (Some(by), _) => (by, "a token that expired a moment ago"),
        (None, Some(by)) => (by, "a token that will be valid in a moment"),
        (None, None) => return None,
    };
    Some(Finding {
        name: "clock-skew",
        checks: &[CheckName::Expiry, CheckName::NotBefore],
        message: format!("{message}, by {}: it may be the clock", date::span(by)),
        hint: "if the token is fresh, set this host's clock (`npx entra-jwt-verify doctor` compares it with the \
               authority's), or allow for the difference with the option clockTolerance (seconds, 300 at most); if it \
               is not, get a new token"
            .to_owned(),
    })
}

/// By default every application of the tenant can get a token for every API, without any role.
fn without_role(facts: &Facts<'_>, claims: &Claims<'_>) -> Option<Finding> {
    let has_role = claims.roles.present().is_some_and(|roles| !roles.is_empty());
    let is_open = facts.policy().issuer.is_entra() && !describe::names_callers(&facts.policy().callers);
    (facts.is_valid && is_open && !has_role && rules::is_app_only(claims, facts.kind)).then(|| Finding {
        name: "no-role",
        checks: &[],
        message: "an app-only token without a role: any application of the tenant can get one for this API".to_owned(),
        hint: "say who may call: set the option requiredRoles or allowedClients, or require assignment (Entra admin \
               center, Enterprise applications, the API, Properties, Assignment required)"
            .to_owned(),
    })
}

/// Whoever has the id of a public client, and everybody may, gets a token that names it.
fn public_client(facts: &Facts<'_>, claims: &Claims<'_>) -> Option<Finding> {
    let method = claims.azpacr.present().or(claims.appidacr.present());
    let is_public = method.is_some_and(|method| method == "0");
    let client = rules::client(claims, facts.kind)?;
    (facts.is_valid && is_public && !facts.policy().callers.clients.is_empty()).then(|| Finding {
        name: "public-client",
        checks: &[],
        message: format!(
            "a token of a public client, {}: it has no secret, so that any program can ask for tokens in its name",
            describe::text(client)
        ),
        hint:
            "allowedClients does not keep other programs out; restrict the users as well: requiredScopes, or app roles \
               that are assigned to them (requiredRoles)"
                .to_owned(),
    })
}
