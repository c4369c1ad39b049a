//! Keys shared by the whole process: one cache per source, one fetch at a time, and no thread between fetches.
//!
//! A fetch runs on a thread of its own that ends with it. It happens once an hour; a runtime that idles in
//! between would cost two threads in every process, and would be torn down under a fetch when the worker
//! thread that started it ends.

use std::cell::Cell;
use std::collections::{HashMap, VecDeque};
use std::fmt;
use std::hash::{BuildHasher, Hasher, RandomState};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};
use std::time::{Duration, Instant};

use once_cell::sync::{Lazy, OnceCell};
use url::Url;

use super::clock::ClockOffset;
use super::fetch::{Fetched, fetch};
use super::trust::Roots;
use super::{
    CacheSettings, Counts, Decision, FetchCause, FetchFailure, FetchRequest, JwkSet, KeyCache, KeyLocation, KeyLookup,
    KeySet, KeySourceConfig, MetadataAuthority, Monotonic, Ticket,
};
use crate::algorithm::Algorithm;
use crate::error::Error;
use crate::token::KeyReference;

type Registry = Mutex<HashMap<KeySourceConfig, Weak<KeySource>>>;

static REGISTRY: Lazy<Registry> = Lazy::new(Registry::default);

/// The root certificates, one list per process.
static ROOTS: OnceCell<Arc<Roots>> = OnceCell::new();

/// The issuers of verified domains as first resolved by the process, by the URL of their metadata.
static PINNED: Lazy<Mutex<HashMap<Url, String>>> = Lazy::new(Mutex::default);

/// Called once when a fetch has ended, on the thread that fetched.
type Waiter = Box<dyn FnOnce() + Send>;

/// Maximum number of completed fetches kept for listeners.
const MAX_EVENTS: usize = 64;

/// The keys of one source, fetched on demand. Shared by the whole process.
pub struct KeySource {
    config: KeySourceConfig,
    /// Plain HTTP, which is only ever spoken to this machine, and keys that are not fetched need no certificates.
    needs_no_roots: bool,
    state: Mutex<State>,
    /// Milliseconds of the monotonic clock before which there is nothing to do; read without the lock.
    next_tick: AtomicU64,
}

/// The configuration says which source it is; its keys are in [`KeySource::stats`].
impl fmt::Debug for KeySource {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("KeySource")
            .field("config", &self.config)
            .finish_non_exhaustive()
    }
}

struct State {
    cache: KeyCache,
    /// The issuer in the authority's metadata, if that is fetched.
    issuer: Option<Arc<str>>,
    waiters: Vec<Waiter>,
    /// A fetch that was decided on before the roots were known.
    waiting_for_roots: Option<FetchRequest>,
    events: VecDeque<KeyEvent>,
    last_failure: Option<(Monotonic, FetchCause)>,
    clock: Option<ClockOffset>,
}

/// The end of a fetch.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KeyEvent {
    /// Counted from 1.
    pub number: u64,
    /// When.
    pub at: Monotonic,
    /// How many keys are cached, or why the fetch failed.
    pub outcome: Result<usize, FetchCause>,
}

/// The current state of a source.
#[derive(Clone, Debug)]
pub struct SourceStats {
    /// The `kid` of each key, and the time since it was last seen.
    pub keys: Vec<(String, Duration)>,
    /// Time since the newest response.
    pub last_success: Option<Duration>,
    /// Time since the last failure, and its cause.
    pub last_failure: Option<(Duration, FetchCause)>,
    /// Seconds by which this host's clock is ahead of the authority's (negative: behind).
    pub clock_ahead: Option<f64>,
    /// Counters.
    pub counts: Counts,
}

impl KeySource {
    /// The source with this configuration, shared by all verifiers of the process. Keys that an application provides
    /// belong to one verifier, because the configuration does not identify them.
    #[must_use]
    pub fn shared(config: KeySourceConfig) -> Arc<Self> {
        if config.location == KeyLocation::Given {
            return Arc::new(Self::new(config));
        }
        let mut registry = lock(&REGISTRY);
        if let Some(source) = registry.get(&config).and_then(Weak::upgrade) {
            return source;
        }
        registry.retain(|_, source| source.strong_count() > 0);
        let source = Arc::new(Self::new(config.clone()));
        registry.insert(config, Arc::downgrade(&source));
        source
    }

    fn new(config: KeySourceConfig) -> Self {
        let needs_no_roots = match &config.location {
            KeyLocation::JwkSet(url) | KeyLocation::EitherJwkSet { first: url, .. } => url.scheme() == "http",
            // What the metadata points to may be HTTPS.
            KeyLocation::Discovery(_) => false,
            KeyLocation::Given => true,
        };
        let settings = CacheSettings::clone(&config.cache);
        let mut cache = if config.location == KeyLocation::Given {
            KeyCache::without_fetches(settings)
        } else {
            KeyCache::new(settings)
        };
        let mut issuer = None;
        if let Some(initial) = config
            .initial
            .as_ref()
            .filter(|initial| initial.is_for(&config.location))
            && let Some(keys) = initial.keys()
        {
            cache.start_with(keys, now());
            if let KeyLocation::Discovery(_) = &config.location {
                issuer = initial.issuer().map(Into::into);
            }
        }
        let state = State {
            cache,
            issuer,
            waiters: Vec::new(),
            waiting_for_roots: None,
            events: VecDeque::new(),
            last_failure: None,
            clock: None,
        };
        Self {
            needs_no_roots,
            config,
            state: Mutex::new(state),
            next_tick: AtomicU64::new(0),
        }
    }

    /// Whether [`KeySource::trust`] has to be called before keys can be fetched: the roots are missing, or they were
    /// set through another source while a fetch was waiting here.
    #[must_use]
    pub fn needs_roots(&self) -> bool {
        self.roots().is_none() || lock(&self.state).waiting_for_roots.is_some()
    }

    /// Sets the trusted root certificates, for every source of the process. Only the first call has an effect.
    pub fn trust(self: &Arc<Self>, roots: Roots) {
        ROOTS.get_or_init(|| Arc::new(roots));
        let request = lock(&self.state).waiting_for_roots.take();
        if let Some((request, roots)) = request.zip(self.roots()) {
            self.begin(request, roots);
        }
    }

    fn roots(&self) -> Option<Arc<Roots>> {
        if self.needs_no_roots {
            Some(Arc::default())
        } else {
            ROOTS.get().cloned()
        }
    }

    /// See [`KeyCache::look_up`]; `ticket` is `None` for a request that arrives now, and comes back for when it
    /// asks again. A fetch that is due begins.
    #[must_use]
    pub fn look_up(
        self: &Arc<Self>,
        reference: &KeyReference<'_>,
        algorithm: Algorithm,
        ticket: Option<Ticket>,
    ) -> (KeyLookup, Ticket) {
        let mut arrived_with = Ticket(0);
        let lookup = self.carry_out(|cache| {
            arrived_with = ticket.unwrap_or_else(|| cache.ticket());
            cache.look_up(reference, algorithm, arrived_with, now())
        });
        (lookup, arrived_with)
    }

    /// See [`KeyCache::request_fetch`], for a request that arrives now.
    #[must_use]
    pub fn request_fetch(self: &Arc<Self>) -> KeyLookup {
        self.carry_out(|cache| {
            let ticket = cache.ticket();
            cache.request_fetch(ticket, now())
        })
    }

    /// See [`KeyCache::tick`]: for requests that need no look-up. Costs a clock and an atomic where nothing is due.
    pub fn tick(self: &Arc<Self>) {
        if milliseconds(now()) >= self.next_tick.load(Ordering::Relaxed) {
            let _ = self.carry_out(|cache| Decision {
                fetch: cache.tick(now()),
                lookup: KeyLookup::Pending,
            });
        }
    }

    /// See [`KeyCache::outcome`].
    ///
    /// # Errors
    ///
    /// Why the last fetch brought no keys.
    pub fn outcome(&self) -> Result<(), Error> {
        lock(&self.state).cache.outcome(now())
    }

    /// Takes a key set that the application fetched, as if it were an answer; see [`KeyCache::merge`].
    ///
    /// # Errors
    ///
    /// [`Error::Config`] where the issuer is only known from the authority's metadata, which was not fetched yet: keys
    /// alone do not say whose tokens they may sign.
    pub fn merge(&self, set: JwkSet) -> Result<(), Error> {
        let mut state = lock(&self.state);
        if matches!(self.config.location, KeyLocation::Discovery(_)) && state.issuer.is_none() {
            return Err(Error::config(
                "updateKeys",
                "the issuer is only known from the authority's metadata, which is not there yet: wait for preload(), or give \
                 tenantId as a GUID, or issuer",
            ));
        }
        let now = now();
        state.cache.merge(set, now, random());
        let keys = state.cache.keys().len();
        state.remember(Ok(keys), now);
        self.changed(state);
        Ok(())
    }

    /// Seconds that the clock of this host is ahead of the authority's, by the newest answer; `None` if that is not known.
    #[must_use]
    pub fn clock_ahead(&self) -> Option<f64> {
        lock(&self.state).clock?.seconds_ahead()
    }

    /// The issuer of the authority's metadata, once it is known.
    #[must_use]
    pub fn discovered_issuer(&self) -> Option<Arc<str>> {
        lock(&self.state).issuer.clone()
    }

    /// Whether the application gives the keys, with [`KeySource::merge`].
    #[must_use]
    pub fn is_given(&self) -> bool {
        self.config.location == KeyLocation::Given
    }

    /// Whether the authority's metadata may name this issuer.
    #[must_use]
    pub fn may_be_of(&self, issuer: &str) -> bool {
        match &self.config.location {
            KeyLocation::Discovery(discovery) => discovery.authority.may_speak_for(issuer),
            KeyLocation::JwkSet(_) | KeyLocation::EitherJwkSet { .. } | KeyLocation::Given => false,
        }
    }

    /// The cached keys, as [`InitialKeys::export`](super::InitialKeys::export) takes them, and the issuer in the authority's metadata.
    pub fn with_keys<T>(&self, read: impl FnOnce(&KeySet, Option<&str>) -> T) -> T {
        let state = lock(&self.state);
        read(state.cache.keys(), state.issuer.as_deref())
    }

    /// The source as it is now.
    #[must_use]
    pub fn stats(&self) -> SourceStats {
        let (state, now) = (lock(&self.state), now());
        SourceStats {
            keys: state
                .cache
                .keys()
                .ages(now)
                .map(|(key, age)| (key.name().to_owned(), age))
                .collect(),
            last_success: state.cache.newest_answer().map(|at| now.saturating_sub(at)),
            last_failure: state
                .last_failure
                .as_ref()
                .map(|(at, cause)| (now.saturating_sub(*at), cause.clone())),
            counts: state.cache.counts(),
            clock_ahead: state.clock.and_then(|clock| clock.seconds_ahead()),
        }
    }

    /// The ends of fetches after that with this number, as far as they are remembered, with the time since each.
    #[must_use]
    pub fn events_after(&self, number: u64) -> Vec<(KeyEvent, Duration)> {
        let (state, now) = (lock(&self.state), now());
        let is_new = |event: &&KeyEvent| event.number > number;
        state
            .events
            .iter()
            .filter(is_new)
            .map(|event| (event.clone(), now.saturating_sub(event.at)))
            .collect()
    }

    /// Calls back when the running fetch has ended; at once if there is none.
    pub fn when_settled(&self, waiter: impl FnOnce() + Send + 'static) {
        let mut state = lock(&self.state);
        if state.cache.is_fetching() {
            state.waiters.push(Box::new(waiter));
        } else {
            drop(state);
            waiter();
        }
    }

    fn carry_out(self: &Arc<Self>, decide: impl FnOnce(&mut KeyCache) -> Decision) -> KeyLookup {
        let mut state = lock(&self.state);
        let Decision { lookup, fetch } = decide(&mut state.cache);
        self.next_tick
            .store(milliseconds(state.cache.next_tick()), Ordering::Relaxed);
        // Also what a thread decided on that did not live to hand over the roots.
        if let Some(request) = fetch.or_else(|| state.waiting_for_roots.take()) {
            match self.roots() {
                Some(roots) => {
                    drop(state);
                    self.begin(request, roots);
                }
                None => state.waiting_for_roots = Some(request),
            }
        }
        lookup
    }

    /// Fetches on a thread of its own. Must be called without the lock: where no thread can be had, the fetch
    /// ends here and now.
    fn begin(self: &Arc<Self>, request: FetchRequest, roots: Arc<Roots>) {
        let mut fetch = FetchUnderWay {
            source: Arc::clone(self),
            result: Err(stopped()),
            clock: None,
        };
        let work = move || {
            let clock = Cell::new(None);
            fetch.result = run(&fetch.source.config, &roots, request, &clock);
            fetch.clock = clock.get();
        };
        // Not started: `work` is dropped, and what it holds reports the failure.
        drop(
            std::thread::Builder::new()
                .name("entra-jwt-keys".to_owned())
                .spawn(work),
        );
    }

    fn settle(&self, result: Result<Fetched, FetchFailure>, clock: Option<ClockOffset>) {
        let mut state = lock(&self.state);
        state.clock = clock.or(state.clock);
        let now = now();
        let outcome = match result.and_then(|fetched| self.of_pinned_tenant(fetched, state.issuer.as_deref())) {
            Ok(fetched) => {
                state.arrived(fetched, now);
                Ok(state.cache.keys().len())
            }
            Err(failure) => {
                let cause = failure.cause.clone();
                state.last_failure = Some((now, cause.clone()));
                state.cache.failed(failure, now, random());
                Err(cause)
            }
        };
        state.remember(outcome, now);
        self.changed(state);
    }

    /// Keys came, or a fetch ended: requests that wait look again.
    fn changed(&self, mut state: MutexGuard<'_, State>) {
        self.next_tick
            .store(milliseconds(state.cache.next_tick()), Ordering::Relaxed);
        let waiters = std::mem::take(&mut state.waiters);
        drop(state);
        for waiter in waiters {
            waiter();
        }
    }
}

impl KeySource {
    /// A verified domain is one tenant's. If another tenant gets hold of it, its tokens must not begin to pass in a running
    /// process: the first that the process resolved counts for its life.
    fn of_pinned_tenant(&self, fetched: Fetched, known: Option<&str>) -> Result<Fetched, FetchFailure> {
        let KeyLocation::Discovery(discovery) = &self.config.location else {
            return Ok(fetched);
        };
        let is_of_domain = matches!(
            discovery.authority,
            MetadataAuthority::Entra { .. } | MetadataAuthority::ExternalId
        );
        let Some(issuer) = fetched.issuer.as_deref().filter(|_| is_of_domain) else {
            return Ok(fetched);
        };
        let mut domain = discovery.metadata.clone();
        domain.set_query(None);
        let mut pinned = lock(&PINNED);
        let first = pinned
            .entry(domain)
            .or_insert_with(|| known.unwrap_or(issuer).to_owned());
        if first == issuer {
            return Ok(fetched);
        }
        let tenant = |issuer: &str| issuer.split('/').nth(3).unwrap_or_default().to_owned();
        Err(FetchFailure::from(FetchCause::OtherTenant {
            first: tenant(first),
            now: tenant(issuer),
        }))
    }
}

impl State {
    fn arrived(&mut self, Fetched { keys, issuer }: Fetched, now: Monotonic) {
        let issuer: Option<Arc<str>> = issuer.map(Into::into);
        if self.issuer.is_some() && self.issuer != issuer {
            // What was verified for the former issuer is not verified for this one.
            self.cache.forget_all();
        }
        self.issuer = issuer;
        self.cache.arrived(keys, now, random());
    }

    fn remember(&mut self, outcome: Result<usize, FetchCause>, at: Monotonic) {
        if self.events.len() == MAX_EVENTS {
            self.events.pop_front();
        }
        let number = self.events.back().map_or(1, |last| last.number + 1);
        self.events.push_back(KeyEvent { number, at, outcome });
    }
}

/// Settles the source when it goes out of scope, however that comes about: an answer, a failure, a panic.
struct FetchUnderWay {
    source: Arc<KeySource>,
    result: Result<Fetched, FetchFailure>,
    clock: Option<ClockOffset>,
}

impl Drop for FetchUnderWay {
    fn drop(&mut self) {
        let result = std::mem::replace(&mut self.result, Err(stopped()));
        self.source.settle(result, self.clock);
    }
}

fn stopped() -> FetchFailure {
    FetchCause::Stopped.into()
}

fn run(
    config: &KeySourceConfig,
    roots: &Roots,
    request: FetchRequest,
    clock: &Cell<Option<ClockOffset>>,
) -> Result<Fetched, FetchFailure> {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .map_err(|_| stopped())?;
    // 100 to 300 ms, so that a fleet that failed together does not come back together.
    let pause = Duration::from_millis(100) + Duration::from_millis(200).mul_f64(random());
    let result = runtime.block_on(fetch(config, roots, request, pause, clock));
    // A name look-up that hangs is left behind, not waited for.
    runtime.shutdown_background();
    result
}

fn now() -> Monotonic {
    static ORIGIN: Lazy<Instant> = Lazy::new(Instant::now);
    ORIGIN.elapsed()
}

fn milliseconds(moment: Monotonic) -> u64 {
    u64::try_from(moment.as_millis()).unwrap_or(u64::MAX)
}

/// A number in 0..1, to spread what processes do at the same time; not for secrets. The hash keys of the standard
/// library come from the system and cost nothing, while the first number of AWS-LC costs 20 ms of entropy tests.
fn random() -> f64 {
    let bits = RandomState::new().build_hasher().finish() >> 32;
    f64::from(u32::try_from(bits).unwrap_or(0)) / 2_f64.powi(32)
}

/// A panic elsewhere leaves no half-made state here: each critical section is complete or was not begun.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests;
