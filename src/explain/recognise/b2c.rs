//! Tokens of Azure AD B2C, which name the policy (user flow) that issued them.

use url::Url;

use super::advice::Advice;
use super::foreign::CHECKS;
use super::{Facts, Finding, FindingName, describe};
use crate::explain::report::CheckName;
use crate::policy::{guid, is_user_flow};
use crate::token::Claims;

/// A token of B2C, where something else is configured: by the host of its issuer, or by the policy that it names.
pub(super) fn recognise(facts: &Facts<'_>, claims: &Claims<'_>, iss: &str) -> Option<Finding> {
    let url = Url::parse(iss).ok();
    let host = url.as_ref().and_then(|url| url.host_str()).unwrap_or_default();
    let path = url.as_ref().map_or("", |url| url.path());
    let is_of_old_form = path.starts_with("/te/") || path.starts_with("/tfp/");
    let policy = user_flow(facts);
    if !(host.ends_with(".b2clogin.com") || is_of_old_form || policy.is_some()) {
        return None;
    }
    let tenant = path
        .split('/')
        .find(|segment| guid::parse(segment).is_some())
        .unwrap_or("<tenant id>");
    let flow = policy.map_or_else(|| "<user flow>".to_owned(), describe::text);
    let authority = format!("https://{}/{tenant}/{flow}/v2.0", describe::text(host));
    let audience = claims
        .aud
        .present()
        .and_then(|all| all.first())
        .map_or_else(String::new, |aud| {
            format!(", ENTRA_CLIENT_ID (option clientId) to {}", describe::text(aud))
        });
    Some(Finding::new(
        FindingName::B2cToken,
        CHECKS,
        format!(
            "a token of Azure AD B2C{}",
            policy.map_or_else(String::new, |it| format!(", user flow {}", describe::text(it)))
        ),
        format!(
            "if this B2C tenant is yours, set ENTRA_AUTHORITY (option authority) to {authority}{audience}, and unset \
             ENTRA_TENANT_ID and ENTRA_AUTHORITY_HOST; else get the token from the configured authority: {}",
            Advice::of(facts).ask()
        ),
    ))
}

/// A token of another user flow of the tenant that is configured: each may have keys of its own.
pub(super) fn other_user_flow(facts: &Facts<'_>) -> Option<Finding> {
    facts.failure(CheckName::Key)?;
    let given = facts.policy().user_flow()?;
    let found = user_flow(facts).filter(|found| !found.eq_ignore_ascii_case(given))?;
    let authority = facts.policy().authority_url();
    Some(Finding::new(
        FindingName::B2cToken,
        &[CheckName::Key],
        format!(
            "a token of another user flow of Azure AD B2C, {}",
            describe::text(found)
        ),
        format!(
            "name both user flows in the option authorities: {} and {}",
            describe::text(&authority),
            describe::text(&authority.replace(given, found))
        ),
    ))
}

/// The user flow or custom policy that a token names: `tfp`, and `acr` in older ones.
fn user_flow<'f>(facts: &'f Facts<'_>) -> Option<&'f str> {
    ["tfp", "acr"]
        .into_iter()
        .filter_map(|claim| facts.evidence.text(claim))
        .find(|name| is_user_flow(name))
}
