//! The numbers of an EC key (RFC 7518, section 6.2.1): full-size coordinates of a point on the named curve.

use entra_jwt_verify::Algorithm;
use entra_jwt_verify::keys::{Skipped, VerifyingKey};
use serde_json::{Value, json};

use crate::common::{P256, P384, P521, Signer, base64url};

/// The prime of P-256 (FIPS 186-4, D.1.2.3): as a coordinate it is zero, written out of range.
const P256_PRIME: [u8; 32] = [
    0xff, 0xff, 0xff, 0xff, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff,
    0xff, 0xff, 0xff, 0xff, 0xff,
];

fn curves() -> [(&'static Signer, usize, Algorithm); 3] {
    [
        (&P256, 32, Algorithm::ES256),
        (&P384, 48, Algorithm::ES384),
        (&P521, 66, Algorithm::ES512),
    ]
}

fn load(signer: &Signer, changes: &Value) -> Result<(), Skipped> {
    VerifyingKey::from_jwk(&signer.jwk_with(changes)).map(drop)
}

fn coordinates(signer: &Signer) -> (Vec<u8>, Vec<u8>) {
    let point = signer.point();
    let (x, y) = point[1..].split_at(point.len() / 2);
    (x.to_vec(), y.to_vec())
}

#[test]
fn a_key_serves_the_algorithm_of_its_curve_and_no_other() {
    // RFC 7518, section 3.4: the curve decides the hash.
    for (signer, _, own) in curves() {
        let key = VerifyingKey::from_jwk(&signer.jwk()).unwrap();
        for algorithm in Algorithm::ALL {
            assert_eq!(key.fits(algorithm), algorithm == own, "{own} {algorithm}");
        }
        let signature = signer.signature(own, b"message");
        assert!(key.verify(own, b"message", &signature), "{own}");
        assert!(!key.verify(own, b"another", &signature), "{own}");
    }
}

#[test]
fn coordinates_have_the_full_size_of_the_field() {
    for (signer, size, algorithm) in curves() {
        let (x, y) = coordinates(signer);
        assert_eq!((x.len(), y.len()), (size, size));
        for (name, coordinate) in [("x", &x), ("y", &y)] {
            for wrong in [
                coordinate[1..].to_vec(),
                coordinate[..size - 1].to_vec(),
                [&[0], coordinate.as_slice()].concat(),
                [coordinate.as_slice(), &[0]].concat(),
                Vec::new(),
            ] {
                let changes = json!({ name: base64url(&wrong) });
                assert_eq!(load(signer, &changes), Err(Skipped::Material), "{algorithm} {changes}");
            }
        }
    }
}

#[test]
fn the_boundary_between_the_coordinates_is_where_it_has_to_be() {
    // The same octets one after the other, and so the same point, divided elsewhere.
    for (signer, size, algorithm) in curves() {
        let point = signer.point();
        for end_of_x in [size - 1, size + 1, 1, 2 * size] {
            let (x, y) = point[1..].split_at(end_of_x);
            let changes = json!({ "x": base64url(x), "y": base64url(y) });
            assert_eq!(load(signer, &changes), Err(Skipped::Material), "{algorithm} {changes}");
        }
    }
}

#[test]
fn the_point_is_on_the_curve() {
    for (signer, size, algorithm) in curves() {
        let (x, y) = coordinates(signer);
        let mut off = y.clone();
        off[size - 1] ^= 1;
        for (x, y) in [
            (x.clone(), off),
            (y.clone(), x.clone()),
            (vec![0; size], vec![0; size]),
            (x.clone(), vec![0; size]),
            (vec![0xff; size], y.clone()),
        ] {
            let changes = json!({ "x": base64url(x), "y": base64url(y) });
            assert_eq!(load(signer, &changes), Err(Skipped::Material), "{algorithm} {changes}");
        }
    }
}

#[test]
fn a_coordinate_is_less_than_the_prime() {
    let changes = json!({ "x": base64url(P256_PRIME) });
    assert_eq!(load(&P256, &changes), Err(Skipped::Material));
    let changes = json!({ "x": base64url(P256_PRIME), "y": base64url(P256_PRIME) });
    assert_eq!(load(&P256, &changes), Err(Skipped::Material));
}

#[test]
fn the_other_point_with_the_same_x_is_another_key() {
    // y and p - y: both are on the curve, only one of them is the signer's.
    let (_, y) = coordinates(&P256);
    let mut borrow = 0_i16;
    let mut negated = vec![0; 32];
    for index in (0..32).rev() {
        let difference = i16::from(P256_PRIME[index]) - i16::from(y[index]) - borrow;
        borrow = i16::from(difference < 0);
        negated[index] = u8::try_from(difference.rem_euclid(256)).unwrap();
    }
    let key = VerifyingKey::from_jwk(&P256.jwk_with(&json!({ "y": base64url(negated) }))).unwrap();
    let signature = P256.signature(Algorithm::ES256, b"message");
    assert!(!key.verify(Algorithm::ES256, b"message", &signature));
}

#[test]
fn the_curve_is_one_of_three_by_its_exact_name() {
    for crv in [
        json!("p-256"),
        json!("P256"),
        json!("secp256r1"),
        json!("secp256k1"),
        json!("Ed25519"),
        json!(""),
        json!(256),
        json!(["P-256"]),
    ] {
        assert_eq!(load(&P256, &json!({ "crv": crv })), Err(Skipped::Type), "{crv}");
    }
    assert_eq!(load(&P256, &json!({ "crv": null })), Err(Skipped::Type));
    for (signer, _, algorithm) in curves() {
        for crv in ["P-256", "P-384", "P-521"] {
            let verdict = load(signer, &json!({ "crv": crv }));
            if signer.jwk()["crv"] == crv {
                assert_eq!(verdict, Ok(()), "{algorithm} {crv}");
            } else {
                assert_eq!(verdict, Err(Skipped::Material), "{algorithm} {crv}");
            }
        }
    }
}

#[test]
fn coordinates_are_strict_base64url() {
    let x = P256.jwk()["x"].as_str().unwrap().to_owned();
    for x in [
        format!("{x}="),
        format!("{x} "),
        format!("\n{x}"),
        format!("{}+{}", &x[..4], &x[5..]),
    ] {
        assert_eq!(load(&P256, &json!({ "x": x })), Err(Skipped::Material), "{x:?}");
    }
}

#[test]
fn a_coordinate_that_is_missing_or_no_string_is_no_key() {
    for changes in [
        json!({ "x": null }),
        json!({ "y": null }),
        json!({ "x": 1 }),
        json!({ "y": [] }),
    ] {
        assert!(load(&P256, &changes).is_err(), "{changes}");
    }
}

#[test]
fn kty_is_exact() {
    for kty in ["ec", "Ec", "EC ", "ECDSA", "RSA", "OKP", ""] {
        assert!(load(&P256, &json!({ "kty": kty })).is_err(), "{kty}");
    }
}

#[test]
fn a_signature_is_r_and_s_of_full_size_and_nothing_else() {
    // RFC 7518, section 3.4.
    for (signer, size, algorithm) in curves() {
        let key = VerifyingKey::from_jwk(&signer.jwk()).unwrap();
        let signature = signer.signature(algorithm, b"message");
        assert_eq!(signature.len(), 2 * size);
        let (r, s) = signature.split_at(size);
        let verifies = |signature: &[u8]| key.verify(algorithm, b"message", signature);
        assert!(verifies(&signature));
        for wrong in [
            vec![],
            vec![0; 2 * size],
            vec![0xff; 2 * size],
            [vec![0; size], s.to_vec()].concat(),
            [r.to_vec(), vec![0; size]].concat(),
            [s, r].concat(),
            signature[1..].to_vec(),
            signature[..2 * size - 1].to_vec(),
            [&[0], signature.as_slice()].concat(),
            [signature.as_slice(), &[0]].concat(),
            [&[0], r, &[0], s].concat(),
            [signature.as_slice(), signature.as_slice()].concat(),
            der_signature(r, s),
        ] {
            assert!(!verifies(&wrong), "{algorithm} {}", wrong.len());
        }
    }
}

/// `Ecdsa-Sig-Value` (RFC 3279, section 2.2.3): what OpenSSL and TLS use and JOSE does not.
fn der_signature(r: &[u8], s: &[u8]) -> Vec<u8> {
    let integer = |number: &[u8]| {
        let digits = &number[number.iter().take_while(|&&octet| octet == 0).count()..];
        let sign: &[u8] = if digits[0] & 0x80 == 0 { &[] } else { &[0] };
        let length = u8::try_from(sign.len() + digits.len()).unwrap();
        [&[0x02, length], sign, digits].concat()
    };
    let numbers = [integer(r), integer(s)].concat();
    let length = u8::try_from(numbers.len()).unwrap();
    let prefix: &[u8] = if length < 0x80 {
        &[0x30, length]
    } else {
        &[0x30, 0x81, length]
    };
    [prefix, numbers.as_slice()].concat()
}
