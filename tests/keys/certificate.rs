//! `x5c` (RFC 7517, section 4.7): it may stand in for the numbers, and must not contradict them.

use entra_jwt_verify::keys::{Skipped, VerifyingKey};
use entra_jwt_verify::{Algorithm, Error};
use serde_json::{Value, json};

use crate::common::{Certificate, Judge, OTHER_RSA, P256, P384, RSA, sign, v2};

fn load(jwk: &Value) -> Result<VerifyingKey, Skipped> {
    VerifyingKey::from_jwk(jwk)
}

/// An entry without numbers, bound to its name by the thumbprint.
fn bare(certificate: &Certificate) -> Value {
    json!({ "kty": "RSA", "kid": "rsa-1", "x5t": certificate.x5t(), "x5c": [certificate.x5c()] })
}

#[test]
fn a_certificate_of_the_same_key_is_welcome() {
    let certificate = Certificate::of_rsa_signer(&RSA);
    let judge = Judge::with(json!({})).keys([RSA.jwk_with(&json!({ "x5c": [certificate.x5c()] }))]);
    assert_eq!(judge.judge(&sign(v2())), Ok(()));
}

#[test]
fn a_certificate_of_another_key_takes_the_entry_out() {
    for certificate in [
        Certificate::of_rsa_signer(&OTHER_RSA),
        Certificate::of_rsa(&RSA.modulus(), &[3]),
        Certificate::of_p256(&P256.point()),
    ] {
        let jwk = RSA.jwk_with(&json!({ "x5c": [certificate.x5c()] }));
        assert_eq!(load(&jwk).map(drop), Err(Skipped::Certificate));
    }
}

#[test]
fn the_first_certificate_of_the_chain_counts() {
    let (own, issuer) = (
        Certificate::of_rsa_signer(&RSA).x5c(),
        Certificate::of_rsa_signer(&OTHER_RSA).x5c(),
    );
    assert!(load(&RSA.jwk_with(&json!({ "x5c": [own, issuer] }))).is_ok());
    assert_eq!(
        load(&RSA.jwk_with(&json!({ "x5c": [issuer, own] }))).map(drop),
        Err(Skipped::Certificate)
    );
}

#[test]
fn x5c_is_standard_base64_of_der() {
    let certificate = Certificate::of_rsa_signer(&RSA);
    let truncated = base64_simd::STANDARD.encode_to_string(&certificate.0[..certificate.0.len() - 1]);
    let longer = base64_simd::STANDARD.encode_to_string([certificate.0.as_slice(), &[0]].concat());
    let x5c = certificate.x5c();
    for entry in [
        String::new(),
        "MIIB".to_owned(),
        "not base64!".to_owned(),
        format!("-----BEGIN CERTIFICATE-----\n{x5c}\n-----END CERTIFICATE-----"),
        format!("{}\n{}", &x5c[..64], &x5c[64..]),
        crate::common::base64url(&certificate.0),
        truncated,
        longer,
    ] {
        let jwk = RSA.jwk_with(&json!({ "x5c": [entry] }));
        assert_eq!(load(&jwk).map(drop), Err(Skipped::Certificate), "{entry}");
    }
    assert_eq!(
        load(&RSA.jwk_with(&json!({ "x5c": [] }))).map(drop),
        Err(Skipped::Certificate)
    );
    for not_a_chain in [json!(x5c), json!([1]), json!({}), json!([[x5c]])] {
        assert_eq!(
            load(&RSA.jwk_with(&json!({ "x5c": not_a_chain }))).map(drop),
            Err(Skipped::NotAJwk)
        );
    }
}

#[test]
fn a_certificate_alone_is_a_key_where_x5t_is_its_thumbprint() {
    let certificate = Certificate::of_rsa_signer(&RSA);
    let judge = Judge::with(json!({})).keys([bare(&certificate)]);
    assert_eq!(judge.judge(&sign(v2())), Ok(()));
    let by_numbers = load(&RSA.jwk()).unwrap();
    assert!(load(&bare(&certificate)).unwrap().is_same_as(&by_numbers));
}

#[test]
fn a_certificate_alone_is_no_key_without_its_thumbprint() {
    let certificate = Certificate::of_rsa_signer(&RSA);
    let with_x5t = |x5t: Value| {
        let mut jwk = bare(&certificate);
        jwk["x5t"] = x5t;
        load(&jwk).map(drop)
    };
    assert_eq!(
        with_x5t(json!(Certificate::of_rsa_signer(&OTHER_RSA).x5t())),
        Err(Skipped::Certificate)
    );
    assert_eq!(with_x5t(json!("")), Err(Skipped::Certificate));
    assert_eq!(
        with_x5t(json!(format!("{}=", certificate.x5t()))),
        Err(Skipped::Certificate)
    );
    let mut without = bare(&certificate);
    without.as_object_mut().unwrap().remove("x5t");
    assert_eq!(load(&without).map(drop), Err(Skipped::Certificate));
    // That the kid is the thumbprint does not make up for it: nothing says that a kid is one.
    without["kid"] = json!(certificate.x5t());
    assert_eq!(load(&without).map(drop), Err(Skipped::Certificate));
}

#[test]
fn a_certificate_beside_one_number_does_not_stand_in_for_the_other() {
    let certificate = Certificate::of_rsa_signer(&RSA);
    for name in ["n", "e"] {
        let mut jwk = bare(&certificate);
        jwk[name] = RSA.jwk()[name].clone();
        assert!(load(&jwk).is_err(), "{name}");
    }
}

#[test]
fn no_numbers_and_no_certificate_is_no_key() {
    let jwk = json!({ "kty": "RSA", "kid": "rsa-1", "x5t": "thumb" });
    assert_eq!(load(&jwk).map(drop), Err(Skipped::Material));
}

#[test]
fn the_key_in_a_bare_certificate_is_as_strong_as_any() {
    let modulus = RSA.modulus();
    let mut short = modulus[..128].to_vec();
    short[127] |= 1;
    let mut just_short = modulus.clone();
    just_short[0] = 0x7f;
    for (n, e) in [
        (short.as_slice(), &[1_u8, 0, 1] as &[u8]),
        (&just_short, &[1, 0, 1]),
        (&modulus, &[1]),
        (&modulus, &[2]),
        (&modulus, &[0]),
        (&modulus, &[]),
        (&[0], &[1, 0, 1]),
        (&[], &[1, 0, 1]),
        (&[1], &[3]),
    ] {
        let loaded = load(&bare(&Certificate::of_rsa(n, e))).map(drop);
        assert!(
            matches!(loaded, Err(Skipped::Weak | Skipped::Certificate)),
            "{} bits, exponent {e:?}: {loaded:?}",
            n.len() * 8
        );
    }
}

#[test]
fn an_ec_certificate_is_compared_too_and_does_not_stand_in() {
    let own = Certificate::of_p256(&P256.point());
    assert!(load(&P256.jwk_with(&json!({ "x5c": [own.x5c()] }))).is_ok());
    let mut other = P256.point();
    other[64] ^= 1;
    for certificate in [Certificate::of_p256(&other), Certificate::of_rsa_signer(&RSA)] {
        let jwk = P256.jwk_with(&json!({ "x5c": [certificate.x5c()] }));
        assert_eq!(load(&jwk).map(drop), Err(Skipped::Certificate));
    }
    assert_eq!(
        load(&P384.jwk_with(&json!({ "x5c": [own.x5c()] }))).map(drop),
        Err(Skipped::Certificate)
    );
    let bare = json!({ "kty": "EC", "kid": "p256", "x5t": own.x5t(), "x5c": [own.x5c()] });
    assert_eq!(load(&bare).map(drop), Err(Skipped::Type));
}

#[test]
fn numbers_decide_when_an_attacker_adds_a_certificate_to_the_token() {
    // The JWK of ours, the token signed by the key of a certificate that the token itself brings.
    let certificate = Certificate::of_rsa_signer(&OTHER_RSA);
    let head = crate::common::header(&RSA, Algorithm::RS256)
        .with("x5c", &json!([certificate.x5c()]).to_string())
        .with("x5t", &json!(certificate.x5t()).to_string());
    let judge = Judge::with(json!({})).keys([RSA.jwk()]);
    assert_eq!(
        judge.judge(&OTHER_RSA.token(Algorithm::RS256, head, v2())),
        Err(Error::TokenSignature)
    );
}
