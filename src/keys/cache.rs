//! When to fetch keys, when to wait, when to reject: a state machine without clock, timer or socket.
//!
//! ARCHITECTURE.md shows it as a table. Time and jitter are arguments; the result is a decision that `source.rs` carries
//! out.

use std::sync::Arc;
use std::time::Duration;

use super::unknown_keys::UnknownKeys;
use super::{FetchCause, JwkSet, KeyMatch, KeySet, VerifyingKey};
use crate::algorithm::Algorithm;
use crate::error::{Error, KeyUnknown};
use crate::token::KeyReference;

/// Time since a fixed instant that never runs backwards. A wall clock can jump, and the age of a key must not.
pub type Monotonic = Duration;

/// Minimum time to keep the keys of the newest answer when no newer one arrives, whatever `retention` is.
const MIN_LIFE_OF_NEWEST_ANSWER: Duration = Duration::from_secs(86_400);

/// First and longest pause after a failure.
const BACK_OFF: (Duration, Duration) = (Duration::from_secs(1), Duration::from_secs(30));

/// The longest `Retry-After` that is honoured.
const MAX_RETRY_AFTER: Duration = Duration::from_secs(300);

/// How long keys are kept.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub struct CacheSettings {
    /// Age at which a key set is refreshed in the background; 1 h by default.
    pub refresh_interval: Duration,
    /// How long to keep a key that has disappeared from the key set; 24 h by default. Zero drops it at once.
    pub retention: Duration,
    /// Longest pause between fetches triggered by unknown keys, and in the long run the average one; 30 s by default.
    pub cooldown: Duration,
}

impl Default for CacheSettings {
    fn default() -> Self {
        Self {
            refresh_interval: Duration::from_secs(3600),
            retention: Duration::from_secs(86_400),
            cooldown: Duration::from_secs(30),
        }
    }
}

/// How many fetches had started when a request arrived. A fetch that started later is conclusive for the request: it
/// neither waits for another nor triggers one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Ticket(pub u64);

/// What a lookup of a key returns.
#[derive(Clone, Debug)]
pub enum KeyLookup {
    /// The key.
    Found(Arc<VerifyingKey>),
    /// A fetch is under way; ask again when it has ended.
    Pending,
    /// The request is rejected.
    Rejected(Error),
}

/// What a request gets, and whether a fetch has to start now.
#[derive(Debug)]
#[must_use]
pub struct Decision {
    /// For the request.
    pub lookup: KeyLookup,
    /// The fetch to start, whose result goes to [`KeyCache::arrived`] or [`KeyCache::failed`].
    pub fetch: Option<FetchRequest>,
}

/// A fetch to start.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct FetchRequest {
    /// Whether requests wait for it and no key is cached: then a failed try may be repeated at once.
    pub first: bool,
}

/// Why a fetch failed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FetchFailure {
    /// What went wrong.
    pub cause: FetchCause,
    /// The server's `Retry-After`, in seconds.
    pub retry_after: Option<Duration>,
}

impl From<FetchCause> for FetchFailure {
    fn from(cause: FetchCause) -> Self {
        Self {
            cause,
            retry_after: None,
        }
    }
}

/// The keys of one source over time.
#[derive(Debug)]
pub struct KeyCache {
    settings: CacheSettings,
    /// Whether keys are fetched; if not, they are only [merged](KeyCache::merge).
    fetches: bool,
    keys: KeySet,
    newest_answer: Option<Monotonic>,
    /// When the keys to start with were taken, until the first answer comes.
    initial: Option<Monotonic>,
    refresh_due: Monotonic,
    expiry_due: Option<Monotonic>,
    started: u64,
    in_flight: bool,
    unknown_keys: UnknownKeys,
    failure: Option<Failure>,
    counts: Counts,
}

/// Events so far, for statistics.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counts {
    /// Fetches that started.
    pub fetches: u64,
    /// Fetches that failed.
    pub failures: u64,
    /// Requests that got a key from a set whose refresh was due.
    pub stale_serves: u64,
}

/// Failures since the last answer.
#[derive(Debug)]
struct Failure {
    cause: FetchCause,
    count: u32,
    retry_at: Monotonic,
}

impl KeyCache {
    /// An empty cache: the first lookup triggers a fetch.
    #[must_use]
    pub fn new(settings: CacheSettings) -> Self {
        Self {
            unknown_keys: UnknownKeys::new(settings.cooldown),
            settings,
            fetches: true,
            keys: KeySet::default(),
            newest_answer: None,
            initial: None,
            refresh_due: Monotonic::ZERO,
            expiry_due: None,
            started: 0,
            in_flight: false,
            failure: None,
            counts: Counts::default(),
        }
    }

    /// An empty cache that never asks for a fetch: it has the keys that are [merged](KeyCache::merge) into it.
    #[must_use]
    pub fn without_fetches(settings: CacheSettings) -> Self {
        Self {
            fetches: false,
            ..Self::new(settings)
        }
    }

    /// The ticket of a request that arrives now.
    #[must_use]
    pub const fn ticket(&self) -> Ticket {
        Ticket(self.started)
    }

    /// Looks up the key that a token names, for a request that arrived with `ticket`.
    pub fn look_up(
        &mut self,
        reference: &KeyReference<'_>,
        algorithm: Algorithm,
        ticket: Ticket,
        now: Monotonic,
    ) -> Decision {
        #[cfg(feature = "test-panic")]
        crate::test_panic::if_asked(reference.text().as_bytes());
        self.forget_old(now);
        match self.keys.find(reference, algorithm) {
            KeyMatch::Found(key) => {
                self.counts.stale_serves += u64::from(now >= self.refresh_due);
                Decision {
                    lookup: KeyLookup::Found(key),
                    fetch: self.refresh(now),
                }
            }
            // No answer makes a key of another type fit. Fetching would let any sender trigger requests.
            KeyMatch::Unfit => refused(Error::TokenKeyUnknown(KeyUnknown::Unfit)),
            KeyMatch::Ambiguous => refused(Error::TokenKeyUnknown(KeyUnknown::NotNamed)),
            KeyMatch::NotFound if self.in_flight => wait(),
            KeyMatch::NotFound if self.keys.is_empty() => self.request_fetch(ticket, now),
            KeyMatch::NotFound => self.unknown(reference, ticket, now),
        }
    }

    /// Does what is due, for requests that need no lookup: drops keys past their life and starts a refresh.
    pub fn tick(&mut self, now: Monotonic) -> Option<FetchRequest> {
        self.forget_old(now);
        if self.keys.is_empty() { None } else { self.refresh(now) }
    }

    /// The moment before which [`KeyCache::tick`] has nothing to do.
    #[must_use]
    pub fn next_tick(&self) -> Monotonic {
        let refresh = match &self.failure {
            _ if self.in_flight || !self.fetches => Monotonic::MAX,
            Some(failure) => self.refresh_due.max(failure.retry_at),
            None => self.refresh_due,
        };
        self.expiry_due.map_or(refresh, |expiry| refresh.min(expiry))
    }

    /// Requests a fetch for a request that arrived with `ticket`: the first one, and preloading.
    pub fn request_fetch(&mut self, ticket: Ticket, now: Monotonic) -> Decision {
        if self.in_flight {
            return wait();
        }
        if !self.fetches {
            // With keys there is nothing to wait for, and `outcome` says so.
            return self.outcome(now).map_or_else(refused, |()| wait());
        }
        // A request that waited for a failed fetch gets its error and does not trigger the next one.
        if let Some(failure) = &self.failure
            && (self.has_begun_since(ticket) || now < failure.retry_at)
        {
            return refused(failure.error(failure.retry_at, now));
        }
        Decision {
            lookup: KeyLookup::Pending,
            fetch: Some(self.begin(self.keys.is_empty())),
        }
    }

    /// Whether the fetch that a request with `ticket` waited for brought keys.
    ///
    /// # Errors
    ///
    /// Why it did not.
    pub fn outcome(&self, now: Monotonic) -> Result<(), Error> {
        if !self.fetches && self.keys.is_empty() {
            return Err(Error::KeysUnavailable {
                cause: FetchCause::NotGiven,
                retry_after: 1,
            });
        }
        self.failure
            .as_ref()
            .map_or(Ok(()), |failure| Err(failure.error(failure.retry_at, now)))
    }

    /// Takes the answer to a fetch. `jitter` in 0..1 spreads the refreshes of many processes over ± 10 % of the interval.
    pub fn arrived(&mut self, answer: JwkSet, now: Monotonic, jitter: f64) {
        self.in_flight = false;
        self.merge(answer, now, jitter);
        self.unknown_keys.fetch_ended();
    }

    /// Takes a key set that was not fetched here as if it were an answer. A fetch that is under way goes on.
    pub fn merge(&mut self, set: JwkSet, now: Monotonic, jitter: f64) {
        self.failure = None;
        self.newest_answer = Some(now);
        self.initial = None;
        self.refresh_due = now.saturating_add(times(self.settings.refresh_interval, 0.9 + 0.2 * jitter));
        self.add(set, now);
        self.forget_old(now);
    }

    /// Takes keys to start with. They live like those of the newest answer; a refresh is due at once.
    pub fn start_with(&mut self, keys: JwkSet, now: Monotonic) {
        self.initial = Some(now);
        self.add(keys, now);
    }

    /// Adds keys, wherever they come from.
    fn add(&mut self, keys: JwkSet, now: Monotonic) {
        if self.keys.merge(keys, now) {
            self.unknown_keys.found_new(now);
        }
        self.expiry_due = Some(now);
    }

    /// Takes the failure of a fetch. Cached keys stay. `jitter` in 0..1 shortens the pause by up to a half.
    pub fn failed(&mut self, failure: FetchFailure, now: Monotonic, jitter: f64) {
        self.in_flight = false;
        self.unknown_keys.fetch_ended();
        self.counts.failures += 1;
        let count = self
            .failure
            .as_ref()
            .map_or(1, |failure| failure.count.saturating_add(1));
        let (first, longest) = BACK_OFF;
        let pause = first
            .saturating_mul(1 << (count - 1).min(8))
            .min(longest)
            .mul_f64(1.0 - 0.5 * jitter);
        let asked_for = failure.retry_after.unwrap_or_default().min(MAX_RETRY_AFTER);
        let retry_at = now.saturating_add(pause.max(asked_for));
        self.failure = Some(Failure {
            cause: failure.cause,
            count,
            retry_at,
        });
    }

    /// Whether a fetch is under way.
    #[must_use]
    pub const fn is_fetching(&self) -> bool {
        self.in_flight
    }

    /// What happened so far.
    #[must_use]
    pub const fn counts(&self) -> Counts {
        self.counts
    }

    /// When the newest answer came.
    #[must_use]
    pub const fn newest_answer(&self) -> Option<Monotonic> {
        self.newest_answer
    }

    /// Drops every key, because the issuer has changed.
    pub fn forget_all(&mut self) {
        self.keys = KeySet::default();
        self.newest_answer = None;
    }

    /// The cached keys.
    #[must_use]
    pub const fn keys(&self) -> &KeySet {
        &self.keys
    }

    /// A key that is not among the cached ones, with no fetch under way.
    fn unknown(&mut self, reference: &KeyReference<'_>, ticket: Ticket, now: Monotonic) -> Decision {
        let not_found = Error::TokenKeyUnknown(KeyUnknown::NotFound);
        if !self.fetches {
            return refused(not_found);
        }
        let resume_at = self.unknown_keys.resume_at();
        if let Some(failure) = &self.failure {
            // "Could not ask" is not "not found".
            let retry_at = resume_at.max(failure.retry_at);
            if self.has_begun_since(ticket) || now < retry_at {
                return refused(failure.error(retry_at, now));
            }
        } else if self.has_begun_since(ticket) {
            // The authority was asked after this request had come, and does not have the key.
            self.unknown_keys.remember(reference);
            return refused(not_found);
        } else if now < resume_at {
            // Only a key that the authority was not asked about may have been published meanwhile.
            return refused(if self.unknown_keys.has_been_asked(reference) {
                not_found
            } else {
                Error::TokenKeyUnknown(KeyUnknown::Cooldown {
                    retry_after: seconds_until(resume_at, now),
                })
            });
        }
        // Even if the set is young: a key may have been added a second ago.
        self.unknown_keys.fetch_begins(now);
        Decision {
            lookup: KeyLookup::Pending,
            fetch: Some(self.begin(false)),
        }
    }

    /// Whether a fetch began after a request with this ticket arrived: its answer is news to that request.
    const fn has_begun_since(&self, ticket: Ticket) -> bool {
        self.started > ticket.0
    }

    /// Begins a refresh if one is due.
    fn refresh(&mut self, now: Monotonic) -> Option<FetchRequest> {
        if now < self.refresh_due || !self.fetches {
            return None;
        }
        let may_begin = !self.in_flight && self.failure.as_ref().is_none_or(|failure| now >= failure.retry_at);
        may_begin.then(|| self.begin(false))
    }

    const fn begin(&mut self, first: bool) -> FetchRequest {
        self.in_flight = true;
        self.started += 1;
        self.counts.fetches += 1;
        FetchRequest { first }
    }

    fn forget_old(&mut self, now: Monotonic) {
        if self.expiry_due.is_none_or(|due| now < due) {
            return;
        }
        let (newest, retention) = (self.newest_answer.or(self.initial), self.settings.retention);
        self.expiry_due = self.keys.forget(now, |last_seen| {
            if Some(last_seen) == newest {
                retention.max(MIN_LIFE_OF_NEWEST_ANSWER)
            } else {
                retention
            }
        });
    }
}

impl Failure {
    fn error(&self, retry_at: Monotonic, now: Monotonic) -> Error {
        Error::KeysUnavailable {
            cause: self.cause.clone(),
            retry_after: seconds_until(retry_at, now),
        }
    }
}

/// A duration times a factor; the longest duration where that is too long.
fn times(duration: Duration, factor: f64) -> Duration {
    Duration::try_from_secs_f64(duration.as_secs_f64() * factor).unwrap_or(Duration::MAX)
}

/// Whole seconds, at least 1.
fn seconds_until(moment: Monotonic, now: Monotonic) -> u32 {
    let pause = moment.saturating_sub(now).as_millis().div_ceil(1000);
    u32::try_from(pause).unwrap_or(u32::MAX).max(1)
}

const fn wait() -> Decision {
    Decision {
        lookup: KeyLookup::Pending,
        fetch: None,
    }
}

const fn refused(error: Error) -> Decision {
    Decision {
        lookup: KeyLookup::Rejected(error),
        fetch: None,
    }
}
