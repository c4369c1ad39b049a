//! Keys to start with: what a verifier of an earlier process exported, so that a deployment survives an outage of the
//! authority at its start. They are refreshed like any others.

use serde_json::{Value, json};

use super::{JwkSet, JwkSetError, KeyLocation, VerifyingKey};

/// Keys to start with, and the issuer in the authority's metadata, if that is fetched.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct InitialKeys {
    document: String,
    issuer: Option<String>,
    /// Whether only those entries count that name their issuer.
    only_with_issuer: bool,
}

impl InitialKeys {
    /// Reads a JWK Set, JSON. Its member `issuer`, an extension of ours, is the issuer that the keys were published for.
    ///
    /// # Errors
    ///
    /// None of the keys can be used.
    pub fn parse(document: &str) -> Result<Self, JwkSetError> {
        JwkSet::parse(document.as_bytes())?;
        let members: Option<Value> = serde_json::from_str(document).ok();
        let issuer = members.and_then(|members| members.get("issuer")?.as_str().map(str::to_owned));
        Ok(Self {
            document: document.to_owned(),
            issuer,
            only_with_issuer: false,
        })
    }

    /// The same without the entries that do not name their issuer.
    #[cfg(feature = "fetch")]
    pub(crate) fn only_with_issuer(self) -> Self {
        Self {
            only_with_issuer: true,
            ..self
        }
    }

    /// Whether the keys can be used for a location: where the issuer is only known from metadata, it has to be among them and
    /// one that the metadata could name.
    #[must_use]
    pub fn is_for(&self, location: &KeyLocation) -> bool {
        match (location, &self.issuer) {
            (KeyLocation::JwkSet(_) | KeyLocation::EitherJwkSet { .. } | KeyLocation::Given, _) => true,
            (KeyLocation::Discovery(discovery), Some(issuer)) => discovery.authority.may_speak_for(issuer),
            (KeyLocation::Discovery(_), None) => false,
        }
    }

    /// The keys.
    #[cfg(feature = "fetch")]
    pub(super) fn keys(&self) -> Option<JwkSet> {
        let set = JwkSet::parse(self.document.as_bytes()).ok()?;
        let set = if self.only_with_issuer { set.by_issuer().0 } else { set };
        (!set.keys.is_empty()).then_some(set)
    }

    /// The issuer, where it is known.
    #[cfg(feature = "fetch")]
    pub(super) fn issuer(&self) -> Option<&str> {
        self.issuer.as_deref()
    }

    /// The document of these keys: a JWK Set with public keys only.
    #[must_use]
    pub fn export<'k>(keys: impl Iterator<Item = &'k VerifyingKey>, issuer: Option<&str>) -> Value {
        let mut document = json!({ "keys": keys.map(VerifyingKey::to_jwk).collect::<Vec<_>>() });
        if let Some(issuer) = issuer {
            document["issuer"] = json!(issuer);
        }
        document
    }
}
