//! One authority of a verifier: what is acceptable of it, and its keys.

use std::cell::RefCell;
use std::sync::Arc;
use std::time::Duration;

#[cfg(feature = "fetch")]
use super::ByVersion;
use super::Tickets;
use crate::algorithm::Algorithm;
#[cfg(feature = "fetch")]
use crate::error::Error;
use crate::keys::{InitialKeys, KeyLookup, KeySet};
#[cfg(feature = "fetch")]
use crate::keys::{JwkSet, KeySource};
use crate::policy::{IssuerMatch, Policy, Version};
use crate::rules::{Keys, discovered_issuer};
use crate::token::KeyReference;

/// Whose tokens are accepted, for whom and from whom, and what they are signed with.
#[derive(Debug)]
pub(super) struct Authority {
    pub(super) policy: Policy,
    pub(super) keys: AuthorityKeys,
    /// The position of its first source among all of the verifier.
    pub(super) first_source: u32,
}

/// Where the keys of an authority come from.
#[derive(Debug)]
pub(super) enum AuthorityKeys {
    Static(KeySet),
    #[cfg(feature = "fetch")]
    Fetched(ByVersion<Arc<KeySource>>),
}

impl Authority {
    pub(super) const fn new(policy: Policy, keys: AuthorityKeys) -> Self {
        Self {
            policy,
            keys,
            first_source: 0,
        }
    }

    /// The authority's keys, for one request. Without tickets only those that are cached: nothing is fetched.
    pub(super) fn keys_for<'k>(&'k self, tickets: impl Into<Option<&'k RefCell<Tickets>>>) -> RequestKeys<'k> {
        RequestKeys {
            authority: self,
            tickets: tickets.into(),
        }
    }

    /// Whether a token that names this issuer is this authority's to judge.
    pub(super) fn matches(&self, iss: &str) -> IssuerMatch {
        let tickets = RefCell::default();
        let discovered = discovered_issuer(&self.policy, &self.keys_for(&tickets));
        match self.policy.issuer.matches(iss, discovered.as_deref()) {
            // Entra's issuers were told apart by their form; metadata names the v2 issuer alone, and v1 tokens are waited for too.
            IssuerMatch::Unknown if !self.policy.issuer.is_entra() && !self.keys.may_be_of(iss) => IssuerMatch::Other,
            found => found,
        }
    }
}

impl AuthorityKeys {
    #[cfg(feature = "fetch")]
    pub(super) fn sources(&self) -> impl Iterator<Item = &Arc<KeySource>> {
        let sources = match self {
            Self::Static(_) => None,
            Self::Fetched(sources) => Some(sources),
        };
        sources.into_iter().flat_map(ByVersion::iter)
    }

    /// How many sources there are.
    pub(super) fn sources_count(&self) -> u32 {
        match self {
            Self::Static(_) => 0,
            #[cfg(feature = "fetch")]
            Self::Fetched(sources) => 1 + u32::from(sources.is_by_version()),
        }
    }

    /// Whether both have the same keys, now and later.
    pub(super) fn are_those_of(&self, other: &Self) -> bool {
        match (self, other) {
            #[cfg(feature = "fetch")]
            (Self::Fetched(one), Self::Fetched(other)) => one.iter().map(Arc::as_ptr).eq(other.iter().map(Arc::as_ptr)),
            (one, other) => std::ptr::eq(one, other),
        }
    }

    /// Whether the application gives them, with `update`.
    pub(super) fn are_given(&self) -> bool {
        match self {
            Self::Static(_) => false,
            #[cfg(feature = "fetch")]
            Self::Fetched(sources) => sources.iter().all(|source| source.is_given()),
        }
    }

    /// Refreshes keys that are due.
    pub(super) fn tick(&self) {
        match self {
            Self::Static(_) => {}
            #[cfg(feature = "fetch")]
            Self::Fetched(sources) => sources.iter().for_each(KeySource::tick),
        }
    }

    /// Whether the metadata, which has not been read, may name this issuer.
    #[cfg_attr(
        not(feature = "fetch"),
        allow(unused_variables, reason = "static keys need no metadata")
    )]
    fn may_be_of(&self, issuer: &str) -> bool {
        match self {
            Self::Static(_) => false,
            #[cfg(feature = "fetch")]
            Self::Fetched(sources) => sources.get(None).1.may_be_of(issuer),
        }
    }
}

impl AuthorityKeys {
    /// The cached keys as a JWK Set. Its member `issuer` is that of the authority's metadata, if that is fetched.
    pub(super) fn export(&self) -> serde_json::Value {
        match self {
            Self::Static(keys) => InitialKeys::export(keys.ages(Duration::ZERO).map(|(key, _)| key), None),
            #[cfg(feature = "fetch")]
            Self::Fetched(sources) => {
                let mut all = Vec::new();
                let mut of_authority = None;
                // First those of v2 tokens, which say whose each key is.
                for source in sources.iter() {
                    source.with_keys(|keys, issuer| {
                        for (key, _) in keys.ages(Duration::ZERO) {
                            let jwk = key.to_jwk();
                            let is_same = |other: &serde_json::Value| {
                                ["kid", "x5t", "kty", "crv", "n", "x"]
                                    .iter()
                                    .all(|name| other[name] == jwk[name])
                            };
                            if !all.iter().any(is_same) {
                                all.push(jwk);
                            }
                        }
                        of_authority = of_authority.take().or_else(|| issuer.map(str::to_owned));
                    });
                }
                let mut document = InitialKeys::export(std::iter::empty(), of_authority.as_deref());
                document["keys"] = all.into();
                document
            }
        }
    }

    /// Merges a key set that the application fetched.
    #[cfg(feature = "fetch")]
    pub(super) fn update(&self, set: JwkSet) -> Result<(), Error> {
        let Self::Fetched(sources) = self else {
            return Err(Error::config(
                "updateKeys",
                "the keys of the option jwks are fixed; without it, jwksUri: false leaves all keys to updateKeys",
            ));
        };
        if !sources.is_by_version() {
            return sources.get(None).1.merge(set);
        }
        let (v2, v1) = set.by_issuer();
        for (version, set) in [(Version::V1, v1), (Version::V2, v2)] {
            if !set.keys.is_empty() {
                sources.get(Some(version)).1.merge(set)?;
            }
        }
        Ok(())
    }
}

/// The keys of an authority, for one request. Keeps the tickets that the request arrived with; `None` fetches nothing.
pub(super) struct RequestKeys<'k> {
    authority: &'k Authority,
    #[cfg_attr(
        not(feature = "fetch"),
        allow(dead_code, reason = "static keys are never waited for")
    )]
    tickets: Option<&'k RefCell<Tickets>>,
}

impl Keys for RequestKeys<'_> {
    fn look_up(&self, reference: &KeyReference<'_>, algorithm: Algorithm, version: Option<Version>) -> KeyLookup {
        match &self.authority.keys {
            AuthorityKeys::Static(keys) => keys.look_up(reference, algorithm, version),
            #[cfg(feature = "fetch")]
            AuthorityKeys::Fetched(sources) => {
                let (position, source) = sources.get(version);
                let Some(tickets) = self.tickets else {
                    return source.with_keys(|keys, _| keys.look_up(reference, algorithm, version));
                };
                let position = self.authority.first_source + position;
                let mut tickets = tickets.borrow_mut();
                let (lookup, ticket) = source.look_up(reference, algorithm, tickets.of(position));
                tickets.keep(position, ticket);
                lookup
            }
        }
    }

    fn are_by_version(&self) -> bool {
        match &self.authority.keys {
            AuthorityKeys::Static(_) => false,
            #[cfg(feature = "fetch")]
            AuthorityKeys::Fetched(sources) => sources.is_by_version(),
        }
    }

    fn discovered_issuer(&self) -> Option<Arc<str>> {
        match &self.authority.keys {
            AuthorityKeys::Static(_) => None,
            #[cfg(feature = "fetch")]
            AuthorityKeys::Fetched(sources) => sources.get(None).1.discovered_issuer(),
        }
    }
}
