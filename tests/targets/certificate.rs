//! Any bytes as a certificate: its restrictions are read or not, and as `x5c` it is a key or none. What is expired signs nothing.

use entra_jwt_verify::keys::{VerifyingKey, fuzzing};
use serde_json::json;

use crate::common::{Certificate, RSA, thumbprint};

const NOW: i64 = 1_795_751_869;

pub fn run(der: &[u8]) {
    for now in [i64::MIN, 0, NOW, i64::MAX] {
        let read = fuzzing::certificate(der, now);
        let is_never_valid = matches!(now, i64::MIN | i64::MAX);
        assert!(!is_never_valid || read.is_none_or(|(may_sign, _)| !may_sign));
    }
    let x5c = base64_simd::STANDARD.encode_to_string(der);
    let jwk = json!({ "kty": "RSA", "kid": "a", "x5t": thumbprint(der), "x5c": [x5c] });
    if let Ok(key) = VerifyingKey::from_jwk(&jwk) {
        let read_again = VerifyingKey::from_jwk(&key.to_jwk()).expect("a key that was exported");
        assert!(read_again.is_same_as(&key));
    }
}

pub fn examples() -> Vec<Vec<u8>> {
    /// Of version 1, without extensions.
    const SMALL: &str = "MIIBJTCBywIUcPQEA+c8BNw6I/Pbst0hyHkXe1IwCgYIKoZIzj0EAwIwFTETMBEGA1UEAwwKdjEuZXhhbXBsZTAeFw0yNjEx\
         MjcwMzU3NDlaFw0zNjExMjQwMzU3NDlaMBUxEzARBgNVBAMMCnYxLmV4YW1wbGUwWTATBgcqhkjOPQIBBggqhkjOPQMBBwNC\
         AAQGUDZscdRj+kN3RBU4sRhGttptOd80pjXOVRCIzZEdScxpO+LqmitLWB7v5fcbbgjVwbI/9MWBOhZddmtdvg0yMAoGCCqG\
         SM49BAMCA0kAMEYCIQDgRm4kajcdvidrqrFaBiqSmQJnQ6iwXx8mgagpzing8AIhAJULustlW3TiG49/8udW3N/FNhqitMUJ\
         P5rDBhbDw9xk";
    vec![
        Certificate::of_rsa_signer(&RSA).0,
        base64_simd::STANDARD.decode_to_vec(SMALL).unwrap(),
    ]
}
