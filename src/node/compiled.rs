//! A compiled configuration, shared by every verifier of the process that has the same options, across worker
//! threads: its policy, its keys, and the tokens it has verified.

use std::cell::Cell;
use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError, Weak};

use once_cell::sync::Lazy;

use crate::algorithm::Algorithm;
use crate::error::{Error, VerifyError};
use crate::explain::{Explanation, Question, explain};
use crate::keys::{KeyLookup, KeyOrigin, KeySet, KeySource, Ticket};
use crate::options::Options;
use crate::pipeline::verify;
use crate::policy::options::client_id;
use crate::policy::{Policy, Version};
use crate::rules::Keys;
use crate::time::UnixTime;
use crate::token::{KeyReference, Scratch};
use crate::token_cache::{TokenCache, TokenId};

/// Entries of the cache of verified tokens, if `tokenCache` does not say otherwise.
const DEFAULT_TOKEN_CACHE: f64 = 1000.0;

/// What the options amount to.
pub(super) struct Compiled {
    pub(super) policy: Policy,
    pub(super) origin: Origin,
    pub(super) verified: Option<TokenCache>,
    client_id: Option<String>,
}

/// Where the keys come from.
pub(super) enum Origin {
    Static(KeySet),
    /// One source, or one for each version of tokens.
    Remote {
        v2: Arc<KeySource>,
        v1: Option<Arc<KeySource>>,
    },
}

/// A verdict, or what has to happen first.
pub(super) enum Verdict {
    /// With the token's number, where it is remembered.
    Verified(Option<TokenId>),
    /// For the source of this number.
    Wait(Ticket, u32),
    Refused(Error),
}

type Registry = Mutex<HashMap<(String, Option<String>), Weak<Compiled>>>;

static REGISTRY: Lazy<Registry> = Lazy::new(Registry::default);

impl Compiled {
    /// Compiles options, JSON, or finds what they were compiled to before.
    pub(super) fn shared(options: String, no_proxy: Option<String>) -> Result<Arc<Self>, Error> {
        let mut registry = REGISTRY.lock().unwrap_or_else(PoisonError::into_inner);
        let name = (options, no_proxy);
        if let Some(compiled) = registry.get(&name).and_then(Weak::upgrade) {
            return Ok(compiled);
        }
        registry.retain(|_, compiled| compiled.strong_count() > 0);
        let compiled = Arc::new(Self::from_options(&Options::parse(&name.0)?, name.1.clone())?);
        registry.insert(name, Arc::downgrade(&compiled));
        Ok(compiled)
    }

    fn from_options(options: &Options, no_proxy: Option<String>) -> Result<Self, Error> {
        let policy = Policy::from_options(options)?;
        let origin = match KeyOrigin::from_options(options, no_proxy)? {
            KeyOrigin::Static(keys) => Origin::Static(keys),
            KeyOrigin::Remote(remote) => Origin::Remote {
                v2: KeySource::shared(*remote),
                v1: None,
            },
            KeyOrigin::RemoteByVersion { v1, v2 } => Origin::Remote {
                v2: KeySource::shared(*v2),
                v1: Some(KeySource::shared(*v1)),
            },
        };
        Ok(Self {
            policy,
            origin,
            verified: token_cache(options)?,
            client_id: client_id(options)?,
        })
    }

    /// Judges a token, for a request that arrived with `ticket`, or now.
    pub(super) fn check(&self, token: &[u8], now: UnixTime, ticket: Option<Ticket>, scratch: &mut Scratch) -> Verdict {
        // What is remembered is not looked up, so that nothing else would notice that keys have grown old.
        self.origin.tick();
        if let Some(verified) = &self.verified
            && let Some(remembered) = verified.recall(token, self.policy.clock_tolerance, now)
        {
            return remembered.map_or_else(Verdict::Refused, |number| Verdict::Verified(Some(number)));
        }
        let request = Request {
            origin: &self.origin,
            ticket: Cell::new(ticket),
            source: Cell::new(0),
        };
        match verify(token, &self.policy, &request, now, scratch) {
            Ok(verdict) => {
                let remembered = self.verified.as_ref();
                Verdict::Verified(remembered.and_then(|tokens| tokens.remember(token, &verdict)))
            }
            Err(VerifyError::KeysPending) => {
                Verdict::Wait(request.ticket.get().unwrap_or(Ticket(0)), request.source.get())
            }
            Err(VerifyError::Rejected(error)) => Verdict::Refused(error),
        }
    }

    /// Explains a token, for a request that arrived with `ticket`, or now. What was verified before is not remembered here.
    ///
    /// # Errors
    ///
    /// The ticket to ask again with, when the key is being fetched.
    pub(super) fn explain(
        &self,
        token: &[u8],
        now: UnixTime,
        ticket: Option<Ticket>,
        scratch: &mut Scratch,
    ) -> Result<Explanation, Ticket> {
        let question = Question {
            policy: &self.policy,
            client_id: self.client_id.as_deref(),
            now,
        };
        let request = Request {
            origin: &self.origin,
            ticket: Cell::new(ticket),
            source: Cell::new(0),
        };
        explain(token, question, &request, scratch).ok_or_else(|| request.ticket.get().unwrap_or(Ticket(0)))
    }
}

impl Origin {
    /// The sources, of which a static origin has none.
    pub(super) fn sources(&self) -> impl Iterator<Item = &Arc<KeySource>> {
        let (v2, v1) = match self {
            Self::Static(_) => (None, None),
            Self::Remote { v2, v1 } => (Some(v2), v1.as_ref()),
        };
        v2.into_iter().chain(v1)
    }

    fn tick(&self) {
        self.sources().for_each(KeySource::tick);
    }
}

fn token_cache(options: &Options) -> Result<Option<TokenCache>, Error> {
    if options.value("tokenCache").is_some_and(|value| value == false) {
        return Ok(None);
    }
    let entries = options
        .number("tokenCache", 1.0, 1_000_000.0, "entries")?
        .unwrap_or(DEFAULT_TOKEN_CACHE);
    #[allow(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "the bounds are checked"
    )]
    Ok(Some(TokenCache::new(entries as usize)))
}

/// One request for a key; remembers the ticket that it arrived with, and which source it asked.
struct Request<'o> {
    origin: &'o Origin,
    ticket: Cell<Option<Ticket>>,
    source: Cell<u32>,
}

impl Keys for Request<'_> {
    fn look_up(&self, reference: &KeyReference<'_>, algorithm: Algorithm, version: Option<Version>) -> KeyLookup {
        let source = match self.origin {
            Origin::Static(keys) => return keys.look_up(reference, algorithm, version),
            Origin::Remote { v1: Some(v1), .. } if version == Some(Version::V1) => {
                self.source.set(1);
                v1
            }
            Origin::Remote { v2, .. } => v2,
        };
        let (lookup, ticket) = source.look_up(reference, algorithm, self.ticket.get());
        self.ticket.set(Some(ticket));
        lookup
    }

    fn are_by_version(&self) -> bool {
        matches!(self.origin, Origin::Remote { v1: Some(_), .. })
    }

    fn discovered_issuer(&self) -> Option<Arc<str>> {
        self.origin
            .sources()
            .next()
            .and_then(|source| source.discovered_issuer())
    }
}
