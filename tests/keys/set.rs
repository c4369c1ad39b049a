//! A JWK Set document (RFC 7517, section 5): what cannot be used is skipped and takes nothing with it.

use entra_jwt_verify::keys::{JwkSet, JwkSetError, KeyMatch, KeySet, Skipped, VerifyingKey};
use entra_jwt_verify::token::KeyReference;
use entra_jwt_verify::{Algorithm, Error};
use serde_json::{Value, json};

use crate::common::{Judge, OTHER_RSA, P256, RSA, header, sign, v2};

fn parse(keys: &[Value]) -> Result<JwkSet, JwkSetError> {
    JwkSet::parse(json!({ "keys": keys }).to_string().as_bytes())
}

fn kid(kid: &str) -> KeyReference<'_> {
    KeyReference::Kid(kid.into())
}

#[test]
fn one_bad_key_among_good_ones_is_skipped_and_named() {
    let bad = [
        (json!(null), Skipped::NotAJwk),
        (RSA.jwk_with(&json!({ "kid": 1 })), Skipped::NotAJwk),
        (RSA.jwk_with(&json!({ "d": "AQAB" })), Skipped::Secret),
        (RSA.jwk_with(&json!({ "kid": null })), Skipped::Unnamed),
        (RSA.jwk_with(&json!({ "use": "enc" })), Skipped::Use),
        (RSA.jwk_with(&json!({ "alg": "RSA-OAEP" })), Skipped::Algorithm),
        (RSA.jwk_with(&json!({ "kty": "FOO" })), Skipped::Type),
        (RSA.jwk_with(&json!({ "e": "AAAA" })), Skipped::Material),
        (RSA.jwk_with(&json!({ "e": "AQ" })), Skipped::Weak),
        (RSA.jwk_with(&json!({ "x5c": ["MIIB"] })), Skipped::Certificate),
    ];
    for (entry, reason) in &bad {
        let set = parse(&[OTHER_RSA.jwk(), entry.clone(), P256.jwk()]).unwrap();
        assert_eq!(set.skipped, [*reason], "{entry}");
        assert_eq!(
            set.keys.iter().map(VerifyingKey::name).collect::<Vec<_>>(),
            ["rsa-2", "p256"]
        );
    }
    let all: Vec<Value> = bad.iter().map(|(entry, _)| entry.clone()).collect();
    let mut skipped: Vec<_> = bad.iter().map(|(_, reason)| *reason).collect();
    skipped.sort();
    skipped.dedup();
    let found = bad.len();
    let error = parse(&all).unwrap_err();
    assert!(
        skipped
            .iter()
            .all(|reason| error.to_string().contains(&reason.to_string()))
    );
    assert_eq!(error, JwkSetError::NoUsableKey { found, skipped });
}

#[test]
fn a_set_has_at_most_100_entries_used_or_not() {
    let mut entries = vec![json!({}); 99];
    entries.push(RSA.jwk());
    let set = parse(&entries).unwrap();
    assert_eq!((set.keys.len(), set.skipped.len()), (1, 99));
    entries.push(json!({}));
    assert_eq!(parse(&entries).unwrap_err(), JwkSetError::TooMany { found: 101 });
    assert_eq!(
        parse(&vec![RSA.jwk(); 101]).unwrap_err(),
        JwkSetError::TooMany { found: 101 }
    );
}

#[test]
fn a_hundred_keys_all_count() {
    let entries: Vec<Value> = (0..100)
        .map(|number| RSA.jwk_with(&json!({ "kid": format!("rsa-{number}") })))
        .collect();
    let keys: KeySet = parse(&entries).unwrap().into();
    assert_eq!(keys.len(), 100);
    for number in [0, 57, 99] {
        let found = keys.find(&kid(&format!("rsa-{number}")), Algorithm::RS256);
        assert!(matches!(found, KeyMatch::Found(_)), "{number}");
    }
}

#[test]
fn a_document_is_an_object_with_an_array_of_keys() {
    let keys = json!([RSA.jwk()]);
    for (document, error) in [
        (keys.to_string(), JwkSetError::NotASet),
        (RSA.jwk().to_string(), JwkSetError::NotASet),
        (json!({ "Keys": keys }).to_string(), JwkSetError::NotASet),
        (json!({ "keys": RSA.jwk() }).to_string(), JwkSetError::NotASet),
        (json!({ "keys": { "0": RSA.jwk() } }).to_string(), JwkSetError::NotASet),
        (json!({ "jwks": { "keys": keys } }).to_string(), JwkSetError::NotASet),
        (
            json!({ "keys": [keys] }).to_string(),
            JwkSetError::NoUsableKey {
                found: 1,
                skipped: vec![Skipped::NotAJwk],
            },
        ),
        (format!("{}}}", json!({ "keys": keys })), JwkSetError::NotJson),
        (
            format!("\u{feff}\u{feff}{}", json!({ "keys": keys })),
            JwkSetError::NotJson,
        ),
    ] {
        assert_eq!(JwkSet::parse(document.as_bytes()).unwrap_err(), error, "{document}");
    }
    let mut not_utf8 = json!({ "keys": keys }).to_string().into_bytes();
    not_utf8.extend_from_slice(b" \xff");
    assert_eq!(JwkSet::parse(&not_utf8).unwrap_err(), JwkSetError::NotJson);
    let more = json!({ "keys": keys, "issuer": "x", "@context": [] });
    assert_eq!(JwkSet::parse(more.to_string().as_bytes()).unwrap().keys.len(), 1);
}

#[test]
fn a_document_that_nests_without_end_is_refused() {
    let deep = format!("{{\"keys\":{}", "[".repeat(200_000));
    assert_eq!(JwkSet::parse(deep.as_bytes()).unwrap_err(), JwkSetError::NotJson);
}

#[test]
fn of_two_keys_that_a_token_cannot_tell_apart_the_first_counts() {
    let twin = OTHER_RSA.jwk_with(&json!({ "kid": "rsa-1" }));
    let by_first = sign(v2());
    let by_second = OTHER_RSA.token(Algorithm::RS256, header(&RSA, Algorithm::RS256), v2());
    let keys: KeySet = parse(&[RSA.jwk(), twin.clone()]).unwrap().into();
    assert_eq!(keys.len(), 1);
    let judge = Judge::with(json!({}));
    assert_eq!(judge.judge_by(by_first.as_bytes(), &keys), Ok(()));
    assert_eq!(
        judge.judge_by(by_second.as_bytes(), &keys),
        Err(Error::TokenSignature.into())
    );
    let keys: KeySet = parse(&[twin, RSA.jwk()]).unwrap().into();
    assert_eq!(judge.judge_by(by_second.as_bytes(), &keys), Ok(()));
    assert_eq!(
        judge.judge_by(by_first.as_bytes(), &keys),
        Err(Error::TokenSignature.into())
    );
}

#[test]
fn keys_of_one_name_and_different_algorithms_are_told_apart() {
    let of_one_name = |alg: &str| RSA.jwk_with(&json!({ "alg": alg }));
    let p256 = P256.jwk_with(&json!({ "kid": "rsa-1" }));
    let keys: KeySet = parse(&[of_one_name("PS256"), p256, of_one_name("RS256")])
        .unwrap()
        .into();
    assert_eq!(keys.len(), 3);
    for algorithm in [Algorithm::RS256, Algorithm::PS256, Algorithm::ES256] {
        let KeyMatch::Found(key) = keys.find(&kid("rsa-1"), algorithm) else {
            panic!("{algorithm}");
        };
        assert!(key.fits(algorithm));
    }
    assert!(matches!(keys.find(&kid("rsa-1"), Algorithm::RS512), KeyMatch::Unfit));
    assert!(matches!(keys.find(&kid("rsa-2"), Algorithm::RS256), KeyMatch::NotFound));
}

#[test]
fn an_encryption_key_of_the_same_name_does_not_shadow_the_signing_key() {
    let encryption = OTHER_RSA.jwk_with(&json!({ "kid": "rsa-1", "use": "enc" }));
    let keys: KeySet = parse(&[encryption, RSA.jwk_with(&json!({ "use": "sig" }))])
        .unwrap()
        .into();
    let judge = Judge::with(json!({}));
    assert_eq!(judge.judge_by(sign(v2()).as_bytes(), &keys), Ok(()));
    let by_encryption_key = OTHER_RSA.token(Algorithm::RS256, header(&RSA, Algorithm::RS256), v2());
    assert_eq!(
        judge.judge_by(by_encryption_key.as_bytes(), &keys),
        Err(Error::TokenSignature.into())
    );
}
