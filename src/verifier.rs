//! The verifier: a policy, its keys, and the tokens that were already verified.

mod by_version;
mod key_locations;

pub use by_version::ByVersion;
pub use key_locations::{authority_metadata, given_keys, key_locations};

use std::cell::Cell;
use std::sync::Arc;
use std::time::Duration;

use crate::algorithm::Algorithm;
use crate::error::{Error, VerifyError};
use crate::explain::{Explanation, Question, explain};
use crate::keys::{InitialKeys, KeyLookup, KeySet, Ticket};
#[cfg(feature = "fetch")]
use crate::keys::{JwkSet, KeySource, KeySourceConfig};
use crate::pipeline::{VerifiedClaims, verify};
use crate::policy::{IssuerKind, Policy, Version};
use crate::rules::{Keys, client, discovered_issuer, is_app_only, scopes};
use crate::time::UnixTime;
use crate::token::{Claims, CompactToken, KeyReference, Scratch};
use crate::token_cache::{TokenCache, TokenId};

/// Verifies tokens by one policy, with one set of keys. Shared between threads; each thread has a [`Scratch`].
///
/// The example on the [front page](crate) shows one with static keys.
#[derive(Debug)]
pub struct Verifier {
    policy: Policy,
    keys: VerifierKeys,
    tokens: Option<TokenCache>,
}

/// Where the keys of a verifier come from.
#[derive(Debug)]
enum VerifierKeys {
    Static(KeySet),
    #[cfg(feature = "fetch")]
    Fetched(ByVersion<Arc<KeySource>>),
}

/// What [`Verifier::check`] found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// The token is valid. With the token's id, where it is cached.
    Valid(Option<TokenId>),
    /// The key is being fetched. Check the token again when the fetch has ended.
    KeysPending {
        /// What to check it again with, so that one request causes one fetch at most.
        ticket: Ticket,
        /// The source that fetches: its position in `Verifier::sources`.
        source: u32,
    },
    /// The token is not valid.
    Rejected(Error),
}

/// Who calls, as the claims of a valid token say: by one set of rules for the policy, for explanations and for whoever
/// reads the token.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Caller {
    /// The application that asked for the token.
    pub client: Option<String>,
    /// Delegated permissions, separated by spaces.
    pub scopes: String,
    /// Whether the application acts for itself.
    pub is_app_only: bool,
}

impl Caller {
    fn of(claims: &Claims<'_>, kind: IssuerKind) -> Self {
        Self {
            client: client(claims, kind).map(str::to_owned),
            scopes: scopes(claims, kind).to_owned(),
            is_app_only: is_app_only(claims, kind),
        }
    }
}

impl Verifier {
    /// Tokens that are cached by default; see [`Verifier::with_token_cache`].
    pub const DEFAULT_TOKEN_CACHE: usize = 1000;

    /// A verifier with static keys, which are never fetched.
    ///
    /// # Errors
    ///
    /// [`Error::Config`] if the policy's issuer is only known from its authority's metadata, which is not fetched
    /// either.
    pub fn new(policy: Policy, keys: KeySet) -> Result<Self, Error> {
        if policy.issuer.needs_discovery() {
            return Err(Error::config(
                "jwks",
                "with static keys nothing is fetched, and only the metadata of an authority says which issuer a domain or a \
                 policy (user flow) has: give tenantId as a GUID, or issuer",
            ));
        }
        Ok(Self::of(policy, VerifierKeys::Static(keys)))
    }

    /// A verifier that fetches its keys when a token needs one. [`key_locations`] says where they are; sources with
    /// equal configurations are shared by all verifiers of the process.
    #[cfg(feature = "fetch")]
    #[must_use]
    pub fn fetching(policy: Policy, mut sources: ByVersion<KeySourceConfig>) -> Self {
        if sources.is_by_version() {
            let of_v2_tokens = sources.default_mut();
            of_v2_tokens.initial = of_v2_tokens.initial.take().map(InitialKeys::only_with_issuer);
        }
        Self::of(policy, VerifierKeys::Fetched(sources.map(KeySource::shared)))
    }

    fn of(policy: Policy, keys: VerifierKeys) -> Self {
        Self {
            policy,
            keys,
            tokens: Some(TokenCache::new(Self::DEFAULT_TOKEN_CACHE)),
        }
    }

    /// The same verifier, which caches so many valid tokens; `None` caches none.
    #[must_use]
    pub fn with_token_cache(self, entries: Option<usize>) -> Self {
        Self {
            tokens: entries.map(TokenCache::new),
            ..self
        }
    }

    /// Verifies a token and returns its claims. The token cache is not used: it does not keep claims.
    ///
    /// `scratch` is reused from token to token.
    ///
    /// # Errors
    ///
    /// [`VerifyError::Rejected`] with the first rule that the token breaks; [`VerifyError::KeysPending`] while its key
    /// is being fetched, which static keys never are.
    pub fn verify<'s>(
        &self,
        token: &[u8],
        now: UnixTime,
        scratch: &'s mut Scratch,
    ) -> Result<VerifiedClaims<'s>, VerifyError> {
        verify(token, &self.policy, &Request::new(&self.keys, None), now, scratch)
    }

    /// Checks a token, and caches it if it is valid. A token that is cached costs a hash and a comparison.
    ///
    /// `ticket` is `None` for a request that arrives now, and comes from [`Verdict::KeysPending`] for one that waited.
    pub fn check(&self, token: &[u8], now: UnixTime, ticket: Option<Ticket>, scratch: &mut Scratch) -> Verdict {
        // A cached token does not look up its key, so that nothing else would notice that keys have grown old.
        self.keys.tick();
        if let Some(tokens) = &self.tokens
            && let Some(cached) = match ticket {
                None => tokens.recall(token, self.policy.clock_tolerance, now),
                Some(_) => tokens.recall_again(token, self.policy.clock_tolerance, now),
            }
        {
            return cached.map_or_else(Verdict::Rejected, |id| Verdict::Valid(Some(id)));
        }
        let request = Request::new(&self.keys, ticket);
        match verify(token, &self.policy, &request, now, scratch) {
            Ok(verified) => {
                let tokens = self.tokens.as_ref();
                Verdict::Valid(tokens.and_then(|tokens| tokens.remember(token, &verified)))
            }
            Err(VerifyError::KeysPending) => Verdict::KeysPending {
                ticket: request.ticket(),
                source: request.source.get(),
            },
            Err(VerifyError::Rejected(error)) => Verdict::Rejected(error),
        }
    }

    /// Explains a token: every check, with what was expected and found. The token cache is not used. `ticket` as in
    /// [`Verifier::check`].
    ///
    /// # Errors
    ///
    /// The ticket to ask again with, while the key is being fetched.
    pub fn explain(
        &self,
        token: &[u8],
        now: UnixTime,
        ticket: Option<Ticket>,
        scratch: &mut Scratch,
    ) -> Result<Explanation, Ticket> {
        let policy = &self.policy;
        let request = Request::new(&self.keys, ticket);
        explain(token, Question { policy, now }, &request, scratch).ok_or_else(|| request.ticket())
    }

    /// Who calls, by a token that this verifier accepted, read by the rules that it was judged by. `None` for text that
    /// is no token; the signature is not looked at.
    pub fn caller(&self, token: &[u8], scratch: &mut Scratch) -> Option<Caller> {
        let discovered = discovered_issuer(&self.policy, &Request::new(&self.keys, None));
        let kind = self.policy.issuer.kind(discovered.as_deref());
        let compact = CompactToken::parse(token, self.policy.max_token_length()).ok()?;
        let claims = Claims::parse(compact.decode_payload(&mut scratch.payload).ok()?).ok()?;
        Some(Caller::of(&claims, kind))
    }

    /// The authority that clients get tokens from, as a URL.
    #[must_use]
    pub fn authority(&self) -> String {
        self.policy.authority_url()
    }

    /// The App ID URI, which a client of Entra's puts before the name of a scope. `None` where the tokens are not Entra's, or
    /// nothing says it.
    #[must_use]
    pub fn app_id_uri(&self) -> Option<String> {
        self.policy.app_id_uri()
    }

    /// The policy.
    pub const fn policy(&self) -> &Policy {
        &self.policy
    }

    /// The token cache, if there is one.
    pub const fn token_cache(&self) -> Option<&TokenCache> {
        self.tokens.as_ref()
    }

    /// The keys at hand as a JWK Set, for [`KeySourceConfig::initial`](crate::keys::KeySourceConfig::initial) of a later
    /// process. Its member `issuer` is that of the authority's metadata, where the policy depends on it.
    #[must_use]
    pub fn export_keys(&self) -> serde_json::Value {
        match &self.keys {
            VerifierKeys::Static(keys) => InitialKeys::export(keys.ages(Duration::ZERO).map(|(key, _)| key), None),
            #[cfg(feature = "fetch")]
            VerifierKeys::Fetched(sources) => {
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

    /// Merges a key set that the application fetched, by the rules and limits of an answer. Where tokens of each version
    /// have keys of their own, those that name their issuer are the v2 keys, as in Entra's sets, and the others the v1
    /// keys: a v1 key without an issuer never verifies a v2 token.
    ///
    /// # Errors
    ///
    /// [`Error::Config`] if the keys of this verifier are static, or the issuer is not known yet.
    #[cfg(feature = "fetch")]
    pub fn update_keys(&self, set: JwkSet) -> Result<(), Error> {
        let VerifierKeys::Fetched(sources) = &self.keys else {
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

    /// Seconds that the clock of this host is ahead of the authority's, negative where it is behind; `None` if that is
    /// not known.
    #[cfg(feature = "fetch")]
    #[must_use]
    pub fn clock_ahead(&self) -> Option<f64> {
        self.keys.sources().find_map(|source| source.clock_ahead())
    }

    /// The sources that fetch keys; none with static keys.
    #[cfg(feature = "fetch")]
    pub fn sources(&self) -> impl Iterator<Item = &Arc<KeySource>> {
        self.keys.sources()
    }
}

impl VerifierKeys {
    #[cfg(feature = "fetch")]
    fn sources(&self) -> impl Iterator<Item = &Arc<KeySource>> {
        let sources = match self {
            Self::Static(_) => None,
            Self::Fetched(sources) => Some(sources),
        };
        sources.into_iter().flat_map(ByVersion::iter)
    }

    /// Refreshes keys that are due.
    fn tick(&self) {
        match self {
            Self::Static(_) => {}
            #[cfg(feature = "fetch")]
            Self::Fetched(sources) => sources.iter().for_each(KeySource::tick),
        }
    }
}

/// One request for a key. Keeps the ticket that it arrived with, and the source that was asked.
struct Request<'k> {
    keys: &'k VerifierKeys,
    ticket: Cell<Option<Ticket>>,
    source: Cell<u32>,
}

impl<'k> Request<'k> {
    const fn new(keys: &'k VerifierKeys, ticket: Option<Ticket>) -> Self {
        Self {
            keys,
            ticket: Cell::new(ticket),
            source: Cell::new(0),
        }
    }

    fn ticket(&self) -> Ticket {
        self.ticket.get().unwrap_or(Ticket(0))
    }
}

impl Keys for Request<'_> {
    fn look_up(&self, reference: &KeyReference<'_>, algorithm: Algorithm, version: Option<Version>) -> KeyLookup {
        match self.keys {
            VerifierKeys::Static(keys) => keys.look_up(reference, algorithm, version),
            #[cfg(feature = "fetch")]
            VerifierKeys::Fetched(sources) => {
                let (position, source) = sources.get(version);
                let (lookup, ticket) = source.look_up(reference, algorithm, self.ticket.get());
                self.source.set(position);
                self.ticket.set(Some(ticket));
                lookup
            }
        }
    }

    fn are_by_version(&self) -> bool {
        match self.keys {
            VerifierKeys::Static(_) => false,
            #[cfg(feature = "fetch")]
            VerifierKeys::Fetched(sources) => sources.is_by_version(),
        }
    }

    fn discovered_issuer(&self) -> Option<Arc<str>> {
        match self.keys {
            VerifierKeys::Static(_) => None,
            #[cfg(feature = "fetch")]
            VerifierKeys::Fetched(sources) => sources.get(None).1.discovered_issuer(),
        }
    }
}
