//! A JWK Set document (RFC 7517, section 5) -> its usable keys.

use serde_json::Value;

use super::{Skipped, VerifyingKey, without_byte_order_mark};

/// Maximum number of entries. Entra publishes three to eight.
const MAX_KEYS: usize = 100;

/// The usable keys of one document, and why the others were skipped.
#[derive(Debug)]
pub struct JwkSet {
    /// Usable keys.
    pub keys: Vec<VerifyingKey>,
    /// Entries that were skipped.
    pub skipped: Vec<Skipped>,
}

/// Why a document is not a usable key set.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum JwkSetError {
    /// Not JSON.
    #[error("the key set is not JSON")]
    NotJson,
    /// No array `keys`.
    #[error("the key set has no array \"keys\"")]
    NotASet,
    /// More entries than an issuer needs.
    #[error("the key set has {found} keys, more than {MAX_KEYS}")]
    TooMany {
        /// How many.
        found: usize,
    },
    /// None of the keys can be used.
    #[error("none of the {found} keys in the key set can be used{}", reasons(.skipped))]
    NoUsableKey {
        /// How many entries there are.
        found: usize,
        /// Why they are not used, each reason once.
        skipped: Vec<Skipped>,
    },
}

impl JwkSet {
    /// Maximum size of a document in bytes. Entra's have about 10 000.
    pub const MAX_BYTES: usize = 262_144;

    /// Reads a document. Entries that cannot be used are skipped, so that one bad key does not take the others
    /// with it.
    ///
    /// # Errors
    ///
    /// Not a key set, or one without a usable key.
    pub fn parse(text: &[u8]) -> Result<Self, JwkSetError> {
        let text = without_byte_order_mark(text);
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
            let mut skipped = set.skipped;
            skipped.sort();
            skipped.dedup();
            return Err(JwkSetError::NoUsableKey {
                found: entries.len(),
                skipped,
            });
        }
        Ok(set)
    }

    /// The entries with an `issuer`, and the others. If v1 and v2 tokens have separate keys, those of v2 tokens have
    /// one; a key without it must never verify a v2 token there, because it is unknown whose tokens it may sign.
    #[cfg(feature = "fetch")]
    pub(crate) fn by_issuer(self) -> (Self, Self) {
        let (with_issuer, others) = self.keys.into_iter().partition(|key| key.issuer().is_some());
        let set = |keys| Self {
            keys,
            skipped: Vec::new(),
        };
        (set(with_issuer), set(others))
    }
}

fn reasons(skipped: &[Skipped]) -> String {
    let reasons: Vec<_> = skipped.iter().map(ToString::to_string).collect();
    if reasons.is_empty() {
        String::new()
    } else {
        format!(" ({})", reasons.join("; "))
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
            (
                "{\"keys\":[]}",
                JwkSetError::NoUsableKey {
                    found: 0,
                    skipped: vec![],
                },
            ),
            (
                "{\"keys\":[null,{\"k\":\"AA\"},1]}",
                JwkSetError::NoUsableKey {
                    found: 3,
                    skipped: vec![Skipped::NotAJwk, Skipped::Secret],
                },
            ),
        ] {
            assert_eq!(JwkSet::parse(text.as_bytes()).unwrap_err(), error, "{text}");
            let marked = format!("\u{feff}{text}");
            assert_eq!(
                JwkSet::parse(marked.as_bytes()).unwrap_err(),
                error,
                "{text} after a mark"
            );
        }
        let many = format!("{{\"keys\":[{}]}}", vec!["{}"; MAX_KEYS + 1].join(","));
        assert_eq!(
            JwkSet::parse(many.as_bytes()).unwrap_err(),
            JwkSetError::TooMany { found: MAX_KEYS + 1 }
        );
    }
}
