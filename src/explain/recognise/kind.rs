//! What kind of token it is, where it is not an access token.

use super::advice::Advice;
use super::whose::Whose;
use super::{Facts, Finding, FindingName, describe};
use crate::error::{Error, UseProblem};
use crate::explain::report::CheckName;
use crate::policy::BoundTokens;
use crate::token::{Claim, Claims};

/// Who issued it, for whom and for how long is said in other ways, or not at all, by JWTs of other kinds.
const CHECKS: &[CheckName] = &[
    CheckName::Algorithm,
    CheckName::Type,
    CheckName::Key,
    CheckName::Signature,
    CheckName::Expiry,
    CheckName::Issuer,
    CheckName::Use,
    CheckName::BoundToken,
    CheckName::Audience,
];

/// Claims that only id tokens have, and those about a person that Entra puts into them.
const MARKS_OF_ID_TOKENS: [&str; 9] = [
    "nonce",
    "at_hash",
    "c_hash",
    "preferred_username",
    "name",
    "email",
    "upn",
    "unique_name",
    "login_hint",
];

/// A JWT whose header says that it is something else (`typ`, RFC 8725, section 3.11).
pub(super) fn other_type(facts: &Facts<'_>) -> Option<Finding> {
    const TYPES: [(&str, &str); 7] = [
        ("dpop+jwt", "a DPoP proof (proof of possession, RFC 9449)"),
        ("logout+jwt", "a logout token"),
        ("secevent+jwt", "a security event"),
        ("oauth-authz-req+jwt", "an authorization request"),
        (
            "client-authentication+jwt",
            "a client's assertion for the token endpoint",
        ),
        ("token-introspection+jwt", "the answer of an introspection endpoint"),
        ("dc+sd-jwt", "a verifiable credential"),
    ];
    facts.failure(CheckName::Type)?;
    let typ = facts.evidence.header("typ")?;
    let short = typ
        .get(..12)
        .filter(|start| start.eq_ignore_ascii_case("application/"))
        .map_or(typ, |_| &typ[12..]);
    let is = |name: &str| short.eq_ignore_ascii_case(name);
    if is("pop") && facts.evidence.text("at").is_some() {
        return Some(Finding::new(
            FindingName::SignedRequest,
            CHECKS,
            "a signed HTTP request (proof of possession, PoP): the access token is inside, and bound to a key",
            format!(
                "leave the authentication scheme PoP out in the client (authenticationScheme in MSAL), so that it gets a bearer \
                 token: {}",
                Advice::of(facts).ask()
            ),
        ));
    }
    let what = TYPES.iter().find(|(name, _)| is(name)).map_or_else(
        || format!("a JWT of another kind, typ {}", describe::text(typ)),
        |(_, what)| (*what).to_owned(),
    );
    Some(Finding::new(
        FindingName::OtherKind,
        CHECKS,
        format!("{what}, not an access token"),
        format!(
            "send the access token in the header Authorization: {}",
            Advice::of(facts).ask()
        ),
    ))
}

/// An id token: of an issuer of Entra's, without a client, and with a mark of id tokens.
pub(super) fn id_token(facts: &Facts<'_>, claims: &Claims<'_>) -> Option<Finding> {
    let names_none = facts.failure(CheckName::Use) == Some(&Error::TokenUse(UseProblem::NoClient));
    let is_of_entra = matches!(facts.whose, Whose::Ours | Whose::Entra(_));
    let is_marked = facts.evidence.has_any(&MARKS_OF_ID_TOKENS) && claims.scp == Claim::Absent;
    (names_none && is_of_entra && is_marked).then(|| {
        Finding::new(
            FindingName::IdToken,
            &[CheckName::Use, CheckName::Audience],
            "an id token: it tells the client who signed in, and is not for APIs",
            format!(
                "send the access_token of the token response (accessToken in MSAL), not the id_token: have the client ask for \
                 the scope {}",
                Advice::of(facts).scope()
            ),
        )
    })
}

/// A token with `cnf`, where bearer tokens are expected; a warning where such tokens are let through.
pub(super) fn bound(facts: &Facts<'_>, claims: &Claims<'_>) -> Option<Finding> {
    if !claims.has_cnf {
        return None;
    }
    let by_certificate = facts.evidence.member("cnf", "x5t#S256").is_some();
    let what = if by_certificate {
        "a TLS client certificate"
    } else {
        "a key"
    };
    let message = format!("a token that is bound to {what} of the client's (proof of possession, cnf)");
    if facts.failure(CheckName::BoundToken).is_some() {
        let mtls = if by_certificate {
            "; or, to compare it with the certificate of each request, set the option boundTokens to mtls"
        } else {
            ""
        };
        let hint = format!(
            "leave proof of possession out in the client, so that it gets a bearer token: {}{mtls}",
            Advice::of(facts).ask()
        );
        return Some(Finding::new(
            FindingName::BoundToken,
            &[CheckName::BoundToken],
            message,
            hint,
        ));
    }
    let is_ignored = facts.is_valid && facts.policy().bound_tokens == BoundTokens::Ignore;
    is_ignored.then(|| {
        Finding::new(
            FindingName::BoundToken,
            &[],
            format!("{message}, and passes as a bearer token"),
            "set the option boundTokens to mtls, or to refuse (the default): whoever gets hold of the token can use it",
        )
    })
}
