//! The key that a token names: it exists, fits the algorithm, and belongs to the policy's cloud.

use std::sync::Arc;

use super::version;
use crate::algorithm::Algorithm;
use crate::error::{Error, KeyUnknown, VerifyError};
use crate::keys::{KeyLookup, KeyMatch, KeySet, VerifyingKey};
use crate::policy::{Policy, Version};
use crate::token::{Claims, CompactToken, Header, KeyReference};

/// Where a token's key comes from: a [`KeySet`], or sources that fetch.
pub trait Keys {
    /// Looks up the key that a token names and that fits the token's algorithm. `version` is the version that the
    /// token claims to have, where the keys are [by version](Keys::are_by_version).
    fn look_up(&self, reference: &KeyReference<'_>, algorithm: Algorithm, version: Option<Version>) -> KeyLookup;

    /// Whether v1 and v2 tokens take their keys from different sets.
    fn are_by_version(&self) -> bool {
        false
    }

    /// The issuer in the authority's metadata, once it has been read.
    fn discovered_issuer(&self) -> Option<Arc<str>> {
        None
    }
}

/// Static keys are never fetched, so no lookup is pending.
impl Keys for KeySet {
    fn look_up(&self, reference: &KeyReference<'_>, algorithm: Algorithm, _: Option<Version>) -> KeyLookup {
        match self.find(reference, algorithm) {
            KeyMatch::Found(key) => KeyLookup::Found(key),
            KeyMatch::Unfit => KeyLookup::Rejected(Error::TokenKeyUnknown(KeyUnknown::Unfit)),
            KeyMatch::NotFound => KeyLookup::Rejected(Error::TokenKeyUnknown(KeyUnknown::NotFound)),
            KeyMatch::Ambiguous => KeyLookup::Rejected(Error::TokenKeyUnknown(KeyUnknown::NotNamed)),
        }
    }
}

/// The key that the token names, if it may verify tokens of this policy.
pub(crate) fn find_key(
    token: &CompactToken<'_>,
    header: &Header<'_>,
    algorithm: Algorithm,
    policy: &Policy,
    keys: &impl Keys,
    buffer: &mut Vec<u8>,
) -> Result<Arc<VerifyingKey>, VerifyError> {
    let reference = match &header.key {
        Some(reference) => reference,
        // Entra's tokens name their key. Of another issuer's it is the one that fits, if there is exactly one.
        None if !policy.issuer.is_entra() => &KeyReference::Unnamed,
        None => return Err(VerifyError::Rejected(Error::TokenKeyUnknown(KeyUnknown::NotNamed))),
    };
    // Not verified yet: it only chooses between two key sets that are both the authority's. It is checked with the
    // other claims, after the signature.
    let version = if keys.are_by_version() {
        peek_version(token, buffer)
    } else {
        None
    };
    match keys.look_up(reference, algorithm, version) {
        KeyLookup::Found(key) => {
            check_cloud(&key, policy)?;
            Ok(key)
        }
        KeyLookup::Pending => Err(VerifyError::KeysPending),
        KeyLookup::Rejected(error) => Err(VerifyError::Rejected(error)),
    }
}

/// The issuer is read from the authority's metadata after the key was looked up. Where the metadata named another issuer in between,
/// the keys of the former one were retired, and must not vouch for tokens of the new one.
pub(crate) fn check_key_is_current(key: &VerifyingKey, discovered: Option<&str>) -> Result<(), Error> {
    if discovered.is_some() && key.is_retired() {
        return Err(Error::TokenKeyUnknown(KeyUnknown::NotFound));
    }
    Ok(())
}

fn peek_version(token: &CompactToken<'_>, buffer: &mut Vec<u8>) -> Option<Version> {
    version(&Claims::parse(token.decode_payload(buffer).ok()?).ok()?)
}

/// The key sets of the public and the US Government cloud hold keys of each other; `cloud_instance_name` tells them
/// apart.
fn check_cloud(key: &VerifyingKey, policy: &Policy) -> Result<(), Error> {
    match key.cloud_instance_name() {
        Some(of_key) if !policy.issuer.may_have_key_of(of_key) => Err(Error::TokenKeyUnknown(KeyUnknown::OtherCloud)),
        _ => Ok(()),
    }
}
