//! The N-API binding: options in, verdicts out. The only module that knows JavaScript, and it only exchanges numbers,
//! strings and one promise. What frameworks see is made in `lib/`.

mod clock;
mod config;
mod doctor;
mod explain;
mod failure;
#[cfg(feature = "fuzz")]
#[doc(hidden)]
pub mod fuzzing;
mod options;
mod registry;
mod session;
mod stats;
mod text;
mod verifier;

pub use doctor::{
    NativeKeySet, NativeMetadata, NativePlaces, NativeRefusal, NativeSecret, answer_problem, microsoft_service, places,
    proxy_refusal, read_key_set, read_metadata, secret, uses_proxy,
};
pub use explain::{NativeCheck, NativeExplanation, NativeFinding};
pub use failure::Failure;
pub use session::{AUTHORITIES, REFUSED, REMEMBERED, VERIFIED, WAIT};
pub use stats::{NativeKey, NativeKeyEvent, NativeSource, NativeStats};
pub use verifier::{NativeAuthority, NativeCaller, NativeRequirement, NativeVerifier, compile};
