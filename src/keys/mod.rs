//! Signing keys: from a JWK Set to keys that verify, merged over time. Nothing here knows a token's claims.

#[cfg(feature = "fetch")]
pub(crate) mod answer;
mod cache;
#[cfg(feature = "fetch")]
mod calendar;
mod cause;
#[cfg(feature = "fetch")]
mod certificate;
#[cfg(feature = "fetch")]
mod clock;
mod config;
#[cfg(feature = "fetch")]
mod fetch;
#[cfg(all(feature = "fuzz", feature = "fetch"))]
#[doc(hidden)]
pub mod fuzzing;
mod initial;
mod jwk;
mod jwk_set;
mod key_set;
mod metadata;
mod proxy;
#[cfg(feature = "fetch")]
mod proxy_answer;
mod proxy_problem;
mod signature;
#[cfg(feature = "fetch")]
mod source;
#[cfg(all(test, feature = "fetch"))]
mod test_server;
mod tls_problem;
#[cfg(feature = "fetch")]
mod trust;
mod unknown_keys;

pub use cache::{CacheSettings, Counts, Decision, FetchFailure, FetchRequest, KeyCache, KeyLookup, Monotonic, Ticket};
pub use cause::FetchCause;
pub use config::{KeyLocation, KeySourceConfig};
pub use initial::InitialKeys;
pub use jwk::{Skipped, VerifyingKey};
pub use jwk_set::{JwkSet, JwkSetError};
pub use key_set::{KeyMatch, KeySet};
pub use metadata::{Discovery, Metadata, MetadataAuthority, MetadataError};
pub use proxy::{Proxy, ProxyException, ProxyExceptionHosts};
#[cfg(feature = "node")]
pub(crate) use proxy_answer::refusal;
pub use proxy_problem::ProxyProblem;
#[cfg(feature = "fetch")]
pub use source::{KeyEvent, KeySource, SourceStats};
pub use tls_problem::TlsProblem;
#[cfg(feature = "fetch")]
pub use trust::Roots;

/// RFC 8259, section 8.1: a parser may ignore the byte order mark, which tools on Windows write.
fn without_byte_order_mark(document: &[u8]) -> &[u8] {
    document.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(document)
}
