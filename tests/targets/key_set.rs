//! Any bytes as an answer with keys: what is made of it can be looked up, merged, exported and read again.

use std::time::Duration;

use entra_jwt_verify::Algorithm;
use entra_jwt_verify::keys::{InitialKeys, JwkSet, KeyMatch, KeySet, VerifyingKey};
use entra_jwt_verify::token::KeyReference;
use serde_json::json;

use crate::case::Case;
use crate::common::{Certificate, P256, RSA};

pub fn run(answer: &[u8]) {
    if let Ok(text) = std::str::from_utf8(answer) {
        drop(InitialKeys::parse(text));
    }
    let Ok(set) = JwkSet::parse(answer) else { return };
    let mut keys = KeySet::from(set);
    assert!(!keys.is_empty(), "an answer without a usable key is an error");
    let held: Vec<(String, VerifyingKey)> = keys
        .ages(Duration::ZERO)
        .map(|(key, _)| {
            let read_again = VerifyingKey::from_jwk(&key.to_jwk()).expect("a key that was exported");
            assert!(read_again.is_same_as(key), "{}", key.to_jwk());
            (key.name().to_owned(), read_again)
        })
        .collect();
    for (name, _) in &held {
        for reference in [KeyReference::Kid(name.into()), KeyReference::X5t(name.into())] {
            for algorithm in Algorithm::ALL {
                if let KeyMatch::Found(key) = keys.find(&reference, algorithm) {
                    assert!(key.fits(algorithm) && !key.is_retired());
                    assert!(!key.verify(algorithm, b"header.payload", b"no signature"));
                }
            }
        }
    }
    let count = keys.len();
    let again = JwkSet::parse(answer).expect("it was parsed before");
    assert!(
        !keys.merge(again, Duration::from_secs(1)),
        "the same answer has nothing new"
    );
    assert_eq!(keys.len(), count);
}

pub fn examples() -> Vec<Vec<u8>> {
    let certificate = Certificate::of_rsa_signer(&RSA);
    let small = json!({ "keys": [
        P256.jwk_with(&json!({ "use": "sig", "key_ops": ["verify"], "alg": "ES256", "issuer": "https://issuer.example/{tenantid}" })),
        { "kty": "RSA", "use": "sig", "kid": "c", "x5t": certificate.x5t(), "x5c": [certificate.x5c()], "cloud_instance_name": "microsoftonline.com" },
        { "kty": "oct", "k": "AAAA" },
    ] });
    vec![Case::read().jwks.into_bytes(), small.to_string().into_bytes()]
}
