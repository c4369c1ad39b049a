//! The verifier: whose tokens are accepted, by which keys, and the tokens that were already verified.

mod authority;
mod by_version;
mod choice;
mod key_locations;
mod tickets;

pub use by_version::ByVersion;
pub use key_locations::{authority_metadata, given_keys, key_locations};
pub use tickets::Tickets;

use std::cell::RefCell;
#[cfg(feature = "fetch")]
use std::sync::Arc;

use crate::error::{Error, VerifyError};
use crate::explain::{Explanation, Finding, Question, explain, explain_unclaimed};
use crate::keys::KeySet;
#[cfg(feature = "fetch")]
use crate::keys::{InitialKeys, JwkSet, KeySource, KeySourceConfig};
use crate::pipeline::{VerifiedClaims, verify};
use crate::policy::{IssuerKind, Policy, Requirement};
use crate::rules::{client, discovered_issuer, is_app_only, scopes};
use crate::time::{ClockTolerance, UnixTime};
use crate::token::{Claims, CompactToken, Scratch};
use crate::token_cache::{TokenCache, TokenId};

use authority::{Authority, AuthorityKeys};

/// Verifies tokens of one authority, or of several. Shared between threads; each thread has a [`Scratch`].
///
/// The example on the [front page](crate) shows one with static keys.
#[derive(Debug)]
pub struct Verifier {
    /// Never empty.
    authorities: Vec<Authority>,
    tokens: Option<TokenCache>,
    clock_tolerance: ClockTolerance,
    max_token_length: usize,
}

/// What [`Verifier::check`] found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// The token is valid.
    Valid {
        /// The token's id, where it is cached.
        id: Option<TokenId>,
        /// The position of the authority that checked it, below [`Verifier::MAX_AUTHORITIES`].
        authority: u8,
    },
    /// The key is being fetched. Check the token again, with these, when the fetch of [`Tickets::source`] has ended.
    KeysPending(Tickets),
    /// The token is not valid.
    Rejected(Error),
}

/// The caller according to the claims of a valid token. The policy, explanations and JavaScript all use this result.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Caller {
    /// The application that requested the token.
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

    /// Maximum number of authorities of a verifier.
    pub const MAX_AUTHORITIES: usize = 8;

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
        Ok(Self::of(policy, AuthorityKeys::Static(keys)))
    }

    /// A verifier that fetches its keys when a token needs one. [`key_locations`] gives their location; sources with
    /// equal configurations are shared by all verifiers of the process.
    #[cfg(feature = "fetch")]
    #[must_use]
    pub fn fetching(policy: Policy, mut sources: ByVersion<KeySourceConfig>) -> Self {
        if sources.is_by_version() {
            let of_v2_tokens = sources.default_mut();
            of_v2_tokens.initial = of_v2_tokens.initial.take().map(InitialKeys::only_with_issuer);
        }
        Self::of(policy, AuthorityKeys::Fetched(sources.map(KeySource::shared)))
    }

    fn of(policy: Policy, keys: AuthorityKeys) -> Self {
        Self {
            clock_tolerance: policy.clock_tolerance,
            max_token_length: policy.max_token_length,
            authorities: vec![Authority::new(policy, keys)],
            tokens: Some(TokenCache::new(Self::DEFAULT_TOKEN_CACHE)),
        }
    }

    /// One verifier for several authorities. A token is checked only by the authority whose issuer is in `iss`. If several
    /// authorities have that issuer, the user flow in the token (B2C: `tfp`, `acr`) and then the key decide.
    ///
    /// # Errors
    ///
    /// [`Error::Config`] if there is none or more than [`MAX_AUTHORITIES`](Self::MAX_AUTHORITIES), if two of them accept the
    /// same tokens with nothing to tell these apart, or if the clock tolerance or the maximum length of a token differs.
    pub fn of_several(verifiers: Vec<Self>) -> Result<Self, Error> {
        let problem = |problem: String| Err(Error::config("authorities", problem));
        let all = verifiers.iter().flat_map(|verifier| &verifier.authorities);
        let all: Vec<_> = all.map(|authority| &authority.policy).collect();
        let Some(first) = all.first().filter(|_| all.len() <= Self::MAX_AUTHORITIES) else {
            return problem(format!(
                "expected 1 to {} authorities, got {}",
                Self::MAX_AUTHORITIES,
                all.len()
            ));
        };
        for (at, one) in all.iter().enumerate() {
            if one.clock_tolerance != first.clock_tolerance || one.max_token_length != first.max_token_length {
                return problem("expected the same clockTolerance and maxTokenLength for all".to_owned());
            }
            if let Some(other) = all[..at].iter().position(|other| one.is_confused_with(other)) {
                return problem(format!(
                    "the authorities at {other} and {at} (counted from 0) accept tokens of the same issuer, and nothing tells \
                     these apart; make them one, with both audiences"
                ));
            }
        }
        let given = verifiers.iter().flat_map(|verifier| &verifier.authorities);
        let given = given.filter(|authority| authority.keys.are_given());
        let mut names: Vec<_> = given.map(|authority| authority.policy.authority_url()).collect();
        names.sort_unstable();
        if let Some(name) = names
            .windows(2)
            .find(|pair| pair[0] == pair[1])
            .and_then(|pair| pair.first())
        {
            return problem(format!(
                "several have the URL {name}, so that updateKeys() could not say whose keys it brings; give each its own tenantId, \
                 or leave jwksUri: false out"
            ));
        }
        let (clock_tolerance, max_token_length) = (first.clock_tolerance, first.max_token_length);
        let mut authorities = Vec::with_capacity(all.len());
        let mut sources = 0;
        for mut authority in verifiers.into_iter().flat_map(|verifier| verifier.authorities) {
            authority.first_source = sources;
            sources += authority.keys.sources_count();
            authorities.push(authority);
        }
        Ok(Self {
            authorities,
            tokens: Some(TokenCache::new(Self::DEFAULT_TOKEN_CACHE)),
            clock_tolerance,
            max_token_length,
        })
    }

    /// Sets the number of valid tokens to cache; `None` disables the cache.
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
    /// [`VerifyError::Rejected`] with the first check that fails; [`VerifyError::KeysPending`] while its key
    /// is being fetched, which static keys never are.
    pub fn verify<'s>(
        &self,
        token: &[u8],
        now: UnixTime,
        scratch: &'s mut Scratch,
    ) -> Result<VerifiedClaims<'s>, VerifyError> {
        let tickets = RefCell::default();
        let authority = &self.authorities[self.choose(token, Some(&tickets), scratch)?];
        verify(token, &authority.policy, &authority.keys_for(&tickets), now, scratch)
    }

    /// Checks a token, and caches it if it is valid. A token that is cached costs a hash and a comparison.
    ///
    /// `tickets` are `None` for a request that arrives now, and come from [`Verdict::KeysPending`] for one that waited.
    pub fn check(&self, token: &[u8], now: UnixTime, tickets: Option<Tickets>, scratch: &mut Scratch) -> Verdict {
        // A cached token does not look up its key, so that nothing else would notice that keys have grown old.
        self.authorities.iter().for_each(|authority| authority.keys.tick());
        if let Some(tokens) = &self.tokens
            && let Some(cached) = match tickets {
                None => tokens.recall(token, self.clock_tolerance, now),
                Some(_) => tokens.recall_again(token, self.clock_tolerance, now),
            }
        {
            return cached.map_or_else(Verdict::Rejected, |id| Verdict::Valid {
                id: Some(id),
                authority: id.authority,
            });
        }
        let tickets = RefCell::new(tickets.unwrap_or_default());
        match self.check_anew(token, now, &tickets, scratch) {
            Ok(valid) => valid,
            Err(VerifyError::KeysPending) => Verdict::KeysPending(tickets.into_inner()),
            Err(VerifyError::Rejected(error)) => Verdict::Rejected(error),
        }
    }

    fn check_anew(
        &self,
        token: &[u8],
        now: UnixTime,
        tickets: &RefCell<Tickets>,
        scratch: &mut Scratch,
    ) -> Result<Verdict, VerifyError> {
        let at = self.choose(token, Some(tickets), scratch)?;
        let judge = &self.authorities[at];
        let verified = verify(token, &judge.policy, &judge.keys_for(tickets), now, scratch)?;
        let authority = u8::try_from(at).map_err(|_| Error::Internal)?;
        let tokens = self.tokens.as_ref();
        Ok(Verdict::Valid {
            id: tokens.and_then(|tokens| tokens.remember(token, &verified, authority)),
            authority,
        })
    }

    /// The position of the authority that checks a token.
    fn choose(
        &self,
        token: &[u8],
        tickets: Option<&RefCell<Tickets>>,
        scratch: &mut Scratch,
    ) -> Result<usize, VerifyError> {
        match self.authorities.as_slice() {
            [_] => Ok(0),
            several => choice::choose(several, token, tickets, scratch),
        }
    }

    /// Explains a token: every check, with what was expected and found. The token cache is not used. `clock_ahead` as in
    /// [`Question`], `tickets` as in [`Verifier::check`].
    ///
    /// # Errors
    ///
    /// The tickets to ask again with, while the key is being fetched.
    pub fn explain(
        &self,
        token: &[u8],
        now: UnixTime,
        clock_ahead: Option<f64>,
        tickets: Option<Tickets>,
        scratch: &mut Scratch,
    ) -> Result<Explanation, Tickets> {
        let tickets = RefCell::new(tickets.unwrap_or_default());
        let explained = match self.choose(token, Some(&tickets), scratch) {
            Err(VerifyError::KeysPending) => None,
            Err(VerifyError::Rejected(error)) => Some(self.explain_unclaimed(token, error, now, clock_ahead, scratch)),
            Ok(at) => {
                let judge = &self.authorities[at];
                let question = Question {
                    policy: &judge.policy,
                    now,
                    clock_ahead,
                };
                let explained = explain(token, question, &judge.keys_for(&tickets), scratch);
                explained.map(|explanation| Explanation {
                    authority: Some(at),
                    ..explanation
                })
            }
        };
        explained.ok_or_else(|| tickets.into_inner())
    }

    fn explain_unclaimed(
        &self,
        token: &[u8],
        error: Error,
        now: UnixTime,
        clock_ahead: Option<f64>,
        scratch: &mut Scratch,
    ) -> Explanation {
        let policies: Vec<_> = self.policies().collect();
        explain_unclaimed(token, &policies, error, now, clock_ahead, scratch)
    }

    /// What a token that was rejected is recognised as, with the error: by the keys that are cached, nothing is fetched. A
    /// requirement takes the place of the policy's clients, roles and scopes. `None` for a token that is valid, that is not
    /// recognised, or whose authority only a fetched key would tell.
    #[must_use]
    pub fn cause(
        &self,
        token: &[u8],
        now: UnixTime,
        clock_ahead: Option<f64>,
        requirement: Option<Requirement>,
        scratch: &mut Scratch,
    ) -> Option<(Error, Finding)> {
        let explanation = match self.choose(token, None, scratch) {
            Err(VerifyError::KeysPending) => return None,
            Err(VerifyError::Rejected(error)) => self.explain_unclaimed(token, error, now, clock_ahead, scratch),
            Ok(at) => {
                let judge = &self.authorities[at];
                let required = requirement.map(|requirement| judge.policy.requiring(requirement));
                let question = Question {
                    policy: required.as_ref().unwrap_or(&judge.policy),
                    now,
                    clock_ahead,
                };
                explain(token, question, &judge.keys_for(None), scratch)?
            }
        };
        let finding = explanation.cause()?.clone();
        Some((explanation.verdict.err()?, finding))
    }

    /// The caller of a token that this verifier has accepted, read by the rules of the authority that checked it. `None` for
    /// text that is not a token; the signature is not verified again.
    pub fn caller(&self, token: &[u8], authority: u8, scratch: &mut Scratch) -> Option<Caller> {
        let judge = self.authorities.get(usize::from(authority))?;
        let tickets = RefCell::default();
        let discovered = discovered_issuer(&judge.policy, &judge.keys_for(&tickets));
        let kind = judge.policy.issuer.kind(discovered.as_deref());
        let compact = CompactToken::parse(token, self.max_token_length).ok()?;
        let claims = Claims::parse(compact.decode_payload(&mut scratch.payload).ok()?).ok()?;
        Some(Caller::of(&claims, kind))
    }

    /// The policy of each authority.
    pub fn policies(&self) -> impl Iterator<Item = &Policy> {
        self.authorities.iter().map(|authority| &authority.policy)
    }

    /// Maximum token length in bytes.
    #[must_use]
    pub const fn max_token_length(&self) -> usize {
        self.max_token_length
    }

    /// The token cache, if there is one.
    pub const fn token_cache(&self) -> Option<&TokenCache> {
        self.tokens.as_ref()
    }

    /// The cached keys as JSON, for a later process. Of one authority a JWK Set, for
    /// [`KeySourceConfig::initial`](crate::keys::KeySourceConfig::initial), with a member `issuer`, that of the authority's
    /// metadata, where the policy depends on it. Of several none, and in `authorities` such a set for each that has keys, by its
    /// URL; none where others of that URL have other keys.
    #[must_use]
    pub fn export_keys(&self) -> serde_json::Value {
        match self.authorities.as_slice() {
            [only] => only.keys.export(),
            several => {
                let has_own_name = |it: &&Authority| {
                    let name = it.policy.authority_url();
                    let mut namesakes = several.iter().filter(|other| other.policy.authority_url() == name);
                    namesakes.all(|other| it.keys.are_those_of(&other.keys))
                };
                let sets = several.iter().filter(has_own_name);
                let sets = sets.map(|it| (it.policy.authority_url(), it.keys.export()));
                let sets = sets.filter(|(_, set)| set["keys"].as_array().is_some_and(|keys| !keys.is_empty()));
                serde_json::json!({ "keys": [], "authorities": sets.collect::<serde_json::Map<_, _>>() })
            }
        }
    }

    /// Merges a key set that the application fetched, under the same rules and limits as a response. If each token version
    /// has its own keys, those with an issuer are the v2 keys, as in Entra's key sets, and the others the v1 keys: a v1 key
    /// without an issuer never verifies a v2 token.
    ///
    /// `authority` selects the authority of the keys by [`Policy::authority_url`]; optional with one authority.
    ///
    /// # Errors
    ///
    /// [`Error::Config`] if the keys are static, if the issuer is not known yet, or if the authority is ambiguous.
    #[cfg(feature = "fetch")]
    pub fn update_keys(&self, set: JwkSet, authority: Option<&str>) -> Result<(), Error> {
        let is_meant = |it: &&Authority| authority.is_none_or(|url| it.policy.authority_url() == url);
        let mut meant = self.authorities.iter().filter(is_meant);
        let problem = match (meant.next(), authority, meant.next()) {
            (Some(only), _, None) => return only.keys.update(set),
            // One URL, and the same keys.
            (Some(first), Some(_), Some(second))
                if meant.chain([second]).all(|it| first.keys.are_those_of(&it.keys)) =>
            {
                return first.keys.update(set);
            }
            (Some(_), Some(url), _) => format!(
                "several authorities have the URL {url} and keys of their own, so that it is not clear whose these are; such \
                 keys have to be fetched"
            ),
            _ => {
                let names: Vec<_> = self.policies().map(Policy::authority_url).collect();
                format!(
                    "expected the authority whose keys they are, one of {}",
                    names.join(", ")
                )
            }
        };
        Err(Error::config("updateKeys", problem))
    }

    /// Seconds by which the clock of this host is ahead of an authority's (negative: behind); `None` if unknown.
    #[cfg(feature = "fetch")]
    #[must_use]
    pub fn clock_ahead(&self) -> Option<f64> {
        self.sources().find_map(|source| source.clock_ahead())
    }

    /// The sources that fetch keys; none with static keys.
    #[cfg(feature = "fetch")]
    pub fn sources(&self) -> impl Iterator<Item = &Arc<KeySource>> {
        self.authorities.iter().flat_map(|authority| authority.keys.sources())
    }

    /// The sources of each authority.
    #[cfg(feature = "fetch")]
    pub fn sources_by_authority(&self) -> impl Iterator<Item = impl Iterator<Item = &Arc<KeySource>>> {
        self.authorities.iter().map(|authority| authority.keys.sources())
    }
}
