//! The one pipeline: token × policy × keys × now -> verdict, in the order of ARCHITECTURE.md, section "What is
//! verified".

use std::sync::Arc;

use crate::algorithm::Algorithm;
use crate::error::{Error, IssuerProblem, KeyUnknown, UseProblem};
use crate::keys::{KeyLookup, KeyMatch, KeySet, VerifyingKey};
use crate::policy::{Policy, Version, version};
use crate::token::{Claim, Claims, CompactToken, Header, KeyReference, NumericDate, Scratch};

/// Where the pipeline gets a token's key from.
pub trait Keys {
    /// The key that a token names, if it fits the token's algorithm. `version` is the token's own, where it was
    /// [asked](Keys::are_by_version) for.
    fn look_up(&self, reference: &KeyReference<'_>, algorithm: Algorithm, version: Option<Version>) -> KeyLookup;

    /// Whether v1 and v2 tokens take their keys from different sets.
    fn are_by_version(&self) -> bool {
        false
    }

    /// The issuer of the authority's metadata, where that is known.
    fn discovered_issuer(&self) -> Option<Arc<str>> {
        None
    }
}

/// A token that may pass.
#[derive(Debug)]
pub struct VerifiedClaims<'s> {
    /// Its claims.
    pub claims: Claims<'s>,
    /// The key that signed it.
    pub key: Arc<VerifyingKey>,
}

/// Why there is no verdict, or a bad one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum VerifyError {
    /// The key is being fetched; ask again when that has ended.
    KeysPending,
    /// The token must not pass.
    Rejected(Error),
}

impl<E: Into<Error>> From<E> for VerifyError {
    fn from(error: E) -> Self {
        Self::Rejected(error.into())
    }
}

/// Judges a token.
///
/// `now` is in seconds since 1970. `scratch` is reused from token to token.
///
/// # Errors
///
/// [`VerifyError::Rejected`] with the first rule that the token breaks, or [`VerifyError::KeysPending`].
pub fn verify<'s>(
    token: &[u8],
    policy: &Policy,
    keys: &impl Keys,
    now: NumericDate,
    scratch: &'s mut Scratch,
) -> Result<VerifiedClaims<'s>, VerifyError> {
    let compact = split(token, policy)?;
    let header = scratch.header.read(&compact)?;
    let algorithm = check_algorithm(header, policy)?;
    check_typ(header)?;
    check_nonce(header, policy)?;
    let key = find_key(&compact, header, algorithm, policy, keys, &mut scratch.payload)?;
    check_signature(&compact, &key, algorithm, &mut scratch.signature)?;

    let claims = read_claims(&compact, &mut scratch.payload)?;
    check_types(&claims)?;
    check_expiry(&claims, policy, now)?;
    check_not_before(&claims, policy, now)?;
    check_types_of_entra(&claims, policy)?;
    let discovered = discovered_issuer(policy, keys);
    let tenant = policy.issuer.check_issuer(&claims, discovered.as_deref())?;
    policy.issuer.check_tenant(&claims, tenant, discovered.as_deref())?;
    check_use(&claims, policy)?;
    check_key_issuer(&key, &claims)?;
    check_audience(&claims, policy)?;
    policy.callers.check(&claims)?;
    Ok(VerifiedClaims { claims, key })
}

pub(crate) fn split<'t>(token: &'t [u8], policy: &Policy) -> Result<CompactToken<'t>, Error> {
    if token.is_empty() {
        return Err(Error::TokenMissing);
    }
    Ok(CompactToken::parse(token, policy.max_token_length)?)
}

pub(crate) fn check_algorithm(header: &Header<'_>, policy: &Policy) -> Result<Algorithm, Error> {
    header
        .algorithm
        .filter(|&algorithm| policy.algorithms.contains(algorithm))
        .ok_or(Error::TokenAlgorithm)
}

pub(crate) const fn check_typ(header: &Header<'_>) -> Result<(), Error> {
    if header.typ_is_access_token {
        Ok(())
    } else {
        Err(Error::TokenUse(UseProblem::Typ))
    }
}

/// Graph's tokens are signed over another header than they carry.
pub(crate) const fn check_nonce(header: &Header<'_>, policy: &Policy) -> Result<(), Error> {
    if header.has_nonce && policy.issuer.is_entra() {
        Err(Error::TokenGraph)
    } else {
        Ok(())
    }
}

/// The key that the token names, if it is one for this policy.
pub(crate) fn find_key(
    token: &CompactToken<'_>,
    header: &Header<'_>,
    algorithm: Algorithm,
    policy: &Policy,
    keys: &impl Keys,
    buffer: &mut Vec<u8>,
) -> Result<Arc<VerifyingKey>, VerifyError> {
    let reference = header
        .key
        .as_ref()
        .ok_or(Error::TokenKeyUnknown(KeyUnknown::NotNamed))?;
    // A hint, to choose between two honest sets of keys; it is judged with the other claims, after the signature.
    let version = if keys.are_by_version() {
        peek_version(token, buffer)
    } else {
        None
    };
    match keys.look_up(reference, algorithm, version) {
        KeyLookup::Found(key) => {
            check_key(&key, policy)?;
            Ok(key)
        }
        KeyLookup::Pending => Err(VerifyError::KeysPending),
        KeyLookup::Rejected(error) => Err(error.into()),
    }
}

fn peek_version(token: &CompactToken<'_>, buffer: &mut Vec<u8>) -> Option<Version> {
    version(&Claims::parse(token.decode_payload(buffer).ok()?).ok()?)
}

/// The key sets of the public and the US Government cloud hold keys of each other; each says whose it is.
fn check_key(key: &VerifyingKey, policy: &Policy) -> Result<(), Error> {
    match (key.cloud_instance_name(), policy.issuer.cloud_instance_name()) {
        (Some(of_key), Some(of_policy)) if of_key != of_policy => Err(Error::TokenKeyUnknown(KeyUnknown::OtherCloud)),
        _ => Ok(()),
    }
}

pub(crate) fn check_signature(
    token: &CompactToken<'_>,
    key: &VerifyingKey,
    algorithm: Algorithm,
    buffer: &mut Vec<u8>,
) -> Result<(), Error> {
    let signature = token.decode_signature(buffer)?;
    if key.verify(algorithm, token.signing_input(), signature) {
        Ok(())
    } else {
        Err(Error::TokenSignature)
    }
}

pub(crate) fn read_claims<'b>(token: &CompactToken<'_>, buffer: &'b mut Vec<u8>) -> Result<Claims<'b>, Error> {
    Ok(Claims::parse(token.decode_payload(buffer)?)?)
}

pub(crate) fn check_types(claims: &Claims<'_>) -> Result<(), Error> {
    claims
        .ill_typed()
        .map_or(Ok(()), |claim| Err(Error::TokenClaim { claim }))
}

/// Other issuers may give the names of Entra's claims other types.
pub(crate) fn check_types_of_entra(claims: &Claims<'_>, policy: &Policy) -> Result<(), Error> {
    match claims.ill_typed_entra() {
        Some(claim) if policy.issuer.is_entra() => Err(Error::TokenClaim { claim }),
        _ => Ok(()),
    }
}

/// The issuer of the authority's metadata, where the policy depends on it and it is known.
pub(crate) fn discovered_issuer(policy: &Policy, keys: &impl Keys) -> Option<Arc<str>> {
    if policy.issuer.needs_discovery() {
        keys.discovered_issuer()
    } else {
        None
    }
}

/// What makes a token of Entra an access token.
pub(crate) fn check_use(claims: &Claims<'_>, policy: &Policy) -> Result<(), Error> {
    if !policy.issuer.is_entra() {
        return Ok(());
    }
    // All recorded access tokens name their client, no recorded id token does.
    if claims.appid == Claim::Absent && claims.azp == Claim::Absent {
        return Err(Error::TokenUse(UseProblem::NoClient));
    }
    // An app-only token carries no delegated permission; one that does was made to confuse.
    if claims.idtyp.present().is_some_and(|idtyp| idtyp == "app") && claims.scp != Claim::Absent {
        return Err(Error::TokenClaim { claim: "idtyp" });
    }
    Ok(())
}

/// A key that says whose tokens it is for is for no others. The sets of `common` hold keys for every organization,
/// whose `issuer` is a template, and keys for personal accounts only.
pub(crate) fn check_key_issuer(key: &VerifyingKey, claims: &Claims<'_>) -> Result<(), Error> {
    let Some(of_key) = key.issuer() else { return Ok(()) };
    let tid = claims.tid.present().map_or("", |tid| tid);
    let is_of_key = claims
        .iss
        .present()
        .is_some_and(|iss| *iss == of_key.replace("{tenantid}", tid));
    if is_of_key {
        Ok(())
    } else {
        Err(Error::TokenIssuer(IssuerProblem::OfKey))
    }
}

/// `exp` is the first moment at which a token is refused (RFC 7519, section 4.1.4).
pub(crate) fn check_expiry(claims: &Claims<'_>, policy: &Policy, now: NumericDate) -> Result<(), Error> {
    let exp = claims.exp.present().ok_or(Error::TokenExpired { missing: true })?;
    if now >= exp + policy.clock_tolerance {
        return Err(Error::TokenExpired { missing: false });
    }
    Ok(())
}

/// `nbf` is the first moment at which a token is not refused (RFC 7519, section 4.1.5).
pub(crate) fn check_not_before(claims: &Claims<'_>, policy: &Policy, now: NumericDate) -> Result<(), Error> {
    let is_early = |nbf: &NumericDate| now + policy.clock_tolerance < *nbf;
    if claims.nbf.present().is_some_and(is_early) {
        return Err(Error::TokenNotActive);
    }
    Ok(())
}

pub(crate) fn check_audience(claims: &Claims<'_>, policy: &Policy) -> Result<(), Error> {
    let is_v1 = policy.issuer.is_entra() && version(claims) == Some(Version::V1);
    let audience = claims.aud.present().ok_or(Error::TokenAudience)?;
    if audience.iter().any(|audience| policy.audiences.accept(audience, is_v1)) {
        Ok(())
    } else {
        Err(Error::TokenAudience)
    }
}

/// Static keys: there is nothing to wait for.
impl Keys for KeySet {
    fn look_up(&self, reference: &KeyReference<'_>, algorithm: Algorithm, _: Option<Version>) -> KeyLookup {
        match self.find(reference, algorithm) {
            KeyMatch::Found(key) => KeyLookup::Found(key),
            KeyMatch::Unfit => KeyLookup::Rejected(Error::TokenKeyUnknown(KeyUnknown::Unfit)),
            KeyMatch::NotFound => KeyLookup::Rejected(Error::TokenKeyUnknown(KeyUnknown::NotFound)),
        }
    }
}
