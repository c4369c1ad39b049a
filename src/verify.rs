//! The one pipeline: token × policy × keys × now -> verdict, in the order of ARCHITECTURE.md, section "What is
//! verified".

use std::sync::Arc;

use crate::algorithm::Algorithm;
use crate::error::{Error, IssuerProblem, KeyUnknown, UseProblem};
use crate::keys::{Access, KeySet, Lookup, VerifyingKey};
use crate::policy::{Policy, Version, version};
use crate::token::{Claim, Claims, CompactToken, Header, KeyReference, NumericDate, Scratch};

/// Where the pipeline gets a token's key from.
pub trait Keys {
    /// The key that a token names, if it fits the token's algorithm. `version` is the token's own, where it was
    /// [asked](Keys::are_by_version) for.
    fn access(&self, reference: &KeyReference<'_>, algorithm: Algorithm, version: Option<Version>) -> Access;

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
pub struct Verified<'s> {
    /// Its claims.
    pub claims: Claims<'s>,
    /// The key that signed it.
    pub key: Arc<VerifyingKey>,
}

/// Why there is no verdict, or a bad one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Stop {
    /// The key is being fetched; ask again when that has ended.
    Wait,
    /// The token must not pass.
    Refused(Error),
}

impl<E: Into<Error>> From<E> for Stop {
    fn from(error: E) -> Self {
        Self::Refused(error.into())
    }
}

/// Judges a token.
///
/// `now` is in seconds since 1970. `scratch` is reused from token to token.
///
/// # Errors
///
/// [`Stop::Refused`] with the first rule that the token breaks, or [`Stop::Wait`].
pub fn verify<'s>(
    token: &[u8],
    policy: &Policy,
    keys: &impl Keys,
    now: NumericDate,
    scratch: &'s mut Scratch,
) -> Result<Verified<'s>, Stop> {
    if token.is_empty() {
        return Err(Error::TokenMissing.into());
    }
    let compact = CompactToken::parse(token, policy.max_token_length)?;
    let header = Header::parse(compact.decode_header(&mut scratch.header)?)?;
    let (algorithm, reference) = judge_header(&header, policy)?;

    // A hint, to choose between two honest sets of keys; it is judged with the other claims, after the signature.
    let version = if keys.are_by_version() {
        peek_version(&compact, &mut scratch.payload)
    } else {
        None
    };
    let key = match keys.access(reference, algorithm, version) {
        Access::Key(key) => key,
        Access::Wait => return Err(Stop::Wait),
        Access::Refused(error) => return Err(error.into()),
    };
    judge_key(&key, policy)?;

    let signature = compact.decode_signature(&mut scratch.signature)?;
    if !key.verify(algorithm, compact.signing_input(), signature) {
        return Err(Error::TokenSignature.into());
    }

    let claims = Claims::parse(compact.decode_payload(&mut scratch.payload)?)?;
    if let Some(claim) = claims.ill_typed() {
        return Err(Error::TokenClaim { claim }.into());
    }
    judge_time(&claims, policy.clock_tolerance, now)?;
    judge_issuer(&claims, policy, keys)?;
    judge_key_issuer(&key, &claims)?;
    judge_audience(&claims, policy)?;
    policy.callers.judge(&claims)?;
    Ok(Verified { claims, key })
}

fn peek_version(token: &CompactToken<'_>, buffer: &mut Vec<u8>) -> Option<Version> {
    version(&Claims::parse(token.decode_payload(buffer).ok()?).ok()?)
}

fn judge_header<'h>(header: &'h Header<'_>, policy: &Policy) -> Result<(Algorithm, &'h KeyReference<'h>), Error> {
    let algorithm = header
        .algorithm
        .filter(|&algorithm| policy.algorithms.contains(algorithm))
        .ok_or(Error::TokenAlgorithm)?;
    if !header.typ_is_access_token {
        return Err(Error::TokenUse(UseProblem::Typ));
    }
    if header.has_nonce && policy.issuer.is_entra() {
        return Err(Error::TokenGraph);
    }
    let reference = header
        .key
        .as_ref()
        .ok_or(Error::TokenKeyUnknown(KeyUnknown::NotNamed))?;
    Ok((algorithm, reference))
}

/// The key sets of the public and the US Government cloud hold keys of each other; each says whose it is.
fn judge_key(key: &VerifyingKey, policy: &Policy) -> Result<(), Error> {
    match (key.cloud_instance_name(), policy.issuer.cloud_instance_name()) {
        (Some(of_key), Some(of_policy)) if of_key != of_policy => Err(Error::TokenKeyUnknown(KeyUnknown::OtherCloud)),
        _ => Ok(()),
    }
}

/// Issuer, tenant and, for Entra, what makes a token an access token.
fn judge_issuer(claims: &Claims<'_>, policy: &Policy, keys: &impl Keys) -> Result<(), Error> {
    if !policy.issuer.is_entra() {
        return policy.issuer.judge(claims, keys.discovered_issuer().as_deref());
    }
    if let Some(claim) = claims.ill_typed_entra() {
        return Err(Error::TokenClaim { claim });
    }
    let discovered = if policy.issuer.needs_discovery() {
        keys.discovered_issuer()
    } else {
        None
    };
    policy.issuer.judge(claims, discovered.as_deref())?;
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
fn judge_key_issuer(key: &VerifyingKey, claims: &Claims<'_>) -> Result<(), Error> {
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

/// `exp` is the first moment at which a token is refused, `nbf` the first at which it is not (RFC 7519,
/// sections 4.1.4 and 4.1.5).
fn judge_time(claims: &Claims<'_>, tolerance: NumericDate, now: NumericDate) -> Result<(), Error> {
    let exp = claims.exp.present().ok_or(Error::TokenExpired { missing: true })?;
    if now >= exp + tolerance {
        return Err(Error::TokenExpired { missing: false });
    }
    if claims.nbf.present().is_some_and(|nbf| now + tolerance < *nbf) {
        return Err(Error::TokenNotActive);
    }
    Ok(())
}

fn judge_audience(claims: &Claims<'_>, policy: &Policy) -> Result<(), Error> {
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
    fn access(&self, reference: &KeyReference<'_>, algorithm: Algorithm, _: Option<Version>) -> Access {
        match self.find(reference, algorithm) {
            Lookup::Found(key) => Access::Key(key),
            Lookup::Unfit => Access::Refused(Error::TokenKeyUnknown(KeyUnknown::Unfit)),
            Lookup::NotFound => Access::Refused(Error::TokenKeyUnknown(KeyUnknown::NotFound)),
        }
    }
}
