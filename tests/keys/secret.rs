//! Private and symmetric keys are not used, whoever published them (RFC 7518, sections 6.2.2, 6.3.2 and 6.4).

use entra_jwt_verify::keys::{Skipped, VerifyingKey};
use entra_jwt_verify::{Algorithm, AlgorithmProblem, Error, KeyUnknown};
use serde_json::json;

use crate::common::{Judge, P256, RSA, base64url, header, sign, v2};

#[test]
fn a_member_of_a_private_key_makes_it_private() {
    for member in ["d", "p", "q", "dp", "dq", "qi", "oth", "k"] {
        for value in [json!("AQAB"), json!(""), json!([]), json!(1)] {
            for signer in [&*RSA, &*P256] {
                let jwk = signer.jwk_with(&json!({ member: value }));
                assert_eq!(VerifyingKey::from_jwk(&jwk).map(drop), Err(Skipped::Secret), "{jwk}");
            }
        }
        let mut with_null = RSA.jwk();
        with_null[member] = json!(null);
        assert_eq!(
            VerifyingKey::from_jwk(&with_null).map(drop),
            Err(Skipped::Secret),
            "{member}"
        );
    }
}

#[test]
fn a_symmetric_key_is_not_used() {
    let secret = json!({ "kty": "oct", "kid": "a", "k": base64url([7; 32]), "alg": "HS256" });
    assert_eq!(VerifyingKey::from_jwk(&secret).map(drop), Err(Skipped::Secret));
    let without_its_secret = json!({ "kty": "oct", "kid": "a" });
    assert_eq!(
        VerifyingKey::from_jwk(&without_its_secret).map(drop),
        Err(Skipped::Type)
    );
}

#[test]
fn keys_of_other_types_are_not_used() {
    for jwk in [
        json!({ "kty": "OKP", "kid": "a", "crv": "Ed25519", "x": base64url([1; 32]) }),
        json!({ "kty": "OKP", "kid": "a", "crv": "X25519", "x": base64url([1; 32]) }),
        json!({ "kty": "AKP", "kid": "a", "alg": "ML-DSA-44", "pub": "AA" }),
        json!({ "kty": "FOO", "kid": "a" }),
        json!({ "kid": "a" }),
    ] {
        assert_eq!(VerifyingKey::from_jwk(&jwk).map(drop), Err(Skipped::Type), "{jwk}");
    }
}

#[test]
fn a_private_key_takes_its_name_with_it() {
    // Skipped as a whole: its public half verifies nothing either, since anybody may have signed.
    let judge = |jwk| {
        let set = entra_jwt_verify::keys::JwkSet::parse(json!({ "keys": [jwk, P256.jwk()] }).to_string().as_bytes());
        let keys: entra_jwt_verify::keys::KeySet = set.unwrap().into();
        Judge::with(json!({})).judge_by(sign(v2()).as_bytes(), &keys)
    };
    assert_eq!(judge(RSA.jwk()), Ok(()));
    let not_found = Error::TokenKeyUnknown(KeyUnknown::NotFound);
    assert_eq!(judge(RSA.jwk_with(&json!({ "d": "AQAB" }))), Err(not_found.into()));
}

#[test]
fn hmac_with_a_public_key_as_secret_is_not_an_algorithm() {
    // The confusion of RFC 8725, section 2.1: the public key is known to everybody.
    use aws_lc_rs::hmac;
    let secret = RSA.jwk().to_string();
    let head = base64url(header(&RSA, Algorithm::RS256).with("alg", "\"HS256\"").to_string());
    let signing_input = format!("{head}.{}", base64url(v2().to_string()));
    let tag = hmac::sign(
        &hmac::Key::new(hmac::HMAC_SHA256, secret.as_bytes()),
        signing_input.as_bytes(),
    );
    let token = format!("{signing_input}.{}", base64url(tag));
    let all = Judge::with(json!({ "algorithms": Algorithm::ALL.map(Algorithm::name) }));
    assert_eq!(
        all.judge(&token),
        Err(Error::TokenAlgorithm(AlgorithmProblem::Unsupported))
    );
}
