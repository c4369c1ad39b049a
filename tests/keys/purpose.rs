//! `use`, `key_ops` and `alg`: what whoever published a key wants it used for (RFC 7517, sections 4.2 to 4.4).

use entra_jwt_verify::Algorithm;
use entra_jwt_verify::keys::{Skipped, VerifyingKey};
use serde_json::{Value, json};

use crate::common::{P256, P384, P521, RSA, Signer};

fn load(changes: &Value) -> Result<VerifyingKey, Skipped> {
    VerifyingKey::from_jwk(&RSA.jwk_with(changes))
}

/// A member with a value that `jwk_with` cannot write, since it takes `null` for "without".
fn load_null(name: &str) -> Result<(), Skipped> {
    let mut jwk = RSA.jwk();
    jwk[name] = Value::Null;
    VerifyingKey::from_jwk(&jwk).map(drop)
}

#[test]
fn use_is_absent_or_sig() {
    assert!(load(&json!({})).is_ok());
    assert!(load(&json!({ "use": "sig" })).is_ok());
    for of in [
        json!("enc"),
        json!("SIG"),
        json!("sig "),
        json!(""),
        json!("notsig"),
        json!(["sig"]),
        json!(0),
        json!(true),
        json!({}),
    ] {
        assert_eq!(load(&json!({ "use": of })).map(drop), Err(Skipped::Use), "{of}");
    }
    assert_eq!(load_null("use"), Err(Skipped::Use));
}

#[test]
fn key_ops_is_absent_or_has_verify() {
    for operations in [
        json!(["verify"]),
        json!(["sign", "verify"]),
        json!(["verify", "x-audit"]),
    ] {
        assert!(load(&json!({ "key_ops": operations })).is_ok(), "{operations}");
    }
    for operations in [
        json!([]),
        json!(["sign"]),
        json!(["Verify"]),
        json!(["verify "]),
        json!(["encrypt", "wrapKey"]),
        json!("verify"),
        json!({ "verify": true }),
        json!(0),
        json!([["verify"]]),
    ] {
        assert_eq!(
            load(&json!({ "key_ops": operations })).map(drop),
            Err(Skipped::Use),
            "{operations}"
        );
    }
    assert_eq!(load_null("key_ops"), Err(Skipped::Use));
    // "verify" beside something that is no operation.
    assert!(load(&json!({ "key_ops": ["verify", 1] })).is_err());
}

#[test]
fn use_and_key_ops_both_count() {
    assert!(load(&json!({ "use": "sig", "key_ops": ["verify"] })).is_ok());
    assert_eq!(
        load(&json!({ "use": "sig", "key_ops": [] })).map(drop),
        Err(Skipped::Use)
    );
    assert_eq!(
        load(&json!({ "use": "enc", "key_ops": ["verify"] })).map(drop),
        Err(Skipped::Use)
    );
}

#[test]
fn alg_binds_a_key_to_one_algorithm() {
    // RFC 8725, section 3.1: one key, one algorithm.
    let signers: [&Signer; 4] = [&RSA, &P256, &P384, &P521];
    for signer in signers {
        let any = VerifyingKey::from_jwk(&signer.jwk()).unwrap();
        for only in Algorithm::ALL {
            let loaded = VerifyingKey::from_jwk(&signer.jwk_with(&json!({ "alg": only.name() })));
            if !any.fits(only) {
                assert_eq!(loaded.map(drop), Err(Skipped::Algorithm), "{} {only}", signer.kid);
                continue;
            }
            let key = loaded.unwrap();
            for algorithm in Algorithm::ALL {
                assert_eq!(
                    key.fits(algorithm),
                    algorithm == only,
                    "{} {only} {algorithm}",
                    signer.kid
                );
            }
            let signature = signer.signature(only, b"message");
            assert!(key.verify(only, b"message", &signature), "{} {only}", signer.kid);
        }
    }
}

#[test]
fn alg_is_one_of_the_nine() {
    for alg in [
        json!("RSA-OAEP"),
        json!("RSA-OAEP-256"),
        json!("RSA1_5"),
        json!("HS256"),
        json!("none"),
        json!("EdDSA"),
        json!("rs256"),
        json!("RS256 "),
        json!(""),
        json!("RS1"),
    ] {
        assert_eq!(load(&json!({ "alg": alg })).map(drop), Err(Skipped::Algorithm), "{alg}");
    }
    for alg in [json!(256), json!(["RS256"]), json!(true), json!({})] {
        assert_eq!(load(&json!({ "alg": alg })).map(drop), Err(Skipped::NotAJwk), "{alg}");
    }
    assert_eq!(load_null("alg"), Err(Skipped::NotAJwk));
}

#[test]
fn members_that_say_nothing_about_use_are_ignored() {
    let changes = json!({ "nbf": 1_493_763_266, "x5u": "https://a.example", "ext": true, "x": "AA", "crv": "P-256" });
    assert!(load(&changes).is_ok());
}
