//! The public `Verifier`: static keys, the token cache, the time.

#![allow(clippy::unwrap_used, reason = "a helper of tests fails as loudly as a test")]

mod common;

use common::{CLIENT, NOW, OTHER_RSA, RSA, TENANT, policy, sign, time, v2};
use entra_jwt_verify::keys::{JwkSet, KeySet};
use entra_jwt_verify::token::Scratch;
use entra_jwt_verify::{Error, KeyUnknown, UnixTime, Verdict, Verifier, VerifyError};
use serde_json::{Value, json};

fn keys(entries: &[Value]) -> KeySet {
    JwkSet::parse(json!({ "keys": entries }).to_string().as_bytes())
        .unwrap()
        .into()
}

fn verifier() -> Verifier {
    let policy = policy(&json!({ "tenantId": TENANT, "clientId": CLIENT })).unwrap();
    Verifier::new(policy, keys(&[RSA.jwk()])).unwrap()
}

fn check(verifier: &Verifier, token: &str, now: UnixTime) -> Verdict {
    verifier.check(token.as_bytes(), now, None, &mut Scratch::default())
}

#[test]
fn a_valid_token_gives_its_claims_and_its_key() {
    let (verifier, mut scratch) = (verifier(), Scratch::default());
    let token = sign(v2());
    let valid = verifier.verify(token.as_bytes(), time(NOW), &mut scratch).unwrap();
    assert_eq!(valid.claims.tid.present().map(AsRef::as_ref), Some(TENANT));
    assert_eq!(valid.key.kid(), Some(RSA.kid));
}

#[test]
fn an_invalid_token_gives_the_first_rule_that_it_breaks() {
    let verifier = verifier();
    for (token, error) in [
        (String::new(), Error::TokenMissing),
        (sign(v2().with("exp", "1")), Error::TokenExpired { missing: false }),
        (
            OTHER_RSA.sign(entra_jwt_verify::Algorithm::RS256, &v2()),
            Error::TokenKeyUnknown(KeyUnknown::NotFound),
        ),
    ] {
        let mut scratch = Scratch::default();
        let result = verifier.verify(token.as_bytes(), time(NOW), &mut scratch);
        assert_eq!(result.map(drop), Err(VerifyError::Rejected(error.clone())));
        assert_eq!(check(&verifier, &token, time(NOW)), Verdict::Rejected(error.clone()));
        let explanation = verifier.explain(token.as_bytes(), time(NOW), None, None, &mut Scratch::default());
        assert_eq!(explanation.unwrap().verdict, Err(error));
    }
}

#[test]
fn a_valid_token_is_cached_and_a_rejected_one_is_not() {
    let verifier = verifier();
    let (good, bad) = (sign(v2()), sign(v2().with("aud", "\"other\"")));
    let id = match check(&verifier, &good, time(NOW)) {
        Verdict::Valid {
            id: Some(id),
            authority: 0,
        } => id,
        other => panic!("{other:?}"),
    };
    assert_eq!(
        check(&verifier, &good, time(NOW)),
        Verdict::Valid {
            id: Some(id),
            authority: 0
        }
    );
    for _ in 0..2 {
        assert!(matches!(check(&verifier, &bad, time(NOW)), Verdict::Rejected(_)));
    }
    // One hit; the others were looked for in vain.
    assert_eq!(verifier.token_cache().unwrap().counts(), (1, 1, 3));
}

#[test]
fn without_a_cache_a_token_has_no_id() {
    let verifier = verifier().with_token_cache(None);
    for _ in 0..2 {
        assert_eq!(
            check(&verifier, &sign(v2()), time(NOW)),
            Verdict::Valid { id: None, authority: 0 }
        );
    }
    assert!(verifier.token_cache().is_none());
}

#[test]
fn a_cached_token_expires_and_is_not_yet_valid_like_any_other() {
    let verifier = verifier();
    let token = sign(v2());
    let expired = Verdict::Rejected(Error::TokenExpired { missing: false });
    assert!(matches!(
        check(&verifier, &token, time(NOW)),
        Verdict::Valid { id: Some(_), .. }
    ));
    assert_eq!(check(&verifier, &token, time(NOW + 3600.0)), expired);
    assert_eq!(check(&verifier, &token, time(f64::MAX)), expired);
    assert_eq!(
        check(&verifier, &token, time(0.0)),
        Verdict::Rejected(Error::TokenNotActive)
    );
    assert!(matches!(
        check(&verifier, &token, time(NOW)),
        Verdict::Valid { id: Some(_), .. }
    ));
}

#[test]
fn what_is_not_a_time_cannot_be_asked_with() {
    let (verifier, token) = (verifier(), sign(v2()));
    assert!(matches!(check(&verifier, &token, time(NOW)), Verdict::Valid { .. }));
    for no_time in [f64::NAN, f64::INFINITY, f64::NEG_INFINITY, -1.0, -f64::MIN_POSITIVE] {
        // What a caller makes of a missing time: an error that accepts nothing.
        let verdict =
            UnixTime::new(no_time).map_or(Verdict::Rejected(Error::Clock), |now| check(&verifier, &token, now));
        assert_eq!(verdict, Verdict::Rejected(Error::Clock), "{no_time}");
    }
    assert_eq!(
        (Error::Clock.code(), Error::Clock.reason()),
        ("ERR_INTERNAL", Some("clock"))
    );
}

#[test]
fn static_keys_cannot_ask_for_the_issuer() {
    for options in [
        json!({ "tenantId": "contoso.onmicrosoft.com", "audience": "a" }),
        json!({ "authority": "https://accounts.example.com", "audience": "a" }),
    ] {
        let error = Verifier::new(policy(&options).unwrap(), keys(&[RSA.jwk()])).unwrap_err();
        assert_eq!(error.code(), "ERR_CONFIG", "{options}");
    }
}

#[test]
fn a_verifier_is_shared_between_threads() {
    fn is_shared<T: Send + Sync>(_: &T) {}
    is_shared(&verifier());
}
