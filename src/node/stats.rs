//! What JavaScript sees of keys and cached tokens. Ages in seconds, because only JavaScript knows the date.

use std::time::Duration;

use napi_derive::napi;

use crate::keys::{KeyEvent, KeySource, SourceStats};
use crate::token_cache::TokenCache;
use crate::verifier::Verifier;

/// Cached keys and tokens, and events so far.
#[napi(object)]
pub struct NativeStats {
    /// One for each source of keys; none with static keys.
    pub sources: Vec<NativeSource>,
    /// Cached tokens.
    pub tokens: u32,
    /// Tokens that were found again.
    pub hits: f64,
    /// Tokens that were not.
    pub misses: f64,
}

/// A source of keys.
#[napi(object)]
pub struct NativeSource {
    /// The position of the authority whose keys they are.
    pub authority: u32,
    /// Cached keys.
    pub keys: Vec<NativeKey>,
    /// Seconds since the newest answer.
    pub last_success: Option<f64>,
    /// Seconds since the last failure.
    pub last_failure: Option<f64>,
    /// Why it failed.
    pub cause: Option<String>,
    /// The same as a stable word.
    pub reason: Option<String>,
    /// Seconds that the clock of this host is ahead of the authority's, negative where it is behind.
    pub clock_ahead: Option<f64>,
    /// Fetches that began.
    pub fetches: f64,
    /// Fetches that failed.
    pub failures: f64,
    /// Requests that got a key from a set whose refresh was due.
    pub stale_serves: f64,
}

/// A cached key.
#[napi(object)]
pub struct NativeKey {
    /// `kid`.
    pub kid: String,
    /// Seconds since it was last seen.
    pub age: f64,
}

/// The end of a fetch.
#[napi(object)]
pub struct NativeKeyEvent {
    /// Seconds since it ended.
    pub age: f64,
    /// Cached keys after it, if it succeeded.
    pub keys: Option<u32>,
    /// Why it failed, if it did.
    pub cause: Option<String>,
    /// The same as a stable word.
    pub reason: Option<String>,
}

impl From<&Verifier> for NativeStats {
    fn from(verifier: &Verifier) -> Self {
        let (tokens, hits, misses) = verifier.token_cache().map_or((0, 0, 0), TokenCache::counts);
        Self {
            sources: (0..)
                .zip(verifier.sources_by_authority())
                .flat_map(|(authority, sources)| sources.map(move |source| (authority, source.stats()).into()))
                .collect(),
            tokens: u32::try_from(tokens).unwrap_or(u32::MAX),
            hits: number(hits),
            misses: number(misses),
        }
    }
}

impl From<(u32, SourceStats)> for NativeSource {
    fn from((authority, stats): (u32, SourceStats)) -> Self {
        let (last_failure, cause) = stats.last_failure.unzip();
        Self {
            authority,
            keys: stats
                .keys
                .into_iter()
                .map(|(kid, age)| NativeKey {
                    kid,
                    age: age.as_secs_f64(),
                })
                .collect(),
            last_success: stats.last_success.as_ref().map(Duration::as_secs_f64),
            last_failure: last_failure.as_ref().map(Duration::as_secs_f64),
            reason: cause.as_ref().map(|cause| cause.reason().to_owned()),
            cause: cause.map(|cause| cause.to_string()),
            clock_ahead: stats.clock_ahead,
            fetches: number(stats.counts.fetches),
            failures: number(stats.counts.failures),
            stale_serves: number(stats.counts.stale_serves),
        }
    }
}

/// What of a source's events one listener has not seen.
#[derive(Default)]
pub(super) struct Listener {
    seen: Vec<u64>,
}

impl Listener {
    /// The ends of fetches since the last call.
    pub(super) fn news<'s>(
        &mut self,
        sources: impl Iterator<Item = &'s std::sync::Arc<KeySource>>,
    ) -> Vec<NativeKeyEvent> {
        let mut news = Vec::new();
        for (index, source) in sources.enumerate() {
            if self.seen.len() == index {
                self.seen.push(0);
            }
            for (event, age) in source.events_after(self.seen[index]) {
                self.seen[index] = event.number;
                news.push(native(event, age));
            }
        }
        news
    }
}

fn native(event: KeyEvent, age: Duration) -> NativeKeyEvent {
    let (keys, cause) = match event.outcome {
        Ok(keys) => (u32::try_from(keys).ok(), None),
        Err(cause) => (None, Some(cause)),
    };
    NativeKeyEvent {
        age: age.as_secs_f64(),
        keys,
        reason: cause.as_ref().map(|cause| cause.reason().to_owned()),
        cause: cause.map(|cause| cause.to_string()),
    }
}

#[allow(clippy::cast_precision_loss, reason = "a count of events does not reach 2^53")]
const fn number(count: u64) -> f64 {
    count as f64
}
