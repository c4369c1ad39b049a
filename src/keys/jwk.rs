//! One entry of a JWK Set (RFC 7517, section 4) -> a key that verifies, or the reason why it is not used.

use aws_lc_rs::digest;
use aws_lc_rs::rsa::{PublicKey, PublicKeyComponents};
use jsonwebtoken::jwk::{AlgorithmParameters, EllipticCurve, Jwk};
use rustls_pki_types::CertificateDer;
use serde_json::{Map, Value};
use webpki::EndEntityCert;

use super::signature::SignatureVerifier;
use crate::algorithm::Algorithm;
use crate::sync::{AtomicBool, Ordering};

/// A parsed public key, with the JWK's restrictions of its use.
#[derive(Debug)]
pub struct VerifyingKey {
    kid: Option<String>,
    x5t: Option<String>,
    issuer: Option<String>,
    cloud_instance_name: Option<String>,
    material: Material,
    verifiers: Vec<SignatureVerifier>,
    is_retired: AtomicBool,
}

/// The key material of a public key; two keys are the same key if it is equal.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Material {
    Rsa { n: Vec<u8>, e: Vec<u8> },
    Ec { curve: EllipticCurve, point: Vec<u8> },
}

/// Why an entry of a key set is not used.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, thiserror::Error)]
#[non_exhaustive]
pub enum Skipped {
    /// Not an object, or a member has a type that a JWK does not allow.
    #[error("not a JWK")]
    NotAJwk,
    /// A private or symmetric key, which must not be published.
    #[error("a private or symmetric key")]
    Secret,
    /// Neither `kid` nor `x5t` is a string: no token can refer to it.
    #[error("no kid and no x5t")]
    Unnamed,
    /// `use` is not `sig`, or `key_ops` has no `verify`.
    #[error("not for signatures")]
    Use,
    /// `alg` is not one of the nine, or not one for this type of key.
    #[error("alg is not an algorithm for this key")]
    Algorithm,
    /// A type or curve that is not supported.
    #[error("kty or crv is not supported")]
    Type,
    /// `n`, `e`, `x` or `y` is missing, not minimal base64url, or no valid key.
    #[error("the key's numbers are not valid")]
    Material,
    /// RSA of less than 2048 bits (RFC 7518, section 3.3), or an exponent that is even or less than 3.
    #[error("RSA of less than 2048 bits, or an even or tiny exponent")]
    Weak,
    /// `x5c` is not a certificate, or has another key than the JWK, or `x5t` is not its thumbprint.
    #[error("the certificate in x5c does not belong to the key")]
    Certificate,
}

/// Members that only private (RFC 7518, sections 6.2.2 and 6.3.2) or symmetric (6.4) keys have.
const SECRET_MEMBERS: [&str; 8] = ["d", "p", "q", "dp", "dq", "qi", "oth", "k"];

const RSA_ALGORITHMS: [Algorithm; 6] = [
    Algorithm::RS256,
    Algorithm::RS384,
    Algorithm::RS512,
    Algorithm::PS256,
    Algorithm::PS384,
    Algorithm::PS512,
];

impl VerifyingKey {
    /// Reads one entry of `keys`.
    ///
    /// # Errors
    ///
    /// The reason why the entry is not used.
    pub fn from_jwk(entry: &Value) -> Result<Self, Skipped> {
        let members = entry.as_object().ok_or(Skipped::NotAJwk)?;
        if SECRET_MEMBERS.iter().any(|name| members.contains_key(*name)) {
            return Err(Skipped::Secret);
        }
        let kid = optional_text(members, "kid")?;
        let x5t = optional_text(members, "x5t")?;
        if kid.is_none() && x5t.is_none() {
            return Err(Skipped::Unnamed);
        }
        check_use(members)?;
        let jwk: Jwk = serde_json::from_value(entry.clone()).map_err(|_| Skipped::NotAJwk)?;
        let certificate = certificate(&jwk)?;
        let material = match &jwk.algorithm {
            AlgorithmParameters::RSA(rsa) => Material::rsa(&rsa.n, &rsa.e)?,
            AlgorithmParameters::EllipticCurve(ec) => Material::ec(&ec.curve, &ec.x, &ec.y)?,
            AlgorithmParameters::Other(_) if is_bare_certificate(members) => {
                let certificate = certificate.as_ref().ok_or(Skipped::Material)?;
                // A key that is only a certificate is bound to its name by the thumbprint (RFC 7517, section 4.8).
                if x5t.as_deref() != Some(thumbprint(certificate).as_str()) {
                    return Err(Skipped::Certificate);
                }
                Material::of_certificate(certificate)?
            }
            _ => return Err(Skipped::Type),
        };
        if certificate.is_some_and(|certificate| !material.is_in(&certificate)) {
            return Err(Skipped::Certificate);
        }
        Ok(Self {
            kid,
            x5t,
            issuer: optional_text(members, "issuer")?.filter(|issuer| !issuer.trim().is_empty()),
            cloud_instance_name: optional_text(members, "cloud_instance_name")?,
            verifiers: material.verifiers(optional_text(members, "alg")?.as_deref())?,
            material,
            is_retired: AtomicBool::new(false),
        })
    }

    /// `kid`.
    #[must_use]
    pub fn kid(&self) -> Option<&str> {
        self.kid.as_deref()
    }

    /// `x5t`; Entra's `kid` has the same value, so a token can refer to a key by either.
    #[must_use]
    pub fn answers_to_x5t(&self, x5t: &str) -> bool {
        self.x5t.as_deref().or(self.kid()) == Some(x5t)
    }

    /// The name that identifies the key across responses.
    #[must_use]
    pub fn name(&self) -> &str {
        self.kid.as_deref().or(self.x5t.as_deref()).unwrap_or_default()
    }

    /// `issuer`, an extension of Entra's v2 key sets: whose tokens the key may sign; a template or an issuer.
    #[must_use]
    pub fn issuer(&self) -> Option<&str> {
        self.issuer.as_deref()
    }

    /// `cloud_instance_name`, an extension of Entra.
    #[must_use]
    pub fn cloud_instance_name(&self) -> Option<&str> {
        self.cloud_instance_name.as_deref()
    }

    /// Bytes of each of the key's signatures: of RSA those of the modulus (RFC 8017, section 8.2.1), of ECDSA those of two
    /// coordinates (RFC 7518, section 3.4).
    pub(crate) fn signature_length(&self) -> usize {
        match &self.material {
            Material::Rsa { n, .. } => n.len(),
            Material::Ec { point, .. } => point.len() - 1,
        }
    }

    /// The key as an entry of a JWK Set, public members only; reading it gives the same key.
    #[must_use]
    pub fn to_jwk(&self) -> Value {
        let encode = |bytes: &[u8]| Value::from(base64_simd::URL_SAFE_NO_PAD.encode_to_string(bytes));
        let mut members = Map::new();
        let mut set = |name: &str, value: Value| members.insert(name.to_owned(), value);
        set("use", "sig".into());
        for (name, text) in [
            ("kid", &self.kid),
            ("x5t", &self.x5t),
            ("issuer", &self.issuer),
            ("cloud_instance_name", &self.cloud_instance_name),
        ] {
            if let Some(text) = text {
                set(name, text.as_str().into());
            }
        }
        match &self.material {
            Material::Rsa { n, e } => {
                set("kty", "RSA".into());
                set("n", encode(n));
                set("e", encode(e));
            }
            Material::Ec { curve, point } => {
                let coordinates = &point[1..];
                let (x, y) = coordinates.split_at(coordinates.len() / 2);
                set("kty", "EC".into());
                set("crv", serde_json::to_value(curve).unwrap_or_default());
                set("x", encode(x));
                set("y", encode(y));
            }
        }
        // A key of RSA without `alg` is for six algorithms; any other is for the one that its type says.
        if let ([only], Material::Rsa { .. }) = (self.verifiers.as_slice(), &self.material) {
            set("alg", only.algorithm().name().into());
        }
        Value::Object(members)
    }

    /// Whether the key was replaced or dropped: tokens verified with it have to be verified again.
    #[must_use]
    pub fn is_retired(&self) -> bool {
        self.is_retired.load(Ordering::Acquire)
    }

    /// Retires the key, also for holders of a reference.
    pub(super) fn retire(&self) {
        self.is_retired.store(true, Ordering::Release);
    }

    /// Whether the key is for signatures of this algorithm.
    #[must_use]
    pub fn fits(&self, algorithm: Algorithm) -> bool {
        self.verifier(algorithm).is_some()
    }

    /// Whether the key made this signature of the message; also `false` if the key does not fit.
    #[must_use]
    pub fn verify(&self, algorithm: Algorithm, message: &[u8], signature: &[u8]) -> bool {
        self.verifier(algorithm)
            .is_some_and(|verifier| verifier.verify(message, signature))
    }

    /// Whether two keys are the same key, published twice: the same key material with the same use.
    #[must_use]
    pub fn is_same_as(&self, other: &Self) -> bool {
        self.material == other.material
            && self.issuer == other.issuer
            && self.cloud_instance_name == other.cloud_instance_name
            && self
                .verifiers
                .iter()
                .map(SignatureVerifier::algorithm)
                .eq(other.verifiers.iter().map(SignatureVerifier::algorithm))
    }

    /// Whether the two keys are of one type and size class, so that a token could not tell them apart.
    #[must_use]
    pub fn competes_with(&self, other: &Self) -> bool {
        self.verifiers.iter().any(|verifier| other.fits(verifier.algorithm()))
    }

    fn verifier(&self, algorithm: Algorithm) -> Option<&SignatureVerifier> {
        self.verifiers.iter().find(|verifier| verifier.algorithm() == algorithm)
    }
}

fn optional_text(members: &Map<String, Value>, name: &str) -> Result<Option<String>, Skipped> {
    match members.get(name) {
        None => Ok(None),
        Some(Value::String(text)) => Ok(Some(text.clone())),
        Some(_) => Err(Skipped::NotAJwk),
    }
}

/// RFC 7517, sections 4.2 and 4.3: where they are there, `use` is `sig` and `key_ops` has `verify`.
fn check_use(members: &Map<String, Value>) -> Result<(), Skipped> {
    let for_signatures = members.get("use").is_none_or(|value| value == "sig");
    let may_verify = members.get("key_ops").is_none_or(|value| {
        value
            .as_array()
            .is_some_and(|operations| operations.iter().any(|operation| operation == "verify"))
    });
    if for_signatures && may_verify {
        Ok(())
    } else {
        Err(Skipped::Use)
    }
}

/// Whether an RSA entry has neither `n` nor `e`, only its certificate.
fn is_bare_certificate(members: &Map<String, Value>) -> bool {
    members.get("kty").is_some_and(|kty| kty == "RSA") && !members.contains_key("n") && !members.contains_key("e")
}

/// The first certificate of `x5c`: standard base64 with padding (RFC 7517, section 4.7).
fn certificate(jwk: &Jwk) -> Result<Option<CertificateDer<'static>>, Skipped> {
    let Some(chain) = &jwk.common.x509_chain else {
        return Ok(None);
    };
    let first = chain.first().ok_or(Skipped::Certificate)?;
    let der = base64_simd::STANDARD
        .decode_to_vec(first)
        .map_err(|_| Skipped::Certificate)?;
    Ok(Some(CertificateDer::from(der)))
}

/// SHA-1, because that is what `x5t` is (RFC 7517, section 4.8); it names, it does not protect.
fn thumbprint(certificate: &CertificateDer<'_>) -> String {
    base64_simd::URL_SAFE_NO_PAD.encode_to_string(digest::digest(&digest::SHA1_FOR_LEGACY_USE_ONLY, certificate))
}

/// The `SubjectPublicKeyInfo` of a certificate. Its signature and dates are not looked at: the key set came
/// over TLS from the authority, and that is what vouches for it.
fn subject_public_key_info(certificate: &CertificateDer<'_>) -> Result<Vec<u8>, Skipped> {
    let certificate = EndEntityCert::try_from(certificate).map_err(|_| Skipped::Certificate)?;
    Ok(certificate.subject_public_key_info().to_vec())
}

impl Material {
    fn rsa(n: &str, e: &str) -> Result<Self, Skipped> {
        Self::strong_rsa(unsigned(n)?, unsigned(e)?)
    }

    fn strong_rsa(n: Vec<u8>, e: Vec<u8>) -> Result<Self, Skipped> {
        let bits = n.len() * 8 - n[0].leading_zeros() as usize;
        let odd = e[e.len() - 1] & 1 == 1;
        if bits < 2048 || !odd || e == [1] {
            return Err(Skipped::Weak);
        }
        Ok(Self::Rsa { n, e })
    }

    fn ec(curve: &EllipticCurve, x: &str, y: &str) -> Result<Self, Skipped> {
        let size = match curve {
            EllipticCurve::P256 => 32,
            EllipticCurve::P384 => 48,
            EllipticCurve::P521 => 66,
            _ => return Err(Skipped::Type),
        };
        // RFC 7518, section 6.2.1.2: coordinates have the full size of the field.
        let coordinate = |text| {
            base64url(text)
                .filter(|bytes| bytes.len() == size)
                .ok_or(Skipped::Material)
        };
        // SEC 1, section 2.3.3: 4 marks an uncompressed point.
        let point = [vec![4], coordinate(x)?, coordinate(y)?].concat();
        Ok(Self::Ec {
            curve: curve.clone(),
            point,
        })
    }

    fn of_certificate(certificate: &CertificateDer<'_>) -> Result<Self, Skipped> {
        let key = PublicKey::from_der(&subject_public_key_info(certificate)?).map_err(|_| Skipped::Certificate)?;
        Self::strong_rsa(
            key.modulus().big_endian_without_leading_zero().to_vec(),
            key.exponent().big_endian_without_leading_zero().to_vec(),
        )
    }

    fn is_in(&self, certificate: &CertificateDer<'_>) -> bool {
        match self {
            Self::Rsa { .. } => Self::of_certificate(certificate).as_ref() == Ok(self),
            // The point is the last thing in an EC SubjectPublicKeyInfo (RFC 5480, section 2).
            Self::Ec { point, .. } => subject_public_key_info(certificate).is_ok_and(|spki| spki.ends_with(point)),
        }
    }

    /// A verifier for each algorithm that the key is for.
    fn verifiers(&self, alg: Option<&str>) -> Result<Vec<SignatureVerifier>, Skipped> {
        let only = alg
            .map(|name| Algorithm::from_name(name).ok_or(Skipped::Algorithm))
            .transpose()?;
        let of_type: &[Algorithm] = match self {
            Self::Rsa { .. } => &RSA_ALGORITHMS,
            Self::Ec {
                curve: EllipticCurve::P256,
                ..
            } => &[Algorithm::ES256],
            Self::Ec {
                curve: EllipticCurve::P384,
                ..
            } => &[Algorithm::ES384],
            Self::Ec { .. } => &[Algorithm::ES512],
        };
        let verifiers = of_type
            .iter()
            .filter(|&&algorithm| only.is_none_or(|only| only == algorithm))
            .map(|&algorithm| match self {
                Self::Rsa { n, e } => SignatureVerifier::rsa(
                    algorithm,
                    &PublicKeyComponents {
                        n: n.as_slice(),
                        e: e.as_slice(),
                    },
                ),
                Self::Ec { point, .. } => SignatureVerifier::ec(algorithm, point),
            })
            .collect::<Option<Vec<_>>>()
            .ok_or(Skipped::Material)?;
        if verifiers.is_empty() {
            Err(Skipped::Algorithm)
        } else {
            Ok(verifiers)
        }
    }
}

fn base64url(text: &str) -> Option<Vec<u8>> {
    base64_simd::URL_SAFE_NO_PAD.decode_to_vec(text).ok()
}

/// `Base64urlUInt`: as few octets as the number needs (RFC 7518, section 2).
fn unsigned(text: &str) -> Result<Vec<u8>, Skipped> {
    base64url(text)
        .filter(|bytes| bytes.first().is_some_and(|&first| first != 0))
        .ok_or(Skipped::Material)
}
