//! Signing keys: from a JWK Set to keys that verify, merged over time. Nothing here knows a token's claims.

mod cache;
mod config;
#[cfg(feature = "fetch")]
mod fetch;
mod initial;
mod jwk;
mod jwk_set;
mod key_set;
mod metadata;
mod proxy;
#[cfg(feature = "fetch")]
mod proxy_answer;
mod signature;
#[cfg(feature = "fetch")]
mod source;
#[cfg(feature = "fetch")]
mod trust;

pub use cache::{CacheSettings, Counts, Decision, FetchFailure, FetchRequest, KeyCache, KeyLookup, Monotonic, Ticket};
pub use config::{KeyLocation, KeySourceConfig};
pub use initial::InitialKeys;
pub use jwk::{Skipped, VerifyingKey};
pub use jwk_set::{JwkSet, JwkSetError};
pub use key_set::{KeyMatch, KeySet};
pub use metadata::{Discovery, Metadata, MetadataAuthority, MetadataError};
pub use proxy::{Proxy, ProxyException, ProxyExceptionHosts};
#[cfg(feature = "node")]
pub(crate) use proxy_answer::refusal;
#[cfg(feature = "fetch")]
pub use source::{KeyEvent, KeySource, SourceStats};
#[cfg(feature = "fetch")]
pub use trust::Roots;
