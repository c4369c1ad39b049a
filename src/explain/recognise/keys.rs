//! Tokens of the right issuer whose key is not among those that are published.

use super::advice::{Advice, REGISTRATIONS};
use super::audience::application;
use super::whose::Whose;
use super::{Facts, Finding, FindingName, date, describe};
use crate::error::{Error, KeyUnknown};
use crate::explain::report::CheckName;
use crate::policy::TokenAuthority;
use crate::token::Claims;

const CHECKS: &[CheckName] = &[CheckName::Key];

/// Seconds. A token that expired longer ago than that is old enough for its key to be gone.
const OLD: f64 = 86_400.0;

pub(super) fn recognise(facts: &Facts<'_>, claims: &Claims<'_>) -> Option<Finding> {
    let is_unknown = matches!(
        facts.failure(CheckName::Key),
        Some(Error::TokenKeyUnknown(
            KeyUnknown::NotFound | KeyUnknown::Cooldown { .. }
        ))
    );
    if !is_unknown || !matches!(facts.whose, Whose::Ours) || facts.failure(CheckName::Tenant).is_some() {
        return None;
    }
    rolled(facts, claims)
        .or_else(|| custom_signing_keys(facts, claims))
        .or_else(|| Some(unknown(facts)))
}

/// The key may well be gone where the token has expired long ago.
fn rolled(facts: &Facts<'_>, claims: &Claims<'_>) -> Option<Finding> {
    let now = facts.question.now.as_secs_f64();
    let age = now - claims.exp.present()?.as_secs_f64();
    (age > OLD).then(|| {
        Finding::new(
            FindingName::RolledKey,
            &[CheckName::Key, CheckName::Expiry],
            format!(
                "an old token: it expired {} ago, and the key that signed it may have been rolled since",
                date::span(age)
            ),
            format!("get a new token: {}", Advice::of(facts).ask()),
        )
    })
}

/// Entra shows the key of an application that has its own only to those who ask for it by the application's id.
fn custom_signing_keys(facts: &Facts<'_>, claims: &Claims<'_>) -> Option<Finding> {
    if !facts.policy().issuer.is_entra() || facts.failure(CheckName::Issuer).is_some() {
        return None;
    }
    let own = format!("the API's own application id ({REGISTRATIONS}, the API, Overview)");
    let hint = match (facts.policy().client_id.as_deref(), application(claims)) {
        (None, Some(of_token)) => format!(
            "set ENTRA_CLIENT_ID (option clientId) to {own}; it is not configured, and the token is for the application {of_token}"
        ),
        (None, None) => format!("set ENTRA_CLIENT_ID (option clientId) to {own}; it is not configured"),
        // Then its own keys were asked for.
        (Some(id), Some(of_token)) if of_token.eq_ignore_ascii_case(id) => return None,
        (Some(id), Some(of_token)) => format!(
            "set ENTRA_CLIENT_ID (option clientId) to {own}: the token is for the application {of_token}, and keys are asked \
             for with {}",
            describe::configured(id)
        ),
        (Some(id), None) => format!(
            "check that ENTRA_CLIENT_ID (option clientId), {}, is {own}; if it is, the token was signed with a key that is gone \
             or was never the tenant's",
            describe::configured(id)
        ),
    };
    Some(Finding::new(
        FindingName::CustomSigningKeys,
        CHECKS,
        "a token of an application with custom signing keys (claims mapping), or of a key that is gone: issuer and tenant are \
         right, and the key is unknown",
        hint,
    ))
}

fn unknown(facts: &Facts<'_>) -> Finding {
    let hint = match (&facts.policy().authority, facts.failure(CheckName::Key)) {
        (_, Some(Error::TokenKeyUnknown(KeyUnknown::Cooldown { .. }))) => format!(
            "send the token again in a moment: its key may have been published just now; if it stays unknown, {}",
            Advice::of(facts).ask()
        ),
        (TokenAuthority::Entra { host, .. }, _) if host.is_entra() => format!(
            "get a new token: {}; no key of this name is published for the tenant (or stands in the option jwks, where that is \
             set), so the token was made by somebody else, or by a test",
            Advice::of(facts).ask()
        ),
        _ => format!(
            "check that the keys are those of the token's issuer (option jwks, jwksUri, authority, authorityHost), and get a new \
             token: {}",
            Advice::of(facts).ask()
        ),
    };
    Finding::new(
        FindingName::UnknownKey,
        CHECKS,
        "a token that names the right issuer, and a key that this issuer does not publish",
        hint,
    )
}
