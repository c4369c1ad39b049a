//! A JWK that was changed is not used, or is used for what it says; never for what it said before.

use std::sync::LazyLock;

use entra_jwt_verify::Algorithm;
use entra_jwt_verify::keys::VerifyingKey;
use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::Index;
use serde_json::{Value, json};

use crate::common::{Certificate, P256, RSA, base64url};

static SIGNATURE: LazyLock<Vec<u8>> = LazyLock::new(|| RSA.signature(Algorithm::RS256, b"message"));
static EC_SIGNATURE: LazyLock<Vec<u8>> = LazyLock::new(|| P256.signature(Algorithm::ES256, b"message"));

fn member() -> impl Strategy<Value = (String, Value)> {
    let name = "kty|kid|use|key_ops|alg|n|e|crv|x|y|x5c|x5t|issuer|cloud_instance_name|d";
    let value = prop_oneof![
        Just(json!(null)),
        any::<i32>().prop_map(Value::from),
        prop::sample::select(
            [
                "RSA", "EC", "sig", "verify", "RS256", "PS256", "ES256", "P-256", "AQAB", "Aw", ""
            ]
            .as_slice()
        )
        .prop_map(Value::from),
        any::<String>().prop_map(Value::from),
        vec(prop::sample::select(["verify", "sign", "AAAA", ""].as_slice()), 0..3).prop_map(Value::from),
        vec(any::<u8>(), 0..300).prop_map(|bytes| base64url(bytes).into()),
    ];
    (name, value)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(1024))]

    #[test]
    fn a_key_verifies_its_own_signatures_only_with_its_own_numbers(changes in vec(member(), 1..4)) {
        for (signer, algorithm, signature, numbers) in [
            (&RSA, Algorithm::RS256, &SIGNATURE, ["kty", "n", "e"].as_slice()),
            (&P256, Algorithm::ES256, &EC_SIGNATURE, ["kty", "crv", "x", "y"].as_slice()),
        ] {
            let (own, mut jwk) = (signer.jwk(), signer.jwk());
            for (name, value) in &changes {
                jwk[name] = value.clone();
            }
            let Ok(key) = VerifyingKey::from_jwk(&jwk) else { continue };
            prop_assert!(jwk.get("d").is_none());
            if key.verify(algorithm, b"message", signature) {
                for name in numbers {
                    prop_assert_eq!(&jwk[name], &own[name], "{}", jwk);
                }
                prop_assert!(jwk.get("use").is_none_or(|it| it == "sig"));
                prop_assert!(jwk.get("alg").is_none_or(|it| it == algorithm.name()));
            }
        }
    }

    #[test]
    fn a_modulus_with_one_bit_changed_is_another_key(at: Index, bit in 0..8_u8) {
        let mut modulus = RSA.modulus();
        let at = at.index(modulus.len());
        modulus[at] ^= 1 << bit;
        if let Ok(key) = VerifyingKey::from_jwk(&RSA.jwk_with(&json!({ "n": base64url(modulus) }))) {
            prop_assert!(!key.verify(Algorithm::RS256, b"message", &SIGNATURE));
            prop_assert!(!key.is_same_as(&VerifyingKey::from_jwk(&RSA.jwk()).unwrap()));
        }
    }

    #[test]
    fn a_certificate_that_was_damaged_is_of_this_key_or_of_none(damage in vec((any::<Index>(), any::<u8>()), 1..4)) {
        let mut certificate = Certificate::of_rsa_signer(&RSA);
        for (at, byte) in &damage {
            let at = at.index(certificate.0.len());
            certificate.0[at] = *byte;
        }
        let own = VerifyingKey::from_jwk(&RSA.jwk()).unwrap();
        // Beside the numbers it changes nothing or takes the key out.
        if let Ok(key) = VerifyingKey::from_jwk(&RSA.jwk_with(&json!({ "x5c": [certificate.x5c()] }))) {
            prop_assert!(key.is_same_as(&own));
        }
        // Alone, whatever key it holds now is the one that counts.
        let bare = json!({ "kty": "RSA", "kid": "a", "x5t": certificate.x5t(), "x5c": [certificate.x5c()] });
        if let Ok(key) = VerifyingKey::from_jwk(&bare) {
            prop_assert_eq!(key.verify(Algorithm::RS256, b"message", &SIGNATURE), key.is_same_as(&own));
        }
    }
}
