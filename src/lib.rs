//! The core of the npm package `entra-jwt-verify`: verifies Microsoft Entra ID access tokens and keeps the keys that
//! they are signed with.
//!
//! ```
//! use std::time::Duration;
//!
//! use entra_jwt_verify::keys::{JwkSet, KeySet};
//! use entra_jwt_verify::policy::Policy;
//! use entra_jwt_verify::token::Scratch;
//! use entra_jwt_verify::{UnixTime, VerifyError, Verifier};
//!
//! # let case: serde_json::Value = serde_json::from_str(include_str!("../benches/token.json"))?;
//! # let jwks = case["jwks"].to_string();
//! # let token = case["token"].as_str().unwrap();
//! # let tenant = case["tenantId"].as_str().unwrap();
//! # let audience = case["audience"].as_str().unwrap();
//! # let seconds = case["now"].as_u64().unwrap();
//! let policy = Policy::builder().tenant_id(tenant).audience([audience]).build()?;
//! let keys = KeySet::from(JwkSet::parse(jwks.as_bytes())?);
//! let verifier = Verifier::new(policy, keys)?;
//!
//! // The library reads no clock. In a service: `SystemTime::now().duration_since(UNIX_EPOCH)?`.
//! let now = UnixTime::since_unix_epoch(Duration::from_secs(seconds));
//! let mut scratch = Scratch::default();
//! match verifier.verify(token.as_bytes(), now, &mut scratch) {
//!     Ok(verified) => assert!(verified.claims.exp.present().is_some()),
//!     Err(VerifyError::KeysPending) => unreachable!("static keys are never fetched"),
//!     Err(VerifyError::Rejected(error)) => panic!("{}: {error}. {}", error.code(), error.hint()),
//! }
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! # Overview
//!
//! - [`Verifier`] is a policy, its keys and a cache of valid tokens. Start here.
//! - [`policy`] is the configuration: [`Policy::builder`](policy::Policy::builder) takes the settings and checks them.
//! - [`keys`] parses JWK Sets, merges them over time, and decides when to fetch again.
//! - [`token`] parses segments, header and claims.
//! - [`explain`](mod@explain) runs every check and reports what was expected and found.
//! - [`Error`] has a stable code and reason for each way to fail.
//!
//! Complete programs: `examples/static_keys.rs` and `examples/fetched_keys.rs`.
//!
//! # The pipeline
//!
//! [`verify`](fn@verify) runs the checks in this order and reports the first that fails:
//!
//! 1. length, ASCII, three segments, strict base64url
//! 2. header: strict JSON, no critical extensions; `alg`, `typ`, no `nonce`
//! 3. key: found by `kid`, of the type that `alg` needs
//! 4. signature
//! 5. claims: strict JSON, types, `exp`, `nbf`
//! 6. `iss`, `tid`, access token and not id token, `cnf`, the issuer of the key
//! 7. `aud`, then clients, roles and scopes
//!
//! # Features
//!
//! | feature | default | for |
//! |---|---|---|
//! | `fetch` | with `node` | fetching keys: `Verifier::fetching`, `keys::KeySource` |
//! | `node` | yes | the addon for Node.js |
//!
//! Without features, the crate uses no network, no clock and no JavaScript.

mod algorithm;
mod error;
mod hint;
mod pipeline;
mod rules;
mod secret;
mod secure_url;
mod spelling;
mod sync;
#[cfg(feature = "test-panic")]
mod test_panic;
mod time;
mod token_cache;
mod verifier;

pub mod explain;
pub mod keys;
pub mod policy;
pub mod token;

#[cfg(feature = "node")]
pub mod node;

pub use algorithm::{Algorithm, AlgorithmSet};
pub use error::{
    AlgorithmProblem, AudienceProblem, ClaimProblem, Error, IssuerProblem, KeyUnknown, PolicyProblem, TenantProblem,
    UseProblem, VerifyError,
};
pub use pipeline::{VerifiedClaims, verify};
pub use rules::Keys;
pub use time::{ClockTolerance, NumericDate, UnixTime};
pub use token_cache::{TokenCache, TokenId};
pub use verifier::{ByVersion, Caller, Tickets, Verdict, Verifier, authority_metadata, given_keys, key_locations};
