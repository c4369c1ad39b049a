//! Keys that change while tokens are verified and recalled. `npm run test:races` tries every order in which threads can run (loom,
//! `--cfg loom`); `cargo test` those that happen.
//!
//! What is modelled: the pipeline, the key set, the keys' mark of retirement and the token cache are the real ones, the latter two
//! with loom's atomics in place of the standard library's (`src/sync.rs`). `keys::KeySource`, which needs a network, is stood in for by
//! [`Source`]: keys and the issuer of the metadata behind one lock, taken once for each of the two, as there. The cache's own locks
//! are not loom's: each of its operations is one step here, as it is to a thread that waits for the lock, and gives the model no order
//! between threads, so that more is possible in the model than in a process.

#![allow(clippy::unwrap_used, reason = "a model fails as loudly as a test")]

#[path = "common/mod.rs"]
mod common;

use std::sync::{Arc, LazyLock};
#[cfg(not(loom))]
use std::sync::{
    Mutex,
    atomic::{AtomicBool, Ordering},
};
#[cfg(not(loom))]
use std::thread;
use std::time::Duration;

use entra_jwt_verify::keys::{JwkSet, KeyLookup, KeySet};
use entra_jwt_verify::policy::{Policy, Version};
use entra_jwt_verify::token::{KeyReference, Scratch};
use entra_jwt_verify::{Algorithm, ClockTolerance, Keys, TokenCache, TokenId, verify};
#[cfg(loom)]
use loom::{
    sync::{
        Mutex,
        atomic::{AtomicBool, Ordering},
    },
    thread,
};
use serde_json::{Value, json};

use crate::common::{CLIENT, NOW, OTHER_RSA, RSA, Signer, header, policy, time, v2};

const FORMER: &str = "https://accounts.example/former";
const LATER: &str = "https://accounts.example/later";

/// Made once: the models run thousands of times, and random numbers would make them differ.
static SIGNED: LazyLock<Signed> = LazyLock::new(|| {
    let by = |signer: &Signer, issuer: &str| {
        let claims = v2().without("tid").with("iss", &json!(issuer).to_string());
        let head = header(&RSA, Algorithm::RS256);
        signer.token(Algorithm::RS256, head, claims)
    };
    Signed {
        by_former_key: by(&RSA, FORMER),
        by_former_key_for_later_issuer: by(&RSA, LATER),
        by_later_key: by(&OTHER_RSA, LATER),
        former_key: RSA.jwk(),
        later_key: OTHER_RSA.jwk_with(&json!({ "kid": RSA.kid })),
    }
});

struct Signed {
    by_former_key: String,
    by_former_key_for_later_issuer: String,
    by_later_key: String,
    former_key: Value,
    /// Another key under the same name.
    later_key: Value,
}

/// The keys of an authority, and the issuer that its metadata names.
struct Source {
    state: Mutex<(KeySet, &'static str)>,
}

impl Source {
    fn new() -> Self {
        Self {
            state: Mutex::new((KeySet::from(set(&SIGNED.former_key)), FORMER)),
        }
    }

    /// As `State::arrived` with metadata that names another issuer: what was there is forgotten first.
    fn change_issuer(&self) {
        let mut state = self.state.lock().unwrap();
        state.0 = KeySet::default();
        state.1 = LATER;
        state.0.merge(set(&SIGNED.later_key), Duration::from_secs(1));
    }

    /// As an answer with other numbers under the same name.
    fn replace_key(&self) {
        let mut state = self.state.lock().unwrap();
        state.0.merge(set(&SIGNED.later_key), Duration::from_secs(1));
    }
}

impl Keys for Source {
    fn look_up(&self, reference: &KeyReference<'_>, algorithm: Algorithm, version: Option<Version>) -> KeyLookup {
        self.state.lock().unwrap().0.look_up(reference, algorithm, version)
    }

    fn discovered_issuer(&self) -> Option<Arc<str>> {
        Some(self.state.lock().unwrap().1.into())
    }
}

fn set(jwk: &Value) -> JwkSet {
    JwkSet::parse(json!({ "keys": [jwk] }).to_string().as_bytes()).unwrap()
}

fn foreign_policy() -> Policy {
    policy(&json!({ "authority": "https://accounts.example", "clientId": CLIENT })).unwrap()
}

/// What `Verifier::check` does without a network: the cache, else the pipeline, and the cache again.
fn check(token: &str, policy: &Policy, source: &Source, tokens: &TokenCache) -> Option<TokenId> {
    if let Some(recalled) = tokens.recall(token.as_bytes(), ClockTolerance::ZERO, time(NOW)) {
        return recalled.ok();
    }
    let mut scratch = Scratch::default();
    let verified = verify(token.as_bytes(), policy, source, time(NOW), &mut scratch).ok()?;
    tokens.remember(token.as_bytes(), &verified, 0)
}

#[cfg(not(loom))]
fn model(check: impl Fn()) {
    LazyLock::force(&SIGNED);
    (0..200).for_each(|_| check());
}

#[cfg(loom)]
fn model(check: impl Fn() + Sync + Send + 'static) {
    LazyLock::force(&SIGNED);
    let mut builder = loom::model::Builder::new();
    // Three switches at any places are enough for every known kind of race, and all of them would take hours.
    builder.preemption_bound = Some(3);
    builder.check(check);
}

#[test]
fn a_key_of_the_former_issuer_never_vouches_for_the_later_one() {
    model(|| {
        let (source, tokens) = (Arc::new(Source::new()), Arc::new(TokenCache::new(10)));
        let changes = {
            let source = Arc::clone(&source);
            thread::spawn(move || source.change_issuer())
        };
        let token = &SIGNED.by_former_key_for_later_issuer;
        let policy = foreign_policy();
        assert_eq!(check(token, &policy, &source, &tokens), None);
        changes.join().unwrap();
        assert_eq!(check(token, &policy, &source, &tokens), None);
    });
}

#[test]
fn what_was_verified_with_a_key_that_was_replaced_is_not_recalled_by_those_who_know() {
    model(|| {
        let (source, tokens) = (Arc::new(Source::new()), Arc::new(TokenCache::new(10)));
        let is_replaced = Arc::new(AtomicBool::new(false));
        let replaces = {
            let (source, is_replaced) = (Arc::clone(&source), Arc::clone(&is_replaced));
            thread::spawn(move || {
                source.replace_key();
                is_replaced.store(true, Ordering::Release);
            })
        };
        // Verifies and remembers while the key is replaced: before, after, or with a key that is retired by then.
        let verifies = {
            let (source, tokens) = (Arc::clone(&source), Arc::clone(&tokens));
            thread::spawn(move || check(&SIGNED.by_former_key, &foreign_policy(), &source, &tokens))
        };
        // A request that begins after the key was replaced.
        if is_replaced.load(Ordering::Acquire) {
            let verdict = check(&SIGNED.by_former_key, &foreign_policy(), &source, &tokens);
            assert_eq!(verdict, None, "accepted by a key that is gone");
        }
        replaces.join().unwrap();
        verifies.join().unwrap();
        // Whatever was remembered late.
        assert_eq!(check(&SIGNED.by_former_key, &foreign_policy(), &source, &tokens), None);
    });
}

#[test]
fn a_token_has_one_number_and_a_number_one_token() {
    model(|| {
        let (source, tokens) = (Arc::new(Source::new()), Arc::new(TokenCache::new(10)));
        let other = {
            let (source, tokens) = (Arc::clone(&source), Arc::clone(&tokens));
            thread::spawn(move || {
                source.change_issuer();
                check(&SIGNED.by_later_key, &foreign_policy(), &source, &tokens)
            })
        };
        let former = check(&SIGNED.by_former_key, &foreign_policy(), &source, &tokens);
        let later = other.join().unwrap();
        assert!(later.is_some(), "the later key's token");
        assert!(former.is_none() || former != later, "{former:?} for two tokens");
    });
}
