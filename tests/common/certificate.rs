//! X.509 certificates written by hand (RFC 5280, section 4.1), so that a test can put any key in one, also one that
//! no tool would certify. Nobody looks at their signature: what vouches for a key set is the TLS it came over.

use aws_lc_rs::digest::{SHA1_FOR_LEGACY_USE_ONLY, digest};

use super::signer::{Signer, base64url};

/// DER object identifiers, without tag and length.
const SHA256_WITH_RSA: &[u8] = &[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x01, 0x0b];
const RSA_ENCRYPTION: &[u8] = &[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x01, 0x01];
const EC_PUBLIC_KEY: &[u8] = &[0x2a, 0x86, 0x48, 0xce, 0x3d, 0x02, 0x01];
const P256_CURVE: &[u8] = &[0x2a, 0x86, 0x48, 0xce, 0x3d, 0x03, 0x01, 0x07];

const INTEGER: u8 = 0x02;
const BIT_STRING: u8 = 0x03;
const NULL: u8 = 0x05;
const OBJECT_IDENTIFIER: u8 = 0x06;
const UTC_TIME: u8 = 0x17;
const SEQUENCE: u8 = 0x30;
const EXPLICIT_0: u8 = 0xa0;

/// A certificate, DER.
pub struct Certificate(pub Vec<u8>);

impl Certificate {
    /// For an RSA key of these numbers.
    pub fn of_rsa(n: &[u8], e: &[u8]) -> Self {
        Self::version_3(&rsa(n, e))
    }

    pub fn of_rsa_signer(signer: &Signer) -> Self {
        Self::of_rsa(&signer.modulus(), &[1, 0, 1])
    }

    /// For a point on P-256.
    pub fn of_p256(point: &[u8]) -> Self {
        let algorithm = [
            der(OBJECT_IDENTIFIER, EC_PUBLIC_KEY),
            der(OBJECT_IDENTIFIER, P256_CURVE),
        ]
        .concat();
        Self::version_3(&der(SEQUENCE, &[der(SEQUENCE, &algorithm), bits(point)].concat()))
    }

    /// Version 1, which has no extensions and no version number: what tools made by default long ago.
    pub fn version_1_of_rsa_signer(signer: &Signer) -> Self {
        Self::build(&[], &rsa(&signer.modulus(), &[1, 0, 1]))
    }

    fn version_3(key: &[u8]) -> Self {
        Self::build(&der(EXPLICIT_0, &der(INTEGER, &[2])), key)
    }

    fn build(version: &[u8], key: &[u8]) -> Self {
        let algorithm = der(
            SEQUENCE,
            &[der(OBJECT_IDENTIFIER, SHA256_WITH_RSA), der(NULL, &[])].concat(),
        );
        let no_name = der(SEQUENCE, &[]);
        let validity = der(
            SEQUENCE,
            &[der(UTC_TIME, b"250101000000Z"), der(UTC_TIME, b"350101000000Z")].concat(),
        );
        let to_be_signed = der(
            SEQUENCE,
            &[
                version,
                &der(INTEGER, &[1]),
                &algorithm,
                &no_name,
                &validity,
                &no_name,
                key,
            ]
            .concat(),
        );
        Self(der(SEQUENCE, &[to_be_signed, algorithm, bits(&[0; 256])].concat()))
    }

    /// An element of `x5c`: standard base64, with padding (RFC 7517, section 4.7).
    pub fn x5c(&self) -> String {
        base64_simd::STANDARD.encode_to_string(&self.0)
    }

    /// `x5t` (RFC 7517, section 4.8).
    pub fn x5t(&self) -> String {
        thumbprint(&self.0)
    }
}

/// base64url of the SHA-1 of a certificate.
pub fn thumbprint(certificate: &[u8]) -> String {
    base64url(digest(&SHA1_FOR_LEGACY_USE_ONLY, certificate))
}

/// `SubjectPublicKeyInfo` of an RSA key (RFC 8017, appendix A.1.1).
fn rsa(n: &[u8], e: &[u8]) -> Vec<u8> {
    let algorithm = [der(OBJECT_IDENTIFIER, RSA_ENCRYPTION), der(NULL, &[])].concat();
    let numbers = der(SEQUENCE, &[unsigned(n), unsigned(e)].concat());
    der(SEQUENCE, &[der(SEQUENCE, &algorithm), bits(&numbers)].concat())
}

/// A non-negative INTEGER: an octet of zero in front where the number would read as negative.
fn unsigned(number: &[u8]) -> Vec<u8> {
    let sign: &[u8] = if number.first().is_none_or(|&first| first & 0x80 != 0) {
        &[0]
    } else {
        &[]
    };
    der(INTEGER, &[sign, number].concat())
}

/// A BIT STRING of whole octets.
fn bits(octets: &[u8]) -> Vec<u8> {
    der(BIT_STRING, &[&[0], octets].concat())
}

fn der(tag: u8, content: &[u8]) -> Vec<u8> {
    let length = content.len().to_be_bytes();
    let significant = &length[length.iter().take_while(|&&octet| octet == 0).count()..];
    let mut element = vec![tag];
    match significant {
        [] => element.push(0),
        [short @ 0..0x80] => element.push(*short),
        long => {
            element.push(0x80 | u8::try_from(long.len()).expect("at most eight octets"));
            element.extend_from_slice(long);
        }
    }
    element.extend_from_slice(content);
    element
}
