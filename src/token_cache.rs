//! Valid tokens, found again by their exact bytes.
//!
//! Only what does not depend on time is cached. `exp`, `nbf` and whether the key is retired are checked at each hit.
//! Rejected tokens are not cached, so that an attacker without valid tokens cannot fill the cache.

use std::hash::{Hash, Hasher};
use std::sync::Arc;

use quick_cache::sync::{Cache, DefaultLifecycle};
use quick_cache::{DefaultHashBuilder, Equivalent, OptionsBuilder, Weighter};

use crate::error::Error;
use crate::keys::VerifyingKey;
use crate::pipeline::VerifiedClaims;
use crate::rules::{is_early, is_expired};
use crate::sync::{AtomicU64, Ordering};
use crate::time::{ClockTolerance, NumericDate, UnixTime};

/// Minimum weight of an entry in bytes. With it, a bound on entries is a bound on bytes.
const ENTRY_BYTES: u64 = 4096;

/// Below this many entries all may be hot: the usual share of them would be less than one token.
const FEW: usize = 64;

/// Minimum entries of a shard. Shards fill unevenly, so that a divided cache holds less than its bound; the default
/// cache is not divided.
const SHARD_ENTRIES: usize = 1000;

/// Maximum number of shards: enough for threads that verify at the same time to seldom wait for each other.
const MAX_SHARDS: usize = 16;

/// Bytes at the end of a token that are hashed. They belong to the signature, which an attacker cannot choose. Equality
/// compares the whole token.
const HASHED_BYTES: usize = 64;

/// The valid tokens of one verifier. Bounded by entries and by bytes.
#[derive(Debug)]
pub struct TokenCache {
    cache: Cache<Owned, Entry, ByLength>,
    ids: AtomicU64,
    hits: AtomicU64,
    misses: AtomicU64,
}

/// What is known of a token independently of the time.
#[derive(Clone, Debug)]
struct Entry {
    exp: NumericDate,
    /// [`NumericDate::MIN`] if the token has none.
    nbf: NumericDate,
    key: Arc<VerifyingKey>,
    id: TokenId,
}

/// Identifies one token of one cache. Never reused, so that data derived from a token can be stored under its id.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TokenId {
    /// Counted from 0.
    pub number: u64,
    /// The position of the authority that judged the token, which its next sight does not choose anew.
    pub authority: u8,
}

impl TokenCache {
    /// A cache for this many tokens. A token longer than 4 kB counts as several.
    ///
    /// # Panics
    ///
    /// Never: the options of the cache are complete.
    #[must_use]
    pub fn new(entries: usize) -> Self {
        let mut options = OptionsBuilder::new();
        options
            .estimated_items_capacity(entries)
            .weight_capacity(ENTRY_BYTES.saturating_mul(entries as u64))
            .shards((entries / SHARD_ENTRIES).clamp(1, MAX_SHARDS));
        if entries < FEW {
            options.hot_allocation(1.0);
        }
        let options = options.build().expect("both capacities are set");
        let cache = Cache::with_options(
            options,
            ByLength,
            DefaultHashBuilder::default(),
            DefaultLifecycle::default(),
        );
        Self {
            cache,
            ids: AtomicU64::new(0),
            hits: AtomicU64::new(0),
            misses: AtomicU64::new(0),
        }
    }

    /// Whether a cached token is valid now. `None` if it is not cached, or its key is retired: it has to be verified.
    ///
    /// The inner error is [`Error::TokenExpired`] or [`Error::TokenNotActive`].
    #[must_use]
    pub fn recall(&self, token: &[u8], tolerance: ClockTolerance, now: UnixTime) -> Option<Result<TokenId, Error>> {
        self.find(token, tolerance, now, 1)
    }

    /// The same for a token that waited for its key, and was counted when it came.
    #[must_use]
    pub fn recall_again(
        &self,
        token: &[u8],
        tolerance: ClockTolerance,
        now: UnixTime,
    ) -> Option<Result<TokenId, Error>> {
        self.find(token, tolerance, now, 0)
    }

    fn find(
        &self,
        token: &[u8],
        tolerance: ClockTolerance,
        now: UnixTime,
        count: u64,
    ) -> Option<Result<TokenId, Error>> {
        let Some(entry) = self.cache.get(&Borrowed(token)) else {
            self.misses.fetch_add(count, Ordering::Relaxed);
            return None;
        };
        if entry.key.is_retired() {
            self.cache.remove(&Borrowed(token));
            self.misses.fetch_add(count, Ordering::Relaxed);
            return None;
        }
        self.hits.fetch_add(count, Ordering::Relaxed);
        Some(if is_expired(entry.exp, tolerance, now) {
            Err(Error::TokenExpired { missing: false })
        } else if is_early(entry.nbf, tolerance, now) {
            Err(Error::TokenNotActive)
        } else {
            Ok(entry.id)
        })
    }

    /// Caches a valid token, with the position of the authority that judged it. `None` if it has no `exp`, which valid tokens
    /// have.
    pub fn remember(&self, token: &[u8], verified: &VerifiedClaims<'_>, authority: u8) -> Option<TokenId> {
        let &exp = verified.claims.exp.present()?;
        let nbf = verified.claims.nbf.present().copied().unwrap_or(NumericDate::MIN);
        let number = self.ids.fetch_add(1, Ordering::Relaxed);
        let id = TokenId { number, authority };
        self.cache.insert(
            Owned(token.into()),
            Entry {
                exp,
                nbf,
                key: Arc::clone(&verified.key),
                id,
            },
        );
        Some(id)
    }

    /// Cached tokens, hits and misses so far.
    #[must_use]
    pub fn counts(&self) -> (usize, u64, u64) {
        (
            self.cache.len(),
            self.hits.load(Ordering::Relaxed),
            self.misses.load(Ordering::Relaxed),
        )
    }
}

#[derive(Clone, Debug, PartialEq, Eq)]
struct Owned(Box<[u8]>);

/// A token to look up, not copied.
struct Borrowed<'t>(&'t [u8]);

impl Hash for Owned {
    fn hash<H: Hasher>(&self, state: &mut H) {
        Borrowed(&self.0).hash(state);
    }
}

impl Hash for Borrowed<'_> {
    fn hash<H: Hasher>(&self, state: &mut H) {
        state.write(&self.0[self.0.len().saturating_sub(HASHED_BYTES)..]);
    }
}

impl Equivalent<Owned> for Borrowed<'_> {
    fn equivalent(&self, owned: &Owned) -> bool {
        *self.0 == *owned.0
    }
}

#[derive(Clone, Debug)]
struct ByLength;

impl Weighter<Owned, Entry> for ByLength {
    fn weight(&self, token: &Owned, _: &Entry) -> u64 {
        ENTRY_BYTES.max(token.0.len() as u64)
    }
}
