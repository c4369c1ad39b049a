//! A JWK Set document (RFC 7517, section 5) -> its usable keys.

use serde_json::Value;

use super::{Skipped, VerifyingKey};

/// Entries of the largest set that is read. Entra publishes three to eight.
const MAX_KEYS: usize = 100;

/// The usable keys of one document, and why the others are not used.
#[derive(Debug)]
pub struct JwkSet {
    /// Keys that verify.
    pub keys: Vec<VerifyingKey>,
    /// Entries that were skipped.
    pub skipped: Vec<Skipped>,
}

/// Why a document is not a usable key set.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum JwkSetError {
    /// Not JSON.
    #[error("the answer is not JSON")]
    NotJson,
    /// No array `keys`.
    #[error("the answer has no array \"keys\"")]
    NotASet,
    /// More entries than an issuer needs.
    #[error("the answer has {found} keys, more than {MAX_KEYS}")]
    TooMany {
        /// How many.
        found: usize,
    },
    /// None of the keys can be used.
    #[error("none of the {found} keys in the answer can be used")]
    NoUsableKey {
        /// How many entries there are.
        found: usize,
    },
}

impl JwkSet {
    /// Reads a document. Entries that cannot be used are skipped, so that one bad key does not take the others
    /// with it.
    ///
    /// # Errors
    ///
    /// Not a key set, or one without a usable key.
    pub fn parse(text: &[u8]) -> Result<Self, JwkSetError> {
        let document: Value = serde_json::from_slice(text).map_err(|_| JwkSetError::NotJson)?;
        let entries = document
            .get("keys")
            .and_then(Value::as_array)
            .ok_or(JwkSetError::NotASet)?;
        if entries.len() > MAX_KEYS {
            return Err(JwkSetError::TooMany { found: entries.len() });
        }
        let mut set = Self {
            keys: Vec::with_capacity(entries.len()),
            skipped: Vec::new(),
        };
        for entry in entries {
            match VerifyingKey::from_jwk(entry) {
                Ok(key) => set.keys.push(key),
                Err(reason) => set.skipped.push(reason),
            }
        }
        if set.keys.is_empty() {
            return Err(JwkSetError::NoUsableKey { found: entries.len() });
        }
        Ok(set)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn refuses_documents_that_are_no_key_set() {
        for (text, error) in [
            ("", JwkSetError::NotJson),
            ("<html>", JwkSetError::NotJson),
            ("{\"keys\":[", JwkSetError::NotJson),
            ("{}", JwkSetError::NotASet),
            ("[]", JwkSetError::NotASet),
            ("{\"keys\":null}", JwkSetError::NotASet),
            ("{\"keys\":{}}", JwkSetError::NotASet),
            ("{\"keys\":[]}", JwkSetError::NoUsableKey { found: 0 }),
            ("{\"keys\":[null,1]}", JwkSetError::NoUsableKey { found: 2 }),
        ] {
            assert_eq!(JwkSet::parse(text.as_bytes()).unwrap_err(), error, "{text}");
        }
        let many = format!("{{\"keys\":[{}]}}", vec!["{}"; MAX_KEYS + 1].join(","));
        assert_eq!(
            JwkSet::parse(many.as_bytes()).unwrap_err(),
            JwkSetError::TooMany { found: MAX_KEYS + 1 }
        );
    }
}
