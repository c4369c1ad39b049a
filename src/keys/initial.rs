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

#[cfg(test)]
mod tests {
    use url::Url;

    use super::super::{Discovery, MetadataAuthority};
    use super::*;

    /// RFC 7517, appendix A.1, and the same point with an issuer.
    fn document(issuer: Option<&str>) -> Value {
        let (x, y) = (
            "MKBCTNIcKUSDii11ySs3526iDZ8AiTo7Tu6KPAqv7D4",
            "4Etl6SRW2YiLUrN5vfvVHuhp7x8PxltmWWlbbM4IFyM",
        );
        let key = |kid: &str| json!({ "kty": "EC", "crv": "P-256", "use": "sig", "kid": kid, "x": x, "y": y });
        let mut with_issuer = key("b");
        with_issuer["issuer"] = json!("https://issuer.example");
        let mut document = json!({ "keys": [key("a"), with_issuer] });
        if let Some(issuer) = issuer {
            document["issuer"] = json!(issuer);
        }
        document
    }

    fn initial(issuer: Option<&str>) -> InitialKeys {
        InitialKeys::parse(&document(issuer).to_string()).unwrap()
    }

    #[test]
    fn where_the_issuer_is_discovered_it_has_to_be_one_that_the_metadata_could_name() {
        let asked = Url::parse("https://a.example/t").unwrap();
        let discovery = KeyLocation::Discovery(Discovery {
            metadata: asked.clone(),
            authority: MetadataAuthority::Oidc {
                asked: asked.clone(),
                issuer: None,
            },
            keys: None,
            app_id: None,
        });
        let either = KeyLocation::EitherJwkSet {
            first: asked.clone(),
            second: asked.clone(),
        };
        for (issuer, is_for) in [
            (Some("https://a.example/t"), true),
            (Some("https://b.example/t"), false),
            (None, false),
        ] {
            let keys = initial(issuer);
            assert_eq!(keys.is_for(&discovery), is_for, "{issuer:?}");
            for other in [&KeyLocation::JwkSet(asked.clone()), &either, &KeyLocation::Given] {
                assert!(keys.is_for(other), "{issuer:?} {other:?}");
            }
        }
    }

    #[cfg(feature = "fetch")]
    #[test]
    fn only_entries_that_name_their_issuer_are_left_where_others_would_count_for_all() {
        let kids = |keys: &InitialKeys| -> Option<Vec<_>> {
            let set = keys.keys()?;
            Some(set.keys.iter().map(|key| key.kid().unwrap().to_owned()).collect())
        };
        let keys = initial(Some("https://issuer.example"));
        assert_eq!(keys.issuer(), Some("https://issuer.example"));
        assert_eq!(initial(None).issuer(), None);
        assert_eq!(kids(&keys).unwrap(), ["a", "b"]);
        assert_eq!(kids(&keys.only_with_issuer()).unwrap(), ["b"]);
        let mut unnamed = document(None);
        unnamed["keys"].as_array_mut().unwrap().truncate(1);
        let unnamed = InitialKeys::parse(&unnamed.to_string()).unwrap();
        assert_eq!(kids(&unnamed.only_with_issuer()), None);
    }

    #[test]
    fn what_is_exported_is_read_again() {
        for issuer in [None, Some("https://issuer.example")] {
            let document = document(issuer);
            let set = JwkSet::parse(document.to_string().as_bytes()).unwrap();
            assert_eq!(InitialKeys::export(set.keys.iter(), issuer), document);
        }
    }
}
