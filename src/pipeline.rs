//! The order of the rules, and nothing else. `ARCHITECTURE.md`, "What is verified", explains the order.

use std::sync::Arc;

use crate::error::VerifyError;
use crate::keys::VerifyingKey;
use crate::policy::Policy;
use crate::rules::{
    Keys, check_algorithm, check_audience, check_bound_token, check_client, check_entra_types, check_expiry,
    check_form, check_issuer, check_key_is_current, check_key_issuer, check_nonce, check_not_before,
    check_registered_types, check_roles, check_scopes, check_signature, check_tenant, check_token_use, check_typ,
    discovered_issuer, find_key, read_claims, read_header,
};
use crate::time::UnixTime;
use crate::token::{Claims, Scratch};

/// The claims of a valid token, and the key that signed it.
#[derive(Debug)]
#[non_exhaustive]
pub struct VerifiedClaims<'s> {
    /// The claims.
    pub claims: Claims<'s>,
    /// The key.
    pub key: Arc<VerifyingKey>,
}

/// Verifies a token: every rule, in order, up to the first that the token breaks.
///
/// `scratch` is reused from token to token.
///
/// # Errors
///
/// [`VerifyError::Rejected`] with the first rule that the token breaks; [`VerifyError::KeysPending`] while its key is
/// being fetched.
pub fn verify<'s>(
    token: &[u8],
    policy: &Policy,
    keys: &impl Keys,
    now: UnixTime,
    scratch: &'s mut Scratch,
) -> Result<VerifiedClaims<'s>, VerifyError> {
    let compact = check_form(token, policy)?;
    let header = read_header(&compact, &mut scratch.header)?;
    let algorithm = check_algorithm(header, policy)?;
    check_typ(header)?;
    check_nonce(header, policy)?;
    let key = find_key(&compact, header, algorithm, policy, keys, &mut scratch.payload)?;
    // The signature comes before the claims: nothing beyond the header is interpreted unverified.
    check_signature(&compact, &key, algorithm, &mut scratch.signature)?;

    let claims = read_claims(&compact, &mut scratch.payload)?;
    check_registered_types(&claims)?;
    check_expiry(&claims, policy, now)?;
    check_not_before(&claims, policy, now)?;
    let discovered = discovered_issuer(policy, keys);
    check_key_is_current(&key, discovered.as_deref())?;
    let kind = policy.issuer.kind(discovered.as_deref());
    check_entra_types(&claims, kind)?;
    // Issuer and tenant come before the audience: a token from another tenant is reported as such.
    let segment = check_issuer(&claims, &policy.issuer, discovered.as_deref())?;
    check_tenant(&claims, &policy.issuer, segment, discovered.as_deref())?;
    check_token_use(&claims, kind)?;
    check_bound_token(&claims, policy)?;
    check_key_issuer(&key, &claims, &policy.issuer)?;
    check_audience(&claims, policy, kind)?;
    check_client(&claims, &policy.callers, kind)?;
    check_roles(&claims, &policy.callers)?;
    check_scopes(&claims, &policy.callers, kind)?;
    Ok(VerifiedClaims { claims, key })
}
