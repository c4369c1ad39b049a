//! Keys merged by `kid`, each with the time it was last seen.

use std::sync::Arc;
use std::time::Duration;

use super::cache::Monotonic;
use super::{JwkSet, VerifyingKey};
use crate::algorithm::Algorithm;
use crate::token::KeyReference;

/// Upper bound for a misbehaving authority: more keys than one that rotates hourly needs within a day.
const MAX_KEYS: usize = 300;

/// Keys by `kid`.
#[derive(Debug, Default)]
pub struct KeySet {
    entries: Vec<Entry>,
}

#[derive(Debug)]
struct Entry {
    key: Arc<VerifyingKey>,
    last_seen: Monotonic,
}

/// The result of looking up a token's key.
#[derive(Clone, Debug)]
pub enum KeyMatch {
    /// The key.
    Found(Arc<VerifyingKey>),
    /// A key with this `kid`, but of another type, curve or `alg`.
    Unfit,
    /// No key with this `kid`.
    NotFound,
    /// The token names no key, and more than one fits.
    Ambiguous,
}

impl KeySet {
    /// Adds the keys of a response, updates the age of known ones, and replaces those whose key material changed. Keys
    /// that are missing from the response are kept. Returns whether the response had a new key.
    pub fn merge(&mut self, answer: JwkSet, now: Monotonic) -> bool {
        // Within one answer the first of two keys that a token could not tell apart counts; across answers the
        // newer does.
        let mut arrived: Vec<Arc<VerifyingKey>> = Vec::with_capacity(answer.keys.len());
        for key in answer.keys {
            if !arrived
                .iter()
                .any(|other| other.name() == key.name() && other.competes_with(&key))
            {
                arrived.push(Arc::new(key));
            }
        }
        let mut has_new = false;
        for key in arrived {
            let same_place = |entry: &Entry| entry.key.name() == key.name() && entry.key.competes_with(&key);
            match self.entries.iter_mut().find(|entry| same_place(entry)) {
                // An unchanged key keeps its `Arc`, so that tokens cached with it stay valid.
                Some(entry) if entry.key.is_same_as(&key) => entry.last_seen = now,
                Some(entry) => {
                    has_new = true;
                    entry.key.retire();
                    *entry = Entry { key, last_seen: now };
                }
                None => {
                    has_new = true;
                    self.entries.push(Entry { key, last_seen: now });
                }
            }
        }
        if self.entries.len() > MAX_KEYS {
            self.entries.sort_by_key(|entry| std::cmp::Reverse(entry.last_seen));
            for entry in self.entries.drain(MAX_KEYS..) {
                entry.key.retire();
            }
        }
        has_new
    }

    /// Drops keys that were last seen longer ago than `life` allows, and returns when the next one is due. `life` is a
    /// function of the time at which a key was last seen.
    pub fn forget(&mut self, now: Monotonic, life: impl Fn(Monotonic) -> Duration) -> Option<Monotonic> {
        self.entries.retain(|entry| {
            let stays = now.saturating_sub(entry.last_seen) <= life(entry.last_seen);
            if !stays {
                entry.key.retire();
            }
            stays
        });
        self.entries
            .iter()
            .map(|entry| entry.last_seen.saturating_add(life(entry.last_seen)))
            .min()
    }

    /// The key that a token names, if it fits the token's algorithm.
    #[must_use]
    pub fn find(&self, reference: &KeyReference<'_>, algorithm: Algorithm) -> KeyMatch {
        if matches!(reference, KeyReference::Unnamed) {
            return self.find_only(algorithm);
        }
        let mut named = self
            .entries
            .iter()
            .filter(|entry| is_named(&entry.key, reference))
            .peekable();
        if named.peek().is_none() {
            return KeyMatch::NotFound;
        }
        named
            .find(|entry| entry.key.fits(algorithm))
            .map_or(KeyMatch::Unfit, |entry| KeyMatch::Found(Arc::clone(&entry.key)))
    }

    /// The one key that fits an algorithm.
    fn find_only(&self, algorithm: Algorithm) -> KeyMatch {
        let mut fitting = self.entries.iter().filter(|entry| entry.key.fits(algorithm));
        match (fitting.next(), fitting.next()) {
            (Some(only), None) => KeyMatch::Found(Arc::clone(&only.key)),
            (Some(_), Some(_)) => KeyMatch::Ambiguous,
            (None, _) => KeyMatch::NotFound,
        }
    }

    /// The number of keys.
    #[must_use]
    pub fn len(&self) -> usize {
        self.entries.len()
    }

    /// Whether there is no key.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.entries.is_empty()
    }

    /// Each key with the time since it was last seen.
    pub fn ages(&self, now: Monotonic) -> impl Iterator<Item = (&VerifyingKey, Duration)> {
        self.entries
            .iter()
            .map(move |entry| (entry.key.as_ref(), now.saturating_sub(entry.last_seen)))
    }
}

/// Dropping a set retires its keys, so that tokens cached with them have to be verified again.
impl Drop for KeySet {
    fn drop(&mut self) {
        for entry in &self.entries {
            entry.key.retire();
        }
    }
}

impl From<JwkSet> for KeySet {
    fn from(set: JwkSet) -> Self {
        let mut keys = Self::default();
        keys.merge(set, Monotonic::ZERO);
        keys
    }
}

fn is_named(key: &VerifyingKey, reference: &KeyReference<'_>) -> bool {
    match reference {
        KeyReference::Kid(kid) => key.kid() == Some(kid),
        KeyReference::X5t(x5t) => key.answers_to_x5t(x5t),
        KeyReference::Unnamed => false,
    }
}
