//! The numbers of an RSA key (RFC 7518, section 6.3.1): `Base64urlUInt`, at least 2048 bits, an odd exponent from 3.

use entra_jwt_verify::keys::{Skipped, VerifyingKey};
use entra_jwt_verify::{Algorithm, Error};
use serde_json::{Value, json};

use crate::common::{Judge, RSA, base64url, header, sign, v2};

fn load(changes: &Value) -> Result<(), Skipped> {
    VerifyingKey::from_jwk(&RSA.jwk_with(changes)).map(drop)
}

/// A modulus of so many bits. Its factors are nobody's business: loading a key does not ask for them.
fn modulus_of(bits: usize) -> Vec<u8> {
    let mut modulus = vec![0xa5; bits.div_ceil(8)];
    let unused = modulus.len() * 8 - bits;
    modulus[0] = 0xff >> unused;
    modulus
}

fn load_bits(bits: usize) -> Result<(), Skipped> {
    load(&json!({ "n": base64url(modulus_of(bits)) }))
}

fn load_exponent(e: &[u8]) -> Result<(), Skipped> {
    load(&json!({ "e": base64url(e) }))
}

#[test]
fn a_key_of_2048_bits_or_more_is_used() {
    for bits in [2048, 2049, 2056, 3072, 4096, 8192] {
        assert_eq!(load_bits(bits), Ok(()), "{bits}");
    }
}

#[test]
fn a_key_of_fewer_bits_is_weak() {
    // 2047 bits fill as many octets as 2048 do: bits count, not octets.
    for bits in [2047, 2041, 2040, 1024, 512, 8, 1] {
        assert_eq!(load_bits(bits), Err(Skipped::Weak), "{bits}");
    }
}

#[test]
fn an_odd_exponent_from_3_is_used() {
    for e in [&[3_u8] as &[u8], &[5], &[17], &[1, 1], &[1, 0, 1], &[1, 0, 0, 0, 1]] {
        assert_eq!(load_exponent(e), Ok(()), "{e:?}");
    }
}

#[test]
fn an_even_exponent_or_1_is_weak() {
    for e in [&[1_u8] as &[u8], &[2], &[4], &[1, 0], &[1, 0, 0], &[1, 0, 2]] {
        assert_eq!(load_exponent(e), Err(Skipped::Weak), "{e:?}");
    }
}

#[test]
fn numbers_have_no_leading_zeros_and_are_not_zero() {
    // RFC 7518, section 2: as few octets as the number needs; and zero itself is no key.
    assert_eq!(load_exponent(&[0, 1, 0, 1]), Err(Skipped::Material));
    assert_eq!(load_exponent(&[0]), Err(Skipped::Material));
    assert_eq!(load_exponent(&[]), Err(Skipped::Material));
    let padded = [&[0], RSA.modulus().as_slice()].concat();
    assert_eq!(load(&json!({ "n": base64url(padded) })), Err(Skipped::Material));
    assert_eq!(load(&json!({ "n": base64url([0; 256]) })), Err(Skipped::Material));
    assert_eq!(load(&json!({ "n": "" })), Err(Skipped::Material));
}

#[test]
fn numbers_are_strict_base64url() {
    let n = base64url(RSA.modulus());
    assert_eq!(load(&json!({ "n": n })), Ok(()));
    for n in [
        format!("{n}="),
        format!("{n}=="),
        format!("{n} "),
        format!("{n}\n"),
        format!(" {n}"),
        format!("{n}AAA"),
        format!("{}+{}", &n[..8], &n[9..]),
        format!("{}/{}", &n[..8], &n[9..]),
        format!("{}é{}", &n[..8], &n[9..]),
    ] {
        assert_eq!(load(&json!({ "n": n })), Err(Skipped::Material), "{n:?}");
    }
    for e in ["AQAB=", "AQAB\n", "AQA B", "AQAC ", "AQ+B", "65537", "AR"] {
        assert_eq!(load(&json!({ "e": e })), Err(Skipped::Material), "{e:?}");
    }
}

#[test]
fn a_number_that_is_missing_or_no_string_is_no_key() {
    for changes in [
        json!({ "n": null }),
        json!({ "e": null }),
        json!({ "n": null, "e": null }),
        json!({ "n": 1 }),
        json!({ "e": 65537 }),
        json!({ "n": ["AQAB"] }),
        json!({ "n": {} }),
    ] {
        assert!(load(&changes).is_err(), "{changes}");
    }
}

#[test]
fn kty_is_exact() {
    for kty in [
        json!("rsa"),
        json!("Rsa"),
        json!("RSA "),
        json!(""),
        json!("EC"),
        json!("oct"),
        json!("OKP"),
        json!("RSA\0"),
    ] {
        assert_eq!(load(&json!({ "kty": kty })), Err(Skipped::Type), "{kty}");
    }
    for kty in [json!(["RSA"]), json!(1), json!({ "RSA": 1 }), json!(true)] {
        assert!(load(&json!({ "kty": kty })).is_err(), "{kty}");
    }
    assert!(load(&json!({ "kty": null })).is_err());
}

#[test]
fn a_key_serves_every_rsa_algorithm_and_no_other() {
    let key = VerifyingKey::from_jwk(&RSA.jwk()).unwrap();
    for algorithm in Algorithm::ALL {
        let is_rsa = !algorithm.name().starts_with("ES");
        assert_eq!(key.fits(algorithm), is_rsa, "{algorithm}");
        if is_rsa {
            let signature = RSA.signature(algorithm, b"message");
            assert!(key.verify(algorithm, b"message", &signature), "{algorithm}");
            assert!(!key.verify(algorithm, b"another", &signature), "{algorithm}");
        } else {
            assert!(!key.verify(algorithm, b"message", &[0; 64]), "{algorithm}");
        }
    }
}

#[test]
fn a_signature_has_exactly_the_length_of_the_modulus() {
    // RFC 8017, sections 8.1.2 and 8.2.2, step 1.
    let key = VerifyingKey::from_jwk(&RSA.jwk()).unwrap();
    let signature = RSA.signature(Algorithm::RS256, b"message");
    let verifies = |signature: &[u8]| key.verify(Algorithm::RS256, b"message", signature);
    assert!(verifies(&signature));
    assert!(!verifies(&[]));
    assert!(!verifies(&signature[..255]));
    assert!(!verifies(&signature[1..]));
    assert!(!verifies(&[&[0], signature.as_slice()].concat()));
    assert!(!verifies(&[signature.as_slice(), &[0]].concat()));
    assert!(!verifies(&[signature.as_slice(), signature.as_slice()].concat()));
}

#[test]
fn a_key_whose_numbers_are_nobodys_verifies_nothing() {
    // What loads without a look at its factors still has to refuse: no signature, and no panic.
    let token = sign(v2());
    for changes in [
        json!({ "n": base64url(modulus_of(2048)) }),
        json!({ "n": base64url(modulus_of(8192)) }),
        json!({ "e": "Aw" }),
        json!({ "e": base64url([1, 0, 0, 0, 1]) }),
    ] {
        let judge = Judge::with(json!({})).keys([RSA.jwk_with(&changes)]);
        assert_eq!(judge.judge(&token), Err(Error::TokenSignature), "{changes}");
    }
    let algorithm = Algorithm::PS256;
    let token = RSA.token(algorithm, header(&RSA, algorithm), v2());
    let judge = Judge::with(json!({ "algorithms": "PS256" })).keys([RSA.jwk_with(&json!({ "e": "Aw" }))]);
    assert_eq!(judge.judge(&token), Err(Error::TokenSignature));
}
