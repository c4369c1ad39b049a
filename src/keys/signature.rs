//! A public key that was parsed once, bound to one algorithm.

use aws_lc_rs::digest::{self, digest};
use aws_lc_rs::rsa::PublicKeyComponents;
use aws_lc_rs::signature::{self, ParsedPublicKey, RsaParameters, VerificationAlgorithm};

use crate::algorithm::Algorithm;

/// Verifies signatures of one algorithm with one key.
///
/// Parsing is what costs: AWS-LC verifies with a parsed RSA-2048 key in nine tenths of the time that it needs
/// with the bare components. `jsonwebtoken::crypto::JwtVerifier` would be the place to hang this on, but its
/// `algorithm()` has no name for ES512, and it is only ever called by `jsonwebtoken::decode`, which is not on
/// our path.
#[derive(Debug)]
pub(super) struct SignatureVerifier {
    algorithm: Algorithm,
    key: ParsedPublicKey,
}

impl SignatureVerifier {
    /// Parses an RSA key for one algorithm; `None` when AWS-LC refuses it.
    pub(super) fn rsa(algorithm: Algorithm, components: &PublicKeyComponents<&[u8]>) -> Option<Self> {
        let key = components.to_parsed_public_key(rsa_parameters(algorithm)?).ok()?;
        Some(Self { algorithm, key })
    }

    /// Parses an uncompressed point for one algorithm; `None` when it is not on the algorithm's curve.
    pub(super) fn ec(algorithm: Algorithm, point: &[u8]) -> Option<Self> {
        let key = ParsedPublicKey::new(ec_algorithm(algorithm)?, point).ok()?;
        Some(Self { algorithm, key })
    }

    pub(super) const fn algorithm(&self) -> Algorithm {
        self.algorithm
    }

    /// Whether the signature is the key's over the message. ECDSA signatures are `r || s` (RFC 7518,
    /// section 3.4).
    pub(super) fn verify(&self, message: &[u8], signature: &[u8]) -> bool {
        // In two steps: AWS-LC makes a context for each signature that it hashes for itself, 0.15 µs.
        let digest = digest(digest_algorithm(self.algorithm), message);
        self.key.verify_digest_sig(&digest, signature).is_ok()
    }
}

const fn digest_algorithm(algorithm: Algorithm) -> &'static digest::Algorithm {
    match algorithm {
        Algorithm::RS256 | Algorithm::PS256 | Algorithm::ES256 => &digest::SHA256,
        Algorithm::RS384 | Algorithm::PS384 | Algorithm::ES384 => &digest::SHA384,
        Algorithm::RS512 | Algorithm::PS512 | Algorithm::ES512 => &digest::SHA512,
    }
}

const fn rsa_parameters(algorithm: Algorithm) -> Option<&'static RsaParameters> {
    Some(match algorithm {
        Algorithm::RS256 => &signature::RSA_PKCS1_2048_8192_SHA256,
        Algorithm::RS384 => &signature::RSA_PKCS1_2048_8192_SHA384,
        Algorithm::RS512 => &signature::RSA_PKCS1_2048_8192_SHA512,
        Algorithm::PS256 => &signature::RSA_PSS_2048_8192_SHA256,
        Algorithm::PS384 => &signature::RSA_PSS_2048_8192_SHA384,
        Algorithm::PS512 => &signature::RSA_PSS_2048_8192_SHA512,
        Algorithm::ES256 | Algorithm::ES384 | Algorithm::ES512 => return None,
    })
}

fn ec_algorithm(algorithm: Algorithm) -> Option<&'static dyn VerificationAlgorithm> {
    Some(match algorithm {
        Algorithm::ES256 => &signature::ECDSA_P256_SHA256_FIXED,
        Algorithm::ES384 => &signature::ECDSA_P384_SHA384_FIXED,
        Algorithm::ES512 => &signature::ECDSA_P521_SHA512_FIXED,
        _ => return None,
    })
}
