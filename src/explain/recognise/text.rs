//! Texts that are not signed tokens, and were issued by Microsoft: encrypted, opaque, or too long.

use serde_json::Value;

use super::advice::Advice;
use super::{Facts, Finding, FindingName, evidence};
use crate::error::Error;
use crate::explain::report::CheckName;
use crate::token::Malformed;

/// Characters of the shortest text that is taken for an opaque token; real ones have hundreds.
const MIN_OPAQUE_LENGTH: usize = 64;

pub(super) fn recognise(facts: &Facts<'_>) -> Option<Finding> {
    facts.failure(CheckName::Form)?;
    let text = std::str::from_utf8(facts.token).ok()?.trim();
    encrypted(text)
        .or_else(|| too_long(facts))
        .or_else(|| personal_account(facts, text))
}

fn finding(name: FindingName, message: impl Into<String>, hint: impl Into<String>) -> Finding {
    Finding::new(name, &[CheckName::Form], message, hint)
}

/// Five segments (JWE, RFC 7516), of which the header has to say so.
fn encrypted(text: &str) -> Option<Finding> {
    let mut segments = text.split('.');
    let header = segments.next().filter(|_| segments.count() == 4)?;
    let header = evidence::segment(header.as_bytes());
    let kid = header.get("kid").and_then(Value::as_str).unwrap_or_default();
    if kid.starts_with("cpimcore") {
        return Some(finding(
            FindingName::RefreshToken,
            "a refresh token or authorization code of Azure AD B2C, which is for its token endpoint alone",
            "send the member access_token of the token response",
        ));
    }
    header.contains_key("enc").then(|| {
        finding(
            FindingName::EncryptedToken,
            "an encrypted token (JWE): only the holder of the private key can read it",
            "have Entra send signed tokens: remove the certificate of the API (Entra admin center, Enterprise applications, the \
             API, Token encryption; tokenEncryptionKeyId in the manifest of its registration)",
        )
    })
}

fn too_long(facts: &Facts<'_>) -> Option<Finding> {
    let Error::TokenMalformed(Malformed::TooLong { limit }) = facts.failure(CheckName::Form)? else {
        return None;
    };
    let length = facts.token.len();
    Some(finding(
        FindingName::TokenTooLong,
        format!("a token of {length} bytes, more than the {limit} that are accepted"),
        format!(
            "emit fewer claims: only the groups that are assigned to the application (Entra admin center, App registrations, \
             the API, Token configuration, Edit groups claim), or app roles in place of groups; or set the option \
             maxTokenLength to {}, and start Node with --max-http-header-size={} or more: above 16384 bytes of headers \
             it answers 431 by itself",
            length.next_multiple_of(1024),
            (length + 4096).next_multiple_of(1024)
        ),
    ))
}

/// Microsoft's account service seals its tokens for Microsoft's own services. They are base64 and begin with Ew.
fn personal_account(facts: &Facts<'_>, text: &str) -> Option<Finding> {
    let is_sealed = text.len() >= MIN_OPAQUE_LENGTH
        && text.starts_with("Ew")
        && text
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || b"+/=-_".contains(&byte));
    is_sealed.then(|| {
        finding(
            FindingName::PersonalAccountToken,
            "an opaque token of a personal Microsoft account, not a JWT: only Microsoft's own services can read it",
            format!(
                "{}; for an API that personal accounts may call, set requestedAccessTokenVersion 2 (Entra admin center, App \
                 registrations, the API, Manifest)",
                Advice::of(facts).ask()
            ),
        )
    })
}
