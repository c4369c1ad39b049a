//! Real keys. RSA takes seconds to generate in a debug build, so there is one of each per process.

use std::fmt::Display;
use std::sync::LazyLock;

use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::rsa::KeySize;
use aws_lc_rs::signature::{self, EcdsaKeyPair, EcdsaSigningAlgorithm, KeyPair, RsaEncoding, RsaKeyPair};
use entra_jwt_verify::Algorithm;
use serde_json::{Value, json};

use super::object::{Object, header};

pub static RSA: LazyLock<Signer> = LazyLock::new(|| Signer::rsa("rsa-1"));
pub static OTHER_RSA: LazyLock<Signer> = LazyLock::new(|| Signer::rsa("rsa-2"));
pub static P256: LazyLock<Signer> =
    LazyLock::new(|| Signer::ec("p256", "P-256", &signature::ECDSA_P256_SHA256_FIXED_SIGNING));
pub static P384: LazyLock<Signer> =
    LazyLock::new(|| Signer::ec("p384", "P-384", &signature::ECDSA_P384_SHA384_FIXED_SIGNING));
pub static P521: LazyLock<Signer> =
    LazyLock::new(|| Signer::ec("p521", "P-521", &signature::ECDSA_P521_SHA512_FIXED_SIGNING));

/// A private key with the name under which its public half is published.
pub struct Signer {
    pub kid: &'static str,
    pair: Pair,
}

enum Pair {
    Rsa(RsaKeyPair),
    Ec { pair: EcdsaKeyPair, curve: &'static str },
}

/// A token of these claims as Entra would sign it: RS256, with a `kid`.
pub fn sign(claims: impl Display) -> String {
    RSA.token(Algorithm::RS256, header(&RSA, Algorithm::RS256), claims)
}

pub fn base64url(bytes: impl AsRef<[u8]>) -> String {
    base64_simd::URL_SAFE_NO_PAD.encode_to_string(bytes)
}

impl Signer {
    pub fn rsa(kid: &'static str) -> Self {
        let pair = RsaKeyPair::generate(KeySize::Rsa2048).expect("RSA key");
        Self {
            kid,
            pair: Pair::Rsa(pair),
        }
    }

    pub fn ec(kid: &'static str, curve: &'static str, algorithm: &'static EcdsaSigningAlgorithm) -> Self {
        let pair = EcdsaKeyPair::generate(algorithm).expect("EC key");
        Self {
            kid,
            pair: Pair::Ec { pair, curve },
        }
    }

    /// The signer of an algorithm among the ones above.
    pub fn of(algorithm: Algorithm) -> &'static Self {
        match algorithm {
            Algorithm::ES256 => &P256,
            Algorithm::ES384 => &P384,
            Algorithm::ES512 => &P521,
            _ => &RSA,
        }
    }

    /// The public half, with as few members as a JWK can have, and `kid`.
    pub fn jwk(&self) -> Value {
        match &self.pair {
            Pair::Rsa(pair) => {
                let key = pair.public_key();
                json!({
                    "kty": "RSA",
                    "kid": self.kid,
                    "n": base64url(key.modulus().big_endian_without_leading_zero()),
                    "e": base64url(key.exponent().big_endian_without_leading_zero()),
                })
            }
            Pair::Ec { pair, curve } => {
                // SEC 1, section 2.3.3: one octet that says "uncompressed", then the two coordinates.
                let (x, y) = pair.public_key().as_ref()[1..].split_at(pair.public_key().as_ref().len() / 2);
                json!({ "kty": "EC", "kid": self.kid, "crv": curve, "x": base64url(x), "y": base64url(y) })
            }
        }
    }

    /// The JWK with other members; `null` takes one away.
    pub fn jwk_with(&self, changes: &Value) -> Value {
        let mut jwk = self.jwk();
        for (name, value) in changes.as_object().expect("changes are an object") {
            if value.is_null() {
                jwk.as_object_mut().expect("a JWK is an object").remove(name);
            } else {
                jwk[name] = value.clone();
            }
        }
        jwk
    }

    /// `n` without leading zeros.
    pub fn modulus(&self) -> Vec<u8> {
        match &self.pair {
            Pair::Rsa(pair) => pair.public_key().modulus().big_endian_without_leading_zero().to_vec(),
            Pair::Ec { .. } => panic!("not RSA"),
        }
    }

    /// The uncompressed point.
    pub fn point(&self) -> Vec<u8> {
        match &self.pair {
            Pair::Ec { pair, .. } => pair.public_key().as_ref().to_vec(),
            Pair::Rsa(_) => panic!("not EC"),
        }
    }

    /// A token of header and claims, each the text as it is.
    pub fn token(&self, algorithm: Algorithm, header: impl Display, claims: impl Display) -> String {
        self.token_of_segments(
            algorithm,
            &base64url(header.to_string()),
            &base64url(claims.to_string()),
        )
    }

    /// A token of two segments, each signed as it is written, base64url or not.
    pub fn token_of_segments(&self, algorithm: Algorithm, header: &str, payload: &str) -> String {
        let signing_input = format!("{header}.{payload}");
        let signature = self.signature(algorithm, signing_input.as_bytes());
        format!("{signing_input}.{}", base64url(signature))
    }

    /// A token whose header is Entra's for this key.
    pub fn sign(&self, algorithm: Algorithm, claims: &Object) -> String {
        self.token(algorithm, header(self, algorithm), claims)
    }

    pub fn signature(&self, algorithm: Algorithm, message: &[u8]) -> Vec<u8> {
        let random = SystemRandom::new();
        match &self.pair {
            Pair::Rsa(pair) => {
                let mut signature = vec![0; pair.public_modulus_len()];
                pair.sign(rsa_padding(algorithm), &random, message, &mut signature)
                    .expect("RSA signs");
                signature
            }
            Pair::Ec { pair, .. } => pair.sign(&random, message).expect("EC signs").as_ref().to_vec(),
        }
    }
}

fn rsa_padding(algorithm: Algorithm) -> &'static dyn RsaEncoding {
    match algorithm {
        Algorithm::RS256 => &signature::RSA_PKCS1_SHA256,
        Algorithm::RS384 => &signature::RSA_PKCS1_SHA384,
        Algorithm::RS512 => &signature::RSA_PKCS1_SHA512,
        Algorithm::PS256 => &signature::RSA_PSS_SHA256,
        Algorithm::PS384 => &signature::RSA_PSS_SHA384,
        Algorithm::PS512 => &signature::RSA_PSS_SHA512,
        other => panic!("{other} is not for RSA"),
    }
}
