//! Keys shared by the whole process: one cache per source, one fetch at a time, no thread when there is none.
//!
//! A fetch runs on a thread of its own that ends with it. It happens once an hour; a runtime that idles in
//! between would cost two threads in every process, and would be torn down under a fetch when the worker
//! thread that started it ends.

use std::collections::HashMap;
use std::sync::{Arc, LazyLock, Mutex, MutexGuard, PoisonError, Weak};
use std::time::{Duration, Instant};

use super::fetch::{Roots, fetch};
use super::{Access, Answer, CacheSettings, Demand, FetchFailure, JwkSet, KeyCache, Monotonic, RemoteKeys, Ticket};
use crate::algorithm::Algorithm;
use crate::error::Error;
use crate::token::KeyReference;

type Registry = Mutex<HashMap<RemoteKeys, Weak<KeySource>>>;

static REGISTRY: LazyLock<Registry> = LazyLock::new(Registry::default);

/// Called once when a fetch has ended, on the thread that fetched.
type Waiter = Box<dyn FnOnce() + Send>;

/// The keys of one source, with what it takes to fetch them.
pub struct KeySource {
    remote: RemoteKeys,
    state: Mutex<State>,
}

struct State {
    cache: KeyCache,
    waiters: Vec<Waiter>,
    roots: Option<Arc<Roots>>,
    /// A fetch that was decided on before the roots were known.
    waiting_for_roots: Option<Demand>,
}

impl KeySource {
    /// The source of these keys, shared with every verifier of the process that has the same.
    #[must_use]
    pub fn shared(remote: RemoteKeys) -> Arc<Self> {
        let mut registry = lock(&REGISTRY);
        if let Some(source) = registry.get(&remote).and_then(Weak::upgrade) {
            return source;
        }
        registry.retain(|_, source| source.strong_count() > 0);
        let source = Arc::new(Self::new(remote.clone()));
        registry.insert(remote, Arc::downgrade(&source));
        source
    }

    fn new(remote: RemoteKeys) -> Self {
        // Plain HTTP is only ever spoken to this machine, and needs no certificates.
        let roots = (remote.url.scheme() == "http").then(Arc::default);
        let cache = KeyCache::new(CacheSettings::clone(&remote.cache));
        Self {
            state: Mutex::new(State {
                cache,
                waiters: Vec::new(),
                roots,
                waiting_for_roots: None,
            }),
            remote,
        }
    }

    /// Whether [`KeySource::trust`] has to be called before anything can be fetched.
    #[must_use]
    pub fn needs_roots(&self) -> bool {
        lock(&self.state).roots.is_none()
    }

    /// Hands over the certificates that Node trusts. The first call counts.
    pub fn trust(self: &Arc<Self>, roots: Roots) {
        let mut state = lock(&self.state);
        let roots = Arc::clone(state.roots.get_or_insert_with(|| Arc::new(roots)));
        let demand = state.waiting_for_roots.take();
        drop(state);
        if let Some(demand) = demand {
            self.begin(demand, roots);
        }
    }

    /// See [`KeyCache::ticket`].
    #[must_use]
    pub fn ticket(&self) -> Ticket {
        lock(&self.state).cache.ticket()
    }

    /// See [`KeyCache::access`]; `ticket` is `None` for a request that arrives now, and comes back for when it
    /// asks again. A fetch that is due begins.
    #[must_use]
    pub fn access(
        self: &Arc<Self>,
        reference: &KeyReference<'_>,
        algorithm: Algorithm,
        ticket: Option<Ticket>,
    ) -> (Access, Ticket) {
        let mut arrived_with = Ticket(0);
        let access = self.carry_out(|cache| {
            arrived_with = ticket.unwrap_or_else(|| cache.ticket());
            cache.access(reference, algorithm, arrived_with, now())
        });
        (access, arrived_with)
    }

    /// See [`KeyCache::demand`].
    #[must_use]
    pub fn demand(self: &Arc<Self>, ticket: Ticket) -> Access {
        self.carry_out(|cache| cache.demand(ticket, now()))
    }

    /// See [`KeyCache::outcome`].
    ///
    /// # Errors
    ///
    /// Why the last fetch brought no keys.
    pub fn outcome(&self) -> Result<(), Error> {
        lock(&self.state).cache.outcome(now())
    }

    /// Calls back when the fetch that is under way has ended; at once when none is.
    pub fn when_settled(&self, waiter: impl FnOnce() + Send + 'static) {
        let mut state = lock(&self.state);
        if state.cache.is_fetching() {
            state.waiters.push(Box::new(waiter));
        } else {
            drop(state);
            waiter();
        }
    }

    fn carry_out(self: &Arc<Self>, decide: impl FnOnce(&mut KeyCache) -> Answer) -> Access {
        let mut state = lock(&self.state);
        let Answer { access, fetch } = decide(&mut state.cache);
        if let Some(demand) = fetch {
            match state.roots.clone() {
                Some(roots) => {
                    drop(state);
                    self.begin(demand, roots);
                }
                None => state.waiting_for_roots = Some(demand),
            }
        }
        access
    }

    /// Fetches on a thread of its own. Must be called without the lock: where no thread can be had, the fetch
    /// ends here and now.
    fn begin(self: &Arc<Self>, demand: Demand, roots: Arc<Roots>) {
        let mut fetch = FetchUnderWay {
            source: Arc::clone(self),
            result: Err(stopped()),
        };
        let work = move || fetch.result = run(&fetch.source.remote, &roots, demand);
        // Not started: `work` is dropped, and what it holds reports the failure.
        drop(
            std::thread::Builder::new()
                .name("entra-jwt-keys".to_owned())
                .spawn(work),
        );
    }

    fn settle(&self, result: Result<JwkSet, FetchFailure>) {
        let mut state = lock(&self.state);
        match result {
            Ok(set) => state.cache.arrived(set, now(), random()),
            Err(failure) => state.cache.failed(failure, now(), random()),
        }
        let waiters = std::mem::take(&mut state.waiters);
        drop(state);
        for waiter in waiters {
            waiter();
        }
    }
}

/// Settles the source when it goes out of scope, however that comes about: an answer, a failure, a panic.
struct FetchUnderWay {
    source: Arc<KeySource>,
    result: Result<JwkSet, FetchFailure>,
}

impl Drop for FetchUnderWay {
    fn drop(&mut self) {
        self.source.settle(std::mem::replace(&mut self.result, Err(stopped())));
    }
}

fn stopped() -> FetchFailure {
    FetchFailure {
        cause: "the fetch was stopped".to_owned(),
        retry_after: None,
    }
}

fn run(remote: &RemoteKeys, roots: &Roots, demand: Demand) -> Result<JwkSet, FetchFailure> {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .map_err(|_| stopped())?;
    // 100 to 300 ms, so that a fleet that failed together does not come back together.
    let pause = Duration::from_millis(100) + Duration::from_millis(200).mul_f64(random());
    let result = runtime.block_on(fetch(remote, roots, demand, pause));
    // A name look-up that hangs is left behind, not waited for.
    runtime.shutdown_background();
    result
}

fn now() -> Monotonic {
    static ORIGIN: LazyLock<Instant> = LazyLock::new(Instant::now);
    ORIGIN.elapsed()
}

/// A number in 0..1. Should the system have no randomness, the middle will do.
fn random() -> f64 {
    let mut bytes = [0; 4];
    match aws_lc_rs::rand::fill(&mut bytes) {
        Ok(()) => f64::from(u32::from_ne_bytes(bytes)) / (f64::from(u32::MAX) + 1.0),
        Err(_) => 0.5,
    }
}

/// A panic elsewhere leaves no half-made state here: each critical section is complete or was not begun.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
