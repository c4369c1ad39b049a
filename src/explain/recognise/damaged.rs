//! Tokens that are not as they were issued: something is around them, missing, encoded again, or changed.

use super::evidence::object;
use super::whose::Whose;
use super::{Facts, Finding, FindingName};
use crate::algorithm::Algorithm;
use crate::error::Error;
use crate::explain::report::CheckName;
use crate::keys::KeyLookup;
use crate::token::CompactToken;

/// What is copied badly may spoil any part of a token.
const CHECKS: &[CheckName] = &[
    CheckName::Form,
    CheckName::Header,
    CheckName::Claims,
    CheckName::Signature,
];

const AS_IT_WAS: &str = "send the token exactly as the token endpoint returned it";

/// Base64url characters of the shortest RSA signature, of a key of 2048 bits.
const MIN_RSA_SIGNATURE: usize = 342;

pub(super) fn recognise(facts: &Facts<'_>) -> Option<Finding> {
    let text = std::str::from_utf8(facts.token).ok()?;
    not_only_a_token(facts, text)
        .or_else(|| encoded_again(facts, text))
        .or_else(|| cut(facts, text))
}

/// What is copied from a header, a log or JSON often brings more along than the token.
fn not_only_a_token(facts: &Facts<'_>, text: &str) -> Option<Finding> {
    let limit = facts.policy().max_token_length;
    let is_token = |text: &str| CompactToken::parse(text.as_bytes(), limit).is_ok_and(|token| is_header(&token));
    let found = |what: &str| {
        Finding::new(
            FindingName::NotOnlyAToken,
            CHECKS,
            format!("a token with something around it or in it: {what}"),
            format!("{AS_IT_WAS}, alone behind Bearer"),
        )
    };
    let start = text.find("eyJ")?;
    let rest = &text[start..];
    let is_of_token = |it: char| it.is_ascii_alphanumeric() || "-_.".contains(it);
    let end = rest.find(|it| !is_of_token(it)).unwrap_or(rest.len());
    let (before, token, after) = (&text[..start], &rest[..end], &rest[end..]);
    if is_token(token.trim_end_matches('.')) {
        let around = format!("{before}{after}");
        if around.is_empty() {
            return None;
        }
        let is_quoted = around.contains(['"', '\'', '`']);
        let what = if around.to_ascii_lowercase().contains("bearer") {
            "the word Bearer"
        } else if is_quoted {
            "quotes"
        } else if around.chars().all(char::is_whitespace) {
            "white space"
        } else {
            "other text"
        };
        // Of padding and the like the token itself is damaged.
        return (!after.starts_with(['=', '+', '/'])).then(|| found(what));
    }
    let joined: String = text.split_ascii_whitespace().collect();
    (joined.len() < text.trim().len() && joined.starts_with("eyJ") && is_token(&joined))
        .then(|| found("white space (line breaks)"))
}

/// Whether the header is one of a JWT.
fn is_header(token: &CompactToken<'_>) -> bool {
    let mut buffer = Vec::new();
    token
        .decode_header(&mut buffer)
        .is_ok_and(|text| object(text).contains_key("alg"))
}

/// Percent-encoding, standard base64, letters in the wrong case.
fn encoded_again(facts: &Facts<'_>, text: &str) -> Option<Finding> {
    let is_unreadable = CHECKS.iter().any(|&check| facts.failure(check).is_some());
    let found = |what: &str, hint: String| Some(Finding::new(FindingName::ChangedToken, CHECKS, what, hint));
    let three = text.split('.').count() == 3;
    let start = text.get(..3)?;
    if !is_unreadable {
        None
    } else if text.starts_with("eyJ")
        && ["%2E", "%2e", "%3D", "%3d", "%2B", "%2b", "%2F", "%2f"]
            .iter()
            .any(|it| text.contains(it))
    {
        found(
            "a token that was percent-encoded",
            format!("{AS_IT_WAS}: leave encodeURIComponent out, or decode the value where it is read"),
        )
    } else if three && text.starts_with("eyJ") && text.contains(['+', '/', '=', ' ']) {
        found(
            "a token in standard base64 (with +, / or =), not in base64url",
            format!("{AS_IT_WAS}: do not decode and encode its parts"),
        )
    } else if three && start != "eyJ" && start.eq_ignore_ascii_case("eyJ") {
        found(
            "a token whose letters were changed to one case",
            format!("{AS_IT_WAS}: upper and lower case count"),
        )
    } else {
        None
    }
}

/// A part is certainly missing.
fn cut(facts: &Facts<'_>, text: &str) -> Option<Finding> {
    let missing = missing(facts, text)?;
    Some(Finding::new(
        FindingName::CutOffToken,
        CHECKS,
        format!("a token that is cut off: {missing}"),
        format!(
            "{AS_IT_WAS}, whole: look for a limit of length on its way (a terminal or log that shortens, a column, a cookie of \
             4096 bytes, an environment variable)"
        ),
    ))
}

/// What is missing.
fn missing(facts: &Facts<'_>, text: &str) -> Option<String> {
    let segments: Vec<&str> = text.trim().split('.').collect();
    if text.starts_with("eyJ") && (text.contains("...") || text.contains('…')) {
        return Some("its middle is replaced by dots".to_owned());
    }
    match segments.as_slice() {
        [header] if is_beginning_of_json(header) => Some(match json_of(header) {
            Some(true) => "only its header is there".to_owned(),
            Some(false) => return None,
            None => "it ends in its header".to_owned(),
        }),
        [header, claims] if json_of(header) == Some(true) => Some(match json_of(claims) {
            Some(_) => "its signature is missing".to_owned(),
            None => "it ends in its claims".to_owned(),
        }),
        [header, claims, ""] if json_of(header) == Some(true) && json_of(claims).is_some() && !facts.is_unsigned() => {
            Some("its signature is missing".to_owned())
        }
        [header, claims, signature]
            if facts.failure(CheckName::Header).is_some()
                && !header.starts_with("ey")
                && json_of(claims).is_some()
                && !signature.is_empty() =>
        {
            Some("its beginning is missing".to_owned())
        }
        [.., signature] if facts.evidence.has_claims() => missing_of_signature(facts, signature.len()),
        _ => None,
    }
}

/// How much of the signature is missing: the key, or the algorithm, says how long it has to be.
fn missing_of_signature(facts: &Facts<'_>, length: usize) -> Option<String> {
    let algorithm = facts.parts.header.and_then(|header| header.algorithm)?;
    let of_key = match &facts.key {
        Some(KeyLookup::Found(key)) => Some(base64url_length(key.signature_length())),
        _ => None,
    };
    let of_algorithm = || match algorithm {
        Algorithm::ES256 => Some(86),
        Algorithm::ES384 => Some(128),
        Algorithm::ES512 => Some(176),
        _ => None,
    };
    if let Some(whole) = of_key.or_else(of_algorithm) {
        let missing = whole.checked_sub(length).filter(|&missing| missing > 0)?;
        return Some(if missing == 1 {
            format!("the last of the {whole} characters of its signature is missing")
        } else {
            format!("the last {missing} of the {whole} characters of its signature are missing")
        });
    }
    (length < MIN_RSA_SIGNATURE).then(|| {
        format!("its signature has {length} characters, and no RSA signature has fewer than {MIN_RSA_SIGNATURE}")
    })
}

/// Characters of so many bytes.
const fn base64url_length(bytes: usize) -> usize {
    (bytes * 4).div_ceil(3)
}

/// Whether a segment is a JSON object that a header could be; `None` for one that is not whole.
fn json_of(segment: &str) -> Option<bool> {
    let bytes = base64_simd::URL_SAFE_NO_PAD.decode_to_vec(segment).ok()?;
    let members = object(std::str::from_utf8(&bytes).ok()?);
    (!members.is_empty()).then(|| members.contains_key("alg"))
}

/// Whether a segment begins as a JSON object does.
fn is_beginning_of_json(segment: &str) -> bool {
    segment.starts_with("eyJ")
        && segment
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || b"-_".contains(&byte))
}

/// An invalid signature of the right length: the signed text or the signature was changed.
pub(super) fn changed(facts: &Facts<'_>) -> Option<Finding> {
    let is_invalid = facts.failure(CheckName::Signature) == Some(&Error::TokenSignature);
    let is_ours = matches!(facts.whose, Whose::Ours) && facts.failure(CheckName::Nonce).is_none();
    (is_invalid && is_ours).then(|| {
        Finding::new(
            FindingName::ChangedToken,
            &[CheckName::Signature],
            "a token that is not what its key signed: it was changed, or made by somebody else",
            format!(
                "{AS_IT_WAS}: one character that differs, in claims that were edited or in the signature, makes it invalid; \
                 if the keys are your own (option jwks, jwksUri), check that they are those of the token's issuer"
            ),
        )
    })
}
