//! Of two things that are wrong with a token, the one that is looked at first is the one that is told.

use std::cell::Cell;

use entra_jwt_verify::keys::{FetchCause, KeyLookup};
use entra_jwt_verify::policy::Version;
use entra_jwt_verify::token::{KeyReference, Malformed, Segment};
use entra_jwt_verify::{Algorithm, AlgorithmProblem, Error, KeyUnknown, Keys, UseProblem, VerifyError};
use serde_json::json;

use crate::common::{Judge, OTHER_RSA, RSA, base64url, header, judge, sign, v2};

const OTHER_TENANT: &str = "8d1e6c2f-405b-4c1f-8b64-203070100b22";

/// Answers every question for a key alike, and counts them.
struct Counting {
    asked: Cell<u32>,
    answer: KeyLookup,
}

impl Counting {
    fn answering(answer: KeyLookup) -> Self {
        Self {
            asked: Cell::new(0),
            answer,
        }
    }
}

impl Keys for Counting {
    fn look_up(&self, _: &KeyReference<'_>, _: Algorithm, _: Option<Version>) -> KeyLookup {
        self.asked.set(self.asked.get() + 1);
        self.answer.clone()
    }
}

/// Signed by a key that is not the one it names.
fn forged(claims: impl std::fmt::Display) -> String {
    OTHER_RSA.token(Algorithm::RS256, header(&RSA, Algorithm::RS256), claims)
}

#[test]
fn the_signature_comes_before_every_claim() {
    // A forger learns nothing about what the policy would say to the claims.
    for claims in [
        v2(),
        v2().with("exp", "1"),
        v2().without("exp"),
        v2().with("nbf", "1e12"),
        v2().with("aud", "\"other\""),
        v2().with("tid", &json!(OTHER_TENANT).to_string()),
        v2().with("iss", "1"),
        v2().without("azp"),
        v2().and("exp", "1"),
    ] {
        assert_eq!(judge(&forged(&claims)), Err(Error::TokenSignature), "{claims}");
    }
    assert_eq!(judge(&forged("no json")), Err(Error::TokenSignature));
}

#[test]
fn a_token_refused_for_its_header_never_asks_for_a_key() {
    // Else anybody could make us fetch keys with a token that could not pass anyway.
    let head = || header(&RSA, Algorithm::RS256).with("kid", "\"unknown\"");
    for (head, error) in [
        (
            head().with("alg", "\"HS256\""),
            Error::TokenAlgorithm(AlgorithmProblem::Unsupported),
        ),
        (
            head().with("alg", "\"RS512\""),
            Error::TokenAlgorithm(AlgorithmProblem::NotAllowed),
        ),
        (
            head().without("alg"),
            Error::TokenAlgorithm(AlgorithmProblem::Unsupported),
        ),
        (head().with("typ", "\"dpop+jwt\""), Error::TokenUse(UseProblem::Typ)),
        (head().with("nonce", "\"n\""), Error::TokenGraph),
        (head().with("crit", "[]"), Error::TokenMalformed(Malformed::Critical)),
        (
            head().with("b64", "true"),
            Error::TokenMalformed(Malformed::UnencodedPayload),
        ),
        (head().without("kid"), Error::TokenKeyUnknown(KeyUnknown::NotNamed)),
        (head().with("kid", "1"), Error::TokenMalformed(Malformed::KeyReference)),
        (
            head().and("alg", "\"RS256\""),
            Error::TokenMalformed(Malformed::DuplicateMember(Segment::Header)),
        ),
    ] {
        let keys = Counting::answering(KeyLookup::Pending);
        let token = RSA.token(Algorithm::RS256, &head, v2());
        let verdict = Judge::with(json!({})).judge_by(token.as_bytes(), &keys);
        assert_eq!(verdict, Err(VerifyError::Rejected(error)), "{head}");
        assert_eq!(keys.asked.get(), 0, "{head}");
    }
}

#[test]
fn a_token_is_judged_again_when_its_key_is_there() {
    let token = sign(v2());
    let judge = Judge::with(json!({}));
    let keys = Counting::answering(KeyLookup::Pending);
    assert_eq!(judge.judge_by(token.as_bytes(), &keys), Err(VerifyError::KeysPending));
    assert_eq!(keys.asked.get(), 1);
    assert_eq!(judge.judge(&token), Ok(()));
}

#[test]
fn what_the_keys_refuse_is_refused_as_they_say() {
    for error in [
        Error::TokenKeyUnknown(KeyUnknown::NotFound),
        Error::KeysUnavailable {
            cause: FetchCause::ConnectionRefused(None),
            retry_after: 7,
        },
    ] {
        let keys = Counting::answering(KeyLookup::Rejected(error.clone()));
        let verdict = Judge::with(json!({})).judge_by(sign(v2()).as_bytes(), &keys);
        assert_eq!(verdict, Err(VerifyError::Rejected(error)));
    }
}

#[test]
fn the_form_comes_before_the_header_and_the_header_before_the_key() {
    let unknown_and_unsigned = header(&RSA, Algorithm::RS256)
        .with("kid", "\"unknown\"")
        .with("alg", "\"none\"");
    let token = RSA.token(Algorithm::RS256, &unknown_and_unsigned, v2());
    assert_eq!(judge(&token), Err(Error::TokenAlgorithm(AlgorithmProblem::Unsupported)));
    assert_eq!(
        judge(&format!("{token}.x")),
        Err(Error::TokenMalformed(Malformed::Segments { found: 4 }))
    );
    let malformed_and_unsigned = unknown_and_unsigned.with("crit", "[]");
    assert_eq!(
        judge(&RSA.token(Algorithm::RS256, malformed_and_unsigned, v2())),
        Err(Error::TokenMalformed(Malformed::Critical))
    );
}

#[test]
fn the_key_comes_before_the_signature() {
    let head = header(&RSA, Algorithm::RS256).with("kid", "\"unknown\"");
    assert_eq!(
        judge(&OTHER_RSA.token(Algorithm::RS256, head, v2())),
        Err(Error::TokenKeyUnknown(KeyUnknown::NotFound))
    );
}

#[test]
fn json_then_types_then_time_then_tenant_then_use_then_audience() {
    let steps: [(&str, &dyn Fn(crate::common::Object) -> crate::common::Object); 6] = [
        ("ERR_TOKEN_MALFORMED", &|claims| claims.and("exp", "1")),
        ("ERR_TOKEN_CLAIM", &|claims| claims.with("iat", "\"now\"")),
        ("ERR_TOKEN_EXPIRED", &|claims| claims.with("exp", "1")),
        ("ERR_TOKEN_TENANT", &|claims| {
            claims.with("tid", &json!(OTHER_TENANT).to_string()).with(
                "iss",
                &json!(format!("https://login.microsoftonline.com/{OTHER_TENANT}/v2.0")).to_string(),
            )
        }),
        ("ERR_TOKEN_USE", &|claims| claims.without("azp")),
        ("ERR_TOKEN_AUDIENCE", &|claims| claims.with("aud", "\"other\"")),
    ];
    for first in 0..steps.len() {
        // Broken in this way and in every way that comes later.
        let claims = steps[first..]
            .iter()
            .rev()
            .fold(v2(), |claims, (_, spoil)| spoil(claims));
        assert_eq!(judge(&sign(&claims)).unwrap_err().code(), steps[first].0, "{claims}");
    }
}

#[test]
fn a_buffer_that_is_used_again_remembers_nothing() {
    let mut scratch = entra_jwt_verify::token::Scratch::default();
    let options = json!({ "tenantId": crate::common::TENANT, "clientId": crate::common::CLIENT });
    let policy = crate::common::policy(&options).unwrap();
    let keys: entra_jwt_verify::keys::KeySet =
        entra_jwt_verify::keys::JwkSet::parse(json!({ "keys": [RSA.jwk()] }).to_string().as_bytes())
            .unwrap()
            .into();
    let long = sign(v2().with("pad", &format!("\"{}\"", "x".repeat(3000))));
    let (good, forged) = (sign(v2()), forged(v2()));
    let broken = format!("{}.!.x", base64url(header(&RSA, Algorithm::RS256).to_string()));
    for round in 0..3 {
        for (token, passes) in [
            (&long, true),
            (&broken, false),
            (&good, true),
            (&forged, false),
            (&good, true),
        ] {
            let verdict = entra_jwt_verify::verify(
                token.as_bytes(),
                &policy,
                &keys,
                crate::common::time(crate::common::NOW),
                &mut scratch,
            );
            assert_eq!(verdict.is_ok(), passes, "round {round}");
        }
    }
}
