//! Keys and answers for the tests of the cache: real keys of P-256, made once per name.

#![allow(dead_code, unreachable_pub, reason = "each test binary uses its part")]
#![allow(
    clippy::unwrap_used,
    reason = "a key that cannot be made fails the test that wants it"
)]

pub mod bystander;

use std::collections::HashMap;
use std::sync::{LazyLock, Mutex};
use std::time::Duration;

use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::signature::{ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, KeyPair};
use entra_jwt_verify::Algorithm;
use entra_jwt_verify::keys::{CacheSettings, Decision, FetchCause, FetchFailure, JwkSet, KeyCache, Monotonic, Ticket};
use entra_jwt_verify::token::KeyReference;

pub const fn seconds(count: u64) -> Duration {
    Duration::from_secs(count)
}

/// The default settings.
pub fn settings() -> CacheSettings {
    CacheSettings::default()
}

/// The default settings but for `retention`.
pub fn kept_for(retention: Duration) -> CacheSettings {
    let mut settings = CacheSettings::default();
    settings.retention = retention;
    settings
}

pub fn failure(retry_after: Option<u64>) -> FetchFailure {
    FetchFailure {
        cause: FetchCause::ServerError(503),
        retry_after: retry_after.map(seconds),
    }
}

/// What an authority publishes.
pub struct Published;

impl Published {
    pub fn set(kids: &[&str]) -> JwkSet {
        let keys: Vec<_> = kids.iter().map(|kid| jwk(kid)).collect();
        JwkSet::parse(format!(r#"{{"keys":[{}]}}"#, keys.join(",")).as_bytes()).unwrap()
    }

    pub fn look_up(cache: &mut KeyCache, kid: &str, ticket: Ticket, now: Monotonic) -> Decision {
        cache.look_up(&KeyReference::Kid(kid.into()), Algorithm::ES256, ticket, now)
    }

    pub fn look_up_as_rsa(cache: &mut KeyCache, kid: &str, ticket: Ticket, now: Monotonic) -> Decision {
        cache.look_up(&KeyReference::Kid(kid.into()), Algorithm::RS256, ticket, now)
    }
}

fn jwk(kid: &str) -> String {
    static MADE: LazyLock<Mutex<HashMap<String, String>>> = LazyLock::new(Mutex::default);
    let mut made = MADE.lock().unwrap();
    made.entry(kid.to_owned()).or_insert_with(|| new_jwk(kid)).clone()
}

fn new_jwk(kid: &str) -> String {
    let random = SystemRandom::new();
    let pkcs8 = EcdsaKeyPair::generate_pkcs8(&ECDSA_P256_SHA256_FIXED_SIGNING, &random).unwrap();
    let pair = EcdsaKeyPair::from_pkcs8(&ECDSA_P256_SHA256_FIXED_SIGNING, pkcs8.as_ref()).unwrap();
    let (x, y) = pair.public_key().as_ref()[1..].split_at(32);
    let text = |bytes: &[u8]| base64_simd::URL_SAFE_NO_PAD.encode_to_string(bytes);
    format!(
        r#"{{"kty":"EC","crv":"P-256","kid":"{kid}","x":"{}","y":"{}"}}"#,
        text(x),
        text(y)
    )
}
