//! Texts that are no signed token.

use super::{Facts, Finding};
use crate::error::Error;
use crate::explain::report::CheckName;
use crate::token::{CompactToken, Malformed};

const CHECKS: &[CheckName] = &[CheckName::Form];

/// Characters of the shortest text that is taken for a token of Microsoft's account service; real ones have hundreds.
const MIN_OPAQUE_LENGTH: usize = 64;

pub(super) fn recognise(facts: &Facts<'_>) -> Option<Finding> {
    if is_wrapped(facts.token, facts.policy().max_token_length) {
        return Some(wrapped());
    }
    match facts.failure(CheckName::Form)? {
        Error::TokenMalformed(Malformed::Encrypted) => Some(encrypted()),
        _ if is_opaque(facts.token) => Some(personal_account(facts)),
        _ => None,
    }
}

fn encrypted() -> Finding {
    Finding {
        name: "encrypted-token",
        checks: CHECKS,
        message: "an encrypted token (JWE, five segments): only the holder of the private key can read it".to_owned(),
        hint: "have Entra send signed tokens: remove the certificate of the API under Entra admin center, Enterprise \
               applications, the API, Token encryption (tokenEncryptionKeyId in the manifest)"
            .to_owned(),
    }
}

/// What is copied from a header or from JSON often brings more along than the token.
fn is_wrapped(text: &[u8], max_length: usize) -> bool {
    let inner = text.trim_ascii();
    let inner = match inner.get(..7) {
        Some(scheme) if scheme.eq_ignore_ascii_case(b"Bearer ") => &inner[7..],
        _ => inner,
    };
    let is_around = |byte: &u8| byte.is_ascii_whitespace() || b"\"',;".contains(byte);
    let start = inner.iter().position(|byte| !is_around(byte)).unwrap_or(inner.len());
    let end = inner
        .iter()
        .rposition(|byte| !is_around(byte))
        .map_or(start, |last| last + 1);
    let inner = &inner[start..end];
    inner.len() < text.len() && CompactToken::parse(inner, max_length).is_ok()
}

fn wrapped() -> Finding {
    Finding {
        name: "not-only-a-token",
        // White space in front spoils the header, behind it the signature.
        checks: &[CheckName::Form, CheckName::Header, CheckName::Signature],
        message: "a token with something around it: white space, quotes or Bearer".to_owned(),
        hint: "pass the token alone, exactly as the token endpoint gave it".to_owned(),
    }
}

/// Microsoft's account service seals its tokens for Microsoft's own services. They are base64 and begin with Ew.
fn is_opaque(text: &[u8]) -> bool {
    let text = text.trim_ascii();
    text.len() >= MIN_OPAQUE_LENGTH
        && text.starts_with(b"Ew")
        && text
            .iter()
            .all(|byte| byte.is_ascii_alphanumeric() || b"+/=-_".contains(byte))
}

fn personal_account(facts: &Facts<'_>) -> Finding {
    Finding {
        name: "personal-account-token",
        checks: CHECKS,
        message:
            "an opaque token of a personal Microsoft account, not a JWT: only Microsoft's own services can read it"
                .to_owned(),
        hint: format!(
            "ask for a token for this API, with the scope {}; an API that personal accounts may call needs \
             requestedAccessTokenVersion 2 (Entra admin center, App registrations, the API, Manifest)",
            facts.scope()
        ),
    }
}
