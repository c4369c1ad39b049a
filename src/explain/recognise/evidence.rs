//! What a token says beyond the claims that are checked. Nothing of it decides anything, and no value is shown but
//! identifiers of applications and names of policies.

use serde_json::{Map, Value};

/// Header and claims, as far as they can be read.
#[derive(Debug, Default)]
pub(super) struct Evidence {
    header: Map<String, Value>,
    claims: Map<String, Value>,
}

impl Evidence {
    /// Reads a token, also one without a signature. What is not a JSON object says nothing.
    pub(super) fn of(token: &[u8]) -> Self {
        let mut segments = token.split(|&byte| byte == b'.').map(segment);
        Self {
            header: segments.next().unwrap_or_default(),
            claims: segments.next().unwrap_or_default(),
        }
    }

    /// A member of the header that is a string.
    pub(super) fn header(&self, name: &str) -> Option<&str> {
        self.header.get(name)?.as_str()
    }

    /// A claim that is a string.
    pub(super) fn text(&self, name: &str) -> Option<&str> {
        self.claims.get(name)?.as_str()
    }

    /// Whether there is a claim, of whatever type.
    pub(super) fn has(&self, name: &str) -> bool {
        self.claims.contains_key(name)
    }

    /// Whether there is one of these claims.
    pub(super) fn has_any(&self, names: &[&str]) -> bool {
        names.iter().any(|name| self.has(name))
    }

    /// A claim that is a list of strings; other elements are left out.
    pub(super) fn list<'e>(&'e self, name: &str) -> impl Iterator<Item = &'e str> {
        let values = self.claims.get(name).and_then(Value::as_array);
        values.into_iter().flatten().filter_map(Value::as_str)
    }

    /// A member of a claim that is an object.
    pub(super) fn member(&self, name: &str, member: &str) -> Option<&Value> {
        self.claims.get(name)?.get(member)
    }

    /// Whether claims could be read.
    pub(super) fn has_claims(&self) -> bool {
        !self.claims.is_empty()
    }
}

/// The JSON object that a segment encodes.
pub(super) fn segment(text: &[u8]) -> Map<String, Value> {
    let bytes = base64_simd::URL_SAFE_NO_PAD.decode_to_vec(text).unwrap_or_default();
    object(std::str::from_utf8(&bytes).unwrap_or_default())
}

/// A JSON object; an empty one for anything else, or one that `serde_json` finds too deep.
pub(super) fn object(text: &str) -> Map<String, Value> {
    serde_json::from_str(text).unwrap_or_default()
}
